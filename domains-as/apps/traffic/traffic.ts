/**
 * `sumac:traffic/traffic`: the same packets out and in again, one batch after the other. Called by the host, in benches.
 * What the interface gives back is used for the next batch, so that nothing is allocated once it runs.
 */
import { objectsAreBack } from "sumac/fate";
import { net } from "./gen/net";
import { Batch, Fate, Packet } from "./gen/types";

const FRAME_BYTES: u32 = 60;
const MOST: u32 = 32;
/** Buffers that wait for frames in the interface, beside those of the batch at hand. */
const AHEAD: u32 = 32;
/** A type for local experiments (IEEE 802). */
const TYPE: u32 = 0x88b5;
const TYPE_AT: u32 = 12;
/** The source port of a UDP frame. */
const PORT_AT: u32 = 34;
/** From the type on: IPv4, 46 bytes, UDP, from 192.0.2.1 to 192.0.2.2; to port 9, which discards. */
const HEADERS: StaticArray<u8> = [
  0x08, 0x00, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0xf6, 0xbb, 192, 0, 2, 1, 192, 0, 2, 2, 0, 0, 0, 9, 0, 26, 0, 0,
];

let sending: Batch | null = null;
let receiving: Batch | null = null;

export function send(rounds: u32, batch: u32): u32 {
  let packets = framesFor(batch);
  let sent: u32 = 0;
  for (let round: u32 = 0; round < rounds; round++) {
    const outcome = net.send(0, packets);
    if (!outcome.isOk) {
      sending = rest(packets);
      return sent;
    }
    packets = outcome.value;
    sent += countOf(packets, Fate.sent);
  }
  sending = packets;
  return sent;
}

export function flow(rounds: u32, batch: u32, port: u32): u32 {
  // Buffers first: an interface spreads frames over those queues that have some.
  const buffers = buffersFor(batch);
  const packets = framesFor(batch);
  for (let i: u32 = 0; i < packets.length; i++) {
    const packet = packets.at(i);
    if (packet !== null) asUdp(packet, port);
  }
  return round(rounds, packets, buffers);
}

export function loop(rounds: u32, batch: u32): u32 {
  const packets = framesFor(batch);
  return round(rounds, packets, buffersFor(batch));
}

/** HOT: a batch goes out, as many buffers go in, and the frames of the batch are in the buffers that come out. */
function round(rounds: u32, frames: Batch, empty: Batch): u32 {
  let packets = frames;
  let buffers = empty;
  let received: u32 = 0;
  for (let round: u32 = 0; round < rounds; round++) {
    const sent = net.send(0, packets);
    if (!sent.isOk) {
      sending = rest(packets);
      receiving = buffers;
      return received;
    }
    packets = sent.value;
    const came = net.receive(0, buffers);
    if (!came.isOk) {
      sending = packets;
      receiving = rest(buffers);
      return received;
    }
    buffers = came.value;
    received += countOf(buffers, Fate.received);
  }
  sending = packets;
  receiving = buffers;
  return received;
}

/** A UDP datagram over IPv4 between two fixed stations, without a checksum of its own. */
function asUdp(packet: Packet, port: u32): void {
  const data = packet.data;
  for (let i: u32 = 0; i < <u32>HEADERS.length; i++) data.setAt(TYPE_AT + i, HEADERS[i]);
  data.setAt(PORT_AT, <u8>(port >> 8));
  data.setAt(PORT_AT + 1, <u8>port);
}

function countOf(packets: Batch, fate: Fate): u32 {
  let count: u32 = 0;
  for (let i: u32 = 0, length = packets.length; i < length; i++) {
    const packet = packets.at(i);
    if (packet !== null && packet.fate == fate) count += 1;
  }
  return count;
}

/** As many frames to the interface's own address. */
function framesFor(batch: u32): Batch {
  const packets = sized(sending, min(batch, MOST));
  sending = null;
  const address = net.identify().address;
  for (let i: u32 = 0; i < packets.length; i++) {
    const packet = packets.at(i);
    if (packet === null) continue;
    packet.size = FRAME_BYTES;
    const data = packet.data;
    for (let b: u32 = 0; b < 6; b++) {
      data.setAt(b, <u8>(address >> (8 * b)));
      data.setAt(6 + b, <u8>(address >> (8 * b)));
    }
    data.setAt(12, <u8>(TYPE >> 8));
    data.setAt(13, <u8>TYPE);
  }
  return packets;
}

/** As many buffers, and the interface holds some already. */
function buffersFor(batch: u32): Batch {
  const given = receiving;
  receiving = null;
  if (given !== null) return sized(given, min(batch, MOST));
  const some = sized(null, AHEAD);
  const ahead = net.receive(0, some);
  return sized(ahead.isOk ? ahead.value : rest(some), min(batch, MOST));
}

/** What is left of a batch with which a call failed: all of it, or nothing. */
function rest(batch: Batch): Batch | null {
  return objectsAreBack() ? batch : null;
}

function sized(given: Batch | null, count: u32): Batch {
  const packets = given === null ? Batch.create() : given;
  while (packets.length < count) packets.pushBack(Packet.create());
  while (packets.length > count) {
    const packet = packets.popBack();
    if (packet !== null) packet.drop();
  }
  return packets;
}
