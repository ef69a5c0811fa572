/**
 * One command: the private copy of its submission queue entry and what the controller knows about it.
 * The entry is copied once, and only the copy is parsed, because its author may change it meanwhile from another CPU.
 * Source: [NVME-1.4] section 4.2.
 */
import { SQE_BYTES } from "./codes.ts";
import type { SubmissionQueue } from "./queues.ts";
import { Segments } from "./segments.ts";

export class Command {
  readonly entry: Uint8Array = new Uint8Array(SQE_BYTES);
  readonly #fields: DataView = new DataView(this.entry.buffer);
  readonly data: Segments;
  sq: SubmissionQueue;
  /** Bytes that the data pointer must cover, and which way they go; set when the command is admitted. */
  dataBytes = 0;
  toMemory = false;
  /** It makes the store flush, which costs far more than its bytes; set when the command is admitted. */
  flushes = false;
  /** Outcome of being admitted: not success = the command is not performed. */
  admission = 0;
  /** Dword 0 of the completion. */
  result = 0;
  /** The fault port took it: it never completes. */
  hangs = false;
  /** Count of register accesses at which it completes, when the mode is by accesses. */
  due = 0;

  constructor(sq: SubmissionQueue, maxSegments: number) {
    this.sq = sq;
    this.data = new Segments(maxSegments);
  }

  // HOT: one command object is used over and over.
  load(sq: SubmissionQueue, entry: Uint8Array): void {
    this.sq = sq;
    this.entry.set(entry);
    this.dataBytes = 0;
    this.toMemory = false;
    this.flushes = false;
    this.admission = 0;
    this.result = 0;
    this.hangs = false;
  }

  get opcode(): number {
    return this.entry[0] ?? 0;
  }

  /** Fused operation (bits 1:0) and PRP or SGL (bits 7:6); neither fusing nor SGLs are supported, so all must be 0. */
  get flags(): number {
    return this.entry[1] ?? 0;
  }

  get cid(): number {
    return this.#fields.getUint16(2, true);
  }

  get nsid(): number {
    return this.#fields.getUint32(4, true);
  }

  /** Dword `n` of the entry, 0..15. */
  dword(n: number): number {
    return this.#fields.getUint32(4 * n, true);
  }

  /** Dwords `n` and `n + 1` as one number: exact up to 2^53, and anything above that is out of every range and stays so. */
  qword(n: number): number {
    return this.#fields.getUint32(4 * n + 4, true) * 2 ** 32 + this.#fields.getUint32(4 * n, true);
  }
}

/** A command's dwords by name. */
export const DW = { prp1: 6, prp2: 8, cdw10: 10, cdw11: 11, cdw12: 12, cdw13: 13 } as const;

/** One set of opcodes. `admit` checks, and says which data the command needs; `perform` does the work. Both answer with a status. */
export interface CommandSet {
  admit(command: Command): number;
  perform(command: Command): number;
}
