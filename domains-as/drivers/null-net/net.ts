/**
 * `sumac:net/net` without a device: what is sent is gone, and nothing ever comes. It is the price of the interface alone.
 * Called through the kernel by whoever was granted it, in tests and benches mostly.
 */
import { Outcome } from "sumac/outcome";
import { Carrier, Counters, Identity, NetError, News } from "./gen/net";
import { Batch, Fate, Packet } from "./gen/types";

const MOST_BYTES: u32 = 2048;
/** Destination and source address and type. */
const LEAST_BYTES: u32 = 14;

let sent: u64 = 0;
let sentBytes: u64 = 0;

export function identify(): Identity {
  return Identity.of(0, 1, 0, MOST_BYTES);
}

export function link(): Carrier {
  return Carrier.of(true, 0);
}

export function statistics(): Counters {
  return Counters.of(0, 0, sent, sentBytes, 0, 0, 0);
}

/** HOT: every packet is taken out of the batch and put in again, as a driver with a ring would. */
export function send(queue: u32, packets: Batch): Outcome<Batch> {
  if (queue != 0) return refuse(packets);
  for (let left = packets.length; left > 0; left--) {
    const packet = packets.popFront();
    if (packet === null) break;
    swallow(packet);
    packets.pushBack(packet);
  }
  return Outcome.ok<Batch>(packets);
}

export function receive(queue: u32, buffers: Batch): Outcome<Batch> {
  if (queue != 0) return refuse(buffers);
  for (let i: u32 = 0, count = buffers.length; i < count; i++) {
    const buffer = buffers.at(i);
    if (buffer !== null) buffer.fate = Fate.empty;
  }
  return Outcome.ok<Batch>(buffers);
}

export function reclaim(queue: u32, into: Batch): Outcome<Batch> {
  return queue == 0 ? Outcome.ok<Batch>(into) : refuse(into);
}

export function wait(queue: u32, wanted: News): Outcome<News> {
  return queue == 0 ? Outcome.ok<News>(0 as News) : Outcome.error<News>(NetError.noQueue);
}

export function awaitLink(up: bool): Carrier {
  return link();
}

function swallow(packet: Packet): void {
  const size = packet.size;
  if (size < LEAST_BYTES || size > MOST_BYTES) {
    packet.fate = Fate.refused;
    return;
  }
  packet.fate = Fate.sent;
  sent += 1;
  sentBytes += size;
}

function refuse(packets: Batch): Outcome<Batch> {
  packets.drop();
  return Outcome.error<Batch>(NetError.noQueue);
}
