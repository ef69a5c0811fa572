/**
 * Create and Delete I/O Completion Queue and Submission Queue, with the status of every wrong use.
 * Source: [NVME-1.4] sections 5.3 to 5.6.
 */
import { STATUS } from "./codes.ts";
import { type Command, DW } from "./command.ts";
import type { Engine } from "./engine.ts";
import type { Interrupts } from "./interrupts.ts";
import { CompletionQueue, type Queues, SubmissionQueue } from "./queues.ts";
import { CC, MAX_QUEUE_ENTRIES } from "./registers.ts";

/** log2 of the entry sizes that CC must announce before queues are created. */
const SQ_ENTRY_EXPONENT = 6;
const CQ_ENTRY_EXPONENT = 4;

const CONTIGUOUS = 1;
const INTERRUPTS_ENABLED = 2;

export class QueueCommands {
  readonly #queues: Queues;
  readonly #interrupts: Interrupts;
  readonly #engine: () => Engine;
  readonly #configuration: () => number;

  /** `configuration` reads CC. */
  constructor(queues: Queues, interrupts: Interrupts, engine: () => Engine, configuration: () => number) {
    this.#queues = queues;
    this.#interrupts = interrupts;
    this.#engine = engine;
    this.#configuration = configuration;
  }

  createCompletion(command: Command): number {
    const id = command.dword(DW.cdw10) & 0xffff;
    const dw11 = command.dword(DW.cdw11);
    if (!this.#isFree(id, this.#queues.completion)) return STATUS.qidInvalid;
    if (!this.#sizeIsGood(command, CC.cqEntryShift, CQ_ENTRY_EXPONENT)) return STATUS.queueSize;
    const vector = dw11 >>> 16;
    if (vector >= this.#interrupts.vectors) return STATUS.vectorInvalid;
    if ((dw11 & CONTIGUOUS) === 0) return STATUS.invalidField;
    if (!this.#baseIsGood(command)) return STATUS.prpOffset;
    const interrupts = (dw11 & INTERRUPTS_ENABLED) !== 0;
    this.#queues.addCompletion(new CompletionQueue(id, command.qword(DW.prp1), entriesOf(command), interrupts, vector));
    return STATUS.success;
  }

  createSubmission(command: Command): number {
    const id = command.dword(DW.cdw10) & 0xffff;
    const dw11 = command.dword(DW.cdw11);
    const cqId = dw11 >>> 16;
    if (!this.#isFree(id, this.#queues.submission)) return STATUS.qidInvalid;
    if (cqId === 0 || cqId > this.#queues.allowed) return STATUS.qidInvalid;
    const cq = this.#queues.completion[cqId];
    if (cq === undefined) return STATUS.cqInvalid;
    if (!this.#sizeIsGood(command, CC.sqEntryShift, SQ_ENTRY_EXPONENT)) return STATUS.queueSize;
    if ((dw11 & CONTIGUOUS) === 0) return STATUS.invalidField;
    if (!this.#baseIsGood(command)) return STATUS.prpOffset;
    this.#queues.addSubmission(new SubmissionQueue(id, command.qword(DW.prp1), entriesOf(command), cq, (dw11 >>> 1) & 3));
    return STATUS.success;
  }

  /** Commands in flight end as aborted; what was not fetched is gone with the queue. */
  deleteSubmission(command: Command): number {
    const id = command.dword(DW.cdw10) & 0xffff;
    const sq = id === 0 ? undefined : this.#queues.submission[id];
    if (sq === undefined) return STATUS.qidInvalid;
    const engine = this.#engine();
    engine.cancel((held) => (held.sq === sq ? STATUS.sqDeleted : undefined), true);
    engine.dropQueue(sq);
    if (this.#queues.submission[id] === sq) this.#queues.removeSubmission(sq);
    return STATUS.success;
  }

  deleteCompletion(command: Command): number {
    const id = command.dword(DW.cdw10) & 0xffff;
    const cq = id === 0 ? undefined : this.#queues.completion[id];
    if (cq === undefined) return STATUS.qidInvalid;
    if (cq.users > 0) return STATUS.queueDeletion;
    this.#queues.completion[id] = undefined;
    this.#interrupts.forget(cq);
    return STATUS.success;
  }

  #isFree(id: number, queues: readonly unknown[]): boolean {
    return id !== 0 && id <= this.#queues.allowed && queues[id] === undefined;
  }

  #sizeIsGood(command: Command, shift: number, exponent: number): boolean {
    const entries = entriesOf(command);
    return entries >= 2 && entries <= MAX_QUEUE_ENTRIES && ((this.#configuration() >>> shift) & 0xf) === exponent;
  }

  #baseIsGood(command: Command): boolean {
    return (command.dword(DW.prp1) & (this.#engine().pageBytes - 1)) === 0;
  }
}

function entriesOf(command: Command): number {
  return (command.dword(DW.cdw10) >>> 16) + 1;
}
