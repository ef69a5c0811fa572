/**
 * How long commands take, as a histogram in powers of two, from a sample: one command in so many is timed, so that the clock is read seldom.
 * Filled by the engine, read by the host for those who look on; no log page shows it.
 */

/** Bucket 0: below 1 µs; bucket i: from 2^(i-1) µs on; the last has no upper end (8 s). */
export const LATENCY_BUCKETS = 24;
const ONE_IN = 64;

export class Latency {
  /** Timed commands in each bucket; ever growing. */
  readonly buckets: Float64Array = new Float64Array(LATENCY_BUCKETS);
  #commands = 0;

  /** HOT: whether the command that begins now is one to be timed. */
  isDue(): boolean {
    this.#commands = (this.#commands + 1) & (ONE_IN - 1);
    return this.#commands === 0;
  }

  add(micros: number): void {
    const bucket = micros < 1 ? 0 : Math.min(LATENCY_BUCKETS - 1, 32 - Math.clz32(Math.min(micros, 0x7fff_ffff)));
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
  }
}
