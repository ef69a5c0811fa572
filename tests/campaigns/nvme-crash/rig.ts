/**
 * A driver that dies and a device that fails: the NVMe driver domain behind its shadow, on the controller model, with a death or a
 * fault of the device where the campaign wants one.
 */
import { readFile } from "node:fs/promises";
import type { FaultSource, NvmeFault } from "../../../devices/nvme/faults.ts";
import { NvmeModel } from "../../../devices/nvme/model.ts";
import { REG } from "../../../devices/nvme/registers.ts";
import type { BlockStore, InterruptLine } from "../../../devices/ports.ts";
import { MemoryStore } from "../../../host/backends/memory-store.ts";
import { RecordingStore } from "../../../host/backends/recording-store.ts";
import { deviceProviders } from "../../../host/kernel/device-grant.ts";
import { DEFAULT_LIMITS } from "../../../host/kernel/domain.ts";
import { DEFAULT_RESTARTS } from "../../../host/kernel/life/restart-policy.ts";
import { supervisorOf } from "../../../host/kernel/life/supervisor.ts";
import type { Provider } from "../../../host/kernel/provider.ts";
import { Cause } from "../../../host/kernel/status.ts";
import { projectRoot, trustedKeys } from "../../../host/loader/keys.ts";
import { clockProvider } from "../../../host/system/host-providers.ts";
import { startSystem } from "../../../host/system/start.ts";
import type { System } from "../../../host/system/system.ts";
import { KERNEL_ID } from "../../../shared-heap/layout.ts";

export const BLOCKS = 32;
/** The last one: batches, to the driver that waits for interrupts. */
export type Kind = "bdev" | "nvme" | "interrupts";
export type DeathPoint = "safepoint" | "before an access" | "after an access" | "in flight";
export const DEATH_POINTS: readonly DeathPoint[] = ["safepoint", "before an access", "after an access", "in flight"];

/** Each look at the controller takes so long: a command that is stuck is late after a hundred of them. */
const MICROS_PER_LOOK = 50_000;
/** Where nobody polls, time goes on with the turns of the threads. */
const MICROS_PER_TURN = 200_000;
/** Points in a rebirth, and some beyond. */
const REBIRTH: Readonly<Record<DeathPoint, number>> = { safepoint: 400, "before an access": 50, "after an access": 50, "in flight": 5 };
/** What nobody polls for does not come by itself, but in `turn`. */
const ACCESSES: Readonly<Record<Kind, number>> = { bdev: 3, nvme: 3, interrupts: 20 };
const HEAP = { heapBytes: 1 << 20, heapObjects: 1024 };

export interface RigOptions {
  readonly kind: Kind;
  readonly deferred: boolean;
  readonly seed: number;
  below(limit: number): number;
}

export class CrashRig {
  readonly kind: Kind;
  readonly system: System;
  readonly model: NvmeModel;
  /** Of the present episode. */
  record: RecordingStore = new RecordingStore(new MemoryStore(BLOCKS));
  deaths = 0;
  /** Of deaths: how many came where they were wanted. */
  readonly strikes: Map<DeathPoint, number> = new Map();
  faults = 0;
  /** Consulted for every I/O command while it is set. */
  nextFault: (() => NvmeFault | undefined) | undefined;
  /** The medium fails at its next operation. */
  #mediaFails = false;
  #micros = 0;
  #point: DeathPoint | undefined;
  #countdown = 0;
  readonly #below: (limit: number) => number;

  private constructor(options: RigOptions, system: System) {
    this.kind = options.kind;
    this.#below = options.below;
    this.system = system;
    const faults: FaultSource = {
      next: (sqId) => {
        if (sqId === 0) return undefined;
        const fault = this.nextFault?.();
        if (fault !== undefined) this.faults++;
        return fault;
      },
    };
    this.model = new NvmeModel({
      store: this.#failing(() => this.record),
      mdts: 3,
      faults,
      clock: { nowMicros: () => this.#micros },
      ...(options.deferred ? { deferred: { accesses: ACCESSES[options.kind], shuffle: options.seed } } : {}),
    });
    system.kernel.events.on((event) => {
      if (event.kind === "death") this.deaths++;
    });
  }

  static async start(options: RigOptions): Promise<CrashRig> {
    const system = await startSystem({ heapMegabytes: 32 });
    const rig = new CrashRig(options, system);
    const { kind } = options;
    const { mmio, irq } = rig.#device();
    const clock = clockProvider(system.kernel, () => rig.#micros);
    const grants = { "sumac:device/mmio@0.1.0": mmio, "sumac:device/clock@0.1.0": clock };
    const driver =
      kind === "interrupts"
        ? await rig.#create("driver", "drivers/nvme-interrupts", { ...grants, "sumac:device/irq@0.1.0": irq }, 2)
        : await rig.#create("driver", "drivers/nvme", grants);
    const restarts = { ...DEFAULT_RESTARTS, tries: 20, firstWaitMs: 0, mostWaitMs: 0, patienceMs: 60_000 };
    await rig.#create("shadow", kind === "bdev" ? "shadows/bdev" : "shadows/nvme", {
      [kind === "bdev" ? "sumac:block/bdev@0.1.0" : "sumac:nvme/nvme@0.1.0"]: { kind: "domain", seat: driver },
      "sumac:kernel/supervisor@0.1.0": supervisorOf(system.kernel, driver, restarts),
    });
    return rig;
  }

  /** Another, empty medium. Nothing may be in flight. */
  renew(): void {
    this.record = new RecordingStore(new MemoryStore(BLOCKS));
  }

  /** The driver is to die at the n-th such point from now on. */
  arm(point: DeathPoint, countdown: number): void {
    this.#point = point;
    this.#countdown = countdown;
    if (point === "safepoint") this.system.kernel.stepHook = (running) => this.#step(running);
  }

  disarm(): void {
    this.#point = undefined;
    this.system.kernel.stepHook = undefined;
  }

  failMedium(): void {
    this.#mediaFails = true;
  }

  /** The device goes on with what it holds, and the driver's threads with what they find; the one that looks from time to time does so now. */
  async turn(): Promise<void> {
    const { threads } = this.system.kernel;
    this.#micros += MICROS_PER_TURN;
    this.model.advance(this.#below(6));
    await threads.run();
    for (const { id, name } of threads.list()) if (name === "watch") threads.unpark(id);
    await threads.run();
  }

  create(type: "block" | "batch" | "request" | "buffer", bytes?: number): number {
    const found = this.system.seat("driver").spec.loaded.world.sharedTypes.find(({ name }) => name === type);
    if (found === undefined) throw new Error(`the driver knows no ${type}`);
    const base = this.system.kernel.heap.exports.alloc(KERNEL_ID, found.id, bytes ?? found.sizeBytes);
    if (base < 64) throw new Error(`no room for a ${type}`);
    return base;
  }

  drop(base: number): void {
    const { ownerOf, drop } = this.system.kernel.heap.exports;
    if (ownerOf(base) !== KERNEL_ID) throw new Error("an object that was answered is not the caller's");
    if (drop(base, KERNEL_ID) !== 0) throw new Error("an object that was answered cannot be dropped");
  }

  #step(running: { readonly id: number } | undefined): void {
    const driver = this.system.seat("driver").current;
    if (running === undefined || running !== driver || this.#countdown-- > 0) return;
    this.#strike();
  }

  #strike(): void {
    const driver = this.system.seat("driver").current;
    const point = this.#point;
    if (driver === undefined || point === undefined) return;
    this.disarm();
    this.strikes.set(point, (this.strikes.get(point) ?? 0) + 1);
    if (this.deaths % 2 === 0) this.system.kernel.doom(driver, Cause.trap, "a trap that the campaign wanted");
    else this.system.kernel.kill(driver, "a kill that the campaign wanted");
    // Its successor may die as well, while it starts most likely.
    if (this.#below(3) === 0) this.arm(point, this.#below(REBIRTH[point]));
  }

  #accessed(point: DeathPoint): void {
    if (this.#point === point && this.#countdown-- <= 0) this.#strike();
    if (point === "after an access" && this.#point === "in flight" && this.model.inFlight > 0 && this.#countdown-- <= 0) this.#strike();
  }

  #device(): { readonly mmio: Provider; readonly irq: Provider } {
    const { model } = this;
    return deviceProviders(this.system.kernel, {
      start: (dma, line?: InterruptLine) => model.start(dma, line),
      stop: () => model.stop(),
      read32: (offset) => {
        this.#accessed("before an access");
        if (offset === REG.csts) this.#micros += MICROS_PER_LOOK;
        const value = model.read32(offset);
        this.#accessed("after an access");
        return value;
      },
      write32: (offset, value) => {
        this.#accessed("before an access");
        model.write32(offset, value);
        this.#accessed("after an access");
      },
    });
  }

  /** The present medium, which fails when it is told to. */
  #failing(store: () => BlockStore): BlockStore {
    const meet = (): void => {
      if (!this.#mediaFails) return;
      this.#mediaFails = false;
      this.faults++;
      throw new Error("the medium fails");
    };
    return {
      blockBytes: 4096,
      blocks: BLOCKS,
      read: (lba, into) => {
        meet();
        store().read(lba, into);
      },
      write: (lba, from) => {
        meet();
        store().write(lba, from);
      },
      flush: () => {
        meet();
        store().flush();
      },
    };
  }

  async #create(
    name: string,
    module: string,
    grants: Readonly<Record<string, Provider>>,
    threads = 0,
  ): Promise<ReturnType<System["create"]>> {
    const root = projectRoot(import.meta.dirname);
    const limits = { ...DEFAULT_LIMITS, memoryPages: 8, callBudgetMs: 60_000, initBudgetMs: 10_000, threads, ...HEAP };
    const loaded = await this.system.loader.load(await readFile(`${root}/build/domains/${module}.wasm`), {
      name: module,
      trusted: await trustedKeys(root, []),
      allowUnsigned: false,
      memoryPages: limits.memoryPages,
      threads,
    });
    return this.system.create({ name, loaded, limits, grants: new Map(Object.entries(grants)) });
  }
}
