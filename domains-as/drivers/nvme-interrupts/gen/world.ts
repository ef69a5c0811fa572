/**
 * The entry of a domain of the world `driver` (sumac:nvme-interrupt-driver@0.1.0): the functions that others call, as index.ts implements them.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as domain from "../index";
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";
import { Geometry } from "./bdev";
import { Block } from "./block-types";
import { Extent } from "./bulk";
import { Batch } from "./nvme-types";

export function world_init(): void {
  domain.init();
}

export function bdev_identify(): void {
  const value_: Geometry = domain.bdev.identify();
  glue.setWord64(0, value_.blocks);
  guard.setResult(2, value_.blockSize);
}

export function bdev_read(lba_lo: i32, lba_hi: i32, into: i32): i32 {
  return domain.bdev.read(glue.join(lba_lo, lba_hi), glue.objectAt<Block>(into)).packed;
}

export function bdev_write(lba_lo: i32, lba_hi: i32, data: i32): i32 {
  return domain.bdev.write(glue.join(lba_lo, lba_hi), glue.objectAt<Block>(data)).packed;
}

export function bdev_flush(): i32 {
  return domain.bdev.flush().packed;
}

export function bulk_readMany(lba_lo: i32, lba_hi: i32, blocks: i32, into: i32): i32 {
  return domain.bulk.readMany(glue.join(lba_lo, lba_hi), <u32>blocks, glue.objectAt<Extent>(into)).packed;
}

export function bulk_writeMany(lba_lo: i32, lba_hi: i32, blocks: i32, data: i32): i32 {
  return domain.bulk.writeMany(glue.join(lba_lo, lba_hi), <u32>blocks, glue.objectAt<Extent>(data)).packed;
}

export function nvme_queues(): i32 {
  const value_: u32 = domain.nvme.queues();
  return <i32>value_;
}

export function nvme_namespaceAt(place: i32): i32 {
  const outcome_ = domain.nvme.namespaceAt(<u32>place);
  if (!outcome_.isOk) return outcome_.packed;
  const value_ = outcome_.value;
  guard.setResult(0, value_.nsid);
  guard.setResult(1, value_.blockSize);
  glue.setWord64(2, value_.blocks);
  guard.setResult(4, value_.mostBlocks);
  return 64;
}

export function nvme_exchange(queue: i32, requests: i32, atLeast: i32): i32 {
  const value_: Batch = domain.nvme.exchange(<u32>queue, glue.objectAt<Batch>(requests), <u32>atLeast);
  return glue.baseOf(value_);
}

export function nvme_store(queue: i32, requests: i32): i32 {
  return domain.nvme.store(<u32>queue, glue.objectAt<Batch>(requests)).packed;
}
