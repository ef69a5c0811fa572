/**
 * Gives a domain its threads: puts the bridge between its imports and the kernel before it is instantiated, and takes its own functions
 * for running and saving threads afterwards. Called by birth only. Domains without such functions never come here and pay nothing.
 */
import { STATUS_BLOCKED, STATUS_GAVE_UP } from "../../../shared-heap/layout.ts";
import { coreImportsOf, type Interface } from "../../idl/idl.ts";
import { THREAD_EXPORTS } from "../../loader/thread-exports.ts";
import { bareMethod, type CoreFunction, Link } from "../calls/link.ts";
import { makeProxy } from "../calls/proxy.ts";
import { throwSavedTrap } from "../calls/saved-trap.ts";
import type { Domain } from "../domain.ts";
import type { Kernel } from "../kernel.ts";
import { microsOf } from "../life/birth.ts";
import { Cause } from "../status.ts";
import { RecordWord } from "../words.ts";
import { bridgeModule, DEAD, Hook, type Shape, Tick, WAIT } from "./bridge.ts";
import { type RunBase, ThreadGroup } from "./group.ts";
import { threadName } from "./thread.ts";
import { HOOK_MS } from "./threads.ts";

/** JSPI, which the types of the platform do not know yet. */
interface StackSwitching {
  readonly Suspending: new (call: (...words: number[]) => Promise<number>) => WebAssembly.ImportValue;
  readonly promising: (call: CoreFunction) => RunBase;
}
const { Suspending, promising } = WebAssembly as unknown as StackSwitching;

/** What `thread-park` is asked for. `parkOn`: as the last `park`, which came back too early, until the time that it was for. */
export const ParkKind = { park: 0, sleep: 1, giveWay: 2, parkOn: 3 } as const;
/** Microseconds that mean: without end. */
const FOREVER = 0xffffffff;
/** What `thread-park` answers. */
const [WOKEN, TIMED_OUT] = [0, 1];

const OWNER: Interface = { id: "thread", functions: [], sharedTypes: [], namedTypes: [], resources: [], canonical: "", hash: "" };

type Imports = Record<string, Record<string, WebAssembly.ImportValue>>;

/** One bridge for equal lists of imports and the same place of the status: generations of a seat often sit in another slot. */
export function bridgeImports(kernel: Kernel, domain: Domain, imports: Imports): (exports: WebAssembly.Exports) => void {
  const { threads, i32 } = kernel;
  const group = new ThreadGroup(domain);
  domain.threads = group;
  const { world, exports: exported, imports: wanted } = domain.spec.loaded;
  const core = new Map(coreImportsOf(world).map((each) => [`${each.module}\n${each.name}`, each]));
  const bridged = wanted.flatMap(({ module, name }) => core.get(`${module}\n${name}`) ?? []).filter(({ name }) => !isKernels(name));
  const shapes = bridged.map(({ params, results }): Shape => ({ params: params.length, results: results.length === 0 ? 0 : 1 }));
  const hooks = new WebAssembly.Table({ element: "anyfunc", initial: 3 });
  const status = domain.record + RecordWord.status;
  let waits = false;

  const bridge = new WebAssembly.Instance(
    new WebAssembly.Module(
      bridgeModule({
        imports: shapes,
        statusOffset: status * 4,
        heapMaxPages: kernel.heap.maxBytes / 65536,
        hasHooks: exported.has(THREAD_EXPORTS.save.name) && exported.has(THREAD_EXPORTS.restore.name),
      }),
    ),
    {
      kernel: {
        heap: kernel.heap.memory,
        hooks,
        ask: (inHook = 0) => ask(kernel, inHook !== 0),
        mayPark: (kind = 0, micros = 0) => {
          threads.hookSinceMs = 0;
          const verdict = mayPark(kernel, domain, kind, micros >>> 0);
          // Whoever need not wait parks no stack now; the next one to be parked may be a safepoint's, which goes on at once.
          waits = verdict === WAIT && kind !== ParkKind.giveWay;
          return verdict;
        },
        suspend: new Suspending(() => {
          const isReady = !waits;
          waits = false;
          return threads.suspend(isReady);
        }),
        resumed: (number = 0) => {
          const thread = number === 0 ? undefined : group.find(number);
          threads.hookSinceMs = 0;
          if (!threads.resumed(thread) || thread === undefined) return DEAD;
          thread.wasAsked = false;
          const hasTimedOut = thread.timedOut;
          thread.timedOut = thread.isSleeping = false;
          return hasTimedOut ? TIMED_OUT : WOKEN;
        },
        isBlocked: () => {
          waits = isBlocked(kernel, i32, status);
          threads.hookSinceMs = 0;
          return waits ? 1 : 0;
        },
        ended: (value = 0) => {
          threads.ended(value);
          return value;
        },
        ...Object.fromEntries(bridged.map(({ module, name }, i) => [String(i), imports[module]?.[name] as CoreFunction])),
      },
    },
  ).exports as unknown as Record<string, CoreFunction>;

  imports.sumac = { ...imports.sumac, tick: bridge.tick as CoreFunction };
  if (imports.kernel !== undefined) imports.kernel = { ...imports.kernel, "thread-park": bridge.park as CoreFunction };
  for (const [i, { module, name }] of bridged.entries()) imports[module] = { ...imports[module], [name]: bridge[i] as CoreFunction };

  return (own) => {
    for (const [hook, place] of [
      ["run", Hook.run],
      ["save", Hook.save],
      ["restore", Hook.restore],
    ] as const) {
      const { name } = THREAD_EXPORTS[hook];
      if (own[name] !== undefined) hooks.set(place, own[name]);
    }
    group.run = promising(bridge.run as CoreFunction);
    if (own[THREAD_EXPORTS.gone.name] !== undefined) group.gone = goneCall(kernel, domain, own[THREAD_EXPORTS.gone.name] as CoreFunction);
  };
}

/** Objects are made and dropped by the kernel, which never has to wait. */
function isKernels(name: string): boolean {
  return name.startsWith("[resource-drop]") || name === "[alive]";
}

/** The verdict of a safepoint. */
function ask(kernel: Kernel, inHook: boolean): number {
  const { threads } = kernel;
  const { running } = kernel;
  if (!inHook) threads.hookSinceMs = 0;
  else if (running !== undefined && threads.hookTakesTooLong()) {
    kernel.doom(running, Cause.deadline, `took longer than ${HOOK_MS} ms to save or restore a thread`);
  }
  if (kernel.tick() !== 0) return Tick.die;
  if (inHook || !threads.mustGiveWay || !threads.isAtBase) return Tick.goOn;
  if (threads.current !== undefined) threads.current.wasAsked = true;
  return Tick.giveWay;
}

function mayPark(kernel: Kernel, domain: Domain, kind: number, micros: number): number {
  kernel.probe.capability(0);
  const { threads } = kernel;
  const thread = threads.current;
  if (thread === undefined || thread.domain !== domain || !threads.isAtBase) {
    // Asked for in a thread that is no more, or has made a call since: nobody waits, and nothing is lost.
    if (kind === ParkKind.giveWay) return WOKEN;
    const where = thread === undefined ? "in no thread" : `below the base of ${threadName(thread)}`;
    kernel.doom(
      domain,
      Cause.trap,
      `waited ${where}: only a thread waits, in the domain in which it began; give the call up, and the caller's thread waits`,
    );
    throwSavedTrap();
  }
  if (kernel.i32[kernel.cpu.interrupt] !== 0) kernel.answerInterrupt();
  if (!kernel.isAlive(domain)) throwSavedTrap();
  if (kind === ParkKind.giveWay) return threads.hasReady || threads.mustGiveWay ? WAIT : WOKEN;
  if (kind === ParkKind.park) thread.parkUntilMs = untilMs(micros);
  if ((kind === ParkKind.park || kind === ParkKind.parkOn) && thread.hasToken && thread.doom === undefined) {
    thread.hasToken = false;
    return WOKEN;
  }
  const isOver = kind === ParkKind.parkOn ? performance.now() >= thread.parkUntilMs : micros === 0;
  if (isOver && thread.doom === undefined) return TIMED_OUT;
  thread.isSleeping = kind === ParkKind.sleep;
  thread.wakeAtMs = kind === ParkKind.sleep ? untilMs(micros) : thread.parkUntilMs;
  return WAIT;
}

function untilMs(micros: number): number {
  return micros === FOREVER ? Number.POSITIVE_INFINITY : performance.now() + micros / 1000;
}

/** The call that has just failed would have had to wait, its thread is at its base, and somebody will wake it. */
function isBlocked(kernel: Kernel, i32: Int32Array, status: number): boolean {
  const code = i32[status];
  if (code !== STATUS_BLOCKED && (code !== STATUS_GAVE_UP || i32[status + 3] !== STATUS_BLOCKED)) return false;
  const { threads } = kernel;
  const thread = threads.current;
  if (thread === undefined || !threads.isAtBase) return false;
  const isAway = (thread.away?.size ?? 0) > 0;
  if (thread.queues.size === 0 && !isAway && thread.awaited === undefined && thread.owed === undefined && !thread.hasToken) return false;
  thread.wakeAtMs = Number.POSITIVE_INFINITY;
  return true;
}

/** The domain's own `thread:gone`, through a proxy like any call. */
function goneCall(kernel: Kernel, domain: Domain, call: CoreFunction): CoreFunction {
  const { id, record, spec } = domain;
  const link = new Link(OWNER, bareMethod(THREAD_EXPORTS.gone.name, 1), {
    id,
    record,
    call,
    budgetMicros: microsOf(spec.limits.callBudgetMs),
    domain,
  });
  return makeProxy(link, kernel.hostContext());
}
