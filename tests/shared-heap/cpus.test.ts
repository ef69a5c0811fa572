/** Several CPUs on one heap: threads that change it at once, guards that read meanwhile, and the rules of coming and going. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { auditHeap } from "../../shared-heap/audit.ts";
import { SharedHeap } from "../../shared-heap/heap.ts";
import * as L from "../../shared-heap/layout.ts";
import { type CpuData, POST_WORDS } from "./cpus/post.ts";
import { ALICE, BOB, CAROL, emptyHeap, expectClean, guardOf, HEAP, MIB, newHeap } from "./support.ts";

for (const cpus of [2, 3]) {
  test(`heap: ${cpus} CPUs give, lend, nest and drop at once: no byte of another owner, no loss, the audit holds`, async () => {
    const heap = emptyHeap(32 * MIB);
    heap.exports.share();
    for (let i = 0; i < cpus; i++) assert.is(heap.exports.domainOpen(1 + i, 0x4001 + i, 32 * MIB, 1 << 20), 0);
    const post = new Int32Array(new SharedArrayBuffer(POST_WORDS(cpus) * 4));
    const ends = Array.from({ length: cpus }, async (_, cpu) => {
      const workerData: CpuData = { memory: heap.memory, heapWasm: HEAP, cpu, cpus, steps: 60_000, seed: cpus, post };
      const worker = new Worker(new URL("./cpus/worker.ts", import.meta.url), { workerData });
      const [code] = (await once(worker, "exit")) as [number];
      assert.is(code, 0);
    });
    await Promise.all(ends);
    expectClean(heap);
    const { liveObjects, orphans, borrows } = heap.stats();
    assert.equal({ liveObjects, orphans, borrows }, { liveObjects: 0, orphans: 0, borrows: 0 });
    assert.is(heap.u32[L.H_CPUS >>> 2], 0);
  });
}

/** A second instance of the same heap, as another CPU has one. */
function second(heap: SharedHeap): SharedHeap {
  return SharedHeap.attach(heap.memory, HEAP);
}

test("cpuEnter, cpuLeave: a number is one instance's at a time, and only on a shared heap", () => {
  const heap = newHeap();
  assert.is(heap.exports.cpuEnter(0), L.STATUS_REFUSED, "not shared");
  heap.exports.share();
  const other = second(heap);
  assert.is(heap.exports.cpuLeave(), L.STATUS_REFUSED, "never entered");
  assert.is(heap.exports.cpuEnter(32), L.STATUS_REFUSED, "no such CPU");
  assert.is(heap.exports.cpuEnter(31), 0);
  assert.is(heap.exports.cpuEnter(30), L.STATUS_REFUSED, "works for one already");
  assert.is(other.exports.cpuEnter(31), L.STATUS_REFUSED, "taken");
  assert.is(other.exports.cpuEnter(0), 0);
  assert.is(heap.u32[L.H_CPUS >>> 2], 0x80000001);
  assert.is(heap.exports.cpuLeave(), 0);
  assert.is(heap.exports.cpuLeave(), L.STATUS_REFUSED);
  assert.is(heap.u32[L.H_CPUS >>> 2], 1);
  expectClean(heap);
});

test("lastError: what one CPU was told is not another's answer", () => {
  const heap = newHeap();
  heap.exports.share();
  const other = second(heap);
  assert.is(heap.exports.alloc(ALICE, 1, 0), 0);
  assert.is(other.exports.alloc(0x4063, 1, 64), 0);
  assert.equal([heap.exports.lastError(), other.exports.lastError()], [L.ERROR_SIZE, L.STATUS_REFUSED]);
});

/** Two objects are lent to Bob, in rows next to each other; Carol's place in the first's row is taken, so that changes its row. */
function moved(heap: SharedHeap): { base: number; row: number } {
  const [base, neighbour] = [heap.exports.alloc(ALICE, 1, 64), heap.exports.alloc(ALICE, 1, 64)];
  const entry = heap.u32[(L.GRANULES + (base >>> L.GRANULE_SHIFT) * 4) >>> 2] ?? 0;
  for (const each of [base, neighbour]) assert.is(heap.exports.borrow(each, 1, ALICE, BOB), 0);
  const row = heap.u32[(entry + L.ENTRY_ROW) >>> 2] ?? 0;
  assert.is(heap.exports.borrow(base, 1, ALICE, CAROL), 0);
  const now = heap.u32[(entry + L.ENTRY_ROW) >>> 2] ?? 0;
  assert.ok(row < L.MOVED_ROW && now >= L.MOVED_ROW, `row 0x${row.toString(16)}, then 0x${now.toString(16)}`);
  return { base, row };
}

test("retired rows: a row that an object left keeps its nodes until every CPU has called", () => {
  const heap = newHeap();
  heap.exports.share();
  const other = second(heap);
  assert.equal([heap.exports.cpuEnter(0), other.exports.cpuEnter(1)], [0, 0]);
  const { base, row } = moved(heap);
  const node = (id: number): number => heap.u32[(L.BORROWS + row + (id & L.DOMAIN_SLOT_MASK) * L.BORROW_SIZE) >>> 2] ?? 0;
  const mark = (): number => (heap.u32[(L.BORROWS + row + L.BORROW_COUNT) >>> 2] ?? 0) >>> 16;
  const kept = (): unknown => [node(ALICE), node(BOB), mark()];
  const expected = [ALICE, BOB, L.RETIRED_ROW];
  assert.equal(kept(), expected);
  assert.is(guardOf(heap, BOB).load32(base), 0, "in the new row he reads as before");
  expectClean(heap);
  for (let i = 0; i < 100; i++) moved(heap);
  assert.equal(kept(), expected, "the other CPU has not been seen");
  other.exports.trim();
  moved(heap);
  assert.is.not(mark(), L.RETIRED_ROW);
  expectClean(heap);
});

test("retired rows: a CPU that left holds nothing up", () => {
  const heap = newHeap();
  heap.exports.share();
  const other = second(heap);
  assert.equal([heap.exports.cpuEnter(0), other.exports.cpuEnter(1), other.exports.cpuLeave()], [0, 0, 0]);
  const { row } = moved(heap);
  for (let i = 0; i < 3; i++) moved(heap);
  assert.is.not((heap.u32[(L.BORROWS + row + L.BORROW_COUNT) >>> 2] ?? 0) >>> 16, L.RETIRED_ROW);
  for (const id of [BOB, CAROL]) heap.exports.endAllBorrows(id);
  heap.exports.dropAll(ALICE);
  expectClean(heap);
});

test("lock: the audit says when a CPU holds it or ended with it", () => {
  const heap = newHeap();
  heap.u32[L.LOCK >>> 2] = 1;
  assert.match(auditHeap(heap).problems.join("\n"), /a CPU is changing the tables/);
});

test.run();
