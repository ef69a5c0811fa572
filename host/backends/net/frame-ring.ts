/**
 * Frames from one thread to another: a ring of slots in shared memory with one writer and one reader, who never wait for each other.
 * Used by thread-wire.ts and the threads of its wires. A ring that is full takes no frame, and counts it: a network may lose frames.
 *
 *   words: 0 read · 1 written · 2 state, see WIRE_STATE · 3 signal      then: frames lost, by reason
 *   slots: length (4 bytes), frame; what has no room in the first slot goes on in the next ones, and behind the last slot in the first
 *   empty: read == written; full: written - read + slots of the frame > SLOTS; both only ever grow, modulo 2^32
 *   signal: grows after each frame and each change of the state. Who waits for either reads it first, looks, and waits for another one:
 *   whatever came after the look ends the wait.
 */

import type { LossCounts } from "../../control/protocol.ts";
import { LossTally, TALLY_BYTES } from "./wire-losses.ts";

export const SLOTS = 512;
/** The longest that Ethernet's relatives know, and longer than any card's. */
export const MOST_FRAME_BYTES = 65_550;
const HEADER_BYTES = 64;
const LENGTH_BYTES = 4;
/** An ordinary frame has one slot to itself. */
const SLOT_BYTES: number = LENGTH_BYTES + 2048;
const AREA_BYTES: number = SLOTS * SLOT_BYTES;
const READ = 0;
const WRITTEN = 1;
const STATE = 2;
const SIGNAL = 3;
const TALLY_AT = 16;

/**
 * `failed`: it could not begin, and the first frame says why; `gone`: it has ended, whoever wanted it; `given up`: it had not begun in time.
 * From `starting` there is one way on, which the first takes that asks for it (`leaveStart`).
 */
export const WIRE_STATE = { starting: 0, open: 1, failed: 2, stop: 3, gone: 4, givenUp: 5 } as const;

export class FrameRing {
  readonly buffer: SharedArrayBuffer;
  /** For both sides: frames that were on their way through this ring. */
  readonly tally: LossTally;
  readonly #words: Int32Array;
  readonly #area: Uint8Array;
  readonly #lengths: DataView;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(HEADER_BYTES + AREA_BYTES)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer, 0, TALLY_AT / Int32Array.BYTES_PER_ELEMENT);
    this.tally = new LossTally(new BigUint64Array(buffer, TALLY_AT, TALLY_BYTES / BigUint64Array.BYTES_PER_ELEMENT));
    this.#area = new Uint8Array(buffer, HEADER_BYTES);
    this.#lengths = new DataView(buffer, HEADER_BYTES);
  }

  /** Bytes beyond `length` up to `least`, which a slot has room for, are zero. The reader, if it waits, goes on. */
  push(frame: Uint8Array, length: number, least = 0): void {
    const bytes = Math.max(length, least);
    if (bytes > MOST_FRAME_BYTES) {
      this.tally.add("tooLong");
      return;
    }
    const written = Atomics.load(this.#words, WRITTEN);
    const slots = slotsOf(bytes);
    if (((written - Atomics.load(this.#words, READ)) | 0) + slots > SLOTS) {
      this.tally.add("full");
      return;
    }
    const at = slotAt(written);
    const first = Math.min(length, AREA_BYTES - at - LENGTH_BYTES);
    this.#lengths.setUint32(at, bytes);
    copy(frame, 0, this.#area, at + LENGTH_BYTES, first);
    if (first < length) copy(frame, first, this.#area, 0, length - first);
    if (length < bytes) this.#area.fill(0, at + LENGTH_BYTES + length, at + LENGTH_BYTES + bytes);
    Atomics.store(this.#words, WRITTEN, (written + slots) | 0);
    this.wake();
  }

  /** The next frame's length, its bytes in `into`; 0 when there is none. */
  pop(into: Uint8Array): number {
    const read = Atomics.load(this.#words, READ);
    if (read === Atomics.load(this.#words, WRITTEN)) return 0;
    const at = slotAt(read);
    const length = this.#lengthAt(at);
    const first = Math.min(length, AREA_BYTES - at - LENGTH_BYTES);
    copy(this.#area, at + LENGTH_BYTES, into, 0, first);
    if (first < length) copy(this.#area, 0, into, first, length - first);
    Atomics.store(this.#words, READ, (read + slotsOf(length)) | 0);
    return length;
  }

  /** Frames that were lost on their way through it; with those that nobody takes out any more, since the reader was told to stop. */
  get losses(): LossCounts {
    const { counts } = this.tally;
    return this.state === WIRE_STATE.stop ? { ...counts, down: counts.down + this.#waiting } : counts;
  }

  /** Frames that are in it. */
  get #waiting(): number {
    const written = Atomics.load(this.#words, WRITTEN);
    let frames = 0;
    for (let read = Atomics.load(this.#words, READ); ((written - read) | 0) > 0; frames++) {
      read = (read + slotsOf(this.#lengthAt(slotAt(read)))) | 0;
    }
    return frames;
  }

  #lengthAt(at: number): number {
    return Math.min(this.#lengths.getUint32(at), MOST_FRAME_BYTES);
  }

  /** For the reader: blocks its thread until there is a frame or another state, at most so long. */
  wait(milliseconds: number): void {
    const seen = this.signal;
    if (this.#isEmpty) Atomics.wait(this.#words, SIGNAL, seen, milliseconds);
  }

  /** To be read before one looks for what `waitForFrame` is to wait for. */
  get signal(): number {
    return Atomics.load(this.#words, SIGNAL);
  }

  /** For the reader: goes on when there is a frame, or when anything has happened since it has read that signal. Blocks nothing. */
  async waitForFrame(seen: number): Promise<void> {
    if (this.#isEmpty) await Atomics.waitAsync(this.#words, SIGNAL, seen).value;
  }

  get #isEmpty(): boolean {
    return Atomics.load(this.#words, READ) === Atomics.load(this.#words, WRITTEN);
  }

  get state(): number {
    return Atomics.load(this.#words, STATE);
  }

  setState(state: number): void {
    Atomics.store(this.#words, STATE, state);
    Atomics.notify(this.#words, STATE);
    // A reader that waits for frames looks at the state, too.
    this.wake();
  }

  /** For both sides of a start. @returns false when the other side was first: whatever belongs to this wire is not this side's to touch */
  leaveStart(state: number): boolean {
    if (Atomics.compareExchange(this.#words, STATE, WIRE_STATE.starting, state) !== WIRE_STATE.starting) return false;
    Atomics.notify(this.#words, STATE);
    this.wake();
    return true;
  }

  /** A reader that waits looks again. */
  wake(): void {
    Atomics.add(this.#words, SIGNAL, 1);
    Atomics.notify(this.#words, SIGNAL);
  }

  /** Blocks the thread until the state is another one, at most so long. */
  awaitChange(state: number, milliseconds: number): void {
    Atomics.wait(this.#words, STATE, state, milliseconds);
  }
}

function slotAt(count: number): number {
  return ((count >>> 0) % SLOTS) * SLOT_BYTES;
}

function slotsOf(bytes: number): number {
  return Math.ceil((LENGTH_BYTES + bytes) / SLOT_BYTES);
}

/** Two views cost as much as some hundred bytes one by one. */
const FEW_BYTES = 256;

// HOT: every frame, twice.
function copy(from: Uint8Array, fromAt: number, to: Uint8Array, toAt: number, bytes: number): void {
  if (bytes > FEW_BYTES) to.set(from.subarray(fromAt, fromAt + bytes), toAt);
  else for (let i = 0; i < bytes; i++) to[toAt + i] = from[fromAt + i] ?? 0;
}
