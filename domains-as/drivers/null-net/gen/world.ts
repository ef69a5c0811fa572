/**
 * The entry of a domain of the world `driver` (sumac:null-net-driver@0.1.0): the functions that others call, as index.ts implements them.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as domain from "../index";
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";
import { Carrier, Counters, Identity, News } from "./net";
import { Batch } from "./types";

export function net_identify(): void {
  const value_: Identity = domain.net.identify();
  glue.setWord64(0, value_.address);
  guard.setResult(2, value_.queues);
  guard.setResult(3, value_.depth);
  guard.setResult(4, value_.mostBytes);
}

export function net_link(): void {
  const value_: Carrier = domain.net.link();
  guard.setResult(0, <u32>value_.up);
  guard.setResult(1, value_.speed);
}

export function net_statistics(): void {
  const value_: Counters = domain.net.statistics();
  glue.setWord64(0, value_.received);
  glue.setWord64(2, value_.receivedBytes);
  glue.setWord64(4, value_.sent);
  glue.setWord64(6, value_.sentBytes);
  glue.setWord64(8, value_.missed);
  glue.setWord64(10, value_.damaged);
  glue.setWord64(12, value_.lost);
}

export function net_send(queue: i32, packets: i32): i32 {
  return domain.net.send(<u32>queue, glue.objectAt<Batch>(packets)).packed;
}

export function net_receive(queue: i32, buffers: i32): i32 {
  return domain.net.receive(<u32>queue, glue.objectAt<Batch>(buffers)).packed;
}

export function net_reclaim(queue: i32, into: i32): i32 {
  return domain.net.reclaim(<u32>queue, glue.objectAt<Batch>(into)).packed;
}

export function net_wait(queue: i32, wanted: i32): i32 {
  const outcome_ = domain.net.wait(<u32>queue, <News>wanted);
  if (!outcome_.isOk) return outcome_.packed;
  guard.setResult(0, <u32>outcome_.value);
  return 64;
}

export function net_awaitLink(up: i32): void {
  const value_: Carrier = domain.net.awaitLink(up != 0);
  guard.setResult(0, <u32>value_.up);
  guard.setResult(1, value_.speed);
}
