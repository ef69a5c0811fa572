/**
 * The device as the driver holds it: brought up once, then one command at a time.
 * Called by requests.ts and at init. A device that contradicts its specification ends the driver.
 */
import { PANIC_DEVICE, panic } from "sumac/abort";
import { mmio } from "./gen/mmio";
import { Descriptor } from "./gen/structures";
import { COMMAND_UNKNOWN, CONTROL_ENABLE, CONTROL_RESET, MAGIC, Reg, STATE_ENABLED } from "./registers";

/** In bytes; a block of the interface is a block of the device. */
export const BLOCK_BYTES: u32 = 4096;

/** Number of blocks. */
export let capacity: u64 = 0;

let lastCommand: u32 = 0;

/** Reset, identify, DMA on. */
export function start(): void {
  if (mmio.read32(Reg.MAGIC) != MAGIC) panic(PANIC_DEVICE, "the granted device is not a disk");
  if (mmio.read32(Reg.BLOCK_BYTES) != BLOCK_BYTES) panic(PANIC_DEVICE, "the disk's block size is not 4096");
  mmio.write32(Reg.CONTROL, CONTROL_RESET);
  capacity = ((<u64>mmio.read32(Reg.CAPACITY_HIGH)) << 32) | <u64>mmio.read32(Reg.CAPACITY_LOW);
  enable();
}

/** For a generation that begins with the memory of the first one after `start`: the disk has been reset, and is the same. */
export function restart(): void {
  if (mmio.read32(Reg.MAGIC) != MAGIC) panic(PANIC_DEVICE, "the granted device is not there any more");
  enable();
}

function enable(): void {
  mmio.write32(Reg.CONTROL, CONTROL_ENABLE);
  if ((mmio.read32(Reg.STATE) & STATE_ENABLED) == 0) panic(PANIC_DEVICE, "the disk does not enable its DMA");
}

/**
 * Has the device execute one command; returns its status.
 * The descriptor is a new object each time: when the heap refuses it, the driver ends.
 */
export function execute(opcode: u32, lba: u64, bufferOff: u32, bytes: u32): u32 {
  const command = nextCommand();
  const descriptor = Descriptor.create();
  descriptor.opcode = opcode;
  descriptor.command = command;
  descriptor.lba = lba;
  descriptor.buffer = bufferOff;
  descriptor.bytes = bytes;
  mmio.write32(Reg.DOORBELL, descriptor.base);
  const status = awaitCompletion(command);
  descriptor.drop();
  return status;
}

/** Polls without a limit: how long the device may take is the budget of the call, and the kernel watches that. */
function awaitCompletion(command: u32): u32 {
  while (true) {
    const completion = mmio.read32(Reg.COMPLETION);
    const id = completion >>> 16;
    if (id == command || id == COMMAND_UNKNOWN) return completion & 0xffff;
  }
}

/** 1..0xfffe in turn, so that no command is taken for the one before it. */
function nextCommand(): u32 {
  lastCommand = lastCommand + 1 < COMMAND_UNKNOWN ? lastCommand + 1 : 1;
  return lastCommand;
}
