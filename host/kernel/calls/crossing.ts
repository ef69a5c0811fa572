/**
 * What a proxy does off its fast path: refusals, the unwinding of a dead callee, and leaving a dead caller.
 *
 * Each way ends the same: the caller's status words are set, then, if the caller itself died meanwhile, the saved trap
 * is thrown into it; else it gets 0 as the result.
 */
import { KERNEL_ID, STATE_RELAYING, STATE_RUNNING, STATE_STARTING } from "../../../shared-heap/layout.ts";
import { budgetText } from "../cpu-time.ts";
import type { Domain } from "../domain.ts";
import type { HandleCalls } from "../handles/handle-calls.ts";
import type { Kernel } from "../kernel.ts";
import { OUTSIDE_ITS_TYPE } from "../messages/message-transfer.ts";
import { Cause, type CauseCode, Refusal } from "../status.ts";
import { CLOSED, RecordWord } from "../words.ts";
import type { Link } from "./link.ts";
import type { Called, SlowPaths } from "./proxy.ts";
import { type Blamed, endRelay, type Note } from "./relay.ts";
import { throwSavedTrap } from "./saved-trap.ts";
import { wouldBlock } from "./would-block.ts";

/** Functions of the host fail without a domain to blame. */
const HOST: Blamed = { id: KERNEL_ID, name: "host", generation: 0 };

/** The caller's side: where its status goes, and what it is called in messages. */
export interface CallerSide {
  readonly record: number;
  readonly id: number;
}

export function makeSlowPaths(kernel: Kernel, caller: CallerSide, handles: HandleCalls): SlowPaths {
  const { i32 } = kernel;

  function blamedFor(link: Link): Blamed {
    return link.hostSide === undefined ? link.target.domain : HOST;
  }

  function leaveIfDead(): void {
    const state = i32[caller.record + RecordWord.state] ?? 0;
    if (state !== STATE_RUNNING && state !== STATE_STARTING) leave();
  }

  /** Whoever gave its call up has ended it: all that is left to it is to return. */
  function leave(): never {
    if (i32[caller.record + RecordWord.state] === STATE_RELAYING) {
      kernel.doomCaller(caller.id, "called another domain after it had given its own call up");
    }
    throwSavedTrap();
  }

  /** @param before what the callee met before it failed, oldest first */
  function fail(code: CauseCode, blamed: Blamed, detail: string, detailCode = 0, before: readonly Note[] = []): number {
    const status = caller.record + RecordWord.status;
    i32[status] = code;
    i32[status + 1] = blamed.id;
    i32[status + 2] = blamed.generation;
    i32[status + 3] = detailCode;
    kernel.noteFailure(caller.id, [...before, { code, blamed, detail }]);
    leaveIfDead();
    return 0;
  }

  function died(link: Link, callee: Domain): number {
    kernel.attend?.();
    const { cause, detail } = callee.doom ?? { cause: Cause.killed, detail: "killed" };
    return fail(cause, callee, `${nameOf(link)}: ${detail}`);
  }

  /** Blames whom the callee blames, so that a relayed error shows whose it is. */
  function gaveUp(link: Link, callee: Domain, result: number): number {
    const notes = endRelay(kernel, callee);
    dropResult(link, result, callee.id);
    const victim = notes.findLast(({ code }) => code !== Cause["gave-up"]) ?? { code: Cause.trap, blamed: callee, detail: "" };
    const who = `${nameOf(link)}: ${callee.name}#${callee.generation} gave up`;
    return fail(Cause["gave-up"], victim.blamed, `${who}: ${victim.detail}`, victim.code, notes);
  }

  /** The callee gave the object up: where it cannot be handed over, keeping it would fill the callee's quota. */
  function dropResult(link: Link, result: number, from: number): void {
    const { typeOf, drop } = kernel.heap.exports;
    const type = link.method.resultMove;
    if (type !== undefined && typeOf(result) >>> 0 === type >>> 0) drop(result, from);
  }

  function nameOf({ owner, method }: Called): string {
    return `${owner.id}#${method.name}`;
  }

  function reentrant(link: Link): number {
    const chain = kernel.chain().join(" → ");
    return fail(Cause.reentrant, link.target.domain, `${nameOf(link)} closes a circle: ${chain} → ${link.target.domain.name}`);
  }

  /** The detail is how long the caller has to wait at most. */
  function isThrottled(link: Link): boolean {
    const { domain } = link.target;
    if (!kernel.cpuTime.isClosed(domain)) return false;
    const why = `${nameOf(link)} was not called: ${domain.name}#${domain.generation} has used ${budgetText(domain)}`;
    fail(Cause.throttled, domain, why, Math.ceil(domain.spec.limits.cpuWindowMs));
    return true;
  }

  return {
    notRunning(link) {
      if (i32[link.target.record + RecordWord.state] === STATE_RELAYING) {
        return fail(Cause.reentrant, link.target.domain, `${nameOf(link)} was called while ${link.target.domain.name} ends a call`);
      }
      if (link.target.id === 0) return fail(Cause.dead, HOST, `${nameOf(link)} reaches no domain yet: create one and bind it`);
      const { domain } = link.target;
      kernel.attend?.();
      return fail(Cause.dead, domain, `${nameOf(link)} was called on a dead generation`);
    },
    reentrant,
    isBusy(link) {
      const { record } = link.target;
      if (((i32[record + RecordWord.entered] ?? 0) & (CLOSED - 1)) === 0) return isThrottled(link);
      reentrant(link);
      return true;
    },
    isThrottled,
    tooDeep(link) {
      return fail(Cause.depth, link.target.domain, `${nameOf(link)} was called ${kernel.depth} calls deep`);
    },
    refused(link, base, type) {
      const { ownerOf, typeOf } = kernel.heap.exports;
      const isCallersFault = ownerOf(base) !== caller.id || typeOf(base) >>> 0 !== type >>> 0;
      const reason = isCallersFault
        ? "an object argument does not belong to the caller or has another type"
        : "an object argument is lent or pinned, or the callee's quota has no room for it";
      return fail(
        Cause.refused,
        link.target.domain,
        `${nameOf(link)} was not called: ${reason}`,
        isCallersFault ? Refusal.argument : Refusal.calleeFull,
      );
    },
    badWords(link) {
      return fail(Cause.refused, blamedFor(link), `${nameOf(link)} was not called: a value is outside its type`, Refusal.argument);
    },
    badMessage(link, reason) {
      const isCallersFault = reason === OUTSIDE_ITS_TYPE;
      const what = isCallersFault
        ? "the message with its arguments is none of their types, has too many parts, or holds what the caller may not pass"
        : "what the message with its arguments holds is lent or pinned, or the callee's quota has no room for it";
      const detailCode = isCallersFault ? Refusal.argument : Refusal.calleeFull;
      return fail(Cause.refused, blamedFor(link), `${nameOf(link)} was not called: ${what}`, detailCode);
    },
    noInstance(called) {
      return fail(Cause.refused, HOST, `${nameOf(called)} was not called: its handle names no instance that the caller may use`);
    },
    otherInterface(called) {
      const reason = `the instance's exporter means another interface by ${called.owner.id}`;
      return fail(Cause.refused, HOST, `${nameOf(called)} was not called: ${reason}`);
    },
    badHandle(link, calleeIsFull) {
      const reason = calleeIsFull
        ? "the callee's quota has no room for a handle, or too many instances of its exporter wait for their end"
        : "a handle argument names no instance that the caller may pass so, or one that the callee does not export";
      const detailCode = calleeIsFull ? Refusal.calleeFull : Refusal.argument;
      return fail(Cause.refused, blamedFor(link), `${nameOf(link)} was not called: ${reason}`, detailCode);
    },
    noStack(link) {
      return fail(Cause.depth, blamedFor(link), `${nameOf(link)} was not called: too little stack is left for it and those it calls`);
    },
    badInstance(link) {
      const reason = "returned an instance that it cannot give away, or for which its caller's quota has no room";
      return fail(Cause.refused, blamedFor(link), `${nameOf(link)} ${reason}`, Refusal.result);
    },
    badResult(link, result, from) {
      dropResult(link, result, from);
      return fail(Cause.refused, link.target.domain, `${nameOf(link)} returned a value outside its type`, Refusal.result);
    },
    unwind(callee, depth, thrown, called) {
      kernel.unwind(callee, depth, thrown, called);
    },
    buryIfGone(callee, called) {
      if (callee.doom === undefined) return;
      callee.lastCall = called;
      kernel.buryIfGone(callee);
    },
    died,
    ended(link, callee, result) {
      return callee.doom === undefined ? gaveUp(link, callee, result) : died(link, callee);
    },
    hostThrew(link, thrown) {
      if (thrown === wouldBlock) return fail(Cause.blocked, HOST, `${nameOf(link)} would have to wait`);
      kernel.events.emit({ kind: "host-error", domain: kernel.running?.name ?? "host", function: nameOf(link), error: thrown });
      return fail(Cause.host, HOST, `${nameOf(link)} threw: ${textOf(thrown)}`);
    },
    late(link, result) {
      const { method } = link;
      if (method.resultMove !== undefined && result >>> 0 >= 64) kernel.heap.exports.free(result);
      if (method.resultHandle !== undefined && result !== 0) {
        const handle = method.result === "packed" ? (i32[caller.record + RecordWord.results] ?? 0) : result;
        handles.giveUp(handle, kernel.capabilities.numberOf(method.resultHandle));
      }
      return fail(Cause.late, link.target.domain, `${nameOf(link)} returned after the caller's deadline`);
    },
    interrupted() {
      kernel.answerInterrupt();
    },
    wakeWatchdog() {
      kernel.watchdog.wake();
    },
    leave,
  };
}

/** Whatever it is: this must not throw. */
function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return "something without a text";
  }
}
