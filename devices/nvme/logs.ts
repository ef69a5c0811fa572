/**
 * Log pages: the last errors, the health counters, the firmware slot.
 * Source: [NVME-1.4] section 5.14.
 */
import { ALL_NAMESPACES, LOG, STATUS, statusField } from "./codes.ts";
import { type Command, DW } from "./command.ts";
import { EVENT_TYPE, type Events } from "./events.ts";
import type { IoCounters } from "./io.ts";

/** LPA bit 2: lengths above 16 bits and offsets. */
export const LOG_ATTRIBUTES = 0b100;
export const LOG_ERRORS_KEPT = 16;
/** Revision in slot 1, padded to 8 characters. */
export const FIRMWARE = "1.0     ";

const ERROR_BYTES = 64;
const RETAIN = 0x8000;
/** "Data units" are thousands of 512 bytes. */
const DATA_UNIT = 512_000;
const KELVIN = 308;
const SIZES: Readonly<Record<number, number>> = {
  [LOG.errors]: LOG_ERRORS_KEPT * ERROR_BYTES,
  [LOG.health]: 512,
  [LOG.firmware]: 512,
};

export class Logs {
  readonly #events: Events;
  readonly #counters: IoCounters;
  readonly #maxBytes: number;
  readonly #nowMicros: () => number;
  /** Newest first. */
  readonly #errors: Uint8Array = new Uint8Array(LOG_ERRORS_KEPT * ERROR_BYTES);
  #errorCount = 0;

  constructor(events: Events, counters: IoCounters, maxBytes: number, nowMicros: () => number) {
    this.#events = events;
    this.#counters = counters;
    this.#maxBytes = maxBytes;
    this.#nowMicros = nowMicros;
  }

  /** A command completed with an error. */
  record(command: Command, status: number): void {
    this.#errorCount++;
    this.#errors.copyWithin(ERROR_BYTES, 0);
    const entry = new DataView(this.#errors.buffer, 0, ERROR_BYTES);
    this.#errors.fill(0, 0, ERROR_BYTES);
    entry.setBigUint64(0, BigInt(this.#errorCount), true);
    entry.setUint16(8, command.sq.id, true);
    entry.setUint16(10, command.cid, true);
    entry.setUint16(12, statusField(status) << 1, true);
    entry.setUint16(14, 0xffff, true); // no particular byte of the command is blamed
    entry.setBigUint64(16, BigInt(command.dword(DW.cdw10)) | (BigInt(command.dword(DW.cdw11)) << 32n), true);
    entry.setUint32(24, command.nsid, true);
  }

  /** The error log does not survive power-on. */
  clear(): void {
    this.#errors.fill(0);
    this.#errorCount = 0;
  }

  admit(command: Command): number {
    const { nsid } = command;
    const page = command.dword(DW.cdw10) & 0xff;
    const size = SIZES[page];
    if (size === undefined) return STATUS.logInvalid;
    if (nsid !== 0 && nsid !== ALL_NAMESPACES) return STATUS.invalidField;
    const dwords = (command.dword(DW.cdw10) >>> 16) + (command.dword(DW.cdw11) & 0xffff) * 0x1_0000 + 1;
    const offset = command.qword(DW.cdw12);
    if (4 * dwords > this.#maxBytes || offset % 4 !== 0 || offset >= size) return STATUS.invalidField;
    command.dataBytes = 4 * dwords;
    command.toMemory = true;
    return STATUS.success;
  }

  perform(command: Command): number {
    const dw10 = command.dword(DW.cdw10);
    const page = dw10 & 0xff;
    command.data.fill(page === LOG.errors ? this.#errors : page === LOG.health ? this.#health() : firmware(), command.qword(DW.cdw12));
    if ((dw10 & RETAIN) === 0 && page === LOG.errors) this.#events.acknowledge(EVENT_TYPE.error);
    return STATUS.success;
  }

  #health(): Uint8Array {
    const bytes = new Uint8Array(SIZES[LOG.health] ?? 0);
    const fields = new DataView(bytes.buffer);
    const { readBytes, writtenBytes, readCommands, writeCommands, mediaErrors } = this.#counters;
    fields.setUint16(1, KELVIN, true);
    bytes[3] = 100; // available spare, percent
    bytes[4] = 10; // and its threshold
    const numbers: readonly (readonly [number, number])[] = [
      [32, Math.ceil(readBytes / DATA_UNIT)],
      [48, Math.ceil(writtenBytes / DATA_UNIT)],
      [64, readCommands],
      [80, writeCommands],
      [128, Math.floor(this.#nowMicros() / 3_600_000_000)], // power-on hours
      [160, mediaErrors],
      [176, this.#errorCount],
    ];
    for (const [at, value] of numbers) fields.setBigUint64(at, BigInt(value), true);
    return bytes;
  }
}

function firmware(): Uint8Array {
  const bytes = new Uint8Array(SIZES[LOG.firmware] ?? 0);
  bytes[0] = 1; // slot 1 is active
  bytes.set(new TextEncoder().encode(FIRMWARE), 8);
  return bytes;
}
