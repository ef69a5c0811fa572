/**
 * The entry of a domain of the world `shadow` (sumac:nvme-shadow@0.1.0): the functions that others call, as index.ts implements them.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as domain from "../index";
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";
import { Batch } from "./types";

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
