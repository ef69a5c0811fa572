/**
 * The two threads of the driver. One waits for the controller's pin and takes what has ended. The other one looks from time to time as long as
 * something is in flight: an interrupt may be lost, a command may be late, and nobody polls.
 * Started by index.ts. A thread may give way at any loop, so all that a call or the other thread could meet half done is done under `isAtWork`.
 */
import { PANIC_ASSERTION, panic } from "sumac/abort";
import * as threads from "sumac/thread";
import { ioChannel, ioQueues } from "./controller";
import { attendEvents } from "./events";
import { collect } from "./exchange";
import { irq } from "./gen/irq";
import { workDone } from "./patience";

/** Messages would need the function's configuration space. */
const PIN: u32 = 0;
const WATCH_MICROS: u32 = 250_000;
const WORK_MICROS: u64 = 1000;
const FIRST: u32 = 0;

/** A thread works on queues and controller; whoever calls in the middle of that calls again when it is done. */
export let isAtWork: bool = false;
let watcher: threads.Thread | null = null;
let isWatching: bool = false;

export function startThreads(): void {
  const served = threads.create<u32>(serve, PIN, "interrupts", FIRST);
  watcher = threads.create<u32>(watch, 0, "watch", FIRST);
  if (served === null || watcher === null) panic(PANIC_ASSERTION, "the driver needs two threads: limits.threads");
}

/** Something stays in flight after a call. */
export function rouse(): void {
  if (isWatching) return;
  isWatching = true;
  threads.unpark(watcher!);
}

function serve(pin: u32): i32 {
  while (irq.wait(pin) != 0) look(false);
  return 0;
}

function watch(_: u32): i32 {
  while (true) {
    while (isWatching) {
      // Parked and not asleep: whoever knows better unparks it before its time.
      threads.park(WATCH_MICROS);
      look(true);
    }
    threads.park();
  }
}

/** Takes what has ended on any queue, and what the controller says by itself. @param isCareful also looks for what should have ended */
function look(isCareful: bool): void {
  while (isAtWork) threads.sleep(WORK_MICROS);
  isAtWork = true;
  let isIdle = true;
  for (let queue: u32 = 0; queue < ioQueues; queue++) {
    collect(queue);
    if (isCareful) {
      ioChannel(queue).watch();
      collect(queue);
    }
    if (!ioChannel(queue).isIdle) isIdle = false;
  }
  attendEvents();
  if (isCareful && isIdle) isWatching = false;
  isAtWork = false;
  workDone();
}
