/**
 * What every block device owes its callers, whoever implements it. Each implementation runs the whole suite, as a domain of a
 * booted system, called from the host through a proxy.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HostInterface, HostValue } from "../../host/kernel/host/host-values.ts";
import type { Called } from "../../host/kernel/status.ts";
import type { Booted } from "../../host/system/boot.ts";
import { auditHeap } from "../../shared-heap/audit.ts";
import { KERNEL_ID } from "../../shared-heap/layout.ts";

const BDEV = "sumac:block/bdev@0.1.0";
const BLOCK_BYTES = 4096;

export interface BdevImplementation {
  readonly name: string;
  /** A fresh, zeroed device of `blocks` blocks behind the domain "device". */
  boot(blocks: number): Promise<Booted>;
}

const BLOCKS = 256;

/** The device as the tests use it: blocks are objects that the host owns. */
class Device {
  readonly booted: Booted;
  readonly calls: HostInterface;
  readonly blockType: number;

  constructor(booted: Booted) {
    this.booted = booted;
    this.calls = booted.system.export("device", BDEV);
    const { world } = booted.system.seat("device").spec.loaded;
    this.blockType = world.sharedTypes.find(({ name }) => name === "block")?.id ?? 0;
  }

  get heap(): Booted["system"]["kernel"]["heap"] {
    return this.booted.system.kernel.heap;
  }

  block(fill?: (i: number) => number): number {
    const base = this.heap.exports.alloc(KERNEL_ID, this.blockType, BLOCK_BYTES);
    assert.ok(base > 0);
    if (fill !== undefined) for (let i = 0; i < BLOCK_BYTES; i++) this.heap.u8[base + i] = fill(i);
    return base;
  }

  bytes(base: number): Uint8Array {
    return this.heap.u8.slice(base, base + BLOCK_BYTES);
  }

  call(method: string, ...args: HostValue[]): Called<HostValue> {
    const found = this.calls[method];
    if (found === undefined) throw new Error(`bdev has no ${method}`);
    return found(...args);
  }

  /** The value of a call that must be answered. */
  answer(method: string, ...args: HostValue[]): { tag: string; val: HostValue } {
    const called = this.call(method, ...args);
    assert.ok(called.ok, JSON.stringify(called));
    return (called as unknown as { value: { tag: string; val: HostValue } }).value;
  }

  write(lba: number, fill: (i: number) => number): void {
    const base = this.block(fill);
    assert.equal(this.answer("write", BigInt(lba), base), { tag: "ok", val: undefined });
    this.free(base);
  }

  read(lba: number): Uint8Array {
    const result = this.answer("read", BigInt(lba), this.block());
    assert.is(result.tag, "ok");
    const bytes = this.bytes(Number(result.val));
    this.free(Number(result.val));
    return bytes;
  }

  free(base: number): void {
    assert.is(this.heap.exports.ownerOf(base), KERNEL_ID, "the block is the caller's again");
    assert.is(this.heap.exports.free(base), 0);
  }
}

/** Registers the suite for one implementation; the caller runs the file. */
export function bdevContract(implementation: BdevImplementation): void {
  const test = suite<{ device: Device; live: number }>(`bdev on ${implementation.name}`);

  test.before.each(async (context) => {
    context.device = new Device(await implementation.boot(BLOCKS));
    context.live = context.device.heap.stats().liveObjects;
  });

  test.after.each(async ({ device, live }) => {
    assert.is(device.heap.stats().liveObjects, live, "each test leaves as many objects as it found");
    await device.booted.finish(false);
    const { ok, problems } = auditHeap(device.heap);
    assert.ok(ok, problems.join("\n"));
    assert.is(device.booted.system.liveObjects(), 0);
  });

  test("identify: tells the number and the size of blocks", ({ device }) => {
    const called = device.call("identify");
    assert.equal(called, { ok: true, value: { blocks: BigInt(BLOCKS), blockSize: BLOCK_BYTES } });
  });

  test("read: a fresh device holds zeroes", ({ device }) => {
    for (const lba of [0, 1, BLOCKS - 1]) assert.ok(device.read(lba).every((byte) => byte === 0));
  });

  test("write: what was written is read back, at the first and the last block and between", ({ device }) => {
    for (const lba of [0, 7, BLOCKS - 1]) device.write(lba, (i) => (i * 31 + lba) & 0xff);
    for (const lba of [0, 7, BLOCKS - 1]) {
      assert.equal(
        device.read(lba),
        Uint8Array.from({ length: BLOCK_BYTES }, (_, i) => (i * 31 + lba) & 0xff),
      );
    }
  });

  test("write: neighbours stay as they were", ({ device }) => {
    for (const lba of [4, 5, 6]) device.write(lba, () => lba);
    device.write(5, () => 0xaa);
    assert.ok(device.read(4).every((byte) => byte === 4));
    assert.ok(device.read(5).every((byte) => byte === 0xaa));
    assert.ok(device.read(6).every((byte) => byte === 6));
  });

  test("write: the caller's block stays the caller's, unchanged", ({ device }) => {
    const base = device.block((i) => i & 0xff);
    const before = device.bytes(base);
    device.answer("write", 3n, base);
    assert.equal(device.bytes(base), before);
    device.free(base);
  });

  test("read: the block given is filled whatever it held", ({ device }) => {
    device.write(2, () => 0x11);
    const base = device.block(() => 0xff);
    const result = device.answer("read", 2n, base);
    assert.ok(device.bytes(Number(result.val)).every((byte) => byte === 0x11));
    device.free(Number(result.val));
  });

  test("read and write: beyond the end is out-of-range, also where a 32-bit address would wrap", ({ device }) => {
    for (const lba of [BigInt(BLOCKS), BigInt(BLOCKS) + 1n, 0x1_0000_0000n, 0x8000_0000_0000_0000n, 0xffff_ffff_ffff_ffffn]) {
      assert.equal(device.answer("read", lba, device.block()), { tag: "err", val: "out-of-range" });
      const base = device.block(() => 0x77);
      assert.equal(device.answer("write", lba, base), { tag: "err", val: "out-of-range" });
      device.free(base);
    }
    for (const lba of [0, BLOCKS - 1]) assert.ok(device.read(lba).every((byte) => byte === 0));
  });

  test("flush: is answered, before and after writes", ({ device }) => {
    assert.equal(device.answer("flush"), { tag: "ok", val: undefined });
    device.write(1, () => 1);
    assert.equal(device.answer("flush"), { tag: "ok", val: undefined });
  });

  test("every method: an object that is no block, or not the caller's, is refused and nothing changes", ({ device }) => {
    const { heap } = device;
    const other = heap.exports.alloc(KERNEL_ID, 0x1234, BLOCK_BYTES);
    for (const base of [other, 0, 64, 0x7fffffc0]) {
      for (const method of ["read", "write"]) {
        const called = device.call(method, 0n, base);
        assert.is(called.ok, false);
        assert.is(called.ok ? "" : called.error.cause, "refused");
      }
    }
    assert.is(heap.exports.ownerOf(other), KERNEL_ID);
    heap.exports.free(other);
    assert.ok(device.read(0).every((byte) => byte === 0));
  });

  test("random reads and writes agree with an array", ({ device }) => {
    const model = new Map<number, number>();
    let state = 12345;
    const random = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % below;
    };
    for (let step = 0; step < 400; step++) {
      const lba = random(BLOCKS);
      if (random(2) === 0) {
        const seed = random(256);
        device.write(lba, (i) => (i + seed) & 0xff);
        model.set(lba, seed);
      } else {
        const seed = model.get(lba);
        const expected = Uint8Array.from({ length: BLOCK_BYTES }, (_, i) => (seed === undefined ? 0 : (i + seed) & 0xff));
        assert.equal(device.read(lba), expected, `block ${lba} at step ${step}`);
      }
    }
  });

  test.run();
}
