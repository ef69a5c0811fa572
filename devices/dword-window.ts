/**
 * A register window whose registers are 32 bits wide: 64-bit accesses are two of 32 bits, the low half first, and what is narrower or
 * misaligned is the model's to refuse. Models extend it with what their registers do.
 */
import type { Mmio } from "./ports.ts";

export abstract class DwordWindow implements Mmio {
  abstract read32(offset: number): number;
  abstract write32(offset: number, value: number): void;
  /** Whether an access of so many bytes at an offset is one, as `isAligned` says of this window. */
  protected abstract fits(offset: number, bytes: number): boolean;
  /** Counts an access that no register answers. @returns what the bus reads then: all ones */
  protected abstract badAccess(): number;

  read64(offset: number): bigint {
    if (!this.fits(offset, 8)) return (BigInt(this.badAccess()) << 32n) | 0xffff_ffffn;
    const low = this.read32(offset);
    return (BigInt(this.read32(offset + 4)) << 32n) | BigInt(low);
  }

  write64(offset: number, value: bigint): void {
    if (!this.fits(offset, 8)) {
      this.badAccess();
      return;
    }
    this.write32(offset, Number(value & 0xffff_ffffn));
    this.write32(offset + 4, Number((value >> 32n) & 0xffff_ffffn));
  }

  read8(_offset: number): number {
    return this.badAccess() & 0xff;
  }

  read16(_offset: number): number {
    return this.badAccess() & 0xffff;
  }

  write8(_offset: number, _value: number): void {
    this.badAccess();
  }

  write16(_offset: number, _value: number): void {
    this.badAccess();
  }
}

/** Whether an access of so many bytes lies in a window of `windowBytes` at a multiple of its size. */
export function isAligned(offset: number, bytes: number, windowBytes: number): boolean {
  return offset % bytes === 0 && offset >= 0 && offset < windowBytes;
}
