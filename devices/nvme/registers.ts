/**
 * The controller's registers as declared by the specification, and the names of their bits.
 * The controller compiles the table, the README is printed from it, and a driver's author may read it as a map.
 * Source: [NVME-1.4] section 3.1. Bit positions count from 0.
 */
import { compileWords, type Register } from "../register-table.ts";

export const REG = {
  cap: 0x00,
  vs: 0x08,
  intms: 0x0c,
  intmc: 0x10,
  cc: 0x14,
  csts: 0x1c,
  nssr: 0x20,
  aqa: 0x24,
  asq: 0x28,
  acq: 0x30,
  cmbloc: 0x38,
  cmbsz: 0x3c,
} as const;

/** Submission queue y's tail at DOORBELLS + 8 y, completion queue y's head 4 bytes further (CAP.DSTRD is 0). */
export const DOORBELLS = 0x1000;
/** The register window: registers, doorbells, MSI-X. */
export const WINDOW_BYTES = 0x4000;

/** Time within which CSTS.RDY follows CC.EN, in units of 500 ms. This model needs none. */
const TIMEOUT_UNITS = 2n;
export const MAX_QUEUE_ENTRIES = 4096;
/** Largest supported CC.MPS: pages of 4 KiB << n. */
export const LARGEST_PAGE = 4;

/** The MSI-X table and its pending bits in the window. */
export const MSIX_TABLE = 0x2000;
export const MSIX_PENDING = 0x3000;

/** Queues must be contiguous (CQR), weighted round robin (AMS), subsystem reset, the NVM command set only, pages from 4 KiB, no memory buffers. */
const CAP_RESET =
  BigInt(MAX_QUEUE_ENTRIES - 1) | (3n << 16n) | (TIMEOUT_UNITS << 24n) | (1n << 36n) | (1n << 37n) | (BigInt(LARGEST_PAGE) << 52n);

export const VERSION = 0x0001_0400;

export const CC = {
  enable: 1,
  cssShift: 4,
  mpsShift: 7,
  amsShift: 11,
  shutdownShift: 14,
  sqEntryShift: 16,
  cqEntryShift: 20,
  /** CSS, MPS and AMS: fixed while EN is 1. */
  fixedWhileEnabled: 0x3ff0,
  defined: 0x00ff_fff1,
} as const;

export const CSTS = { ready: 1, fatal: 2, shutdownMask: 0xc, shutdownBusy: 4, shutdownDone: 8, subsystemReset: 0x10 } as const;

/** CC.AMS. */
export const ARBITRATION = { roundRobin: 0, weighted: 1 } as const;

/** Written to NSSR: "NVMe". */
export const SUBSYSTEM_RESET = 0x4e56_4d65;

export const SHUTDOWN = { none: 0, normal: 1, abrupt: 2 } as const;

export const NVME_REGISTERS: readonly Register[] = [
  row(REG.cap, 8, "CAP", "ro", CAP_RESET, "capabilities", "3.1.1"),
  row(REG.vs, 4, "VS", "ro", VERSION, "version of the specification: 1.4", "3.1.2"),
  row(REG.intms, 4, "INTMS", "w1s", 0, "interrupt mask set; reads the mask", "3.1.3"),
  row(REG.intmc, 4, "INTMC", "w1c", 0, "interrupt mask clear; reads the mask", "3.1.4"),
  row(REG.cc, 4, "CC", "rw", 0, "configuration: EN, CSS, MPS, AMS, SHN, IOSQES, IOCQES", "3.1.5"),
  row(REG.csts, 4, "CSTS", "w1c", 0, "status: RDY, CFS, SHST, NSSRO; a written 1 clears NSSRO, nothing else", "3.1.6"),
  row(REG.nssr, 4, "NSSR", "wo", 0, "4E564D65h resets the subsystem", "3.1.7"),
  row(REG.aqa, 4, "AQA", "rw", 0, "admin queue sizes, each less one", "3.1.8"),
  row(REG.asq, 8, "ASQ", "rw", 0, "admin submission queue, page aligned", "3.1.9"),
  row(REG.acq, 8, "ACQ", "rw", 0, "admin completion queue, page aligned", "3.1.10"),
  row(REG.cmbloc, 4, "CMBLOC", "ro", 0, "controller memory buffer: none", "3.1.11"),
  row(REG.cmbsz, 4, "CMBSZ", "ro", 0, "controller memory buffer: none", "3.1.12"),
];

export const COMPILED: ReturnType<typeof compileWords> = compileWords(NVME_REGISTERS);

function row(
  offset: number,
  width: 4 | 8,
  name: string,
  access: Register["access"],
  reset: number | bigint,
  meaning: string,
  section: string,
): Register {
  return { offset, width, name, access, reset, meaning, section };
}
