/**
 * The words that the CPUs of one system share besides the heap: who asks whom for what, and who waits for whom. Every kernel has a
 * view of the same buffer. Called by `cpu.ts`, `circles.ts`, `directory.ts` and `posts.ts`; runs nothing and waits for nobody.
 *
 *   CPU c      bell, loop, looks, depth         counted up and notified when there is something to look at; see Place
 *   stack      LEVELS activations of a CPU      what it does on its one stack, innermost last: serial, slot it waits for, slot it serves
 *   marks      [target][source][lane]           a bit for each slot of the source that the target has not looked at
 *   slots      SLOTS of a CPU                   a request, and then its answer; written by one side at a time
 *   seats      directory.ts
 *   posts      posts.ts
 *   wakes      wakes.ts
 *   bales      baggage.ts
 *
 * A slot belongs to whom its state says. There is one for each activation, and an activation waits for one answer at a time, so no
 * ring can be full and no request is ever turned away for want of room.
 *
 *   FREE ─asker─▶ PENDING ─answerer─▶ SERVED ─answerer─▶ DONE ─asker─▶ FREE
 *                    │ ▲                ▲
 *                    │ └ asker ─▶ FREE  │        whoever still waits may take the request back
 *                    └──▶ DEFERRED ─────┘        the callee is in a call of somebody else; POSTPONED: one whom it might call is
 */
import { CPU_MAX } from "../../../shared-heap/layout.ts";

/** Activations on one CPU: the one at its base, and requests served inside each other. */
export const LEVELS = 32;
/** One for each activation, and as many for calls that the host does not wait for. */
export const SLOTS: number = 2 * LEVELS;
/** Which of a source's slots a mark is about. `urgent` is looked at in the middle of domain code too. */
export const Lane = { calls: 0, urgent: 1, unwaited: 2 } as const;
export type LaneCode = (typeof Lane)[keyof typeof Lane];
const LANES = 3;

/**
 * What a slot's state word says. With `deferred`, `postponed` and `served` it also names an activation of the target, level << 8 |
 * serial << 16: the one that is in the way, or the one that serves it; `pending` has a serial of its own for each request, because one that was
 * taken back may be followed by another one in its slot. What is postponed could be served: its callee is free, and something that
 * the callee might call is not.
 */
export const SlotState = { free: 0, pending: 1, deferred: 2, served: 3, done: 4, postponed: 5 } as const;
export const STATE_MASK = 0xff;
export const SERIAL_MASK = 0xffff;

/** Nobody has begun to serve it. */
export function isWaiting(state: number): boolean {
  return state === SlotState.pending || state === SlotState.deferred || state === SlotState.postponed;
}

export function stateWith(state: number, level: number, serial: number): number {
  return state | (level << 8) | (serial << 16);
}

/**
 * Words of a CPU. `loop`: 0 = sleeps on its bell, 1 = is in its event loop and wants to be called, 2 = has been called. `looks` counts how
 * often it looked for what others want; `end`: 1 = it has ended, 2 = it has ended by a fault, of which it left a text.
 */
export const Place = { bell: 0, loop: 1, looks: 2, depth: 3, end: 4 } as const;
export const CpuEnd = { running: 0, ended: 1, fault: 2 } as const;
const PLACE_WORDS = 16;

/** Words of an activation. Slots are kept as number + 1, 0 = none. */
export const Activation = { serial: 0, waits: 1, serves: 2 } as const;
const ACTIVATION_WORDS = 4;

/** Words of a slot. A text lies behind them. */
export const SlotWord = {
  state: 0,
  target: 1,
  kind: 2,
  callee: 3,
  method: 4,
  /** Microseconds, 0 = the callee's own. */
  budget: 5,
  /** The thread that asks, 0 = none, and its CPU. */
  thread: 6,
  result: 8,
  status: 9,
  textBytes: 13,
  argumentCount: 14,
  chainLength: 15,
  arguments: 16,
  results: 48,
  chain: 64,
} as const;
export const MOST_ARGUMENTS: number = SlotWord.results - SlotWord.arguments;
export const MOST_RESULTS: number = SlotWord.chain - SlotWord.results;
/** Domains of a chain that a request names, outermost first. */
export const MOST_CHAIN = 64;
const SLOT_WORDS = 128;
const TEXT_BYTES = 8192;
const SLOT_BYTES: number = SLOT_WORDS * 4 + TEXT_BYTES;

/** Seats that one system can have in its life. */
export const MOST_SEATS = 16_384;
export const SEAT_WORDS = 8;
/** A ring of 256 KiB and its two counters. */
export const POST_BYTES: number = (256 << 10) + 8;
/** A ring from each CPU to each other one, of two words for each entry, and its two counters. */
export const WAKE_ENTRIES = 1024;
const WAKE_BYTES: number = (2 + 2 * WAKE_ENTRIES) * 4;
/** What a CPU hands to another one at a time of a domain that goes there. */
export const BALE_BYTES: number = 256 << 10;

const STACKS: number = CPU_MAX * PLACE_WORDS;
const MARKS: number = STACKS + CPU_MAX * LEVELS * ACTIVATION_WORDS;
const SEATS: number = MARKS + CPU_MAX * CPU_MAX * LANES;
const PER_CPU: number = SEATS + MOST_SEATS * SEAT_WORDS;

function bytesOf(cpus: number): number {
  return PER_CPU * 4 + cpus * (SLOTS * SLOT_BYTES + POST_BYTES + cpus * WAKE_BYTES + BALE_BYTES);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Board {
  readonly buffer: SharedArrayBuffer;
  readonly i32: Int32Array<SharedArrayBuffer>;
  readonly u8: Uint8Array<SharedArrayBuffer>;
  readonly cpus: number;
  readonly #slots: number;
  #asked = 0;

  /** @param buffer of another CPU's board; a new one without it */
  constructor(cpus: number, buffer: SharedArrayBuffer = new SharedArrayBuffer(bytesOf(cpus))) {
    this.buffer = buffer;
    this.i32 = new Int32Array(buffer);
    this.u8 = new Uint8Array(buffer);
    this.cpus = cpus;
    this.#slots = PER_CPU;
  }

  /** Index of a CPU's word. */
  place(cpu: number, word: number): number {
    return cpu * PLACE_WORDS + word;
  }

  activation(cpu: number, level: number): number {
    return STACKS + (cpu * LEVELS + level) * ACTIVATION_WORDS;
  }

  /** Index of the first word of a slot, by its number among all. */
  slot(number: number): number {
    return this.#slots + (number * SLOT_BYTES) / 4;
  }

  /** Number among all of the slot of a CPU's activation; from LEVELS on those that nobody waits for. */
  slotNumber(cpu: number, index: number): number {
    return cpu * SLOTS + index;
  }

  askerOf(number: number): { readonly cpu: number; readonly index: number } {
    return { cpu: Math.floor(number / SLOTS), index: number % SLOTS };
  }

  seat(number: number): number {
    return SEATS + number * SEAT_WORDS;
  }

  /** First byte of what a CPU posts. */
  posts(cpu: number): number {
    return PER_CPU * 4 + this.cpus * SLOTS * SLOT_BYTES + cpu * POST_BYTES;
  }

  /** Index of the first word of what one CPU tells another one of threads that wait: written, read, entries. */
  wakes(reader: number, writer: number): number {
    return (this.posts(this.cpus) + (reader * this.cpus + writer) * WAKE_BYTES) >> 2;
  }

  /** What a CPU hands on: its own to write, until it is told that it has been read. */
  bale(cpu: number): Uint8Array<SharedArrayBuffer> {
    const start = this.wakes(this.cpus, 0) * 4 + cpu * BALE_BYTES;
    return this.u8.subarray(start, start + BALE_BYTES);
  }

  /** The asker has written all but the state. */
  ask(number: number, lane: LaneCode, target: number): void {
    const { cpu, index } = this.askerOf(number);
    const at = this.slot(number);
    this.i32[at + SlotWord.target] = target;
    this.#asked = (this.#asked % SERIAL_MASK) + 1;
    Atomics.store(this.i32, at + SlotWord.state, stateWith(SlotState.pending, 0, this.#asked));
    Atomics.or(this.i32, this.#marks(target, cpu, lane), 1 << (index % LEVELS));
  }

  /** The whole word. */
  stateOf(number: number): number {
    return Atomics.load(this.i32, this.slot(number) + SlotWord.state);
  }

  /** False when it was not in the state `from` any more. */
  advance(number: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.i32, this.slot(number) + SlotWord.state, from, to) === from;
  }

  /** Nobody has begun with it, and nobody will. */
  takeBack(number: number): boolean {
    const word = this.stateOf(number);
    return isWaiting(word & STATE_MASK) && this.advance(number, word, SlotState.free);
  }

  /** Slots that are marked for this CPU, which lose their marks. */
  collect(target: number, lane: LaneCode, found: number[]): void {
    for (let source = 0; source < this.cpus; source++) {
      const at = this.#marks(target, source, lane);
      const marks = Atomics.load(this.i32, at) === 0 ? 0 : Atomics.exchange(this.i32, at, 0);
      for (let bit = 0; bit < LEVELS && marks >>> bit !== 0; bit++) {
        if (((marks >>> bit) & 1) === 1) found.push(this.slotNumber(source, lane === Lane.unwaited ? LEVELS + bit : bit));
      }
    }
  }

  hasMarks(target: number, lane: LaneCode): boolean {
    for (let source = 0; source < this.cpus; source++) if (Atomics.load(this.i32, this.#marks(target, source, lane)) !== 0) return true;
    return false;
  }

  hasAnyMarks(target: number): boolean {
    return this.hasMarks(target, Lane.calls) || this.hasMarks(target, Lane.urgent) || this.hasMarks(target, Lane.unwaited);
  }

  /** Ends the sleep of a CPU. @returns whether it is in its event loop and has to be called there */
  ring(cpu: number): boolean {
    const bell = this.place(cpu, Place.bell);
    Atomics.add(this.i32, bell, 1);
    Atomics.notify(this.i32, bell);
    return Atomics.compareExchange(this.i32, this.place(cpu, Place.loop), 1, 2) === 1;
  }

  /** A text that is too long for a slot is not written. */
  writeText(number: number, text: string): boolean {
    const at = this.slot(number);
    const bytes = encoder.encode(text);
    if (bytes.length > TEXT_BYTES) return false;
    this.u8.set(bytes, (at + SLOT_WORDS) * 4);
    this.i32[at + SlotWord.textBytes] = bytes.length;
    return true;
  }

  readText(number: number): string {
    const at = this.slot(number);
    const bytes = Math.min(Math.max(this.i32[at + SlotWord.textBytes] ?? 0, 0), TEXT_BYTES);
    const start = (at + SLOT_WORDS) * 4;
    return decoder.decode(this.u8.slice(start, start + bytes));
  }

  #marks(target: number, source: number, lane: LaneCode): number {
    return MARKS + (target * CPU_MAX + source) * LANES + lane;
  }
}
