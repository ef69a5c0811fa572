/**
 * The namespaces that the driver serves: what Identify said of each, kept over restarts.
 * Filled by controller.ts; read by transfer.ts, which uses the first, and by exchange.ts. Source: [NVME-1.4] sections 5.15.2.1 and 5.15.2.3.
 */
import { PANIC_DEVICE, panic } from "sumac/abort";
import { load32 } from "sumac/guard";
import { Block } from "./gen/block-types";
import { sectorShiftOf, sectorsOf } from "./identify";

/** Those beyond are left alone. */
const MOST_NAMESPACES: u32 = 16;

@final
export class NamespaceInfo {
  constructor(
    readonly nsid: u32,
    /** Size of a logical block as a power of two. */
    readonly sectorShift: u32,
    /** In logical blocks. */
    readonly sectors: u64,
  ) {}
}

const table: StaticArray<NamespaceInfo | null> = new StaticArray<NamespaceInfo | null>(MOST_NAMESPACES);
let count: u32 = 0;

/** The id in this place of an active namespace list, 0 behind the last that the driver has room for. */
export function nextNamespace(list: Block, place: u32): u32 {
  return count == MOST_NAMESPACES || place == list.length / 4 ? 0 : load32(list.base + place * 4);
}

/** One that the driver cannot use is passed over. */
export function addNamespace(nsid: u32, page: Block): void {
  const shift = sectorShiftOf(page);
  if (shift != 0) table[count++] = new NamespaceInfo(nsid, shift, sectorsOf(page));
}

export function checkNamespaces(): void {
  if (count == 0) panic(PANIC_DEVICE, "the controller has no active namespace of blocks of 512 to 4096 bytes without metadata");
}

/** Counted from 0; null behind the last. */
export function namespaceIn(place: u32): NamespaceInfo | null {
  return place < count ? table[place] : null;
}

export function firstNamespace(): NamespaceInfo {
  return table[0]!;
}

/** HOT: by its id, normally the first. */
export function namespaceOf(nsid: u32): NamespaceInfo | null {
  for (let place: u32 = 0; place < count; place++) {
    const one = table[place]!;
    if (one.nsid == nsid) return one;
  }
  return null;
}
