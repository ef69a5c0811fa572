/**
 * Frames from one thread to another: a ring of slots in shared memory with one writer and one reader, who never wait for each other.
 * Used by thread-wire.ts and the threads of its wires. A ring that is full takes no frame, and its writer counts it: a network may lose frames.
 *
 *   words: 0 read · 1 written · 2 state, see WIRE_STATE · 3 signal      slots: length (4 bytes), frame (2048 bytes)
 *   empty: read == written; full: written - read == SLOTS; both only ever grow, modulo 2^32
 *   signal: grows after each frame and each change of the state. Who waits for either reads it first, looks, and waits for another one:
 *   whatever came after the look ends the wait.
 */

export const SLOTS = 512;
export const MOST_FRAME_BYTES = 2048;
const HEADER_BYTES = 64;
const SLOT_BYTES: number = 4 + MOST_FRAME_BYTES;
const READ = 0;
const WRITTEN = 1;
const STATE = 2;
const SIGNAL = 3;

/**
 * `failed`: it could not begin, and the first frame says why; `gone`: it has ended, whoever wanted it; `given up`: it had not begun in time.
 * From `starting` there is one way on, which the first takes that asks for it (`leaveStart`).
 */
export const WIRE_STATE = { starting: 0, open: 1, failed: 2, stop: 3, gone: 4, givenUp: 5 } as const;

export class FrameRing {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #lengths: DataView;
  /** Of this side: frames that did not fit. */
  lost = 0;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(HEADER_BYTES + SLOTS * SLOT_BYTES)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer, 0, HEADER_BYTES / 4);
    this.#bytes = new Uint8Array(buffer);
    this.#lengths = new DataView(buffer);
  }

  /** Bytes beyond `length` up to `least` are zero. The reader, if it waits, goes on. */
  push(frame: Uint8Array, length: number, least = 0): void {
    const written = Atomics.load(this.#words, WRITTEN);
    const bytes = Math.max(length, least);
    if (((written - Atomics.load(this.#words, READ)) | 0) >= SLOTS || bytes > MOST_FRAME_BYTES) {
      this.lost++;
      return;
    }
    const at = HEADER_BYTES + ((written >>> 0) % SLOTS) * SLOT_BYTES;
    this.#lengths.setUint32(at, bytes);
    for (let i = 0; i < length; i++) this.#bytes[at + 4 + i] = frame[i] ?? 0;
    this.#bytes.fill(0, at + 4 + length, at + 4 + bytes);
    Atomics.store(this.#words, WRITTEN, (written + 1) | 0);
    this.wake();
  }

  /** The next frame's length, its bytes in `into`; 0 when there is none. */
  pop(into: Uint8Array): number {
    const read = Atomics.load(this.#words, READ);
    if (read === Atomics.load(this.#words, WRITTEN)) return 0;
    const at = HEADER_BYTES + ((read >>> 0) % SLOTS) * SLOT_BYTES;
    const length = Math.min(this.#lengths.getUint32(at), MOST_FRAME_BYTES);
    for (let i = 0; i < length; i++) into[i] = this.#bytes[at + 4 + i] ?? 0;
    Atomics.store(this.#words, READ, (read + 1) | 0);
    return length;
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
