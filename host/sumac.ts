/**
 * The library: start a system inside a Node program, create domains from signed modules, call what they export, stop.
 *
 * @example
 * const system = await boot();
 * await system.load("hello", "build/hello.wasm");
 * const { add } = system.export("hello", "acme:hello/greeter@0.1.0");
 * console.log(add?.(2, 3)); // { ok: true, value: 5 }
 * await system.stop();
 */
import { readFile } from "node:fs/promises";
import { CPU_MAX } from "../shared-heap/layout.ts";
import { packageIds, readWitFolder, shippedWit } from "./build/domain-folder.ts";
import { SumacError } from "./errors.ts";
import { type Interface, resolveInterfaces } from "./idl/idl.ts";
import type { ImplementationTypes, InterfaceTypes } from "./interfaces/interface-types.ts";
import { DEFAULT_LIMITS, type DomainLimits } from "./kernel/domain.ts";
import type { KernelEvent } from "./kernel/events.ts";
import type { UnwaitedInterface } from "./kernel/host/host-calls-unwaited.ts";
import type { HostImplementation, HostInterface } from "./kernel/host/host-values.ts";
import type { Provider } from "./kernel/provider.ts";
import type { Death } from "./kernel/status.ts";
import { projectRoot, trustedKeys } from "./loader/keys.ts";
import type { LoadRecord } from "./loader/load-record.ts";
import type { TrustedKey } from "./loader/signature.ts";
import type { TrustPolicy } from "./loader/trust-policy.ts";
import { groupsInOrder, type MemberSettings, type SupervisionSettings, SYSTEM_GROUP } from "./supervision/settings.ts";
import type { GaveUp } from "./supervision/supervision.ts";
import { Following } from "./system/following.ts";
import { Implementations } from "./system/implementations.ts";
import type { MigrateOptions } from "./system/migrate.ts";
import { startSystem } from "./system/start.ts";
import type { DomainSummary, LifeChange, System } from "./system/system.ts";

export { SumacError, type SumacErrorCode } from "./errors.ts";
export type { ImplementationTypes, InterfaceTypes } from "./interfaces/interface-types.ts";
export type { DomainLimits, LifeState } from "./kernel/domain.ts";
export type { KernelEvent } from "./kernel/events.ts";
export type { UnwaitedInterface, UnwaitedMethod } from "./kernel/host/host-calls-unwaited.ts";
export type {
  CallOptions,
  HostCall,
  HostImplementation,
  HostInstance,
  HostInterface,
  HostList,
  HostMethod,
  HostOption,
  HostResult,
  HostValue,
} from "./kernel/host/host-values.ts";
export type { Called, CauseName, Death, Failure, Generation, RpcError, StackFrame } from "./kernel/status.ts";
export type { Fingerprint } from "./loader/fingerprint.ts";
export type { LoadRecord } from "./loader/load-record.ts";
export type { FingerprintDemand, SignerDemand, TrustPolicy } from "./loader/trust-policy.ts";
export type { GroupSettings, HealthSettings, MemberSettings, SupervisionSettings } from "./supervision/settings.ts";
export type { GaveUp } from "./supervision/supervision.ts";
export { type Following, following } from "./system/following.ts";
export type { DomainSummary, LifeChange } from "./system/system.ts";

export interface BootOptions {
  /** Files of public keys and key sets whose signatures count, besides the development key and key set of the working directory. */
  readonly trust?: readonly string[];
  /** CPUs: the calling thread, and a worker for each further one. Default 1, at most 32. */
  readonly cpus?: number;
  /** Size of the shared heap; default 64. */
  readonly heapMegabytes?: number;
  /**
   * A folder of WIT files that say what the application means by the interfaces that it implements: a module that means something
   * else by the same name is refused. Without it an implementation is given what the module's own world says.
   */
  readonly wit?: string;
  /** What every module must meet besides being signed by somebody trusted. */
  readonly demands?: TrustPolicy;
  /** The groups in which domains may be supervised, and their numbers. */
  readonly supervision?: SupervisionSettings;
  /**
   * Opens a control socket, through which `sumac ps`, `top`, `kill` and others of the same user reach the system, under this name. They are
   * answered while the thread is in its event loop and at safepoints of domains: see docs/control.md. Default: none.
   */
  readonly control?: string;
}

/** Interface id to who provides it: the name of a domain, or an object with the interface's functions. */
export type Grants = { readonly [K in keyof ImplementationTypes]?: string | Following | ImplementationTypes[K] } & Readonly<
  Record<string, string | Following | HostImplementation>
>;

export interface LoadDomainOptions {
  readonly limits?: Partial<DomainLimits>;
  readonly grants?: Grants;
  /** Let the module run although nobody trusted signed it. */
  readonly allowUnsigned?: boolean;
  /** Detached signature: a path, or its bytes. */
  readonly signature?: string | Uint8Array;
  /** What the module must meet besides what the system demands. */
  readonly demands?: TrustPolicy;
  /** On which CPU, from 0 (default): what grants it your own functions must be there. */
  readonly cpu?: number;
  /** A domain of its own on each CPU, for the callers there; those beyond CPU 0 are called `name@1` and so on. */
  readonly replicas?: "per-cpu";
  /** False: restarts run `init`, also where the module has a `recover`. */
  readonly snapshot?: boolean;
  /** Has the domain restarted when it has died; in the order in which domains are loaded. */
  readonly supervision?: MemberSettings;
}

/** Starts an empty system on the calling thread. */
export async function boot(options: BootOptions = {}): Promise<Sumac> {
  const trusted = await trustedKeys(projectRoot(process.cwd()), options.trust ?? []);
  const { heapMegabytes, supervision, control, cpus = 1 } = options;
  const system = await startSystem({
    cpus: checkedCpus(cpus),
    ...(heapMegabytes === undefined ? {} : { heapMegabytes }),
    ...(supervision === undefined ? {} : { supervision: checkedGroups(supervision) }),
    ...(control === undefined ? {} : { control }),
  });
  const meant = options.wit === undefined ? [] : await readInterfaces(options.wit);
  return new Sumac(system, trusted, new Implementations(system.kernel, meant), options.demands);
}

export class Sumac {
  readonly #system: System;
  readonly #trusted: readonly TrustedKey[];
  readonly #implementations: Implementations;
  readonly #demands: TrustPolicy | undefined;

  /** Use `boot`. */
  constructor(system: System, trusted: readonly TrustedKey[], implementations: Implementations, demands?: TrustPolicy) {
    this.#demands = demands;
    this.#system = system;
    this.#trusted = trusted;
    this.#implementations = implementations;
  }

  /**
   * Verifies, checks, hardens, audits and starts a module as the domain `name`.
   * @param module path of a signed module, or its bytes
   * @throws SumacError naming what is wrong with the module, or why the domain failed to start
   */
  async load(name: string, module: string | Uint8Array, options: LoadDomainOptions = {}): Promise<void> {
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const { signature } = options;
    const loaded = await this.#system.loader.load(typeof module === "string" ? await readModule(module) : module, {
      name: typeof module === "string" ? module : name,
      trusted: this.#trusted,
      allowUnsigned: options.allowUnsigned ?? false,
      memoryPages: limits.memoryPages,
      threads: limits.threads,
      policies: [this.#demands, options.demands].filter((policy) => policy !== undefined),
      ...(signature === undefined ? {} : { signature: typeof signature === "string" ? await readModule(signature) : signature }),
    });
    const grants = new Map<string, Provider>();
    for (const [id, provider] of Object.entries(options.grants ?? {})) {
      if (typeof provider === "string") grants.set(id, { kind: "domain", seat: this.#system.seat(provider) });
      else if (provider instanceof Following) grants.set(id, { kind: "domain", seat: this.#system.seat(provider.domain), rebind: true });
      else {
        const made = this.#implementations.providerFor(name, loaded, id, provider);
        if (made !== undefined) grants.set(id, made);
      }
    }
    const { snapshot = true, cpu = 0, replicas } = options;
    this.#system.create({ name, loaded, grants, limits, snapshot, cpu, ...(replicas === undefined ? {} : { replicas }) });
    if (options.supervision === undefined) return;
    try {
      this.#system.supervise(name, options.supervision);
    } catch (error) {
      this.#system.destroy(name);
      throw error;
    }
  }

  /**
   * The functions that a domain exports, by their WIT names in camel case. They answer `dead` once that generation died.
   * The types of Sumac's own interfaces are known. For others `sumac bindgen` writes them, to be named as the type argument; without
   * one, functions may be absent and take and give any `HostValue`.
   */
  export<K extends keyof InterfaceTypes>(domain: string, id: K): InterfaceTypes[K];
  export<T extends object = HostInterface>(domain: string, id: string): T;
  export(domain: string, id: string): object {
    return this.#system.export(domain, id);
  }

  /**
   * The functions that need no instance, as promises of what `export` gives at once. A domain on another CPU works while this thread does
   * something else; on this thread's own CPU the call is made before the function returns.
   */
  exportAsync(domain: string, id: string): UnwaitedInterface {
    return this.#system.exportUnwaited(domain, id);
  }

  /** Ends the present generation. Under supervision that is a death like any other. */
  kill(domain: string): void {
    this.#system.kill(domain);
  }

  /**
   * Ends the present generation and starts the next, which is no failure for its supervision; that is as soon as it can be done, and not
   * before this returns.
   */
  restart(domain: string): void {
    this.#system.restart(domain);
  }

  /**
   * Has a domain go on on another CPU with all that it has; its callers notice nothing. Waits up to `waitMs` (1000) while it is in a call.
   * @throws SumacError "not-movable", which says what keeps it where it is; it lives on there
   */
  migrate(domain: string, cpu: number, options: MigrateOptions = {}): void {
    this.#system.migrate(domain, cpu, options);
  }

  /** Path of the control socket, if there is one. */
  get controlPath(): string | undefined {
    return this.#system.control?.path;
  }

  /** Ends the domain for good: nobody restarts it, and its name is free. */
  destroy(domain: string): void {
    this.#system.destroy(domain);
  }

  /** Tells what becomes of the domain of this name from now on, whatever generation. Returns the function that ends the watching. */
  watch(domain: string, watcher: (change: LifeChange) => void): () => void {
    return this.#system.watch(domain, watcher);
  }

  /** Why the system ended by itself: a supervised domain died too often. Undefined while it has not. */
  get gaveUp(): GaveUp | undefined {
    return this.#system.gaveUp;
  }

  domains(): DomainSummary[] {
    return this.#system.domains();
  }

  /** Who signed a domain's module, what it says of its build, how it was hardened, what it was granted: plain data, for logs. */
  loadRecord(domain: string): LoadRecord {
    return this.#system.loadRecord(domain);
  }

  /** The last deaths, at most 64, oldest first: why each of these domains died. A death is an event as well, see `on`. */
  deaths(): readonly Death[] {
    return this.#system.kernel.deaths.list();
  }

  /** Deaths, restarts, recoveries and log lines. Returns the function that stops the listening. */
  on(listener: (event: KernelEvent) => void): () => void {
    return this.#system.kernel.events.on(listener);
  }

  /** Ends every domain; nothing keeps the process alive afterwards. */
  async stop(): Promise<void> {
    await this.#system.stop();
  }
}

function checkedCpus(cpus: number): number {
  if (Number.isInteger(cpus) && cpus >= 1 && cpus <= CPU_MAX) return cpus;
  throw new SumacError("usage", `cpus: expected a whole number from 1 to ${CPU_MAX}, got ${cpus}`);
}

function checkedGroups(supervision: SupervisionSettings): SupervisionSettings {
  const ordered = groupsInOrder(supervision);
  const astray = Object.keys(supervision.groups ?? {}).find((name) => !ordered.has(name) || name === SYSTEM_GROUP);
  if (astray === undefined) return supervision;
  throw new SumacError("manifest-invalid", `group ${astray}: its parent does not exist, or it is its own, or it has the system's name`);
}

async function readInterfaces(folder: string): Promise<readonly Interface[]> {
  const own = await readWitFolder(folder);
  if (own.length === 0) throw new SumacError("file-missing", `interfaces ${folder}: no .wit file there: check the path`);
  return resolveInterfaces([...own, ...(await shippedWit(packageIds(own)))]);
}

async function readModule(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new SumacError("file-missing", `module ${path}: cannot be read: check the path`, { cause });
  }
}
