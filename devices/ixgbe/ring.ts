/**
 * What receive and transmit rings have in common: where the ring is, head and tail, and private copies of descriptors.
 * Hardware owns [head, tail); head = tail is an empty ring, so one descriptor of a full ring is always software's.
 * A head or tail beyond the ring's end makes it a ring without descriptors. Source: [82599] sections 7.1.7, 7.2.3.
 *
 *   0        head              tail       entries
 *   ├─ software ─┼──── hardware ────┼─ software ─┤
 */
import type { Bus } from "./bus.ts";

export const DESCRIPTOR_BYTES = 16;
export const DESCRIPTOR_WORDS = 4;
/** Descriptors that are fetched, or written back, at once. */
export const BATCH = 32;

/** No descriptor. */
export const NONE = -1;

export class Ring {
  readonly index: number;
  base = 0;
  entries = 0;
  head = 0;
  tail = 0;
  enabled = false;
  /** The bus refused ring memory, or a descriptor was malformed: nothing happens until the ring is enabled again. */
  stalled = false;
  readonly #bus: Bus;
  /** Descriptors [first, first + cached), as they were when they were fetched; software's writes after that do not count. */
  readonly words: Uint32Array = new Uint32Array(BATCH * DESCRIPTOR_WORDS);
  readonly #bytes: Uint8Array = new Uint8Array(this.words.buffer);
  #first = 0;
  #cached = 0;
  #pinned: number | undefined = undefined;

  constructor(index: number, bus: Bus) {
    this.index = index;
    this.#bus = bus;
  }

  /** Descriptors that hardware owns. */
  get owned(): number {
    const { entries, head, tail } = this;
    if (head >= entries || tail >= entries) return 0;
    return tail >= head ? tail - head : tail - head + entries;
  }

  /** Where the ring is or how long has changed: what was fetched from elsewhere is forgotten. */
  place(base: number, entries: number): void {
    this.forget();
    this.base = base;
    this.entries = entries;
  }

  enable(): void {
    if (this.enabled) return;
    this.enabled = true;
    this.stalled = false;
    // A tail counts only when it is written to an enabled ring.
    this.tail = this.head;
    if (this.#bus.dma?.pin(this.base, Math.max(1, this.entries * DESCRIPTOR_BYTES)) === true) this.#pinned = this.base;
  }

  disable(): void {
    this.forget();
    this.enabled = false;
    if (this.#pinned === undefined) return;
    this.#bus.dma?.unpin(this.#pinned);
    this.#pinned = undefined;
  }

  /** As after a reset. */
  reset(): void {
    this.disable();
    this.base = this.entries = this.head = this.tail = 0;
    this.stalled = false;
  }

  forget(): void {
    this.#cached = 0;
  }

  // HOT: every descriptor.
  /** The index in `words` of the descriptor at head, or NONE: hardware owns none, or the bus has refused, and the ring is stalled. */
  next(): number {
    if (this.head === this.tail) return NONE;
    const at = this.head - this.#first;
    if (at >= 0 && at < this.#cached) return at * DESCRIPTOR_WORDS;
    return this.owned > 0 && this.#fetch() ? 0 : NONE;
  }

  // HOT
  advance(): void {
    const next = this.head + 1;
    this.head = next === this.entries ? 0 : next;
  }

  /** A 64-bit address in a descriptor; beyond 2^53 it is inexact, and no bus answers there. */
  address(word: number): number {
    return (this.words[word] ?? 0) + (this.words[word + 1] ?? 0) * 0x1_0000_0000;
  }

  // HOT: once per batch.
  /** Copies descriptors from head on, up to a batch, the tail, or the end of the ring; `false` if the bus refuses. */
  #fetch(): boolean {
    const count = Math.min(BATCH, this.owned, this.entries - this.head);
    const shared = this.#bus.readable(this.base + this.head * DESCRIPTOR_BYTES, count * DESCRIPTOR_BYTES);
    if (shared === undefined) {
      this.stalled = true;
      this.#cached = 0;
      return false;
    }
    this.#bytes.set(shared);
    this.#first = this.head;
    this.#cached = count;
    return true;
  }
}
