/**
 * What is checked before a command is performed or held: faults to meet, its id, its fusing, its fields, its pointers.
 * Called by the engine once for each command that it fetched. Moves no data. Source: [NVME-1.4] sections 4.2, 6.2.
 */
import type { Dma } from "../ports.ts";
import { FUSE, STATUS } from "./codes.ts";
import type { Command, CommandSet, IoSet } from "./command.ts";
import type { FaultSource } from "./faults.ts";
import type { PointerWalker } from "./pointers.ts";

export interface AdmissionParts {
  readonly admin: CommandSet;
  readonly io: IoSet;
  readonly walker: PointerWalker;
  faults(): FaultSource | undefined;
  nowMicros(): number;
  /** A command waits for that reading of the clock. */
  deadline(micros: number): void;
}

export class Admission {
  /** Fault port: the next I/O command is held for ever. */
  hangNext = false;
  readonly #parts: AdmissionParts;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  /** `accesses` counts register accesses so far. */
  meetFault(command: Command, accesses: number): void {
    if (this.hangNext && command.sq.id !== 0) {
      this.hangNext = false;
      command.hangs = true;
      command.deaf = true;
      return;
    }
    const fault = this.#parts.faults()?.next(command.sq.id, command.opcode, command.cid);
    command.fault = fault;
    if (fault?.kind === "stuck") {
      command.hangs = true;
      command.deaf = fault.deaf;
    } else if (fault?.kind === "slow") {
      command.slow = true;
      command.due = accesses + fault.accesses;
      command.dueMicros = this.#parts.nowMicros() + (fault.micros ?? 0);
      if (fault.micros !== undefined) this.#parts.deadline(command.dueMicros);
    }
  }

  // HOT: every command passes.
  admit(command: Command, pageBytes: number, dma: Dma): void {
    const { partner } = command;
    command.admission = this.#check(command, pageBytes, dma);
    if (partner === undefined) return;
    partner.admission = this.#check(partner, pageBytes, dma);
    if (command.admission === STATUS.success && partner.admission === STATUS.success) {
      command.admission = partner.admission = this.#parts.io.admitPair(command, partner);
    }
    // A pair takes effect as a whole or not at all.
    if (command.admission !== STATUS.success && partner.admission === STATUS.success) partner.admission = STATUS.failedFused;
    if (partner.admission !== STATUS.success && command.admission === STATUS.success) command.admission = STATUS.failedFused;
  }

  #check(command: Command, pageBytes: number, dma: Dma): number {
    const { sq, fault } = command;
    if (sq.held.size > 0 && sq.held.has(command.cid)) return STATUS.idConflict;
    if (command.fuse !== FUSE.none && sq.id !== 0 && command.partner === undefined && !command.paired) return STATUS.missingFused;
    if (fault?.kind === "status") return fault.status;
    const status = (sq.id === 0 ? this.#parts.admin : this.#parts.io).admit(command);
    if (status !== STATUS.success || command.dataBytes === 0) return status;
    return this.#parts.walker.walk(command, pageBytes, dma);
  }
}
