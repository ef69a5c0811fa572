/** Bulk functions of the guard: ranges checked as a whole, wrapped lengths, overlaps, and a safepoint in long copies. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as L from "../../shared-heap/layout.ts";
import { takeRefusal } from "./refusals.ts";
import { ALICE, BOB, expectClean, type Guard, guardOf, MIB, newHeap, random, traps } from "./support.ts";

const PAGE = 65536;

test("copyIn, copyOut, copyShared, fill: lengths up to the object's last byte pass, one more traps with no effect", () => {
  const heap = newHeap();
  const guard = guardOf(heap, ALICE, { ownPages: 8 });
  for (const size of [1, 63, 64, 65, 100, 4095, 4096, 5000, 65536, 70_001, 200_000]) {
    const base = heap.exports.alloc(ALICE, 1, size);
    const other = heap.exports.alloc(ALICE, 1, 300_000);
    heap.exports.alloc(BOB, 1, size);
    for (const start of [0, 1, 63, Math.floor(size / 2), size - 1].filter((offset) => offset < size)) {
      const n = size - start;
      for (let i = 0; i < n; i++) guard.own[i] = (i * 7 + size) % 253;
      guard.copyOut(base + start, 0, n);
      guard.copyIn(300_000, base + start, n);
      assert.is(Buffer.compare(guard.own.subarray(0, n), guard.own.subarray(300_000, 300_000 + n)), 0);
      guard.copyShared(other, base + start, n);
      assert.is(Buffer.compare(heap.u8.subarray(other, other + n), guard.own.subarray(0, n)), 0);
      const before = heap.u8.slice(base - 64, base + size + 64);
      const ownBefore = guard.own.slice();
      for (const longer of [n + 1, n + 64, n + PAGE, 0x7fffffff, 0x80000000, 0xffffffff - start, 0xffffffff]) {
        traps(() => guard.copyOut(base + start, 0, longer), `copyOut ${start}+${longer} of ${size}`);
        traps(() => guard.copyIn(0, base + start, longer), `copyIn ${start}+${longer} of ${size}`);
        traps(() => guard.copyShared(other, base + start, longer), `copyShared from ${start}+${longer} of ${size}`);
        traps(() => guard.copyShared(base + start, other, longer), `copyShared to ${start}+${longer} of ${size}`);
        traps(() => guard.fill(base + start, 0xff, longer), `fill ${start}+${longer} of ${size}`);
      }
      assert.is(Buffer.compare(before, heap.u8.subarray(base - 64, base + size + 64)), 0);
      assert.is(Buffer.compare(ownBefore, guard.own), 0);
      guard.fill(base + start, start, n);
      assert.ok(heap.u8.subarray(base + start, base + size).every((byte) => byte === start % 256));
    }
  }
  expectClean(heap);
});

test("copyIn, copyOut, copyShared, fill: a length that wraps around 32 bits traps", () => {
  const heap = newHeap();
  const guard = guardOf(heap, ALICE);
  const base = heap.exports.alloc(ALICE, 1, 4096);
  const before = heap.u8.slice();
  // base + n computed in 32 bits would be base + 16, the object's start, or 0.
  for (const n of [0xffffffff, 0x100000000 - base, 0x100000000 - base + 16, 0x100000000 - 64]) {
    for (const p of [base, base + 64, base + 4095]) {
      traps(() => guard.copyIn(0, p, n), `copyIn ${n}`);
      traps(() => guard.copyOut(p, 0, n), `copyOut ${n}`);
      traps(() => guard.copyShared(p, base, n), `copyShared to ${n}`);
      traps(() => guard.copyShared(base, p, n), `copyShared from ${n}`);
      traps(() => guard.fill(p, 1, n), `fill ${n}`);
    }
  }
  takeRefusal(heap, ALICE);
  assert.is(Buffer.compare(before, heap.u8), 0);
});

test("copyIn, copyOut, copyShared, fill: length 0 does nothing, whatever the address", () => {
  const heap = newHeap();
  const guard = guardOf(heap, ALICE);
  const foreign = heap.exports.alloc(BOB, 1, 64);
  const before = heap.u8.slice();
  for (const p of [0, foreign, heap.maxBytes, 0xffffffff]) {
    guard.copyIn(0xffffffff, p, 0);
    guard.copyOut(p, 0xffffffff, 0);
    guard.copyShared(p, p, 0);
    guard.fill(p, 9, 0);
  }
  assert.is(Buffer.compare(before, heap.u8), 0);
});

test("copyIn, copyOut: a range beyond the own memory traps, and nothing has been copied", () => {
  const heap = newHeap();
  const guard = guardOf(heap, ALICE, { ownPages: 2 });
  const base = heap.exports.alloc(ALICE, 1, 300_000);
  heap.u8.fill(1, base, base + 300_000);
  for (const [at, n] of [
    [2 * PAGE, 1],
    [2 * PAGE - 1, 2],
    [0, 2 * PAGE + 1],
    [PAGE, PAGE + 1],
    [0xffffffff, 1],
    [0xfffffff0, 100_000],
  ] as const) {
    traps(() => guard.copyIn(at, base, n), `copyIn to ${at}+${n}`);
    traps(() => guard.copyOut(base, at, n), `copyOut from ${at}+${n}`);
  }
  assert.ok(guard.own.every((byte) => byte === 0));
  assert.ok(heap.u8.subarray(base, base + 300_000).every((byte) => byte === 1));
});

test("copyShared: between foreign, own and overlapping ranges, forward and backward, in chunks too", () => {
  const heap = newHeap();
  const guard = guardOf(heap, ALICE);
  const base = heap.exports.alloc(ALICE, 1, 400_000);
  const next = random(9);
  const reference = new Uint8Array(400_000);
  for (let i = 0; i < reference.length; i++) reference[i] = next(256);
  heap.u8.set(reference, base);
  const cases = [
    [0, 1, 399_999],
    [1, 0, 399_999],
    [0, 65536, 300_000],
    [65536, 0, 300_000],
    [0, 0, 400_000],
    [3, 70_003, 65_537],
    [100, 0, 5000],
  ];
  for (let i = 0; i < 60; i++) {
    const n = 1 + next(200_000);
    cases.push([next(400_000 - n), next(400_000 - n), n]);
  }
  for (const [dst = 0, src = 0, n = 0] of cases) {
    reference.copyWithin(dst, src, src + n);
    guard.copyShared(base + dst, base + src, n);
    assert.is(Buffer.compare(reference, heap.u8.subarray(base, base + 400_000)), 0, `${src} to ${dst}, ${n}`);
  }
});

test("bulkCopy, bulkFill: equal memory.copy and memory.fill, with overlaps and chunks", () => {
  const heap = newHeap();
  const guard = guardOf(heap, ALICE, { ownPages: 8 });
  const next = random(11);
  const reference = new Uint8Array(8 * PAGE);
  for (let i = 0; i < reference.length; i++) reference[i] = next(256);
  guard.own.set(reference);
  const edge = [0, 1, 4096, 4097, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE, 3 * PAGE + 5];
  for (let i = 0; i < 120; i++) {
    const n = i < edge.length ? (edge[i] ?? 0) : next(5 * PAGE);
    const [dst, src] = [next(8 * PAGE - n + 1), next(8 * PAGE - n + 1)];
    if (i % 4 === 3) {
      reference.fill(i, dst, dst + n);
      guard.bulkFill(dst, i + 256, n);
    } else {
      reference.copyWithin(dst, src, src + n);
      guard.bulkCopy(dst, src, n);
    }
    assert.is(Buffer.compare(reference, guard.own), 0, `step ${i}: ${src} to ${dst}, ${n}`);
  }
});

test("bulkCopy, bulkFill: out of bounds traps before any effect, at the lengths where the instruction does", () => {
  const heap = newHeap();
  const guard = guardOf(heap, ALICE, { ownPages: 4 });
  const end = 4 * PAGE;
  for (let i = 0; i < end; i++) guard.own[i] = i % 249;
  const before = guard.own.slice();
  for (const n of [1, 4096, 5000, PAGE, PAGE + 1, 3 * PAGE, end, end + 1, 0x7fffffff, 0xffffffff]) {
    const at = Math.max(0, end - n + 1);
    traps(() => guard.bulkCopy(at, 0, n), `copy ${n} to ${at}`);
    traps(() => guard.bulkCopy(0, at, n), `copy ${n} from ${at}`);
    traps(() => guard.bulkFill(at, 0xff, n), `fill ${n} at ${at}`);
    traps(() => guard.bulkFill(0xffffffff, 0xff, n), `fill ${n} at the end of the address space`);
  }
  traps(() => guard.bulkFill(end + 1, 0, 0), "length 0 beyond the end traps as the instruction does");
  guard.bulkFill(end, 0, 0);
  guard.bulkCopy(end, end, 0);
  assert.is(Buffer.compare(before, guard.own), 0);
});

interface Bulk {
  readonly name: string;
  readonly run: (guard: Guard, a: number, b: number, n: number) => void;
}

/** `a` and `b` are shared objects of Alice's. */
const BULKS: readonly Bulk[] = [
  { name: "copyIn", run: (guard, a, _, n) => guard.copyIn(0, a, n) },
  { name: "copyOut", run: (guard, a, _, n) => guard.copyOut(a, 0, n) },
  { name: "copyShared", run: (guard, a, b, n) => guard.copyShared(a, b, n) },
  { name: "fill", run: (guard, a, _, n) => guard.fill(a, 3, n) },
  { name: "bulkCopy", run: (guard, _a, _b, n) => guard.bulkCopy(0, 4 * PAGE, n) },
  { name: "bulkFill", run: (guard, _a, _b, n) => guard.bulkFill(0, 3, n) },
];

for (const { name, run } of BULKS) {
  test(`${name}: asks for the verdict above 4096 bytes and once per 64 KiB, only when the interrupt word is set`, () => {
    const heap = newHeap();
    const [a, b] = [heap.exports.alloc(ALICE, 1, MIB), heap.exports.alloc(ALICE, 1, MIB)];
    const guard = guardOf(heap, ALICE, { ownPages: 16, cpu: 3 });
    const interrupt = (L.CPU_LINES + 3 * L.CPU_LINE_SIZE) >>> 2;
    run(guard, a, b, 4 * PAGE);
    assert.is(guard.ticks(), 0, "no interrupt, no question");
    heap.i32[interrupt] = 1;
    for (const [n, ticks] of [
      [4096, 0],
      [4097, 1],
      [PAGE, 1],
      [PAGE + 1, 1],
      [PAGE + 4097, 2],
      [4 * PAGE, 4],
      [4 * PAGE + 100, 4],
    ] as const) {
      const before = guard.ticks();
      run(guard, a, b, n);
      assert.is(guard.ticks() - before, ticks, `${n} bytes`);
    }
    heap.i32[interrupt] = 0;
    heap.i32[L.CPU_LINES >>> 2] = 1;
    const before = guard.ticks();
    run(guard, a, b, PAGE);
    assert.is(guard.ticks(), before, "another CPU's word is not ours");
  });

  test(`${name}: dies at the verdict, before the chunk that it would have copied`, () => {
    const heap = newHeap();
    const [a, b] = [heap.exports.alloc(ALICE, 1, MIB), heap.exports.alloc(ALICE, 1, MIB)];
    let asked = 0;
    const guard = guardOf(heap, ALICE, { ownPages: 16, verdict: () => Number(++asked === 3) });
    heap.i32[L.CPU_LINES >>> 2] = 1;
    traps(() => run(guard, a, b, 4 * PAGE));
    assert.is(asked, 3);
  });
}

test("copyOut: rights that a verdict's moment took away are noticed at the next chunk", () => {
  const heap = newHeap();
  const base = heap.exports.alloc(ALICE, 1, MIB);
  let asked = 0;
  const guard = guardOf(heap, ALICE, {
    ownPages: 16,
    verdict: () => {
      if (++asked === 2) heap.exports.move(base, 1, ALICE, BOB);
      return 0;
    },
  });
  guard.own.fill(0xab);
  heap.i32[L.CPU_LINES >>> 2] = 1;
  traps(() => guard.copyOut(base, 0, 4 * PAGE));
  assert.is(heap.u8[base + PAGE - 1], 0xab, "the first chunk was Alice's right");
  assert.ok(
    heap.u8.subarray(base + PAGE, base + 4 * PAGE).every((byte) => byte === 0),
    "the second is Bob's",
  );
});

test.run();
