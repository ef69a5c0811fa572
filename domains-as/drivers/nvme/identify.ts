/**
 * What the controller says about itself and its namespace: the few fields that the driver acts upon.
 * Used by controller.ts, which fetches the data; each function is given a whole page of it. Source: [NVME-1.4] section 5.15.
 */
import { PANIC_DEVICE, panic } from "sumac/abort";
import { load32, load64 } from "sumac/guard";
import { Block } from "./gen/types";

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

/** Most blocks in one command; `limit` where the controller sets none that is lower. */
export function mostBlocksOf(controller: Block, limit: u32): u32 {
  const shift = <u32>controller.at(ControllerField.MDTS);
  // The unit is CAP.MPSMIN, which is 4096 bytes, which is a block.
  return shift == 0 || shift > 16 ? limit : min<u32>(limit, 1 << shift);
}

export function checkEntrySizes(controller: Block): void {
  if (!allows(controller.at(ControllerField.SQES), 6)) panic(PANIC_DEVICE, "the controller wants other submission entries than 64 bytes");
  if (!allows(controller.at(ControllerField.CQES), 4)) panic(PANIC_DEVICE, "the controller wants other completion entries than 16 bytes");
}

function allows(sizes: u8, shift: u32): bool {
  return (sizes & 0xf) <= <u8>shift && sizes >>> 4 >= <u8>shift;
}

/** In logical blocks, which this driver calls sectors to tell them from the interface's blocks. */
export function sectorsOf(namespace_: Block): u64 {
  return load64(namespace_.base + NamespaceField.NSZE);
}

/** A sector's size as a power of two, 9 to 12. */
export function sectorShiftOf(namespace_: Block): u32 {
  const format = load32(namespace_.base + NamespaceField.LBAF0 + (namespace_.at(NamespaceField.FLBAS) & 0xf) * 4);
  if ((format & 0xffff) != 0) panic(PANIC_DEVICE, "the namespace is formatted with metadata, which this driver does not know");
  const shift = (format >>> 16) & 0xff;
  if (shift < SMALLEST_SECTOR_SHIFT || shift > BLOCK_SHIFT)
    panic(PANIC_DEVICE, "the namespace's logical blocks are not of 512 to 4096 bytes");
  return shift;
}

/** The first id of an active namespace list (section 5.15.2.3). */
export function firstNamespaceOf(list: Block): u32 {
  const nsid = load32(list.base);
  if (nsid == 0) panic(PANIC_DEVICE, "the controller has no active namespace");
  return nsid;
}
