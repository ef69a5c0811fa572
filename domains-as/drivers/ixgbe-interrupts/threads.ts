/**
 * The two threads of the driver. One waits for the card's pin and says what it heard. The other one looks from time to time as long as somebody
 * waits: an interrupt may be lost, and nobody polls. Started by index.ts.
 */
import { PANIC_ASSERTION, panic } from "sumac/abort";
import * as threads from "sumac/thread";
import { irq } from "./gen/irq";
import { mmio } from "./gen/mmio";
import { checkPresent, Reg } from "./registers";
import { interruptSeen } from "./throttle";
import { interrupted, watch } from "./waiting";

/** Messages would need the function's configuration space. */
const PIN: u32 = 0;
const WATCH_MICROS: u32 = 250_000;
const FIRST: u32 = 0;

let watcher: threads.Thread | null = null;
let isWatching: bool = false;

export function startThreads(): void {
  const served = threads.create<u32>(serve, PIN, "interrupts", FIRST);
  watcher = threads.create<u32>(keepWatch, 0, "watch", FIRST);
  if (served === null || watcher === null) panic(PANIC_ASSERTION, "the driver needs two threads: limits.threads");
}

/** Somebody waits. */
export function rouse(): void {
  if (isWatching) return;
  isWatching = true;
  threads.unpark(watcher!);
}

/** A read of EICR clears it, and lets the pin go (section 7.3.1.1). */
function serve(pin: u32): i32 {
  while (irq.wait(pin) != 0) {
    const causes = mmio.read32(Reg.EICR);
    checkPresent();
    interrupted(causes);
    interruptSeen();
  }
  return 0;
}

function keepWatch(_: u32): i32 {
  while (true) {
    while (isWatching) {
      threads.sleep(WATCH_MICROS);
      isWatching = watch();
    }
    threads.park();
  }
}
