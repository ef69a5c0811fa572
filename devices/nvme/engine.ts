/**
 * The engine: fetches commands as the arbiter says, has them admitted and performed, and ends them.
 * Driven by doorbells, in deferred mode by `advance`, and by a store that works asynchronously. Owns everything in flight; `halt`
 * cancels all of it, and after that nothing is read or written until `run`.
 * Source: [NVME-1.4] sections 4.1, 6.2 (fused operations), 7.2.1 (command processing), 9.5 (fatal status).
 *
 *   doorbell ─▶ fetch (copy 64 bytes) ─▶ admit (check, walk pointers) ─▶ perform ─▶ end      synchronous: all inside the doorbell write
 *                                                └─ pin, hold ─ … advance ─▶ perform ─▶ unpin, end                       deferred
 *                                                └─ pin, hold, begin ─ … the store is done ─▶ settle ─▶ unpin, end       asynchronous
 */
import type { Dma } from "../ports.ts";
import { ADMIN, BUSY, FUSE, PENDING, STATUS } from "./codes.ts";
import { Command, type CommandSet } from "./command.ts";
import { Completer } from "./completer.ts";
import type { EngineParts } from "./engine-parts.ts";
import { Fetcher } from "./fetcher.ts";
import { InFlight } from "./in-flight.ts";
import { Latency } from "./latency.ts";
import type { CompletionQueue, SubmissionQueue } from "./queues.ts";

/** Commands held at once; the rest waits in its queues. Each holds a private entry and a list of runs. */
const MAX_HELD = 1024;

/**
 * The most that one register access may set off, in bytes moved; what is left goes on with the next access. The driver's
 * budget cannot end it in between: a host's function has no safepoints.
 */
const WORK_PER_ACCESS: number = 64 << 20;
/** What a command counts as beside the bytes it moves. */
const COMMAND_WORK: number = 8 << 10;

/** What the bus is before a grant and after it. */
const NO_BUS: Dma = { readable: () => undefined, writable: () => undefined, pin: () => false, unpin: () => {} };

export class Engine {
  pageBytes = 4096;
  dma: Dma = NO_BUS;
  /** One access was not enough for what was rung: the next goes on. */
  behind = false;
  /** Of I/O commands, from their fetch to their completion. */
  readonly latency: Latency = new Latency();
  readonly #parts: EngineParts;
  readonly #completer: Completer;
  readonly #fetcher: Fetcher = new Fetcher();
  readonly #flying: InFlight;
  readonly #spare: Command[] = [];
  readonly #holds: boolean;
  #running = false;
  #fetching = false;
  #working = false;
  #accesses = 0;
  #ticket = 0;
  /** What the access at work may still set off. */
  #left = 0;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#holds = parts.mode !== "synchronous";
    this.#completer = new Completer(parts.interrupts, () => this.fail());
    this.#flying = new InFlight({ ...(parts.pick && { pick: parts.pick }), nowMicros: () => parts.nowMicros() });
  }

  get running(): boolean {
    return this.#running;
  }

  get inFlight(): number {
    return this.#flying.size;
  }

  /** Whether register accesses bring something nearer. */
  get waitsForAccesses(): boolean {
    return this.behind || this.#flying.slow > 0;
  }

  /** Whether some command in flight will complete by itself. */
  get unfinished(): boolean {
    return this.#flying.commands.some((command) => !command.hangs);
  }

  run(dma: Dma, pageBytes: number, weighted: boolean): void {
    this.dma = dma;
    this.pageBytes = pageBytes;
    this.#parts.arbiter.reset(weighted);
    this.#running = true;
    this.#fetching = true;
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
    for (const command of this.#flying.takeAll()) this.#drop(command);
  }

  /** Cancels everything and forgets the bus. */
  halt(): void {
    this.#running = false;
    this.#fetching = false;
    this.behind = false;
    this.discard();
    this.dma = NO_BUS;
  }

  /** Nothing works any more until a reset. */
  fail(): void {
    this.halt();
    this.#parts.fatal();
  }

  // HOT: one pass finds the rung queue, one more finds nothing left.
  /** Fetches what can be fetched. A doorbell rung from inside (by an interrupt) is seen by the loop already at work. */
  ring(): void {
    if (this.#working) return;
    this.#working = true;
    this.#left = WORK_PER_ACCESS;
    const { arbiter } = this.#parts;
    try {
      while (this.#mayFetch) {
        const sq = arbiter.next();
        if (sq === undefined) break;
        this.#serve(sq, arbiter.limit(sq, this.#parts.burst()));
      }
    } finally {
      this.#working = false;
      this.behind = this.#left <= 0;
    }
  }

  /** Completes up to so many held commands; returns how many. */
  advance(steps: number): number {
    let done = 0;
    while (done < steps && this.#completeOne(true)) done++;
    if (done > 0) this.ring();
    return done;
  }

  /** One register access. */
  accessed(): void {
    this.#accesses++;
    this.tick();
  }

  /** Completes the held commands that are due, and goes on with what was rung before. */
  tick(): void {
    let done = 0;
    this.#left = WORK_PER_ACCESS;
    while (this.#left > 0 && this.#completeOne(false)) done++;
    if (done > 0 || this.behind) this.ring();
  }

  /**
   * Asks for a verdict on each command in flight: a status ends it, `undefined` leaves it. Returns how many ended.
   * What a store has begun can no longer be kept from happening, and is asked about only if its answer is to come first all the same.
   */
  cancel(verdict: (command: Command) => number | undefined, evenBegun = false): number {
    let cancelled = 0;
    for (const command of this.#flying.commands.slice()) {
      const status = command.deaf || (command.busy && !evenBegun) ? undefined : verdict(command);
      if (status === undefined) continue;
      // An answer that the bus refuses is fatal and drops all the others.
      if (!this.#flying.remove(command)) break;
      const { partner } = command;
      this.#end(command, status, this.dma);
      if (partner !== undefined) this.#end(partner, STATUS.failedFused, this.dma);
      cancelled++;
    }
    return cancelled;
  }

  /** A queue goes away, and with it what nothing else can end. */
  dropQueue(sq: SubmissionQueue): void {
    for (const command of this.#flying.commands.filter((held) => held.sq === sq)) {
      this.#flying.remove(command);
      this.#drop(command);
    }
  }

  count(verdict: (command: Command) => boolean): number {
    return this.#flying.commands.filter(verdict).length;
  }

  /** A ticket for the operation that a store begins now for a command. */
  ticketFor(command: Command): number {
    command.ticket = ++this.#ticket;
    return command.ticket;
  }

  /** The store is done with a command. Nothing happens if that was cancelled meanwhile; else `outcome` ends it. */
  settle(command: Command, ticket: number, outcome: () => number): void {
    if (!command.busy || command.ticket !== ticket || !this.#flying.remove(command)) return;
    command.busy = false;
    const { dma } = this;
    const status = outcome();
    if (status === BUSY) {
      command.busy = true;
      this.#flying.add(command);
      return;
    }
    this.#end(command, status, dma);
    this.ring();
    this.#parts.settled();
  }

  /** The same for a fused pair, whose two outcomes come together. */
  settlePair(command: Command, ticket: number, outcome: () => readonly [number, number]): void {
    const { partner } = command;
    if (partner === undefined || !command.busy || command.ticket !== ticket || !this.#flying.remove(command)) return;
    command.busy = false;
    const { dma } = this;
    this.#endPair(command, partner, outcome(), dma);
    this.ring();
    this.#parts.settled();
  }

  // HOT: posts a completion for a command that has no place in flight any more.
  post(sq: SubmissionQueue, cid: number, status: number, result: number, silent = false): void {
    if (this.#exists(sq)) this.#completer.post(this.dma, sq, cid, status, result, silent);
  }

  /** The host has moved a completion queue's head: what waited for room is posted, and its submission queues go on. */
  freed(cq: CompletionQueue): void {
    this.#completer.freed(this.dma, cq, () => this.#running);
    this.ring();
  }

  /** Fetches a burst from one queue. */
  #serve(sq: SubmissionQueue, most: number): void {
    let served = 0;
    // What was rung before may have been taken back with its queue, and the place used again.
    this.#fetcher.forget();
    while (served < most && this.#mayFetch && this.#exists(sq) && sq.ready) {
      const command = this.#copy(sq, most - served);
      if (command === undefined) return;
      sq.advance();
      sq.outstanding++;
      served++;
      this.#dispatch(command);
    }
    this.#parts.arbiter.served(served);
  }

  // HOT: the private copy of the entry at the queue's head.
  #copy(sq: SubmissionQueue, most: number): Command | undefined {
    const from = this.#fetcher.head(sq, most, this.dma);
    if (from === undefined) {
      this.fail();
      return undefined;
    }
    const command = this.#spare.pop() ?? new Command(sq, this.#parts.maxSegments);
    command.load(sq, this.#fetcher.words, from);
    return command;
  }

  /** Starts a command that was fetched, together with its partner if it has one. */
  #dispatch(command: Command): void {
    const { admission } = this.#parts;
    if (command.sq.id !== 0 && this.latency.isDue()) command.fetchedMicros = this.#parts.nowMicros();
    if (command.fuse === FUSE.first && command.sq.id !== 0) this.#findPartner(command);
    if (this.#running) admission.meetFault(command, this.#accesses);
    if (command.fault?.kind === "fatal") this.fail();
    if (!this.#running) {
      this.#drop(command);
      return;
    }
    admission.admit(command, this.pageBytes, this.dma);
    if (command.hangs || command.slow || (this.#holds && !waitsForEvent(command))) this.#hold(command);
    else this.#perform(command);
  }

  /** The next entry is the partner if it says so; else it stays in the queue, and is copied anew when its turn comes. */
  #findPartner(command: Command): void {
    const { sq } = command;
    if (sq.head === sq.tail) return;
    const next = this.#copy(sq, 1);
    if (next?.fuse === FUSE.second) {
      sq.advance();
      sq.outstanding++;
      command.partner = next;
      next.paired = true;
    } else if (next !== undefined) {
      this.#spare.push(next);
    }
  }

  #hold(command: Command): void {
    for (const one of command.partner === undefined ? [command] : [command, command.partner]) {
      const needsData = one.admission === STATUS.success && one.dataBytes > 0;
      if (needsData && !one.data.pin(this.dma)) one.admission = STATUS.dataTransfer;
    }
    // A hanging command does not count against its queue: others go on.
    if (command.hangs) command.sq.outstanding--;
    if (!command.slow) command.due = this.#accesses + this.#parts.dueAfter;
    if (this.#parts.mode !== "asynchronous" || command.hangs || command.slow) this.#flying.add(command);
    else this.#perform(command);
  }

  /** Performs and ends one held command; `false` if none may complete now. */
  #completeOne(all: boolean): boolean {
    const command = this.#flying.takeReady(this.#accesses, all);
    if (command === undefined) return false;
    this.#perform(command);
    return true;
  }

  // HOT: every command passes.
  #perform(command: Command): void {
    const { dma } = this;
    const { partner } = command;
    this.#left -= COMMAND_WORK + command.dataBytes + command.work;
    if (partner !== undefined) {
      this.#performPair(command, partner, dma);
      return;
    }
    const status = this.#mapped(command, dma);
    this.#endOrWait(command, status === STATUS.success ? this.#setOf(command).perform(command) : status, dma);
  }

  #performPair(command: Command, partner: Command, dma: Dma): void {
    this.#left -= COMMAND_WORK + partner.dataBytes + partner.work;
    const [first, second] = [this.#mapped(command, dma), this.#mapped(partner, dma)];
    if (first !== STATUS.success || second !== STATUS.success) {
      const failed = (status: number): number => (status === STATUS.success ? STATUS.failedFused : status);
      this.#endPair(command, partner, [failed(first), failed(second)], dma);
      return;
    }
    const outcome = this.#parts.io.performPair(command, partner);
    if (outcome === BUSY) this.#wait(command);
    else this.#endPair(command, partner, outcome, dma);
  }

  /** Asks the bus for the command's data, unless it has failed already. */
  #mapped(command: Command, dma: Dma): number {
    if (command.admission !== STATUS.success || command.dataBytes === 0) return command.admission;
    return command.data.map(dma, command.toMemory) ? STATUS.success : STATUS.dataTransfer;
  }

  #endOrWait(command: Command, status: number, dma: Dma): void {
    if (status === BUSY) this.#wait(command);
    else this.#end(command, status, dma);
  }

  #wait(command: Command): void {
    command.busy = true;
    command.slow = false;
    this.#flying.add(command);
  }

  #endPair(command: Command, partner: Command, [first, second]: readonly [number, number], dma: Dma): void {
    this.#end(command, first, dma);
    this.#end(partner, second, dma);
  }

  /** The data is let go before the host can see that the command is over, since it may free it then. */
  #end(command: Command, status: number, dma: Dma): void {
    const { sq, fault } = command;
    command.data.release(dma);
    if (!command.hangs) sq.outstanding--;
    if (status !== PENDING) {
      const cid = fault?.kind === "wrong-id" ? (command.cid ^ fault.flip) & 0xffff : command.cid;
      this.post(sq, cid, status, command.result, fault?.kind === "lost-interrupt");
      this.#parts.completed(command, status);
      if (command.fetchedMicros >= 0) this.latency.add(this.#parts.nowMicros() - command.fetchedMicros);
    }
    this.#spare.push(command);
  }

  #drop(command: Command): void {
    const { partner } = command;
    command.data.release(this.dma);
    this.#spare.push(command);
    if (partner === undefined) return;
    partner.data.release(this.dma);
    this.#spare.push(partner);
  }

  get #mayFetch(): boolean {
    return this.#fetching && this.#left > 0 && this.#flying.size < MAX_HELD;
  }

  /** A queue that a callback has deleted meanwhile, alone or with everything else, is neither read nor answered. */
  #exists(sq: SubmissionQueue): boolean {
    return this.#running && this.#parts.queues.submission[sq.id] === sq;
  }

  #setOf(command: Command): CommandSet {
    return command.sq.id === 0 ? this.#parts.admin : this.#parts.io;
  }
}

/** There is nothing to put off: it waits with the events, where no order of completions concerns it. */
function waitsForEvent({ sq, opcode }: Command): boolean {
  return sq.id === 0 && opcode === ADMIN.asyncEvent;
}
