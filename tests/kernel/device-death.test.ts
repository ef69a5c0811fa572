/** A driver dies with commands in flight: what the controller did and what it could still do, in which order. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NvmeModel } from "../../devices/nvme/model.ts";
import { PciBus } from "../../devices/pci/bus.ts";
import { MATCH_NVME } from "../../devices/pci/match.ts";
import { MemoryStore } from "../../host/backends/memory-store.ts";
import { deviceProvider } from "../../host/kernel/device-grant.ts";
import { DEFAULT_LIMITS } from "../../host/kernel/domain.ts";
import type { Seat } from "../../host/kernel/seat.ts";
import { projectRoot, trustedKeys } from "../../host/loader/keys.ts";
import { clockProvider } from "../../host/system/host-providers.ts";
import { startSystem } from "../../host/system/start.ts";
import type { System } from "../../host/system/system.ts";
import { auditHeap } from "../../shared-heap/audit.ts";
import { H_HEAP_BASE, KERNEL_ID } from "../../shared-heap/layout.ts";

const BDEV = "sumac:block/bdev@0.1.0";
const BLOCK_BYTES = 4096;

/** The controller completes nothing but what `advance` lets it, and tells when it is stopped. */
class Watched extends NvmeModel {
  readonly log: string[] = [];
  /** What is looked at in the moment of the stop. */
  onStop: () => void = () => {};

  override stop(): void {
    this.onStop();
    super.stop();
    this.log.push(`stopped, ${this.inFlight} in flight`);
  }
}

interface Fixture {
  readonly system: System;
  readonly model: Watched;
  readonly store: MemoryStore;
  readonly driver: Seat;
  readonly block: number;
}

async function fixture(): Promise<Fixture> {
  const system = await startSystem({ heapMegabytes: 16 });
  const store = new MemoryStore(64);
  // Admin commands must complete for the driver to come up, so completions are due at once until the test says otherwise.
  const model = new Watched({ store, deferred: { accesses: 1 } });
  const bus = new PciBus();
  bus.plug(3, model);
  bus.assign();
  const claimed = bus.claim(MATCH_NVME, "driver");
  if (claimed.kind !== "claimed") throw new Error(claimed.kind);
  const limits = { ...DEFAULT_LIMITS, callBudgetMs: 30 };
  const loaded = await system.loader.load(readFileSync("build/domains/drivers/nvme.wasm"), {
    name: "nvme",
    trusted: await trustedKeys(projectRoot(process.cwd()), []),
    allowUnsigned: false,
    memoryPages: limits.memoryPages,
  });
  const grants = new Map([
    ["sumac:device/mmio@0.1.0", deviceProvider(system.kernel, claimed.claim)],
    ["sumac:device/clock@0.1.0", clockProvider(system.kernel)],
  ]);
  const driver = system.create({ name: "driver", loaded, grants, limits });
  const type = loaded.world.sharedTypes.find(({ name }) => name === "block")?.id ?? 0;
  const block = system.kernel.heap.exports.alloc(KERNEL_ID, type, BLOCK_BYTES);
  return { system, model, store, driver, block };
}

const test = suite("device death");

test("a driver that dies with a write in flight: the controller stops while its memory still exists, and the medium stays", async () => {
  const { system, model, store, driver, block } = await fixture();
  const { heap } = system.kernel;
  const id = driver.current?.id ?? 0;
  heap.u8.fill(0xab, block, block + BLOCK_BYTES);
  model.nextCommandHangs = true; // The command is fetched, its data pinned, and nothing answers: the driver polls until its budget ends.
  let ownedAtStop = 0;
  let inFlightAtStop = 0;
  let moveWhilePinned = 0;
  model.onStop = () => {
    inFlightAtStop = model.inFlight;
    for (let base = heap.exports.nextOwned(id, 0); base !== 0; base = heap.exports.nextOwned(id, base)) ownedAtStop++;
    moveWhilePinned = heap.exports.free(block);
  };
  const called = system.export("driver", BDEV).write?.(5n, block);
  assert.is(called?.ok, false);
  assert.is(called?.ok === false ? called.error.cause : "", "deadline");
  assert.is(inFlightAtStop, 1, "the command was in flight when the driver died");
  assert.ok(ownedAtStop > 0, "the controller stopped before the driver's queues were freed");
  assert.is.not(moveWhilePinned, 0, "the data of a command in flight cannot be freed");
  assert.equal(model.log, ["stopped, 0 in flight"]);
  assert.is(heap.exports.nextOwned(id, 0), 0, "and they are freed now");

  // The block has other bytes from now on: a late transfer would show on the medium, and a late completion in memory.
  heap.u8.fill(0xcd, block, block + BLOCK_BYTES);
  const objects = heap.u8.subarray(heap.u32[H_HEAP_BASE >>> 2] ?? 0);
  const before = objects.slice();
  model.advance(100);
  model.write32(0x1000 + 8, 3); // A doorbell after the death.
  assert.ok(
    store.bytes.every((byte) => byte === 0),
    "a write after the death changes nothing on the medium",
  );
  assert.is(Buffer.compare(objects, before), 0, "nor does the controller touch memory");
  assert.is(heap.exports.ownerOf(block), KERNEL_ID, "the lent block is its owner's again");
  assert.is(heap.exports.free(block), 0);
  await system.stop();
  assert.equal(auditHeap(heap).problems, []);
  assert.is(system.liveObjects(), 0);
});

test("a driver that dies with a read in flight: the block that was moved to it is dropped, nothing is written into it", async () => {
  const { system, model, store, block } = await fixture();
  const { heap } = system.kernel;
  store.bytes.fill(0x77);
  model.nextCommandHangs = true;
  const called = system.export("driver", BDEV).read?.(5n, block);
  assert.is(called?.ok === false ? called.error.cause : "", "deadline");
  assert.is(heap.exports.ownerOf(block), 0, "the block died with its owner");
  const before = heap.u8.slice(block, block + BLOCK_BYTES);
  model.advance(100);
  assert.equal(heap.u8.slice(block, block + BLOCK_BYTES), before);
  await system.stop();
  assert.equal(auditHeap(heap).problems, []);
  assert.is(system.liveObjects(), 0);
});

test("a claimed function belongs to one domain at a time, and to the next one when it is released", async () => {
  const { system, block } = await fixture();
  const bus = new PciBus();
  bus.plug(0, new NvmeModel({ store: new MemoryStore(8) }));
  bus.assign();
  const first = bus.claim(MATCH_NVME, "one");
  assert.is(first.kind, "claimed");
  assert.equal(bus.claim(MATCH_NVME, "two"), { kind: "taken", slot: 0, by: "one" });
  if (first.kind === "claimed") first.claim.release();
  assert.is(bus.claim(MATCH_NVME, "two").kind, "claimed");
  system.kernel.heap.exports.free(block);
  await system.stop();
});

test.run();
