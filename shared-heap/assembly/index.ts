/**
 * The exports of the trusted shared heap: everything that may change an object's owner, readers, pins or existence.
 * Called by the kernel only (through ../heap.ts); domains reach objects through the guard and never through this module.
 * Never throws, never calls out, keeps no state outside the shared memory but `lastError`; errors are codes.
 *
 * Every export is a leaf: no function calls another (the build fails otherwise; that is why helpers are inlined static
 * methods). A stack overflow can strike a Wasm function only where it is entered, so an operation either has not begun or
 * runs to its end.
 */
import {
  BORROWS,
  BYTES_PER_ENTRY,
  DOMAINS,
  Domain,
  ENTRY_SIZE,
  FIRST_ROW,
  GRANULE_SIZE,
  GRANULES,
  header,
  KERNEL_ID,
  LAYOUT_VERSION,
  MAGIC,
  MAX_HEAP_BYTES,
  MIN_HEAP_BYTES,
  MOVED_ROW,
  SPAN_BYTES,
  SPAN_RECORD_SIZE,
  SPAN_SHIFT,
  STATE_RUNNING,
  STATUS_OK,
  STATUS_REFUSED,
} from "./layout";

export { domainClose, domainOpen } from "./accounts";
export { alloc } from "./blocks";
export { borrow, endAllBorrows, endBorrow } from "./lending";
export { cpuEnter, cpuLeave, share } from "./lock";
export { canRead, objectAt, ownerOf, sizeOf, typeOf } from "./objects";
export { drop, dropAll, free, move, nextOwned, pin, unpin } from "./ownership";
export { lastError } from "./reason";
export { trim } from "./spans";
export { put, take } from "./trees";

/** Lays out a fresh, zeroed memory whose size and maximum are `maxBytes`. */
export function init(maxBytes: u32): u32 {
  const h = header();
  if (maxBytes < MIN_HEAP_BYTES || maxBytes > MAX_HEAP_BYTES || maxBytes % SPAN_BYTES != 0) return STATUS_REFUSED;
  if (<u32>memory.size() != maxBytes >> SPAN_SHIFT || h.magic != 0) return STATUS_REFUSED;
  const objectTable = GRANULES + (maxBytes / GRANULE_SIZE) * 4;
  const maxObjects = maxBytes / BYTES_PER_ENTRY;
  const spanTable = objectTable + maxObjects * ENTRY_SIZE;
  const heapBase = (spanTable + (maxBytes >> SPAN_SHIFT) * SPAN_RECORD_SIZE + SPAN_BYTES - 1) & ~(SPAN_BYTES - 1);
  h.version = LAYOUT_VERSION;
  h.heapBase = heapBase;
  h.heapEnd = maxBytes;
  h.objectTable = objectTable;
  h.maxObjects = maxObjects;
  h.rowHint = FIRST_ROW;
  h.movedRowHint = MOVED_ROW;
  h.borrowHigh = BORROWS + FIRST_ROW;
  h.entryFresh = objectTable;
  h.slotHigh = 1;
  h.spanTable = spanTable;
  h.spanCount = (maxBytes - heapBase) >> SPAN_SHIFT;
  const kernel = changetype<Domain>(DOMAINS);
  kernel.state = STATE_RUNNING;
  kernel.maxBytes = 0xffffffff;
  kernel.maxObjects = 0xffffffff;
  kernel.id = KERNEL_ID;
  h.magic = MAGIC;
  return STATUS_OK;
}
