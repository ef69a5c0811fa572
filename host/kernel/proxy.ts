/**
 * Writes the JavaScript of a crossing: one function per imported method, with everything that is known at link time as
 * a constant in its text. This is the only place that makes code from text: V8 keeps type feedback per function literal, so
 * a shared closure would turn polymorphic at the second method and cost three times as much.
 * The text is made of numbers and of fixed strings; no name or string of a module ever enters it.
 *
 * The order inside a proxy is the protocol:
 *   probe → callee running? → not entered? → depth → frame → objects → call → frame done → borrows end → result → status
 * A proxy never throws, except the saved trap into a caller that is dead.
 */

import { STATE_RUNNING } from "../../shared-heap/layout.ts";
import type { MethodDescription } from "../idl/idl.ts";
import { WatchdogState } from "../platform/watchdog-state.ts";
import type { Domain } from "./domain.ts";
import type { CoreFunction, Link } from "./link.ts";
import type { Probe } from "./probe.ts";
import type { HostFunction } from "./provider.ts";
import { type CpuWords, FRAME_WORDS, FrameWord, MAX_DEPTH, RecordWord } from "./words.ts";

/** What a proxy does off its fast path; one object per kernel and caller, see `crossing.ts`. */
export interface SlowPaths {
  notRunning(link: Link): number;
  reentrant(link: Link): number;
  tooDeep(link: Link): number;
  /** An object argument was not accepted. */
  refused(link: Link, base: number, type: number): number;
  /** The result is outside its type, or an object that its owner `from` cannot hand over. */
  badResult(link: Link, result: number, from: number): number;
  /** Something was thrown through the callee's frames. */
  unwind(callee: Domain, depth: number, thrown: unknown): void;
  /** The callee returned, but it was doomed meanwhile: its result is dropped. */
  buryIfGone(callee: Domain): void;
  /** The status of a call whose callee died. Its borrows have ended, after its grants. */
  died(link: Link, callee: Domain): number;
  hostThrew(link: Link, thrown: unknown): number;
  late(link: Link, result: number): number;
  /** The interrupt word is set: answer it. */
  interrupted(): void;
  /** The frame is written and the watchdog announced that it sleeps: it looks again after announcing. */
  wakeWatchdog(): void;
  /** The caller is dead: throws the saved trap. */
  leave(): void;
}

/** The heap's functions that a proxy calls: 0 = done. */
export interface HeapCalls {
  move(base: number, type: number, from: number, to: number): number;
  borrow(base: number, type: number, lender: number, reader: number): number;
  endBorrow(base: number, reader: number): number;
}

export interface ProxyContext {
  readonly i32: Int32Array;
  readonly cpu: CpuWords;
  readonly probe: Probe;
  readonly heap: HeapCalls;
  readonly slow: SlowPaths;
  readonly now: () => number;
  /** Owner word and record index of the caller. */
  readonly callerId: number;
  readonly callerRecord: number;
  /** The caller's module imports "kernel" "deadline"; no other caller pays for the question. */
  readonly setsDeadlines: boolean;
  /** STATE_RUNNING; STATE_STARTING only for the kernel's own call of a start function. */
  readonly calleeState: number;
  /** Owner word that stands for the host as the owner of objects during a host function. */
  readonly kernelId: number;
}

let serial = 0;

/** A crossing into another domain. */
export function makeProxy(link: Link, context: ProxyContext): CoreFunction {
  const { rank } = link.target.domain;
  return compile(domainProxyText(link.method, context, rank), link, context, { rank, implementation: undefined });
}

/** A crossing into a function of the host, which may itself call domains of less than its rank. */
export function makeHostProxy(link: Link, context: ProxyContext, implementation: HostFunction, rank: number): CoreFunction {
  return compile(hostProxyText(link.method, context, rank), link, context, { rank, implementation });
}

interface Callee {
  readonly rank: number;
  readonly implementation: HostFunction | undefined;
}

function compile(text: string, link: Link, context: ProxyContext, { rank, implementation }: Callee): CoreFunction {
  // V8 keeps one function literal, and so one set of feedback, per text: a serial number makes each its own.
  serial++;
  const make = new Function(
    "i32",
    "link",
    "implementation",
    "probe",
    "move",
    "borrow",
    "endBorrow",
    "slow",
    "now",
    `// ${serial}\n${text}`,
  );
  const { move, borrow, endBorrow } = context.heap;
  const probe = rank === 0 ? context.probe.crossing : context.probe.deepCrossing;
  return make(context.i32, link, implementation, probe, move, borrow, endBorrow, context.slow, context.now);
}

function argumentList(method: MethodDescription): string {
  return Array.from({ length: method.params }, (_, i) => `a${i}`).join(", ");
}

/** Moves and borrows in parameter order; a refusal undoes what came before it, in reverse. */
function takeObjects(method: MethodDescription, from: number, to: string): { enter: string; leave: string } {
  const steps = [
    ...method.moves.map(({ param, type }) => ({
      param,
      type,
      take: `move(a${param}, ${type}, ${from}, ${to})`,
      undo: `move(a${param}, 0, ${to}, ${from});`,
    })),
    ...method.borrows.map(({ param, type }) => ({
      param,
      type,
      take: `borrow(a${param}, ${type}, ${from}, ${to})`,
      undo: `endBorrow(a${param}, ${to});`,
    })),
  ].sort((x, y) => x.param - y.param);
  let enter = "";
  let undo = "";
  for (const step of steps) {
    enter += `if (${step.take} !== 0) { ${undo} return slow.refused(link, a${step.param}, ${step.type}); }\n`;
    undo = `${step.undo} ${undo}`;
  }
  const leave = method.borrows.map(({ param }) => `endBorrow(a${param}, ${to});`).join(" ");
  return { enter, leave };
}

/** Accepts the result that the method's type allows, and nothing else: a packed 0 is the kernel's word, not the callee's. */
function takeResult(method: MethodDescription, from: string, to: number, copyWords: string): string {
  const move = `if (move(r, ${method.resultMove ?? 0}, ${from}, ${to}) !== 0) return slow.badResult(link, r, ${from});`;
  if (method.result === "none") return copyWords;
  if (method.result === "i32") return method.resultMove === undefined ? copyWords : move;
  const isError = `r > 0 && r <= ${method.packedErrors}`;
  if (method.resultMove !== undefined) return `if (!(${isError})) { ${move} }`;
  return `if (r === 64) { ${copyWords} } else if (!(${isError})) return slow.badResult(link, r, ${from});`;
}

function domainProxyText(method: MethodDescription, context: ProxyContext, rank: number): string {
  const { cpu, callerRecord, callerId, kernelId, calleeState, setsDeadlines } = context;
  const fromHost = callerId === kernelId;
  const objects = takeObjects(method, callerId, "id");
  const copyWords = Array.from(
    { length: method.resultWords },
    (_, i) => `i32[${callerRecord + RecordWord.results + i}] = i32[record + ${RecordWord.results + i}];`,
  ).join(" ");
  const entered = `record + ${RecordWord.entered}`;
  return `"use strict";
return function proxy(${argumentList(method)}) {
  probe(${rank});
  const target = link.target;
  const record = target.record;
  if (i32[record + ${RecordWord.state}] !== ${calleeState}) return slow.notRunning(link);
  ${method.reentrant ? "" : `if (i32[${entered}] !== 0) return slow.reentrant(link);`}
  const depth = i32[${cpu.depth}];
  if (depth >= ${MAX_DEPTH}) return slow.tooDeep(link);
  const id = target.id;
  ${objects.enter}
  const frame = ${cpu.frames} + depth * ${FRAME_WORDS};
  i32[frame + ${FrameWord.callee}] = id;
  i32[frame + ${FrameWord.budget}] = target.budgetMicros;
  i32[frame] = i32[${cpu.sequence}] = (i32[${cpu.sequence}] + 2) & 0x7fffffff;
  ${
    fromHost
      ? `Atomics.store(i32, ${cpu.depth}, depth + 1);
  if (Atomics.load(i32, ${cpu.watchdog}) === ${WatchdogState.asleep}) slow.wakeWatchdog();`
      : `i32[${cpu.depth}] = depth + 1;`
  }
  i32[${entered}] += 1;
  ${
    setsDeadlines
      ? `const limit = i32[${callerRecord + RecordWord.limit}];
  let start = 0;
  if (limit !== 0) { i32[${callerRecord + RecordWord.limit}] = 0; start = now(); }`
      : ""
  }
  let r = 0;
  try { r = target.call(${argumentList(method)}) ${method.result === "none" ? "" : "| 0"}; } catch (thrown) {
    slow.unwind(target.domain, depth, thrown);
    ${objects.leave}
    return slow.died(link, target.domain);
  }
  i32[${cpu.depth}] = depth;
  i32[${entered}] -= 1;
  if (i32[record + ${RecordWord.state}] !== ${calleeState}) {
    slow.buryIfGone(target.domain);
    ${objects.leave}
    return slow.died(link, target.domain);
  }
  ${objects.leave}
  ${takeResult(method, "id", callerId, copyWords)}
  if (i32[${cpu.interrupt}] !== 0) slow.interrupted();
  ${fromHost ? "" : `if (i32[${callerRecord + RecordWord.state}] > ${STATE_RUNNING}) slow.leave();`}
  ${setsDeadlines ? "if (limit !== 0 && (now() - start) * 1000 > limit) return slow.late(link, r);" : ""}
  i32[${callerRecord + RecordWord.status}] = 0;
  return r;
};`;
}

function hostProxyText(method: MethodDescription, context: ProxyContext, rank: number): string {
  const { cpu, callerRecord, callerId, kernelId } = context;
  const objects = takeObjects(method, callerId, String(kernelId));
  return `"use strict";
return function hostProxy(${argumentList(method)}) {
  probe(${rank});
  ${objects.enter}
  let r = 0;
  try { r = implementation(${argumentList(method)}) ${method.result === "none" ? "" : "| 0"}; } catch (thrown) {
    ${objects.leave}
    ${method.moves.map(({ param }) => `move(a${param}, 0, ${kernelId}, ${callerId});`).join(" ")}
    return slow.hostThrew(link, thrown);
  }
  ${objects.leave}
  ${takeResult(method, String(kernelId), callerId, "")}
  if (i32[${cpu.interrupt}] !== 0) slow.interrupted();
  if (i32[${callerRecord + RecordWord.state}] > ${STATE_RUNNING}) slow.leave();
  i32[${callerRecord + RecordWord.status}] = 0;
  return r;
};`;
}
