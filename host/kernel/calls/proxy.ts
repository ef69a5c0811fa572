/**
 * Writes the JavaScript of a crossing: one function per imported method, with everything that outlives a
 * generation as a constant in its text. This is the only place that makes code from text: V8 keeps type feedback per function literal, so
 * a shared closure would turn polymorphic at the second method and cost three times as much.
 * The text is made of numbers and of fixed strings; no name or string of a module ever enters it.
 *
 * The order inside a proxy is the protocol:
 *   probe → callee running? → not entered, not closed? → depth → words → handles → objects → message → frame → call → frame done → borrows end
 *   → result → status
 * A proxy never throws, except the saved trap into a caller that is dead.
 */

import { STATE_RUNNING } from "../../../shared-heap/layout.ts";
import type { HostType, MethodDescription } from "../../idl/idl.ts";
import { WatchdogState } from "../../platform/watchdog-state.ts";
import type { Domain } from "../domain.ts";
import type { HandleCalls, LinkOf } from "../handles/handle-calls.ts";
import type { MessageTransfer } from "../messages/message-transfer.ts";
import type { HostFunction } from "../provider.ts";
import { CLOSED, type CpuWords, FIRST_CALLS, FRAME_WORDS, FrameWord, MAX_DEPTH, RECORD_TO_CALLS, RecordWord } from "../words.ts";
import {
  argumentList,
  callerWord,
  DESTRUCTOR_OPENING,
  linkedOpening,
  methodOpening,
  type Opening,
  takeHandles,
  takeInstance,
} from "./handle-text.ts";
import { bareMethod, type CoreFunction, Link } from "./link.ts";
import { checkParams, discardResult, messageParams, messageResult, wordsOutside } from "./message-text.ts";
import { CALLEE, hostParty, ME, moveText, type Party, takeObjects } from "./object-text.ts";
import type { Probe } from "./probe.ts";
import type { MakeProxy, ProxyFactories } from "./proxy-code.ts";

/** What a proxy does off its fast path; one object per kernel and caller, see `crossing.ts`. */
export interface SlowPaths {
  /** @param words the call's own, for a callee that has gone to another CPU */
  notRunning(link: Link, ...words: number[]): number;
  reentrant(link: Link): number;
  /** The callee is in the chain already, or closed to callers: true when the call failed with that. */
  isBusy(link: Link): boolean;
  isThrottled(link: Link): boolean;
  tooDeep(link: Link): number;
  /** An object argument was not accepted. */
  refused(link: Link, base: number, type: number): number;
  /** The first word names no instance that the caller may use; or one of an exporter that means another interface. */
  noInstance(called: Called): number;
  otherInterface(called: Called): number;
  /** A handle argument was not accepted. */
  badHandle(link: Link, calleeIsFull: boolean): number;
  /** A call through a handle for which too little stack is left: nobody could know the callee when this domain was called. */
  noStack(link: Link): number;
  /** The result names no instance that the callee may give away, or the caller has no room for it. */
  badInstance(link: Link): number;
  /** A word is no value of its type. */
  badWords(link: Link): number;
  /** The message was not accepted: OUTSIDE_ITS_TYPE, or NO_ROOM for what it holds. */
  badMessage(link: Link, reason: number): number;
  /** The result is outside its type, or an object that its owner `from` cannot hand over. */
  badResult(link: Link, result: number, from: number): number;
  /** Something was thrown through the callee's frames. */
  unwind(callee: Domain, depth: number, thrown: unknown, called: Called): void;
  /** The callee returned, but it was doomed meanwhile, or gave its call up: its result is dropped. */
  buryIfGone(callee: Domain, called: Called): void;
  /** The callee, which has just returned, had to keep its caller waiting: what it was given is the caller's again. */
  givesBack(callee: Domain): boolean;
  /** The status of a call whose callee died. Its borrows have ended, after its grants. */
  died(link: Link, callee: Domain): number;
  /** The same after a return: of a callee that is doomed, or that lives and gave its call up. */
  ended(link: Link, callee: Domain, result: number): number;
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
  /** Somebody wants to see every call of `heap`, so nothing may be done without one. */
  readonly isTraced: boolean;
  readonly slow: SlowPaths;
  readonly handles: HandleCalls;
  /** The way of a message that holds values of these types. */
  readonly transferOf: (types: readonly HostType[]) => MessageTransfer;
  readonly now: () => number;
  /** Where the code of the caller's proxies is kept; undefined for the host, whose proxies are kept with whom they call. */
  readonly factories: ProxyFactories | undefined;
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

/** A function of an interface, as messages name it. */
export type Called = Pick<Link, "owner" | "method">;

/** What a proxy is for. */
type Kind = "domain" | "host" | `remote-${number}` | "probed-host" | "method" | "destructor";

const DESTRUCTOR: MethodDescription = bareMethod("[dtor]", 1);

let serial = 0;

/** A crossing into another domain. */
export function makeProxy(link: Link, context: ProxyContext, rank: number = link.target.domain.rank): CoreFunction {
  const opening = (): Opening => linkedOpening(link.method, rank, context.calleeState !== STATE_RUNNING);
  return compile("domain", () => domainProxyText(link.method, context, opening()), link, context, { rank });
}

/** A crossing into a function of the host, which may itself call domains of less than its rank. */
export function makeHostProxy(link: Link, context: ProxyContext, implementation: HostFunction, rank: number): CoreFunction {
  const text = (): string => hostProxyText(link.method, context, `probe(${rank});`);
  return compile("host", text, link, context, { rank, implementation });
}

/** A crossing into a domain of another CPU: its host, whose owner word is in the context, receives what is passed. */
export function makeRemoteProxy(link: Link, context: ProxyContext, implementation: HostFunction, rank: number): CoreFunction {
  const text = (): string => hostProxyText(link.method, context, `probe(${rank});`);
  return compile(`remote-${context.kernelId}`, text, link, context, { rank, implementation });
}

/** The same for a caller that has proved the stack. */
export function makeProbedHostProxy(link: Link, context: ProxyContext, implementation: HostFunction): CoreFunction {
  return compile("probed-host", () => hostProxyText(link.method, context, ""), link, context, { rank: 0, implementation });
}

/** A crossing into whoever exports the instance that the first word names. */
export function makeMethodProxy(called: Called, context: ProxyContext, linkOf: LinkOf): CoreFunction {
  const text = (): string => domainProxyText(called.method, context, methodOpening(called.method, context));
  return compile("method", text, called, context, { rank: 0, linkOf });
}

/** A crossing into the destructor that a link leads to, for a caller that has proved the stack. */
export function makeDestructorProxy(context: ProxyContext): (link: Link, rep: number) => number {
  const text = (): string => domainProxyText(DESTRUCTOR, { ...context, setsDeadlines: false }, DESTRUCTOR_OPENING);
  return compile("destructor", text, undefined, context, { rank: 0 }) as unknown as (link: Link, rep: number) => number;
}

interface Callee {
  readonly rank: number;
  readonly implementation?: HostFunction;
  readonly linkOf?: LinkOf;
}

function compile(kind: Kind, text: () => string, link: Called | undefined, context: ProxyContext, callee: Callee): CoreFunction {
  const { rank, implementation, linkOf } = callee;
  const { move, borrow, endBorrow } = context.heap;
  const { capability, crossing, deepCrossing } = context.probe;
  const probe = rank === 0 ? crossing : deepCrossing;
  const { i32, slow, now, handles, callerId, callerRecord } = context;
  const { params, result } = messagesOf(link?.method, context);
  return factoryOf(
    `${kind} ${rank} ${context.setsDeadlines} ${context.calleeState}`,
    text,
    link,
    context,
  )(
    ...[i32, link, implementation, probe, move, borrow, endBorrow, slow, now, handles, linkOf, capability, crossing, deepCrossing],
    ...[params, result, callerId, callerRecord],
  );
}

/**
 * Writes a text only where it is not known. Equal texts of two methods are two factories: V8 keeps one set of feedback for each.
 * @param variant with the method, all that the text depends on among the proxies that share factories
 */
function factoryOf(variant: string, text: () => string, link: Called | undefined, context: ProxyContext): MakeProxy {
  const factories = context.factories ?? (link instanceof Link ? link.target.domain.seat.code.hostCalls : undefined);
  if (factories === undefined) return newFactory(text());
  const method = link?.method ?? DESTRUCTOR;
  let ofMethod = factories.get(method);
  if (ofMethod === undefined) {
    ofMethod = new Map();
    factories.set(method, ofMethod);
  }
  const known = ofMethod.get(variant);
  if (known !== undefined) return known;
  const made = newFactory(text());
  ofMethod.set(variant, made);
  return made;
}

function newFactory(text: string): MakeProxy {
  // V8 keeps one function literal, and so one set of feedback, per text: a serial number makes each its own.
  serial++;
  return new Function(
    "i32",
    "link",
    "implementation",
    "probe",
    "move",
    "borrow",
    "endBorrow",
    "slow",
    "now",
    "handles",
    "linkOf",
    "capability",
    "crossing",
    "deepCrossing",
    "paramsMessage",
    "resultMessage",
    "me",
    "caller",
    `// ${serial}\n${text}`,
  ) as MakeProxy;
}

function messagesOf(
  method: MethodDescription | undefined,
  { transferOf }: ProxyContext,
): { readonly params: MessageTransfer | undefined; readonly result: MessageTransfer | undefined } {
  return {
    params: method?.paramsMessage && transferOf(method.paramsMessage),
    result: method?.resultMessage && transferOf([method.resultMessage]),
  };
}

/**
 * Accepts the result that the method's type allows, and nothing else: a packed 0 is the kernel's word, not the callee's.
 * @param message what a result that is a message takes
 */
function takeResult(method: MethodDescription, from: Party, copyWords: string, message: string, context: ProxyContext): string {
  const { resultMove = 0 } = method;
  const move = message || moveText("r", resultMove, from, ME, `return slow.badResult(link, r, ${from.id});`, context);
  if (method.result === "none") return copyWords;
  if (method.result === "i32") return method.resultMove === undefined ? copyWords : move;
  const isError = `r > 0 && r <= ${method.packedErrors}`;
  if (method.resultMove !== undefined) return `if (!(${isError})) { ${move} }`;
  return `if (r === 64) { ${copyWords} } else if (!(${isError})) return slow.badResult(link, r, ${from.id});`;
}

/** Destructors run in a callee that is closed, too: an instance must come to its end. */
function admission(method: MethodDescription, entered: string): string {
  if (method === DESTRUCTOR) return `if ((i32[${entered}] & ${CLOSED - 1}) !== 0) return slow.reentrant(link);`;
  if (method.reentrant) return `if (i32[${entered}] >= ${CLOSED} && slow.isThrottled(link)) return 0;`;
  return `if (i32[${entered}] !== 0 && slow.isBusy(link)) return 0;`;
}

function domainProxyText(method: MethodDescription, context: ProxyContext, opening: Opening): string {
  const { cpu, callerId, kernelId, calleeState, setsDeadlines } = context;
  const fromHost = callerId === kernelId;
  const handles = takeHandles(method, context, "target.domain.asCallee", opening.bySelf);
  const objects = takeObjects(method, CALLEE, handles.undo, context);
  const { params, result } = messagesOf(method, context);
  const message = messageParams(
    method,
    { from: "me", to: "id", isTrusted: fromHost, holdsObjects: params?.holdsObjects === true },
    objects.undo,
  );
  const wayBack = { from: "id", to: "me", isTrusted: false, holdsObjects: result?.holdsObjects === true };
  const messageBack = messageResult(method, wayBack, "target.domain.asCallee");
  const outside = wordsOutside(method.resultChecks, (word) => (word < 0 ? "r" : `i32[record + ${RecordWord.results + word}]`));
  const refuseWords = outside === "" ? "" : `if (${outside}) return slow.badResult(link, r, id); `;
  const copyWords =
    refuseWords +
    Array.from(
      { length: method.resultWords },
      (_, i) => `${callerWord(RecordWord.results + i)} = i32[record + ${RecordWord.results + i}];`,
    ).join(" ");
  const entered = `record + ${RecordWord.entered}`;
  // The depth is masked although it is small enough: so V8 sees that a frame's words are inside the array.
  return `"use strict";
${opening.text}
  const record = target.record;
  if (i32[record + ${RecordWord.state}] !== ${calleeState}) return slow.notRunning(${["link", argumentList(method)].filter((each) => each !== "").join(", ")});
  ${admission(method, entered)}
  const depth = i32[${cpu.depth}];
  if (depth >= ${MAX_DEPTH}) return slow.tooDeep(link);
  const id = target.id;
  ${fromHost ? "" : checkParams(method)}
  ${handles.enter}${objects.enter}${message.enter}${handles.commit}
  const frame = ${cpu.frames} + (depth & ${MAX_DEPTH}) * ${FRAME_WORDS};
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
  i32[(record >> ${RECORD_TO_CALLS}) + ${FIRST_CALLS}] += 1;
  ${
    setsDeadlines
      ? `const limit = ${callerWord(RecordWord.limit)};
  let start = 0;
  if (limit !== 0) { ${callerWord(RecordWord.limit)} = 0; start = now(); }`
      : ""
  }
  let r = 0;
  try { r = target.call(${handles.values}) ${method.result === "none" ? "" : "| 0"}; } catch (thrown) {
    slow.unwind(target.domain, depth, thrown, link);
    ${message.leave}${handles.leave}${objects.leave}
    return slow.died(link, target.domain);
  }
  i32[${cpu.depth}] = depth;
  i32[${entered}] -= 1;
  if (i32[record + ${RecordWord.state}] !== ${calleeState}) {
    slow.buryIfGone(target.domain, link);
    ${message.leave}${handles.leave}${objects.leave}
    ${
      method.moves.length === 0
        ? ""
        : `if (slow.givesBack(target.domain)) { ${method.moves.map(({ param, type }) => `move(a${param}, ${type}, id, me);`).join(" ")} }`
    }
    return slow.ended(link, target.domain, r);
  }
  ${message.leave}${handles.leave}${objects.leave}
  ${takeResult(method, CALLEE, copyWords, messageBack, context)}
  ${takeInstance(method, context, "target.domain.asCallee")}
  if (i32[${cpu.interrupt}] !== 0) slow.interrupted();
  ${fromHost ? "" : `if (${callerWord(RecordWord.state)} > ${STATE_RUNNING}) slow.leave();`}
  ${
    setsDeadlines
      ? `if (limit !== 0 && (now() - start) * 1000 > limit) { ${discardResult(method, wayBack.holdsObjects, "me")} return slow.late(link, r); }`
      : ""
  }
  ${callerWord(RecordWord.status)} = 0;
  return r;
};`;
}

function hostProxyText(method: MethodDescription, context: ProxyContext, probe: string): string {
  const { cpu, kernelId } = context;
  const handles = takeHandles(method, context, "link.hostSide", false);
  const host = hostParty(context);
  const objects = takeObjects(method, host, handles.undo, context);
  const { params, result } = messagesOf(method, context);
  const message = messageParams(
    method,
    { from: "me", to: kernelId, isTrusted: false, holdsObjects: params?.holdsObjects === true },
    objects.undo,
  );
  const wayBack = { from: kernelId, to: "me", isTrusted: true, holdsObjects: result?.holdsObjects === true };
  return `"use strict";
return function hostProxy(${argumentList(method)}) {
  ${probe}
  ${checkParams(method)}
  ${handles.enter}${objects.enter}${message.enter}${handles.commit}
  let r = 0;
  try { r = implementation(${handles.values}) ${method.result === "none" ? "" : "| 0"}; } catch (thrown) {
    ${message.giveBack}${handles.giveUp}${objects.leave}
    ${method.moves.map(({ param }) => `move(a${param}, 0, ${kernelId}, me);`).join(" ")}
    return slow.hostThrew(link, thrown);
  }
  ${message.leave}${handles.leave}${objects.leave}
  ${takeResult(method, host, "", messageResult(method, wayBack, "link.hostSide"), context)}
  ${takeInstance(method, context, "link.hostSide")}
  if (i32[${cpu.interrupt}] !== 0) slow.interrupted();
  if (${callerWord(RecordWord.state)} > ${STATE_RUNNING}) slow.leave();
  ${callerWord(RecordWord.status)} = 0;
  return r;
};`;
}
