/**
 * `sumac:job/progress@0.1.0`: its types and the calls to it.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
@external("sumac:job/progress@0.1.0", "report")
declare function core_report(w0: i32, w1: i32, w2: i32, w3: i32, w4: i32): void;
@external("sumac:job/progress@0.1.0", "[alive]")
declare function core_alive_(): i32;

/** Calls to whoever serves `sumac:job/progress@0.1.0`. */
export namespace progress {
  /** Whether the domain behind it lives, for the price of a look. */
  export function isAlive(): bool {
    return core_alive_() != 0;
  }

  /** Silent when the call fails: see `lastStatus`. */
  export function report(phase: u32, done: u64, total: u64): void {
    core_report(<i32>phase, <i32>done, <i32>(done >> 32), <i32>total, <i32>(total >> 32));
  }
}
