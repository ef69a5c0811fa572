/**
 * What a driver of the disk must know: the register window, the command descriptor, opcodes and status codes.
 * The model is built from these tables, the README is printed from them, and a test compares the driver's own copy.
 */
import type { Register } from "../register-table.ts";

export const BLOCK_BYTES = 4096;
export const DESCRIPTOR_BYTES = 64;

/** "SDSK", little-endian. */
export const MAGIC = 0x4b534453;

export const REG = {
  magic: 0x00,
  version: 0x04,
  blockBytes: 0x08,
  capacityLow: 0x0c,
  capacityHigh: 0x10,
  control: 0x14,
  state: 0x18,
  doorbell: 0x20,
  completion: 0x24,
  dmaErrors: 0x30,
  commandErrors: 0x34,
  accessErrors: 0x38,
} as const;

export const CONTROL_ENABLE = 1;
export const CONTROL_RESET = 2;

export const STATE_ENABLED = 1;
/** A command was accepted and has not completed. */
export const STATE_BUSY = 2;

export const DISK_REGISTERS: readonly Register[] = [
  row(REG.magic, "MAGIC", "ro", MAGIC, '"SDSK": tells this device from an empty slot'),
  row(REG.version, "VERSION", "ro", 1, "version of this interface"),
  row(REG.blockBytes, "BLOCK_BYTES", "ro", BLOCK_BYTES, "bytes in a block"),
  row(REG.capacityLow, "CAPACITY_LOW", "ro", 0, "blocks on the disk, low word (set from the medium)"),
  row(REG.capacityHigh, "CAPACITY_HIGH", "ro", 0, "blocks on the disk, high word (set from the medium)"),
  row(REG.control, "CONTROL", "rw", 0, "bit 0 ENABLE: DMA on; 0 stops it · bit 1 RESET: as after power-on, reads back as 0"),
  row(REG.state, "STATE", "ro", 0, "bit 0 enabled · bit 1 busy"),
  row(REG.doorbell, "DOORBELL", "wo", 0, "address of a command descriptor: executes it"),
  row(REG.completion, "COMPLETION", "ro", 0, "last completed command: id << 16 \\| status; 0 since reset: none"),
  row(REG.dmaErrors, "DMA_ERRORS", "ro", 0, "transfers that the bus refused, since reset"),
  row(REG.commandErrors, "COMMAND_ERRORS", "ro", 0, "commands and doorbells that failed otherwise, since reset"),
  row(REG.accessErrors, "ACCESS_ERRORS", "ro", 0, "accesses to a hole, of the wrong width or against the access kind"),
];

/** Byte offsets of a command descriptor's fields. Little-endian; the rest of its 64 bytes is reserved and ignored. */
export const DESCRIPTOR = {
  opcode: 0,
  /** Chosen by the driver, 1..0xfffe; comes back in COMPLETION. */
  command: 4,
  lbaLow: 8,
  lbaHigh: 12,
  /** Address of the data; ignored by FLUSH. */
  buffer: 16,
  /** Bytes to transfer, a multiple of the block size and not 0; ignored by FLUSH. */
  bytes: 20,
  /** Written by the device before COMPLETION changes; a driver leaves 0 here. */
  status: 24,
} as const;

export const OPCODE = { read: 1, write: 2, flush: 3 } as const;

/** A fresh descriptor holds 0, so no outcome is 0. */
export const STATUS = {
  pending: 0,
  success: 1,
  badOpcode: 2,
  badCommandId: 3,
  badLba: 4,
  badLength: 5,
  dmaError: 6,
  mediaError: 7,
  misalignedDoorbell: 8,
  notEnabled: 9,
} as const;
export type DiskStatus = (typeof STATUS)[keyof typeof STATUS];

/** COMPLETION carries this id when no descriptor could be read, so that a driver does not wait for its own. */
export const COMMAND_UNKNOWN = 0xffff;

/** Largest transfer of one command; no shared object is larger. */
export const MAX_TRANSFER_BYTES = 0x100_0000;

function row(offset: number, name: string, access: Register["access"], reset: number, meaning: string): Register {
  return { offset, width: 4, name, access, reset, meaning };
}
