/**
 * `sumac:io/file@0.1.0`: its types and the calls to it.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";
import { Outcome } from "sumac/outcome";
import { Block } from "./types";

/** One of these. */
export const enum FileError {
  io = 0,
  shrank = 1,
  outOfRange = 2,
}

@external("sumac:io/file@0.1.0", "size")
declare function core_size(): void;
@external("sumac:io/file@0.1.0", "read-at")
declare function core_readAt(w0: i32, w1: i32, w2: i32): i32;
@external("sumac:io/file@0.1.0", "[alive]")
declare function core_alive_(): i32;

/** Calls to whoever serves `sumac:io/file@0.1.0`. */
export namespace file {
  /** Whether the domain behind it lives, for the price of a look. */
  export function isAlive(): bool {
    return core_alive_() != 0;
  }

  /** Zero when the call fails: see `lastStatus`. */
  export function size(): u64 {
    core_size();
    if (guard.status(0) != 0) return 0;
    return glue.word64(0);
  }

  /** Moves `into` to the callee. */
  export function readAt(offset: u64, into: Block): Outcome<Block> {
    return Outcome.unpack<Block>(core_readAt(<i32>offset, <i32>(offset >> 32), glue.baseOf(into)));
  }
}
