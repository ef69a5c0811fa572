/**
 * What the card counted, added up. Its counters are cleared by reading and would stand still when full, so they are read whenever
 * somebody asks. Used by card.ts and net.ts. Source: [82599] section 8.2.3.23.
 */

import { mmio } from "./gen/mmio";
import { Counters } from "./gen/net";

namespace Count {
  export const CRC_ERRORS: u32 = 0x04000;
  export const LENGTH_ERRORS: u32 = 0x04040;
  export const UNDERSIZE: u32 = 0x040a4;
  export const OVERSIZE: u32 = 0x040ac;
  /** Missed for want of room in the packet buffer. */
  export const MISSED: u32 = 0x03fa0;
  export const RECEIVED: u32 = 0x04074;
  export const RECEIVED_BYTES: u32 = 0x04088;
  export const SENT: u32 = 0x04080;
  export const SENT_BYTES: u32 = 0x04090;
  /** Dropped for want of descriptors, by set; RQSMR is zero, so all queues count in set 0. */
  export const QUEUE_DROPS: u32 = 0x01430;
}
/** Byte counters include it. */
const CRC_BYTES: u64 = 4;

let received: u64 = 0;
let receivedBytes: u64 = 0;
let sent: u64 = 0;
let sentBytes: u64 = 0;
let missed: u64 = 0;
let damaged: u64 = 0;

/** What the card counted before it was set up is forgotten (section 4.6.5). */
export function clearCounters(): void {
  read();
  received = receivedBytes = sent = sentBytes = missed = damaged = 0;
}

export function countersNow(): Counters {
  read();
  return Counters.of(received, receivedBytes, sent, sentBytes, missed, damaged, 0);
}

function read(): void {
  const framesIn = <u64>mmio.read32(Count.RECEIVED);
  const framesOut = <u64>mmio.read32(Count.SENT);
  received += framesIn;
  receivedBytes += read64(Count.RECEIVED_BYTES) - CRC_BYTES * framesIn;
  sent += framesOut;
  sentBytes += read64(Count.SENT_BYTES) - CRC_BYTES * framesOut;
  missed += mmio.read32(Count.MISSED) + <u64>mmio.read32(Count.QUEUE_DROPS);
  damaged += mmio.read32(Count.CRC_ERRORS) + <u64>mmio.read32(Count.LENGTH_ERRORS);
  damaged += mmio.read32(Count.UNDERSIZE) + <u64>mmio.read32(Count.OVERSIZE);
}

/** The low half first: reading the high one clears both. */
function read64(offset: u32): u64 {
  const low = <u64>mmio.read32(offset);
  return low | ((<u64>mmio.read32(offset + 4)) << 32);
}
