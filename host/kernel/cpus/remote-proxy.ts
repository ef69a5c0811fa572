/**
 * Calls of this CPU's domains, and of its host, into domains of another CPU. The proxy around them is that of a function of the host, with
 * the other CPU's host as the receiver: it checks words and message, moves and lends what is passed to that host, and gives
 * back what the callee did not get. What stands here carries the words over and waits.
 * Called by `cpus.ts` for links. Throws `RemoteFailure` to the proxy only.
 */
import { STATE_RUNNING } from "../../../shared-heap/layout.ts";
import { SumacError } from "../../errors.ts";
import type { MethodDescription } from "../../idl/idl.ts";
import type { CoreFunction, Link } from "../calls/link.ts";
import { makeProxy, makeRemoteProxy, type ProxyContext } from "../calls/proxy.ts";
import type { Blamed } from "../calls/relay.ts";
import { hostIdOf } from "../cpu-place.ts";
import { holdHandles } from "../handles/passage.ts";
import type { Kernel } from "../kernel.ts";
import type { MessageHeap } from "../messages/message-transfer.ts";
import { Cause, type CauseCode } from "../status.ts";
import { RecordWord } from "../words.ts";
import { Lane, SlotWord } from "./board.ts";
import { type Cpu, Kind } from "./cpu.ts";
import type { Directory } from "./directory.ts";
import { methodNumber } from "./doors.ts";
import { notesOf, readFailure } from "./failure-text.ts";
import { Passed } from "./passed.ts";
import { MOVED, movedAway, RemoteFailure } from "./remote-failure.ts";

/** A waiting CPU serves others on the same stack: as much as two domains may use. */
export const REMOTE_RANK = 2;

export interface Remote {
  readonly cpu: Cpu;
  readonly directory: Directory;
  /** Points the link at the generation that sits there now. */
  refresh(link: Link): void;
  /** Points the link at the generation that lives here, where the seat is this CPU's and the link may reach it. */
  bindHere(link: Link, follows: boolean): boolean;
  /** The last call came to a callee that had gone to another CPU: it is made again. */
  hasMoved: boolean;
}

/** @throws SumacError for what cannot cross */
export function requirePassable(caller: string, { owner, method, target }: Link, from: number, to: number): void {
  if (!carriesHandles(method)) return;
  throw new SumacError(
    "interface-mismatch",
    `domain ${caller} on CPU ${from} is granted ${owner.id} by ${target.domain.name} on CPU ${to}: ${method.name} passes capabilities, which do not cross CPUs: give both the same "cpu"`,
  );
}

export function carriesHandles({ handles, resultHandle, paramsMessage, resultMessage }: MethodDescription): boolean {
  return (
    handles.length > 0 || resultHandle !== undefined || holdHandles([...(paramsMessage ?? []), ...(resultMessage ? [resultMessage] : [])])
  );
}

/**
 * @param follows the link reaches each next generation, too
 * @param local the proxy for a callee on this CPU, where there is one
 */
export function remoteProxy(remote: Remote, link: Link, context: ProxyContext, follows: boolean, local?: () => CoreFunction): CoreFunction {
  const { cpu, directory } = remote;
  const { number } = link.target.domain.seat;
  let home = -1;
  let proxy: CoreFunction | undefined;
  let here: CoreFunction | undefined;
  const callOnce = (words: readonly number[]): number => {
    if (directory.cpuOf(number) === cpu.index && remote.bindHere(link, follows)) {
      here ??= local?.() ?? makeProxy(link, context, link.target.domain.seat.rank);
      return here(...words);
    }
    if (follows && directory.birthOf(number) !== link.target.domain.birth) remote.refresh(link);
    const now = directory.cpuOf(number);
    if (proxy === undefined || now !== home) {
      home = now;
      const { kernel } = cpu;
      const kernelId = hostIdOf({ index: now, of: cpu.board.cpus });
      const calls = { ...kernel.heap.exports, ...context.heap };
      const passed = new Passed(kernel.i32, calls, kernelId);
      const heap = { ...calls, move: passed.move.bind(passed) };
      // Every move is the one above: none is done in the proxy's text.
      const receiver = { ...context, kernelId, heap, isTraced: true, transferOf: transfersBy(kernel, heap) };
      const call = remoteFunction(remote, link, receiver, now);
      proxy = makeRemoteProxy(
        link,
        receiver,
        traced(kernel, link, (...each) => passed.during(() => call(...each))),
        REMOTE_RANK,
      );
    }
    return proxy(...words);
  };
  return (...words) => {
    for (;;) {
      try {
        const result = callOnce(words);
        if (!remote.hasMoved) return result;
      } finally {
        // Also where a dead caller leaves by its trap: the next call of this CPU is another one.
        remote.hasMoved = false;
      }
    }
  };
}

function transfersBy({ messages }: Kernel, heap: MessageHeap): ProxyContext["transferOf"] {
  return (types) => messages.transferOf(types, heap);
}

/** A call is told by the caller's CPU, on the track of its callee. */
function traced({ tracer }: Kernel, link: Link, call: CoreFunction): CoreFunction {
  return tracer === undefined ? call : (...words) => tracer.call(link.target.domain, link, call)(...words);
}

/** The call itself. What is passed belongs to the host of the CPU `target`, and so does what comes back. */
function remoteFunction(remote: Remote, link: Link, context: ProxyContext, target: number): CoreFunction {
  const { cpu, directory } = remote;
  const { kernel, board } = cpu;
  const { i32 } = kernel;
  const { method, owner } = link;
  const { callerRecord, setsDeadlines } = context;
  const method16 = methodNumber(link.target.domain.seat.spec.loaded.world, owner, method);
  const fail = (code: CauseCode, detail: string): never => {
    throw new RemoteFailure(code, link.target.domain, `${owner.id}#${method.name} ${detail}`);
  };
  const isCallerDead = (): boolean => (i32[callerRecord + RecordWord.state] ?? 0) > STATE_RUNNING;
  return (...words) => {
    const { domain, budgetMicros } = link.target;
    const limit = setsDeadlines ? takeLimit(i32, callerRecord) : 0;
    const occupant = directory.occupant(domain.seat.number);
    if (occupant === undefined || occupant.birth !== domain.birth) return fail(Cause.dead, "was called on a dead generation");
    const slot = cpu.begin(Kind.call);
    if (slot === undefined) return fail(Cause.depth, "was not called: too many calls between CPUs are inside each other");
    const at = board.slot(slot);
    const out = board.i32;
    out[at + SlotWord.callee] = occupant.id;
    out[at + SlotWord.method] = method16;
    out[at + SlotWord.budget] = budgetMicros;
    out[at + SlotWord.argumentCount] = words.length;
    for (let i = 0; i < words.length; i++) out[at + SlotWord.arguments + i] = words[i] as number;
    const started = limit === 0 ? 0 : performance.now();
    const isLate = (): boolean => limit !== 0 && (performance.now() - started) * 1000 > limit;
    if (!cpu.request(slot, Lane.calls, target, () => isLate() || isCallerDead())) {
      if (isCallerDead()) return fail(Cause.killed, "was not called: its caller died");
      for (const { param } of method.moves) kernel.heap.exports.drop(words[param] ?? 0, context.kernelId);
      return fail(Cause.late, "had not begun at the caller's deadline");
    }
    // Whoever is told of something then may ask others in his turn, while the answer is in its slot still.
    if (cpu.hasMore()) cpu.apart(-1, () => cpu.lookAround());
    const result = out[at + SlotWord.result] ?? 0;
    const code = (out[at + SlotWord.status] ?? 0) as CauseCode;
    if ((code as number) === MOVED) {
      cpu.end(slot);
      if (limit !== 0) i32[callerRecord + RecordWord.limit] = Math.max(1, limit - Math.floor((performance.now() - started) * 1000));
      remote.hasMoved = true;
      throw movedAway;
    }
    if (code !== Cause.ok) {
      const failure = failureIn(cpu, slot, link);
      cpu.end(slot);
      throw failure;
    }
    if (method.resultWords > 0) {
      const area = callerRecord + RecordWord.results;
      for (let i = 0; i < method.resultWords; i++) i32[area + i] = out[at + SlotWord.results + i] as number;
    }
    cpu.end(slot);
    if (!isLate()) return result;
    discard(kernel, method, context, result);
    return fail(Cause.late, "returned after the caller's deadline");
  };
}

function takeLimit(i32: Int32Array, record: number): number {
  const limit = i32[record + RecordWord.limit] ?? 0;
  i32[record + RecordWord.limit] = 0;
  return limit;
}

/** What the other CPU's kernel found, as this one would have found it. */
export function failureIn({ board }: Cpu, slot: number, link: Link): RemoteFailure {
  const at = board.slot(slot);
  const [code = 0, id = 0, generation = 0, detailCode = 0] = board.i32.subarray(at + SlotWord.status, at + SlotWord.status + 4);
  const { owner, method, target } = link;
  const name = `${owner.id}#${method.name}`;
  const text = board.readText(slot);
  if (text === "") {
    const detail = code === Cause.dead ? "was called on a dead generation" : "was not called: too little stack is left on the callee's CPU";
    return new RemoteFailure(code as CauseCode, target.domain, `${name} ${detail}`);
  }
  const { domain, detail, chain } = readFailure(text);
  const blamed: Blamed = { id, name: domain, generation };
  return new RemoteFailure(code as CauseCode, blamed, detail, detailCode, notesOf(chain));
}

/** Nobody wants the result, which belongs to the other CPU's host. */
function discard(kernel: Kernel, { resultMove, resultMessage }: MethodDescription, context: ProxyContext, result: number): void {
  if (result >>> 0 < 64) return;
  if (resultMessage !== undefined) context.transferOf([resultMessage]).discard(result, context.kernelId, context.handles);
  if (resultMessage !== undefined || resultMove !== undefined) kernel.heap.exports.drop(result, context.kernelId);
}
