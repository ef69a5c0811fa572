/**
 * `sumac:nvme/nvme`: batches of requests on any queue and namespace.
 * Called through the kernel by whoever was granted the driver, normally its shadow.
 */
import { Outcome } from "sumac/outcome";
import { ioQueues, mostBytes } from "./controller";
import { attendEvents } from "./events";
import * as batches from "./exchange";
import { Namespace, NvmeError } from "./gen/nvme";
import { Batch } from "./gen/nvme-types";
import { namespaceIn } from "./namespaces";
import { admits } from "./patience";

export function queues(): u32 {
  return ioQueues;
}

export function namespaceAt(place: u32): Outcome<Namespace> {
  if (!admits()) return Outcome.error<Namespace>(NvmeError.noNamespace);
  attendEvents();
  const one = namespaceIn(place);
  if (one === null) return Outcome.error<Namespace>(NvmeError.noNamespace);
  return Outcome.ok<Namespace>(Namespace.of(one.nsid, 1 << one.sectorShift, one.sectors, mostBytes >> one.sectorShift));
}

export function exchange(queue: u32, requests: Batch, atLeast: u32): Batch {
  if (!admits()) return requests;
  attendEvents();
  return batches.exchange(queue, requests, atLeast);
}

export function store(queue: u32, requests: Batch): Outcome<void> {
  if (!admits()) return Outcome.done();
  attendEvents();
  switch (batches.store(queue, requests)) {
    case batches.Store.STORED:
      return Outcome.done();
    case batches.Store.REFUSED:
      return Outcome.error<void>(NvmeError.refused);
    default:
      return Outcome.error<void>(NvmeError.failed);
  }
}
