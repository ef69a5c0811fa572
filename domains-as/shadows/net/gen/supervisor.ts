/**
 * `sumac:kernel/supervisor@0.1.0`: its types and the calls to it.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import { Outcome } from "sumac/outcome";

/** One of these. */
export const enum SupervisorError {
  giveUp = 0,
}

@external("sumac:kernel/supervisor@0.1.0", "restart")
declare function core_restart(): i32;
@external("sumac:kernel/supervisor@0.1.0", "[alive]")
declare function core_alive_(): i32;

/** Calls to whoever serves `sumac:kernel/supervisor@0.1.0`. */
export namespace supervisor {
  /** Whether the domain behind it lives, for the price of a look. */
  export function isAlive(): bool {
    return core_alive_() != 0;
  }

  export function restart(): Outcome<void> {
    return Outcome.unpack<void>(core_restart());
  }
}
