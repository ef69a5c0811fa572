/**
 * Memory pages as the controller sees them, and where the queues lie in theirs.
 * Used by controller.ts and prp.ts. Objects of the shared heap start at any multiple of 64 bytes, so a block of 4096 bytes
 * normally lies in two pages; queues must start at a page (sections 3.1.9, 5.3, 5.4), so theirs is searched inside a larger object.
 *
 *   the object `queues`       ├─ slack ─┤ admin SQ │ admin CQ │ I/O SQ │ I/O CQ ├─ slack ─┤
 *                             base      page       +4096      +8192    +12288
 */
import { Queues } from "./gen/structures";

/** CC.MPS = 0. */
export const PAGE_BYTES: u32 = 4096;

export namespace QueuePage {
  export const ADMIN_SUBMISSION: u32 = 0;
  export const ADMIN_COMPLETION: u32 = 1;
  export const IO_SUBMISSION: u32 = 2;
  export const IO_COMPLETION: u32 = 3;
}

/** Never dropped: the controller may use it until the grant has stopped it. */
let firstOff: u32 = 0;

/** Fresh memory is zero, which is what a completion queue must be: phase 0 is "not yet" in the first lap (section 4.6). */
export function createQueuePages(): void {
  firstOff = (Queues.create().base + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
}

/** @param index one of `QueuePage` */
export function queuePage(index: u32): u32 {
  return firstOff + index * PAGE_BYTES;
}

/** Bytes from an address to the end of its page. */
export function bytesToPageEnd(address: u32): u32 {
  return PAGE_BYTES - (address & (PAGE_BYTES - 1));
}
