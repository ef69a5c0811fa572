/**
 * One command: the private copy of its submission queue entry and what the controller knows about it.
 * The entry is copied once, and only the copy is parsed, because its author may change it meanwhile from another CPU.
 * Source: [NVME-1.4] section 4.2.
 */
import type { BUSY } from "./codes.ts";
import type { NvmeFault } from "./faults.ts";
import { ENTRY_WORDS } from "./fetcher.ts";
import type { Namespace } from "./namespace.ts";
import type { SubmissionQueue } from "./queues.ts";
import { Segments } from "./segments.ts";

export class Command {
  /** The entry, as words of the machine: it is little-endian, as everything that has a shared heap. */
  readonly #words: Uint32Array = new Uint32Array(ENTRY_WORDS);
  readonly data: Segments;
  sq: SubmissionQueue;
  /** Bytes that the data pointer must cover, and which way they go; set when the command is admitted. */
  dataBytes = 0;
  toMemory = false;
  /** What it costs beside the bytes that it moves between memory and store; set when the command is admitted. */
  work = 0;
  /** Set when a command that names one namespace is admitted. */
  namespace: Namespace | undefined = undefined;
  /** The Write of a fused pair, in its Compare; the two are performed as one. */
  partner: Command | undefined = undefined;
  /** It is the Write of a pair. */
  paired = false;
  /** Outcome of being admitted: not success = the command is not performed. */
  admission = 0;
  /** Dword 0 of the completion. */
  result = 0;
  fault: NvmeFault | undefined = undefined;
  /** Never completes by itself; `deaf`: not by Abort either. */
  hangs = false;
  deaf = false;
  /** The store works on it. A ticket is good for one begin: whoever comes with an older one comes too late. */
  busy = false;
  ticket = 0;
  /** Must wait for `due` and `dueMicros`, whoever asks. */
  slow = false;
  /** Count of register accesses at which it completes, when the mode is by accesses or it is slow. */
  due = 0;
  /** Reading of the clock before which it does not complete, when it is slow. */
  dueMicros = 0;
  /** Reading of the clock when it was fetched, for one that is timed; -1 for the others. */
  fetchedMicros = -1;

  constructor(sq: SubmissionQueue, maxSegments: number) {
    this.sq = sq;
    this.data = new Segments(maxSegments);
  }

  // HOT: one command object is used over and over.
  load(sq: SubmissionQueue, words: Uint32Array, from: number): void {
    this.sq = sq;
    for (let i = 0; i < ENTRY_WORDS; i++) this.#words[i] = words[from + i] ?? 0;
    this.dataBytes = 0;
    this.toMemory = false;
    this.work = 0;
    this.namespace = undefined;
    this.partner = undefined;
    this.paired = false;
    this.admission = 0;
    this.result = 0;
    this.fault = undefined;
    this.hangs = false;
    this.deaf = false;
    this.busy = false;
    this.slow = false;
    this.fetchedMicros = -1;
  }

  get opcode(): number {
    return (this.#words[0] ?? 0) & 0xff;
  }

  /** Fused operation (bits 1:0) and PRP or SGL (bits 7:6). */
  get flags(): number {
    return ((this.#words[0] ?? 0) >>> 8) & 0xff;
  }

  get fuse(): number {
    return this.flags & 3;
  }

  /** 0 = PRPs, 1 and 2 = an SGL. */
  get pointerKind(): number {
    return this.flags >>> 6;
  }

  get cid(): number {
    return (this.#words[0] ?? 0) >>> 16;
  }

  get nsid(): number {
    return this.#words[1] ?? 0;
  }

  /** Dword `n` of the entry, 0..15. */
  dword(n: number): number {
    return this.#words[n] ?? 0;
  }

  /** Dwords `n` and `n + 1` as one number: exact up to 2^53, and anything above that is out of every range and stays so. */
  qword(n: number): number {
    return (this.#words[n + 1] ?? 0) * 2 ** 32 + (this.#words[n] ?? 0);
  }
}

/** A command's dwords by name. */
export const DW = { metadata: 4, prp1: 6, prp2: 8, cdw10: 10, cdw11: 11, cdw12: 12, cdw13: 13, cdw14: 14, cdw15: 15 } as const;

/** One set of opcodes. `admit` checks, and says which data the command needs; `perform` does the work. Both answer with a status. */
export interface CommandSet {
  admit(command: Command): number;
  perform(command: Command): number;
}

/** The I/O commands: fused pairs, beside what every set does. */
export interface IoSet extends CommandSet {
  /** Checks that two admitted commands are a pair. */
  admitPair(first: Command, second: Command): number;
  /** Performs a pair as one: both outcomes, or one `BUSY` for both. */
  performPair(first: Command, second: Command): readonly [number, number] | typeof BUSY;
}
