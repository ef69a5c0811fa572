/**
 * A Sumac system whose NVMe driver, the signed module that `npm run build` made, drives the controller of a QEMU: the driver,
 * its shadow, and the host as their client.
 */
import { readFile } from "node:fs/promises";
import { DEFAULT_LIMITS, type DomainLimits } from "../../../host/kernel/domain.ts";
import type { HostValue } from "../../../host/kernel/host/host-values.ts";
import { supervisorOf } from "../../../host/kernel/life/supervisor.ts";
import type { Provider } from "../../../host/kernel/provider.ts";
import type { Called, Death } from "../../../host/kernel/status.ts";
import { projectRoot, trustedKeys } from "../../../host/loader/keys.ts";
import { clockProvider } from "../../../host/system/host-providers.ts";
import { startSystem } from "../../../host/system/start.ts";
import type { System } from "../../../host/system/system.ts";
import { auditHeap } from "../../../shared-heap/audit.ts";
import { KERNEL_ID } from "../../../shared-heap/layout.ts";
import { Bridge, LIST_BYTES } from "./bridge.ts";
import { Machine, type MachineOptions } from "./machine.ts";

export const BLOCK_BYTES = 4096;
export const MOST_BLOCKS = 32;
/** Shared heap and QEMU's memory are of one size, so that every address exists on both sides. */
const MEMORY_BYTES = 32 << 20;
const BDEV = "sumac:block/bdev@0.1.0";
const BULK = "sumac:block/bulk@0.1.0";
const NVME = "sumac:nvme/nvme@0.1.0";
/** Room for batches of large transfers. */
const BATCHES = { heapBytes: 12 << 20, heapObjects: 1024 };

export type RigOptions = Omit<MachineOptions, "memoryBytes">;

/** What an interface answered, or that it did not. */
export type Answer = { readonly tag: "ok"; readonly val: HostValue } | { readonly tag: "err"; readonly val: HostValue };

export class Rig {
  readonly options: RigOptions;
  readonly machine: Machine;
  readonly system: System;
  readonly bridge: Bridge;
  readonly deaths: Death[] = [];
  readonly #sizes: Map<string, { readonly id: number; readonly bytes: number }> = new Map();

  private constructor(options: RigOptions, machine: Machine, system: System, bridge: Bridge) {
    this.options = options;
    this.machine = machine;
    this.system = system;
    this.bridge = bridge;
    system.kernel.events.on((event) => {
      if (event.kind === "death") this.deaths.push(event.death);
    });
  }

  static async start(options: RigOptions): Promise<Rig> {
    const machine = await Machine.start({ ...options, memoryBytes: MEMORY_BYTES });
    let system: System | undefined;
    try {
      system = await startSystem({ heapMegabytes: MEMORY_BYTES >>> 20 });
      const rig = new Rig(options, machine, system, new Bridge(system.kernel, machine));
      await rig.#createDomains();
      return rig;
    } catch (error) {
      await system?.stop();
      await machine.stop();
      throw error;
    }
  }

  /** Ends everything; returns what is wrong with the memories now. */
  async stop(): Promise<string[]> {
    await this.system.stop();
    const problems = [...auditHeap(this.system.kernel.heap).problems];
    const left = this.system.liveObjects();
    if (left !== 0) problems.push(`${left} objects are left on the shared heap`);
    this.bridge.mirror.audit();
    problems.push(...this.bridge.mirror.violations);
    await this.machine.stop();
    return problems;
  }

  /** Asks the shadow. */
  bdev(method: string, ...args: HostValue[]): Answer {
    return this.#answer("shadow", BDEV, method, args);
  }

  /** Asks the driver's present generation. */
  bulk(method: string, ...args: HostValue[]): Answer {
    return this.#answer("driver", BULK, method, args);
  }

  /** Why a call to the driver was not answered. */
  bulkCause(method: string, ...args: HostValue[]): string {
    const called = this.system.export("driver", BULK)[method]?.(...args);
    return called?.ok === false ? called.error.cause : "an answer";
  }

  /** A call of the interface for batches. */
  call(domain: "driver" | "batches", method: string, ...args: HostValue[]): Called<HostValue> {
    const found = this.system.export(domain, NVME)[method];
    if (found === undefined) throw new Error(`no method ${method}`);
    return found(...args);
  }

  create(type: "block" | "extent"): number {
    return this.make(type);
  }

  /** @param length in bytes, of a type without a fixed one */
  make(type: string, length?: number): number {
    const { id, bytes } = this.#sizes.get(type) ?? { id: 0, bytes: 0 };
    const base = this.system.kernel.heap.exports.alloc(KERNEL_ID, id, length ?? bytes);
    if (base === 0) throw new Error(`the heap has no room for a ${type}`);
    this.bridge.lendable.add(base);
    return base;
  }

  /** The host owns what it drops, and says so where it expects it. */
  drop(base: number): void {
    const { ownerOf, drop } = this.system.kernel.heap.exports;
    if (ownerOf(base) !== KERNEL_ID || drop(base, KERNEL_ID) !== 0) throw new Error(`object ${base} is not the host's, or still lent`);
    this.bridge.lendable.delete(base);
    // What hung on it is gone as well.
    for (const one of this.bridge.lendable) if (ownerOf(one) !== KERNEL_ID) this.bridge.lendable.delete(one);
  }

  bytes(base: number, count: number): Uint8Array {
    return this.system.kernel.heap.u8.subarray(base, base + count);
  }

  /** Objects of the size of a PRP list, which take places that the driver's would get. */
  createFiller(): number {
    const base = this.system.kernel.heap.exports.alloc(KERNEL_ID, 1, LIST_BYTES);
    if (base === 0) throw new Error("the heap has no room for a filler");
    return base;
  }

  dropFiller(base: number): void {
    this.system.kernel.heap.exports.free(base);
  }

  /** A driver whose budget is used up by a slow host would die without a fault of its own: budgets are wide. */
  async #createDomains(): Promise<void> {
    const wide = { initBudgetMs: 20_000, callBudgetMs: 20_000, ...BATCHES };
    const driver = await this.#create("driver", "drivers/nvme", wide, {
      "sumac:device/mmio@0.1.0": this.bridge.provider,
      "sumac:device/clock@0.1.0": clockProvider(this.system.kernel),
    });
    await this.#create("shadow", "shadows/bdev", wide, {
      [BDEV]: { kind: "domain", seat: driver, rebind: true },
      "sumac:kernel/supervisor@0.1.0": supervisorOf(this.system.kernel, driver),
    });
    await this.#create("batches", "shadows/nvme", wide, {
      [NVME]: { kind: "domain", seat: driver, rebind: true },
      "sumac:kernel/supervisor@0.1.0": supervisorOf(this.system.kernel, driver),
    });
    for (const { name, id, sizeBytes } of driver.spec.loaded.world.sharedTypes) this.#sizes.set(name, { id, bytes: sizeBytes });
  }

  async #create(
    name: string,
    module: string,
    limits: Partial<DomainLimits>,
    grants: Readonly<Record<string, Provider>>,
  ): Promise<ReturnType<System["create"]>> {
    const root = projectRoot(import.meta.dirname);
    const all = { ...DEFAULT_LIMITS, memoryPages: 4, ...limits };
    const loaded = await this.system.loader.load(await readFile(`${root}/build/domains/${module}.wasm`), {
      name: module,
      trusted: await trustedKeys(root, []),
      allowUnsigned: false,
      memoryPages: all.memoryPages,
    });
    return this.system.create({ name, loaded, limits: all, grants: new Map(Object.entries(grants)) });
  }

  #answer(domain: string, id: string, method: string, args: readonly HostValue[]): Answer {
    const call = this.system.export(domain, id)[method];
    const called: Called<HostValue> = call?.(...args) ?? { ok: true, value: undefined };
    if (called.ok) return method === "identify" ? { tag: "ok", val: called.value } : (called.value as unknown as Answer);
    const { error } = called;
    throw new Error(`${method} was not answered: ${error.domain} ${error.cause}: ${error.detail}`);
  }
}
