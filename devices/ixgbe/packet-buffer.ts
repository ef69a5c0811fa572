/**
 * One receive packet buffer: frames that found no descriptor wait here, in order, and the first one holds up the others.
 * The receive path puts frames in and takes them out; what does not fit is its to count. Memory is taken as frames come.
 * Source: [82599] sections 7.1.7, 8.2.3.8 (RXPBSIZE).
 */
import { copy } from "./bus.ts";
import { Received } from "./received.ts";

export class Waiting {
  readonly received: Received = new Received();
  bytes: Uint8Array = new Uint8Array(0);
  /** How much of the frame is in descriptors already. */
  placed = 0;
}

/** Frames take whole units of this many bytes. */
const UNIT_BYTES = 64;
/** A frame keeps at most so many times its size: else few long frames, one after the other, would leave room for as many long as short ones. */
const MOST_ROOM = 8;

export class PacketBuffer {
  /** Bytes that wait. */
  used = 0;
  readonly #frames: Waiting[] = [];
  readonly #spare: Waiting[] = [];
  #first = 0;

  get isEmpty(): boolean {
    return this.#first === this.#frames.length;
  }

  get waiting(): number {
    return this.#frames.length - this.#first;
  }

  /** Copies a frame to the end; `false` if it does not fit into `capacity` bytes. */
  push(frame: Uint8Array, received: Received, placed: number, capacity: number): boolean {
    const size = units(received.length);
    if (this.used + size > capacity) return false;
    const waiting = this.#spare.pop() ?? new Waiting();
    const { length: room } = waiting.bytes;
    if (room < received.length || room > MOST_ROOM * size) waiting.bytes = new Uint8Array(size);
    copy(waiting.bytes, 0, frame, 0, received.length);
    waiting.received.copyFrom(received);
    waiting.placed = placed;
    this.#frames.push(waiting);
    this.used += size;
    return true;
  }

  get head(): Waiting | undefined {
    return this.#frames[this.#first];
  }

  /** Lets the first frame go. */
  shift(): void {
    const waiting = this.#frames[this.#first++];
    if (waiting === undefined) return;
    this.used -= units(waiting.received.length);
    this.#spare.push(waiting);
    if (this.#first !== this.#frames.length && this.#first < 256) return;
    this.#frames.copyWithin(0, this.#first);
    this.#frames.length -= this.#first;
    this.#first = 0;
  }

  clear(): void {
    while (!this.isEmpty) this.shift();
  }
}

function units(bytes: number): number {
  return Math.ceil(bytes / UNIT_BYTES) * UNIT_BYTES;
}
