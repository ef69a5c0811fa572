/**
 * `sumac:block/bdev@0.1.0`: its types.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";

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

  /** For generated code: the record that a callee left in the return area; zeros when the call failed. */
  static from_words(): Geometry {
    if (guard.status(0) != 0) return Geometry.of(<u64>0, <u32>0);
    return Geometry.of(glue.word64(0), guard.result(2));
  }

  /** For generated code. */
  to_words(): void {
    glue.setWord64(0, this.blocks);
    guard.setResult(2, this.blockSize);
  }
}
