/**
 * How far a domain's objects may spread over spans: the attack that fills spans and leaves one object in each, the bound at,
 * below and above, and whose count a span is in while its objects move, its opener dies and it fills, empties and goes back.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CLASS_GRANULES } from "../../shared-heap/audit/blocks.ts";
import type { SharedHeap } from "../../shared-heap/heap.ts";
import * as L from "../../shared-heap/layout.ts";
import { expectClean, MIB, newHeap } from "./support.ts";

/** Slots 10 to 12, with the quota that a manifest gives by default. */
const EVIL = 0x400a;
const VICTIM = 0x400b;
const FRIEND = 0x400c;
const QUOTA = 16 * MIB;
const OBJECTS = 4096;

/** Size of the class of 14 blocks per span. */
const BLOCK = 4096;
const BLOCKS_PER_SPAN = 14;

function scene(quota: number = QUOTA): SharedHeap {
  const heap = newHeap(64 * MIB);
  for (const id of [EVIL, VICTIM, FRIEND]) assert.is(heap.exports.domainOpen(id & L.DOMAIN_SLOT_MASK, id, quota, OBJECTS), 0);
  return heap;
}

function record(heap: SharedHeap, id: number, offset: number): number {
  return heap.u32[(L.DOMAINS + (id & L.DOMAIN_SLOT_MASK) * L.DOMAIN_SIZE + offset) >>> 2] ?? 0;
}

const openSpans = (heap: SharedHeap, id: number): number => record(heap, id, L.DOMAIN_OPEN_SPANS);
const bytesUsed = (heap: SharedHeap, id: number): number => record(heap, id, L.DOMAIN_BYTES_USED);

/** Allocates until it is refused, at most `count` objects. */
function fill(heap: SharedHeap, id: number, size: number, count: number = OBJECTS): number[] {
  const bases: number[] = [];
  for (let base = -1; bases.length < count && base !== 0; ) {
    base = heap.exports.alloc(id, 1, size);
    if (base !== 0) bases.push(base);
  }
  return bases;
}

/** Frees all but the first object of each span. */
function thin(heap: SharedHeap, bases: readonly number[]): number[] {
  const kept = new Map<number, number>();
  for (const base of bases) {
    const span = base >>> L.SPAN_SHIFT;
    if (kept.has(span)) assert.is(heap.exports.free(base), 0);
    else kept.set(span, base);
  }
  return [...kept.values()];
}

/** All blocks that the quota has room for. */
function expectFairShare(heap: SharedHeap): void {
  assert.is(fill(heap, VICTIM, BLOCK).length, QUOTA / BLOCK, `last error ${heap.exports.lastError()}`);
  expectClean(heap);
}

for (const [order, sizes] of [
  ["from the smallest", CLASS_GRANULES],
  ["from the largest", CLASS_GRANULES.toReversed()],
] as const) {
  test(`spread: one object left in every span of every class, ${order}: another domain still gets its whole quota`, () => {
    const heap = scene();
    for (let round = 0; round < 3; round++) for (const granules of sizes) thin(heap, fill(heap, EVIL, granules * L.GRANULE_SIZE));
    assert.is(heap.exports.lastError(), L.STATUS_QUOTA);
    const { spansUsed, spansTotal } = heap.stats();
    assert.ok(spansUsed <= 441, `${spansUsed} of ${spansTotal} spans`);
    expectClean(heap);
    expectFairShare(heap);
  });
}

test("spread: large objects on top of the holes do not take the rest", () => {
  const heap = scene();
  for (const granules of CLASS_GRANULES) thin(heap, fill(heap, EVIL, granules * L.GRANULE_SIZE));
  fill(heap, EVIL, (L.MAX_SMALL_GRANULES + 1) * L.GRANULE_SIZE);
  assert.is(heap.exports.lastError(), L.STATUS_QUOTA);
  expectFairShare(heap);
});

test("spread: two domains that pass the full spans on and thin them for each other get above the bound once each", () => {
  const heap = scene(2 * MIB);
  for (let round = 0; round < 3; round++) {
    for (const [from, to] of [
      [EVIL, FRIEND],
      [FRIEND, EVIL],
    ] as const) {
      for (const granules of CLASS_GRANULES) {
        const bases = fill(heap, from, granules * L.GRANULE_SIZE);
        for (const base of bases) heap.exports.move(base, 0, from, to);
        thin(heap, bases);
      }
    }
  }
  const { spansUsed } = heap.stats();
  // Each its bound and what both can own at a time, where blocks fill 63 % of a span.
  const each = 32 + L.SIZE_CLASSES + Math.ceil((2 * 32) / 0.627);
  assert.ok(spansUsed <= 2 * each, `${spansUsed} spans`);
  expectClean(heap);
});

test("spread: who keeps what it makes gets its whole quota, whatever the sizes", () => {
  for (const granules of [...CLASS_GRANULES, 257, 321, 385, 449, 1024, 1025]) {
    const heap = scene(MIB);
    for (const each of CLASS_GRANULES.slice(0, 20)) assert.ok(heap.exports.alloc(EVIL, 1, each * L.GRANULE_SIZE) !== 0);
    const objects = OBJECTS - 20;
    const room = Math.floor((MIB - bytesUsed(heap, EVIL)) / (granules * L.GRANULE_SIZE));
    assert.is(fill(heap, EVIL, granules * L.GRANULE_SIZE).length, Math.min(objects, room), `${granules} granules`);
    expectClean(heap);
  }
});

/** EVIL with a quota of 128 KiB: two thinned spans of the first class and one object in each class up to the bound of 33. */
function atTheBound(): { heap: SharedHeap; thinned: number[]; single: number[] } {
  const heap = scene(2 * L.SPAN_BYTES);
  const thinned = thin(heap, fill(heap, EVIL, 64));
  assert.is(thinned.length, 2);
  const single: number[] = [];
  for (let sizeClass = 1; sizeClass < 30; sizeClass++) {
    const bytes = (CLASS_GRANULES[sizeClass] ?? 0) * L.GRANULE_SIZE;
    const owned = Math.ceil((bytesUsed(heap, EVIL) + bytes) / L.SPAN_BYTES);
    const bound = 2 + L.SIZE_CLASSES;
    if (openSpans(heap, EVIL) + 1 + owned > bound || owned > 2) break;
    const base = heap.exports.alloc(EVIL, 1, bytes);
    assert.ok(base !== 0, `class ${sizeClass}`);
    single.push(base);
  }
  return { heap, thinned, single };
}

test("spread: the bound, at it, below and above", () => {
  const heap = scene(2 * L.SPAN_BYTES);
  const { alloc, free, lastError } = heap.exports;
  // Two spans' worth of quota and 31 classes: 33 in all for spans with holes, the new one among them, and for what it owns.
  const pretend = (count: number): void => {
    heap.u32[(L.DOMAINS + (EVIL & L.DOMAIN_SLOT_MASK) * L.DOMAIN_SIZE + L.DOMAIN_OPEN_SPANS) >>> 2] = count;
  };
  for (const [held, size, allowed] of [
    [30, 64, true],
    [31, 64, true],
    [32, 64, false],
    [31, 65536, true],
    [32, 65536, true],
    [33, 65536, false],
    [31, 65537, true],
    [32, 65537, false],
  ] as const) {
    pretend(held);
    const base = alloc(EVIL, 1, size);
    assert.is(base !== 0, allowed, `${held} spans, ${size} bytes`);
    if (!allowed) assert.is(lastError(), L.STATUS_QUOTA);
    assert.is(openSpans(heap, EVIL), held + Number(allowed && size === 64), "a refusal changes nothing");
    if (base !== 0) free(base);
    heap.exports.trim();
    assert.is(openSpans(heap, EVIL), held);
  }
  pretend(0);
  expectClean(heap);
});

test("spread: at the bound free blocks of open spans can still be had, of one's own and of others; other domains are free", () => {
  const { heap, thinned } = atTheBound();
  const { alloc, lastError } = heap.exports;
  const held = openSpans(heap, EVIL);
  const spans = heap.stats().spansUsed;
  const unused = CLASS_GRANULES[30] ?? 0;
  heap.exports.alloc(VICTIM, 1, unused * L.GRANULE_SIZE);
  heap.u32[(L.DOMAINS + (EVIL & L.DOMAIN_SLOT_MASK) * L.DOMAIN_SIZE + L.DOMAIN_MAX_BYTES) >>> 2] = MIB;
  for (let i = 0; i < 10; i++) assert.ok(alloc(EVIL, 1, 64) !== 0);
  assert.ok(alloc(EVIL, 1, unused * L.GRANULE_SIZE) !== 0, "the second block of the victim's span");
  assert.is(heap.stats().spansUsed, spans + 1);
  assert.is(openSpans(heap, EVIL), held);
  assert.is(openSpans(heap, VICTIM), 0, "full by now");
  assert.is(lastError(), L.STATUS_QUOTA, "from filling the first class");
  assert.is(thinned.length, 2);
  expectClean(heap);
});

test("spread: spans that go back give the count back; a spare one with its class's spare", () => {
  const { heap, thinned, single } = atTheBound();
  const { free, trim } = heap.exports;
  assert.is(openSpans(heap, EVIL), 2 + single.length);
  free(thinned[0] ?? 0);
  assert.is(openSpans(heap, EVIL), 1 + single.length, "dissolved, because another of its class has room");
  for (const base of [...single, thinned[1] ?? 0]) free(base);
  assert.is(openSpans(heap, EVIL), 1 + single.length, "spare spans are still its");
  expectClean(heap);
  trim();
  assert.is(openSpans(heap, EVIL), 0);
  expectClean(heap);
});

test("spread: a full span counts for nobody, and for its opener again from the first free block on", () => {
  const heap = scene();
  const bases = fill(heap, EVIL, BLOCK, BLOCKS_PER_SPAN - 1);
  assert.is(openSpans(heap, EVIL), 1);
  const last = heap.exports.alloc(VICTIM, 1, BLOCK);
  assert.is(openSpans(heap, EVIL), 0);
  heap.exports.free(last);
  assert.is(openSpans(heap, EVIL), 1);
  assert.is(openSpans(heap, VICTIM), 0);
  for (const base of bases) heap.exports.free(base);
  heap.exports.trim();
  assert.is(openSpans(heap, EVIL), 0);
  expectClean(heap);
});

test("spread: a producer with a small quota feeds a consumer that keeps all and lets go of it in any order", () => {
  const heap = scene();
  const { alloc, move, free, domainOpen } = heap.exports;
  const producer = 0x4014;
  assert.is(domainOpen(20, producer, 2 * BLOCK, 2), 0);
  const hoard: number[] = [];
  for (let i = 0; i < OBJECTS; i++) {
    const base = alloc(producer, 1, BLOCK);
    assert.is(move(base, 1, producer, FRIEND), 0, `object ${i}`);
    hoard.push(base);
  }
  assert.ok(openSpans(heap, producer) <= 1, "full spans are the consumer's to pay");
  const gone = hoard.filter((_, i) => i % 3 === 0);
  for (const base of gone) free(base);
  assert.ok(openSpans(heap, producer) > 2 + L.SIZE_CLASSES, "the holes in its spans are the producer's");
  assert.is(alloc(producer, 1, 128), 0, "so it opens no other span");
  assert.is(heap.exports.lastError(), L.STATUS_QUOTA);
  for (const _ of gone) assert.is(move(alloc(producer, 1, BLOCK), 1, producer, FRIEND), 0, "but it fills the holes");
  assert.ok(openSpans(heap, producer) <= 1);
  assert.ok(alloc(producer, 1, 128) !== 0);
  expectClean(heap);
});

test("spread: spans of a dead opener count for nobody, not for its successor in the slot either", () => {
  const heap = scene();
  const { alloc, move, dropAll, domainClose, domainOpen, free, trim } = heap.exports;
  const kept = [64, 128, BLOCK].map((size) => alloc(EVIL, 1, size));
  const full = fill(heap, EVIL, 28672, 2);
  for (const base of [...kept, ...full]) assert.is(move(base, 0, EVIL, FRIEND), 0);
  alloc(EVIL, 1, 256);
  assert.is(openSpans(heap, EVIL), 4);
  assert.is(dropAll(EVIL), 1);
  assert.is(domainClose(10), 0);
  assert.is(openSpans(heap, EVIL), 0);
  expectClean(heap);
  const successor = EVIL + (1 << L.DOMAIN_SLOT_BITS);
  assert.is(domainOpen(10, successor, QUOTA, OBJECTS), 0);
  alloc(successor, 1, 1024);
  for (const base of [...kept, ...full]) assert.is(free(base), 0);
  assert.is(openSpans(heap, successor), 1);
  expectClean(heap);
  trim();
  assert.is(openSpans(heap, successor), 1);
  expectClean(heap);
});

test("spread: the kernel has no bound", () => {
  const heap = scene();
  const kept = CLASS_GRANULES.flatMap((granules) => thin(heap, fill(heap, L.KERNEL_ID, granules * L.GRANULE_SIZE, 2000)));
  assert.ok(kept.length > 400);
  assert.is(openSpans(heap, L.KERNEL_ID), kept.length);
  expectClean(heap);
});

test.run();
