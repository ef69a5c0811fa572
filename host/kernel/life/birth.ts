/**
 * How a domain comes into being: one way for every kind. Record, memory, imports, instance, start function and `init` under
 * a deadline; whatever fails on the way, nothing of the half-built domain remains and the creator gets an error value.
 */
import { STATE_RUNNING, STATE_STARTING } from "../../../shared-heap/layout.ts";
import { SumacError } from "../../errors.ts";
import { explainMismatch, exportNameOf, type Interface, type MethodDescription } from "../../idl/idl.ts";
import { RECOVER_EXPORT, START_EXPORT } from "../../loader/harden-names.ts";
import { bareMethod, type CoreFunction, Link, neverCalled, type Target } from "../calls/link.ts";
import { MAX_RANK } from "../calls/probe.ts";
import { makeHostProxy, makeProxy, type ProxyContext } from "../calls/proxy.ts";
import { dropImport, kernelImports, typeImports } from "../capabilities.ts";
import type { Cpus } from "../cpus/cpus.ts";
import { Domain, type DomainSpec } from "../domain.ts";
import { methodCall } from "../handles/handle-calls.ts";
import type { Kernel } from "../kernel.ts";
import { type Provider, rankOf } from "../provider.ts";
import type { Seat } from "../seat.ts";
import { Cause, causeName, type RpcError } from "../status.ts";
import { bridgeImports } from "../threads/domain-threads.ts";
import { RecordWord, recordIndex } from "../words.ts";
import type { Blob } from "./creator.ts";
import { importPlanOf, isMethod } from "./import-plan.ts";
import { FreshState, Snapshot } from "./snapshot.ts";

export type Birth = { readonly ok: true; readonly domain: Domain } | { readonly ok: false; readonly error: RpcError };

/** Stands for the kernel's own calls of a domain's start function and `init`. */
const LIFE: Interface = {
  id: "sumac:kernel/life",
  functions: [],
  sharedTypes: [],
  namedTypes: [],
  resources: [],
  canonical: "",
  hash: "",
};

const START: MethodDescription = bareMethod(START_EXPORT, 0);
const INIT: MethodDescription = bareMethod("init", 0);
const RECOVER: MethodDescription = bareMethod(RECOVER_EXPORT, 0);

/**
 * Creates the next generation of a seat. Bad wiring throws a SumacError; a domain that fails to start is a value.
 * @param creator the domain in whose call that happens by its own wish: the time is its own
 */
export function createDomain(kernel: Kernel, seat: Seat, creator?: Domain): Birth {
  if (kernel.cpus?.isElsewhere(seat) === true) return kernel.cpus.create(seat);
  const { snapshot, spec } = seat;
  const { loaded, limits } = spec;
  if (limits.threads > 0 && limits.cpuBudgetMs > 0) {
    throw new SumacError(
      "quota-invalid",
      `domain ${spec.name}: limits.threads and limits.cpuBudgetMs exclude each other, since only calls can be kept out when the time is used up: remove one`,
    );
  }
  for (const type of loaded.world.sharedTypes) kernel.types.add(type);
  const { memory, isKept, id, slot } = takeRoom(kernel, seat);
  kernel.cpus?.cpu.enter();
  const generation = ++seat.generations;
  const record = recordIndex(slot);
  const domain = new Domain(seat, generation, { id, slot, record }, memory, kernel.capabilities);
  kernel.heap.exports.domainOpen(slot, id, limits.heapBytes, limits.heapObjects);
  kernel.i32[record + RecordWord.state] = STATE_STARTING;
  kernel.register(domain);
  kernel.cpuTime.beginBirth(domain, creator);
  seat.current = domain;
  kernel.tell(domain, "created");

  try {
    if (!instantiate(kernel, domain)) return failed(domain);
    kernel.tell(domain, "starting");
    if (snapshot === undefined) startAnew(kernel, domain);
    else startFrom(snapshot, kernel, domain, !isKept);
  } catch (error) {
    kernel.doom(domain, Cause.init, `could not be instantiated: ${(error as Error).message}`);
    kernel.buryIfGone(domain);
    if (error instanceof SumacError) throw error;
  }
  if (!kernel.isAlive(domain)) return failed(domain);
  kernel.cpuTime.open(domain);
  kernel.i32[record + RecordWord.state] = STATE_RUNNING;
  kernel.tell(domain, "running");
  return { ok: true, domain };
}

/** Links it, and makes its instance; none of its code runs. False: it is dead already. */
export function instantiate(kernel: Kernel, domain: Domain): boolean {
  const { loaded } = domain.spec;
  const imports = importsOf(kernel, domain);
  // Who provides them may have killed it: then its memory is another's already.
  if (!kernel.isAlive(domain)) return false;
  const threadsOf = loaded.hasThreads ? bridgeImports(kernel, domain, imports) : undefined;
  const instance = new WebAssembly.Instance(loaded.module, imports);
  domain.exports = instance.exports;
  threadsOf?.(instance.exports);
  return true;
}

interface Room {
  readonly memory: WebAssembly.Memory;
  /** It is the dead generation's as that left it, not a zeroed one. */
  readonly isKept: boolean;
  readonly id: number;
  readonly slot: number;
}

/** A memory and a slot; a SumacError, and nothing has changed, where there is no room for another domain. */
function takeRoom(kernel: Kernel, { spec, snapshot }: Seat): Room {
  const { memoryMinPages, memoryMaxPages } = spec.loaded;
  const kept = snapshot?.takeKept();
  const memory = kept ?? kernel.memories.take(snapshot?.pages ?? memoryMinPages, memoryMaxPages, spec.name);
  try {
    return { memory, isKept: kept !== undefined, ...kernel.slots.take() };
  } catch (error) {
    if (kept === undefined || snapshot?.keep(kept) !== true) kernel.memories.give(memory, memoryMinPages, memoryMaxPages);
    throw error;
  }
}

/** What a caller of `method` of the domain in this seat reaches now. */
export function targetIn(kernel: Kernel, seat: Seat, owner: Interface, method: MethodDescription): Target {
  if (kernel.cpus?.isElsewhere(seat) === true) return kernel.cpus.target(seat);
  const domain = seat.current;
  if (domain === undefined) throw new Error(`${seat.spec.name} has never been created`);
  return targetOf(kernel, domain, owner, method);
}

/** What a caller of `method` of this generation reaches. */
export function targetOf(kernel: Kernel, domain: Domain, owner: Interface, method: MethodDescription): Target {
  const alive = kernel.isAlive(domain);
  const exported = domain.exports[exportNameOf(owner, method)] as CoreFunction | undefined;
  const call = exported && (kernel.tracer?.call(domain, { owner, method }, exported) ?? exported);
  return {
    id: domain.id,
    record: alive ? domain.record : kernel.deadRecord,
    call: alive && call !== undefined ? call : neverCalled,
    budgetMicros: method.budgetMicros === undefined ? microsOf(domain.spec.limits.callBudgetMs) : deadlineOf(domain, method.budgetMicros),
    domain,
  };
}

/** A deadline of an interface, and what a domain that stands in for another needs beyond it. */
function deadlineOf({ spec }: Domain, micros: number): number {
  let allowed = micros;
  for (const provider of spec.grants.values()) {
    if (provider.kind !== "host" || provider.allowance === undefined) continue;
    allowed += micros * provider.allowance.tries + provider.allowance.extraMs * 1000;
  }
  return Math.min(Math.ceil(allowed), 0xffffffff);
}

/** A frame holds a budget as an unsigned word: 71 minutes at most. What is not 0 must not become 0, which means none. */
export function microsOf(ms: number): number {
  return Math.min(Math.ceil(ms * 1000), 0xffffffff);
}

/** Points a link at the present occupant of a seat. */
export function bindLink(kernel: Kernel, link: Link, seat: Seat): void {
  link.target.domain.inbound.delete(link);
  link.target = targetIn(kernel, seat, link.owner, link.method);
  link.target.domain.inbound.add(link);
}

function failed(domain: Domain): Birth {
  const cause = domain.doom?.cause ?? Cause.init;
  return {
    ok: false,
    error: {
      kind: "rpc-error",
      cause: causeName(cause) as RpcError["cause"],
      domain: domain.name,
      generation: domain.generation,
      detail: `failed to start: ${domain.doom?.detail ?? "unknown"}`,
    },
  };
}

/** The start function, then `init`: one budget for both. A domain that dies of the first has no second. */
function startAnew(kernel: Kernel, domain: Domain): void {
  const { loaded, limits } = domain.spec;
  const fresh = FreshState.of(domain);
  const end = performance.now() + limits.initBudgetMs;
  if (loaded.hasStart) runToEnd(kernel, domain, START, end);
  if (loaded.world.functions.some(({ name }) => name === "init")) runToEnd(kernel, domain, INIT, end);
  if (fresh !== undefined && kernel.isAlive(domain)) domain.seat.snapshot = Snapshot.of(domain, fresh);
}

/** Where a start function and `init` have brought an earlier generation, then `recover`. A snapshot of which that fails is used no more. */
function startFrom(snapshot: Snapshot, kernel: Kernel, domain: Domain, isZeroed: boolean): void {
  domain.startedFrom = "snapshot";
  snapshot.restore(domain, isZeroed);
  runToEnd(kernel, domain, RECOVER, performance.now() + domain.spec.limits.initBudgetMs);
  if (!kernel.isAlive(domain)) domain.seat.snapshot = undefined;
}

function runToEnd(kernel: Kernel, domain: Domain, method: MethodDescription, endMs: number): void {
  const exportName = method.name;
  const call = domain.exports[exportName] as CoreFunction;
  const link = new Link(LIFE, method, {
    id: domain.id,
    record: domain.record,
    call: kernel.tracer?.call(domain, { owner: LIFE, method }, call) ?? call,
    budgetMicros: Math.max(1, microsOf(endMs - performance.now())),
    domain,
  });
  const run = makeProxy(link, kernel.lifeContext);
  run();
  // A call that was not made is no death, but what did not start must not run: the chain may have been too long for it.
  if (kernel.i32[kernel.hostRecord + RecordWord.status] === Cause.ok) return;
  kernel.doom(domain, Cause.init, `${exportName === START_EXPORT ? "the start function" : exportName} could not be called`);
  kernel.buryIfGone(domain);
}

function importsOf(kernel: Kernel, domain: Domain): Record<string, Record<string, WebAssembly.ImportValue>> {
  const { usesKernel, sharedTypes, resources, interfaces } = importPlanOf(domain.spec.loaded);
  const all: Record<string, Record<string, WebAssembly.ImportValue>> = {
    sumac: {
      ...kernel.sameImports,
      memory: domain.memory,
      me: new WebAssembly.Global({ value: "i32" }, domain.id),
    },
    ...(usesKernel ? { kernel: kernelImports(kernel, domain) } : {}),
  };
  const add = (module: string, functions: Record<string, CoreFunction>): void => {
    all[module] = Object.assign(all[module] ?? {}, functions);
  };
  for (const type of sharedTypes) {
    add(type.interfaceId, typeImports(kernel, domain, type));
  }
  for (const resource of resources) {
    add(resource.interfaceId, { [`[resource-drop]${resource.name}`]: dropImport(kernel, domain, resource) });
  }
  let context: ProxyContext | undefined;
  for (const { owner, methods, needsGrant } of interfaces) {
    context ??= kernel.domainContext(domain);
    for (const method of methods) add(owner.id, { [method.name]: methodCall(kernel, context, owner, method) });
    // Who holds an instance may call its methods; everything else of an interface is granted.
    if (!needsGrant) continue;
    const provider = domain.spec.grants.get(owner.id);
    if (provider === undefined) {
      throw new SumacError(
        "import-not-granted",
        `domain ${domain.name} imports ${owner.id}, which nothing grants: add it to the domain's "grants"`,
      );
    }
    const rank = provider.kind === "blob" ? promisedRank(provider.blob, domain) : rankOf(provider);
    domain.rank = Math.max(domain.rank, Math.min(1 + rank, MAX_RANK));
    domain.seat.rank = Math.max(domain.seat.rank, domain.rank);
    add(owner.id, linkInterface(kernel, domain, context, owner, provider));
  }
  return all;
}

function linkInterface(
  kernel: Kernel,
  domain: Domain,
  context: ProxyContext,
  owner: Interface,
  provider: Provider,
): Record<string, CoreFunction> {
  const functions: Record<string, CoreFunction> = {};
  if (provider.kind === "host") {
    requireHostsInterface(domain, owner, provider.implements);
    const binding = provider.bind(domain);
    for (const method of owner.functions) {
      if (isMethod(method)) continue;
      const implementation = binding[method.name];
      if (implementation === undefined) {
        throw new SumacError("interface-mismatch", `the host's ${owner.id} has no function ${method.name}`);
      }
      const link = new Link(owner, method, { id: 0, record: 0, call: neverCalled, budgetMicros: 0, domain });
      link.hostSide = provider.exporter?.side ?? kernel.hostSide;
      const traced = kernel.tracer?.hostCall(link, implementation) ?? implementation;
      functions[method.name] = makeHostProxy(link, context, traced, rankOf(provider));
    }
    functions["[alive]"] = () => 1;
    return functions;
  }
  if (provider.kind === "domain" && kernel.cpus?.isElsewhere(provider.seat) === true) {
    return linkElsewhere(kernel, kernel.cpus, domain, context, owner, provider);
  }
  let last: Link | undefined;
  // The exporter's own description: a budget is its policy, and an importer that wrote a smaller one could kill it.
  for (const method of offeredInterface(domain, owner, offererOf(provider)).functions) {
    const isBlob = provider.kind === "blob";
    const target = isBlob ? nobodyYet(kernel, domain) : targetIn(kernel, provider.seat, owner, method);
    const link = new Link(owner, method, target);
    if (!isBlob) link.target.domain.inbound.add(link);
    if (!isBlob && provider.rebind === true) follow(kernel, domain, link, provider.seat);
    domain.outbound.push(link);
    last = link;
    const rank = isBlob ? promisedRank(provider.blob, domain) : provider.seat.rank;
    if (!isMethod(method)) functions[method.name] = link.proxy = makeProxy(link, context, rank);
    if (!isBlob) kernel.cpus?.letFollow(link, context, provider.rebind === true);
  }
  if (last === undefined) return functions;
  const { cpus } = kernel;
  const isMovable = provider.kind === "domain" && provider.seat.number !== 0 && cpus !== undefined;
  functions["[alive]"] = isMovable ? cpus.alive(last, provider.rebind === true) : aliveFunction(kernel, last);
  return functions;
}

/** The provider lives on another CPU. Its generations are found where they are, so that nobody here binds the links anew. */
function linkElsewhere(
  kernel: Kernel,
  cpus: Cpus,
  domain: Domain,
  context: ProxyContext,
  owner: Interface,
  { seat, rebind = false }: Extract<Provider, { kind: "domain" }>,
): Record<string, CoreFunction> {
  const functions: Record<string, CoreFunction> = {};
  let last: Link | undefined;
  for (const method of offeredInterface(domain, owner, seat.spec).functions) {
    const link = new Link(owner, method, targetIn(kernel, seat, owner, method));
    domain.outbound.push(link);
    last = link;
    if (!isMethod(method)) functions[method.name] = link.proxy = cpus.connect(domain, link, context, rebind);
  }
  if (last !== undefined) functions["[alive]"] = cpus.alive(last, rebind);
  return functions;
}

/** As long as its holder lives. */
function follow(kernel: Kernel, holder: Domain, link: Link, seat: Seat): void {
  kernel.cpus?.follow(holder, seat);
  seat.followers.add(link);
  holder.releases.push(() => seat.followers.delete(link));
}

type LinkedProvider = Exclude<Provider, { readonly kind: "host" }>;

function offererOf(provider: LinkedProvider): Pick<DomainSpec, "name" | "loaded"> {
  return provider.kind === "blob" ? provider.blob : provider.seat.spec;
}

/** Until the importer has created and bound a domain, its calls answer `dead`. */
function nobodyYet(kernel: Kernel, importer: Domain): Target {
  return { id: 0, record: kernel.deadRecord, call: neverCalled, budgetMicros: 0, domain: importer };
}

/**
 * The rank for which a domain's proxies leave stack that reach what it makes of a blob: the highest that this can have
 * when it gets what the domain holds. What it gets beyond that may itself call one further domain.
 */
export function promisedRank({ loaded }: Blob, { spec }: Domain): number {
  const ranks = loaded.world.imports.map(({ id }) => {
    const provider = spec.grants.get(id);
    return 1 + (provider === undefined || provider.kind === "blob" ? 1 : rankOf(provider));
  });
  return Math.min(Math.max(0, ...ranks), MAX_RANK);
}

/** Importer and exporter were built on their own: they may be linked only if they mean the same interface. */
function offeredInterface(domain: Domain, wanted: Interface, { name, loaded }: Pick<DomainSpec, "name" | "loaded">): Interface {
  const offered = loaded.world.exports.find(({ id }) => id === wanted.id);
  if (offered === undefined) {
    const list = loaded.world.exports.map(({ id }) => id).join(", ") || "nothing";
    throw new SumacError("interface-mismatch", `domain ${domain.name} is granted ${wanted.id} by ${name}, which exports ${list}`);
  }
  const difference = explainMismatch(wanted, offered);
  if (difference === undefined) return offered;
  throw new SumacError("interface-mismatch", `domains ${domain.name} and ${name} mean different interfaces by ${wanted.id}: ${difference}`);
}

/** A function of the host trusts the words that it is given, so the importer must mean what the host means. */
function requireHostsInterface(domain: Domain, wanted: Interface, implemented: string | undefined): void {
  const crosses = ({ moves, borrows, handles, resultMove, resultHandle }: MethodDescription): boolean =>
    moves.length + borrows.length + handles.length > 0 || resultMove !== undefined || resultHandle !== undefined;
  if (wanted.hash === implemented || (implemented === undefined && !wanted.functions.some(crosses))) return;
  throw new SumacError(
    "interface-mismatch",
    `domain ${domain.name} means another interface by ${wanted.id} than the host implements: build it with the host's interfaces`,
  );
}

/** HOT: asked before calls that are worth avoiding; one load through the link of the interface's last method. */
function aliveFunction(kernel: Kernel, link: Link): CoreFunction {
  const { i32 } = kernel;
  return () => (i32[link.target.record + RecordWord.state] === STATE_RUNNING ? 1 : 0);
}
