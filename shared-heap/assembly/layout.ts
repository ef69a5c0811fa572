/**
 * The map of the shared memory for AssemblyScript: the same constants as ../layout.ts (which has the drawing), and the
 * records as unmanaged classes, so that a field's name stands where an offset would. A test compares the two files.
 * Nothing here may emit data: numbers and layouts only.
 */

export const MAGIC: u32 = 0x53554d43;
export const LAYOUT_VERSION: u32 = 2;

export const DOMAINS: u32 = 0x100000;
export const DOMAIN_SIZE: u32 = 128;
export const DOMAIN_SLOTS: u32 = 16384;
export const DOMAIN_SLOT_BITS: u32 = 14;
export const DOMAIN_SLOT_MASK: u32 = 0x3fff;
export const STATE_FREE: u32 = 0;
export const STATE_STARTING: u32 = 1;
export const STATE_RUNNING: u32 = 2;
export const KERNEL_ID: u32 = 0x4000;

export const LOCK: u32 = 448;
export const CPU_MAX: u32 = 32;
export const ROW_LINKS: u32 = 0x90000;

export const BORROWS: u32 = 0x300000;
export const BORROW_SIZE: u32 = 16;
export const FIRST_ROW: u32 = 0x40000;
export const LAST_ROW: u32 = 0xc0000;
export const MOVED_ROW: u32 = 0x80000;
export const ROW_TRIES: u32 = 1024;
export const MAX_BORROWS: u32 = 65534;
export const RETIRED_ROW: u32 = 65535;

export const GRANULES: u32 = 0x400000;
export const GRANULE_SIZE: u32 = 64;
export const GRANULE_SHIFT: u32 = 6;

export const ENTRY_SIZE: u32 = 64;
export const ORPHAN: u32 = 0x80000000;
export const LENT: u32 = 0x80000000;
export const OWNER_MASK: u32 = 0x7fffffff;

export const SPAN_BYTES: u32 = 65536;
export const SPAN_SHIFT: u32 = 16;
export const SPAN_RECORD_SIZE: u32 = 32;
export const SPAN_FREE: u32 = 0;
export const SPAN_LARGE: u32 = 1;
export const SPAN_TAIL: u32 = 2;
export const SPAN_SMALL: u32 = 16;

export const H_CLASS_HEADS: u32 = 256;
export const SIZE_CLASSES: u32 = 31;
export const MAX_SMALL_GRANULES: u32 = 448;

export const MAX_OBJECT_BYTES: u32 = 0x1000000;
export const BYTES_PER_ENTRY: u32 = 256;
export const STAGGER_BYTES: u32 = 320;
export const STAGGER_STEPS: u32 = 12;
export const MIN_HEAP_BYTES: u32 = 0x800000;
export const MAX_HEAP_BYTES: u32 = 0x7fff0000;

export const STATUS_OK: u32 = 0;
export const STATUS_QUOTA: u32 = 4;
export const STATUS_REFUSED: u32 = 6;
export const ERROR_NO_MEMORY: u32 = 100;
export const ERROR_SIZE: u32 = 101;
export const ERROR_EMPTY: u32 = 102;

/** The heap's words of the header; the record at byte 64. */
@unmanaged
@final
export class Header {
  magic: u32;
  version: u32;
  heapBase: u32;
  heapEnd: u32;
  objectTable: u32;
  maxObjects: u32;
  rowHint: u32;
  borrowHigh: u32;
  borrowsLive: u32;
  entryFree: u32;
  entryFresh: u32;
  spanTable: u32;
  spanCount: u32;
  spanHint: u32;
  spansUsed: u32;
  spansEmpty: u32;
  liveObjects: u32;
  liveBytes: u32;
  orphans: u32;
  stagger: u32;
  births: u64;
  slotHigh: u32;
  isShared: u32;
  cpus: u32;
  seen: u32;
  rowsNow: u32;
  rowsBefore: u32;
  movedRowHint: u32;
}

/** 128 bytes per domain slot; the heap keeps the accounting, the kernel the rest. */
@unmanaged
@final
export class Domain {
  id: u32;
  state: u32;
  bytesUsed: u32;
  objectsUsed: u32;
  maxBytes: u32;
  maxObjects: u32;
  status: u32;
  statusDied: u32;
  statusGeneration: u32;
  statusDetail: u32;
  entered: u32;
  limit: u32;
  openSpans: u32;
}

/** One borrow node, and (last field) the row that starts at its place; the two have nothing in common. */
@unmanaged
@final
export class Borrow {
  reader: u32;
  next: u32;
  entry: u32;
  count: u16;
  row: u16;
}

/**
 *   0      4      8       12     16        20     24           28
 *   owner  base   bytes   type   readers   pins   generation   row
 *   └ 0 free, id, id|LENT └ free: next     └ first borrow node └ of borrow nodes, 0 = not lent
 *                           free entry       0 = not lent        pins: bit 31 = ORPHAN
 *   32      36           40            44    48     56          60
 *   parent  first child  next sibling  prev  birth  last child  unused
 *   └ 0 = a root; the tree of objects that own objects: `trees.ts`
 */
@unmanaged
@final
export class Entry {
  owner: u32;
  base: u32;
  bytes: u32;
  type: u32;
  readers: u32;
  pins: u32;
  generation: u32;
  row: u32;
  parent: u32;
  first: u32;
  next: u32;
  prev: u32;
  birth: u64;
  last: u32;
  unused: u32;
}

@unmanaged
@final
export class RowLink {
  next: u32;
  nodes: u32;
}

@unmanaged
@final
export class Span {
  kind: u32;
  blocks: u32;
  live: u32;
  cut: u32;
  next: u32;
  prev: u32;
  opener: u32;
  capacity: u32;
}

export function header(): Header {
  return changetype<Header>(64);
}

export function domainOf(owner: u32): Domain {
  return changetype<Domain>(DOMAINS + (owner & DOMAIN_SLOT_MASK) * DOMAIN_SIZE);
}

export function entryAt(entryOff: u32): Entry {
  return changetype<Entry>(entryOff);
}

export function spanAt(spanOff: u32): Span {
  return changetype<Span>(spanOff);
}

export function borrowAt(nodeOff: u32): Borrow {
  return changetype<Borrow>(nodeOff);
}
