/**
 * The window of BAR 4: the MSI-X table, and the pending bits behind it.
 * Source: [82599] section 8.2.3.6; the structures are [PCI-3.0] section 6.8.2.
 */
import type { MsixTable } from "../pci/msix.ts";
import type { Mmio } from "../ports.ts";

export const MSIX_BAR = 4;
export const MSIX_WINDOW_BYTES = 0x4000;
export const PENDING_BITS = 0x2000;

export class MsixWindow implements Mmio {
  readonly #table: MsixTable;

  constructor(table: MsixTable) {
    this.#table = table;
  }

  read32(offset: number): number {
    if (!aligned(offset, 4)) return 0xffff_ffff;
    return offset >= PENDING_BITS ? this.#table.readPending((offset - PENDING_BITS) >>> 2) : this.#table.readTable(offset >>> 2);
  }

  write32(offset: number, value: number): void {
    if (aligned(offset, 4) && offset < PENDING_BITS) this.#table.writeTable(offset >>> 2, value >>> 0);
  }

  /** Two halves, the low one first. */
  read64(offset: number): bigint {
    const low = this.read32(offset);
    return (BigInt(this.read32(offset + 4)) << 32n) | BigInt(low);
  }

  write64(offset: number, value: bigint): void {
    this.write32(offset, Number(value & 0xffff_ffffn));
    this.write32(offset + 4, Number((value >> 32n) & 0xffff_ffffn));
  }

  /** Only whole words: others read all ones and write nothing. */
  read8(_offset: number): number {
    return 0xff;
  }

  read16(_offset: number): number {
    return 0xffff;
  }

  write8(_offset: number, _value: number): void {}

  write16(_offset: number, _value: number): void {}
}

function aligned(offset: number, bytes: number): boolean {
  return offset % bytes === 0 && offset >= 0 && offset < MSIX_WINDOW_BYTES;
}
