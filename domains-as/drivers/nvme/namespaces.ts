/**
 * The namespaces that the driver serves: what Identify said of each, kept over restarts.
 * Filled by controller.ts, kept true by events.ts; read by transfer.ts, which uses the first, and by exchange.ts. Source: [NVME-1.4] sections 5.15.2.1 and 5.15.2.3.
 */
import { PANIC_DEVICE, panic } from "sumac/abort";
import { load32 } from "sumac/guard";
import { Block } from "./gen/block-types";
import { sectorShiftOf, sectorsOf } from "./identify";

/** Those beyond are left alone. */
const MOST_NAMESPACES: u32 = 16;
/** In a list of changed ones: there are more than it has room for. */
const TOO_MANY: u32 = 0xffffffff;

@final
export class NamespaceInfo {
  /** The controller has said so, and nobody has looked yet. */
  hasChanged: bool = false;

  constructor(
    readonly nsid: u32,
    /** Size of a logical block as a power of two. */
    public sectorShift: u32,
    /** In logical blocks. */
    public sectors: u64,
  ) {}

  /** What Identify says of it now. One that cannot be used any more has no blocks. */
  learn(pageOff: u32): void {
    const shift = sectorShiftOf(pageOff);
    this.sectors = shift == 0 ? 0 : sectorsOf(pageOff);
    if (shift != 0) this.sectorShift = shift;
  }
}

const table: StaticArray<NamespaceInfo | null> = new StaticArray<NamespaceInfo | null>(MOST_NAMESPACES);
let count: u32 = 0;

/** The id in this place of an active namespace list, 0 behind the last that the driver has room for. */
export function nextNamespace(list: Block, place: u32): u32 {
  return count == MOST_NAMESPACES || place == list.length / 4 ? 0 : load32(list.base + place * 4);
}

/** One that the driver cannot use is passed over. */
export function addNamespace(nsid: u32, page: Block): void {
  const shift = sectorShiftOf(page.base);
  if (shift != 0) table[count++] = new NamespaceInfo(nsid, shift, sectorsOf(page.base));
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

/** Notes which of them a list of changed namespaces names (section 5.14.1.4); it ends with a 0. */
export function markChanged(listOff: u32, entries: u32): void {
  for (let at: u32 = 0; at < entries; at++) {
    const nsid = load32(listOff + at * 4);
    if (nsid == 0) return;
    for (let place: u32 = 0; place < count; place++) {
      const one = table[place]!;
      if (one.nsid == nsid || nsid == TOO_MANY) one.hasChanged = true;
    }
  }
}

export function nextChanged(): NamespaceInfo | null {
  for (let place: u32 = 0; place < count; place++) {
    const one = table[place]!;
    if (one.hasChanged) return one;
  }
  return null;
}
