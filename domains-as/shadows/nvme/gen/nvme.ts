/**
 * `sumac:nvme/nvme@0.1.0`: its types and the calls to it.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";
import { Outcome } from "sumac/outcome";
import { Batch } from "./types";

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

@external("sumac:nvme/nvme@0.1.0", "queues")
declare function core_queues(): i32;
@external("sumac:nvme/nvme@0.1.0", "namespace-at")
declare function core_namespaceAt(w0: i32): i32;
@external("sumac:nvme/nvme@0.1.0", "exchange")
declare function core_exchange(w0: i32, w1: i32, w2: i32): i32;
@external("sumac:nvme/nvme@0.1.0", "store")
declare function core_store(w0: i32, w1: i32): i32;
@external("sumac:nvme/nvme@0.1.0", "[alive]")
declare function core_alive_(): i32;

/** Calls to whoever serves `sumac:nvme/nvme@0.1.0`. */
export namespace nvme {
  /** Whether the domain behind it lives, for the price of a look. */
  export function isAlive(): bool {
    return core_alive_() != 0;
  }

  /** Zero when the call fails: see `lastStatus`. */
  export function queues(): u32 {
    return <u32>core_queues();
  }

  export function namespaceAt(place: u32): Outcome<Namespace> {
    const packed_ = core_namespaceAt(<i32>place);
    if (<u32>packed_ < 64) return Outcome.unpack<Namespace>(packed_);
    return Outcome.ok<Namespace>(Namespace.of(guard.result(0), guard.result(1), glue.word64(2), guard.result(4)));
  }

  /** Moves `requests` to the callee. Zero when the call fails: see `lastStatus`. */
  export function exchange(queue: u32, requests: Batch, atLeast: u32): Batch {
    return glue.objectAt<Batch>(core_exchange(<i32>queue, glue.baseOf(requests), <i32>atLeast));
  }

  /** Lends `requests` for the call. */
  export function store(queue: u32, requests: Batch): Outcome<void> {
    return Outcome.unpack<void>(core_store(<i32>queue, glue.baseOf(requests)));
  }
}
