/**
 * A wire to passt, which gives a station the machine's own network without any right: a UNIX stream socket that carries, for each frame, its
 * length in four bytes, most significant first, and the frame. qemu's `-netdev stream` speaks the same. Opened by host/system/network.ts.
 */
import { SumacError } from "../../errors.ts";
import { FrameRing, WIRE_STATE } from "./frame-ring.ts";
import { startThread, ThreadWire } from "./thread-wire.ts";

export interface PasstStart {
  readonly arriving: SharedArrayBuffer;
  readonly leaving: SharedArrayBuffer;
  readonly path: string;
}

/** Blocks until somebody has taken the connection. @throws SumacError "device-failed" when nobody does */
export function openPasst(path: string): ThreadWire {
  const [incoming, outgoing] = [new FrameRing(), new FrameRing()];
  const start: PasstStart = { arriving: incoming.buffer, leaving: outgoing.buffer, path };
  const reason = startThread("passt-worker", start, incoming);
  if (reason !== undefined) {
    throw new SumacError("device-failed", `passt ${path}: cannot be connected (${reason}): start \`passt --socket ${path}\` first`);
  }
  return new ThreadWire(incoming, {
    send: (frame, length) => outgoing.push(frame, length),
    close: () => outgoing.setState(WIRE_STATE.stop),
    losses: () => outgoing.losses,
  });
}
