/**
 * The controller's registers, and the fields of them that the driver uses. Offsets are bytes into BAR 0.
 * Used by controller.ts, channel.ts, repair.ts and queue-pair.ts. Source: [NVME-1.4] section 3.1.
 *
 * The window is driven 32 bits at a time; 64-bit registers as two halves, low half first (section 3.1 allows it).
 */
import { PANIC_DEVICE, panic } from "sumac/abort";
import { mmio } from "./gen/mmio";

export namespace Reg {
  /** Capabilities, 64 bits (3.1.1). */
  export const CAP: u32 = 0x00;
  /** Interrupt mask set (3.1.3). */
  export const INTMS: u32 = 0x0c;
  /** Configuration (3.1.5). */
  export const CC: u32 = 0x14;
  /** Status (3.1.6). */
  export const CSTS: u32 = 0x1c;
  /** Admin queue sizes (3.1.8). */
  export const AQA: u32 = 0x24;
  /** Admin submission queue, 64 bits (3.1.9). */
  export const ASQ: u32 = 0x28;
  /** Admin completion queue, 64 bits (3.1.10). */
  export const ACQ: u32 = 0x30;
  /** The first doorbell (3.1.24). */
  export const DOORBELLS: u32 = 0x1000;
}

export const CC_ENABLE: u32 = 1;
/** Entry sizes as powers of two: 64 bytes (IOSQES, bits 19:16) and 16 bytes (IOCQES, bits 23:20). */
export const CC_ENTRY_SIZES: u32 = (6 << 16) | (4 << 20);

export const CSTS_READY: u32 = 1;
export const CSTS_FATAL: u32 = 2;
/** What a bus reads where no device answers. */
export const NOBODY: u32 = 0xffffffff;

/** Fields of CAP, taken from its two halves. */
export namespace Cap {
  /** MQES: most entries in an I/O queue. */
  export function mostEntries(low: u32): u32 {
    return (low & 0xffff) + 1;
  }

  /** TO: how long a change of CSTS.RDY may take, in microseconds. */
  export function readyMicros(low: u32): u64 {
    return <u64>(low >>> 24) * 500_000;
  }

  /** DSTRD: bytes from one doorbell to the next. */
  export function doorbellStride(high: u32): u32 {
    return 4 << (high & 0xf);
  }

  /** CSS bit 0: the NVM command set. */
  export function hasNvmCommands(high: u32): bool {
    return (high & (1 << 5)) != 0;
  }

  /** MPSMIN: the smallest memory page that the controller can be set to, as a power of two. */
  export function smallestPageShift(high: u32): u32 {
    return 12 + ((high >>> 16) & 0xf);
  }
}

export function write64(offset: u32, value: u64): void {
  mmio.write32(offset, <u32>value);
  mmio.write32(offset + 4, <u32>(value >> 32));
}

/** Why the controller will not answer any more (section 9.5), or null. One that is gone from the bus ends the driver. */
export function trouble(): string | null {
  const status = mmio.read32(Reg.CSTS);
  if (status == NOBODY) panic(PANIC_DEVICE, "the controller is gone from the bus");
  if ((status & CSTS_FATAL) != 0) return "the controller reports a fatal status (CSTS.CFS)";
  return (status & CSTS_READY) == 0 ? "the controller has left the ready state by itself" : null;
}
