/**
 * Numbers of the specification that commands and completions carry: opcodes, features, log pages, status codes.
 * Source: [NVME-1.4] sections 4.6.1 (status), 5 (admin commands), 6 (NVM commands).
 */

export const SQE_BYTES = 64;
export const CQE_BYTES = 16;

export const ADMIN = {
  deleteSq: 0x00,
  createSq: 0x01,
  getLogPage: 0x02,
  deleteCq: 0x04,
  createCq: 0x05,
  identify: 0x06,
  abort: 0x08,
  setFeatures: 0x09,
  getFeatures: 0x0a,
  asyncEvent: 0x0c,
  format: 0x80,
} as const;

export const IO = {
  flush: 0x00,
  write: 0x01,
  read: 0x02,
  writeUncorrectable: 0x04,
  compare: 0x05,
  writeZeroes: 0x08,
  dataset: 0x09,
  verify: 0x0c,
} as const;

/** Bits 1:0 of a command's flags. */
export const FUSE = { none: 0, first: 1, second: 2 } as const;

export const CNS = { namespace: 0, controller: 1, activeNamespaces: 2, descriptors: 3 } as const;

export const FEATURE = {
  arbitration: 0x01,
  power: 0x02,
  temperature: 0x04,
  errorRecovery: 0x05,
  writeCache: 0x06,
  queues: 0x07,
  coalescing: 0x08,
  vector: 0x09,
  atomicity: 0x0a,
  asyncEvents: 0x0b,
} as const;

export const LOG = { errors: 0x01, health: 0x02, firmware: 0x03, changedNamespaces: 0x04, effects: 0x05 } as const;

export const ALL_NAMESPACES = 0xffff_ffff;

/** Status code type << 8 | status code, as in the low 11 bits of a completion's status field. */
export const STATUS = {
  success: 0x000,
  invalidOpcode: 0x001,
  invalidField: 0x002,
  idConflict: 0x003,
  dataTransfer: 0x004,
  powerLoss: 0x005,
  internal: 0x006,
  abortRequested: 0x007,
  sqDeleted: 0x008,
  failedFused: 0x009,
  missingFused: 0x00a,
  invalidNamespace: 0x00b,
  sequence: 0x00c,
  sglSegment: 0x00d,
  sglCount: 0x00e,
  sglDataLength: 0x00f,
  sglMetadataLength: 0x010,
  sglType: 0x011,
  prpOffset: 0x013,
  lbaRange: 0x080,
  namespaceNotReady: 0x082,
  formatInProgress: 0x084,
  cqInvalid: 0x100,
  qidInvalid: 0x101,
  queueSize: 0x102,
  abortLimit: 0x103,
  eventLimit: 0x105,
  vectorInvalid: 0x108,
  logInvalid: 0x109,
  formatInvalid: 0x10a,
  queueDeletion: 0x10c,
  notSaveable: 0x10d,
  notChangeable: 0x10e,
  notNamespaceSpecific: 0x10f,
  writeFault: 0x280,
  readError: 0x281,
  compareFailure: 0x285,
} as const;

/** Not statuses of the specification. The command stays with the controller and completes later, or never. */
export const PENDING = -1;
/** The store works on it, and `Engine.settle` ends it. */
export const BUSY = -2;

const DO_NOT_RETRY = 0x4000;

/** The 15-bit status field. What would fail the same way again says so; what the medium or an abort caused may be retried. */
export function statusField(status: number): number {
  switch (status) {
    case STATUS.success:
    case STATUS.powerLoss:
    case STATUS.internal:
    case STATUS.abortRequested:
    case STATUS.sqDeleted:
    case STATUS.failedFused:
    case STATUS.namespaceNotReady:
    case STATUS.formatInProgress:
    case STATUS.writeFault:
    case STATUS.readError:
      return status;
    default:
      return status | DO_NOT_RETRY;
  }
}
