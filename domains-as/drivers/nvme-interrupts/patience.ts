/**
 * What the driver does while nothing has ended, when it has interrupts: callers of batches wait where they are at home, and call again when enough
 * has ended; nobody waits in here. threads.ts takes what ends meanwhile. Calls of bdev and bulk still poll: their data may not outlive the call.
 * In place of the file of the same name in drivers/nvme.
 */
import { CallerQueue } from "sumac/caller-queue";
import { ioQueues } from "./controller";
import { isAtWork, rouse } from "./threads";

export const HAS_INTERRUPTS: bool = true;
const MOST_QUEUES: u32 = 4;

/** Those who wait for requests of one queue. */
@final
class Callers {
  readonly queue: CallerQueue = new CallerQueue();
  /** The least that any of them waits for. */
  wanted: u32 = u32.MAX_VALUE;
}

/** Who came while a thread was at work on the queues. */
const others: CallerQueue = new CallerQueue();
let areOthersWaiting: bool = false;
const callers: StaticArray<Callers> = new StaticArray<Callers>(MOST_QUEUES);
for (let i: u32 = 0; i < MOST_QUEUES; i++) callers[i] = new Callers();

export function admits(): bool {
  if (!isAtWork) return true;
  areOthersWaiting = true;
  return others.admit(false);
}

export function giveUp(queue: u32, atLeast: u32): void {
  const here = callersOf(queue);
  here.wanted = min(here.wanted, atLeast);
  rouse();
  here.queue.admit(false);
}

export function served(queue: u32, away: u32): void {
  callersOf(queue).queue.admit(true);
  if (away != 0) rouse();
}

export function ended(queue: u32, waiting: u32, away: u32): void {
  const here = callersOf(queue);
  if (waiting < here.wanted && away != 0) return;
  here.wanted = u32.MAX_VALUE;
  here.queue.wakeAll();
}

/** The threads are done with the queues. */
export function workDone(): void {
  if (!areOthersWaiting) return;
  areOthersWaiting = false;
  others.wakeAll();
}

function callersOf(queue: u32): Callers {
  return callers[queue % ioQueues];
}
