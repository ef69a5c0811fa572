/**
 * The thread of a TAP wire: it sleeps until the kernel has a frame, and puts it into the ring. It wakes a few times a second for nothing,
 * since a process that ends cannot end a thread that is in a system call. Started by tap.ts; it touches nothing but the interface and the ring,
 * and the interface only from when it has begun to when it has said that it is gone.
 */
import { workerData } from "node:worker_threads";
import { MIN_FRAME_BYTES } from "../../../devices/net-wire.ts";
import { FrameRing, MOST_FRAME_BYTES, WIRE_STATE } from "./frame-ring.ts";
import { systemCalls } from "./system-calls.ts";
import type { TapStart } from "./tap.ts";
import { begin } from "./thread-wire.ts";

const { arriving, tap, stop } = workerData as TapStart;
const incoming = new FrameRing(arriving);
const { read, poll } = systemCalls();

const POLLFD_BYTES = 8;
const EVENTS_AT = 4;
const REVENTS_AT = 6;
const POLLIN = 1;
/** POLLERR, POLLHUP, POLLNVAL: somebody has taken the interface away. */
const TROUBLE = 8 | 16 | 32;
/** Between two looks at whether it is to end. */
const MOST_AT_ONCE = 256;
const NAP_MS = 200;
/** The interface's MTU is at most 65521. */
const frame = new Uint8Array(MOST_FRAME_BYTES);
const fds = new Uint8Array(2 * POLLFD_BYTES);
const words = new DataView(fds.buffer);
for (const [i, fd] of [tap, stop].entries()) {
  words.setInt32(i * POLLFD_BYTES, fd, true);
  words.setInt16(i * POLLFD_BYTES + EVENTS_AT, POLLIN, true);
}

// Given up meanwhile, the descriptors are closed, and their numbers may be those of other files.
if (begin(incoming)) {
  while (words.getInt16(POLLFD_BYTES + REVENTS_AT, true) === 0 && (words.getInt16(REVENTS_AT, true) & TROUBLE) === 0) {
    for (let i = 0; i < MOST_AT_ONCE; i++) {
      const bytes = read(tap, frame, frame.length);
      if (bytes <= 0) break;
      incoming.push(frame, bytes, MIN_FRAME_BYTES);
    }
    poll(fds, 2, NAP_MS);
  }
  incoming.setState(WIRE_STATE.gone);
}
