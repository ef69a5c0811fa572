/**
 * Memory pages as the controller sees them, and where the queues lie in theirs.
 * Used by controller.ts and prp.ts. Objects of the shared heap start at any multiple of 64 bytes, so a block of 4096 bytes
 * normally lies in two pages; queues must start at a page (sections 3.1.9, 5.3, 5.4), so theirs is searched inside a larger object.
 *
 *   the object `queues`   ├ slack ┤ admin SQ │ admin CQ │ I/O SQ 1 │ I/O CQ 1 │ … │ log ├ slack ┤
 *                         base    page       +4096      +8192      +12288            the last page
 */
import { fill } from "sumac/guard";
import { Queues } from "./gen/structures";

/** CC.MPS = 0. */
export const PAGE_BYTES: u32 = 4096;

/** Never dropped: the controller may use it until the grant has stopped it. */
let firstOff: u32 = 0;
let logOff: u32 = 0;

/** Fresh memory is zero, which is what a completion queue must be: phase 0 is "not yet" in the first lap (section 4.6). */
export function createQueuePages(pairs: u32): void {
  firstOff = (Queues.create((2 * pairs + 2) * PAGE_BYTES).base + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
  logOff = firstOff + 2 * pairs * PAGE_BYTES;
}

/** As they were when they were made; the controller must be disabled. */
export function clearQueuePages(pairs: u32): void {
  fill(firstOff, 0, 2 * pairs * PAGE_BYTES);
}

/** @param id the queue pair's, 0 for the admin queues */
export function submissionPage(id: u32): u32 {
  return firstOff + 2 * id * PAGE_BYTES;
}

export function completionPage(id: u32): u32 {
  return submissionPage(id) + PAGE_BYTES;
}

/** What events.ts has the controller write at any time after the start. */
export function logPage(): u32 {
  return logOff;
}

/** Bytes from an address to the end of its page. */
export function bytesToPageEnd(address: u32): u32 {
  return PAGE_BYTES - (address & (PAGE_BYTES - 1));
}
