/**
 * What a row of the bench is: a name, how to set up one thing to be measured, and what its time is compared with.
 * Rows are made in rows/, listed in catalogue.ts and measured by harness.ts; this file holds their types only.
 */

/** What a row's time is compared with, and what is asked of the quotient `this row / that row`. */
export interface Comparison {
  /** Name of a row of the same group; it is measured along even when nobody asked for it. */
  readonly to: string;
  readonly atMost?: number;
  readonly atLeast?: number;
  /** Beyond the limit, on the same side of it: what would be even better. */
  readonly aim?: number;
}

/** What somebody else has published for the same thing, in cycles of their processor: the row's own must stay below. */
export interface Published {
  readonly by: string;
  readonly cycles: number;
  readonly aim: number;
}

export interface Row {
  /** `group/what`. The rows of a group are measured in turn, so that their ratios are of one time. */
  readonly name: string;
  /** What is reported of the time of a call. */
  readonly unit: Unit;
  readonly ratio?: Comparison;
  readonly published?: Published;
  /** Every call is a sample of its own, so that p99 is that of single calls; for calls of microseconds and more. */
  readonly isAlone?: boolean;
  /** A batch is at least so many calls: where to begin and to end takes longer than calls do. */
  readonly leastBatch?: number;
  /** In the row's unit; with `isAlone`. */
  readonly p99AtMost?: number;
  /** In the row's unit, which is one where more is better: a floor, whatever the row is compared with. */
  readonly atLeast?: number;
  /** Above the floor: what would be even better. */
  readonly aim?: number;
  /**
   * Measured slices; each row of the group gets one per turn. Fewer for rows where a single call takes a second.
   */
  readonly rounds?: number;
  prepare(): Promise<Prepared>;
}

/** The geometric mean of other rows of its group, measured along with them; of ratios, by a mean of what they are compared with. */
export interface Mean {
  readonly name: string;
  readonly unit: Unit;
  readonly meanOf: readonly string[];
  /** `to` is a mean, too. */
  readonly ratio?: Comparison;
}

/** A thing that is read off once, after the rows of its group that take time. */
export interface Gauge {
  readonly name: string;
  readonly unit: GaugeUnit;
  readonly atLeast?: number;
  read(): Promise<Reading>;
}

export type GaugeUnit = "KiB" | "domains";

export interface Reading {
  readonly value: number;
  /** Printed below the table. */
  readonly note?: string;
}

/** Times per call; `op/s` is calls per second and `pkt/s` packets, so more is better, also in ratios and limits. */
export type Unit = "ns" | "us" | "ms" | "op/s" | "pkt/s";

export interface Prepared {
  /**
   * Makes `count` calls. Where a call takes nanoseconds, the loop is inside Wasm.
   * A row that does not get the result that it must get throws: nothing wrong is ever measured.
   */
  run(count: number): void | Promise<void>;
  /** `run` gives a promise. */
  readonly isAsync?: boolean;
  end?(): void | Promise<void>;
}

export interface Result {
  readonly name: string;
  readonly unit: Unit | GaugeUnit;
  readonly median: number;
  readonly p99: number;
  /** How many batches were timed, and how many calls one batch makes. */
  readonly samples: number;
  readonly batch: number;
  /** Half of what lies between the quartiles of the rounds' medians, as a part of the median; 0 for what was read off once. */
  readonly noise: number;
  readonly p99AtMost?: number;
  /** With the noise of the rounds' quotients. */
  readonly ratio?: Comparison & { readonly value: number; readonly noise: number };
  /** At the nominal clock; where that is known, and the row is in nanoseconds. */
  readonly cycles?: number;
  readonly published?: Published;
  /** Of a gauge, or a row's floor. */
  readonly atLeast?: number;
  readonly aim?: number;
  /** Of a gauge. */
  readonly note?: string;
}

/** Thrown by `prepare` when what the row is about cannot be had here: the row is skipped, and the others go on. */
export class Unavailable extends Error {}

export interface Skipped {
  readonly name: string;
  readonly reason: string;
}
