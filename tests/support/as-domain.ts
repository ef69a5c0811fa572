/**
 * Test domains in AssemblyScript: a WIT text and an `index.ts` become a module as `sumac build` makes them, which goes through the
 * loader and the proxies that production uses. Modules are compiled once per test file.
 */
import { DEFAULT_LIMITS, type DomainLimits } from "../../host/kernel/domain.ts";
import type { HostValue } from "../../host/kernel/host/host-values.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import type { Seat } from "../../host/kernel/seat.ts";
import { compileDomain, worldOf } from "../idl/compile-domain.ts";
import { outcome } from "./domain.ts";
import type { TestSystem } from "./system.ts";

export interface AsDomain {
  readonly name: string;
  /** The module, from `compileAs`. */
  readonly module: Uint8Array<ArrayBuffer>;
  readonly grants?: Readonly<Record<string, Provider>>;
  readonly limits?: Partial<DomainLimits>;
  /** In a system with several CPUs; default 0. */
  readonly cpu?: number;
  readonly replicas?: "per-cpu";
}

/**
 * @param wit a package with the world, and others that it uses
 * @param index the domain's `index.ts`
 */
export async function compileAs(wit: string, world: string, index: string): Promise<Uint8Array<ArrayBuffer>> {
  return compileDomain(await worldOf(wit, world), index);
}

export async function addAs(t: TestSystem, { name, module, grants = {}, limits = {}, cpu = 0, replicas }: AsDomain): Promise<Seat> {
  const all = { ...DEFAULT_LIMITS, memoryPages: 16, ...limits };
  const loaded = await t.system.loader.load(module, {
    name,
    trusted: [],
    allowUnsigned: true,
    memoryPages: all.memoryPages,
    threads: all.threads,
  });
  const spec = { name, loaded, limits: all, grants: new Map(Object.entries(grants)), cpu };
  return t.system.create(replicas === undefined ? spec : { ...spec, replicas });
}

/** Calls an exported function and says how it went: `ok 7`, `trap evil#1`. */
export function run(t: TestSystem, name: string, interfaceId: string, method: string, ...args: HostValue[]): string {
  const found = t.system.export(name, interfaceId)[method];
  if (found === undefined) throw new Error(`${name} has no ${method}`);
  return outcome(found(...args));
}
