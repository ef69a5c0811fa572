/** Trees of shared objects between domains: built, moved, taken apart, lent, dropped, and lost with a domain that dies. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createDomain } from "../../host/kernel/life/birth.ts";
import { auditHeap } from "../../shared-heap/audit.ts";
import { deaths } from "../support/domain.ts";
import { type TestSystem, testSystem } from "../support/system.ts";
import { addTrees, drive } from "../support/trees.ts";

const test = suite("trees");

const ROOMY = { heapBytes: 64 << 20, heapObjects: 400_000, callBudgetMs: 60_000, initBudgetMs: 60_000 };

async function scene(limits = {}): Promise<TestSystem> {
  const t = await testSystem({ heapMegabytes: 96 });
  await addTrees(t, limits);
  return t;
}

/** Nothing is on the heap, and its tables agree. */
function assertEmpty(t: TestSystem): void {
  const { ok, problems } = auditHeap(t.system.kernel.heap);
  assert.ok(ok, problems.join("\n"));
  assert.is(t.system.liveObjects(), 0);
}

test("a chain that another domain takes apart, turns around and returns is whole", async () => {
  const t = await scene();
  for (const length of [1, 2, 3, 50]) assert.is(drive(t, "chain", length), `ok ${(length * (length + 1)) / 2}`);
  assertEmpty(t);
  await t.end();
});

test("a borrow lends the whole tree, and the owner writes it again afterwards", async () => {
  const t = await scene();
  assert.is(drive(t, "lend", 100), `ok ${5050 + 3 * ((33 * 34) / 2)}`);
  assertEmpty(t);
  await t.end();
});

test("a child is lent by itself, and can be taken out afterwards", async () => {
  const t = await scene();
  assert.is(drive(t, "lendChild"), "ok 77");
  assertEmpty(t);
  await t.end();
});

test("whoever borrows a tree can neither take a child out of it nor put one in", async () => {
  const t = await scene();
  assert.is(drive(t, "steal"), "ok 1");
  assert.equal(deaths(t), ["trap keeper#1"]);
  assertEmpty(t);
  await t.end();
});

test("a dropped tree is gone as a whole, here and where it was moved", async () => {
  const t = await scene();
  assert.is(drive(t, "drop", 100), "ok 1");
  assertEmpty(t);
  assert.is(drive(t, "swallowed", 100), "ok 0");
  assertEmpty(t);
  await t.end();
});

test("a list of 100 000 nodes is built, moved, turned around, moved back and dropped", async () => {
  const t = await scene(ROOMY);
  assert.is(drive(t, "chain", 100_000), `ok ${(100_000 * 100_001) / 2}`);
  assertEmpty(t);
  assert.is(drive(t, "drop", 100_000), "ok 1");
  assert.is(drive(t, "swallowed", 100_000), "ok 0");
  assertEmpty(t);
  await t.end();
});

test("a tree that does not fit into the receiver's quota is not moved at all", async () => {
  const t = await testSystem({ heapMegabytes: 32 });
  const { keeper } = await addTrees(t);
  const kept = keeper.current;
  assert.ok(kept);
  if (kept) t.system.kernel.heap.u32[(0x100000 + kept.slot * 128 + 20) >>> 2] = 50;
  assert.is(drive(t, "kept", 40), "ok 6");
  assert.is(drive(t, "kept", 30), "ok 0");
  t.system.kill("driver");
  assert.is(t.system.liveObjects(), 30 + 9);
  t.system.kill("keeper");
  assertEmpty(t);
  await t.end();
});

test("a tree dies with the domain that it was moved to, whichever of its parts it had taken out", async () => {
  const t = await scene();
  assert.is(drive(t, "crashed", 20), "ok 1");
  assert.equal(deaths(t), ["trap keeper#1"]);
  assertEmpty(t);
  await t.end();
});

test("an array of children is sorted by another domain in place", async () => {
  const t = await scene();
  assert.is(drive(t, "shelf"), "ok 1345678");
  assertEmpty(t);
  await t.end();
});

test("a deque keeps its children and their order over a hundred transfers", async () => {
  const t = await scene();
  assert.is(drive(t, "queue", 0), `ok ${(31 * 32) / 2}`);
  assert.is(drive(t, "queue", 1), `ok ${(31 * 32) / 2 + 1000}`);
  assert.is(drive(t, "queue", 100), `ok ${(31 * 32) / 2 + 100_000}`);
  assertEmpty(t);
  await t.end();
});

test("a list of any length is as long as its creator said", async () => {
  const t = await scene(ROOMY);
  for (const length of [1, 63, 64, 65, 5000, 100_000]) {
    let sum = 0;
    for (let i = 0; i < length; i++) sum = (Math.imul(sum, 31) + 0x41 + (i % 26)) >>> 0;
    sum = (Math.imul(sum, 31) + 0x21) >>> 0;
    assert.is(drive(t, "text", length), `ok ${sum}`);
  }
  assertEmpty(t);
  await t.end();
});

test("what may not be done with a child ends the domain that tries", async () => {
  const expected = [
    [0, "trap driver#1"],
    [1, "trap driver#1"],
    [2, "ok 6"],
    [3, "trap driver#1"],
    [4, "trap driver#1"],
    [5, "trap driver#1"],
    [6, "trap driver#1"],
    [7, "trap driver#1"],
    [8, "trap driver#1"],
    [9, "trap driver#1"],
    [10, "trap driver#1"],
  ] as const;
  for (const [how, outcome] of expected) {
    const t = await scene();
    assert.is(drive(t, "misuse", how), outcome, String(how));
    t.system.kill("keeper");
    t.system.kill("driver");
    assertEmpty(t);
    await t.end();
  }
});

test("a death at any safepoint between take and put leaks nothing and leaves no tree half moved", async () => {
  const t = await testSystem({ heapMegabytes: 32 });
  const { keeper, driver } = await addTrees(t);
  const { kernel } = t.system;
  for (const seat of [keeper, driver]) {
    let ended = false;
    for (let steps = 1; !ended; steps++) {
      let left = steps;
      kernel.stepHook = (running) => {
        if (running !== seat.current || --left > 0) return;
        kernel.stepHook = undefined;
        if (running) kernel.kill(running, "killed by the test");
      };
      const done = drive(t, "chain", 12);
      kernel.stepHook = undefined;
      ended = left > 0;
      if (ended) assert.is(done, "ok 78");
      t.system.kill("driver");
      assertEmpty(t);
      for (const each of [keeper, driver]) if (kernel.occupant(each) === undefined) assert.ok(createDomain(kernel, each).ok);
      assert.ok(steps < 5000);
    }
  }
  await t.end();
});

test.run();
