/** Birth and death of objects: classes, large objects, exhaustion, quotas, zeroing, stagger, spans that come and go. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { SharedHeap } from "../../shared-heap/heap.ts";
import * as L from "../../shared-heap/layout.ts";
import { ALICE, BOB, expectClean, MIB, newHeap, random } from "./support.ts";

const SIZES = [1, 2, 63, 64, 65, 512, 513, 576, 1000, 1024, 2047, 2048, 4095, 4096, 4097, 8192, 16384, 20480, 28671, 28672, 28673];
const LARGE = [32768, 65535, 65536, 65537, 131072, 1_000_000, 16 * MIB];

test("SharedHeap.create: memory is at its maximum, so views never change", () => {
  const heap = newHeap();
  assert.is(heap.u8.length, 32 * MIB);
  assert.is(heap.memory.buffer.byteLength, 32 * MIB);
  assert.is(heap.u32[L.H_HEAP_END >>> 2], 32 * MIB);
  assert.is(heap.u32[(L.DOMAINS + L.DOMAIN_ID) >>> 2], L.KERNEL_ID);
  expectClean(heap);
});

test("SharedHeap.create: refuses sizes that it cannot lay out", () => {
  for (const maxBytes of [0, L.MIN_HEAP_BYTES - 65536, L.MIN_HEAP_BYTES + 1, L.MAX_HEAP_BYTES + 65536]) {
    assert.throws(() => SharedHeap.create({ maxBytes, heapWasm: new Uint8Array() }), /use a multiple of 65536/);
  }
});

test("SharedHeap.attach: sees the same objects, refuses a memory without a heap", () => {
  const heap = newHeap();
  const base = heap.exports.alloc(ALICE, 7, 100);
  const code = new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
  assert.throws(() => SharedHeap.attach(heap.memory, code), /call share\(\)/);
  assert.is(heap.exports.share(), 0);
  const other = SharedHeap.attach(heap.memory, code);
  other.u8[base] = 5;
  assert.is(heap.u8[base], 5);
  const empty = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  assert.throws(() => SharedHeap.attach(empty, code), /no heap/);
});

test("init: a second time is refused", () => {
  assert.is(newHeap().exports.init(32 * MIB), L.STATUS_REFUSED);
});

test("alloc: every size class and large objects, zeroed, aligned, with size, type and owner", () => {
  const heap = newHeap(64 * MIB);
  const { alloc, sizeOf, typeOf, ownerOf, objectAt } = heap.exports;
  for (const [i, size] of [...SIZES, ...LARGE].entries()) {
    const base = alloc(ALICE, 100 + i, size);
    assert.ok(base >= (heap.u32[L.H_HEAP_BASE >>> 2] ?? 0), `size ${size}`);
    assert.is(base % 64, 0);
    assert.is(sizeOf(base), size);
    assert.is(typeOf(base), 100 + i);
    assert.is(ownerOf(base), ALICE);
    assert.is(objectAt(base + size - 1), base);
    assert.ok(heap.u8.subarray(base, base + size).every((byte) => byte === 0));
    heap.u8.fill(0xff, base, base + size);
    expectClean(heap);
  }
});

test("alloc: size 0 and sizes above 16 MiB are refused", () => {
  const { exports } = newHeap(64 * MIB);
  for (const size of [0, L.MAX_OBJECT_BYTES + 1, 0x7fffffff, 0xffffffff]) {
    assert.is(exports.alloc(ALICE, 1, size), 0);
    assert.is(exports.lastError(), L.ERROR_SIZE);
  }
});

test("alloc: an owner that does not exist is refused", () => {
  const heap = newHeap();
  for (const owner of [0, 0x4005, 0x8001, 0xffffffff]) {
    assert.is(heap.exports.alloc(owner, 1, 64), 0);
    assert.is(heap.exports.lastError(), L.STATUS_REFUSED);
  }
  expectClean(heap);
});

test("alloc: a dirty block is zero again for its next owner, beyond the new object's end too", () => {
  const heap = newHeap();
  for (const [before, after] of [
    [64, 1],
    [4096, 3600],
    [28672, 24577],
    [200_000, 190_000],
  ] as const) {
    const dirty = heap.exports.alloc(ALICE, 1, before);
    heap.u8.fill(0xee, dirty, dirty + before);
    heap.exports.free(dirty);
    const base = heap.exports.alloc(BOB, 1, after);
    const reachable = Math.ceil((before <= 28672 ? before : after) / 64) * 64;
    for (let i = 0; i < reachable; i++) {
      if (heap.exports.objectAt(base + i) === base && heap.u8[base + i] !== 0) assert.unreachable(`byte ${i} of ${after}`);
    }
    heap.exports.free(base);
  }
  expectClean(heap);
});

test("alloc: after a free the same block comes back, O(1)", () => {
  const heap = newHeap();
  const base = heap.exports.alloc(ALICE, 1, 4096);
  const spans = heap.stats().spansUsed;
  for (let i = 0; i < 1000; i++) {
    heap.exports.free(base);
    assert.is(heap.exports.alloc(ALICE, 1, 4096), base);
  }
  assert.is(heap.stats().spansUsed, spans);
});

test("alloc: neighbours of 2048 and 4096 bytes are staggered, and nobody owns the gap", () => {
  const heap = newHeap();
  for (const size of [2048, 4096, 8192]) {
    const first = heap.exports.alloc(ALICE, 1, size);
    const second = heap.exports.alloc(ALICE, 1, size);
    assert.is(second - first, size + L.STAGGER_BYTES);
    assert.is(heap.exports.objectAt(first + size), 0);
    assert.is(heap.exports.objectAt(second - 1), 0);
  }
  const starts = new Set(Array.from({ length: 6 }, () => heap.exports.alloc(ALICE, 1, 100_000) % 4096));
  assert.is(starts.size, 6, "large objects start at different offsets within a page");
  expectClean(heap);
});

test("alloc: exhaustion answers 0 with its own error, and freeing makes room again", () => {
  const heap = newHeap(L.MIN_HEAP_BYTES);
  for (const size of [64, 4096, 50_000, 1_000_000]) {
    const bases: number[] = [];
    for (let base = heap.exports.alloc(ALICE, 1, size); base !== 0; base = heap.exports.alloc(ALICE, 1, size)) bases.push(base);
    assert.is(heap.exports.lastError(), L.ERROR_NO_MEMORY);
    assert.ok(bases.length >= 1, `size ${size}: ${bases.length}`);
    assert.is(new Set(bases).size, bases.length);
    expectClean(heap);
    for (const base of bases) assert.is(heap.exports.free(base), 0);
    assert.is(heap.stats().liveObjects, 0);
    expectClean(heap);
  }
});

test("alloc: when no span is free it takes back the spare spans of other classes", () => {
  const heap = newHeap(L.MIN_HEAP_BYTES);
  const spares = SIZES.map((size) => heap.exports.alloc(ALICE, 1, size));
  for (const base of spares) heap.exports.free(base);
  assert.ok(heap.stats().spansSpare > 10);
  const bytes = (heap.stats().spansTotal - 1) * L.SPAN_BYTES;
  assert.ok(heap.exports.alloc(ALICE, 1, bytes) !== 0, "one object over nearly all spans");
  assert.is(heap.stats().spansSpare, 0);
  expectClean(heap);
});

test("alloc: a full object table is an error, not a fault", () => {
  const heap = newHeap(L.MIN_HEAP_BYTES);
  const maximum = heap.u32[L.H_MAX_OBJECTS >>> 2] ?? 0;
  let count = 0;
  while (heap.exports.alloc(ALICE, 1, 64) !== 0) count += 1;
  assert.is(count, Math.min(maximum, heap.stats().spansTotal * 1024));
  assert.is(heap.exports.lastError(), L.ERROR_NO_MEMORY);
  assert.is(heap.exports.alloc(ALICE, 1, 100_000), 0);
  expectClean(heap);
  assert.is(heap.exports.dropAll(ALICE), count);
  assert.ok(heap.exports.alloc(ALICE, 1, 100_000) !== 0);
  expectClean(heap);
});

test("alloc: byte quota holds at, below and above the limit; bytes count in whole granules", () => {
  const heap = newHeap();
  const { alloc, free, lastError, domainOpen } = heap.exports;
  const id = 0x4009;
  domainOpen(9, id, 8192, 100);
  const first = alloc(id, 1, 4096);
  assert.ok(alloc(id, 1, 4096 - 63) !== 0, "exactly the limit: 4033 bytes are 64 granules");
  assert.is(alloc(id, 1, 1), 0);
  assert.is(lastError(), L.STATUS_QUOTA);
  free(first);
  assert.is(alloc(id, 1, 4097), 0, "one granule too much");
  assert.ok(alloc(id, 1, 4096) !== 0);
  assert.is(heap.u32[(L.DOMAINS + 9 * L.DOMAIN_SIZE + L.DOMAIN_BYTES_USED) >>> 2], 8192);
  expectClean(heap);
});

test("alloc: object quota holds, also a quota of nothing", () => {
  const heap = newHeap();
  const { alloc, lastError, domainOpen, free } = heap.exports;
  domainOpen(9, 0x4009, MIB, 2);
  const first = alloc(0x4009, 1, 64);
  assert.ok(first !== 0 && alloc(0x4009, 1, 64) !== 0);
  assert.is(alloc(0x4009, 1, 64), 0);
  assert.is(lastError(), L.STATUS_QUOTA);
  free(first);
  assert.ok(alloc(0x4009, 1, 64) !== 0);
  domainOpen(10, 0x400a, 0, 0);
  assert.is(alloc(0x400a, 1, 1), 0);
  expectClean(heap);
});

test("free: refuses anything that is not the base of a live object", () => {
  const heap = newHeap();
  const base = heap.exports.alloc(ALICE, 1, 4096);
  const numbers = [
    0,
    64,
    L.GRANULES,
    base + 1,
    base + 64,
    base + 4096,
    base - 64,
    32 * MIB,
    32 * MIB + 64,
    0x7fffffff,
    0x80000000,
    0xffffffff,
  ];
  for (const number of numbers) assert.is(heap.exports.free(number), L.STATUS_REFUSED, `0x${number.toString(16)}`);
  assert.is(heap.exports.free(base), 0);
  assert.is(heap.exports.free(base), L.STATUS_REFUSED, "twice");
  const generation = heap.u32[((heap.u32[(L.GRANULES >>> 2) + (base >>> 6)] ?? 0) + L.ENTRY_GENERATION) >>> 2];
  assert.is(generation, 1);
  expectClean(heap);
});

test("free: spans go back, one spare per class stays, trim takes that too", () => {
  const heap = newHeap();
  const bases: number[] = [];
  for (let i = 0; i < 200; i++) for (const size of [64, 2048, 4096]) bases.push(heap.exports.alloc(ALICE, 1, size));
  const peak = heap.stats().spansUsed;
  assert.ok(peak > 20);
  const next = random(42);
  while (bases.length > 0) heap.exports.free(bases.splice(next(bases.length), 1)[0] ?? 0);
  assert.is(heap.stats().spansUsed, 3);
  assert.is(heap.stats().spansSpare, 3);
  expectClean(heap);
  assert.is(heap.exports.trim(), 3);
  assert.is(heap.stats().spansUsed, 0);
  expectClean(heap);
});

test("domainOpen: refuses ids that do not fit the slot, taken slots, slots out of range", () => {
  const heap = newHeap();
  const { domainOpen } = heap.exports;
  assert.is(domainOpen(1, ALICE, 1, 1), L.STATUS_REFUSED, "taken");
  assert.is(domainOpen(0, L.KERNEL_ID, 1, 1), L.STATUS_REFUSED, "the kernel's");
  assert.is(domainOpen(9, 0x400a, 1, 1), L.STATUS_REFUSED, "other slot");
  assert.is(domainOpen(9, 9, 1, 1), L.STATUS_REFUSED, "reuse 0");
  assert.is(domainOpen(9, 0x80004009, 1, 1), L.STATUS_REFUSED, "LENT bit");
  assert.is(domainOpen(16384, 0x4000, 1, 1), L.STATUS_REFUSED);
  assert.is(domainOpen(16383, 0x7fff, 1, 1), 0, "last slot");
  assert.is(domainOpen(9, 0x7fffc009, 1, 1), 0, "last reuse");
  expectClean(heap);
});

test("domainClose: refuses while the domain owns or reads an object; then the slot serves a new id", () => {
  const heap = newHeap();
  const { alloc, borrow, endBorrow, free, domainClose, domainOpen, ownerOf } = heap.exports;
  const base = alloc(ALICE, 1, 64);
  borrow(base, 1, ALICE, BOB);
  assert.is(domainClose(1), L.STATUS_REFUSED, "owns");
  assert.is(domainClose(2), L.STATUS_REFUSED, "reads");
  endBorrow(base, BOB);
  assert.is(domainClose(2), 0);
  assert.is(domainClose(2), L.STATUS_REFUSED, "closed already");
  assert.is(domainClose(0), L.STATUS_REFUSED, "the kernel");
  assert.is(domainClose(99999), L.STATUS_REFUSED);
  assert.is(domainOpen(2, 0x8002, MIB, 10), 0);
  assert.is(heap.exports.move(base, 0, ALICE, BOB), L.STATUS_REFUSED, "the old id is nobody");
  assert.is(heap.exports.move(base, 0, ALICE, 0x8002), 0);
  assert.is(ownerOf(base), 0x8002);
  assert.is(free(base), 0);
  expectClean(heap);
});

test.run();
