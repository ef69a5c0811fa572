/**
 * Bringing the card up, in the order of [82599] section 4.6.3, and what is known about it afterwards.
 * The entry calls `start` once and `restart` in later generations; net.ts uses the queues.
 * What becomes of interrupts is said in waiting.ts; this file never waits for anything but the card's own setting up.
 */
import { PANIC_DEVICE, panic } from "sumac/abort";
import { clearCounters } from "./counters";
import { clock } from "./gen/clock";
import { mmio } from "./gen/mmio";
import { QUEUES } from "./memory";
import { ReceiveQueue } from "./receive-queue";
import {
  AUTOC_RESTART,
  CTRL_RESET,
  checkPresent,
  EEC_AUTO_READ_DONE,
  FCTRL_BROADCAST,
  FCTRL_MULTICAST,
  HLREG0_CRC_STRIP,
  HLREG0_JUMBO,
  HLREG0_PAD,
  LINKS_UP,
  RDRXCTL_CRC_STRIP,
  RDRXCTL_DMA_DONE,
  Reg,
  RXCSUM_HASH,
} from "./registers";
import { enableSpreading, spreadOver } from "./rss";
import { MOST_BYTES, TransmitQueue } from "./transmit-queue";
import { setUpInterrupts } from "./waiting";

const CRC_BYTES: u32 = 4;
/** Reset, autoload and DMA together take some 10 ms at the most (section 4.2.1.6.1). */
const RESET_MICROS: u64 = 100_000;
const VLAN_TYPE: u32 = 0x8100;

const receivers: StaticArray<ReceiveQueue> = new StaticArray<ReceiveQueue>(QUEUES);
const transmitters: StaticArray<TransmitQueue> = new StaticArray<TransmitQueue>(QUEUES);
/** A bit for each receive queue that is open. */
let served: u32 = 0;

export function start(): void {
  for (let i: u32 = 0; i < QUEUES; i++) {
    receivers[i] = new ReceiveQueue(i);
    transmitters[i] = new TransmitQueue(i);
  }
  restart();
}

/** Everything that was shared with the card died with the generation before, and the card has been reset. */
export function restart(): void {
  checkPresent();
  maskInterrupts(); // 1. section 4.6.3.1
  reset(); // 2. section 4.6.3.2, with the interrupts masked once more
  awaitReady(); // 3., 4. EEPROM autoload and DMA initialization, section 4.6.3
  setUpLink(); // 5. section 4.6.4
  clearCounters(); // 6. section 4.6.5
  setUpReceive(); // 7. section 4.6.7
  setUpTransmit(); // 8. section 4.6.8
  setUpInterrupts(); // 9. section 4.6.6
}

export function receiver(queue: u32): ReceiveQueue {
  return receivers[queue];
}

export function transmitter(queue: u32): TransmitQueue {
  return transmitters[queue];
}

/** The address that the card's EEPROM gives it: RAL(0), RAH(0) (section 8.2.3.7.9). */
export function stationAddress(): u64 {
  return <u64>mmio.read32(Reg.RAL) | ((<u64>(mmio.read32(Reg.RAH) & 0xffff)) << 32);
}

/** LINKS (section 8.2.3.22.20): megabits a second, 0 = no link. */
export function linkSpeed(): u32 {
  const links = mmio.read32(Reg.LINKS);
  if ((links & LINKS_UP) == 0) return 0;
  switch ((links >>> 28) & 3) {
    case 3:
      return 10_000;
    case 2:
      return 1_000;
    default:
      return 100;
  }
}

/** The queue takes frames from now on, and has its share of them. */
export function openReceiver(queue: u32): void {
  receivers[queue].open();
  served |= 1 << queue;
  spreadOver(served);
}

/** The others share its frames. */
export function closeReceiver(queue: u32): void {
  served &= ~(1 << queue);
  spreadOver(served);
  receivers[queue].close();
}

function maskInterrupts(): void {
  mmio.write32(Reg.EIMC, 0x7fffffff);
  mmio.write32(Reg.EIMC_EX, 0xffffffff);
  mmio.write32(Reg.EIMC_EX + 4, 0xffffffff);
  mmio.read32(Reg.EICR);
}

/** Link and device together; the bus's own "master disable" is not needed, since no ring runs when a grant begins. */
function reset(): void {
  mmio.write32(Reg.CTRL, mmio.read32(Reg.CTRL) | CTRL_RESET);
  await_(Reg.CTRL, CTRL_RESET, 0, "the card does not come out of reset");
  maskInterrupts();
}

/** The datasheet has software wait 10 ms for these; the card says when they are done. */
function awaitReady(): void {
  await_(Reg.EEC, EEC_AUTO_READ_DONE, EEC_AUTO_READ_DONE, "the card does not load its EEPROM");
  await_(Reg.RDRXCTL, RDRXCTL_DMA_DONE, RDRXCTL_DMA_DONE, "the card's DMA is not ready");
}

/** The mode that the EEPROM chose, negotiated anew. */
function setUpLink(): void {
  mmio.write32(Reg.AUTOC, mmio.read32(Reg.AUTOC) | AUTOC_RESTART);
}

function setUpReceive(): void {
  mmio.write32(Reg.RXCTRL, 0);
  mmio.write32(Reg.FCTRL, FCTRL_BROADCAST | FCTRL_MULTICAST);
  mmio.write32(Reg.HLREG0, mmio.read32(Reg.HLREG0) | HLREG0_CRC_STRIP | HLREG0_PAD | HLREG0_JUMBO);
  mmio.write32(Reg.MAXFRS, (MOST_BYTES + CRC_BYTES) << 16);
  mmio.write32(Reg.RDRXCTL, mmio.read32(Reg.RDRXCTL) | RDRXCTL_CRC_STRIP);
  // The hash takes the place of a fragment's checksum in descriptors; VLAN filters stay off, so every tag is received.
  mmio.write32(Reg.RXCSUM, RXCSUM_HASH);
  enableSpreading();
  served = 0;
  spreadOver(0);
  // Rings are enabled when they are first given buffers.
  for (let i: u32 = 0; i < QUEUES; i++) receivers[i].prepare();
  mmio.write32(Reg.RXCTRL, 1);
}

/** MTQC stays as reset leaves it: one packet buffer, no traffic classes. */
function setUpTransmit(): void {
  mmio.write32(Reg.DMATXCTL, 1 | (VLAN_TYPE << 16));
  for (let i: u32 = 0; i < QUEUES; i++) transmitters[i].open();
}

function await_(register: u32, mask: u32, wanted: u32, complaint: string): void {
  const deadline = clock.nowMicros() + RESET_MICROS;
  while (true) {
    // The clock is read first: a driver that did not run for a while must not take that for the card's delay.
    const isLate = clock.nowMicros() > deadline;
    if ((mmio.read32(register) & mask) == wanted) return;
    if (isLate) panic(PANIC_DEVICE, complaint);
  }
}
