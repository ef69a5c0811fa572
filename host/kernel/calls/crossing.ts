/**
 * What a proxy does off its fast path: refusals, the unwinding of a dead callee, and leaving a dead caller.
 *
 * Each way ends the same: the caller's status words are set, then, if the caller itself died meanwhile, the saved trap
 * is thrown into it; else it gets 0 as the result.
 */
import { KERNEL_ID, STATE_RELAYING, STATE_RUNNING, STATE_STARTING } from "../../../shared-heap/layout.ts";
import { budgetText } from "../cpu-time.ts";
import { movedAway, RemoteFailure, SystemFault } from "../cpus/remote-failure.ts";
import type { Domain } from "../domain.ts";
import type { HandleCalls } from "../handles/handle-calls.ts";
import type { Kernel } from "../kernel.ts";
import { OUTSIDE_ITS_TYPE } from "../messages/message-transfer.ts";
import { Cause, type CauseCode, Refusal } from "../status.ts";
import { CLOSED, RecordWord } from "../words.ts";
import type { Link } from "./link.ts";
import type { Called, SlowPaths } from "./proxy.ts";
import { type Blamed, CallOfDead, endRelay, type Note, nameOf } from "./relay.ts";
import { throwSavedTrap } from "./saved-trap.ts";
import { wouldBlock } from "./would-block.ts";

/** Functions of the host fail without a domain to blame. */
const HOST: Blamed = { id: KERNEL_ID, name: "host", generation: 0 };

/** What led to a failure that nothing led to. */
const NOTHING: readonly Note[] = [];

/** The caller's side: where its status goes, and what it is called in messages. */
export interface CallerSide {
  readonly record: number;
  readonly id: number;
}

/** One object per context, of which a birth makes several: what they share is on the prototype. */
export class Crossing implements SlowPaths {
  readonly #kernel: Kernel;
  readonly #i32: Int32Array;
  readonly #caller: CallerSide;
  readonly #handles: HandleCalls;

  constructor(kernel: Kernel, caller: CallerSide, handles: HandleCalls) {
    this.#kernel = kernel;
    this.#i32 = kernel.i32;
    this.#caller = caller;
    this.#handles = handles;
  }

  notRunning(link: Link, ...words: number[]): number {
    // It lives, on another CPU.
    if (link.away !== undefined && link.target.domain.isElsewhere) return link.away(...words);
    if (this.#i32[link.target.record + RecordWord.state] === STATE_RELAYING) {
      return this.#fail(Cause.reentrant, link.target.domain, `${nameOf(link)} was called while ${link.target.domain.name} ends a call`);
    }
    if (link.target.id === 0) return this.#fail(Cause.dead, HOST, `${nameOf(link)} reaches no domain yet: create one and bind it`);
    const { domain } = link.target;
    this.#kernel.attend?.();
    link.deadNote ??= new CallOfDead(link, domain);
    return this.#failBy(link.deadNote, 0, NOTHING);
  }

  reentrant(link: Link): number {
    const chain = this.#kernel.chain().join(" → ");
    return this.#fail(Cause.reentrant, link.target.domain, `${nameOf(link)} closes a circle: ${chain} → ${link.target.domain.name}`);
  }

  isBusy(link: Link): boolean {
    const { record } = link.target;
    if (((this.#i32[record + RecordWord.entered] ?? 0) & (CLOSED - 1)) === 0) return this.isThrottled(link);
    this.reentrant(link);
    return true;
  }

  /** The detail is how long the caller has to wait at most. */
  isThrottled(link: Link): boolean {
    const { domain } = link.target;
    if (!this.#kernel.cpuTime.isClosed(domain)) return false;
    const why = `${nameOf(link)} was not called: ${domain.name}#${domain.generation} has used ${budgetText(domain)}`;
    this.#fail(Cause.throttled, domain, why, Math.ceil(domain.spec.limits.cpuWindowMs));
    return true;
  }

  tooDeep(link: Link): number {
    return this.#fail(Cause.depth, link.target.domain, `${nameOf(link)} was called ${this.#kernel.depth} calls deep`);
  }

  refused(link: Link, base: number, type: number): number {
    const { ownerOf, typeOf } = this.#kernel.heap.exports;
    const isCallersFault = ownerOf(base) !== this.#caller.id || typeOf(base) >>> 0 !== type >>> 0;
    const reason = isCallersFault
      ? "an object argument does not belong to the caller or has another type"
      : "an object argument is lent or pinned, or the callee's quota has no room for it";
    return this.#fail(
      Cause.refused,
      link.target.domain,
      `${nameOf(link)} was not called: ${reason}`,
      isCallersFault ? Refusal.argument : Refusal.calleeFull,
    );
  }

  badWords(link: Link): number {
    return this.#fail(
      Cause.refused,
      this.#blamedFor(link),
      `${nameOf(link)} was not called: a value is outside its type`,
      Refusal.argument,
    );
  }

  badMessage(link: Link, reason: number): number {
    const isCallersFault = reason === OUTSIDE_ITS_TYPE;
    const what = isCallersFault
      ? "the message with its arguments is none of their types, has too many parts, or holds what the caller may not pass"
      : "what the message with its arguments holds is lent or pinned, or the callee's quota has no room for it";
    const detailCode = isCallersFault ? Refusal.argument : Refusal.calleeFull;
    return this.#fail(Cause.refused, this.#blamedFor(link), `${nameOf(link)} was not called: ${what}`, detailCode);
  }

  noInstance(called: Called): number {
    return this.#fail(Cause.refused, HOST, `${nameOf(called)} was not called: its handle names no instance that the caller may use`);
  }

  otherInterface(called: Called): number {
    const reason = `the instance's exporter means another interface by ${called.owner.id}`;
    return this.#fail(Cause.refused, HOST, `${nameOf(called)} was not called: ${reason}`);
  }

  badHandle(link: Link, calleeIsFull: boolean): number {
    const reason = calleeIsFull
      ? "the callee's quota has no room for a handle, or too many instances of its exporter wait for their end"
      : "a handle argument names no instance that the caller may pass so, or one that the callee does not export";
    const detailCode = calleeIsFull ? Refusal.calleeFull : Refusal.argument;
    return this.#fail(Cause.refused, this.#blamedFor(link), `${nameOf(link)} was not called: ${reason}`, detailCode);
  }

  noStack(link: Link): number {
    return this.#fail(
      Cause.depth,
      this.#blamedFor(link),
      `${nameOf(link)} was not called: too little stack is left for it and those it calls`,
    );
  }

  badInstance(link: Link): number {
    const reason = "returned an instance that it cannot give away, or for which its caller's quota has no room";
    return this.#fail(Cause.refused, this.#blamedFor(link), `${nameOf(link)} ${reason}`, Refusal.result);
  }

  badResult(link: Link, result: number, from: number): number {
    this.#dropResult(link, result, from);
    return this.#fail(Cause.refused, link.target.domain, `${nameOf(link)} returned a value outside its type`, Refusal.result);
  }

  unwind(callee: Domain, depth: number, thrown: unknown, called: Called): void {
    this.#kernel.unwind(callee, depth, thrown, called);
  }

  buryIfGone(callee: Domain, called: Called): void {
    if (callee.doom === undefined) return;
    callee.lastCall = called;
    this.#kernel.buryIfGone(callee);
  }

  givesBack({ doom, failures }: Domain): boolean {
    return doom === undefined && lastCause(failures.relayed ?? NOTHING) === Cause.blocked;
  }

  ended(link: Link, callee: Domain, result: number): number {
    return callee.doom === undefined ? this.#gaveUp(link, callee, result) : this.died(link, callee);
  }

  hostThrew(link: Link, thrown: unknown): number {
    if (thrown === movedAway) {
      this.#leaveIfDead();
      return 0;
    }
    if (thrown instanceof RemoteFailure) return this.#failedElsewhere(thrown);
    if (thrown instanceof SystemFault) throw thrown;
    if (thrown === wouldBlock) return this.#fail(Cause.blocked, HOST, `${nameOf(link)} would have to wait`);
    this.#kernel.events.emit({ kind: "host-error", domain: this.#kernel.running?.name ?? "host", function: nameOf(link), error: thrown });
    return this.#fail(Cause.host, HOST, `${nameOf(link)} threw: ${textOf(thrown)}`);
  }

  late(link: Link, result: number): number {
    const { method } = link;
    if (method.resultMove !== undefined && result >>> 0 >= 64) this.#kernel.heap.exports.free(result);
    if (method.resultHandle !== undefined && result !== 0) {
      const handle = method.result === "packed" ? (this.#i32[this.#caller.record + RecordWord.results] ?? 0) : result;
      this.#handles.giveUp(handle, this.#kernel.capabilities.numberOf(method.resultHandle));
    }
    return this.#fail(Cause.late, link.target.domain, `${nameOf(link)} returned after the caller's deadline`);
  }

  interrupted(): void {
    this.#kernel.answerInterrupt();
  }

  wakeWatchdog(): void {
    this.#kernel.watchdog.wake();
  }

  #blamedFor(link: Link): Blamed {
    return link.hostSide === undefined ? link.target.domain : HOST;
  }

  #leaveIfDead(): void {
    const state = this.#i32[this.#caller.record + RecordWord.state] ?? 0;
    if (state !== STATE_RUNNING && state !== STATE_STARTING) this.leave();
  }

  /** Whoever gave its call up has ended it: all that is left to it is to return. */
  leave(): never {
    if (this.#i32[this.#caller.record + RecordWord.state] === STATE_RELAYING) {
      this.#kernel.doomCaller(this.#caller.id, "called another domain after it had given its own call up");
    }
    throwSavedTrap();
  }

  /** @param before what the callee met before it failed, oldest first */
  #fail(code: CauseCode, { id, name, generation }: Blamed, detail: string, detailCode = 0, before: readonly Note[] = NOTHING): number {
    return this.#failBy({ code, blamed: { id, name, generation }, detail }, detailCode, before);
  }

  #failBy(note: Note, detailCode: number, before: readonly Note[]): number {
    const status = this.#caller.record + RecordWord.status;
    this.#i32[status] = note.code;
    this.#i32[status + 1] = note.blamed.id;
    this.#i32[status + 2] = note.blamed.generation;
    this.#i32[status + 3] = detailCode;
    this.#kernel.usage.failed(note.blamed.id);
    this.#kernel.noteFailure(this.#caller.id, note, before);
    this.#leaveIfDead();
    return 0;
  }

  died(link: Link, callee: Domain): number {
    this.#kernel.attend?.();
    const { cause, detail } = callee.doom ?? { cause: Cause.killed, detail: "killed" };
    return this.#fail(cause, callee, `${nameOf(link)}: ${detail}`);
  }

  /** A call into a domain of another CPU, with the status that it would have here. */
  #failedElsewhere({ code, blamed, detail, detailCode, before }: RemoteFailure): number {
    if (code !== Cause.refused && code !== Cause.late) this.#kernel.attend?.();
    return this.#fail(code, blamed, detail, detailCode, before);
  }

  /** Blames whom the callee blames, so that a relayed error shows whose it is. */
  #gaveUp(link: Link, callee: Domain, result: number): number {
    const notes = endRelay(this.#kernel, callee);
    this.#dropResult(link, result, callee.id);
    const victim = notes.findLast(({ code }) => code !== Cause["gave-up"]) ?? { code: Cause.trap, blamed: callee, detail: "" };
    const who = `${nameOf(link)}: ${callee.name}#${callee.generation} gave up`;
    // What was passed inside of other values is the callee's: the same call cannot be made again.
    const isOver = victim.code === Cause.blocked && this.#passesInside(link);
    return this.#fail(Cause["gave-up"], victim.blamed, `${who}: ${victim.detail}`, isOver ? Cause["gave-up"] : victim.code, notes);
  }

  #passesInside({ method: { handles, paramsMessage } }: Link): boolean {
    if (handles.some(({ mode }) => mode === "own")) return true;
    return paramsMessage !== undefined && this.#kernel.messages.transferOf(paramsMessage, this.#kernel.heap.exports).holdsObjects;
  }

  /** The callee gave the object up: where it cannot be handed over, keeping it would fill the callee's quota. */
  #dropResult(link: Link, result: number, from: number): void {
    const { typeOf, drop } = this.#kernel.heap.exports;
    const type = link.method.resultMove;
    if (type !== undefined && typeOf(result) >>> 0 === type >>> 0) drop(result, from);
  }
}

/** Why a domain gave up: the last that it met, but for those who gave up because of that. */
function lastCause(notes: readonly Note[]): CauseCode | undefined {
  return notes.findLast(({ code }) => code !== Cause["gave-up"])?.code;
}

/** Whatever it is: this must not throw. */
function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return "something without a text";
  }
}
