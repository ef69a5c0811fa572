/** Cuts a stream of bytes into frames, each behind its length in four bytes, most significant first. Used by passt-worker.ts. */
import { MIN_FRAME_BYTES } from "../../../devices/net-wire.ts";
import { type FrameRing, MOST_FRAME_BYTES } from "./frame-ring.ts";

export const LENGTH_BYTES = 4;

export class StreamFrames {
  readonly #ring: FrameRing;
  readonly #frame: Uint8Array = new Uint8Array(MOST_FRAME_BYTES);
  /** Of the next frame: bytes of its length that have come, the length as far as it is known, bytes of it that have come. */
  #header = 0;
  #length = 0;
  #filled = 0;

  constructor(ring: FrameRing) {
    this.#ring = ring;
  }

  /** @returns false when this is no such stream, since a greater length is no length: nothing that follows can be understood */
  take(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length; ) {
      if (this.#header < LENGTH_BYTES) {
        this.#length = this.#length * 256 + (bytes[at++] ?? 0);
        this.#header++;
        if (this.#header === LENGTH_BYTES && (this.#length === 0 || this.#length > MOST_FRAME_BYTES)) return false;
        continue;
      }
      const part = bytes.subarray(at, at + this.#length - this.#filled);
      this.#frame.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled < this.#length) continue;
      this.#ring.push(this.#frame, this.#length, MIN_FRAME_BYTES);
      this.#header = 0;
      this.#length = 0;
      this.#filled = 0;
    }
    return true;
  }
}
