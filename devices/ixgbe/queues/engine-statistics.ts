/**
 * What one CPU's queues count: words that only that CPU writes and that never go back, in memory that all share. Whoever shows them
 * remembers what it has seen (`CounterReader`), so the registers of the first CPU and those of a queue window are cleared by reading
 * without disturbing each other.
 */
import { Statistics } from "../statistics.ts";
import type { SharedCard } from "./shared-card.ts";

const HALF = 0x1_0000_0000;

export class EngineStatistics extends Statistics {
  readonly #card: SharedCard;
  readonly #cpu: number;
  readonly #counters: Uint32Array;

  constructor(card: SharedCard, cpu: number) {
    super(card.regs);
    this.#card = card;
    this.#cpu = cpu;
    this.#counters = card.counters(cpu);
  }

  // HOT: several times a frame.
  override count(offset: number): void {
    const counters = this.#counters;
    counters[offset >>> 2] = (counters[offset >>> 2] ?? 0) + 1;
  }

  // HOT
  override bytes(offset: number, bytes: number): void {
    const counters = this.#counters;
    const word = offset >>> 2;
    const sum = (counters[word] ?? 0) + bytes;
    if (sum < HALF) {
      counters[word] = sum;
      return;
    }
    this.#card.carry(this.#cpu);
    counters[word] = sum;
    counters[word + 1] = (counters[word + 1] ?? 0) + 1;
    this.#card.carry(this.#cpu);
  }
}

export class CounterReader {
  readonly #card: SharedCard;
  readonly #cpu: number;
  readonly #counters: Uint32Array;
  readonly #seen: Float64Array;

  constructor(card: SharedCard, cpu: number) {
    this.#card = card;
    this.#cpu = cpu;
    this.#counters = card.counters(cpu);
    this.#seen = new Float64Array(this.#counters.length);
  }

  /** What was counted in a word since this was last asked. */
  take(word: number): number {
    const now = this.#counters[word] ?? 0;
    const before = this.#seen[word] ?? 0;
    this.#seen[word] = now;
    return (now - before) >>> 0;
  }

  /** The same of a counter of bytes, whose lower half is `word`. */
  takeBytes(word: number): number {
    const now = this.#whole(word);
    const before = this.#seen[word] ?? 0;
    this.#seen[word] = now;
    return now - before;
  }

  #whole(word: number): number {
    for (;;) {
      const carries = this.#card.carries(this.#cpu);
      const value = (this.#counters[word] ?? 0) + (this.#counters[word + 1] ?? 0) * HALF;
      if ((carries & 1) === 0 && carries === this.#card.carries(this.#cpu)) return value;
    }
  }
}
