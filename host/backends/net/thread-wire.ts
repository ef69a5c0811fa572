/**
 * A wire whose frames arrive in a thread of its own: that thread writes them into a ring, and they are delivered to the card when its driver
 * reads a register, or when this thread has nothing else to do. So a card is never changed in the middle of its driver's code.
 * Made by udp.ts, passt.ts and tap.ts, which say how a frame leaves; polled by whoever owns the card's registers.
 */
import { Worker } from "node:worker_threads";
import type { Wire, WireEnd } from "../../../devices/net-wire.ts";
import type { LossCounts, WireLosses } from "../../control/protocol.ts";
import { type FrameRing, MOST_FRAME_BYTES, WIRE_STATE } from "./frame-ring.ts";
import { type CountingWire, LossTally, sumOf } from "./wire-losses.ts";

/** A wire that has no turn of its own. */
export interface PolledWire extends Wire {
  /** Delivers what has arrived, in a bounded time. */
  poll(): void;
  /** Nothing arrives or leaves any more, and what it held is free. */
  close(): void;
}

/** How frames leave, and how the thread is ended. */
export interface FarSide {
  send(frame: Uint8Array, length: number): void;
  close(): void;
  /** Frames that `send` was given and that were lost. */
  losses(): LossCounts;
}

const START_MS = 10_000;
/** Frames delivered by one poll: an access to a register takes a bounded time. */
const MOST_AT_ONCE = 64;
/** After so many polls in vain, each further one waits a moment for a frame: an idle station costs next to nothing. */
const VAIN_POLLS = 256;
const PAUSE_MS = 1;

/** Of everybody else on this thread. */
const aTurn = (): Promise<void> => new Promise((turn) => setImmediate(turn));

export class ThreadWire implements PolledWire, CountingWire {
  readonly #incoming: FrameRing;
  readonly #far: FarSide;
  readonly #frame: Uint8Array = new Uint8Array(MOST_FRAME_BYTES);
  /** What was never given to the far side. */
  readonly #unsent: LossTally = new LossTally();
  #end: WireEnd | undefined;
  #vain = 0;
  #isPolling = false;
  #isListening = false;
  #isClosed = false;
  #wasUp = true;

  constructor(incoming: FrameRing, far: FarSide) {
    this.#incoming = incoming;
    this.#far = far;
  }

  /** False when the other side has gone. */
  get up(): boolean {
    return !this.#isClosed && this.#incoming.state === WIRE_STATE.open;
  }

  attach(end: WireEnd | undefined): void {
    this.#end = end;
    if (end !== undefined && !this.#isListening) void this.#listen();
  }

  send(frame: Uint8Array, length: number): void {
    // Who sends is not idle.
    this.#vain = 0;
    if (this.up) this.#far.send(frame, length);
    else this.#unsent.add("down");
  }

  get losses(): WireLosses {
    return { in: this.#incoming.losses, out: sumOf(this.#unsent.counts, this.#far.losses()) };
  }

  // HOT: with every register that a driver reads.
  poll(): void {
    if (this.#isPolling || this.#end === undefined) return;
    if (this.#vain >= VAIN_POLLS) this.#incoming.wait(PAUSE_MS);
    this.#vain = this.#deliver() === 0 ? this.#vain + 1 : 0;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#end = undefined;
    this.#far.close();
    this.#incoming.wake();
  }

  #deliver(): number {
    if (this.#isPolling) return 0;
    this.#isPolling = true;
    // Before the ring is emptied: what came before the end arrives before it is told.
    const { up } = this;
    let delivered = 0;
    try {
      let length = -1;
      for (; delivered < MOST_AT_ONCE && this.#end !== undefined; delivered++) {
        length = this.#incoming.pop(this.#frame);
        if (length === 0) break;
        this.#end.receive(this.#frame, length);
      }
      if (this.#wasUp && !up && length === 0) {
        this.#wasUp = false;
        this.#end?.carrier(false);
      }
    } finally {
      this.#isPolling = false;
    }
    return delivered;
  }

  /** For a driver that sleeps until its card interrupts: whenever this thread is idle. */
  async #listen(): Promise<void> {
    this.#isListening = true;
    // Not within `attach`: who plugs the wire in may not be ready for a frame.
    await aTurn();
    while (!this.#isClosed && this.#end !== undefined) {
      // Before it looks: the other side may go in any of the turns in between, and is heard of all the same.
      const seen = this.#incoming.signal;
      this.#deliver();
      if (!this.#wasUp) break;
      await aTurn();
      await this.#incoming.waitForFrame(seen);
    }
    this.#isListening = false;
  }
}

/**
 * Starts a thread of this folder and blocks until it has said in the ring's state what became of it. One that has said nothing in time is given
 * up: should it come that far after all, it touches nothing, so that whatever it was given may be closed.
 * @returns why it cannot do its work, in its own words; nothing when it can
 */
export function startThread(name: string, workerData: object, incoming: FrameRing, mostMs: number = START_MS): string | undefined {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const worker = new Worker(new URL(`./${name}.${extension}`, import.meta.url), { workerData });
  worker.unref();
  // Nothing else hears that a thread has failed: the wire is gone then, and not the whole process.
  worker.on("error", (error) => {
    if (incoming.state === WIRE_STATE.open) incoming.setState(WIRE_STATE.gone);
    process.emitWarning(`the thread of a wire (${name}) failed: ${error instanceof Error ? error.message : String(error)}`);
  });
  incoming.awaitChange(WIRE_STATE.starting, mostMs);
  if (!incoming.leaveStart(WIRE_STATE.givenUp) && incoming.state !== WIRE_STATE.failed) return undefined;
  const bytes = new Uint8Array(MOST_FRAME_BYTES);
  const length = incoming.pop(bytes);
  const reason = length === 0 ? `its thread did not start within ${mostMs} ms` : new TextDecoder().decode(bytes.subarray(0, length));
  void worker.terminate();
  return reason;
}

/** For the thread: it can do its work. @returns false when nobody waits for it any more: it is to end, and to touch nothing */
export function begin(incoming: FrameRing): boolean {
  return incoming.leaveStart(WIRE_STATE.open);
}

/** For the thread: it cannot do its work. */
export function refuse(incoming: FrameRing, reason: string): void {
  const bytes = new TextEncoder().encode(reason);
  incoming.push(bytes, Math.min(bytes.length, MOST_FRAME_BYTES));
  incoming.leaveStart(WIRE_STATE.failed);
}
