/**
 * The memory of one ring of descriptors, and where its registers are.
 * Used by the two queues. Source: [82599] sections 7.1.8, 7.2.3.3.
 *
 *   the object `ring`    ├─ slack ─┤ descriptor 0 │ descriptor 1 │ … │ descriptor 511 ├─ slack ─┤
 *                        base      a multiple of 128
 */
import { PANIC_DEVICE, panic } from "sumac/abort";
import { load32, store32 } from "sumac/guard";
import { clock } from "./gen/clock";
import { mmio } from "./gen/mmio";
import { Ring as Memory } from "./gen/structures";
import { checkPresent, ENABLE, Ring } from "./registers";

/** Pairs of rings. */
export const QUEUES: u32 = 4;
/** Descriptors; a power of two. One is never used, so that full and empty differ. */
export const ENTRIES: u32 = 512;
const DESCRIPTOR_BYTES: u32 = 16;
const ALIGNMENT: u32 = 128;
/** Far beyond what enabling a ring takes. */
const SWITCH_MICROS: u64 = 10_000;

/** Makes a ring; it is the card's to read and write for as long as the driver lives. Returns where it begins. */
export function createRing(): u32 {
  return (Memory.create().base + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}

/** Zeroes all descriptors: none is done. */
export function clearRing(startOff: u32): void {
  for (let at: u32 = 0; at < ENTRIES * DESCRIPTOR_BYTES; at += 4) store32(startOff + at, 0);
}

export function descriptor(startOff: u32, index: u32): u32 {
  return startOff + index * DESCRIPTOR_BYTES;
}

export function next(index: u32): u32 {
  return (index + 1) & (ENTRIES - 1);
}

/** Base, length, head and tail, in this order; the ring must be off. */
export function programRing(registers: u32, startOff: u32): void {
  mmio.write32(registers + Ring.BASE_LOW, startOff);
  mmio.write32(registers + Ring.BASE_HIGH, 0);
  mmio.write32(registers + Ring.LENGTH, ENTRIES * DESCRIPTOR_BYTES);
  mmio.write32(registers + Ring.HEAD, 0);
  mmio.write32(registers + Ring.TAIL, 0);
}

/** Sets RXDCTL or TXDCTL, and waits until the card has taken the change of its ENABLE bit. */
export function switchRing(registers: u32, control: u32): void {
  mmio.write32(registers + Ring.CONTROL, control);
  const deadline = clock.nowMicros() + SWITCH_MICROS;
  while ((mmio.read32(registers + Ring.CONTROL) & ENABLE) != (control & ENABLE)) {
    checkPresent();
    if (clock.nowMicros() > deadline) panic(PANIC_DEVICE, "the card does not switch a ring on or off");
  }
}

/** HOT: whether the card has done with a descriptor, and what it says: DD is bit 0 of this word in both write-backs. */
export function statusOf(descriptorOff: u32, at: u32): u32 {
  return load32(descriptorOff + at);
}
