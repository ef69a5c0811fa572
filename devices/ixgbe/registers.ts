/**
 * Where the registers are that the model gives a meaning to, and the names of their bits.
 * The whole map, with those that only keep what is written, is in the tables of map.ts.
 * Source: [82599] chapter 8. Offsets are bytes from the start of BAR 0; bit positions count from 0.
 */

export const WINDOW_BYTES = 0x20000;
export const WORDS: number = WINDOW_BYTES / 4;
export const QUEUES = 128;
/** Vectors that the interrupt allocation can name. */
export const VECTORS = 64;
/** Sets of statistics per queue. */
export const QUEUE_SETS = 16;
export const PACKET_BUFFERS = 8;

export const REG = {
  ctrl: 0x00000,
  status: 0x00008,
  ctrlExt: 0x00018,
  frtimer: 0x00048,
  eicr: 0x00800,
  eics: 0x00808,
  eitr: 0x00820,
  eims: 0x00880,
  eimc: 0x00888,
  eiac: 0x00810,
  eiam: 0x00890,
  gpie: 0x00898,
  ivar: 0x00900,
  ivarMisc: 0x00a00,
  eicsEx: 0x00a90,
  eimsEx: 0x00aa0,
  eimcEx: 0x00ab0,
  eiamEx: 0x00ad0,
  rxRing: 0x01000,
  rxRingHigh: 0x0d000,
  rqsmr: 0x02300,
  rdrxctl: 0x02f00,
  rxctrl: 0x03000,
  rtrup2tc: 0x03020,
  fcttv: 0x03200,
  fcrtl: 0x03220,
  fcrth: 0x03260,
  fcrtv: 0x032a0,
  rxpbsize: 0x03c00,
  fccfg: 0x03d00,
  hlreg0: 0x04240,
  msca: 0x0425c,
  msrwd: 0x04260,
  maxfrs: 0x04268,
  mflcn: 0x04294,
  autoc: 0x042a0,
  links: 0x042a4,
  autoc2: 0x042a8,
  anlp1: 0x042b0,
  dmatxctl: 0x04a80,
  dtxtcpflgl: 0x04a88,
  dtxtcpflgh: 0x04a8c,
  rxcsum: 0x05000,
  exvet: 0x05078,
  fctrl: 0x05080,
  vlnctrl: 0x05088,
  mcstctrl: 0x05090,
  etqf: 0x05128,
  mta: 0x05200,
  rssKey: 0x05c80,
  reta: 0x05c00,
  mrqc: 0x05818,
  txRing: 0x06000,
  tqsm: 0x08600,
  vfta: 0x0a000,
  ral: 0x0a200,
  saqf: 0x0e000,
  daqf: 0x0e200,
  sdpqf: 0x0e400,
  ftqf: 0x0e600,
  l34timir: 0x0e800,
  psrtype: 0x0ea00,
  etqs: 0x0ec00,
  synqf: 0x0ec30,
  fdirctrl: 0x0ee00,
  uta: 0x0f400,
  eec: 0x10010,
  eerd: 0x10014,
  swsm: 0x10140,
  fwsm: 0x10148,
  swFwSync: 0x10160,
  eitrHigh: 0x12300,
} as const;

/** Within the 64 bytes of a receive ring. */
export const RX = {
  baseLow: 0x00,
  baseHigh: 0x04,
  length: 0x08,
  dcaControl: 0x0c,
  head: 0x10,
  splitControl: 0x14,
  tail: 0x18,
  control: 0x28,
  rscControl: 0x2c,
} as const;

/** Within the 64 bytes of a transmit ring. */
export const TX = {
  baseLow: 0x00,
  baseHigh: 0x04,
  length: 0x08,
  dcaControl: 0x0c,
  head: 0x10,
  tail: 0x18,
  control: 0x28,
  headAddressLow: 0x38,
  headAddressHigh: 0x3c,
} as const;

/** RXDCTL and TXDCTL. */
export const DCTL = { enable: 0x200_0000, flush: 0x400_0000, stripVlan: 0x4000_0000 } as const;

export const SRRCTL = { dropEnable: 0x1000_0000 } as const;
/** SRRCTL.DESCTYPE. */
export const DESCRIPTORS = { legacy: 0, advanced: 1, split: 2, splitAlways: 5 } as const;

export const CTRL = { masterDisable: 0x4, linkReset: 0x8, reset: 0x400_0000 } as const;
export const STATUS = { linkUp: 0x80, masterEnabled: 0x8_0000 } as const;
export const CTRL_EXT = { extendedVlan: 0x400_0000 } as const;
export const RXCTRL_ENABLE = 1;
export const DMATXCTL_ENABLE = 1;

export const GPIE = { msix: 0x10, otherClearDisable: 0x20, immediate: 0x40, autoMask: 0x4000_0000 } as const;

/** Bits of EICR beside the 16 of the queues. */
export const CAUSE = {
  flowDirector: 0x1_0000,
  receiveMiss: 0x2_0000,
  pci: 0x4_0000,
  linkChange: 0x10_0000,
  descriptorError: 0x2000_0000,
  tcpTimer: 0x4000_0000,
} as const;

export const HLREG0 = { crcStrip: 0x2, jumbo: 0x4, pad: 0x400, loopback: 0x8000, lengthErrors: 0x0800_0000 } as const;
export const FCTRL = { storeBad: 0x2, allMulticast: 0x100, allUnicast: 0x200, broadcast: 0x400 } as const;
export const MFLCN = { passControl: 1, discardPause: 0x2, priorityPause: 0x4, pause: 0x8 } as const;
export const VLNCTRL = { cfi: 0x1000_0000, cfiEnable: 0x2000_0000, filter: 0x4000_0000 } as const;
export const MCSTCTRL = { offsetMask: 3, enable: 0x4 } as const;
export const RXCSUM = { ipPayload: 0x1000, hashNotSum: 0x2000 } as const;
export const AUTOC = { forceUp: 1, restart: 0x1000 } as const;
/** Negotiation has left its first state, which is where reset puts it. */
export const ANLP1_STARTED: number = 1 << 16;
export const LINKS = { upSinceRead: 0x80, speed10G: 0x3000_0000, up: 0x4000_0000 } as const;
export const MSCA_COMMAND: number = 1 << 30;
export const SWSM = { software: 1, firmware: 0x2 } as const;
export const EEC = { request: 0x40, grant: 0x80, present: 0x100, autoRead: 0x200, sizeShift: 11 } as const;
export const ADDRESS_VALID: number = 1 << 31;
