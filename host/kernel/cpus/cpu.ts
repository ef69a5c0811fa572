/**
 * One CPU among several: it asks others, waits for them, and serves what they ask meanwhile.
 *
 * A CPU has one stack. Each request that it serves is an *activation* on it; while an activation waits for another CPU it serves, on top of
 * itself, whatever is asked of this one, so that calls that go round end. A callee that is in somebody else's call is waited for: its
 * request is deferred, unless that would be a circle, which is refused as on one CPU.
 * Called by `remote-proxy.ts` and `orders.ts` (asking), by the loop of a worker, the event loop of an application and safepoints (serving).
 * Holds nobody's lock while it waits, and never ends another CPU's thread.
 */
import type { Kernel } from "../kernel.ts";
import { cpuWords, FRAME_WORDS, FrameWord } from "../words.ts";
import {
  Activation,
  type Board,
  isWaiting,
  Lane,
  type LaneCode,
  LEVELS,
  MOST_CHAIN,
  Place,
  SlotState,
  SlotWord,
  STATE_MASK,
  stateWith,
} from "./board.ts";
import { levelsBehind, wayBack } from "./circles.ts";
import { pauseOthers, writeChain } from "./frames.ts";
import { Looks } from "./looks.ts";
import { SystemFault } from "./remote-failure.ts";
import { endedFault, hasEnded, Silence } from "./silence.ts";
import { Wakes } from "./wakes.ts";

/** A sleep while it waits: the watchdog's word has no bell. */
const WAIT_MS = 2;

/** What a request is for. */
export const Kind = { call: 0, order: 1 } as const;

/** What serves requests: see `doors.ts` and `orders.ts`. */
export interface Server {
  call(number: number): void;
  /** False where it cannot be done yet. */
  order(number: number): boolean;
  /** Whether the callee of this request is in a call that it has to wait for, and which frame that is; -1 = it is not. */
  frameInTheWay(number: number): number;
  /** A frame of somebody whom the callee might call; -1 = there is none. */
  frameNeeded(number: number): number;
}

export interface CpuOptions {
  readonly kernel: Kernel;
  readonly board: Board;
  readonly index: number;
  /** Calls a CPU that is in its event loop. */
  readonly call: (cpu: number) => void;
  /** CPUs whose thread runs an application's code, which may take its time. */
  readonly applications: ReadonlySet<number>;
  /** How long a CPU may go without looking before that is a fault. */
  readonly silenceMs: number;
}

interface Served {
  readonly slot: number;
  /** Depth of the kernel's frames below it. */
  readonly base: number;
}

export class Cpu {
  readonly kernel: Kernel;
  readonly board: Board;
  readonly index: number;
  /** Threads that wait on another CPU than their own. */
  readonly wakes: Wakes;
  readonly #options: CpuOptions;
  readonly #served: Served[] = [{ slot: -1, base: 0 }];
  /** Slots to be looked at, in this order; those that have to wait; those that do not wait for calls to end. */
  readonly #found: number[] = [];
  readonly #deferred: number[] = [];
  readonly #urgent: number[] = [];
  #serial = 0;
  #isEntered = false;
  readonly #looks: Looks = new Looks();
  server: Server | undefined;
  /** Something of this CPU's own that waits to be looked at, such as what others have posted. */
  lookAround: () => boolean = () => false;
  hasMore: () => boolean = () => false;
  /** After which time there will be, without a call by anybody. */
  dueInMs: () => number = () => Number.POSITIVE_INFINITY;

  constructor(options: CpuOptions) {
    this.#options = options;
    this.kernel = options.kernel;
    this.board = options.board;
    this.index = options.index;
    this.wakes = new Wakes(this);
    Atomics.store(this.board.i32, this.board.place(this.index, Place.depth), 1);
    this.enter();
  }

  /** How many requests are served inside each other here. */
  get level(): number {
    return this.#served.length - 1;
  }

  /** The request that is being served; -1 at the base. */
  get serving(): number {
    return this.#served.at(-1)?.slot ?? -1;
  }

  /** The kernel's frames from here on are those of the present activation. */
  get baseDepth(): number {
    return this.#served.at(-1)?.base ?? 0;
  }

  /** Owner words of those whose calls on other CPUs led here, outermost first. */
  callers(): readonly number[] {
    const { serving, board } = this;
    if (serving < 0) return [];
    const at = board.slot(serving);
    const length = Math.min(board.i32[at + SlotWord.chainLength] ?? 0, MOST_CHAIN);
    return [...board.i32.subarray(at + SlotWord.chain, at + SlotWord.chain + length)];
  }

  /** Domains run on this CPU from now on: the heap waits for it. */
  enter(): void {
    if (this.#isEntered) return;
    this.#isEntered = true;
    this.kernel.heap.exports.cpuEnter(this.index);
  }

  /** None runs, and none is inside a function of the guard. */
  leave(): void {
    if (!this.#isEntered) return;
    this.#isEntered = false;
    this.kernel.heap.exports.cpuLeave();
  }

  /** The slot of the present activation, for a request of this kind; undefined where too many are inside each other. */
  begin(kind: number): number | undefined {
    if (this.level >= LEVELS) return undefined;
    const number = this.board.slotNumber(this.index, this.level);
    this.prepare(number, kind);
    this.wakes.name(number);
    return number;
  }

  /** Makes a free slot ready to be written. */
  prepare(number: number, kind: number): void {
    const { board } = this;
    const at = board.slot(number);
    if (board.stateOf(number) !== SlotState.free) throw new SystemFault(`CPU ${this.index} asks for a second thing at once`);
    board.i32[at + SlotWord.kind] = kind;
    board.i32[at + SlotWord.textBytes] = 0;
    board.i32[at + SlotWord.budget] = 0;
    board.i32[at + SlotWord.thread] = 0;
    writeChain(board, at, this.callers(), this.kernel, this.baseDepth);
  }

  /** The answer has been read, or is not wanted. */
  end(number: number): void {
    Atomics.store(this.board.i32, this.board.slot(number) + SlotWord.state, SlotState.free);
  }

  /** Asks without waiting. */
  ask(number: number, lane: LaneCode, target: number): void {
    this.board.ask(number, lane, target);
    if (lane === Lane.urgent) this.#interrupt(target);
    this.ring(target);
  }

  /**
   * Asks and waits for the answer, serving what others ask meanwhile.
   * @param isOver asked now and then: whether a request that nobody has begun to serve is to be taken back
   * @returns false when it was taken back
   */
  request(number: number, lane: LaneCode, target: number, isOver?: () => boolean): boolean {
    const { board } = this;
    const { i32, cpu, depth } = this.kernel;
    const waits = board.activation(this.index, this.level) + Activation.waits;
    const frame = cpu.frames + (depth - 1) * FRAME_WORDS + FrameWord.paused;
    const isAFrames = depth > this.baseDepth;
    Atomics.store(board.i32, waits, number + 1);
    if (isAFrames) i32[frame] = 2;
    try {
      this.ask(number, lane, target);
      return this.#await(number, target, isOver);
    } finally {
      if (isAFrames) i32[frame] = 0;
      Atomics.store(board.i32, waits, 0);
      this.wakes.take();
      // Nobody will answer it any more.
      if (hasEnded(board, target) && board.stateOf(number) !== SlotState.done) this.end(number);
    }
  }

  /** Has a CPU look at once, in the middle of domain code too. */
  alert(cpu: number): void {
    this.#interrupt(cpu);
    this.ring(cpu);
  }

  ring(cpu: number): void {
    if (this.board.ring(cpu)) this.#options.call(cpu);
  }

  /** Serves all that can be served now. Where this CPU waits, or at its base. @returns whether there was anything */
  serve(): boolean {
    let did = this.look();
    this.#found.push(...this.#deferred.splice(0));
    this.board.collect(this.index, Lane.calls, this.#found);
    this.board.collect(this.index, Lane.unwaited, this.#found);
    // What one of them waits for may be another one: whoever serves inside it goes on with the rest.
    for (let number = this.#found.shift(); number !== undefined; number = this.#found.shift()) did = this.#consider(number) || did;
    return did;
  }

  /** What may be done in the middle of domain code too; never runs any. */
  look(): boolean {
    const { board } = this;
    Atomics.add(board.i32, board.place(this.index, Place.looks), 1);
    let did = this.wakes.take();
    this.board.collect(this.index, Lane.urgent, this.#urgent);
    for (let number = this.#urgent.shift(); number !== undefined; number = this.#urgent.shift()) did = this.#consider(number) || did;
    return did;
  }

  /** Requests that waited for a call of this CPU, which may have ended. */
  get hasDeferred(): boolean {
    return this.#deferred.length > 0;
  }

  /** Whether a look would find something, or what one has found that goes on below waits still: it may be what is waited for here. */
  get isWanted(): boolean {
    if (this.#found.length > 0 || this.#urgent.length > 0) return true;
    return this.board.hasAnyMarks(this.index) || this.wakes.isWanted || this.hasMore();
  }

  /** For as long as an answer takes that comes at once. @returns whether there is something to do */
  spinUntilWanted(): boolean {
    const most = this.#looks.most();
    for (let spins = 0; spins < most; spins++) {
      if ((spins & 15) === 0 && this.isWanted) return this.#looks.ended(true);
      Atomics.pause();
    }
    return this.#looks.ended(this.isWanted);
  }

  /** Sleeps until somebody rings, unless there is something to do. */
  sleep(ms: number, isReady: () => boolean = () => false): void {
    const { board } = this;
    const bell = board.place(this.index, Place.bell);
    const heard = Atomics.load(board.i32, bell);
    if (this.isWanted || isReady()) return;
    const wasEntered = this.#isEntered;
    this.leave();
    Atomics.wait(board.i32, bell, heard, ms);
    if (wasEntered) this.enter();
  }

  /** Waits for a moment, whatever there is to do. */
  nap(ms: number): void {
    const bell = this.board.place(this.index, Place.bell);
    Atomics.wait(this.board.i32, bell, Atomics.load(this.board.i32, bell), ms);
  }

  /** Runs `work` as an activation of its own: what it asks of others does not disturb who waits below it. */
  apart<T>(slot: number, work: () => T): T {
    const { board, kernel } = this;
    const level = this.level + 1;
    if (level >= LEVELS) throw new SystemFault(`CPU ${this.index}: more than ${LEVELS} requests are served inside each other`);
    const at = board.activation(this.index, level);
    Atomics.store(board.i32, at + Activation.waits, 0);
    Atomics.store(board.i32, at + Activation.serves, slot + 1);
    Atomics.store(board.i32, at + Activation.serial, this.#serial);
    Atomics.store(board.i32, board.place(this.index, Place.depth), level + 1);
    const paused = slot < 0 ? [] : pauseOthers(this.kernel, levelsBehind(board, slot, this.index), (depth) => this.#levelOf(depth));
    this.#served.push({ slot, base: kernel.depth });
    try {
      return work();
    } finally {
      this.#served.pop();
      Atomics.store(board.i32, board.place(this.index, Place.depth), level);
      for (const { word, before } of paused) kernel.i32[word] = before;
    }
  }

  /** Nothing is asked of this CPU any more. */
  finish(end: number): void {
    const { board } = this;
    this.leave();
    Atomics.store(board.i32, board.place(this.index, Place.end), end);
    for (let cpu = 0; cpu < board.cpus; cpu++) if (cpu !== this.index) this.ring(cpu);
  }

  #await(number: number, target: number, isOver: (() => boolean) | undefined): boolean {
    const { board } = this;
    let silence: Silence | undefined;
    let since = 0;
    const most = this.#looks.most();
    for (let spins = 0; ; spins++) {
      if (board.stateOf(number) === SlotState.done) {
        this.#looks.ended(spins < most);
        return true;
      }
      if (spins < most && (spins & 15) !== 0) {
        Atomics.pause();
        continue;
      }
      const isWanted = this.#lookWhileWaiting();
      if (!isWanted && spins < most) continue;
      // Who is asked for something all the time comes past here as well.
      if (isOver?.() === true && board.takeBack(number)) return false;
      if (isWanted) spins = 0;
      else this.sleep(WAIT_MS, () => board.stateOf(number) === SlotState.done);
      // A CPU answers before it ends.
      if (hasEnded(board, target) && board.stateOf(number) !== SlotState.done) throw endedFault(board, target);
      silence ??= new Silence(board, target, this.#options);
      const now = performance.now();
      if (silence.lasts(Math.min(now - (since || now), 2 * WAIT_MS))) this.#poke(target);
      since = now;
    }
  }

  #lookWhileWaiting(): boolean {
    const { kernel } = this;
    const isInterrupted = kernel.i32[kernel.cpu.interrupt] !== 0;
    if (isInterrupted) this.apart(-1, () => kernel.answerInterrupt());
    if (!this.isWanted && this.#deferred.length === 0) return isInterrupted;
    const did = this.serve();
    return this.apart(-1, () => this.lookAround()) || did || isInterrupted;
  }

  /** Asks it whether it still looks. */
  #poke(cpu: number): void {
    this.#interrupt(cpu);
    this.ring(cpu);
  }

  #interrupt(cpu: number): void {
    Atomics.store(this.kernel.i32, cpuWords(cpu).interrupt, 1);
  }

  /** Serves a request, or puts it off. */
  #consider(number: number): boolean {
    const { board, server } = this;
    if (server === undefined) throw new SystemFault(`CPU ${this.index} was asked before it was ready`);
    const word = board.stateOf(number);
    const state = word & STATE_MASK;
    const at = board.slot(number);
    // Whoever took his request back may ask another CPU in the same slot.
    if (!isWaiting(state) || board.i32[at + SlotWord.target] !== this.index) return false;
    const isCall = board.i32[at + SlotWord.kind] === Kind.call;
    const inTheWay = isCall ? server.frameInTheWay(number) : -1;
    const frame = inTheWay < 0 && isCall ? server.frameNeeded(number) : inTheWay;
    let seen = word;
    if (frame >= 0) {
      const level = this.#levelOf(frame);
      const serial = board.i32[board.activation(this.index, level) + Activation.serial] ?? 0;
      const deferred = stateWith(inTheWay < 0 ? SlotState.postponed : SlotState.deferred, level, serial);
      if (seen !== deferred && !board.advance(number, seen, deferred)) return false;
      seen = deferred;
      const way = wayBack(board, number, this.index, level);
      // In a circle whoever was only postponed is served; nobody is refused whose way is free after that.
      if (way === "ends" || (way === "open" && inTheWay >= 0)) return this.#defer(number);
    }
    this.#serial = (this.#serial + 1) & 0xffff;
    if (!board.advance(number, seen, stateWith(SlotState.served, this.level + 1, this.#serial))) return false;
    const isDone = this.apart(number, () => this.#answer(number, isCall, server));
    if (!isDone) {
      board.advance(number, board.stateOf(number), SlotState.pending);
      return this.#defer(number);
    }
    Atomics.store(board.i32, board.slot(number) + SlotWord.state, SlotState.done);
    this.ring(board.askerOf(number).cpu);
    return true;
  }

  #answer(number: number, isCall: boolean, server: Server): boolean {
    if (!isCall) return server.order(number);
    server.call(number);
    return true;
  }

  #defer(number: number): false {
    if (!this.#deferred.includes(number)) this.#deferred.push(number);
    return false;
  }

  #levelOf(frame: number): number {
    return Math.max(
      0,
      this.#served.findLastIndex(({ base }) => base <= frame),
    );
  }
}
