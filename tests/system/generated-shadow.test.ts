/** Generated shadows in whole systems: a copy that survives its driver's deaths, and a driver that does not come back. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NvmeModel } from "../../devices/nvme/model.ts";
import { PciBus } from "../../devices/pci/bus.ts";
import { MATCH_NVME } from "../../devices/pci/match.ts";
import { MemoryStore } from "../../host/backends/memory-store.ts";
import { deviceProvider } from "../../host/kernel/device-grant.ts";
import { DEFAULT_LIMITS, type DomainLimits } from "../../host/kernel/domain.ts";
import type { KernelEvent } from "../../host/kernel/events.ts";
import { DEFAULT_RESTARTS } from "../../host/kernel/life/restart-policy.ts";
import { supervisorOf } from "../../host/kernel/life/supervisor.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import type { Called } from "../../host/kernel/status.ts";
import { projectRoot, trustedKeys } from "../../host/loader/keys.ts";
import { bootManifest } from "../../host/system/boot.ts";
import { clockProvider } from "../../host/system/host-providers.ts";
import type { Manifest } from "../../host/system/manifest.ts";
import { startSystem } from "../../host/system/start.ts";
import type { System } from "../../host/system/system.ts";
import { auditHeap } from "../../shared-heap/audit.ts";
import { KERNEL_ID } from "../../shared-heap/layout.ts";
import { shadowModule } from "../support/shadow.ts";

const BDEV = "sumac:block/bdev@0.1.0";
const BULK = "sumac:block/bulk@0.1.0";
const SUPERVISOR = "sumac:kernel/supervisor@0.1.0";

const test = suite("generated shadow");
const folder = mkdtempSync(join(tmpdir(), "sumac-shadow-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const trusted = await trustedKeys(projectRoot(process.cwd()), []);

interface Rig {
  readonly system: System;
  readonly events: KernelEvent[];
  /** From now on every command of the driver hangs until its budget ends it, in each generation. */
  breakDevice(broken: boolean): void;
  alloc(type: string): number;
}

/** An NVMe driver behind the generated shadow of one of its interfaces. */
async function rig(id: string): Promise<Rig> {
  const system = await startSystem({ heapMegabytes: 32 });
  const events: KernelEvent[] = [];
  const model = new NvmeModel({ store: new MemoryStore(64) });
  const bus = new PciBus();
  bus.plug(0, model);
  bus.assign();
  const claimed = bus.claim(MATCH_NVME, "driver");
  if (claimed.kind !== "claimed") throw new Error(claimed.kind);
  const add = async (name: string, file: string, grants: Record<string, Provider>, limits: Partial<DomainLimits>): Promise<void> => {
    const all = { ...DEFAULT_LIMITS, ...limits };
    const options = { name: file, trusted, allowUnsigned: false, memoryPages: all.memoryPages };
    const loaded = await system.loader.load(readFileSync(file), options);
    system.create({ name, loaded, grants: new Map(Object.entries(grants)), limits: all });
  };
  const driverGrants = {
    "sumac:device/mmio@0.1.0": deviceProvider(system.kernel, claimed.claim),
    "sumac:device/clock@0.1.0": clockProvider(system.kernel),
  };
  await add("driver", "build/domains/drivers/nvme.wasm", driverGrants, { callBudgetMs: 5 });
  const seat = system.seat("driver");
  const supervisor = supervisorOf(system.kernel, seat, { ...DEFAULT_RESTARTS, tries: 3 });
  const shadowGrants = { [id]: { kind: "domain", seat } as const, [SUPERVISOR]: supervisor };
  await add("shadow", await shadowModule(folder, id), shadowGrants, { callBudgetMs: 5000 });
  let isBroken = false;
  system.kernel.events.on((event) => {
    events.push(event);
    if (event.kind === "restart") model.nextCommandHangs = isBroken;
  });
  return {
    system,
    events,
    breakDevice(broken) {
      isBroken = broken;
      model.nextCommandHangs = broken;
    },
    alloc(type) {
      const found = system.seat("shadow").spec.loaded.world.sharedTypes.find(({ name }) => name === type);
      if (found === undefined) throw new Error(`the shadow knows no ${type}`);
      return system.kernel.heap.exports.alloc(KERNEL_ID, found.id, found.sizeBytes);
    },
  };
}

async function end({ system }: Rig): Promise<void> {
  await system.stop();
  assert.equal(auditHeap(system.kernel.heap).problems, []);
  assert.is(system.liveObjects(), 0);
}

function answerOf(called: Called<unknown> | undefined): { tag: string; val: unknown } {
  assert.ok(called?.ok, JSON.stringify(called));
  return (called as { value: { tag: string; val: unknown } }).value;
}

test("a copy goes on through its driver's deaths, as behind the shadow that is written by hand", async () => {
  const input = join(folder, "input");
  writeFileSync(
    input,
    Uint8Array.from({ length: 6_000_000 }, (_, i) => (i * 31) >>> 3),
  );
  const recoveries: string[] = [];
  for (const module of ["build/domains/shadows/bdev.wasm", await shadowModule(folder, BDEV)]) {
    const manifest = JSON.parse(readFileSync("systems/copy.json", "utf8")) as Manifest;
    const domains = manifest.domains.map((domain) => ({
      ...domain,
      module: resolve(domain.name === "disk-shadow" ? module : join("systems", domain.module)),
    }));
    const file = join(folder, "copy.json");
    writeFileSync(file, JSON.stringify({ ...manifest, domains }));
    const booted = await bootManifest(file, {
      parameters: { input, image: join(folder, "image") },
      trusted,
      faultEveryMegabytes: 0.3,
      seed: 3,
    });
    const micros: number[] = [];
    let deaths = 0;
    booted.system.kernel.events.on((event) => {
      if (event.kind === "recovered") micros.push(event.micros);
      if (event.kind === "death") deaths++;
    });
    const { tag, val } = answerOf(booted.system.export("copier", "sumac:job/copy@0.1.0").run?.());
    assert.is(tag, "ok", String(val));
    booted.system.kernel.heap.exports.free(Number(val));
    assert.ok(deaths >= 20, `${deaths} deaths`);
    assert.is(micros.length, deaths);
    recoveries.push(`${Math.round(micros.sort((a, b) => a - b)[micros.length >> 1] ?? 0)} µs`);
    await booted.finish(true);
    assert.is(booted.system.liveObjects(), 0);
  }
  if (process.env.SHOW_FIGURES !== undefined) console.log(`median recovery, by hand and generated: ${recoveries.join(", ")}`);
});

test("a driver that never comes back: gave-up with the chain of causes; the shadow lives on and serves when the driver is good again", async () => {
  const it = await rig(BDEV);
  const { system } = it;
  const { read, write, flush } = system.export("shadow", BDEV);
  const block = it.alloc("block");
  system.kernel.heap.u8.fill(7, block, block + 4096);
  assert.is(answerOf(write?.(3n, block)).tag, "ok");
  it.breakDevice(true);
  for (const call of [() => read?.(3n, it.alloc("block")), () => write?.(3n, block), () => flush?.()]) {
    const called = call();
    if (called === undefined || called.ok) throw new Error("answered");
    const { error } = called;
    assert.equal([error.cause, error.domain], ["gave-up", "driver"]);
    assert.match(error.detail, /#(read|write|flush): shadow#1 gave up: .*did not return within its budget/);
    const causes = error.chain?.map(({ cause, domain, generation }) => `${cause} ${domain}#${generation}`) ?? [];
    // Found dead by the later calls, then one death for each restart that the grant allows.
    assert.is(causes.length, 4, causes.join(", "));
    assert.ok(
      causes.slice(1).every((cause) => /^deadline driver#\d+$/.test(cause)),
      causes.join(", "),
    );
    assert.is(error.generation, error.chain?.at(-1)?.generation);
  }
  const shadow = system.seat("shadow").current?.id ?? 0;
  assert.is(system.kernel.heap.exports.nextOwned(shadow, 0), 0, "the shadow keeps no block");
  it.breakDevice(false);
  const { tag, val } = answerOf(read?.(3n, it.alloc("block")));
  assert.is(tag, "ok");
  assert.is(system.kernel.heap.u8[Number(val)], 7);
  assert.is(system.seat("shadow").current?.generation, 1);
  for (const base of [block, Number(val)]) system.kernel.heap.exports.free(base);
  await end(it);
});

test("an extent that died with its driver comes back as a fresh one, filled", async () => {
  const it = await rig(BULK);
  const { system } = it;
  const { readMany, writeMany } = system.export("shadow", BULK);
  const extent = it.alloc("extent");
  const { heap } = system.kernel;
  heap.u8.fill(9, extent, extent + 8192);
  assert.is(answerOf(writeMany?.(0n, 2, extent)).tag, "ok");
  it.breakDevice(true);
  system.kernel.events.on((event) => {
    if (event.kind === "death") it.breakDevice(false);
  });
  const { tag, val } = answerOf(readMany?.(0n, 2, extent));
  assert.is(tag, "ok");
  assert.ok(heap.u8.subarray(Number(val), Number(val) + 8192).every((byte) => byte === 9));
  assert.equal(
    it.events.filter(({ kind }) => kind === "death" || kind === "recovered").map(({ kind }) => kind),
    ["death", "recovered"],
  );
  heap.exports.free(Number(val));
  await end(it);
});

test.run();
