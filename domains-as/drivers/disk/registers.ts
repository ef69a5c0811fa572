/**
 * The disk's registers and codes, in the driver's words. Sources: devices/disk/README.md; a test compares the two.
 */

/** Byte offsets into the register window. */
export namespace Reg {
  export const MAGIC: u32 = 0x00;
  export const BLOCK_BYTES: u32 = 0x08;
  export const CAPACITY_LOW: u32 = 0x0c;
  export const CAPACITY_HIGH: u32 = 0x10;
  export const CONTROL: u32 = 0x14;
  export const STATE: u32 = 0x18;
  export const DOORBELL: u32 = 0x20;
  export const COMPLETION: u32 = 0x24;
}

/** "SDSK". */
export const MAGIC: u32 = 0x4b534453;

export const CONTROL_ENABLE: u32 = 1;
export const CONTROL_RESET: u32 = 2;
export const STATE_ENABLED: u32 = 1;

export namespace Opcode {
  export const READ: u32 = 1;
  export const WRITE: u32 = 2;
  export const FLUSH: u32 = 3;
}

export namespace Status {
  export const SUCCESS: u32 = 1;
  export const BAD_LBA: u32 = 4;
}

/** The id in COMPLETION when the device could not read a descriptor. */
export const COMMAND_UNKNOWN: u32 = 0xffff;
