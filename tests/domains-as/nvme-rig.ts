/**
 * The NVMe driver domain, as the build signed it, on the project's own controller model, with or without its shadow, in a real
 * system: loader, kernel, proxies, grant. The test sits between driver and model: it sees every register access and may lie.
 */
import { readFile } from "node:fs/promises";
import * as assert from "uvu/assert";
import { NvmeModel, type NvmeOptions } from "../../devices/nvme/model.ts";
import type { Dma, InterruptLine } from "../../devices/ports.ts";
import { MemoryStore } from "../../host/backends/memory-store.ts";
import { deviceProviders, type GrantableDevice } from "../../host/kernel/device-grant.ts";
import { DEFAULT_LIMITS, type DomainLimits } from "../../host/kernel/domain.ts";
import type { HostValue } from "../../host/kernel/host/host-values.ts";
import { supervisorOf } from "../../host/kernel/life/supervisor.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import type { Called, Death } from "../../host/kernel/status.ts";
import { projectRoot, trustedKeys } from "../../host/loader/keys.ts";
import { clockProvider } from "../../host/system/host-providers.ts";
import { startSystem } from "../../host/system/start.ts";
import type { System } from "../../host/system/system.ts";
import { auditHeap } from "../../shared-heap/audit.ts";
import { KERNEL_ID } from "../../shared-heap/layout.ts";

export const BLOCK_BYTES = 4096;
const BDEV = "sumac:block/bdev@0.1.0";
const BULK = "sumac:block/bulk@0.1.0";
const NVME = "sumac:nvme/nvme@0.1.0";
const NVME_METHODS: readonly string[] = ["exchange", "store", "queues", "namespaceAt"];

/** What a test may change on the way between driver and controller; `undefined` lets the access through. */
export interface Lies {
  read?: (offset: number, rig: NvmeRig) => number | undefined;
  write?: (offset: number, value: number, rig: NvmeRig) => "swallowed" | undefined;
}

export interface NvmeRigOptions extends Omit<NvmeOptions, "store"> {
  readonly blocks?: number;
  readonly limits?: Partial<DomainLimits>;
  readonly lies?: Lies;
  /** The shadow for batches, too. */
  readonly batches?: boolean;
  /** The driver that waits for interrupts. */
  readonly interrupts?: boolean;
  /** The medium; else one of `blocks` in memory. */
  readonly store?: MemoryStore;
}

/** Room for batches on their way. */
export const BATCH_LIMITS: Partial<DomainLimits> = { heapBytes: 32 << 20, heapObjects: 1024 };

export class NvmeRig {
  readonly store: MemoryStore;
  readonly model: NvmeModel;
  readonly system: System;
  readonly deaths: Death[] = [];
  /** Register writes since the driver was born last: offset, value. */
  writes: [number, number][] = [];
  /** What the driver takes for the time, in microseconds. */
  micros = 0;
  lies: Lies;
  /** The bus of the present generation. */
  dma: Dma | undefined;

  private constructor(options: NvmeRigOptions, system: System) {
    const { blocks = 256, lies = {}, ...model } = options;
    this.store = options.store ?? new MemoryStore(blocks);
    this.model = new NvmeModel({ ...model, store: this.store });
    this.system = system;
    this.lies = lies;
    system.kernel.events.on((event) => {
      if (event.kind === "death") this.deaths.push(event.death);
    });
  }

  /** @throws what the creation of a domain throws; nothing is left then */
  static async start(options: NvmeRigOptions = {}): Promise<NvmeRig> {
    const system = await startSystem({ heapMegabytes: 16, debugGuard: true });
    const rig = new NvmeRig(options, system);
    try {
      const { mmio, irq } = deviceProviders(system.kernel, rig.#device());
      const clock = clockProvider(system.kernel, () => rig.micros);
      const grants = { "sumac:device/mmio@0.1.0": mmio, "sumac:device/clock@0.1.0": clock };
      const driver =
        options.interrupts === true
          ? await rig.#create(
              "driver",
              "drivers/nvme-interrupts",
              { threads: 2, ...options.limits },
              { ...grants, "sumac:device/irq@0.1.0": irq },
            )
          : await rig.#create("driver", "drivers/nvme", options.limits ?? {}, grants);
      await rig.#create(
        "shadow",
        "shadows/bdev",
        {},
        {
          [BDEV]: { kind: "domain", seat: driver },
          "sumac:kernel/supervisor@0.1.0": supervisorOf(system.kernel, driver),
        },
      );
      if (options.batches === true) {
        await rig.#create("batches", "shadows/nvme", BATCH_LIMITS, {
          [NVME]: { kind: "domain", seat: driver },
          "sumac:kernel/supervisor@0.1.0": supervisorOf(system.kernel, driver),
        });
      }
    } catch (error) {
      await system.stop();
      throw error;
    }
    return rig;
  }

  /** Ends the system and checks that nothing is left. */
  async end(): Promise<void> {
    await this.system.stop();
    const { ok, problems } = auditHeap(this.system.kernel.heap);
    assert.ok(ok, problems.join("\n"));
    assert.is(this.system.liveObjects(), 0, "objects left on the shared heap");
    assert.is(this.model.inFlight, 0);
    assert.is(this.model.accessErrors, 0, "the driver accessed registers as no driver should");
  }

  get u8(): Uint8Array {
    return this.system.kernel.heap.u8;
  }

  create(type: "block" | "extent"): number {
    return this.make(type);
  }

  /** @param bytes of a type without a fixed length */
  make(type: string, bytes?: number): number {
    const { sharedTypes } = this.system.seat("driver").spec.loaded.world;
    const { id = 0, sizeBytes = 0 } = sharedTypes.find(({ name }) => name === type) ?? {};
    const base = this.system.kernel.heap.exports.alloc(KERNEL_ID, id, bytes ?? sizeBytes);
    assert.ok(base > 0);
    return base;
  }

  /** An object of the caller's, with all that it holds. */
  drop(base: number): void {
    assert.is(this.system.kernel.heap.exports.ownerOf(base), KERNEL_ID, "the object is the caller's again");
    assert.is(this.system.kernel.heap.exports.drop(base, KERNEL_ID), 0);
  }

  call(domain: "driver" | "shadow" | "batches", method: string, ...args: HostValue[]): Called<HostValue> {
    const id = NVME_METHODS.includes(method) ? NVME : method.endsWith("Many") ? BULK : BDEV;
    const found = this.system.export(domain, id)[method];
    if (found === undefined) throw new Error(`no method ${method}`);
    return found(...args);
  }

  /** `ok`, an error case, or the cause of a death. The object that a read was given is dropped. */
  write(lba: number | bigint, fill: number, domain: "driver" | "shadow" = "driver"): string {
    const base = this.create("block");
    this.u8.fill(fill, base, base + BLOCK_BYTES);
    const outcome = said(this.call(domain, "write", BigInt(lba), base));
    this.drop(base);
    return outcome;
  }

  /** The bytes, or what was said instead. */
  read(lba: number | bigint, domain: "driver" | "shadow" = "driver"): Uint8Array | string {
    const called = this.call(domain, "read", BigInt(lba), this.create("block"));
    return this.#bytesOf(called, BLOCK_BYTES);
  }

  flush(domain: "driver" | "shadow" = "driver"): string {
    return said(this.call(domain, "flush"));
  }

  /** Block `i` is filled with `fill + i`. */
  writeMany(lba: number | bigint, blocks: number, fill: number): string {
    const base = this.create("extent");
    for (let i = 0; i < Math.min(blocks, 32); i++) this.u8.fill(fill + i, base + i * BLOCK_BYTES, base + (i + 1) * BLOCK_BYTES);
    const outcome = said(this.call("driver", "writeMany", BigInt(lba), blocks, base));
    this.drop(base);
    return outcome;
  }

  readMany(lba: number | bigint, blocks: number): Uint8Array | string {
    return this.#bytesOf(this.call("driver", "readMany", BigInt(lba), blocks, this.create("extent")), blocks * BLOCK_BYTES);
  }

  #bytesOf(called: Called<HostValue>, bytes: number): Uint8Array | string {
    const outcome = said(called);
    if (outcome !== "ok" || !called.ok) return outcome;
    const base = Number((called.value as { val: number }).val);
    const copy = this.u8.slice(base, base + bytes);
    this.drop(base);
    return copy;
  }

  #device(): GrantableDevice {
    return {
      start: (dma, line?: InterruptLine) => {
        this.dma = dma;
        this.writes = [];
        this.model.start(dma, line);
      },
      stop: () => this.model.stop(),
      read32: (offset) => this.lies.read?.(offset, this) ?? this.model.read32(offset),
      write32: (offset, value) => {
        this.writes.push([offset, value]);
        if (this.lies.write?.(offset, value, this) === undefined) this.model.write32(offset, value);
      },
    };
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
      threads: all.threads,
    });
    return this.system.create({ name, loaded, limits: all, grants: new Map(Object.entries(grants)) });
  }
}

function said(called: Called<HostValue>): string {
  if (!called.ok) return `${called.error.cause}: ${called.error.detail}`;
  const { tag, val } = called.value as { tag: string; val: HostValue };
  return tag === "ok" ? "ok" : String(val);
}
