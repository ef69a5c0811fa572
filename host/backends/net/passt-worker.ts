/**
 * The thread of a passt wire: what comes from the socket is cut into frames for one ring; frames of the other go out, each with its length.
 * Started by passt.ts; it touches nothing but the socket and the rings.
 */
import { once } from "node:events";
import { createConnection } from "node:net";
import { setTimeout } from "node:timers/promises";
import { workerData } from "node:worker_threads";
import { FrameRing, MOST_FRAME_BYTES, WIRE_STATE } from "./frame-ring.ts";
import type { PasstStart } from "./passt.ts";
import { LENGTH_BYTES, StreamFrames } from "./stream-frames.ts";
import { begin, refuse } from "./thread-wire.ts";

/** Whoever waits for one that does not read looks so often whether the wire is to end. */
const STOP_LOOK_MS = 100;

const { arriving, leaving, path } = workerData as PasstStart;
const incoming = new FrameRing(arriving);
const outgoing = new FrameRing(leaving);
const frames = new StreamFrames(incoming);
const socket = createConnection(path);
let isConnected = false;

socket.on("connect", () => {
  isConnected = begin(incoming);
  if (isConnected) void pump();
  else socket.destroy();
});
socket.on("data", (bytes) => {
  // Who speaks something else is hung up on: from there on nothing could be understood.
  if (!frames.take(bytes as Uint8Array)) socket.destroy();
});
socket.on("error", (error) => {
  if (!isConnected) refuse(incoming, error.message);
});
socket.on("close", () => {
  if (!isConnected) return;
  incoming.setState(WIRE_STATE.gone);
  outgoing.setState(WIRE_STATE.stop);
});

async function pump(): Promise<void> {
  const frame = new Uint8Array(MOST_FRAME_BYTES);
  for (let seen = outgoing.signal; outgoing.state !== WIRE_STATE.stop && !socket.destroyed; seen = outgoing.signal) {
    let hasRoom = true;
    // What is left when the socket closes stays in the ring, which counts it.
    while (!socket.destroyed) {
      const length = outgoing.pop(frame);
      if (length === 0) break;
      const bytes = new Uint8Array(LENGTH_BYTES + length);
      new DataView(bytes.buffer).setUint32(0, length);
      bytes.set(frame.subarray(0, length), LENGTH_BYTES);
      hasRoom = socket.write(bytes);
      if (!hasRoom) break;
    }
    // Meanwhile the ring fills up, and counts what it has no room for. A socket that closes gives room as well.
    if (!hasRoom) await roomOr(STOP_LOOK_MS);
    else await outgoing.waitForFrame(seen);
  }
  socket.destroy();
}

/** Listens to nothing any more when it returns: this may happen for every few frames. */
async function roomOr(mostMs: number): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  await Promise.race([
    once(socket, "drain", { signal }),
    once(socket, "close", { signal }),
    setTimeout(mostMs, undefined, { signal }),
  ]).catch(() => {});
  over.abort();
}
