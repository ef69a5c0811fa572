/**
 * A cursor over untrusted bytes: each read is checked against the end and reports the offset at which it failed.
 * Used by the section walker, the signature records and the module summary.
 * Knows no instruction: function bodies are read elsewhere, by readers that share nothing with this one.
 */
import { SumacError, type SumacErrorCode } from "../errors.ts";

const utf8: TextDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class ByteReader {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** One past the last byte that may be read. */
  readonly end: number;
  pos: number;
  readonly #code: SumacErrorCode;

  constructor(bytes: Uint8Array<ArrayBuffer>, start: number, end: number, code: SumacErrorCode) {
    this.bytes = bytes;
    this.pos = start;
    this.end = end;
    this.#code = code;
  }

  get done(): boolean {
    return this.pos === this.end;
  }

  fail(what: string, at: number = this.pos): never {
    throw new SumacError(this.#code, `${what} at byte ${hexOffset(at)}; the module is damaged or incomplete, get or build it again`);
  }

  u8(what: string): number {
    if (this.pos >= this.end) this.fail(`${what}: the data ends too early`);
    return this.bytes[this.pos++] as number;
  }

  /** An unsigned LEB128 of at most 32 bits; padded forms are legal Wasm and accepted here. */
  u32(what: string): number {
    const start = this.pos;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8(what);
      if (shift === 28 && byte > 0x0f) this.fail(`${what}: number exceeds 32 bits`, start);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return this.fail(`${what}: number exceeds 32 bits`, start);
  }

  /** As `u32`, but only the shortest form: where two encodings of one value must not both pass. */
  u32Minimal(what: string): number {
    const start = this.pos;
    const value = this.u32(what);
    if (this.pos - start > 1 && this.bytes[this.pos - 1] === 0) this.fail(`${what}: number is padded`, start);
    return value;
  }

  /** A view, not a copy. */
  take(length: number, what: string): Uint8Array<ArrayBuffer> {
    if (length > this.end - this.pos) this.fail(`${what}: ${length} bytes announced, ${this.end - this.pos} left`);
    this.pos += length;
    return this.bytes.subarray(this.pos - length, this.pos);
  }

  name(what: string): string {
    const start = this.pos;
    const encoded = this.take(this.u32(what), what);
    try {
      return utf8.decode(encoded);
    } catch {
      return this.fail(`${what}: not valid UTF-8`, start);
    }
  }
}

export function hexOffset(offset: number): string {
  return `0x${offset.toString(16)}`;
}

/** The shortest unsigned LEB128 form. */
export function encodeU32(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    out.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out.push(rest);
  return out;
}

export function concatBytes(parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
