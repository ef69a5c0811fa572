/**
 * Domains for rows: WAT and a WIT world become a module that goes through the loader, the kernel and the proxies of
 * production, exactly as a signed module from a file does. Nothing on this side of a comparison is a stand-in.
 */
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { DEFAULT_LIMITS, type DomainLimits } from "../../host/kernel/domain.ts";
import type { UnwaitedInterface } from "../../host/kernel/host/host-calls-unwaited.ts";
import type { HostInterface, HostMethod } from "../../host/kernel/host/host-values.ts";
import { supervisorOf } from "../../host/kernel/life/supervisor.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import { customSection } from "../../host/loader/sections.ts";
import { startSystem } from "../../host/system/start.ts";
import type { System } from "../../host/system/system.ts";

export interface BenchDomain {
  readonly name: string;
  /** The world as the section "sumac:world" holds it, for a module that is text. */
  readonly world?: string;
  /** Text, or a compiled module with its world. */
  readonly module: string | Uint8Array;
  /** Interface id to the name of the domain that provides it. */
  readonly calls?: Readonly<Record<string, string>>;
  /** Interface id of the supervisor to the name of the domain that it may restart. */
  readonly supervises?: Readonly<Record<string, string>>;
  readonly limits?: Partial<DomainLimits>;
  /** False: it is never started again from a snapshot. */
  readonly snapshot?: boolean;
  /** In a system with several CPUs. */
  readonly cpu?: number;
  readonly replicas?: "per-cpu";
}

export class BenchSystem {
  readonly #system: System;

  /** Use `start`. */
  constructor(system: System) {
    this.#system = system;
  }

  static async start(cpus = 1): Promise<BenchSystem> {
    return new BenchSystem(await startSystem({ heapMegabytes: 16, cpus }));
  }

  async add({
    name,
    world = "",
    module,
    calls = {},
    supervises = {},
    limits: given = {},
    snapshot = true,
    cpu = 0,
    replicas,
  }: BenchDomain): Promise<void> {
    const limits = { ...DEFAULT_LIMITS, ...given };
    const bytes = typeof module === "string" ? withWorld(await parse(module), world) : module;
    const loaded = await this.#system.loader.load(bytes, {
      name,
      trusted: [],
      allowUnsigned: true,
      memoryPages: limits.memoryPages,
    });
    const provider = (domain: string): Provider => ({ kind: "domain", seat: this.#system.seat(domain) });
    const grants = new Map(Object.entries(calls).map(([id, domain]) => [id, provider(domain)]));
    for (const [id, domain] of Object.entries(supervises)) {
      grants.set(id, supervisorOf(this.#system.kernel, this.#system.seat(domain)));
    }
    this.#system.create({ name, loaded, limits, grants, snapshot, cpu, ...(replicas === undefined ? {} : { replicas }) });
  }

  export(domain: string, interfaceId: string): HostInterface {
    return this.#system.export(domain, interfaceId);
  }

  exportUnwaited(domain: string, interfaceId: string): UnwaitedInterface {
    return this.#system.exportUnwaited(domain, interfaceId);
  }

  kill(domain: string): void {
    this.#system.kill(domain);
  }

  /** The shared memory itself, for baselines that read it without asking anybody. */
  get heapMemory(): WebAssembly.Memory {
    return this.#system.kernel.heap.memory;
  }

  async stop(): Promise<void> {
    await this.#system.stop();
  }
}

/** A row's loop runs for as long as the harness wants; what it calls keeps the usual budget. */
export const LOOP_LIMITS: Partial<DomainLimits> = { callBudgetMs: 60_000 };

/** The number that a host call gives; throws where the call failed. */
export function numberFrom(method: HostMethod | undefined, ...args: number[]): number {
  if (method === undefined) throw new Error("no such method");
  const called = method(...args);
  if (!called.ok) throw new Error(`${called.error.domain}: ${called.error.cause}: ${called.error.detail}`);
  return called.value as number;
}

/** Appends the section "sumac:world". */
export function withWorld(module: Uint8Array, world: string): Uint8Array {
  const section = customSection("sumac:world", new TextEncoder().encode(world));
  const bytes = new Uint8Array(module.length + section.length);
  bytes.set(module);
  bytes.set(section, module.length);
  return bytes;
}
