/**
 * What the driver does while nothing has ended: it polls, inside the call that waits. The variant in drivers/nvme-interrupts has another file of
 * this name, in which callers wait where they are at home and threads of the driver take completions.
 * Asked by nvme.ts, bdev.ts and bulk.ts at the beginning of each call, by exchange.ts and by controller.ts.
 */

/** Whether completions of the I/O queues raise interrupts, and batches do not wait in a call. */
export const HAS_INTERRUPTS: bool = false;

/** False: the driver is in the middle of something, and the present call is given up; it returns at once, with anything. */
export function admits(): bool {
  return true;
}

/** With interrupts: the present call ends here, and is made again when so many requests of the queue have ended. */
export function giveUp(queue: u32, atLeast: u32): void {}

/** The present call on that queue has what it wanted; so many requests are still in flight. */
export function served(queue: u32, away: u32): void {}

/** Requests of earlier calls have ended: so many wait to be fetched, so many are in flight. */
export function ended(queue: u32, waiting: u32, away: u32): void {}
