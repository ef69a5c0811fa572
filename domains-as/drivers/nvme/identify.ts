/**
 * What the controller says about itself and its namespace: the few fields that the driver acts upon.
 * Used by controller.ts, which fetches the data, and namespaces.ts; each function is given a whole page of it. Source: [NVME-1.4] section 5.15.
 */
import { PANIC_DEVICE, panic } from "sumac/abort";
import { load8, load32, load64 } from "sumac/guard";
import { Block } from "./gen/block-types";

/** Byte offsets into the Identify Controller data structure (section 5.15.2.2). */
namespace ControllerField {
  /** Largest transfer, as a power of two in units of the smallest page; 0 = no limit. */
  export const MDTS: u32 = 77;
  /** Entry sizes as powers of two: required in bits 3:0, largest in bits 7:4. */
  export const SQES: u32 = 512;
  export const CQES: u32 = 513;
}

/** Byte offsets into the Identify Namespace data structure (section 5.15.2.1). */
namespace NamespaceField {
  /** Size in logical blocks. */
  export const NSZE: u32 = 0;
  /** Which format it has: bits 3:0 index the formats. */
  export const FLBAS: u32 = 26;
  /** Formats of 4 bytes: MS 15:0 metadata bytes, LBADS 23:16 data bytes as a power of two. */
  export const LBAF0: u32 = 128;
}

/** The block of the exported interfaces, as a power of two. */
export const BLOCK_SHIFT: u32 = 12;
export const BLOCK_BYTES: u32 = 1 << BLOCK_SHIFT;
const SMALLEST_SECTOR_SHIFT: u32 = 9;
/** The driver's own limit on one command: 4 MiB, for which a list of pages takes 8 KiB. */
const MOST_BYTES_SHIFT: u32 = 22;

/** Most bytes in one command. */
export function mostBytesOf(controller: Block): u32 {
  const shift = <u32>controller.at(ControllerField.MDTS);
  // The unit is CAP.MPSMIN, which is 4096 bytes.
  return 1 << (shift == 0 ? MOST_BYTES_SHIFT : min(MOST_BYTES_SHIFT, shift + BLOCK_SHIFT));
}

export function checkEntrySizes(controller: Block): void {
  if (!allows(controller.at(ControllerField.SQES), 6)) panic(PANIC_DEVICE, "the controller wants other submission entries than 64 bytes");
  if (!allows(controller.at(ControllerField.CQES), 4)) panic(PANIC_DEVICE, "the controller wants other completion entries than 16 bytes");
}

function allows(sizes: u8, shift: u32): bool {
  return (sizes & 0xf) <= <u8>shift && sizes >>> 4 >= <u8>shift;
}

/** In logical blocks, which this driver calls sectors to tell them from the blocks of its interfaces. */
export function sectorsOf(pageOff: u32): u64 {
  return load64(pageOff + NamespaceField.NSZE);
}

/** A sector's size as a power of two, 9 to 12; 0 for a namespace that this driver cannot use: with metadata, or with other sectors. */
export function sectorShiftOf(pageOff: u32): u32 {
  const format = load32(pageOff + NamespaceField.LBAF0 + (load8(pageOff + NamespaceField.FLBAS) & 0xf) * 4);
  const shift = (format >>> 16) & 0xff;
  return (format & 0xffff) != 0 || shift < SMALLEST_SECTOR_SHIFT || shift > BLOCK_SHIFT ? 0 : shift;
}
