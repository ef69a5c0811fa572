/**
 * Domains for kernel tests: WAT text and a WIT world become a module, which goes through the loader and the proxies that
 * production uses. Nothing here is a stand-in for the kernel.
 */
import * as assert from "uvu/assert";
import { DEFAULT_LIMITS, type DomainLimits } from "../../host/kernel/domain.ts";
import type { KernelEvent } from "../../host/kernel/events.ts";
import { DEFAULT_RESTARTS, type RestartPolicy } from "../../host/kernel/life/restart-policy.ts";
import { supervisorOf } from "../../host/kernel/life/supervisor.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import type { Seat } from "../../host/kernel/seat.ts";
import { customSection } from "../../host/loader/sections.ts";
import { type StartOptions, startSystem } from "../../host/system/start.ts";
import type { System } from "../../host/system/system.ts";
import { auditHeap } from "../../shared-heap/audit.ts";
import { wat } from "./wat.ts";

export interface TestDomain {
  readonly name: string;
  /** The world's text as the section "sumac:world" holds it. */
  readonly world: string;
  readonly wat: string;
  readonly grants?: Readonly<Record<string, Provider>>;
  readonly limits?: Partial<DomainLimits>;
  /** False: it is never started again from a snapshot. */
  readonly snapshot?: boolean;
  /** In a system with several CPUs; default 0. */
  readonly cpu?: number;
  readonly replicas?: "per-cpu";
}

export interface TestSystem {
  readonly system: System;
  readonly events: KernelEvent[];
  add(domain: TestDomain): Promise<Seat>;
  /** Stops the system and checks that nothing is left on the heap. */
  end(): Promise<void>;
}

export async function testSystem(options: StartOptions = { heapMegabytes: 32 }): Promise<TestSystem> {
  const system = await startSystem(options);
  const events: KernelEvent[] = [];
  system.kernel.events.on((event) => events.push(event));
  return {
    system,
    events,
    async add(domain) {
      const limits = { ...DEFAULT_LIMITS, memoryPages: 16, ...domain.limits };
      const bytes = withWorld(await wat(domain.wat), domain.world);
      const { name } = domain;
      const loaded = await system.loader.load(bytes, {
        name,
        trusted: [],
        allowUnsigned: true,
        memoryPages: limits.memoryPages,
        threads: limits.threads,
      });
      const grants = Object.entries(domain.grants ?? {}).map(([id, provider]): [string, Provider] => {
        const hash = loaded.world.imports.find((owner) => owner.id === id)?.hash;
        // Who writes a world of his own and functions for it in one test vouches that they mean the same.
        if (provider.kind !== "host" || hash === undefined || id.startsWith("sumac:")) return [id, provider];
        return [id, { ...provider, implements: hash }];
      });
      return system.create({
        name,
        loaded,
        limits,
        grants: new Map(grants),
        snapshot: domain.snapshot ?? true,
        cpu: domain.cpu ?? 0,
        ...(domain.replicas === undefined ? {} : { replicas: domain.replicas }),
      });
    },
    async end() {
      await system.stop();
      const { ok, problems } = auditHeap(system.kernel.heap);
      assert.ok(ok, problems.join("\n"));
      assert.is(system.liveObjects(), 0, "objects left on the shared heap");
    },
  };
}

/** Appends the section "sumac:world". */
export function withWorld(module: Uint8Array, world: string): Uint8Array {
  const section = customSection("sumac:world", new TextEncoder().encode(world));
  const bytes = new Uint8Array(module.length + section.length);
  bytes.set(module);
  bytes.set(section, module.length);
  return bytes;
}

/** A provider for a domain that another domain may call. */
export function calls(seat: Seat): Provider {
  return { kind: "domain", seat };
}

/** A provider of `restart`: the supervisor of a seat. */
export function restarts(t: TestSystem, seat: Seat, policy: Partial<RestartPolicy> = {}): Provider {
  const provider = supervisorOf(t.system.kernel, seat, { ...DEFAULT_RESTARTS, ...policy });
  if (provider.kind !== "host") throw new Error("the supervisor is the host's");
  return { ...provider, bind: (holder) => ({ run: provider.bind(holder).restart ?? fail }) };
}

function fail(): never {
  throw new Error("the supervisor has no restart");
}

/** A provider made of plain functions. */
export function host(functions: Readonly<Record<string, (...args: number[]) => number>>): Provider {
  return { kind: "host", bind: () => functions };
}
