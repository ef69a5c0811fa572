/**
 * Reads bytes, LEB128 numbers and names of a module within bounds; every step that the bytes do not allow is a `SumacError`.
 *
 * Used by check, harden and the guard's reader. The auditor has a reader of its own and must never use this one.
 * Padded numbers (as linkers write them) are accepted, numbers with more bytes or bits than their type allows are not.
 *
 * Sources: [WASM-CORE] 5.2.
 */
import { MAX_NAME_BYTES } from "../limits.ts";
import { malformed, tooMuch } from "./reject.ts";

const utf8: TextDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class Reader {
  readonly bytes: Uint8Array;
  position: number;
  end: number;
  /** What the bounds enclose, for messages: "type section", "function 3". */
  what: string;

  constructor(bytes: Uint8Array, position: number, end: number, what: string) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
    this.what = what;
  }

  get atEnd(): boolean {
    return this.position >= this.end;
  }

  // HOT: every byte of a module passes here a few times before its domain starts.
  u8(): number {
    if (this.position >= this.end) throw malformed(this.position, `${this.what} ends too early`);
    return this.bytes[this.position++] as number;
  }

  // HOT: see u8.
  u32(): number {
    const at = this.position;
    let byte = this.u8();
    if (byte < 0x80) return byte;
    let result = byte & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      byte = this.u8();
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return result;
    }
    byte = this.u8();
    if (byte > 0x0f) throw malformed(at, "a number does not fit 32 bits");
    return (result | (byte << 28)) >>> 0;
  }

  s32(): number {
    const at = this.position;
    let result = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.u8();
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (result << (25 - shift)) >> (25 - shift);
    }
    const byte = this.u8();
    if (byte > 0x07 && (byte < 0x78 || byte > 0x7f)) throw malformed(at, "a number does not fit 32 bits");
    return result | (byte << 28);
  }

  /** A block type's number: negative for a value type's code, else a type index. */
  s33(): number {
    const at = this.position;
    let result = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.u8();
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (result << (25 - shift)) >> (25 - shift);
    }
    const byte = this.u8();
    if (byte > 0x0f && (byte < 0x70 || byte > 0x7f)) throw malformed(at, "a number does not fit 33 bits");
    // Five bits are left: the low four end the 32 bits of a type index, the fifth is the sign.
    return ((result | ((byte & 0x0f) << 28)) >>> 0) - (byte & 0x10 ? 0x1_0000_0000 : 0);
  }

  /** Nothing reads an i64's value, so only its form is checked. */
  skipS64(): void {
    const at = this.position;
    for (let i = 0; i < 9; i++) if (this.u8() < 0x80) return;
    const last = this.u8();
    if (last !== 0 && last !== 0x7f) throw malformed(at, "a number does not fit 64 bits");
  }

  skip(count: number): void {
    if (count > this.end - this.position) throw malformed(this.position, `${this.what} ends too early`);
    this.position += count;
  }

  /** A vector's length. It must not exceed the bytes that are left, so a caller may trust it as far as the file is long. */
  count(thing: string, limit: number): number {
    const at = this.position;
    const count = this.u32();
    if (count > limit) throw tooMuch(at, thing, count, limit);
    if (count > this.end - this.position) {
      throw malformed(at, `${this.what} announces ${count} ${thing} but ends before them`);
    }
    return count;
  }

  name(): string {
    const at = this.position;
    const length = this.u32();
    if (length > this.end - this.position) throw malformed(at, `${this.what} ends within a name`);
    if (length > MAX_NAME_BYTES) throw tooMuch(at, "bytes in a name", length, MAX_NAME_BYTES);
    const from = this.position;
    this.position += length;
    try {
      return utf8.decode(this.bytes.subarray(from, this.position));
    } catch {
      throw malformed(from, "a name is not UTF-8");
    }
  }

  /** To be called after the last thing that belongs into the bounds. */
  finish(): void {
    if (this.position !== this.end) {
      throw malformed(this.position, `${this.what} has ${this.end - this.position} bytes more than its contents`);
    }
  }
}
