/**
 * Frames from one CPU to another: a ring of copies in shared memory, one writer and one reader, neither of whom waits.
 * Used by the model and the queue engines. It holds no descriptor and no address: what is in it is nobody's memory.
 *
 *   written, read   bytes since the beginning, modulo 2^32; the ring is empty where they are equal
 *   record          frame bytes · what it is · marks · 0, then the frame, up to the next multiple of 16; none goes round the end
 */

export const CHANNEL_BYTES: number = (256 << 10) + 64;
const RING_BYTES: number = 256 << 10;
const HEAD_BYTES = 64;
const RECORD_HEAD = 16;
/** In place of a frame's length: the rest of the ring is empty. */
const SKIP = 0xffff_ffff;

const Word = { written: 0, read: 4, steeredIn: 8, steeredOut: 9 } as const;

/** What a record is when it is not a frame for a queue. */
export const FOR_MAC = 0x1_0000;
export const FOR_WIRE = 0x1_0001;

/** `what`: a queue, FOR_MAC or FOR_WIRE. The frame is the reader's until it returns. */
export type FrameReader = (frame: Uint8Array, length: number, what: number, marks: number) => void;

export class FrameChannel {
  readonly #words: Int32Array;
  readonly #heads: Uint32Array;
  readonly #bytes: Uint8Array;
  /** Where the last frame was written. */
  #before = 0;

  constructor(buffer: SharedArrayBuffer, at: number) {
    this.#words = new Int32Array(buffer, at, HEAD_BYTES / 4);
    this.#heads = new Uint32Array(buffer, at + HEAD_BYTES, RING_BYTES / 4);
    this.#bytes = new Uint8Array(buffer, at + HEAD_BYTES, RING_BYTES);
  }

  get isEmpty(): boolean {
    return Atomics.load(this.#words, Word.written) === Atomics.load(this.#words, Word.read);
  }

  /** Frames for queues that are in here. */
  get waiting(): number {
    return (Atomics.load(this.#words, Word.steeredIn) - Atomics.load(this.#words, Word.steeredOut)) | 0;
  }

  /** Whether a frame of that length surely fits. For the writer. */
  hasRoom(length: number): boolean {
    return this.#free() >= 2 * sizeOf(length);
  }

  // HOT: each frame that another CPU receives.
  /** Copies a frame; `false`: there is no room, and nothing was written. */
  write(frame: Uint8Array, length: number, what: number, marks: number): boolean {
    const size = sizeOf(length);
    const free = this.#free();
    let written = this.#words[Word.written] ?? 0;
    const before = written;
    let at = (written >>> 0) % RING_BYTES;
    const toEnd = RING_BYTES - at;
    if (free < (size <= toEnd ? size : size + toEnd)) return false;
    if (size > toEnd) {
      this.#heads[at >>> 2] = SKIP;
      written = (written + toEnd) | 0;
      at = 0;
    }
    const head = at >>> 2;
    this.#heads[head] = length;
    this.#heads[head + 1] = what;
    this.#heads[head + 2] = marks;
    this.#bytes.set(frame.length === length ? frame : frame.subarray(0, length), at + RECORD_HEAD);
    if (what < FOR_MAC) Atomics.add(this.#words, Word.steeredIn, 1);
    this.#before = before;
    Atomics.store(this.#words, Word.written, (written + size) | 0);
    return true;
  }

  /** For the writer, after a frame: the reader had read all before it, and may not look again by itself. */
  get isIdle(): boolean {
    return Atomics.load(this.#words, Word.read) === this.#before;
  }

  /** Hands on what is there now, in order. A record is gone when its reader has returned. */
  drain(reader: FrameReader): void {
    const end = Atomics.load(this.#words, Word.written);
    let read = this.#words[Word.read] ?? 0;
    while (read !== end) {
      const at = (read >>> 0) % RING_BYTES;
      const length = this.#heads[at >>> 2] ?? 0;
      if (length === SKIP) {
        read = (read + RING_BYTES - at) | 0;
        Atomics.store(this.#words, Word.read, read);
        continue;
      }
      const what = this.#heads[(at >>> 2) + 1] ?? 0;
      const marks = this.#heads[(at >>> 2) + 2] ?? 0;
      read = (read + sizeOf(length)) | 0;
      reader(this.#bytes.subarray(at + RECORD_HEAD, at + RECORD_HEAD + length), length, what, marks);
      if (what < FOR_MAC) Atomics.add(this.#words, Word.steeredOut, 1);
      Atomics.store(this.#words, Word.read, read);
    }
  }

  #free(): number {
    return RING_BYTES - ((Atomics.load(this.#words, Word.written) - Atomics.load(this.#words, Word.read)) >>> 0);
  }
}

function sizeOf(length: number): number {
  return (RECORD_HEAD + length + 15) & ~15;
}
