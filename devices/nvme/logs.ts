/**
 * Get Log Page, and the error log with its entries.
 * Source: [NVME-1.4] section 5.14.
 */
import { ALL_NAMESPACES, LOG, STATUS, statusField } from "./codes.ts";
import { type Command, DW } from "./command.ts";
import { EVENT_TYPE, type Events } from "./events.ts";
import type { Features } from "./features.ts";
import type { Health } from "./health.ts";
import {
  CHANGED_BYTES,
  changedPage,
  EFFECTS_BYTES,
  effectsPage,
  FIRMWARE_BYTES,
  firmwarePage,
  HEALTH_BYTES,
  healthPage,
} from "./log-pages.ts";

/** LPA bit 1: the effects page; bit 2: lengths above 16 bits and offsets. */
export const LOG_ATTRIBUTES = 0b110;
export const LOG_ERRORS_KEPT = 64;

const ERROR_BYTES = 64;
const RETAIN = 0x8000;
/** No particular byte of the command is blamed; no command at all. */
const NOWHERE = 0xffff;

const SIZES: Readonly<Record<number, number>> = {
  [LOG.errors]: LOG_ERRORS_KEPT * ERROR_BYTES,
  [LOG.health]: HEALTH_BYTES,
  [LOG.firmware]: FIRMWARE_BYTES,
  [LOG.changedNamespaces]: CHANGED_BYTES,
  [LOG.effects]: EFFECTS_BYTES,
};

/** Which type of event reading a page acknowledges. */
const ACKNOWLEDGES: Readonly<Record<number, number>> = {
  [LOG.errors]: EVENT_TYPE.error,
  [LOG.health]: EVENT_TYPE.health,
  [LOG.changedNamespaces]: EVENT_TYPE.notice,
};

export interface LogParts {
  readonly events: Events;
  readonly health: Health;
  readonly features: Features;
  /** MDTS in bytes. */
  readonly maxBytes: number;
  nowMicros(): number;
}

export class Logs {
  readonly #parts: LogParts;
  /** Newest first. */
  readonly #errors: Uint8Array = new Uint8Array(LOG_ERRORS_KEPT * ERROR_BYTES);
  /** Namespaces that have changed since the page was read. */
  readonly #changed: Set<number> = new Set();

  constructor(parts: LogParts) {
    this.#parts = parts;
  }

  /** A command completed with an error. */
  record(command: Command, status: number): void {
    const entry = this.#newEntry(command.sq.id, command.cid, status);
    entry.setBigUint64(16, BigInt(command.dword(DW.cdw10)) | (BigInt(command.dword(DW.cdw11)) << 32n), true);
    entry.setUint32(24, command.nsid, true);
  }

  /** A doorbell of that queue was written wrongly: an error without a command. */
  recordDoorbell(queueId: number): void {
    this.#newEntry(queueId, NOWHERE, STATUS.invalidField);
  }

  namespaceChanged(id: number): void {
    this.#changed.add(id);
  }

  /** The error log does not survive power-on. */
  clear(): void {
    this.#errors.fill(0);
    this.#changed.clear();
  }

  admit(command: Command): number {
    const { nsid } = command;
    const size = SIZES[command.dword(DW.cdw10) & 0xff];
    if (size === undefined) return STATUS.logInvalid;
    if (nsid !== 0 && nsid !== ALL_NAMESPACES) return STATUS.invalidField;
    const dwords = (command.dword(DW.cdw10) >>> 16) + (command.dword(DW.cdw11) & 0xffff) * 0x1_0000 + 1;
    const offset = command.qword(DW.cdw12);
    if (4 * dwords > this.#parts.maxBytes || offset % 4 !== 0 || offset >= size) return STATUS.invalidField;
    command.dataBytes = 4 * dwords;
    command.toMemory = true;
    return STATUS.success;
  }

  perform(command: Command): number {
    const dw10 = command.dword(DW.cdw10);
    const page = dw10 & 0xff;
    command.data.fill(this.#page(page), command.qword(DW.cdw12));
    if ((dw10 & RETAIN) !== 0) return STATUS.success;
    if (page === LOG.changedNamespaces) this.#changed.clear();
    const type = ACKNOWLEDGES[page];
    if (type !== undefined) this.#parts.events.acknowledge(type);
    return STATUS.success;
  }

  #page(page: number): Uint8Array {
    const { health, features } = this.#parts;
    switch (page) {
      case LOG.errors:
        return this.#errors;
      case LOG.health:
        return healthPage(health, features, this.#parts.nowMicros());
      case LOG.firmware:
        return firmwarePage();
      case LOG.changedNamespaces:
        return changedPage(this.#changed);
      default:
        return effectsPage();
    }
  }

  #newEntry(sqId: number, cid: number, status: number): DataView {
    const { health } = this.#parts;
    health.errors++;
    this.#errors.copyWithin(ERROR_BYTES, 0);
    this.#errors.fill(0, 0, ERROR_BYTES);
    const entry = new DataView(this.#errors.buffer, 0, ERROR_BYTES);
    entry.setBigUint64(0, BigInt(health.errors), true);
    entry.setUint16(8, sqId, true);
    entry.setUint16(10, cid, true);
    entry.setUint16(12, statusField(status) << 1, true);
    entry.setUint16(14, NOWHERE, true);
    return entry;
  }
}
