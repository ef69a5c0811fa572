/**
 * A growing buffer into which a module is written: bytes, shortest LEB128 numbers, copies, and parts whose size comes first.
 *
 * Used by harden, and by tests that build modules by hand.
 */
export class Writer {
  #bytes: Uint8Array;
  length = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(Math.max(capacity, 64));
  }

  #reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.length));
    this.#bytes = grown;
  }

  u8(value: number): void {
    if (this.length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  u32(value: number): void {
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.u8((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.u8(rest);
  }

  s32(value: number): void {
    let rest = value | 0;
    while (rest < -64 || rest > 63) {
      this.u8((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.u8(rest & 0x7f);
  }

  // HOT: most of a body is copied as it is, in runs of a few dozen bytes; below that a view costs more than the loop.
  copy(from: Uint8Array, start: number, end: number): void {
    const count = end - start;
    this.#reserve(count);
    if (count > 64) {
      this.#bytes.set(from.subarray(start, end), this.length);
    } else {
      const bytes = this.#bytes;
      let to = this.length;
      for (let i = start; i < end; i++) bytes[to++] = from[i] as number;
    }
    this.length += count;
  }

  append(bytes: Uint8Array): void {
    this.copy(bytes, 0, bytes.length);
  }

  name(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.u32(bytes.length);
    this.append(bytes);
  }

  /** Starts a part that is preceded by its size; `finish` takes what this returns. */
  begin(): number {
    this.#reserve(5);
    this.length += 5;
    return this.length;
  }

  /** Writes the size, as short as it gets, and moves the part up to it. */
  finish(contents: number): void {
    const size = this.length - contents;
    this.length = contents - 5;
    this.u32(size);
    this.#bytes.copyWithin(this.length, contents, contents + size);
    this.length += size;
  }

  /** A view of what was written; valid until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }
}
