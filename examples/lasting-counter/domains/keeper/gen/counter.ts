/**
 * `lasting:tally/counter@1.0.0`: its types.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
/** One of these. */
export const enum CounterError {
  unavailable = 0,
}
