// Generated from wit/tally.wit by `sumac bindgen`; change that, not this.
/** `lasting:tally@1.0.0`: its interfaces as `Sumac.export` gives them to the host. */
import type { Called, HostCall, HostResult } from "sumac-kernel";

/**
 * What must survive every death of the worker: an object on the shared heap, which the keeper owns.
 *
 * An object on the shared heap, as `readObject` reads it: 12 bytes, type id 1981933916. Functions take and return its base.
 */
export interface Sums {
  readonly total: bigint;
  readonly numbers: number;
}

/**
 * The worker, as the keeper sees it.
 *
 * What `Sumac.export` gives for `lasting:tally/weighing@1.0.0`.
 */
export interface Weighing {
  /**
   * The new total. The worker reads the sums, which are lent to it, and cannot write them: the keeper does, when there is an answer.
   * @param to base of an object `sums` that the host owns; it is lent until the call returns.
   * @param number_ `u32`.
   * @returns `u64`
   */
  readonly add: HostCall<(to: number, number_: number) => Called<bigint>>;
}

/**
 * The worker, as the keeper sees it.
 *
 * What an application implements as `lasting:tally/weighing@1.0.0`.
 */
export interface WeighingImplementation {
  /**
   * The new total. The worker reads the sums, which are lent to it, and cannot write them: the keeper does, when there is an answer.
   * @param to base of an object `sums` that the host may read until it returns.
   * @param number_ `u32`.
   * @returns `u64`
   */
  readonly add: (to: number, number_: number) => bigint;
}

/**
 * - `unavailable`: The worker could not be had.
 */
export type CounterError = "unavailable";

/**
 * The keeper, as everybody else sees it.
 *
 * What `Sumac.export` gives for `lasting:tally/counter@1.0.0`.
 */
export interface Counter {
  /**
   * Adds the weight of a number; gives the total.
   * @param number_ `u32`.
   * @returns `result<u64, error>`
   */
  readonly add: HostCall<(number_: number) => Called<HostResult<bigint, CounterError>>>;
}

/**
 * The keeper, as everybody else sees it.
 *
 * What an application implements as `lasting:tally/counter@1.0.0`.
 */
export interface CounterImplementation {
  /**
   * Adds the weight of a number; gives the total.
   * @param number_ `u32`.
   * @returns `result<u64, error>`
   */
  readonly add: (number_: number) => HostResult<bigint, CounterError>;
}
