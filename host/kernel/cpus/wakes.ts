/**
 * Threads that wait on another CPU than their own: for what a function of a domain there did not have for its caller yet. A queue there holds
 * what stands for the thread, and each of the two CPUs tells the other one by a ring of words what has become of it.
 *
 *     queue's CPU ─▶ thread's CPU     the thread waits here · was woken · has nothing here any more
 *     thread's CPU ─▶ queue's CPU     the thread gives back what it has there: it waits for something else, or is no more
 *
 * No wake-up is lost. Words of one ring arrive in order, so a thread that is about to park knows whether it was woken meanwhile. A wake is used
 * up when its thread has asked again; where that does not happen, the thread's CPU gives it back, and the queue wakes the next.
 * Each wait has a number, which all words about it carry: what is given back late, when the thread waits again, is nobody's any more.
 * A newer word about a thread replaces an older one that has found no room in the ring yet: nothing grows but with the number of threads.
 * Called by `cpu.ts`, by the scheduler, and by `caller-queues.ts`. Runs nothing of a domain and waits for nobody.
 */
import type { Thread } from "../threads/thread.ts";
import type { Waiter, WaitQueue } from "../threads/wait-queue.ts";
import { type Board, SlotWord, WAKE_ENTRIES } from "./board.ts";
import type { Cpu } from "./cpu.ts";

/** What a word says of a thread: the first three of one of the reader's, the last of one of the writer's. */
const Word = { nothing: 0, waits: 1, woken: 2, givesBack: 3 } as const;
type WordCode = (typeof Word)[keyof typeof Word];

/** A word as it is told: what, and the number of the wait that it is about. */
const CODE_BITS = 2;
const CODE_MASK = 3;

/** What a thread has on another CPU: the last word about it. */
export type Away = number;

function codeOf(told: Away): WordCode {
  return (told & CODE_MASK) as WordCode;
}

class StandIn implements Waiter {
  readonly queues: Set<WaitQueue> = new Set();
  owed: WaitQueue | undefined = undefined;
  readonly cpu: number;
  readonly thread: number;
  /** What its CPU was told last, and of which wait. */
  told: WordCode = Word.nothing;
  wait = 0;

  constructor(cpu: number, thread: number) {
    this.cpu = cpu;
    this.thread = thread;
  }
}

export class Wakes {
  readonly #cpu: Cpu;
  readonly #board: Board;
  /** By CPU and thread. */
  readonly #standIns: Map<number, StandIn>[];
  /** By CPU, what has found no room: thread and whose it is, and what is told. */
  readonly #late: Map<number, Away>[];
  #lastWait = 0;

  constructor(cpu: Cpu) {
    this.#cpu = cpu;
    this.#board = cpu.board;
    const { cpus } = cpu.board;
    this.#standIns = Array.from({ length: cpus }, () => new Map());
    this.#late = Array.from({ length: cpus }, () => new Map());
    cpu.kernel.threads.onAway = (thread, isOver) => this.#leave(thread, isOver);
  }

  /** Whether there is something to read, or room for what found none. */
  get isWanted(): boolean {
    const { index } = this.#cpu;
    for (let other = 0; other < this.#board.cpus; other++) {
      if (this.#written(index, other) !== this.#read(index, other)) return true;
      if ((this.#late[other]?.size ?? 0) > 0 && this.#hasRoom(other)) return true;
    }
    return false;
  }

  /** Whose request is being served, where it is a thread of this CPU. */
  get thread(): Thread | undefined {
    const { id, home } = this.#asker;
    return id !== 0 && home === this.#cpu.index ? this.#cpu.kernel.threads.table.find(id) : undefined;
  }

  /** Who waits where the request that is being served cannot be answered yet. */
  waiter(): Waiter | undefined {
    const { id, home } = this.#asker;
    if (id === 0 || home === this.#cpu.index) return this.thread;
    // What its CPU told before it asked is about an earlier wait: heard later, it would end this one.
    this.#takeFrom(home);
    const known = this.#standIns[home]?.get(id);
    if (known !== undefined) return known;
    const made = new StandIn(home, id);
    this.#standIns[home]?.set(id, made);
    return made;
  }

  /** Who asks for what the slot is for. */
  name(slot: number): void {
    const { level, serving, index, kernel } = this.#cpu;
    const { i32 } = this.#board;
    const at = this.#board.slot(slot) + SlotWord.thread;
    const from = serving < 0 ? -1 : this.#board.slot(serving) + SlotWord.thread;
    i32[at] = level === 0 ? (kernel.threads.current?.id ?? 0) : from < 0 ? 0 : (i32[from] ?? 0);
    i32[at + 1] = from < 0 ? index : (i32[from + 1] ?? 0);
  }

  /** It stands in a queue here. */
  waits(waiter: Waiter): void {
    if (!(waiter instanceof StandIn)) return;
    this.#lastWait = (this.#lastWait + 1) & (-1 >>> (CODE_BITS + 1));
    waiter.wait = this.#lastWait;
    this.#tell(waiter, Word.waits);
  }

  wake(waiter: Waiter): void {
    if (waiter instanceof StandIn && waiter.told !== Word.woken) this.#tell(waiter, Word.woken);
  }

  /** It has got what it asked for. */
  passed(waiter: Waiter): void {
    if (!(waiter instanceof StandIn)) return;
    if (waiter.queues.size > 0 || waiter.owed !== undefined) return;
    if (waiter.told !== Word.nothing) this.#tell(waiter, Word.nothing);
    this.#standIns[waiter.cpu]?.delete(waiter.thread);
  }

  /** Reads what others have told. @returns whether there was anything */
  take(): boolean {
    let did = false;
    for (let other = 0; other < this.#board.cpus; other++) {
      if (other === this.#cpu.index) continue;
      did = this.#takeFrom(other) || did;
      if ((this.#late[other]?.size ?? 0) > 0) did = this.#flush(other) || did;
    }
    return did;
  }

  /** The thread for which the request that is served was made; 0 = none. */
  get #asker(): { readonly id: number; readonly home: number } {
    const { serving } = this.#cpu;
    if (serving < 0) return { id: 0, home: 0 };
    const at = this.#board.slot(serving) + SlotWord.thread;
    const [id = 0, home = 0] = this.#board.i32.subarray(at, at + 2);
    return { id, home };
  }

  #takeFrom(other: number): boolean {
    const { index } = this.#cpu;
    const { i32 } = this.#board;
    const head = this.#board.wakes(index, other);
    let read = this.#read(index, other);
    const written = this.#written(index, other);
    if (read === written) return false;
    const wasFull = ((written - read) | 0) >= WAKE_ENTRIES;
    while (read !== written) {
      const at = head + 2 + 2 * ((read >>> 0) % WAKE_ENTRIES);
      const [thread = 0, word = 0] = i32.subarray(at, at + 2);
      read = (read + 1) | 0;
      Atomics.store(i32, head + 1, read);
      this.#hear(other, thread, word);
    }
    if (wasFull) this.#cpu.alert(other);
    return true;
  }

  #hear(other: number, id: number, told: Away): void {
    const code = codeOf(told);
    if (code === Word.givesBack) {
      this.#giveBack(other, id, told >>> CODE_BITS);
      return;
    }
    const { threads } = this.#cpu.kernel;
    const thread = threads.table.find(id);
    if (thread === undefined || thread.state === "ended" || thread.isAway) {
      if (code !== Word.nothing) this.#post(other, id, told | Word.givesBack);
      return;
    }
    if (code === Word.nothing) thread.away?.delete(other);
    else {
      thread.away ??= new Map();
      thread.away.set(other, told);
    }
    if (code === Word.woken) threads.wake(thread);
  }

  /** The thread will not ask here again for what it was woken for. */
  #giveBack(home: number, id: number, wait: number): void {
    const standIn = this.#standIns[home]?.get(id);
    if (standIn === undefined || standIn.wait !== wait) return;
    this.#standIns[home]?.delete(id);
    for (const queue of [...standIn.queues]) queue.leave(standIn);
    const { owed } = standIn;
    standIn.owed = undefined;
    owed?.wakeOne();
  }

  /** A thread of this CPU parks for something else, or will not ask for anything any more. */
  #leave(thread: Thread, isOver: boolean): void {
    for (const [other, told] of thread.away ?? []) {
      if (!isOver && codeOf(told) === Word.waits) continue;
      thread.away?.delete(other);
      this.#post(other, thread.id, told | Word.givesBack);
    }
  }

  #tell(standIn: StandIn, code: WordCode): void {
    standIn.told = code;
    this.#post(standIn.cpu, standIn.thread, (standIn.wait << CODE_BITS) | code);
  }

  #post(other: number, thread: number, told: Away): void {
    const late = this.#late[other];
    if (late === undefined) return;
    const code = codeOf(told);
    if (late.size > 0 || !this.#write(other, thread, told)) {
      const key = code === Word.givesBack ? -thread : thread;
      late.delete(key);
      late.set(key, told);
    }
    // A thread that merely waits is told of with the answer to its call.
    if (code === Word.woken || code === Word.givesBack) this.#cpu.alert(other);
  }

  #flush(other: number): boolean {
    const late = this.#late[other] as Map<number, Away>;
    let did = false;
    for (const [key, told] of late) {
      if (!this.#write(other, Math.abs(key), told)) break;
      late.delete(key);
      did = true;
    }
    if (did) this.#cpu.alert(other);
    return did;
  }

  #write(other: number, thread: number, told: Away): boolean {
    if (!this.#hasRoom(other)) return false;
    const { i32 } = this.#board;
    const head = this.#board.wakes(other, this.#cpu.index);
    const written = this.#written(other, this.#cpu.index);
    const at = head + 2 + 2 * ((written >>> 0) % WAKE_ENTRIES);
    i32[at] = thread;
    i32[at + 1] = told;
    Atomics.store(i32, head, (written + 1) | 0);
    return true;
  }

  #hasRoom(other: number): boolean {
    const { index } = this.#cpu;
    return ((this.#written(other, index) - this.#read(other, index)) | 0) < WAKE_ENTRIES;
  }

  #written(reader: number, writer: number): number {
    return Atomics.load(this.#board.i32, this.#board.wakes(reader, writer));
  }

  #read(reader: number, writer: number): number {
    return Atomics.load(this.#board.i32, this.#board.wakes(reader, writer) + 1);
  }
}
