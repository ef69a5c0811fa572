/**
 * What the next generations of a seat start from: memory and mutable globals as one was when its start function and `init` were done.
 * Made and used by `birth.ts`, kept by the seat; no other seat's domain ever sees any of it.
 *
 * Tables and segments need no copy: code that changes them disqualifies its module (`beyondSnapshot` of the loader), so a new
 * instance has them as they were. Objects, handles and grants die with their generation; what the memory says about them is stale.
 *
 *   first birth      instance ─▶ FreshState ─▶ start, init ─▶ Snapshot
 *   further births   instance ─▶ memory and globals set ─▶ recover
 */
import type { Domain } from "../domain.ts";

const PAGE_BYTES = 65_536;
/** Memory is saved in pieces of this size, and not where it is zero. */
export const CHUNK_BYTES = 4096;
/** A state larger than this is made again by `init`: the host would hold it twice for each such domain. */
const MOST_SAVED_BYTES: number = 64 << 20;
/** A dead generation's memory is used again if it costs no more than zeroing so much; else a fresh one is cheaper. */
const MOST_ZEROED_BYTES: number = 4 << 20;

export type GlobalValue = number | bigint;

/** What instantiation alone makes of memory and globals. */
export class FreshState {
  /** Which chunks the data segments have written to. */
  readonly chunks: Uint8Array;
  readonly globals: readonly GlobalValue[];

  private constructor(chunks: Uint8Array, globals: readonly GlobalValue[]) {
    this.chunks = chunks;
    this.globals = globals;
  }

  /** Before any code of the domain has run. Undefined for one that is never restarted from a snapshot. */
  static of(domain: Domain): FreshState | undefined {
    const { loaded, snapshot } = domain.spec;
    // Stacks are no part of a snapshot, and what the memory says about them would be of threads that never were.
    if (loaded.savedGlobals === undefined || snapshot === false || loaded.hasThreads) return undefined;
    return new FreshState(
      usedChunks(domain.memory.buffer),
      loaded.savedGlobals.map((name) => globalOf(domain, name).value),
    );
  }
}

export interface Run {
  readonly start: number;
  readonly bytes: Uint8Array;
}

export interface SnapshotParts {
  readonly pages: number;
  readonly runs: readonly Run[];
  readonly globals: readonly (readonly [name: string, value: GlobalValue])[];
}

export class Snapshot {
  /** Of the memory, which may have grown in `init`. */
  readonly pages: number;
  /** What is not zero, or would not be in a new instance; in ascending order, with a gap between any two. */
  readonly #runs: readonly Run[];
  readonly #savedBytes: number;
  /** Those that are not what a new instance has. */
  readonly #globals: readonly (readonly [name: string, value: GlobalValue])[];
  /** The memory of the last generation, as that has left it. */
  #kept: WebAssembly.Memory | undefined;

  private constructor(pages: number, runs: readonly Run[], globals: readonly (readonly [string, GlobalValue])[]) {
    this.pages = pages;
    this.#runs = runs;
    this.#savedBytes = runs.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#globals = globals;
  }

  /** Undefined for a state that is too large. */
  static of(domain: Domain, fresh: FreshState): Snapshot | undefined {
    const { buffer } = domain.memory;
    const used = usedChunks(buffer);
    // A segment's bytes that were set to zero are written again by each instance: they must be set to zero again.
    for (const [i, isUsed] of fresh.chunks.entries()) if (isUsed === 1) used[i] = 1;
    if (used.reduce((sum, isUsed) => sum + isUsed, 0) * CHUNK_BYTES > MOST_SAVED_BYTES) return undefined;
    const globals: [string, GlobalValue][] = [];
    for (const [i, name] of (domain.spec.loaded.savedGlobals ?? []).entries()) {
      const { value } = globalOf(domain, name);
      if (!Object.is(value, fresh.globals[i])) globals.push([name, value]);
    }
    return new Snapshot(buffer.byteLength / PAGE_BYTES, runsOf(buffer, used), globals);
  }

  /** One that was taken on another CPU. */
  static revived({ pages, runs, globals }: SnapshotParts): Snapshot {
    return new Snapshot(pages, runs, globals);
  }

  /** For another CPU. */
  get parts(): SnapshotParts {
    return { pages: this.pages, runs: this.#runs, globals: this.#globals };
  }

  /** Takes the dead generation's memory, if that is worth it; then nobody else may use it. */
  keep(memory: WebAssembly.Memory): boolean {
    const { byteLength } = memory.buffer;
    if (byteLength !== this.pages * PAGE_BYTES || byteLength - this.#savedBytes > MOST_ZEROED_BYTES) return false;
    this.#kept = memory;
    return true;
  }

  /** The memory that was kept, not yet restored. */
  takeKept(): WebAssembly.Memory | undefined {
    const kept = this.#kept;
    this.#kept = undefined;
    return kept;
  }

  /**
   * HOT: a good part of what a restart costs.
   * @param domain a new instance whose code has not run
   * @param isZeroed its memory holds nothing but what its segments have written; else every byte of it is set
   */
  restore({ memory, exports }: Domain, isZeroed: boolean): void {
    const bytes = new Uint8Array(memory.buffer);
    let end = 0;
    for (const run of this.#runs) {
      if (!isZeroed) bytes.fill(0, end, run.start);
      bytes.set(run.bytes, run.start);
      end = run.start + run.bytes.length;
    }
    if (!isZeroed) bytes.fill(0, end);
    for (const [name, value] of this.#globals) (exports[name] as WebAssembly.Global).value = value;
  }
}

export function globalOf({ exports }: Domain, name: string): WebAssembly.Global {
  return exports[name] as WebAssembly.Global;
}

/** 1 for each chunk that is not all zero. */
export function usedChunks(buffer: ArrayBufferLike): Uint8Array {
  const words = new Int32Array(buffer);
  const perChunk = CHUNK_BYTES / Int32Array.BYTES_PER_ELEMENT;
  const used = new Uint8Array(words.length / perChunk);
  for (let chunk = 0; chunk < used.length; chunk++) {
    const end = (chunk + 1) * perChunk;
    let at = chunk * perChunk;
    while (at < end && words[at] === 0) at++;
    if (at < end) used[chunk] = 1;
  }
  return used;
}

function runsOf(buffer: ArrayBufferLike, used: Uint8Array): Run[] {
  const runs: Run[] = [];
  let first = used.indexOf(1);
  while (first >= 0) {
    const next = used.indexOf(0, first);
    const end = next < 0 ? used.length : next;
    runs.push({ start: first * CHUNK_BYTES, bytes: new Uint8Array(buffer.slice(first * CHUNK_BYTES, end * CHUNK_BYTES)) });
    first = used.indexOf(1, end);
  }
  return runs;
}
