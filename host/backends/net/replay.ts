/**
 * A wire on which a capture's frames arrive once more, in their order: with the pauses that they had, or as fast as the card is polled. What
 * the card sends goes nowhere, and is counted. Made by host/system/network.ts and by tests; its frames are pcapng-reader.ts's.
 */
import { MIN_FRAME_BYTES, type WireEnd } from "../../../devices/net-wire.ts";
import type { CapturedFrame } from "./pcapng-reader.ts";
import type { PolledWire } from "./thread-wire.ts";

/** Delivered by one poll: an access to a register takes a bounded time. */
const MOST_AT_ONCE = 32;
/** Between two looks while nobody polls. */
const LOOK_MS = 1;

export interface ReplayOptions {
  /** Left out: as fast as it is polled. */
  readonly nowMicros?: () => number;
  /** How many frames would be taken: the capture begins when there is room for the first time. A fast one never sends more than that. */
  readonly room?: () => number;
}

export class ReplayWire implements PolledWire {
  readonly up = true;
  /** Frames of the capture that have arrived, and frames that the card has sent. */
  replayed = 0;
  sent = 0;
  readonly #frames: readonly CapturedFrame[];
  readonly #nowMicros: (() => number) | undefined;
  readonly #room: () => number;
  readonly #padded: Uint8Array = new Uint8Array(MIN_FRAME_BYTES);
  #end: WireEnd | undefined;
  /** When the capture's first frame arrived, by the clock. */
  #began: number | undefined;
  #isPolling = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(frames: readonly CapturedFrame[], { nowMicros, room = () => MOST_AT_ONCE }: ReplayOptions = {}) {
    this.#frames = frames;
    this.#nowMicros = nowMicros;
    this.#room = room;
  }

  get isFinished(): boolean {
    return this.replayed === this.#frames.length;
  }

  attach(end: WireEnd | undefined): void {
    this.#end = end;
    clearInterval(this.#timer);
    if (end === undefined) return;
    // For a driver that sleeps until its card interrupts, and does not poll.
    this.#timer = setInterval(() => {
      this.poll();
      if (this.isFinished) clearInterval(this.#timer);
    }, LOOK_MS);
    this.#timer.unref();
  }

  send(): void {
    this.sent++;
  }

  poll(): void {
    if (this.#isPolling || this.isFinished || this.#end === undefined) return;
    this.#isPolling = true;
    try {
      const asksForRoom = this.#began === undefined || this.#nowMicros === undefined;
      const most = asksForRoom ? Math.min(this.#room(), MOST_AT_ONCE) : MOST_AT_ONCE;
      for (let i = 0; i < most; i++) if (!this.#next()) break;
    } finally {
      this.#isPolling = false;
    }
  }

  close(): void {
    this.attach(undefined);
  }

  /** @returns whether a frame's time had come */
  #next(): boolean {
    const next = this.#frames[this.replayed];
    if (next === undefined) return false;
    const now = this.#nowMicros?.() ?? 0;
    this.#began ??= now;
    const sinceFirst = next.micros - (this.#frames[0]?.micros ?? 0);
    if (this.#nowMicros !== undefined && now - this.#began < sinceFirst) return false;
    this.replayed++;
    let { bytes } = next;
    if (bytes.length < MIN_FRAME_BYTES) {
      this.#padded.fill(0);
      this.#padded.set(bytes);
      bytes = this.#padded;
    }
    this.#end?.receive(bytes, bytes.length);
    return true;
  }
}
