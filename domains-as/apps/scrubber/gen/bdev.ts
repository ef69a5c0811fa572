/**
 * `sumac:block/bdev@0.1.0`: its types and the calls to it.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";
import { Outcome } from "sumac/outcome";
import { Block } from "./types";

/** One of these. */
export const enum BdevError {
  io = 0,
  outOfRange = 1,
  unavailable = 2,
}

/** A record. There is one place for it: read it before the next call that returns one. */
@unmanaged
@final
export class Geometry {
  blocks: u64;
  blockSize: u32;

  static of(blocks: u64, blockSize: u32): Geometry {
    const one_ = glue.recordPlace<Geometry>();
    one_.blocks = blocks;
    one_.blockSize = blockSize;
    return one_;
  }
}

@external("sumac:block/bdev@0.1.0", "identify")
declare function core_identify(): void;
@external("sumac:block/bdev@0.1.0", "read")
declare function core_read(w0: i32, w1: i32, w2: i32): i32;
@external("sumac:block/bdev@0.1.0", "write")
declare function core_write(w0: i32, w1: i32, w2: i32): i32;
@external("sumac:block/bdev@0.1.0", "flush")
declare function core_flush(): i32;
@external("sumac:block/bdev@0.1.0", "[alive]")
declare function core_alive_(): i32;

/** Calls to whoever serves `sumac:block/bdev@0.1.0`. */
export namespace bdev {
  /** Whether the domain behind it lives, for the price of a look. */
  export function isAlive(): bool {
    return core_alive_() != 0;
  }

  /** Zero when the call fails: see `lastStatus`. */
  export function identify(): Geometry {
    core_identify();
    if (guard.status(0) != 0) return Geometry.of(<u64>0, <u32>0);
    return Geometry.of(glue.word64(0), guard.result(2));
  }

  /** Moves `into` to the callee. */
  export function read(lba: u64, into: Block): Outcome<Block> {
    return Outcome.unpack<Block>(core_read(<i32>lba, <i32>(lba >> 32), glue.baseOf(into)));
  }

  /** Lends `data` for the call. */
  export function write(lba: u64, data: Block): Outcome<void> {
    return Outcome.unpack<void>(core_write(<i32>lba, <i32>(lba >> 32), glue.baseOf(data)));
  }

  export function flush(): Outcome<void> {
    return Outcome.unpack<void>(core_flush());
  }
}
