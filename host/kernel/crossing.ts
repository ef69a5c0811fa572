/**
 * What a proxy does off its fast path: refusals, the unwinding of a dead callee, and leaving a dead caller.
 *
 * Each way ends the same: the caller's status words are set, then, if the caller itself died meanwhile, the saved trap
 * is thrown into it; else it gets 0 as the result.
 */
import { KERNEL_ID, STATE_RUNNING, STATE_STARTING } from "../../shared-heap/layout.ts";
import type { Domain } from "./domain.ts";
import type { Kernel } from "./kernel.ts";
import type { Link } from "./link.ts";
import type { SlowPaths } from "./proxy.ts";
import { savedTrap } from "./saved-trap.ts";
import { Cause, type CauseCode, Refusal } from "./status.ts";
import { RecordWord } from "./words.ts";

/** The caller's side: where its status goes, and what it is called in messages. */
export interface CallerSide {
  readonly record: number;
  readonly id: number;
}

export function makeSlowPaths(kernel: Kernel, caller: CallerSide): SlowPaths {
  const { i32 } = kernel;

  function leaveIfDead(): void {
    const state = i32[caller.record + RecordWord.state] ?? 0;
    if (state !== STATE_RUNNING && state !== STATE_STARTING) throw savedTrap;
  }

  function fail(code: CauseCode, blamed: Domain | undefined, detail: string, detailCode = 0): number {
    const status = caller.record + RecordWord.status;
    i32[status] = code;
    i32[status + 1] = blamed?.id ?? KERNEL_ID;
    i32[status + 2] = blamed?.generation ?? 0;
    i32[status + 3] = detailCode;
    if (caller.id === KERNEL_ID) kernel.noteFailure(code, blamed, detail);
    leaveIfDead();
    return 0;
  }

  function nameOf(link: Link): string {
    return `${link.owner.id}#${link.method.name}`;
  }

  return {
    notRunning(link) {
      return fail(Cause.dead, link.target.domain, `${nameOf(link)} was called on a dead generation`);
    },
    reentrant(link) {
      const chain = kernel.chain().join(" → ");
      return fail(Cause.reentrant, link.target.domain, `${nameOf(link)} closes a circle: ${chain} → ${link.target.domain.name}`);
    },
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
    badResult(link, result, from) {
      // The callee gave the object up: where the caller's quota has no room, keeping it would fill the callee's instead.
      const { typeOf, drop } = kernel.heap.exports;
      const type = link.method.resultMove;
      if (type !== undefined && typeOf(result) >>> 0 === type >>> 0) drop(result, from);
      return fail(Cause.refused, link.target.domain, `${nameOf(link)} returned a value outside its type`, Refusal.result);
    },
    unwind(callee, depth, thrown) {
      kernel.unwind(callee, depth, thrown);
    },
    buryIfGone(callee) {
      kernel.buryIfGone(callee);
    },
    died(link, callee) {
      const { cause, detail } = callee.doom ?? { cause: Cause.killed, detail: "killed" };
      return fail(cause, callee, `${nameOf(link)}: ${detail}`);
    },
    hostThrew(link, thrown) {
      const text = thrown instanceof Error ? thrown.message : String(thrown);
      return fail(Cause.host, undefined, `${nameOf(link)} threw: ${text}`);
    },
    late(link, result) {
      if (link.method.resultMove !== undefined && result >>> 0 >= 64) kernel.heap.exports.free(result);
      return fail(Cause.late, link.target.domain, `${nameOf(link)} returned after the caller's deadline`);
    },
    interrupted() {
      kernel.answerInterrupt();
    },
    wakeWatchdog() {
      kernel.wakeWatchdog();
    },
    leave() {
      throw savedTrap;
    },
  };
}
