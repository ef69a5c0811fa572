/** What campaigns print of many measurements. */

export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Measurements in memory that is there before the first of them: those who watch a process's memory do not see them arrive. */
export class Measurements {
  readonly #values: Float64Array<ArrayBuffer>;
  #count = 0;

  constructor(most: number) {
    // A page that is only reserved becomes resident when it is first written to.
    this.#values = new Float64Array(most).fill(-1);
  }

  add(value: number): void {
    if (this.#count === this.#values.length) throw new Error(`more than ${this.#count} measurements: make room for more`);
    this.#values[this.#count++] = value;
  }

  get values(): Float64Array<ArrayBuffer> {
    return this.#values.subarray(0, this.#count);
  }
}

export function percentiles(values: readonly number[] | Float64Array<ArrayBuffer>): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}
