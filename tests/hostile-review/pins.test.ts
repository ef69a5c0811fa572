/** A hostile driver that uses its device to hold memory which nobody is charged for. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { dmaOf } from "../../host/kernel/device-grant.ts";
import type { Domain } from "../../host/kernel/domain.ts";
import { domain } from "../support/domain.ts";
import { type TestSystem, testSystem } from "../support/system.ts";
import { BLOCK_BYTES } from "../support/world.ts";

const test = suite("hostile review: pins");
const TYPE = 1;
const BLOCKS = 8;

async function driver(): Promise<{ t: TestSystem; me: Domain }> {
  const t = await testSystem();
  // Room for the bytes that the heap itself needs beside each object.
  const seat = await t.add(domain("driver", { limits: { heapBytes: BLOCKS * (BLOCK_BYTES + 256), heapObjects: 100 } }));
  if (seat.current === undefined) throw new Error("no driver");
  return { t, me: seat.current };
}

test("what is dropped while it is pinned ends somewhere: a quota is not a quota per pin", async () => {
  const { t, me } = await driver();
  const { alloc, drop } = t.system.kernel.heap.exports;
  const dma = dmaOf(t.system.kernel, me);
  const pinned: number[] = [];
  for (let i = 0; i < 10 * BLOCKS; i++) {
    const base = alloc(me.id, TYPE, BLOCK_BYTES);
    if (base !== 0 && dma.pin(base, BLOCK_BYTES)) pinned.push(base);
    if (base !== 0) drop(base, me.id);
  }
  assert.ok(pinned.length >= BLOCKS, "as much as it may own, it may have pinned");
  assert.ok(t.system.liveObjects() <= 2 * BLOCKS, `${t.system.liveObjects()} objects of a domain that may own ${BLOCKS}`);
  for (const base of pinned) dma.unpin(base);
  assert.is(t.system.liveObjects(), 0);
  await t.end();
});

test("an object counts once however often it is pinned, and not at all when the last pin has ended", async () => {
  const { t, me } = await driver();
  const { alloc, drop } = t.system.kernel.heap.exports;
  const dma = dmaOf(t.system.kernel, me);
  for (let round = 0; round < 3; round++) {
    const bases = Array.from({ length: BLOCKS }, () => alloc(me.id, TYPE, BLOCK_BYTES));
    for (const base of bases) for (let i = 0; i < 50; i++) assert.ok(dma.pin(base + 64, 64));
    for (const base of bases) for (let i = 0; i < 50; i++) dma.unpin(base + 64);
    for (const base of bases) assert.is(drop(base, me.id), 0);
  }
  await t.end();
});

test.run();
