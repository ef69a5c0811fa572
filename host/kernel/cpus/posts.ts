/**
 * What the other CPUs tell the first one: texts in order, none lost. A CPU whose ring is full waits until there is room.
 * Written by one CPU, read by the first. Knows nothing of what the texts say.
 *
 *   +0 written   +4 read   both count bytes and never come back      +8 … the ring: length, bytes, padded to 4
 *   empty: written = read; full: written - read = its size
 */
import { type Board, POST_BYTES } from "./board.ts";

const HEAD_BYTES = 8;
/** A power of two: the counters may pass 2^32. */
const RING_BYTES: number = POST_BYTES - HEAD_BYTES;
/** A longer text is not posted. */
export const MOST_POST_BYTES: number = RING_BYTES >> 1;
/** Lines of log leave so much free. */
export const SPARE_POST_BYTES: number = RING_BYTES >> 1;
/** The most that a UTF-16 unit takes. */
const BYTES_PER_UNIT = 3;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function fitsPost(text: string): boolean {
  return text.length * BYTES_PER_UNIT <= MOST_POST_BYTES || encoder.encode(text).length <= MOST_POST_BYTES;
}

export class PostRing {
  readonly #board: Board;
  readonly #start: number;
  readonly #written: number;
  readonly #read: number;

  constructor(board: Board, cpu: number) {
    this.#board = board;
    this.#start = board.posts(cpu) + HEAD_BYTES;
    this.#written = board.posts(cpu) >> 2;
    this.#read = this.#written + 1;
  }

  get isEmpty(): boolean {
    const { i32 } = this.#board;
    return Atomics.load(i32, this.#written) === Atomics.load(i32, this.#read);
  }

  /** False where there is no room for it now. @param spare bytes that stay free for what must be told */
  write(text: string, spare = 0): boolean {
    const bytes = encoder.encode(text);
    const size = 4 + ((bytes.length + 3) & ~3);
    if (bytes.length > MOST_POST_BYTES) throw new RangeError(`a post of ${bytes.length} bytes`);
    const { i32 } = this.#board;
    const written = Atomics.load(i32, this.#written);
    if (((written - Atomics.load(i32, this.#read)) >>> 0) + size > RING_BYTES - spare) return false;
    this.#put(written, new Uint8Array(new Uint32Array([bytes.length]).buffer));
    this.#put(written + 4, bytes);
    Atomics.store(i32, this.#written, (written + size) | 0);
    return true;
  }

  /** Undefined when it is empty. */
  take(): string | undefined {
    if (this.isEmpty) return undefined;
    const { i32 } = this.#board;
    const read = Atomics.load(i32, this.#read);
    const length = new Uint32Array(this.#get(read, 4).buffer)[0] ?? 0;
    const text = decoder.decode(this.#get(read + 4, length));
    Atomics.store(i32, this.#read, (read + 4 + ((length + 3) & ~3)) | 0);
    return text;
  }

  #put(at: number, bytes: Uint8Array): void {
    const from = (at >>> 0) % RING_BYTES;
    const first = bytes.subarray(0, RING_BYTES - from);
    this.#board.u8.set(first, this.#start + from);
    this.#board.u8.set(bytes.subarray(first.length), this.#start);
  }

  #get(at: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    const from = (at >>> 0) % RING_BYTES;
    const first = Math.min(length, RING_BYTES - from);
    bytes.set(this.#board.u8.subarray(this.#start + from, this.#start + from + first));
    bytes.set(this.#board.u8.subarray(this.#start, this.#start + length - first), first);
    return bytes;
  }
}
