/**
 * Keeps QEMU's memory and the shared heap the same where the driver and its device meet, at equal addresses.
 *
 * A WebAssembly memory cannot be a file, so what is one memory on a real machine is two here, and bytes are carried over at
 * each register access: what the domain wrote goes out before, what the device wrote comes in after.
 *
 * `agreed` is what both sides held when they last met. Whatever differs from it on one side was written by that side, so
 * carrying one direction never overwrites the other; and a byte that the device changed where it must not is noticed.
 */
import { readSync, writeSync } from "node:fs";
import type { SharedHeap } from "../../../shared-heap/heap.ts";
import { H_HEAP_BASE } from "../../../shared-heap/layout.ts";

/** An object that the driver may touch now. */
export interface Reachable {
  readonly base: number;
  readonly bytes: number;
  /** The device may write there, not only read. */
  readonly isWritable: boolean;
}

const GRANULE = 64;

export class MemoryMirror {
  /** Broken rules of memory, in words. */
  readonly violations: string[] = [];
  readonly #heap: SharedHeap;
  readonly #file: number;
  readonly #ours: Buffer;
  readonly #agreed: Buffer;
  readonly #theirs: Buffer;

  constructor(heap: SharedHeap, file: number) {
    this.#heap = heap;
    this.#file = file;
    this.#ours = Buffer.from(heap.memory.buffer as ArrayBuffer);
    this.#agreed = Buffer.alloc(heap.maxBytes);
    this.#theirs = Buffer.alloc(heap.maxBytes);
    this.#readAll(this.#agreed);
  }

  /** What the domain wrote goes to the device. */
  push(objects: Iterable<Reachable>): void {
    for (const { base, bytes } of objects) {
      for (const [from, to] of differences(this.#ours, this.#agreed, base, base + bytes)) {
        writeSync(this.#file, this.#ours, from, to - from, from);
        this.#ours.copy(this.#agreed, from, from, to);
      }
    }
  }

  /** What the device wrote goes to the domain. */
  pull(objects: Iterable<Reachable>): void {
    for (const { base, bytes, isWritable } of objects) {
      readSync(this.#file, this.#theirs, base, bytes, base);
      for (const [from, to] of differences(this.#theirs, this.#agreed, base, base + bytes)) {
        this.#theirs.copy(this.#agreed, from, from, to);
        if (isWritable) this.#theirs.copy(this.#ours, from, from, to);
        else this.violations.push(`the device wrote ${to - from} bytes at ${from}, which it may only read`);
      }
    }
  }

  /** Objects of a dead driver: the device is stopped, and what it wrote last reaches nobody. */
  forget(objects: Iterable<Reachable>): void {
    for (const { base, bytes } of objects) readSync(this.#file, this.#agreed, base, bytes, base);
  }

  /** Everything that the device ever wrote lay in objects: nothing else of the heap's range has changed. */
  audit(): void {
    this.#readAll(this.#theirs);
    const base = this.#heap.u32[H_HEAP_BASE >>> 2] ?? 0;
    for (const [from, to] of differences(this.#theirs, this.#agreed, base, this.#theirs.length)) {
      this.violations.push(`the device wrote ${to - from} bytes at ${from}, where no object was`);
    }
  }

  #readAll(into: Buffer): void {
    for (let at = 0; at < into.length; ) at += readSync(this.#file, into, at, into.length - at, at);
  }
}

/** Ranges (whole granules, except at the end) in which the two differ. */
function* differences(one: Buffer, other: Buffer, from: number, to: number): Iterable<readonly [number, number]> {
  if (one.compare(other, from, to, from, to) === 0) return;
  for (let at = from; at < to; at += GRANULE) {
    const end = Math.min(at + GRANULE, to);
    if (one.compare(other, at, end, at, end) !== 0) yield [at, end];
  }
}
