/**
 * How often the card may interrupt: as often as it wants to, unless it interrupts often and each time for several frames. Then it is held back a
 * little, so that more come at once; who is asked and answers, frame by frame, is not, however fast. A queue that is busy all the time is polled
 * and interrupts nobody: waiting.ts. Called by threads.ts. Source: [82599] section 7.3.2, register 8.2.3.5.12 (EITR).
 */
import { clock } from "./gen/clock";
import { mmio } from "./gen/mmio";
import { packetsReceived } from "./net";
import { Reg } from "./registers";

/** Interrupts that are measured together. */
const GROUP: u32 = 64;
/** More than 20 000 a second, with four packets or more each, are held to 10 000, until there are fewer than 5000, or two packets each. */
const BUSY_MICROS: u64 = GROUP * 50;
const BUSY_PACKETS: u32 = GROUP * 4;
const CALM_MICROS: u64 = GROUP * 200;
const CALM_PACKETS: u32 = GROUP * 2;
/** EITR counts in bits 11:3, in units of 2.048 µs. */
const INTERVAL: u32 = (100_000 / 2048) << 3;

let count: u32 = 0;
let groupMicros: u64 = 0;
let groupPackets: u32 = 0;
let isThrottled: bool = false;

/** HOT: each interrupt. */
export function interruptSeen(): void {
  if (++count < GROUP) return;
  count = 0;
  const now = clock.nowMicros();
  const took = now - groupMicros;
  const packets = packetsReceived - groupPackets;
  groupMicros = now;
  groupPackets = packetsReceived;
  const isBusy = isThrottled ? took < CALM_MICROS && packets >= CALM_PACKETS : took < BUSY_MICROS && packets >= BUSY_PACKETS;
  if (isBusy == isThrottled) return;
  isThrottled = isBusy;
  mmio.write32(Reg.EITR, isBusy ? INTERVAL : 0);
}
