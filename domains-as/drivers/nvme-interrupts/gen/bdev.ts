/**
 * `sumac:block/bdev@0.1.0`: its types.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as glue from "sumac/glue";

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
