/**
 * Reads the bytes of a module for the audit: strict LEB128, names, and exact byte sequences.
 *
 * Only the audit uses it; the hardener has a reader of its own, so that no misreading is common to both. Everything that V8
 * could read differently (a number with spare bits, one that is too long, a name that is not UTF-8) is refused.
 * Source: [WASM-CORE] 5.2 (values).
 */
import { MAX_NAME_BYTES } from "../limits.ts";
import { type Rule, refuse } from "./rules.ts";

// ignoreBOM: a decoder that drops a leading U+FEFF would take "\uFEFFsumac" for "sumac".
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class Reader {
  readonly bytes: Uint8Array;
  /** Offset of the next byte. */
  pos = 0;
  /** Offset behind the last byte of what is being read: the module, a section or a body. */
  end: number;
  /** What is being read, for messages. */
  place: string;

  constructor(bytes: Uint8Array, place: string) {
    this.bytes = bytes;
    this.end = bytes.length;
    this.place = place;
  }

  fail(rule: Rule, what: string, atBytes: number = this.pos): never {
    refuse(rule, this.place, atBytes, what);
  }

  /** Narrows to a part of the module. */
  enter(place: string, start: number, end: number): void {
    this.place = place;
    this.pos = start;
    this.end = end;
  }

  /** Demands that the part was read to its last byte: what is left over, another decoder might read. */
  leave(): void {
    if (this.pos !== this.end) this.fail("encoding", `${this.end - this.pos} bytes are left over`);
  }

  // HOT: once per byte of code that is not skipped.
  u8(): number {
    if (this.pos >= this.end) this.fail("encoding", "it ends too early");
    return this.bytes[this.pos++] as number;
  }

  /** Skips `count` bytes and returns where they began. */
  skip(count: number): number {
    const start = this.pos;
    if (count > this.end - start) this.fail("encoding", `${count} bytes are announced, ${this.end - start} are left`);
    this.pos += count;
    return start;
  }

  // HOT: once per index, offset and count.
  u32(): number {
    const first = this.u8();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let shift = 7; ; shift += 7) {
      const byte = this.u8();
      if (shift === 28 && byte > 0x0f) this.fail("encoding", "a number is longer than 32 bits", this.pos - 1);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }

  s32(): number {
    return this.#signed(32);
  }

  /** 33 bits: a block type. */
  s33(): number {
    return this.#signed(33);
  }

  skipS64(): void {
    for (let length = 1; ; length++) {
      const byte = this.u8();
      if (length === 10 && byte !== 0 && byte !== 0x7f) this.fail("encoding", "a number is longer than 64 bits", this.pos - 1);
      if (byte < 0x80) return;
    }
  }

  name(): string {
    const length = this.u32();
    if (length > MAX_NAME_BYTES) this.fail("encoding", `a name of ${length} bytes`);
    const start = this.skip(length);
    try {
      return utf8.decode(this.bytes.subarray(start, this.pos));
    } catch {
      this.fail("encoding", "a name is not UTF-8", start);
    }
  }

  /** Reads `pattern` if exactly these bytes come next; otherwise reads nothing. */
  accept(pattern: readonly number[]): boolean {
    if (pattern.length > this.end - this.pos) return false;
    for (let i = 0; i < pattern.length; i++) if (this.bytes[this.pos + i] !== pattern[i]) return false;
    this.pos += pattern.length;
    return true;
  }

  #signed(bits: 32 | 33): number {
    let value = 0;
    let scale = 1;
    for (let length = 1; ; length++) {
      const byte = this.u8();
      // Of the fifth byte only the low bits count; from the sign bit up all must be alike, and none may say "more".
      const above = byte >> (bits - 29);
      if (length === 5 && above !== 0 && above !== 0x7f >> (bits - 29)) {
        this.fail("encoding", `a number is longer than ${bits} bits`, this.pos - 1);
      }
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return byte & 0x40 ? value - scale : value;
    }
  }
}
