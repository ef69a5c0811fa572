/** The heap report: who has what, what is lent, how fragmented, what is oldest; and that it comes to an end on anything. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as L from "../../shared-heap/layout.ts";
import { heapReport } from "../../shared-heap/report.ts";
import { ALICE, BOB, CAROL, DAVE, MIB, newHeap, random } from "./support.ts";

test("heapReport: an empty heap has its domains, no object and one hole", () => {
  const heap = newHeap(16 * MIB);
  const report = heapReport(heap);
  assert.equal([report.objects, report.bytes, report.births, report.orphans], [0, 0, 0, 0]);
  assert.equal(
    report.domains.map(({ id }) => id),
    [L.KERNEL_ID, ALICE, BOB, CAROL, DAVE],
  );
  assert.equal(report.domains[1], {
    id: ALICE,
    objects: 0,
    bytes: 0,
    quota: { objects: 1 << 20, bytes: 16 * MIB },
    roots: 0,
    pinned: 0,
    types: [],
  });
  assert.equal(report.borrows, { outstanding: 0, lent: [] });
  assert.is(report.oldest, undefined);
  assert.is(report.memoryBytes, 16 * MIB);
  assert.is(report.fragmentation.unusedShare, 0);
  assert.ok(report.fragmentation.largestFreeBytes > report.heapBytes - L.SPAN_BYTES);
});

test("heapReport: bytes and objects per domain and type, borrows, pins, trees, orphans and the oldest", () => {
  const heap = newHeap(16 * MIB);
  const { alloc, borrow, pin, put, drop, free, dropAll } = heap.exports;
  free(alloc(ALICE, 1, 64));
  const oldest = alloc(CAROL, 9, 100);
  const [parent, child] = [alloc(ALICE, 1, 4096), alloc(ALICE, 2, 64)];
  alloc(ALICE, 1, 4000);
  put(parent, child, ALICE);
  pin(child, ALICE);
  borrow(oldest, 9, CAROL, BOB);
  borrow(oldest, 9, BOB, CAROL);
  borrow(oldest, 9, BOB, BOB);
  const orphan = alloc(DAVE, 3, 64);
  borrow(orphan, 3, DAVE, BOB);
  dropAll(DAVE);
  drop(alloc(BOB, 1, 200_000), BOB);
  const report = heapReport(heap);
  assert.equal([report.objects, report.bytes, report.births, report.orphans], [5, 128 + 4096 + 64 + 4032 + 64, 7, 1]);
  const [alice, carol, kernel] = report.domains;
  assert.equal([alice?.id, alice?.objects, alice?.bytes, alice?.roots, alice?.pinned], [ALICE, 3, 8192, 2, 1]);
  assert.equal(alice?.types, [
    { type: 1, objects: 2, bytes: 8128 },
    { type: 2, objects: 1, bytes: 64 },
  ]);
  assert.is(alice?.oldest?.base, parent);
  assert.equal([carol?.id, carol?.bytes, carol?.quota?.objects], [CAROL, 128, 1 << 20]);
  assert.equal([kernel?.id, kernel?.objects, kernel?.quota], [L.KERNEL_ID, 1, undefined]);
  assert.equal(report.oldest, { base: oldest, owner: CAROL, type: 9, bytes: 100, birth: 2 });
  assert.equal(report.borrows.outstanding, 4);
  assert.equal(report.borrows.lent, [
    {
      ...report.oldest,
      isOrphan: false,
      readers: [
        { id: BOB, borrows: 2 },
        { id: CAROL, borrows: 1 },
      ],
    },
    { base: orphan, owner: L.KERNEL_ID, type: 3, bytes: 64, birth: 6, isOrphan: true, readers: [{ id: BOB, borrows: 1 }] },
  ]);
  const { spansUsed, spansSpare, unusedShare, spans } = report.fragmentation;
  assert.equal([spans, spansUsed, spansSpare], [heap.stats().spansTotal, 3, 0]);
  assert.is(unusedShare, 1 - report.bytes / (3 * L.SPAN_BYTES));
  assert.equal(JSON.parse(JSON.stringify(report)), report, "plain data");
});

test("heapReport: what it calls the largest free object can be had, and hardly more", () => {
  const heap = newHeap(16 * MIB);
  const { alloc, lastError } = heap.exports;
  const { largestFreeBytes } = heapReport(heap).fragmentation;
  assert.is(alloc(ALICE, 1, largestFreeBytes + L.SPAN_BYTES), 0);
  assert.is(lastError(), L.ERROR_NO_MEMORY);
  assert.ok(alloc(ALICE, 1, largestFreeBytes) !== 0);
});

test("heapReport: changes nothing, and comes to an end on random contents", () => {
  const heap = newHeap(8 * MIB);
  const next = random(5);
  for (let i = 0; i < 500; i++) heap.exports.alloc([ALICE, BOB, CAROL][i % 3] ?? ALICE, 1 + (i % 4), 1 + next(3000));
  const before = heap.u8.slice();
  heapReport(heap);
  assert.is(Buffer.compare(before, heap.u8), 0);
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 2000; i++) heap.u32[(next(7 * MIB) + 64) >>> 2] = next(0x7fffffff);
    heapReport(heap);
  }
  heap.u32.fill(0xffffffff);
  heapReport(heap);
  heap.u32.fill(0);
  assert.is(heapReport(heap).objects, 0);
});

test.run();
