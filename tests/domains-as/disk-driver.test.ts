/** The disk driver against the real disk model, with a bus that follows the fake heap's owners. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DiskModel } from "../../devices/disk/model.ts";
import * as device from "../../devices/disk/registers.ts";
import type { Dma } from "../../devices/ports.ts";
import { MemoryStore } from "../../host/backends/memory-store.ts";
import { type CoreFunction, compileDomain, FakeDomain, FakeHeap } from "../support/fake-kernel.ts";

const module = compileDomain("drivers/disk");
const OK = 64;
const IO = 1;
const OUT_OF_RANGE = 2;
const BLOCKS = 8;

interface Setup {
  heap: FakeHeap;
  store: MemoryStore;
  disk: DiskModel;
  driver: FakeDomain;
}

async function setup(wrap: (mmio: Record<string, CoreFunction>) => Record<string, CoreFunction> = (mmio) => mmio): Promise<Setup> {
  const heap = new FakeHeap();
  const store = new MemoryStore(BLOCKS);
  store.bytes.forEach((_, i) => {
    store.bytes[i] = (i >> 12) + 1;
  });
  const disk = new DiskModel({ store });
  const view = (at: number, bytes: number, writes: boolean): Uint8Array | undefined => {
    try {
      return heap.bytes.subarray(heap.check("driver", at, bytes, writes), at + bytes);
    } catch {
      return undefined;
    }
  };
  // The disk works inside the doorbell write, so it never pins.
  const dma: Dma = {
    readable: (at, bytes) => view(at, bytes, false),
    writable: (at, bytes) => view(at, bytes, true),
    pin: () => false,
    unpin: () => {},
  };
  disk.start(dma);
  const mmio = {
    read32: (offset = 0) => disk.read32(offset >>> 0),
    write32: (offset = 0, value = 0) => {
      disk.write32(offset >>> 0, value >>> 0);
      return 0;
    },
  };
  const driver = new FakeDomain("driver", heap).start(await module, { mmio: wrap(mmio) });
  return { heap, store, disk, driver };
}

const test = suite("disk driver");

test("the driver's registers and codes are the device's", () => {
  const source = readFileSync(new URL("../../domains-as/drivers/disk/registers.ts", import.meta.url), "utf8");
  const camel = (name: string): string => name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  const tables: Readonly<Record<string, Readonly<Record<string, number>>>> = {
    Reg: device.REG,
    Opcode: device.OPCODE,
    Status: device.STATUS,
  };
  const codes = { ...device } as unknown as Readonly<Record<string, unknown>>;
  let compared = 0;
  const compare = (text: string, expected: (name: string) => unknown): void => {
    for (const [, name = "", value] of text.matchAll(/export const (\w+): u32 = (\w+);/g)) {
      assert.is(Number(value), expected(name), name);
      compared++;
    }
  };
  const rest = source.replace(/export namespace (\w+) \{([^}]*)\}/g, (_, table: string, body: string) => {
    compare(body, (name) => tables[table]?.[camel(name)]);
    return "";
  });
  compare(rest, (name) => codes[name]);
  assert.is(compared, 18);
});

test("init enables the device; identify tells its size", async () => {
  const { driver, disk } = await setup();
  driver.call("world_init");
  assert.is(disk.read32(device.REG.state), device.STATE_ENABLED);
  driver.call("bdev_identify");
  assert.equal(driver.results.slice(0, 3), [BLOCKS, 0, 4096]);
});

test("init ends the driver when the device is no disk, has other blocks, or does not enable", async () => {
  const answers: [number, number, RegExp][] = [
    [device.REG.magic, 0xffff_ffff, /not a disk/],
    [device.REG.blockBytes, 512, /block size/],
    [device.REG.state, 0, /enable/],
  ];
  for (const [register, value, reason] of answers) {
    const { driver } = await setup(({ read32, write32 }) => ({
      read32: (offset = 0) => (offset === register ? value | 0 : (read32?.(offset) ?? 0)),
      write32: write32 ?? (() => 0),
    }));
    assert.throws(() => driver.call("world_init"), /unreachable/);
    assert.match(driver.said[0] ?? "", reason);
  }
});

test("read fills the block it was given and returns it; no descriptor is left", async () => {
  const { driver, heap } = await setup();
  driver.call("world_init");
  const block = heap.alloc("driver", "block", 4096);
  assert.is(driver.call("bdev_read", 5, 0, block), block);
  assert.is(heap.bytes[block + 4095], 6);
  assert.equal(heap.owners(), ["driver:block"]);
  assert.is(heap.allocated, 2, "a descriptor of its own for the request");
});

test("write takes a borrowed block, flush follows", async () => {
  const { driver, heap, store } = await setup();
  driver.call("world_init");
  const block = heap.alloc("copier", "block", 4096);
  heap.bytes.fill(0x77, block, block + 4096);
  heap.owned(block, "copier").readers.push("driver");
  assert.is(driver.call("bdev_write", 7, 0, block), OK);
  assert.is(driver.call("bdev_flush"), OK);
  assert.is(store.bytes[8 * 4096 - 1], 0x77);
  assert.equal(heap.owners(), ["copier:block"]);
});

test("a block beyond the end is out-of-range and the block that came with it is dropped", async () => {
  const { driver, heap } = await setup();
  driver.call("world_init");
  for (const [low, high] of [
    [BLOCKS, 0],
    [0, 1],
    [-1, -1],
  ] as const) {
    assert.is(driver.call("bdev_read", low, high, heap.alloc("driver", "block", 4096)), OUT_OF_RANGE);
    assert.is(heap.objects.size, 0);
  }
});

test("a media error is io", async () => {
  const { driver, heap, store } = await setup();
  driver.call("world_init");
  store.read = store.flush = () => {
    throw new Error("bad sector");
  };
  assert.is(driver.call("bdev_read", 0, 0, heap.alloc("driver", "block", 4096)), IO);
  assert.is(driver.call("bdev_flush"), IO);
  assert.is(heap.objects.size, 0);
});

test("a block that the driver does not own is a DMA error, which is io", async () => {
  const { driver, heap, disk } = await setup();
  driver.call("world_init");
  const foreign = heap.alloc("copier", "block", 4096);
  assert.is(driver.call("bdev_write", 0, 0, foreign), IO);
  assert.is(disk.read32(device.REG.dmaErrors), 1);
});

test("a refused descriptor ends the driver with the quota's code", async () => {
  const { driver, heap } = await setup();
  driver.call("world_init");
  heap.isFull = true;
  assert.throws(() => driver.call("bdev_flush"), /unreachable/);
  assert.match(driver.said[0] ?? "", /^panic 2 .*descriptor/);
});

test("a command that hangs is polled for as long as it takes", async () => {
  let polls = 0;
  const { driver, disk } = await setup(({ read32, write32 }) => ({
    read32: (offset = 0) => {
      if (offset === device.REG.completion && ++polls === 1000) throw new Error("deadline");
      return read32?.(offset) ?? 0;
    },
    write32: write32 ?? (() => 0),
  }));
  driver.call("world_init");
  disk.nextCommandHangs = true;
  assert.throws(() => driver.call("bdev_flush"), /deadline/);
});

test("a doorbell that the device refuses is io, not an endless wait", async () => {
  const { driver, disk } = await setup();
  driver.call("world_init");
  disk.write32(device.REG.control, 0);
  assert.is(driver.call("bdev_flush"), IO);
});

test("command ids go round without 0 and 0xffff", async () => {
  const { driver, disk } = await setup();
  driver.call("world_init");
  const ids = new Set<number>();
  for (let i = 0; i < 0x1_0005; i++) {
    if (driver.call("bdev_flush") !== OK) throw new Error("flush failed");
    ids.add(disk.read32(device.REG.completion) >>> 16);
  }
  assert.is(ids.size, 0xfffe);
  assert.not(ids.has(0) || ids.has(0xffff));
});

test.run();
