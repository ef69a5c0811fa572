/**
 * `sumac:device/clock@0.1.0`: its types and the calls to it.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";

@external("sumac:device/clock@0.1.0", "now-micros")
declare function core_nowMicros(): void;
@external("sumac:device/clock@0.1.0", "[alive]")
declare function core_alive_(): i32;

/** Calls to whoever serves `sumac:device/clock@0.1.0`. */
export namespace clock {
  /** Whether the domain behind it lives, for the price of a look. */
  export function isAlive(): bool {
    return core_alive_() != 0;
  }

  /** Zero when the call fails: see `lastStatus`. */
  export function nowMicros(): u64 {
    core_nowMicros();
    if (guard.status(0) != 0) return 0;
    return glue.word64(0);
  }
}
