/**
 * What the driver does while nothing has ended. By itself it polls, inside the call that waits. The variant in interrupts/ puts something else
 * here before the controller is started: callers wait where they are at home, and threads of the driver take completions.
 * Asked by nvme.ts, bdev.ts and bulk.ts at the beginning of each call, by exchange.ts and by controller.ts.
 */
export class Patience {
  /** Whether completions of the I/O queues raise interrupts. */
  get hasInterrupts(): bool {
    return false;
  }

  /** False: the driver is in the middle of something, and the present call is given up; it returns at once, with anything. */
  admits(): bool {
    return true;
  }

  /** True: the present call is given up until so many requests of the queue have ended. */
  givesUp(queue: u32, atLeast: u32): bool {
    return false;
  }

  /** The present call on that queue has what it wanted; so many requests are still in flight. */
  served(queue: u32, away: u32): void {}

  /** Requests of earlier calls have ended: so many wait to be fetched, so many are in flight. */
  ended(queue: u32, waiting: u32, away: u32): void {}
}

export let patience: Patience = new Patience();

/** Before the start. */
export function use(other: Patience): void {
  patience = other;
}
