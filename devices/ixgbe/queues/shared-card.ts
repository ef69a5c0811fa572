/**
 * What the parts of one card on several CPUs have in common, in one buffer: registers, who runs, tables, counters, frames on their way.
 * Made by the model on the first CPU, where the card's control registers are; queue engines on other CPUs attach to the same buffer.
 * Owns no ring and touches no DMA memory. Queues are dealt out for good: four pairs for each CPU, as RSS can name sixteen.
 *
 *   epoch     odd: the card runs. Whoever began in another epoch has lost its queues.
 *   busy      per CPU: it is inside an access. Set before the epoch is looked at, so `halt` returns when nobody is in there any more.
 *   version   counted up when what an engine keeps a copy of has changed: addresses, key, filters, shares
 */
import { CTRL, DMATXCTL_ENABLE, HLREG0, QUEUES, REG, RX, WORDS } from "../registers.ts";
import { CHANNEL_BYTES, FrameChannel } from "./frame-channel.ts";

const PAIR_BITS = 2;
/** Queue pairs of each CPU. */
export const PAIRS: number = 1 << PAIR_BITS;
/** CPUs that can have queues: an entry of the redirection table names one of sixteen. */
export const MOST_CPUS = 4;
export const BUCKETS = 128;
/** Statistics lie below this offset. */
export const COUNTER_WORDS: number = 0x8800 >>> 2;
/** Fields of a ledger, and the frames that wait. */
export const LEDGER_FIELDS = 16;

const Word = { cpus: 0, epoch: 1, version: 2, link: 3, paused: 4, loops: 5, perCpu: 16 } as const;
/** Words of a CPU, a cache line apart. */
const Own = { busy: 0, runs: 1, open: 2, carries: 3, behind: 4, stride: 16 } as const;
const STATE_WORDS: number = Word.perCpu + MOST_CPUS * Own.stride;

const REGS = 0;
const STATE: number = REGS + 4 * WORDS;
const TABLES: number = STATE + 4 * STATE_WORDS;
const COUNTERS: number = TABLES + MOST_CPUS * BUCKETS;
const LEDGERS: number = COUNTERS + 4 * MOST_CPUS * COUNTER_WORDS;
const CHANNELS: number = LEDGERS + 8 * MOST_CPUS * LEDGER_FIELDS;

export class SharedCard {
  readonly buffer: SharedArrayBuffer;
  readonly cpus: number;
  readonly regs: Uint32Array;
  readonly wireLoops: boolean;
  readonly #state: Int32Array;

  private constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.regs = new Uint32Array(buffer, REGS, WORDS);
    this.#state = new Int32Array(buffer, STATE, STATE_WORDS);
    this.cpus = Atomics.load(this.#state, Word.cpus);
    this.wireLoops = Atomics.load(this.#state, Word.loops) === 1;
  }

  /** @param loops whatever is sent comes back, so each CPU can do that by itself */
  static create(cpus: number, loops: boolean): SharedCard {
    const count = Math.min(cpus, MOST_CPUS);
    const buffer = new SharedArrayBuffer(CHANNELS + count * count * CHANNEL_BYTES);
    const state = new Int32Array(buffer, STATE, STATE_WORDS);
    Atomics.store(state, Word.cpus, count);
    Atomics.store(state, Word.loops, loops ? 1 : 0);
    return new SharedCard(buffer);
  }

  static attach(buffer: SharedArrayBuffer): SharedCard {
    return new SharedCard(buffer);
  }

  // HOT: each frame.
  /** The CPU that has a queue; all that are not dealt out are the first one's. */
  cpuOf(queue: number): number {
    const cpu = queue >>> PAIR_BITS;
    return cpu < this.cpus ? cpu : 0;
  }

  get epoch(): number {
    return this.#load(Word.epoch);
  }

  get version(): number {
    return this.#load(Word.version);
  }

  changed(): void {
    Atomics.add(this.#state, Word.version, 1);
  }

  get linkUp(): boolean {
    return this.#load(Word.link) === 1;
  }

  // HOT: each frame that an engine sends; the word may be a little old.
  get isPaused(): boolean {
    return this.#state[Word.paused] === 1;
  }

  // HOT: after each access.
  /** Whether frames may go out, as far as that is the first CPU's to say. */
  get sends(): boolean {
    if (this.isPaused || ((this.regs[REG.ctrl >>> 2] ?? 0) & CTRL.masterDisable) !== 0) return false;
    if (((this.regs[REG.dmatxctl >>> 2] ?? 0) & DMATXCTL_ENABLE) === 0) return false;
    return this.linkUp || ((this.regs[REG.hlreg0 >>> 2] ?? 0) & HLREG0.loopback) !== 0;
  }

  /** HOT: after each access on the first CPU. */
  tell(linkUp: boolean, isPaused: boolean): void {
    this.#set(Word.link, linkUp ? 1 : 0);
    this.#set(Word.paused, isPaused ? 1 : 0);
  }

  /** Ends the epoch. When this returns no engine is inside an access, and none gets beyond the beginning of one. */
  halt(): void {
    const epoch = this.epoch;
    if ((epoch & 1) === 1) Atomics.store(this.#state, Word.epoch, (epoch + 1) | 0);
    for (let cpu = 1; cpu < this.cpus; cpu++) while (this.#load(own(cpu, Own.busy)) !== 0) Atomics.pause();
  }

  /** Begins one. */
  go(): void {
    Atomics.store(this.#state, Word.epoch, (this.epoch + 1) | 0);
  }

  // HOT: each access of an engine.
  /** `true`: the epoch still lasts, and `halt` waits until `leave`. */
  enter(cpu: number, epoch: number): boolean {
    Atomics.store(this.#state, own(cpu, Own.busy), 1);
    if (this.epoch === epoch && (epoch & 1) === 1) return true;
    this.leave(cpu);
    return false;
  }

  // HOT
  leave(cpu: number): void {
    Atomics.store(this.#state, own(cpu, Own.busy), 0);
  }

  /** Whether somebody drives that CPU's queues; the first CPU's model always runs. */
  runs(cpu: number): boolean {
    return cpu === 0 || this.#load(own(cpu, Own.runs)) === 1;
  }

  setRuns(cpu: number, runs: boolean): void {
    Atomics.store(this.#state, own(cpu, Own.runs), runs ? 1 : 0);
    this.setOpen(cpu, false);
    this.setBehind(cpu, false);
  }

  // HOT: after each access on the first CPU.
  /** Whether a CPU has frames to send for which something had to end first. */
  isBehind(cpu: number): boolean {
    return this.#load(own(cpu, Own.behind)) === 1;
  }

  // HOT: after each access of an engine.
  setBehind(cpu: number, behind: boolean): void {
    this.#set(own(cpu, Own.behind), behind ? 1 : 0);
  }

  /** Whether a CPU has its share of what is spread. */
  isOpen(cpu: number): boolean {
    return this.#load(own(cpu, Own.open)) === 1;
  }

  setOpen(cpu: number, isOpen: boolean): void {
    const word = own(cpu, Own.open);
    if (Atomics.exchange(this.#state, word, isOpen ? 1 : 0) !== (isOpen ? 1 : 0)) this.changed();
  }

  /** One of the CPU's receive rings was switched: it has a share while any is on. */
  receiversSwitched(cpu: number): void {
    let any = 0;
    for (let pair = 0; pair < PAIRS; pair++) any |= this.regs[(REG.rxRing + 0x40 * (PAIRS * cpu + pair) + RX.control) >>> 2] ?? 0;
    this.setOpen(cpu, (any & 0x200_0000) !== 0);
  }

  /** A CPU's own redirection table. Entries count among its own queues. */
  table(cpu: number): Uint8Array {
    return new Uint8Array(this.buffer, TABLES + cpu * BUCKETS, BUCKETS);
  }

  /** Four entries of it, as a register has them. */
  tableWord(cpu: number, at: number): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.table(cpu).subarray(at, at + 4);
    return a | (b << 8) | (c << 16) | (d << 24);
  }

  writeTable(cpu: number, at: number, value: number): void {
    for (let i = 0; i < 4; i++) this.table(cpu)[at + i] = value >>> (8 * i);
    this.changed();
  }

  counters(cpu: number): Uint32Array {
    return new Uint32Array(this.buffer, COUNTERS + 4 * cpu * COUNTER_WORDS, COUNTER_WORDS);
  }

  ledger(cpu: number): Float64Array {
    return new Float64Array(this.buffer, LEDGERS + 8 * cpu * LEDGER_FIELDS, LEDGER_FIELDS);
  }

  /** Counts carries between the halves of a CPU's byte counters; odd while one is under way. */
  carries(cpu: number): number {
    return this.#load(own(cpu, Own.carries));
  }

  carry(cpu: number): void {
    Atomics.add(this.#state, own(cpu, Own.carries), 1);
  }

  channel(from: number, to: number): FrameChannel {
    return new FrameChannel(this.buffer, CHANNELS + (from * this.cpus + to) * CHANNEL_BYTES);
  }

  /**
   * The queue of each bucket: the CPUs that are open have equal parts of the table, one after the other, and spread theirs as their own
   * tables say. Nobody is open: all go to queue 0.
   */
  spread(into: Uint8Array): void {
    const open: number[] = [];
    for (let cpu = 0; cpu < this.cpus; cpu++) if (this.isOpen(cpu)) open.push(cpu);
    const tables = open.map((cpu) => this.table(cpu));
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const which = Math.floor((bucket * open.length) / BUCKETS);
      into[bucket] = PAIRS * (open[which] ?? 0) + ((tables[which]?.[bucket] ?? 0) % PAIRS);
    }
  }

  #load(word: number): number {
    return Atomics.load(this.#state, word);
  }

  #set(word: number, value: number): void {
    if (this.#load(word) !== value) Atomics.store(this.#state, word, value);
  }
}

function own(cpu: number, word: number): number {
  return Word.perCpu + cpu * Own.stride + word;
}

/** Whether the queue's registers are one of another CPU's; rings and their interrupt allocation. */
export function queueAt(offset: number): number {
  if (offset >= REG.rxRing && offset < REG.rxRing + 0x1000) return (offset - REG.rxRing) >>> 6;
  if (offset >= REG.txRing && offset < REG.txRing + 0x40 * QUEUES) return (offset - REG.txRing) >>> 6;
  if (offset >= REG.ivar && offset < REG.ivarMisc) return (offset - REG.ivar) >>> 1;
  return -1;
}

/** Causes, masks and intervals, without the allocation to queues. */
export function isInterruptUnit(offset: number): boolean {
  return (
    (offset >= REG.eicr && offset < REG.ivar) ||
    (offset >= REG.ivarMisc && offset < REG.rxRing) ||
    (offset >= REG.eitrHigh && offset < REG.eitrHigh + 0x400)
  );
}
