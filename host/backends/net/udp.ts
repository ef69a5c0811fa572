/**
 * A wire over UDP: each frame is a datagram between two addresses. Called by a model, which sends, and by whoever owns the model's
 * registers, who polls: frames are delivered within `poll` only, so a card is never changed behind its driver's back.
 */
import { Worker } from "node:worker_threads";
import type { Wire, WireEnd } from "../../../devices/net-wire.ts";
import { SumacError } from "../../errors.ts";
import { FrameRing, MOST_FRAME_BYTES, WIRE_STATE } from "./frame-ring.ts";

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

const START_MS = 10_000;
/** Frames delivered by one poll: an access to a register takes a bounded time. */
const MOST_AT_ONCE = 64;
/** After so many polls in vain, each further one waits a moment for a frame: an idle station costs next to nothing. */
const VAIN_POLLS = 256;
const PAUSE_MS = 1;

export class UdpWire implements Wire {
  readonly up = true;
  readonly #incoming: FrameRing;
  readonly #outgoing: FrameRing;
  readonly #frame: Uint8Array = new Uint8Array(MOST_FRAME_BYTES);
  #end: WireEnd | undefined;
  #vain = 0;
  #isPolling = false;

  private constructor(incoming: FrameRing, outgoing: FrameRing) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  /** Blocks until the socket is bound. @throws SumacError "device-failed" when it cannot be */
  static open(local: UdpAddress, remote: UdpAddress): UdpWire {
    const [incoming, outgoing] = [new FrameRing(), new FrameRing()];
    const workerData: UdpStart = { arriving: incoming.buffer, leaving: outgoing.buffer, local, remote };
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const worker = new Worker(new URL(`./udp-worker.${extension}`, import.meta.url), { workerData });
    worker.unref();
    incoming.awaitChange(WIRE_STATE.starting, START_MS);
    if (incoming.state === WIRE_STATE.open) return new UdpWire(incoming, outgoing);
    outgoing.setState(WIRE_STATE.stop);
    void worker.terminate();
    throw new SumacError(
      "device-failed",
      `UDP ${local.host}:${local.port}: cannot be bound: choose an address of this machine and a free port`,
    );
  }

  attach(end: WireEnd | undefined): void {
    this.#end = end;
  }

  send(frame: Uint8Array, length: number): void {
    this.#outgoing.push(frame, length);
  }

  /** Delivers what has arrived. */
  poll(): void {
    if (this.#isPolling || this.#end === undefined) return;
    this.#isPolling = true;
    try {
      if (this.#vain >= VAIN_POLLS) this.#incoming.wait(PAUSE_MS);
      let delivered = 0;
      for (; delivered < MOST_AT_ONCE; delivered++) {
        const length = this.#incoming.pop(this.#frame);
        if (length === 0) break;
        this.#end.receive(this.#frame, length);
      }
      this.#vain = delivered === 0 ? this.#vain + 1 : 0;
    } finally {
      this.#isPolling = false;
    }
  }

  close(): void {
    this.#end = undefined;
    this.#outgoing.setState(WIRE_STATE.stop);
  }
}
