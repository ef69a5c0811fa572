/**
 * The scheduler of one kernel: which thread runs, which could, which wait, and how a CPU changes from one to the next. How threads end is in
 * endings.ts.
 *
 * A thread that runs has exactly one frame on the CPU's stack when it is at its base, and only there it parks; so what is kept of it is
 * little, and nobody's frames ever lie under a parked one's. Called by the bridges of domains with threads (`domain-threads.ts`), by
 * kernel objects that threads wait for, and by whoever drives the CPU. It runs domain code only by letting a parked stack go on or by
 * starting one, in a microtask of its own.
 */
import type { Interface } from "../../idl/idl.ts";
import { bareMethod } from "../calls/link.ts";
import type { Kernel } from "../kernel.ts";
import { dropBase, enterBase, leaveBase } from "./base-frame.ts";
import { CallerWaits } from "./caller-waits.ts";
import { Endings } from "./endings.ts";
import type { ThreadGroup } from "./group.ts";
import { ReadyQueue } from "./ready-queue.ts";
import type { ThreadEnd, ThreadScheduler } from "./scheduler.ts";
import { Sleepers } from "./sleepers.ts";
import { Thread, type ThreadParts } from "./thread.ts";
import { ThreadTable } from "./thread-table.ts";
import { Travellers } from "./travellers.ts";

/** How long a thread runs while others of its priority are ready. */
export const SLICE_MICROS = 2000;
/** How long a domain may take to save or restore a thread. */
export const HOOK_MS = 50;
/** One turn in so many begins with a thread of any priority: no domain keeps the threads of others from running for ever. */
const FAIR_TURN = 8;
/** Changes of thread between two looks at the clock. */
const LOOK_AFTER = 16;
/** What a thread was in when its domain died of it. */
const THREAD: Interface = { id: "thread", functions: [], sharedTypes: [], namedTypes: [], resources: [], canonical: "", hash: "" };

export class Threads implements ThreadScheduler {
  /** Whose code runs, or has called whoever runs. HOT: read by everybody who asks who he is. */
  current: Thread | undefined = undefined;
  onReady: (() => void) | undefined = undefined;
  onEnd: ((threadId: number, end: ThreadEnd) => void) | undefined = undefined;
  /** Told of every change, for those who look on. */
  onChange: ((thread: Thread, what: "runs" | "parks" | "ready" | "ended") => void) | undefined = undefined;
  /** A thread that has something on another CPU parks for something else, or will not ask there any more. */
  onAway: ((thread: Thread, isOver: boolean) => void) | undefined = undefined;
  readonly table: ThreadTable;
  readonly waits: CallerWaits;
  readonly travellers: Travellers;
  /** When a hook was first seen running that runs still; 0 = none. */
  hookSinceMs = 0;
  readonly #kernel: Kernel;
  readonly #ready: ReadyQueue = new ReadyQueue();
  readonly #sleepers: Sleepers = new Sleepers();
  /** Taken from the ready ones, not yet running. */
  #coming: Thread | undefined = undefined;
  #stacks = 0;
  readonly #endings: Endings;
  #turns = 0;
  #isFair = false;
  #untilMs = 0;
  #switches = 0;
  #finish: (() => void) | undefined = undefined;
  #running: Promise<void> | undefined = undefined;

  /** @param cpus of the system, which share the process */
  constructor(kernel: Kernel, cpus = 1) {
    this.#kernel = kernel;
    this.table = new ThreadTable(kernel.place.index, cpus);
    this.waits = new CallerWaits(kernel, this);
    this.#endings = new Endings({
      table: this.table,
      ready: this.#ready,
      sleepers: this.#sleepers,
      isRunning: (thread) => this.current === thread,
      isComing: (thread) => this.#coming === thread,
      holdBack: (thread) => {
        if (this.#coming === thread) this.#coming = undefined;
      },
      stopSoon: () => void Atomics.store(kernel.i32, kernel.cpu.interrupt, 1),
      next: () => this.#next(),
      leaves: (thread, isOver) => this.onAway?.(thread, isOver),
      killAway: (cpu, thread, detail) => this.travellers.onKillAway?.(cpu, thread.id, detail),
      hasEnded: (thread, end) => this.onEnd?.(thread.id, end),
      changed: (thread) => this.onChange?.(thread, "ended"),
    });
    const endings = this.#endings;
    this.travellers = new Travellers(kernel, {
      table: this.table,
      create: (...parts) => this.create(...parts),
      makeReady: (thread) => this.#makeReady(thread),
      finish: (thread, end) => endings.finished(thread, end),
      tellEnd: (thread, end) => endings.tellEnd(thread, end),
      forget: (thread) => endings.forget(thread),
      leaves: (thread) => endings.leaveAll(thread),
    });
  }

  get hasReady(): boolean {
    return !this.#ready.isEmpty || this.#coming !== undefined;
  }

  /** Threads that are not ended. */
  list(): Thread[] {
    return this.table.list();
  }

  /** A promise of a thread's end, for the host; undefined: there is no such thread here. */
  endOf(id: number): Promise<ThreadEnd> | undefined {
    return this.table.endOf(id);
  }

  /** Stacks that exist, those of the dead that are not unwound yet among them. */
  get stacks(): number {
    return this.#stacks;
  }

  /** Resolves when no stack is left; called when all domains are dead. */
  async unwound(): Promise<void> {
    while (this.#stacks > 0) await Promise.resolve();
  }

  run(forMs: number = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.#running !== undefined) return this.#running;
    if (this.#kernel.depth !== 0) throw new Error("threads get their turn while no call is in progress");
    const now = performance.now();
    this.#wakeDue(now);
    if (this.#ready.isEmpty && this.#endings.dying === 0) return Promise.resolve();
    const { cpus } = this.#kernel;
    cpus?.cpu.enter();
    cpus?.afterCalls();
    this.#untilMs = now + forMs;
    this.#isFair = ++this.#turns % FAIR_TURN === 0;
    this.#running = new Promise((resolve) => {
      this.#finish = resolve;
    });
    const running = this.#running;
    this.#next();
    return running;
  }

  nextWakeMs(): number | undefined {
    const { nextMs } = this.#sleepers;
    return nextMs === undefined ? undefined : Math.max(0, nextMs - performance.now());
  }

  unpark(threadId: number): boolean {
    const thread = this.table.find(threadId);
    if (thread === undefined || thread.state === "ended") return false;
    this.wake(thread);
    return true;
  }

  kill(threadId: number, detail: string): boolean {
    const thread = this.table.find(threadId);
    if (thread === undefined || thread.state === "ended" || thread.doom !== undefined) return false;
    this.#endings.doom(thread, detail);
    return true;
  }

  /**
   * A thread that is ready to start.
   * @param known its id, where it comes from another CPU
   * @returns why not, for people
   */
  create(group: ThreadGroup, parts: Omit<ThreadParts, "id" | "domain" | "number">, known = 0): Thread | string {
    const { domain } = group;
    if (!group.hasRoom)
      return `all ${domain.spec.limits.threads} threads that limits.threads allows are in use: join or detach those that ended`;
    const { table } = this;
    if (table.isFull || this.#stacks >= table.most) return `this CPU has ${table.most} threads, which is all that it may have`;
    const id = known === 0 ? table.newId() : known;
    const thread = new Thread({ ...parts, id, domain, number: group.takeNumber() }, this.waits.newQueue());
    group.threads[thread.number] = thread;
    table.set(thread);
    this.#makeReady(thread);
    return thread;
  }

  /** The thread goes on, or does not park the next time. HOT: each wake-up. */
  wake(thread: Thread): void {
    if (thread.state === "ended" || thread.doom !== undefined || thread.isAway) return;
    if (!thread.isParked || thread.isSleeping) {
      thread.hasToken = true;
      return;
    }
    this.#sleepers.remove(thread);
    this.#makeReady(thread);
  }

  setPriority(thread: Thread, priority: number): void {
    if (thread.priority === priority) return;
    const isQueued = (thread.state === "ready" || thread.state === "fresh") && thread !== this.#coming;
    if (isQueued) this.#ready.remove(thread);
    thread.priority = priority;
    if (!isQueued) return;
    this.#ready.add(thread);
    this.#preempt(thread);
  }

  /** Whether a safepoint of the running thread, at its base, is to give way: to another thread, a sleeper, or the host's loop. */
  get mustGiveWay(): boolean {
    const { current } = this;
    if (current === undefined) return false;
    if (current.doom !== undefined || this.#ready.best <= current.priority) return true;
    const now = performance.now();
    return now >= this.#untilMs || now >= (this.#sleepers.nextMs ?? Number.POSITIVE_INFINITY);
  }

  /** Nobody comes between while a domain saves or restores a thread, so that has an end. Asked at safepoints in there. */
  hookTakesTooLong(): boolean {
    const now = performance.now();
    this.hookSinceMs ||= now;
    return now - this.hookSinceMs > HOOK_MS;
  }

  /** Whoever is to give way is asked again, where an interrupt was answered anywhere but at a safepoint at its base. */
  get asksAgain(): boolean {
    return this.current !== undefined && (this.current.doom !== undefined || (this.isAtBase && !this.current.wasAsked && this.mustGiveWay));
  }

  /** The thread that runs is at its base: no call lies between. */
  get isAtBase(): boolean {
    return this.current !== undefined && this.#kernel.depth === 1;
  }

  /** The stack of the running thread is being parked; it is to go on at once where `isReady`. The promise is what its stack waits for. */
  suspend(isReady: boolean): Promise<number> {
    const thread = this.current;
    if (thread === undefined) throw new Error("a stack was parked that is no thread's");
    this.#switchOut(thread);
    const promise = new Promise<number>((resolve) => {
      thread.resume = resolve;
    });
    if (thread.doom !== undefined) {
      thread.state = thread.state === "ended" ? "ended" : "parked";
      this.#endings.unwind(thread);
      return promise;
    }
    if (isReady || (thread.hasToken && !thread.isSleeping)) {
      if (!isReady) thread.hasToken = false;
      thread.state = "ready";
      this.#makeReady(thread);
    } else {
      thread.state = "parked";
      // A wake would not end its sleep.
      if (thread.isSleeping) this.#endings.leaveAll(thread);
      else this.#endings.passOn(thread, false);
      this.onChange?.(thread, "parks");
      if (thread.wakeAtMs !== Number.POSITIVE_INFINITY) this.#sleepers.add(thread);
    }
    this.#next();
    return promise;
  }

  /** A stack goes on. @returns false: it is to die */
  resumed(thread: Thread | undefined): boolean {
    if (thread === undefined || thread.doom !== undefined || thread.state === "ended") return false;
    this.#switchIn(thread);
    return true;
  }

  /** The entry of the running thread has returned. */
  ended(value: number): void {
    const thread = this.current;
    if (thread === undefined) throw new Error("a base returned that is no thread's");
    this.#switchOut(thread);
    // Its domain may have died when it left.
    if (thread.state !== "ended") {
      if (thread.next === undefined) this.#endings.finished(thread, { kind: "returned", value });
      else this.travellers.goOn(thread, thread.next);
    }
    this.#next();
  }

  /** As `Endings.bury`. */
  bury(group: ThreadGroup, recycle: () => void): void {
    this.#endings.bury(group, recycle);
  }

  /** Nobody will ask for the end of this thread any more. */
  forget(thread: Thread): void {
    this.#endings.forget(thread);
  }

  /** @param thrown what its stack was unwound with */
  stackIsGone(thread: Thread, thrown?: unknown): void {
    const group = thread.domain.threads as ThreadGroup;
    thread.hasStack = false;
    this.#stacks--;
    group.stacks--;
    if (thread.isDying) this.#endings.dying--;
    if (thrown !== undefined) {
      if (this.#coming === thread) this.#coming = undefined;
      if (this.current === thread) {
        this.current = undefined;
        dropBase(this.#kernel);
        this.#kernel.unwind(thread.domain, 0, thrown, { owner: THREAD, method: bareMethod(thread.name || String(thread.number), 0) });
      } else this.#endings.endKilled(thread);
    }
    if (group.stacks === 0) group.onLastStack?.();
    if (this.current === undefined) this.#next();
  }

  #makeReady(thread: Thread): void {
    if (thread.state !== "fresh") thread.state = "ready";
    this.#ready.add(thread);
    this.onChange?.(thread, "ready");
    if (this.current !== undefined) this.#preempt(thread);
    else if (this.#running === undefined) this.onReady?.();
  }

  /** The running one, if the thread goes before it. */
  #preempt(thread: Thread): void {
    const { current } = this;
    if (current !== undefined && thread.priority < current.priority) Atomics.store(this.#kernel.i32, this.#kernel.cpu.interrupt, 1);
  }

  #wakeDue(nowMs: number): void {
    for (let thread = this.#sleepers.takeDue(nowMs); thread !== undefined; thread = this.#sleepers.takeDue(nowMs)) {
      thread.timedOut = true;
      this.#makeReady(thread);
    }
  }

  /** Lets the next thread go on, in a microtask, or ends the run. */
  #next(): void {
    if (this.#finish === undefined || this.#coming !== undefined) return;
    if (++this.#switches % LOOK_AFTER === 0 || this.#ready.isEmpty) {
      const now = performance.now();
      this.#wakeDue(now);
      // Those that die may yet make others ready.
      if (this.#ready.isEmpty && this.#endings.dying > 0) return;
      if (now >= this.#untilMs || this.#ready.isEmpty) {
        const finish = this.#finish;
        this.#finish = this.#running = undefined;
        finish();
        return;
      }
    }
    const thread = this.#isFair ? this.#ready.takeInTurn() : this.#ready.take();
    this.#isFair = false;
    if (thread === undefined) return;
    this.#coming = thread;
    if (thread.state === "fresh") queueMicrotask(() => this.#start(thread));
    else {
      thread.resume?.(thread.number);
      thread.resume = undefined;
    }
  }

  #start(thread: Thread): void {
    const { domain, number, entry, words } = thread;
    const run = domain.threads?.run;
    if (this.#coming !== thread || run === undefined || thread.doom !== undefined) {
      if (this.#coming === thread) this.#coming = undefined;
      this.#endings.endKilled(thread);
      this.#next();
      return;
    }
    if (thread.startsOn !== undefined) {
      this.#coming = undefined;
      this.travellers.goOn(thread, { cpu: thread.startsOn, entry, words });
      this.#next();
      return;
    }
    this.#stacks++;
    (domain.threads as ThreadGroup).stacks++;
    thread.hasStack = true;
    this.#switchIn(thread);
    run(number, entry, words[0], words[1]).then(
      () => this.stackIsGone(thread),
      (thrown) => this.stackIsGone(thread, thrown),
    );
  }

  #switchIn(thread: Thread): void {
    this.#coming = undefined;
    this.current = thread;
    thread.state = "running";
    enterBase(this.#kernel, thread, SLICE_MICROS);
    this.onChange?.(thread, "runs");
  }

  /** Its domain may die here, if it was doomed meanwhile. */
  #switchOut(thread: Thread): void {
    this.current = undefined;
    leaveBase(this.#kernel, thread);
  }
}
