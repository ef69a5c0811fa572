/**
 * How often the card may interrupt: as often as it wants to, until that is too often. Polling takes care of queues that are busy all the time; this
 * is for many queues, or users, of which each has a little to do. Called by threads.ts. Source: [82599] section 7.3.2, register 8.2.3.5.12 (EITR).
 */
import { clock } from "./gen/clock";
import { mmio } from "./gen/mmio";
import { Reg } from "./registers";

/** Interrupts that are measured together. */
const GROUP: u32 = 64;
/** More than 20 000 a second are held to 10 000, until there are fewer than 5000. */
const BUSY_MICROS: u64 = GROUP * 50;
const CALM_MICROS: u64 = GROUP * 200;
/** EITR counts in bits 11:3, in units of 2.048 µs. */
const INTERVAL: u32 = (100_000 / 2048) << 3;

let count: u32 = 0;
let groupMicros: u64 = 0;
let isThrottled: bool = false;

/** HOT: each interrupt. */
export function interruptSeen(): void {
  if (++count < GROUP) return;
  count = 0;
  const now = clock.nowMicros();
  const took = now - groupMicros;
  groupMicros = now;
  const isBusy = isThrottled ? took < CALM_MICROS : took < BUSY_MICROS;
  if (isBusy == isThrottled) return;
  isThrottled = isBusy;
  mmio.write32(Reg.EITR, isBusy ? INTERVAL : 0);
}
