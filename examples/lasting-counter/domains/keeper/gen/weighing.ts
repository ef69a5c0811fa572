/**
 * `lasting:tally/weighing@1.0.0`: its types and the calls to it.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";
import { Sums } from "./state";

@external("lasting:tally/weighing@1.0.0", "add")
declare function core_add(w0: i32, w1: i32): void;
@external("lasting:tally/weighing@1.0.0", "[alive]")
declare function core_alive_(): i32;

/** Calls to whoever serves `lasting:tally/weighing@1.0.0`. */
export namespace weighing {
  /** Whether the domain behind it lives, for the price of a look. */
  export function isAlive(): bool {
    return core_alive_() != 0;
  }

  /** Lends `to` for the call. Zero when the call fails: see `lastStatus`. */
  export function add(to: Sums, number_: u32): u64 {
    core_add(glue.baseOf(to), <i32>number_);
    if (guard.status(0) != 0) return 0;
    return glue.word64(0);
  }
}
