/** Move, borrow, pin and the death of an owner: what is allowed, every refusal, and that a refusal changes nothing. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { SharedHeap } from "../../shared-heap/heap.ts";
import * as L from "../../shared-heap/layout.ts";
import { ALICE, BOB, CAROL, DAVE, expectClean, MIB, newHeap } from "./support.ts";

const TYPE = 0x1234;

/** Runs the operation, expects the refusal, and that no byte of the tables changed. */
function refused(heap: SharedHeap, operation: () => number, why: string): void {
  const end = heap.u32[L.H_HEAP_BASE >>> 2] ?? 0;
  const before = heap.u8.slice(0, end);
  assert.is(operation(), L.STATUS_REFUSED, why);
  assert.is(Buffer.compare(before, heap.u8.subarray(0, end)), 0, `${why}: something changed`);
}

function account(heap: SharedHeap, id: number): [objects: number, bytes: number] {
  const record = (L.DOMAINS + (id & L.DOMAIN_SLOT_MASK) * L.DOMAIN_SIZE) >>> 2;
  return [heap.u32[record + (L.DOMAIN_OBJECTS_USED >>> 2)] ?? 0, heap.u32[record + (L.DOMAIN_BYTES_USED >>> 2)] ?? 0];
}

test("move: owner, rights and both accounts change; contents and base stay", () => {
  const heap = newHeap();
  const { alloc, move, ownerOf, canRead } = heap.exports;
  for (const size of [64, 4096, 100_000]) {
    const base = alloc(ALICE, TYPE, size);
    heap.u8[base] = 42;
    const charged = Math.ceil(size / 64) * 64;
    assert.equal(account(heap, ALICE), [1, charged]);
    assert.is(move(base, TYPE, ALICE, BOB), 0);
    assert.is(ownerOf(base), BOB);
    assert.equal([canRead(base, ALICE), canRead(base, BOB)], [0, 1]);
    assert.equal(account(heap, ALICE), [0, 0]);
    assert.equal(account(heap, BOB), [1, charged]);
    assert.is(heap.u8[base], 42);
    expectClean(heap);
    heap.exports.free(base);
  }
});

test("move: every refusal has code 6 and no effect", () => {
  const heap = newHeap();
  const { alloc, move, borrow, pin, domainOpen, free } = heap.exports;
  const base = alloc(ALICE, TYPE, 4096);
  for (const wrong of [0, 64, base + 64, base + 1, L.GRANULES, 32 * MIB, 0xffffffff]) {
    refused(heap, () => move(wrong, 0, ALICE, BOB), `base 0x${wrong.toString(16)}`);
  }
  refused(heap, () => move(base, 0, BOB, CAROL), "not the owner");
  refused(heap, () => move(base, 0, 0, CAROL), "owner 0");
  refused(heap, () => move(base, 0, 0x8001, BOB), "owner of another generation");
  refused(heap, () => move(base, TYPE + 1, ALICE, BOB), "other type");
  refused(heap, () => move(base, 0, ALICE, 0), "receiver 0");
  refused(heap, () => move(base, 0, ALICE, 0x8002), "receiver of another generation");
  domainOpen(9, 0x4009, 4095, 10);
  refused(heap, () => move(base, 0, ALICE, 0x4009), "receiver's bytes");
  domainOpen(10, 0x400a, MIB, 0);
  refused(heap, () => move(base, 0, ALICE, 0x400a), "receiver's objects");
  borrow(base, TYPE, ALICE, BOB);
  refused(heap, () => move(base, TYPE, ALICE, BOB), "lent");
  heap.exports.endBorrow(base, BOB);
  pin(base, ALICE);
  refused(heap, () => move(base, TYPE, ALICE, BOB), "pinned");
  heap.exports.unpin(base);
  free(base);
  refused(heap, () => move(base, TYPE, ALICE, BOB), "freed");
  expectClean(heap);
});

test("move: to oneself is allowed even with a full quota, type 0 means any", () => {
  const heap = newHeap();
  heap.exports.domainOpen(9, 0x4009, 64, 1);
  const base = heap.exports.alloc(0x4009, TYPE, 64);
  assert.is(heap.exports.move(base, TYPE, 0x4009, 0x4009), 0);
  assert.is(heap.exports.move(base, 0, 0x4009, ALICE), 0);
  expectClean(heap);
});

test("move: receiver's quota exactly at the limit is enough", () => {
  const heap = newHeap();
  heap.exports.domainOpen(9, 0x4009, 4096, 1);
  const base = heap.exports.alloc(ALICE, TYPE, 4096);
  assert.is(heap.exports.move(base, TYPE, ALICE, 0x4009), 0);
  const other = heap.exports.alloc(ALICE, TYPE, 1);
  refused(heap, () => heap.exports.move(other, TYPE, ALICE, 0x4009), "full");
  expectClean(heap);
});

test("borrow: readers read, nobody moves or frees, the owner gets everything back", () => {
  const heap = newHeap();
  const { alloc, borrow, endBorrow, free, canRead, ownerOf, move } = heap.exports;
  const base = alloc(ALICE, TYPE, 4096);
  assert.is(borrow(base, TYPE, ALICE, BOB), 0);
  assert.is(borrow(base, TYPE, ALICE, CAROL), 0);
  assert.equal(
    [ALICE, BOB, CAROL, DAVE].map((id) => canRead(base, id)),
    [1, 1, 1, 0],
  );
  assert.is(ownerOf(base), ALICE);
  expectClean(heap);
  refused(heap, () => free(base), "lent");
  assert.is(endBorrow(base, BOB), 0);
  assert.equal(
    [ALICE, BOB, CAROL].map((id) => canRead(base, id)),
    [1, 0, 1],
  );
  refused(heap, () => move(base, TYPE, ALICE, BOB), "still lent to Carol");
  assert.is(endBorrow(base, CAROL), 0);
  assert.is(move(base, TYPE, ALICE, BOB), 0);
  assert.is(free(base), 0);
  expectClean(heap);
});

test("borrow: every refusal has code 6 and no effect", () => {
  const heap = newHeap();
  const { alloc, borrow, endBorrow } = heap.exports;
  const base = alloc(ALICE, TYPE, 64);
  for (const wrong of [0, 64, base + 1, L.BORROWS, 0xffffffff]) refused(heap, () => borrow(wrong, 0, ALICE, BOB), `base ${wrong}`);
  refused(heap, () => borrow(base, TYPE + 1, ALICE, BOB), "other type");
  refused(heap, () => borrow(base, TYPE, BOB, CAROL), "lender neither owns nor reads it");
  refused(heap, () => borrow(base, TYPE, 0, CAROL), "lender 0");
  refused(heap, () => borrow(base, TYPE, ALICE, 0), "reader 0");
  refused(heap, () => borrow(base, TYPE, ALICE, 0x8002), "reader of another generation");
  refused(heap, () => endBorrow(base, BOB), "no borrow to end");
  refused(heap, () => endBorrow(base, ALICE), "an owner is no reader");
  borrow(base, TYPE, ALICE, BOB);
  refused(heap, () => endBorrow(base, CAROL), "another's borrow");
  refused(heap, () => endBorrow(base, ALICE), "an owner is no reader of what he lends");
  refused(heap, () => endBorrow(base, 0), "reader 0");
  expectClean(heap);
});

test("borrow: nested, the same reader several times, a reader lends on", () => {
  const heap = newHeap();
  const { alloc, borrow, endBorrow, canRead, free } = heap.exports;
  const base = alloc(ALICE, TYPE, 64);
  assert.is(borrow(base, TYPE, ALICE, BOB), 0);
  assert.is(borrow(base, TYPE, BOB, CAROL), 0, "a reader lends on");
  assert.is(borrow(base, TYPE, CAROL, BOB), 0, "back to a reader");
  assert.is(borrow(base, TYPE, CAROL, ALICE), 0, "back to the owner");
  expectClean(heap);
  endBorrow(base, BOB);
  assert.is(canRead(base, BOB), 1, "one of two borrows is left");
  endBorrow(base, BOB);
  assert.is(canRead(base, BOB), 0);
  refused(heap, () => borrow(base, TYPE, BOB, DAVE), "reads no more, lends no more");
  endBorrow(base, CAROL);
  refused(heap, () => free(base), "the owner's own borrow is left");
  assert.is(endBorrow(base, ALICE), 0);
  refused(heap, () => endBorrow(base, ALICE), "no second time");
  assert.is(free(base), 0);
  expectClean(heap);
});

test("borrow: many objects to many readers, where their rows collide, stay apart", () => {
  const heap = newHeap();
  const ids = Array.from({ length: 64 }, (_, i) => 0x4000 + 100 + i);
  for (const id of ids) heap.exports.domainOpen(id & L.DOMAIN_SLOT_MASK, id, MIB, 1000);
  const owner = ids[0] ?? 0;
  const bases = Array.from({ length: 200 }, () => heap.exports.alloc(owner, TYPE, 64));
  // Object k is read by domains that depend on k; neighbouring rows overlap in nearly every node.
  const reads = (k: number, i: number): boolean => i > 0 && (k * 7 + i * 3) % 5 === 0;
  for (let i = 1; i < ids.length; i++) {
    for (const [k, base] of bases.entries()) if (reads(k, i)) assert.is(heap.exports.borrow(base, TYPE, owner, ids[i] ?? 0), 0);
  }
  expectClean(heap);
  for (const [k, base] of bases.entries()) {
    for (const [i, id] of ids.entries()) assert.is(heap.exports.canRead(base, id), Number(i === 0 || reads(k, i)), `${k} ${i}`);
  }
  for (const [k, base] of bases.entries()) {
    for (const [i, id] of ids.entries()) if (reads(k, i)) assert.is(heap.exports.endBorrow(base, id), 0);
  }
  assert.is(heap.exports.dropAll(owner), bases.length);
  assert.is(heap.stats().borrows, 0);
  expectClean(heap);
});

test("borrow: when no row is left it is refused, and ends make room again", () => {
  const heap = newHeap();
  const bases: number[] = [];
  for (;;) {
    const base = heap.exports.alloc(ALICE, TYPE, 64);
    assert.ok(base !== 0, "rows end before objects do");
    bases.push(base);
    if (heap.exports.borrow(base, TYPE, ALICE, BOB) !== 0) break;
  }
  assert.ok(bases.length > 16_000, `${bases.length - 1} objects lent at a time`);
  expectClean(heap);
  refused(heap, () => heap.exports.borrow(bases.at(-1) ?? 0, TYPE, ALICE, CAROL), "full");
  assert.is(heap.exports.borrow(bases[0] ?? 0, TYPE, ALICE, BOB), 0, "one more by a reader that has a node");
  assert.is(heap.exports.endAllBorrows(BOB), bases.length);
  assert.is(heap.exports.dropAll(ALICE), bases.length);
  expectClean(heap);
});

test("borrow: an object's borrows are counted up to a limit, beyond it is refused", () => {
  const heap = newHeap();
  const base = heap.exports.alloc(ALICE, TYPE, 64);
  for (let i = 0; i < L.MAX_BORROWS; i++) heap.exports.borrow(base, TYPE, ALICE, i % 2 === 0 ? ALICE : BOB);
  assert.is(heap.stats().borrows, L.MAX_BORROWS);
  refused(heap, () => heap.exports.borrow(base, TYPE, ALICE, BOB), "too many");
  expectClean(heap);
  assert.is(heap.exports.endAllBorrows(ALICE) + heap.exports.endAllBorrows(BOB), L.MAX_BORROWS);
  assert.is(heap.exports.free(base), 0);
  expectClean(heap);
});

test("pin: readable, lendable, not movable, not freeable; counted", () => {
  const heap = newHeap();
  const { alloc, pin, unpin, move, free, borrow, endBorrow, canRead } = heap.exports;
  const base = alloc(ALICE, TYPE, 4096);
  refused(heap, () => unpin(base), "not pinned");
  refused(heap, () => pin(base, BOB), "not Bob's");
  refused(heap, () => pin(base + 64, 0), "no object starts there");
  refused(heap, () => pin(0xffffffff, 0), "wild");
  assert.is(pin(base, ALICE), 0);
  assert.is(pin(base, 0), 0, "whoever owns it");
  assert.is(canRead(base, ALICE), 1);
  assert.is(borrow(base, TYPE, ALICE, BOB), 0);
  assert.is(endBorrow(base, BOB), 0);
  assert.is(unpin(base), 0);
  refused(heap, () => move(base, TYPE, ALICE, BOB), "one pin left");
  refused(heap, () => free(base), "one pin left");
  assert.is(unpin(base), 0);
  assert.is(free(base), 0);
  expectClean(heap);
});

test("drop: its owner's only, not while it is lent; what is pinned goes with the last pin", () => {
  const heap = newHeap();
  const { alloc, drop, pin, unpin, borrow, endBorrow, ownerOf } = heap.exports;
  const base = alloc(ALICE, TYPE, 4096);
  refused(heap, () => drop(base, BOB), "not Bob's");
  refused(heap, () => drop(base, 0), "nobody's");
  refused(heap, () => drop(base + 64, ALICE), "no object starts there");
  refused(heap, () => drop(0xffffffff, ALICE), "wild");
  assert.is(borrow(base, TYPE, ALICE, BOB), 0);
  refused(heap, () => drop(base, ALICE), "lent");
  assert.is(endBorrow(base, BOB), 0);
  pin(base, 0);
  pin(base, 0);
  assert.is(drop(base, ALICE), 0);
  assert.equal(account(heap, ALICE), [0, 0], "it is not Alice's any more");
  refused(heap, () => drop(base, ALICE), "the second time");
  assert.is(heap.stats().orphans, 1);
  unpin(base);
  assert.is.not(ownerOf(base), 0);
  unpin(base);
  assert.is(ownerOf(base), 0);
  assert.is(drop(alloc(ALICE, TYPE, 64), ALICE), 0);
  expectClean(heap);
});

test("dropAll: frees everything of one owner and nothing else", () => {
  const heap = newHeap();
  const { alloc, dropAll } = heap.exports;
  const kept: number[] = [];
  for (let i = 0; i < 300; i++) {
    alloc(ALICE, TYPE, 1 + i * 97);
    kept.push(alloc(BOB, TYPE, 1 + i * 31));
  }
  assert.is(dropAll(ALICE), 300);
  assert.is(dropAll(ALICE), 0);
  assert.equal(account(heap, ALICE), [0, 0]);
  assert.ok(kept.every((base) => heap.exports.ownerOf(base) === BOB));
  for (const nobody of [0, 0x8001, 0x4009]) assert.is(dropAll(nobody), 0);
  expectClean(heap);
});

test("dropAll: what is lent becomes the kernel's and goes with the last reader", () => {
  const heap = newHeap();
  const { alloc, borrow, endBorrow, dropAll, ownerOf, canRead, domainClose, free, move } = heap.exports;
  const base = alloc(ALICE, TYPE, 4096);
  borrow(base, TYPE, ALICE, BOB);
  borrow(base, TYPE, BOB, CAROL);
  assert.is(dropAll(ALICE), 1);
  assert.is(domainClose(1), 0);
  assert.is(ownerOf(base), L.KERNEL_ID);
  assert.is(heap.stats().orphans, 1);
  assert.equal(account(heap, L.KERNEL_ID), [1, 4096]);
  assert.equal(
    [ALICE, BOB, CAROL, DAVE].map((id) => canRead(base, id)),
    [0, 1, 1, 0],
  );
  expectClean(heap);
  refused(heap, () => free(base), "an orphan is still read");
  refused(heap, () => move(base, 0, L.KERNEL_ID, BOB), "an orphan is still read");
  assert.is(endBorrow(base, BOB), 0);
  assert.is(ownerOf(base), L.KERNEL_ID);
  assert.is(endBorrow(base, CAROL), 0);
  assert.is(ownerOf(base), 0);
  assert.equal(account(heap, L.KERNEL_ID), [0, 0]);
  assert.is(heap.stats().orphans, 0);
  expectClean(heap);
});

test("dropAll: what is pinned goes with the last pin, what is both with the last of both", () => {
  const heap = newHeap();
  const { alloc, borrow, endBorrow, pin, unpin, dropAll, ownerOf } = heap.exports;
  const pinned = alloc(ALICE, TYPE, 64);
  const both = alloc(ALICE, TYPE, 100_000);
  for (const base of [pinned, both]) pin(base, ALICE);
  pin(pinned, ALICE);
  borrow(both, TYPE, ALICE, BOB);
  assert.is(dropAll(ALICE), 2);
  assert.is(heap.stats().orphans, 2);
  expectClean(heap);
  unpin(pinned);
  assert.is(ownerOf(pinned), L.KERNEL_ID);
  unpin(pinned);
  assert.is(ownerOf(pinned), 0);
  endBorrow(both, BOB);
  assert.is(ownerOf(both), L.KERNEL_ID, "pinned still");
  expectClean(heap);
  assert.is(borrow(both, TYPE, L.KERNEL_ID, CAROL), 0, "an orphan can be lent on");
  unpin(both);
  assert.is(ownerOf(both), L.KERNEL_ID, "lent still");
  expectClean(heap);
  endBorrow(both, CAROL);
  assert.is(heap.stats().liveObjects, 0);
  expectClean(heap);
});

test("dropAll: an owner that also borrowed its own object, dropped before its borrows end", () => {
  const heap = newHeap();
  const base = heap.exports.alloc(ALICE, TYPE, 64);
  heap.exports.borrow(base, TYPE, ALICE, ALICE);
  heap.exports.borrow(base, TYPE, ALICE, BOB);
  assert.is(heap.exports.dropAll(ALICE), 1);
  expectClean(heap);
  assert.is(heap.exports.endAllBorrows(ALICE), 1);
  expectClean(heap);
  assert.is(heap.exports.domainClose(1), 0);
  assert.is(heap.exports.endAllBorrows(BOB), 1);
  assert.is(heap.stats().liveObjects, 0);
  expectClean(heap);
});

test("dropAll: the kernel's own lent objects are orphans afterwards too", () => {
  const heap = newHeap();
  const { KERNEL_ID } = L;
  const lent = heap.exports.alloc(KERNEL_ID, TYPE, 64);
  heap.exports.alloc(KERNEL_ID, TYPE, 64);
  heap.exports.borrow(lent, TYPE, KERNEL_ID, BOB);
  heap.exports.endBorrow(lent, BOB);
  assert.is(heap.exports.ownerOf(lent), KERNEL_ID, "no orphan: it outlives its readers");
  heap.exports.borrow(lent, TYPE, KERNEL_ID, BOB);
  assert.is(heap.exports.dropAll(KERNEL_ID), 2);
  expectClean(heap);
  heap.exports.endBorrow(lent, BOB);
  assert.is(heap.stats().liveObjects, 0);
  expectClean(heap);
});

test("endAllBorrows: ends a dead reader's borrows of every object, nobody else's", () => {
  const heap = newHeap();
  const { alloc, borrow, endAllBorrows, canRead, free } = heap.exports;
  const bases = Array.from({ length: 20 }, () => alloc(ALICE, TYPE, 64));
  for (const base of bases) {
    borrow(base, TYPE, ALICE, BOB);
    borrow(base, TYPE, BOB, BOB);
    borrow(base, TYPE, ALICE, CAROL);
  }
  assert.is(endAllBorrows(0), 0);
  assert.is(endAllBorrows(DAVE), 0);
  assert.is(endAllBorrows(ALICE), 0, "an owner is no reader");
  assert.is(endAllBorrows(BOB), 40);
  assert.ok(bases.every((base) => canRead(base, BOB) === 0 && canRead(base, CAROL) === 1));
  expectClean(heap);
  assert.is(endAllBorrows(CAROL), 20);
  assert.ok(bases.every((base) => free(base) === 0));
  expectClean(heap);
});

test("nextOwned: visits each object of the owner once, also while they are freed on the way", () => {
  const heap = newHeap();
  const { alloc, nextOwned, free, borrow } = heap.exports;
  const mine = new Set<number>();
  for (let i = 0; i < 100; i++) {
    mine.add(alloc(ALICE, TYPE, 1 + i * 700));
    alloc(BOB, TYPE, 64);
  }
  borrow([...mine][3] ?? 0, TYPE, ALICE, BOB);
  const visited: number[] = [];
  for (let base = nextOwned(ALICE, 0); base !== 0; base = nextOwned(ALICE, base)) visited.push(base);
  assert.equal(visited.toSorted(), [...mine].toSorted());
  heap.exports.endBorrow([...mine][3] ?? 0, BOB);
  let freed = 0;
  for (let base = nextOwned(ALICE, 0); base !== 0; base = nextOwned(ALICE, base)) freed += Number(free(base) === 0);
  assert.is(freed, 100);
  for (const [owner, after] of [
    [0, 0],
    [CAROL, 0],
    [ALICE, 0xffffffff],
    [BOB, 32 * MIB],
  ] as const) {
    assert.is(nextOwned(owner, after), owner === BOB ? nextOwned(BOB, 0) : 0);
  }
  expectClean(heap);
});

test("objectAt, ownerOf, typeOf, sizeOf, canRead: any number is safe to ask about", () => {
  const heap = newHeap();
  const base = heap.exports.alloc(ALICE, TYPE, 100);
  const { objectAt, ownerOf, typeOf, sizeOf, canRead } = heap.exports;
  for (const number of [
    0,
    1,
    64,
    L.DOMAINS,
    L.BORROWS,
    L.GRANULES,
    base - 1,
    base + 128,
    32 * MIB - 1,
    32 * MIB,
    0x7fffffff,
    0x80000000,
    0xffffffff,
  ]) {
    const answers = [objectAt(number), ownerOf(number), typeOf(number), sizeOf(number), canRead(number, ALICE), canRead(number, 0)];
    assert.equal(answers, [0, 0, 0, 0, 0, 0], `0x${number.toString(16)}`);
  }
  for (const inside of [base + 1, base + 64, base + 127]) {
    assert.is(objectAt(inside), base);
    assert.equal([ownerOf(inside), typeOf(inside), sizeOf(inside), canRead(inside, ALICE)], [0, 0, 0, 0], "not a base");
  }
  assert.equal([canRead(base, 0), canRead(base, BOB), canRead(base, ALICE)], [0, 0, 1]);
});

test.run();
