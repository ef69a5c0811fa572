/**
 * The engine: fetches commands round robin over the submission queues, has them performed, posts completions.
 * Driven by doorbells and, in deferred mode, by `advance`. Owns everything in flight; `halt` cancels all of it, and after that
 * nothing is read or written until `run`. Queue memory that the bus refuses is fatal, as nothing could be reported any more.
 * Source: [NVME-1.4] sections 4.13.1 (round robin), 7.2.1 (command processing), 9.5 (fatal status).
 *
 *   doorbell ─▶ fetch (copy 64 bytes) ─▶ admit (check, walk PRPs) ─▶ perform ─▶ post      synchronous: all inside the doorbell write
 *                                                └─ pin, hold ─ … advance ─▶ perform ─▶ post, unpin                     deferred
 */
import type { Dma } from "../ports.ts";
import { CQE_BYTES, PENDING, SQE_BYTES, STATUS, statusField } from "./codes.ts";
import { Command, type CommandSet } from "./command.ts";
import type { Interrupts } from "./interrupts.ts";
import type { PrpWalker } from "./prp.ts";
import type { CompletionQueue, Queues, SubmissionQueue, Waiting } from "./queues.ts";

export interface EngineParts {
  readonly queues: Queues;
  readonly interrupts: Interrupts;
  readonly walker: PrpWalker;
  readonly admin: CommandSet;
  readonly io: CommandSet;
  readonly maxSegments: number;
  /** Commands are held after they were fetched. */
  readonly deferred: boolean;
  /** In deferred mode: after so many further register accesses a command completes; Infinity: only by `advance`. */
  readonly dueAfter: number;
  /** How many commands of one queue are fetched in a row. */
  burst(): number;
  /** Every completion, after it was posted. */
  completed(command: Command, status: number): void;
  /** Queue memory was refused. */
  fatal(): void;
}

/** Commands held at once; the rest waits in its queues. Each holds a private entry and a list of runs. */
const MAX_HELD = 1024;

/**
 * The most that one register access may set off, in bytes moved; what is left goes on with the next access. The driver's
 * budget cannot end it in between: a host's function has no safepoints.
 */
const WORK_PER_ACCESS: number = 64 << 20;
/** What a command and a flush count as beside the bytes they move. */
const COMMAND_WORK: number = 8 << 10;
const FLUSH_WORK: number = 2 << 20;

/** What the bus is before a grant and after it. */
const NO_BUS: Dma = { readable: () => undefined, writable: () => undefined, pin: () => false, unpin: () => {} };

export class Engine {
  pageBytes = 4096;
  /** Fault port: the next I/O command is held for ever. */
  hangNext = false;
  dma: Dma = NO_BUS;
  /** One access was not enough for what was rung: the next goes on. */
  behind = false;
  readonly #parts: EngineParts;
  /** Fetched and not completed, oldest first. */
  readonly #held: Command[] = [];
  readonly #spare: Command[] = [];
  readonly #completion: Uint8Array = new Uint8Array(CQE_BYTES);
  readonly #fields: DataView = new DataView(this.#completion.buffer);
  #running = false;
  #fetching = false;
  #working = false;
  #cursor = 0;
  #accesses = 0;
  /** What the access at work may still set off. */
  #left = 0;

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  get running(): boolean {
    return this.#running;
  }

  get inFlight(): number {
    return this.#held.length;
  }

  /** Whether some command in flight will complete by itself. */
  get unfinished(): boolean {
    return this.#held.some((command) => !command.hangs);
  }

  run(dma: Dma, pageBytes: number): void {
    this.dma = dma;
    this.pageBytes = pageBytes;
    this.#running = true;
    this.#fetching = true;
    this.#cursor = 0;
  }

  /** Commands in flight go on, but no further one is fetched. */
  drain(): void {
    this.#fetching = false;
  }

  /** Fetching goes on after `drain`. */
  resume(): void {
    this.#fetching = this.#running;
    this.ring();
  }

  /** Cancels everything in flight without an answer, and unpins it. */
  discard(): void {
    for (const command of this.#held.splice(0)) this.#drop(command);
  }

  /** Cancels everything and forgets the bus. */
  halt(): void {
    this.#running = false;
    this.#fetching = false;
    this.discard();
    this.dma = NO_BUS;
  }

  // HOT: one pass finds the rung queue, one more finds nothing left.
  /** Fetches what can be fetched. A doorbell rung from inside (by an interrupt) is seen by the loop already at work. */
  ring(): void {
    if (this.#working) return;
    this.#working = true;
    this.#left = WORK_PER_ACCESS;
    try {
      const { active } = this.#parts.queues;
      for (let idle = 0; this.#fetching && idle < active.length && this.#held.length < MAX_HELD && this.#left > 0; ) {
        if (this.#cursor >= active.length) this.#cursor = 0;
        const sq = active[this.#cursor++];
        idle = sq?.ready && this.#serve(sq) ? 0 : idle + 1;
      }
    } finally {
      this.#working = false;
      this.behind = this.#left <= 0;
    }
  }

  /** Completes up to so many held commands, oldest first; returns how many. */
  advance(steps: number): number {
    let done = 0;
    while (done < steps && this.#complete(this.#held.findIndex((command) => !command.hangs))) done++;
    if (done > 0) this.ring();
    return done;
  }

  /** One register access: completes the held commands that are due by counting, and goes on with what was rung before. */
  accessed(): void {
    const now = ++this.#accesses;
    let done = 0;
    this.#left = WORK_PER_ACCESS;
    while (this.#left > 0 && this.#complete(this.#held.findIndex((command) => !command.hangs && command.due <= now))) done++;
    if (done > 0 || this.behind) this.ring();
  }

  /** Asks for a verdict on each command in flight: a status ends it, `undefined` leaves it. Returns how many ended. */
  cancel(verdict: (command: Command) => number | undefined): number {
    let cancelled = 0;
    for (const command of this.#held.slice()) {
      const status = command.hangs ? undefined : verdict(command);
      if (status === undefined) continue;
      // An answer that the bus refuses is fatal and drops all the others.
      const at = this.#held.indexOf(command);
      if (at < 0) break;
      this.#held.splice(at, 1);
      this.#finish(command, status, this.dma);
      cancelled++;
    }
    return cancelled;
  }

  /** Drops what hangs on a queue that goes away. */
  dropHung(sq: SubmissionQueue): void {
    for (const command of this.#held.filter((held) => held.hangs && held.sq === sq)) {
      this.#held.splice(this.#held.indexOf(command), 1);
      this.#drop(command);
    }
  }

  count(verdict: (command: Command) => boolean): number {
    return this.#held.filter(verdict).length;
  }

  /** Fetches a burst from one queue; `false`: nothing more can happen here. */
  #serve(sq: SubmissionQueue): boolean {
    for (let left = this.#parts.burst(); left > 0 && this.#left > 0 && this.#fetching && this.#exists(sq) && sq.ready; left--) {
      const entry = this.dma.readable(sq.base + sq.head * SQE_BYTES, SQE_BYTES);
      if (entry === undefined) {
        this.#fail();
        return false;
      }
      const command = this.#spare.pop() ?? new Command(sq, this.#parts.maxSegments);
      command.load(sq, entry);
      sq.advance();
      sq.outstanding++;
      command.hangs = this.hangNext && sq.id !== 0;
      if (command.hangs) this.hangNext = false;
      command.admission = this.#admit(command);
      if (command.hangs || this.#parts.deferred) this.#hold(command);
      else this.#perform(command);
    }
    return true;
  }

  #admit(command: Command): number {
    if (this.#held.length > 0 && this.#held.some((held) => held.sq === command.sq && held.cid === command.cid)) return STATUS.idConflict;
    const status = this.#setOf(command).admit(command);
    if (status !== STATUS.success || command.dataBytes === 0) return status;
    return this.#parts.walker.walk(command, this.pageBytes, this.dma);
  }

  #hold(command: Command): void {
    const needsData = command.admission === STATUS.success && command.dataBytes > 0;
    if (needsData && !command.data.pin(this.dma)) command.admission = STATUS.dataTransfer;
    // A hanging command does not count against its queue: others go on.
    if (command.hangs) command.sq.outstanding--;
    command.due = this.#accesses + this.#parts.dueAfter;
    this.#held.push(command);
  }

  /** Performs and completes the held command at that index; `false` if there is none. */
  #complete(index: number): boolean {
    const [command] = index < 0 ? [] : this.#held.splice(index, 1);
    if (command === undefined) return false;
    this.#perform(command);
    return true;
  }

  // HOT: every command ends here.
  #perform(command: Command): void {
    const { dma } = this;
    this.#left -= COMMAND_WORK + command.dataBytes + (command.flushes ? FLUSH_WORK : 0);
    let status = command.admission;
    if (status === STATUS.success && command.dataBytes > 0 && !command.data.map(dma, command.toMemory)) status = STATUS.dataTransfer;
    if (status === STATUS.success) status = this.#setOf(command).perform(command);
    this.#finish(command, status, dma);
  }

  /** The data is let go before the host can see that the command is over, since it may free it then. */
  #finish(command: Command, status: number, dma: Dma): void {
    const { sq } = command;
    command.data.release(dma);
    sq.outstanding--;
    if (status !== PENDING) {
      this.post(sq, command.cid, status, command.result);
      this.#parts.completed(command, status);
    }
    this.#spare.push(command);
  }

  #drop(command: Command): void {
    command.data.release(this.dma);
    this.#spare.push(command);
  }

  /** A queue that a callback has deleted meanwhile, alone or with everything else, is neither read nor answered. */
  #exists(sq: SubmissionQueue): boolean {
    return this.#running && this.#parts.queues.submission[sq.id] === sq;
  }

  #setOf(command: Command): CommandSet {
    return command.sq.id === 0 ? this.#parts.admin : this.#parts.io;
  }

  // HOT: posts a completion, or keeps it until the host makes room.
  post(sq: SubmissionQueue, cid: number, status: number, result: number): void {
    if (!this.#exists(sq)) return;
    const { cq } = sq;
    if (cq.full || cq.waiting.length > 0) cq.waiting.push({ sqId: sq.id, sqHead: sq.head, cid, status, result });
    else this.#write(cq, sq.id, sq.head, cid, status, result);
  }

  /** The host has moved a completion queue's head: what waited for room is posted, and its submission queues go on. */
  freed(cq: CompletionQueue): void {
    this.#parts.interrupts.changed(cq);
    while (this.#running && !cq.full) {
      const next: Waiting | undefined = cq.waiting.shift();
      if (next === undefined) break;
      this.#write(cq, next.sqId, next.sqHead, next.cid, next.status, next.result);
    }
    this.ring();
  }

  #write(cq: CompletionQueue, sqId: number, sqHead: number, cid: number, status: number, result: number): void {
    const shared = this.dma.writable(cq.base + cq.tail * CQE_BYTES, CQE_BYTES);
    if (shared === undefined) {
      this.#fail();
      return;
    }
    const word = (statusField(status) << 1) | (cq.phase ^ 1);
    this.#fields.setUint32(0, result, true);
    this.#fields.setUint32(8, sqHead | (sqId << 16), true);
    this.#fields.setUint32(12, cid | (word << 16), true);
    // The whole entry with the old phase, then the phase: whoever sees it, sees the rest.
    shared.set(this.#completion);
    Atomics.store(shared, 14, (word & 0xfe) | cq.phase);
    cq.advance();
    this.#parts.interrupts.changed(cq);
  }

  #fail(): void {
    this.halt();
    this.#parts.fatal();
  }
}
