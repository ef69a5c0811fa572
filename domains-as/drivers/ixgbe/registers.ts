/**
 * The card's registers, and the fields of them that the driver uses. Offsets are bytes into BAR 0.
 * Used by card.ts, rss.ts, counters.ts and the two queues. Source: [82599] chapter 8.
 */
import { PANIC_DEVICE, panic } from "sumac/abort";
import { mmio } from "./gen/mmio";

export namespace Reg {
  export const CTRL: u32 = 0x00000;
  export const STATUS: u32 = 0x00008;
  export const EICR: u32 = 0x00800;
  /** The interval of the pin. */
  export const EITR: u32 = 0x00820;
  /** Interrupt mask, set and clear; the second one to clear for vectors 32n and up. */
  export const EIMS: u32 = 0x00880;
  export const EIMC: u32 = 0x00888;
  export const GPIE: u32 = 0x00898;
  export const IVAR: u32 = 0x00900;
  export const EIMC_EX: u32 = 0x00ab0;
  /** Rings, 64 bytes apart. */
  export const RX_RING: u32 = 0x01000;
  export const TX_RING: u32 = 0x06000;
  export const RDRXCTL: u32 = 0x02f00;
  export const RXCTRL: u32 = 0x03000;
  export const HLREG0: u32 = 0x04240;
  export const MAXFRS: u32 = 0x04268;
  export const AUTOC: u32 = 0x042a0;
  export const LINKS: u32 = 0x042a4;
  export const DMATXCTL: u32 = 0x04a80;
  export const RXCSUM: u32 = 0x05000;
  export const FCTRL: u32 = 0x05080;
  export const MRQC: u32 = 0x05818;
  export const RETA: u32 = 0x05c00;
  export const RSSRK: u32 = 0x05c80;
  export const RAL: u32 = 0x0a200;
  export const RAH: u32 = 0x0a204;
  export const EEC: u32 = 0x10010;
}

/** Within the 64 bytes of a ring's registers; both kinds have these in the same places. */
export namespace Ring {
  export const BASE_LOW: u32 = 0x00;
  export const BASE_HIGH: u32 = 0x04;
  export const LENGTH: u32 = 0x08;
  export const HEAD: u32 = 0x10;
  /** SRRCTL, receive only. */
  export const SPLIT: u32 = 0x14;
  export const TAIL: u32 = 0x18;
  export const CONTROL: u32 = 0x28;
}
export const RING_STRIDE: u32 = 0x40;

/** CTRL: device and link reset. */
export const CTRL_RESET: u32 = (1 << 26) | (1 << 3);
export const EEC_AUTO_READ_DONE: u32 = 1 << 9;
export const RDRXCTL_CRC_STRIP: u32 = 1 << 1;
export const RDRXCTL_DMA_DONE: u32 = 1 << 3;
export const HLREG0_CRC_STRIP: u32 = 1 << 1;
export const HLREG0_JUMBO: u32 = 1 << 2;
export const HLREG0_PAD: u32 = 1 << 10;
export const AUTOC_RESTART: u32 = 1 << 12;
export const LINKS_UP: u32 = 1 << 30;
export const FCTRL_MULTICAST: u32 = 1 << 8;
export const FCTRL_BROADCAST: u32 = 1 << 10;
export const RXCSUM_HASH: u32 = 1 << 13;
export const ENABLE: u32 = 1 << 25;
export const RXDCTL_STRIP_VLAN: u32 = 1 << 30;
/** SRRCTL: buffers of 2 KiB, advanced descriptors with one buffer, frames without a descriptor are dropped. */
export const SRRCTL_ADVANCED: u32 = 2 | (1 << 25) | (1 << 28);

/** What a bus reads where no device answers. */
const NOBODY: u32 = 0xffffffff;

/** Ends the driver when the card has gone: a register that never reads as all ones. */
export function checkPresent(): void {
  if (mmio.read32(Reg.STATUS) == NOBODY) panic(PANIC_DEVICE, "the card is gone from the bus");
}
