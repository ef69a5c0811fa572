/**
 * `sumac:nvme/nvme@0.1.0`: its types.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as glue from "sumac/glue";

/** One of these. */
export const enum NvmeError {
  noNamespace = 0,
  unavailable = 1,
  refused = 2,
  failed = 3,
}

/** A record. There is one place for it: read it before the next call that returns one. */
@unmanaged
@final
export class Namespace {
  nsid: u32;
  blockSize: u32;
  blocks: u64;
  mostBlocks: u32;

  static of(nsid: u32, blockSize: u32, blocks: u64, mostBlocks: u32): Namespace {
    const one_ = glue.recordPlace<Namespace>();
    one_.nsid = nsid;
    one_.blockSize = blockSize;
    one_.blocks = blocks;
    one_.mostBlocks = mostBlocks;
    return one_;
  }
}
