/** A wire over UDP: each frame is a datagram between two addresses. Opened by whoever makes a card (host/system/network.ts). */
import { SumacError } from "../../errors.ts";
import { FrameRing, WIRE_STATE } from "./frame-ring.ts";
import { startThread, ThreadWire } from "./thread-wire.ts";

export interface UdpAddress {
  readonly host: string;
  readonly port: number;
}

export interface UdpStart {
  readonly arriving: SharedArrayBuffer;
  readonly leaving: SharedArrayBuffer;
  readonly local: UdpAddress;
  readonly remote: UdpAddress;
}

/** Blocks until the socket is bound. @throws SumacError "device-failed" when it cannot be */
export function openUdp(local: UdpAddress, remote: UdpAddress): ThreadWire {
  const [incoming, outgoing] = [new FrameRing(), new FrameRing()];
  const start: UdpStart = { arriving: incoming.buffer, leaving: outgoing.buffer, local, remote };
  const reason = startThread("udp-worker", start, incoming);
  if (reason !== undefined) {
    const place = `UDP ${local.host}:${local.port}`;
    throw new SumacError("device-failed", `${place}: cannot be bound (${reason}): choose an address of this machine and a free port`);
  }
  return new ThreadWire(incoming, {
    send: (frame, length) => outgoing.push(frame, length),
    close: () => outgoing.setState(WIRE_STATE.stop),
    losses: () => outgoing.losses,
  });
}
