/**
 * The bytes of a message while the host puts them together, in memory of its own that grows as needed.
 * Called by `host-encode.ts`. One at a time writes into it; see `withWriter`.
 */
import { MAX_MESSAGE_BYTES } from "../../idl/message.ts";
import { WrongValue } from "../host/wrong-value.ts";

const FIRST_BYTES = 1024;
/** A buffer that grew beyond this for one message is not kept for the next. */
const KEPT_BYTES = 1 << 20;

export class MessageWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** What was written so far; valid until the next write. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#resize(FIRST_BYTES);
  }

  u8(value: number): void {
    const at = this.#grow(1);
    this.#bytes[at] = value;
  }

  u16(value: number): void {
    const at = this.#grow(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.#grow(4);
    this.#view.setUint32(at, value, true);
  }

  u64(value: bigint): void {
    const at = this.#grow(8);
    this.#view.setBigUint64(at, value, true);
  }

  f32(value: number): void {
    const at = this.#grow(4);
    this.#view.setFloat32(at, value, true);
  }

  f64(value: number): void {
    const at = this.#grow(8);
    this.#view.setFloat64(at, value, true);
  }

  copy(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** The length in bytes, then UTF-8; the caller made sure that there is no lone surrogate. */
  string(value: string): void {
    // Three bytes are the most that a UTF-16 unit takes; where that is too much, it is counted first.
    const most = value.length * 3 <= KEPT_BYTES ? value.length * 3 : utf8Length(value);
    const at = this.#grow(4 + most);
    const { written } = encoder.encodeInto(value, this.#bytes.subarray(at + 4));
    this.#view.setUint32(at, written, true);
    this.#length = at + 4 + written;
  }

  /** Makes room for so many bytes and returns where they go. */
  #grow(bytes: number): number {
    const at = this.#length;
    const end = at + bytes;
    if (end > this.#bytes.length) {
      if (end > MAX_MESSAGE_BYTES + 4 + KEPT_BYTES) throw tooLarge();
      this.#resize(Math.max(end, this.#bytes.length * 2));
    }
    this.#length = end;
    return at;
  }

  #resize(bytes: number): void {
    const larger = new Uint8Array(bytes);
    larger.set(this.bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

const encoder = new TextEncoder();

function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A pair of surrogates is four bytes, two for each.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit & 0xf800) === 0xd800 ? 2 : 3;
  }
  return bytes;
}

export function tooLarge(): WrongValue {
  return new WrongValue(`the values of one call may take ${MAX_MESSAGE_BYTES} bytes`);
}

const idle: MessageWriter[] = [];

/**
 * Runs `write` with an empty writer. Getters of the values that are written may make calls of their own, so writers nest;
 * what `write` needs of the bytes it has to copy.
 */
export function withWriter<T>(write: (writer: MessageWriter) => T): T {
  const writer = idle.pop() ?? new MessageWriter();
  try {
    return write(writer);
  } finally {
    writer.clear();
    idle.push(writer);
  }
}
