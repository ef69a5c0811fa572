/**
 * `sumac:net/net`: batches of packets into the card's rings and out of them. What waits is in waiting.ts.
 * Called through the kernel by whoever was granted the driver, normally the shadow. Every packet that comes in is in one of three
 * places until it goes out again: a batch, a ring, or the list of those that are sent.
 */
import { Outcome } from "sumac/outcome";
import { closeReceiver, linkSpeed, openReceiver, receiver, stationAddress, transmitter } from "./card";
import { countersNow } from "./counters";
import { Carrier, Counters, Identity, NetError, News } from "./gen/net";
import { Batch, Fate, Marks, Packet } from "./gen/types";
import { ENTRIES, QUEUES } from "./memory";
import { blank, ReceiveQueue } from "./receive-queue";
import { checkPresent } from "./registers";
import { MOST_BYTES } from "./transmit-queue";
import { tellOfClosing, waitForLink, waitForNews } from "./waiting";

const BATCH: u32 = 32;
/** Packets that were taken out of a batch, before they go back. */
const taken: StaticArray<Packet | null> = new StaticArray<Packet | null>(BATCH);
let takenCount: u32 = 0;
/** Packets with frames that were handed out, modulo 2^32. */
export let packetsReceived: u32 = 0;
/** The packets of the frame that is looked at. */
const frame: StaticArray<Packet | null> = new StaticArray<Packet | null>(BATCH);

export function identify(): Identity {
  return Identity.of(stationAddress(), QUEUES, ENTRIES - 1, MOST_BYTES);
}

export function link(): Carrier {
  const speed = linkSpeed();
  return Carrier.of(speed != 0, speed);
}

export function statistics(): Counters {
  return countersNow();
}

/** HOT: `packets` comes back with what could not be sent, then with what is sent. */
export function send(queue: u32, packets: Batch): Outcome<Batch> {
  if (queue >= QUEUES) return refuse(packets);
  const ring = transmitter(queue);
  takenCount = 0;
  if (!ring.hasRoomForBatch) ring.collect();
  let parts: u32 = 0;
  for (let packet = packets.popFront(); packet !== null; packet = packets.popFront()) {
    frame[parts++] = packet;
    if ((<u32>packet.marks & Marks.more) != 0) continue;
    if (!ring.hasRoom(parts)) keepAll(parts, Fate.unsent);
    else if (!ring.post(frame, parts)) keepAll(parts, Fate.refused);
    parts = 0;
  }
  // A frame whose end is not there.
  keepAll(parts, Fate.refused);
  ring.publish();
  ring.collect();
  giveBack(packets);
  while (!packets.isFull) {
    const packet = ring.take();
    if (packet === null) break;
    packet.fate = Fate.sent;
    give(packets, packet);
  }
  return Outcome.ok<Batch>(packets);
}

/** HOT: frames are taken first, so that there is room for the buffers. */
export function receive(queue: u32, buffers: Batch): Outcome<Batch> {
  if (queue >= QUEUES) return refuse(buffers);
  const ring = receiver(queue);
  if (!ring.isOpen) {
    // A queue that is being reclaimed must be empty before it begins again.
    if (!ring.isEmpty) return returned(buffers);
    openReceiver(queue);
  }
  takenCount = 0;
  takeFrames(ring);
  if (takenCount == 0) {
    // A look at the card lets it work, and tells whether it is there.
    checkPresent();
    takeFrames(ring);
  }
  packetsReceived += takenCount;
  let posted: u32 = 0;
  for (let buffer = buffers.popFront(); buffer !== null; buffer = buffers.popFront()) {
    if (ring.hasRoom) {
      ring.post(buffer);
      posted += 1;
    } else {
      keep(blank(buffer), Fate.empty);
    }
  }
  if (posted != 0) ring.publish();
  giveBack(buffers);
  return Outcome.ok<Batch>(buffers);
}

export function reclaim(queue: u32, into: Batch): Outcome<Batch> {
  if (queue >= QUEUES) return refuse(into);
  const ring = receiver(queue);
  if (ring.isOpen) {
    closeReceiver(queue);
    tellOfClosing(queue);
  }
  while (!into.isFull) {
    let packet = ring.take();
    if (packet === null) packet = ring.takeBack();
    if (packet === null) break;
    give(into, packet);
  }
  return Outcome.ok<Batch>(into);
}

export function wait(queue: u32, wanted: News): Outcome<News> {
  if (queue >= QUEUES) return Outcome.error<News>(NetError.noQueue);
  return Outcome.ok<News>(<News>waitForNews(queue, <u32>wanted));
}

export function awaitLink(up: bool): Carrier {
  return waitForLink(up) ? link() : Carrier.of(false, 0);
}

function takeFrames(ring: ReceiveQueue): void {
  while (takenCount < BATCH) {
    const packet = ring.take();
    if (packet === null) return;
    taken[takenCount++] = packet;
  }
}

function keep(packet: Packet, fate: Fate): void {
  packet.fate = fate;
  taken[takenCount++] = packet;
}

function keepAll(parts: u32, fate: Fate): void {
  for (let i: u32 = 0; i < parts; i++) keep(frame[i]!, fate);
}

function giveBack(batch: Batch): void {
  for (let i: u32 = 0; i < takenCount; i++) give(batch, taken[i]!);
}

/** There is room, unless the batch held more than it said: whoever hides packets there has no claim to others. */
function give(batch: Batch, packet: Packet): void {
  if (!batch.pushBack(packet)) packet.drop();
}

/** As they came, without their frames. */
function returned(buffers: Batch): Outcome<Batch> {
  for (let i: u32 = 0; i < buffers.length; i++) {
    const buffer = buffers.at(i);
    if (buffer !== null) blank(buffer);
  }
  return Outcome.ok<Batch>(buffers);
}

function refuse(packets: Batch): Outcome<Batch> {
  packets.drop();
  return Outcome.error<Batch>(NetError.noQueue);
}
