/**
 * The kernel of one CPU: who runs, who calls whom, who must die, and what becomes of a domain's things when it has died.
 *
 * Called by proxies (through `crossing.ts`), by domains at safepoints (`tick`), and by `birth.ts`.
 * Every effect happens between two safepoints of domain code, so nothing here is ever interrupted or unwound.
 * It never throws into a domain except the saved trap, and never runs code of a domain except through a proxy.
 */

import type { SharedHeap } from "../../shared-heap/heap.ts";
import {
  DOMAIN_SLOTS,
  KERNEL_ID,
  STATE_DEAD,
  STATE_DYING,
  STATE_RELAYING,
  STATE_RUNNING,
  STATE_STARTING,
} from "../../shared-heap/layout.ts";
import type { Watchdog } from "../platform/watchdog.ts";
import { contextOf } from "./calls/context.ts";
import { makeProbe, type Probe } from "./calls/probe.ts";
import type { Called, ProxyContext } from "./calls/proxy.ts";
import { failureOf, type Note } from "./calls/relay.ts";
import { stackOf } from "./calls/saved-trap.ts";
import type { Tracer } from "./calls/tracer.ts";
import { type CpuPlace, hostIdOf, ONLY_CPU, openHost, slotsOf } from "./cpu-place.ts";
import { CpuTime } from "./cpu-time.ts";
import type { Cpus } from "./cpus/cpus.ts";
import type { Domain, LifeState } from "./domain.ts";
import { Emitter, type KernelEvent } from "./events.ts";
import { Destructors } from "./handles/destructors.ts";
import { CapabilityTypes, type HandleSide, HandleTable, MAX_HANDLES, Waiting } from "./handles/handles.ts";
import { bury } from "./life/burial.ts";
import { Deaths } from "./life/deaths.ts";
import { explainRefusal } from "./life/refused-access.ts";
import { classifyTrap } from "./life/trap.ts";
import { MemoryPool } from "./memory-pool.ts";
import { Messages } from "./messages/messages.ts";
import type { Seat } from "./seat.ts";
import { SlotTable } from "./slots.ts";
import { Cause, type CauseCode, type RpcError } from "./status.ts";
import { Threads } from "./threads/threads.ts";
import { TypeRegistry } from "./type-registry.ts";
import { Usage } from "./usage.ts";
import { CLOSED, type CpuWords, cpuWords, FRAME_WORDS, FrameWord, RECORD_WORDS, RecordWord, recordIndex } from "./words.ts";

/** The last slot is never given away: its record is never running, and links of dead domains point at it. */
const DEAD_SLOT = DOMAIN_SLOTS - 1;

/** Runs at every safepoint while it is set; the fault injector is the only user. */
export type StepHook = (running: Domain | undefined) => void;

export class Kernel {
  readonly heap: SharedHeap;
  /** Owner word and record of the host as this CPU's callers and callees see it. */
  readonly hostId: number;
  readonly hostRecord: number;
  readonly i32: Int32Array;
  readonly place: CpuPlace;
  readonly cpu: CpuWords;
  /** Where this is not the only CPU. */
  cpus: Cpus | undefined = undefined;
  readonly probe: Probe;
  readonly slots: SlotTable;
  readonly memories: MemoryPool = new MemoryPool();
  readonly types: TypeRegistry = new TypeRegistry();
  readonly capabilities: CapabilityTypes = new CapabilityTypes();
  readonly destructors: Destructors = new Destructors(this);
  readonly messages: Messages;
  /** What handles mean to the host where it exports nothing itself. */
  readonly hostSide: HandleSide = { table: new HandleTable(MAX_HANDLES, new Waiting()), exporter: undefined, reps: new Set() };
  readonly events: Emitter<KernelEvent> = new Emitter();
  readonly deaths: Deaths = new Deaths();
  readonly threads: Threads;
  readonly deadRecord: number = recordIndex(DEAD_SLOT);
  /** Wraps what is linked, see `trace`. */
  tracer: Tracer | undefined = undefined;
  readonly watchdog: Watchdog;
  readonly cpuTime: CpuTime;
  readonly usage: Usage;
  readonly #domains: (Domain | undefined)[] = [];
  /** What every domain on this CPU imports. */
  readonly sameImports: Readonly<Record<"heap" | "line" | "tick", WebAssembly.ImportValue>>;
  #lifeContext: ProxyContext | undefined;
  #stepHook: StepHook | undefined;
  /** Called after a death has been noted by the caller of the dead, and when a dead domain was called: restarts what is to be restarted. */
  attend: (() => void) | undefined = undefined;
  /** Called when an interrupt is answered: what is asked from outside while domains run. Never runs any. */
  outside: (() => void) | undefined = undefined;
  #lastFailure: RpcError | undefined;

  constructor(heap: SharedHeap, watchdog: Watchdog, place: CpuPlace = ONLY_CPU) {
    this.heap = heap;
    this.i32 = heap.i32;
    this.place = place;
    this.cpu = cpuWords(place.index);
    this.hostId = hostIdOf(place);
    this.hostRecord = recordIndex(place.index);
    openHost(heap, place);
    this.messages = new Messages(heap, this.hostId, (resource) => this.capabilities.numberOf(resource));
    this.probe = makeProbe();
    this.sameImports = {
      heap: heap.memory,
      line: new WebAssembly.Global({ value: "i32" }, this.cpu.line),
      tick: () => this.tick(),
    };
    const { first, end } = slotsOf(place, DEAD_SLOT);
    this.slots = new SlotTable(end, first);
    this.watchdog = watchdog;
    this.cpuTime = new CpuTime(this, watchdog.accounts);
    this.threads = new Threads(this, place.of);
    this.usage = new Usage(this.i32);
    this.i32[this.deadRecord + RecordWord.state] = STATE_DEAD;
    this.i32[this.cpu.sequence] = 1;
  }

  /** Before the first domain is created. */
  trace(tracer: Tracer): void {
    this.tracer = tracer;
    tracer.attach(this);
  }

  /** Whether a callee of this rank, and those it calls, have their stack. Only after a probe that left room for the answer "no". */
  hasStackFor(rank: number): boolean {
    try {
      if (rank === 0) this.probe.crossing(0);
      else this.probe.deepCrossing(rank);
      return true;
    } catch {
      return false;
    }
  }

  /** Calls in progress on this CPU. */
  get depth(): number {
    return this.i32[this.cpu.depth] ?? 0;
  }

  /** Number of the innermost call in progress. */
  get sequence(): number {
    return this.depth === 0 ? 0 : (this.i32[this.#frame(this.depth - 1)] ?? 0);
  }

  /** Names of the domains in the chain of calls, outermost first. */
  chain(): string[] {
    return this.callers().map((domain) => domain?.name ?? "?");
  }

  /** The same as domains; undefined stands for one that is not known here. */
  callers(): (Domain | undefined)[] {
    const { cpus } = this;
    const base = cpus?.cpu.baseDepth ?? 0;
    const here = Array.from({ length: this.depth - base }, (_, above) => this.#calleeAt(base + above));
    return cpus === undefined ? here : [...cpus.callers(), ...here];
  }

  /** What a proxy for the host's own calls needs. */
  hostContext(calleeState: number = STATE_RUNNING): ProxyContext {
    const host = { id: this.hostId, record: this.hostRecord, handles: this.hostSide, factories: undefined };
    return contextOf(this, host, false, calleeState);
  }

  /** The same for start functions, `init` and `recover`. */
  get lifeContext(): ProxyContext {
    this.#lifeContext ??= this.hostContext(STATE_STARTING);
    return this.#lifeContext;
  }

  /** What proxies for a domain's calls need. */
  domainContext(domain: Domain): ProxyContext {
    const setsDeadlines = domain.spec.loaded.imports.some(({ module, name }) => module === "kernel" && name === "deadline");
    const { id, record, asCaller } = domain;
    return contextOf(this, { id, record, handles: asCaller, factories: domain.seat.code.calls }, setsDeadlines, STATE_RUNNING);
  }

  register(domain: Domain): void {
    this.seatIn(domain);
    if (domain.isElsewhere) return;
    this.usage.open(domain);
    this.cpus?.published(domain);
  }

  /** Its slot is its own from now on: another's before that was the same domain, as another CPU knows it. */
  seatIn(domain: Domain): void {
    this.#domains[domain.slot] = domain;
  }

  isAlive(domain: Domain): boolean {
    const state = this.i32[domain.record + RecordWord.state];
    return this.i32[domain.record] === domain.id && (state === STATE_RUNNING || state === STATE_STARTING || state === STATE_RELAYING);
  }

  /**
   * Ends a domain. One that is in the chain of calls dies at its next safepoint or when control returns to it;
   * any other dies here. Killing a dead domain does nothing.
   */
  kill(domain: Domain, detail: string): void {
    if (!this.isAlive(domain)) return;
    if (domain.isElsewhere) {
      this.cpus?.kill(domain, detail);
      return;
    }
    this.doom(domain, Cause.killed, detail);
    if (this.#isOnStack(domain)) Atomics.store(this.i32, this.cpu.interrupt, 1);
    else bury(this, domain);
  }

  /** Refuses new entries and notes the cause; the first cause stays. */
  doom(domain: Domain, cause: CauseCode, detail: string): void {
    if (domain.doom !== undefined) return;
    domain.doom = { cause, detail };
    this.i32[domain.record + RecordWord.state] = STATE_DYING;
    this.tell(domain, "dying");
  }

  /** A domain has got so far in its life. */
  tell(domain: Domain, state: LifeState): void {
    domain.life = state;
    this.events.emit({ kind: "state", domain: domain.name, generation: domain.generation, state });
  }

  /** A domain that called on after it had ended its call. */
  doomCaller(id: number, detail: string): void {
    const caller = this.byId(id);
    if (caller !== undefined) this.doom(caller, Cause.trap, detail);
  }

  /** Called by a domain's own code at a safepoint whose interrupt word is set: 1 = execute `unreachable`. */
  tick(): number {
    this.probe.capability(0);
    this.answerInterrupt();
    const running = this.running;
    return running === undefined || this.isAlive(running) ? 0 : 1;
  }

  /**
   * Whoever is told of something here may call domains, and the host may not have read yet all that its last call has answered: that call's
   * proxy has its interrupts answered before it returns.
   */
  answerInterrupt(): void {
    const { i32, hostRecord } = this;
    const results = i32.slice(hostRecord + RecordWord.results, hostRecord + RECORD_WORDS);
    this.#answer();
    i32.set(results, hostRecord + RecordWord.results);
  }

  /** Clears the interrupt word first: whatever is raised after that is seen at the next safepoint. */
  #answer(): void {
    Atomics.store(this.i32, this.cpu.interrupt, 0);
    this.cpuTime.answer();
    this.cpus?.cpu.look();
    this.outside?.();
    if (this.threads.asksAgain) Atomics.store(this.i32, this.cpu.interrupt, 1);
    if (this.#stepHook === undefined) return;
    this.#stepHook(this.running);
    if (this.#stepHook !== undefined) Atomics.store(this.i32, this.cpu.interrupt, 1);
  }

  /** Calls `hook` at every safepoint from now on, until it is set to undefined. */
  set stepHook(hook: StepHook | undefined) {
    this.#stepHook = hook;
    if (hook !== undefined) Atomics.store(this.i32, this.cpu.interrupt, 1);
  }

  /** A callee's frames are gone because something was thrown through them. */
  unwind(callee: Domain, depth: number, thrown: unknown, called: Called): void {
    const unexpected = !(thrown instanceof WebAssembly.RuntimeError) && !(thrown instanceof RangeError);
    if (unexpected) throw thrown;
    callee.lastStack = stackOf(thrown);
    callee.lastCall = called;
    this.#completeAbandoned(depth);
    this.i32[this.cpu.depth] = depth;
    this.#leaveRecord(callee);
    const refused = explainRefusal(this.i32, callee, (id) => this.byId(id)?.name);
    const { cause, detail } = classifyTrap(thrown as Error, callee, refused);
    this.doom(callee, cause, detail);
    this.buryIfGone(callee);
  }

  /** Buries a doomed domain as soon as no frame of it is left. */
  buryIfGone(domain: Domain): void {
    if (!this.#isOnStack(domain) && !this.isGone(domain)) bury(this, domain);
  }

  /** A call of this caller failed. @param before what led to it, oldest first */
  noteFailure(callerId: number, note: Note, before: readonly Note[] = []): void {
    this.tracer?.failure(callerId, [...before, note]);
    if (callerId !== this.hostId) {
      const failures = this.byId(callerId)?.failures;
      for (const earlier of before) failures?.add(this.sequence, earlier);
      failures?.add(this.sequence, note);
      return;
    }
    const error: RpcError = { kind: "rpc-error", ...failureOf(note) };
    this.#lastFailure = before.length === 0 ? error : { ...error, chain: before.map(failureOf) };
  }

  /** The error of the host's last call, given once. */
  takeFailure(): RpcError | undefined {
    const failure = this.#lastFailure;
    this.#lastFailure = undefined;
    return failure;
  }

  /** Buried: nothing of it is left. */
  isGone(domain: Domain): boolean {
    return this.#domains[domain.slot] !== domain || (domain.isElsewhere && this.i32[domain.record] !== domain.id);
  }

  /** Somebody's links follow its generations. */
  hasFollowers(seat: Seat): boolean {
    return this.cpus?.hasFollowers(seat) ?? seat.followers.size > 0;
  }

  /** The generation that sits in a seat, if it lives. */
  occupant(seat: Seat): Domain | undefined {
    if (this.cpus?.isElsewhere(seat) === true) this.cpus.refresh(seat);
    const { current } = seat;
    return current !== undefined && this.isAlive(current) ? current : undefined;
  }

  /** Whose code runs, or has called the host: the callee of the last frame. */
  get running(): Domain | undefined {
    return this.depth === 0 ? undefined : this.#calleeAt(this.depth - 1);
  }

  /** Who an owner word stands for, for people: `shadow#2`. */
  nameOf(id: number): string {
    if (id === KERNEL_ID || id === this.hostId) return "kernel";
    const domain = this.byId(id);
    return domain === undefined ? "nobody" : `${domain.name}#${domain.generation}`;
  }

  /** The generation with this owner word, until it is buried. */
  byId(id: number): Domain | undefined {
    const domain = this.#domains[id & (DOMAIN_SLOTS - 1)];
    return domain?.id === id ? domain : undefined;
  }

  /** All that live, and those of other CPUs that were met here. */
  living(): Domain[] {
    return this.#domains.filter((domain) => domain !== undefined && this.isAlive(domain)) as Domain[];
  }

  /** The generation of this name that lives. */
  domainNamed(name: string): Domain | undefined {
    return this.#domains.find((domain) => domain?.name === name && this.isAlive(domain));
  }

  #frame(depth: number): number {
    return this.cpu.frames + depth * FRAME_WORDS;
  }

  #calleeAt(depth: number): Domain | undefined {
    return this.byId(this.i32[this.#frame(depth) + FrameWord.callee] ?? 0);
  }

  #isOnStack(domain: Domain): boolean {
    return ((this.i32[domain.record + RecordWord.entered] ?? 0) & (CLOSED - 1)) > 0;
  }

  /** The call with this sequence number; a number that no frame carries is a late tick. */
  callOf(sequence: number): { readonly callee: Domain | undefined; readonly budgetMs: number } | undefined {
    for (let depth = this.depth - 1; depth >= 0; depth--) {
      const frame = this.#frame(depth);
      if (this.i32[frame] !== sequence) continue;
      return { callee: this.#calleeAt(depth), budgetMs: ((this.i32[frame + FrameWord.budget] ?? 0) >>> 0) / 1000 };
    }
    return undefined;
  }

  #leaveRecord(domain: Domain): void {
    const entered = domain.record + RecordWord.entered;
    this.i32[entered] = (this.i32[entered] ?? 1) - 1;
  }

  /**
   * Completes calls whose proxies were themselves unwound. The probe makes that impossible for a stack overflow; should
   * it happen all the same, the frames say who was called: each such domain dies, and with it all that it holds or reads.
   */
  #completeAbandoned(depth: number): void {
    for (let above = this.depth - 1; above > depth; above--) {
      const callee = this.#calleeAt(above);
      this.i32[this.cpu.depth] = above;
      if (callee === undefined) continue;
      this.#leaveRecord(callee);
      this.doom(callee, Cause.trap, "was unwound together with its caller");
      this.buryIfGone(callee);
    }
  }

  /** Buried as `life/burial.ts` does it; its place here is free. */
  unseat(domain: Domain): void {
    this.#domains[domain.slot] = undefined;
  }
}
