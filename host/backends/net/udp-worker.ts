/**
 * The thread of a UDP wire: datagrams into one ring, frames of the other out as datagrams. A thread of its own, because an application's
 * domain that polls leaves its own thread no turn. Started by udp.ts; it touches nothing but the socket and the rings.
 */
import { createSocket } from "node:dgram";
import { workerData } from "node:worker_threads";
import { MIN_FRAME_BYTES } from "../../../devices/net-wire.ts";
import type { LossReason } from "../../control/protocol.ts";
import { FrameRing, MOST_FRAME_BYTES, WIRE_STATE } from "./frame-ring.ts";
import { begin, refuse } from "./thread-wire.ts";
import type { UdpStart } from "./udp.ts";

/** Why the machine did not take a datagram; one has at most 65507 bytes, 65527 with IPv6. */
const REASONS: Readonly<Record<string, LossReason>> = {
  EMSGSIZE: "tooLong",
  ENOBUFS: "full",
  EAGAIN: "full",
  ENETDOWN: "down",
  ENETUNREACH: "down",
  EHOSTUNREACH: "down",
};

const { arriving, leaving, local, remote } = workerData as UdpStart;
const incoming = new FrameRing(arriving);
const outgoing = new FrameRing(leaving);
const frame = new Uint8Array(MOST_FRAME_BYTES);
const socket = createSocket(local.host.includes(":") ? "udp6" : "udp4");

// A datagram is a frame, whoever sent it; what is too short for Ethernet is padded, as a card would have done.
socket.on("message", (datagram) => {
  if (datagram.length > 0) incoming.push(datagram, datagram.length, MIN_FRAME_BYTES);
});
socket.on("error", (error) => {
  if (incoming.state === WIRE_STATE.starting) refuse(incoming, error.message);
});
socket.bind({ address: local.host, port: local.port, exclusive: true }, () => {
  if (begin(incoming)) void pump();
  else socket.close();
});

async function pump(): Promise<void> {
  for (let seen = outgoing.signal; outgoing.state !== WIRE_STATE.stop; seen = outgoing.signal) {
    for (let length = outgoing.pop(frame); length > 0; length = outgoing.pop(frame)) {
      socket.send(frame.slice(0, length), remote.port, remote.host, onSent);
    }
    await outgoing.waitForFrame(seen);
  }
  socket.close();
}

/** Nobody who listens there is a cable with nothing at its end, which no sender hears of. */
function onSent(error: Error | null): void {
  if (error !== null) outgoing.tally.add(REASONS[(error as NodeJS.ErrnoException).code ?? ""] ?? "refused");
}
