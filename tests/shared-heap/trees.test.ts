/** Objects that own objects: put and take with every refusal, and move, borrow, drop and death of whole trees. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { SharedHeap } from "../../shared-heap/heap.ts";
import * as L from "../../shared-heap/layout.ts";
import { ALICE, BOB, CAROL, DAVE, expectClean, MIB, newHeap } from "./support.ts";

const SMALL = L.MIN_HEAP_BYTES;
const PARENT = 7;
const CHILD = 8;

/** Runs the operation, expects the answer, and that no byte of tables and objects changed. */
function unchanged(heap: SharedHeap, operation: () => number, answer: number, why: string): void {
  const before = heap.u8.slice();
  assert.is(operation(), answer, why);
  assert.is(Buffer.compare(before, heap.u8), 0, `${why}: something changed`);
}

function account(heap: SharedHeap, id: number): [objects: number, bytes: number] {
  const record = (L.DOMAINS + (id & L.DOMAIN_SLOT_MASK) * L.DOMAIN_SIZE) >>> 2;
  return [heap.u32[record + (L.DOMAIN_OBJECTS_USED >>> 2)] ?? 0, heap.u32[record + (L.DOMAIN_BYTES_USED >>> 2)] ?? 0];
}

function newObject(heap: SharedHeap, size: number, type: number, owner: number = ALICE): number {
  const base = heap.exports.alloc(owner, type, size);
  assert.ok(base !== 0);
  return base;
}

/** A parent of 256 bytes with a child of 64 bytes in each of the first `count` slots. */
function family(heap: SharedHeap, count: number, owner: number = ALICE): { parent: number; children: number[] } {
  const parent = newObject(heap, 256, PARENT, owner);
  const children = Array.from({ length: count }, (_, i) => {
    const child = newObject(heap, 64, CHILD, owner);
    assert.is(heap.exports.put(parent + 4 * i, child, owner), 0);
    return child;
  });
  return { parent, children };
}

/** A chain: each object owns the next in its slot 0. The first is the root. */
function chain(heap: SharedHeap, length: number, owner: number = ALICE): number[] {
  const bases = Array.from({ length }, () => newObject(heap, 64, CHILD, owner));
  for (let i = 1; i < length; i++) assert.is(heap.exports.put(bases[i - 1] ?? 0, bases[i] ?? 0, owner), 0);
  return bases;
}

/** A root with two children with two children each, in preorder. */
function tree(heap: SharedHeap, owner: number = ALICE): number[] {
  const bases = Array.from({ length: 7 }, () => newObject(heap, 64, CHILD, owner));
  const [root = 0, left = 0, leftA = 0, leftB = 0, right = 0, rightA = 0, rightB = 0] = bases;
  const links = [
    [left, leftA],
    [left + 4, leftB],
    [root, left],
    [right, rightA],
    [right + 60, rightB],
    [root + 4, right],
  ] as const;
  for (const [slot, child] of links) assert.is(heap.exports.put(slot, child, owner), 0);
  return bases;
}

test("put, take: the slot holds the base, the child comes back as a root, and the accounts stay", () => {
  const heap = newHeap(SMALL);
  const { put, take, ownerOf } = heap.exports;
  const [parent, child] = [newObject(heap, 100, PARENT), newObject(heap, 64, CHILD)];
  const before = account(heap, ALICE);
  for (const slot of [parent, parent + 4, parent + 96]) {
    assert.is(put(slot, child, ALICE), 0);
    assert.is(heap.u32[slot >>> 2], child);
    assert.equal([ownerOf(child), account(heap, ALICE)], [ALICE, before]);
    expectClean(heap);
    assert.is(take(slot, CHILD, ALICE), child);
    assert.is(heap.u32[slot >>> 2], 0);
    expectClean(heap);
  }
});

test("put: every refusal has code 6 and no effect", () => {
  const heap = newHeap(SMALL);
  const { put, borrow, endBorrow, pin, unpin, free } = heap.exports;
  const [parent, child] = [newObject(heap, 100, PARENT), newObject(heap, 64, CHILD)];
  const { parent: other, children } = family(heap, 1);
  const refused = (slot: number, base: number, owner: number, why: string): void =>
    unchanged(heap, () => put(slot, base, owner), L.STATUS_REFUSED, why);
  for (const slot of [0, 4, L.GRANULES, parent + 1, parent + 2, parent + 100, parent + 124, parent - 4, SMALL, 0xfffffffc, 0xffffffff]) {
    refused(slot, child, ALICE, `slot 0x${slot.toString(16)}`);
  }
  for (const base of [0, 64, child + 4, child + 64, L.GRANULES, SMALL, 0xffffffff]) {
    refused(parent, base, ALICE, `child 0x${base.toString(16)}`);
  }
  for (const owner of [0, BOB, 0x8001]) refused(parent, child, owner, `owner 0x${owner.toString(16)}`);
  refused(parent, parent, ALICE, "into itself");
  refused(parent, children[0] ?? 0, ALICE, "a child already");
  refused(other, child, ALICE, "the slot is taken");
  refused(children[0] ?? 0, other, ALICE, "into its own child");
  refused(parent, newObject(heap, 64, CHILD, BOB), ALICE, "another's child");
  refused(newObject(heap, 64, PARENT, BOB), child, ALICE, "another's parent");
  for (const base of [parent, child]) {
    borrow(base, 0, ALICE, BOB);
    refused(parent, child, ALICE, "lent");
    endBorrow(base, BOB);
    pin(base, ALICE);
    refused(parent, child, ALICE, "pinned");
    unpin(base);
  }
  free(child);
  refused(parent, child, ALICE, "a child that is gone");
  free(parent);
  refused(parent, other, ALICE, "a parent that is gone");
  expectClean(heap);
});

test("put: no object can be put into its own descendant at any depth", () => {
  const heap = newHeap(SMALL);
  const bases = chain(heap, 200);
  const root = bases[0] ?? 0;
  for (const base of bases) unchanged(heap, () => heap.exports.put(base + 8, root, ALICE), L.STATUS_REFUSED, "a circle");
  const above = newObject(heap, 64, CHILD);
  assert.is(heap.exports.put(above, root, ALICE), 0);
  unchanged(heap, () => heap.exports.put((bases[199] ?? 0) + 4, above, ALICE), L.STATUS_REFUSED, "a circle");
  expectClean(heap);
});

test("take: every refusal answers 0 with its reason and has no effect", () => {
  const heap = newHeap(SMALL);
  const { take, lastError, borrow, endBorrow, pin, unpin } = heap.exports;
  const { parent, children } = family(heap, 1);
  const root = newObject(heap, 64, CHILD);
  const refused = (slot: number, type: number, owner: number, reason: number, why: string): void => {
    unchanged(heap, () => take(slot, type, owner), 0, why);
    assert.is(lastError(), reason, why);
  };
  for (const slot of [0, 4, parent + 1, parent + 2, parent + 256, SMALL, 0xfffffffc]) refused(slot, 0, ALICE, L.STATUS_REFUSED, "no slot");
  for (const owner of [0, BOB, 0x8001]) refused(parent, CHILD, owner, L.STATUS_REFUSED, "not the owner");
  refused(parent, PARENT, ALICE, L.ERROR_EMPTY, "other type");
  refused(parent + 4, 0, ALICE, L.ERROR_EMPTY, "an empty slot");
  for (const forged of [root, parent, (children[0] ?? 0) + 4, 64, 0xffffffff]) {
    heap.u32[(parent + 8) >>> 2] = forged;
    refused(parent + 8, 0, ALICE, L.ERROR_EMPTY, `a slot that says 0x${forged.toString(16)}`);
  }
  borrow(parent, 0, ALICE, BOB);
  refused(parent, 0, ALICE, L.STATUS_REFUSED, "lent");
  refused(parent, 0, BOB, L.STATUS_REFUSED, "its reader");
  endBorrow(parent, BOB);
  pin(parent, ALICE);
  refused(parent, 0, ALICE, L.STATUS_REFUSED, "pinned");
  unpin(parent);
  assert.is(take(parent, 0, ALICE), children[0], "type 0 is any");
  refused(parent, 0, ALICE, L.ERROR_EMPTY, "the second time");
  expectClean(heap);
});

test("slots: what their owner scribbles over them changes nothing but where its own children are found", () => {
  const heap = newHeap(SMALL);
  const { take, put, move, dropAll } = heap.exports;
  const { parent, children } = family(heap, 3);
  const { children: others } = family(heap, 1);
  const [a = 0, b = 0, c = 0] = children;
  heap.u32.set([b, b, others[0] ?? 0, c], parent >>> 2);
  expectClean(heap);
  assert.is(take(parent + 8, 0, ALICE), 0, "another parent's child");
  assert.is(take(parent, 0, ALICE), b);
  assert.is(take(parent + 4, 0, ALICE), 0, "the same child again");
  assert.is(put(parent + 4, b, ALICE), 0);
  assert.is(take(parent + 12, 0, ALICE), c, "any slot that names it");
  expectClean(heap);
  heap.u32.fill(0, parent >>> 2, (parent + 256) >>> 2);
  assert.is(move(parent, 0, ALICE, BOB), 0);
  assert.equal(
    [a, b, c].map((base) => heap.exports.ownerOf(base)),
    [BOB, BOB, ALICE],
    "children go with their parent whether a slot names them or not",
  );
  expectClean(heap);
  assert.is(dropAll(BOB), 3);
  expectClean(heap);
});

test("move: a whole tree of any shape, and both accounts", () => {
  for (const make of [tree, (heap: SharedHeap) => chain(heap, 50), (heap: SharedHeap) => Object.values(family(heap, 64)).flat()]) {
    const heap = newHeap(SMALL);
    const bases = make(heap);
    const total = account(heap, ALICE);
    assert.is(total[0], bases.length);
    assert.is(heap.exports.move(bases[0] ?? 0, 0, ALICE, BOB), 0);
    assert.ok(bases.every((base) => heap.exports.ownerOf(base) === BOB));
    assert.equal(account(heap, BOB), total);
    assert.equal(account(heap, ALICE), [0, 0]);
    expectClean(heap);
    for (const child of bases.slice(1)) {
      unchanged(heap, () => heap.exports.move(child, 0, BOB, CAROL), L.STATUS_REFUSED, "a child by itself");
      unchanged(heap, () => heap.exports.drop(child, BOB), L.STATUS_REFUSED, "a child by itself");
      unchanged(heap, () => heap.exports.free(child), L.STATUS_REFUSED, "a child by itself");
    }
  }
});

test("move: an odd and an even number of children, each of them the one that is lent or pinned", () => {
  for (let count = 1; count <= 9; count++) {
    const heap = newHeap(SMALL);
    const { parent, children } = family(heap, count);
    const { move, borrow, endBorrow, pin, unpin } = heap.exports;
    for (const each of [parent, ...children]) {
      borrow(each, 0, ALICE, CAROL);
      unchanged(heap, () => move(parent, 0, ALICE, BOB), L.STATUS_REFUSED, "lent");
      endBorrow(each, CAROL);
      pin(each, ALICE);
      unchanged(heap, () => move(parent, 0, ALICE, BOB), L.STATUS_REFUSED, "pinned");
      unchanged(heap, () => move(parent, 0, ALICE, ALICE), L.STATUS_REFUSED, "pinned, to oneself");
      unpin(each);
    }
    assert.is(move(parent, 0, ALICE, BOB), 0);
    expectClean(heap);
  }
});

test("move: the tree is undone wherever in it a lent or pinned object is", () => {
  const heap = newHeap(SMALL);
  const bases = tree(heap);
  const { move, borrow, endBorrow, pin, unpin } = heap.exports;
  const root = bases[0] ?? 0;
  for (const each of bases) {
    borrow(each, 0, ALICE, CAROL);
    unchanged(heap, () => move(root, 0, ALICE, BOB), L.STATUS_REFUSED, "lent");
    endBorrow(each, CAROL);
    pin(each, ALICE);
    unchanged(heap, () => move(root, 0, ALICE, BOB), L.STATUS_REFUSED, "pinned");
    unpin(each);
  }
  assert.is(move(root, 0, ALICE, BOB), 0);
  expectClean(heap);
});

test("move: the receiver's quota is for the whole tree, in bytes and in objects", () => {
  for (const bases of [tree, (heap: SharedHeap) => Object.values(family(heap, 7)).flat()]) {
    const heap = newHeap(SMALL);
    const all = bases(heap);
    const [objects, bytes] = account(heap, ALICE);
    const root = all[0] ?? 0;
    heap.exports.domainOpen(9, 0x4009, bytes - 1, objects);
    heap.exports.domainOpen(10, 0x400a, bytes, objects - 1);
    heap.exports.domainOpen(11, 0x400b, bytes, objects);
    unchanged(heap, () => heap.exports.move(root, 0, ALICE, 0x4009), L.STATUS_REFUSED, "a byte short");
    unchanged(heap, () => heap.exports.move(root, 0, ALICE, 0x400a), L.STATUS_REFUSED, "an object short");
    assert.is(heap.exports.move(root, 0, ALICE, 0x400b), 0);
    assert.is(heap.exports.move(root, 0, 0x400b, 0x400b), 0, "to oneself with a full quota");
    expectClean(heap);
  }
});

test("borrow: of a tree or a subtree is of every object in it, and ends for all of them", () => {
  const heap = newHeap(SMALL);
  const bases = tree(heap);
  const { borrow, endBorrow, canRead } = heap.exports;
  const readable = (reader: number): number[] => bases.flatMap((base, i) => (canRead(base, reader) === 1 ? [i] : []));
  const [root = 0, left = 0] = bases;
  assert.is(borrow(left, CHILD, ALICE, BOB), 0);
  assert.equal(readable(BOB), [1, 2, 3]);
  assert.is(borrow(root, CHILD, ALICE, CAROL), 0);
  assert.equal(readable(CAROL), [0, 1, 2, 3, 4, 5, 6]);
  assert.is(borrow(left, CHILD, BOB, DAVE), 0, "a reader lends on what it reads");
  const reads = heap.stats().borrows;
  assert.is(borrow(root, CHILD, BOB, DAVE), L.STATUS_REFUSED, "but not what is above that");
  assert.is(heap.stats().borrows, reads);
  expectClean(heap);
  for (const slot of bases) {
    unchanged(heap, () => heap.exports.take(slot, 0, ALICE), 0, "nothing leaves what is lent");
    const stranger = newObject(heap, 64, CHILD);
    unchanged(heap, () => heap.exports.put(slot + 16, stranger, ALICE), L.STATUS_REFUSED, "nothing comes into what is lent");
  }
  assert.is(endBorrow(left, BOB), 0);
  assert.equal(readable(BOB), []);
  assert.is(endBorrow(root, CAROL), 0);
  assert.equal(readable(CAROL), []);
  assert.equal(readable(DAVE), [1, 2, 3]);
  assert.is(endBorrow(left, DAVE), 0);
  assert.is(heap.stats().borrows, 0);
  assert.is(heap.exports.move(root, 0, ALICE, BOB), 0);
  expectClean(heap);
});

test("borrow: of a tree that needs more rows than are left is refused, and every object is as it was", () => {
  const heap = newHeap(SMALL);
  const { put, borrow, move, endAllBorrows, canRead } = heap.exports;
  const bases = chain(heap, 2000);
  const lent: number[] = [];
  for (;;) {
    const base = newObject(heap, 64, PARENT);
    if (borrow(base, 0, ALICE, BOB) !== 0) break;
    lent.push(base);
  }
  for (const base of lent.splice(0, 1000)) heap.exports.endBorrow(base, BOB);
  const before = heap.stats();
  assert.is(borrow(bases[0] ?? 0, 0, ALICE, BOB), L.STATUS_REFUSED);
  assert.equal(heap.stats(), before);
  assert.ok(bases.every((base) => canRead(base, BOB) === 0));
  expectClean(heap);
  assert.is(put((bases[1999] ?? 0) + 4, newObject(heap, 64, CHILD), ALICE), 0, "nothing of it is lent");
  assert.is(move(bases[0] ?? 0, 0, ALICE, CAROL), 0);
  endAllBorrows(BOB);
  expectClean(heap);
});

test("drop, free: the whole tree goes, whatever its shape", () => {
  for (const make of [tree, (heap: SharedHeap) => chain(heap, 50), (heap: SharedHeap) => Object.values(family(heap, 64)).flat()]) {
    for (const how of ["drop", "free", "dropAll"] as const) {
      const heap = newHeap(SMALL);
      const kept = tree(heap, BOB);
      const bases = make(heap);
      const root = bases[0] ?? 0;
      if (how === "drop") assert.is(heap.exports.drop(root, ALICE), 0);
      if (how === "free") assert.is(heap.exports.free(root), 0);
      if (how === "dropAll") assert.is(heap.exports.dropAll(ALICE), bases.length);
      assert.ok(bases.every((base) => heap.exports.ownerOf(base) === 0));
      assert.is(heap.stats().liveObjects, kept.length);
      expectClean(heap);
    }
  }
});

for (const how of ["drop", "dropAll"] as const) {
  test(`${how}: what is lent of a tree stays whole for its reader and goes when he returns it`, () => {
    const heap = newHeap(SMALL);
    const bases = tree(heap);
    const [root = 0, left = 0, leftA = 0] = bases;
    const { borrow, endBorrow, canRead, ownerOf, drop, dropAll } = heap.exports;
    borrow(left, 0, ALICE, BOB);
    borrow(leftA, 0, BOB, CAROL);
    if (how === "drop") assert.is(drop(root, ALICE), 0);
    else assert.is(dropAll(ALICE), 7);
    assert.equal(
      bases.map((base) => ownerOf(base)),
      [0, L.KERNEL_ID, L.KERNEL_ID, L.KERNEL_ID, 0, 0, 0],
    );
    assert.equal([heap.stats().orphans, account(heap, L.KERNEL_ID)[0]], [3, 3]);
    const entry = heap.u32[(L.GRANULES + (left >>> L.GRANULE_SHIFT) * 4) >>> 2] ?? 0;
    for (const slot of [left, left + 4]) {
      const child = heap.u32[slot >>> 2] ?? 0;
      const of = heap.u32[(L.GRANULES + (child >>> L.GRANULE_SHIFT) * 4) >>> 2] ?? 0;
      assert.is(heap.u32[(of + L.ENTRY_PARENT) >>> 2], entry, "the reader still finds the children");
    }
    expectClean(heap);
    assert.is(endBorrow(left, BOB), 0);
    assert.equal([ownerOf(left), ownerOf(leftA), canRead(leftA, CAROL)], [0, L.KERNEL_ID, 1], "Carol has her part still");
    assert.is(heap.stats().orphans, 1);
    expectClean(heap);
    assert.is(endBorrow(leftA, CAROL), 0);
    assert.is(heap.stats().liveObjects, 0);
    expectClean(heap);
  });

  test(`${how}: what is pinned of a tree becomes a root of its own until the last unpin`, () => {
    const heap = newHeap(SMALL);
    const bases = tree(heap);
    const [root = 0, left = 0, , leftB = 0] = bases;
    const { pin, unpin, drop, dropAll, ownerOf } = heap.exports;
    for (const base of [left, leftB]) pin(base, ALICE);
    pin(leftB, ALICE);
    if (how === "drop") assert.is(drop(root, ALICE), 0);
    else assert.is(dropAll(ALICE), 7);
    assert.is(heap.stats().liveObjects, 2);
    expectClean(heap);
    unpin(left);
    assert.equal([ownerOf(left), ownerOf(leftB)], [0, L.KERNEL_ID]);
    expectClean(heap);
    unpin(leftB);
    unpin(leftB);
    assert.is(heap.stats().liveObjects, 0);
    expectClean(heap);
  });
}

test("drop: a root that is lent is refused, one that is pinned leaves its children", () => {
  const heap = newHeap(SMALL);
  const { parent, children } = family(heap, 3);
  const { drop, borrow, endBorrow, pin, unpin } = heap.exports;
  borrow(parent, 0, ALICE, BOB);
  unchanged(heap, () => drop(parent, ALICE), L.STATUS_REFUSED, "lent");
  endBorrow(parent, BOB);
  pin(parent, ALICE);
  assert.is(drop(parent, ALICE), 0);
  assert.equal([heap.exports.ownerOf(parent), ...children.map((base) => heap.exports.ownerOf(base))], [L.KERNEL_ID, 0, 0, 0]);
  expectClean(heap);
  unpin(parent);
  assert.is(heap.stats().liveObjects, 0);
  expectClean(heap);
});

test("endBorrow: ends what is there, also when a part of the tree had been returned before", () => {
  const heap = newHeap(SMALL);
  const [root = 0, left = 0, leftA = 0] = tree(heap);
  const { borrow, endBorrow, take, canRead, move } = heap.exports;
  borrow(root, 0, ALICE, BOB);
  assert.is(endBorrow(left, BOB), 0);
  assert.is(take(left, 0, ALICE), leftA, "what is not lent any more can be changed");
  expectClean(heap);
  unchanged(heap, () => endBorrow(leftA, BOB), L.STATUS_REFUSED, "nothing to end");
  assert.is(endBorrow(root, BOB), 0);
  assert.equal([canRead(root, BOB), heap.stats().borrows], [0, 0]);
  assert.is(move(root, 0, ALICE, BOB), 0);
  expectClean(heap);
});

test("endAllBorrows: ends a dead reader's borrows of trees, also of orphans", () => {
  const heap = newHeap(SMALL);
  const bases = tree(heap);
  heap.exports.borrow(bases[0] ?? 0, 0, ALICE, BOB);
  heap.exports.borrow(bases[1] ?? 0, 0, BOB, BOB);
  heap.exports.dropAll(ALICE);
  assert.is(heap.stats().orphans, 7);
  assert.is(heap.exports.endAllBorrows(BOB), 10);
  assert.is(heap.stats().liveObjects, 0);
  expectClean(heap);
});

test("trees: a list of a million objects is built, moved, lent in part and dropped", () => {
  const heap = newHeap(256 * MIB);
  const { alloc, put, move, drop, dropAll, domainOpen, borrow } = heap.exports;
  const COUNT = 1_000_000;
  for (const [slot, id, most] of [
    [20, 0x4014, COUNT],
    [21, 0x4015, COUNT],
    [22, 0x4016, COUNT - 1],
  ] as const) {
    assert.is(domainOpen(slot, id, 128 * MIB, most), 0);
  }
  const build = (): number => {
    const root = alloc(0x4014, 1, 64);
    for (let i = 1, last = root; i < COUNT; i++) {
      const next = alloc(0x4014, 1, 64);
      if (put(last, next, 0x4014) !== 0) assert.unreachable(`object ${i}`);
      last = next;
    }
    return root;
  };
  for (const end of ["drop", "dropAll"]) {
    const root = build();
    assert.is(borrow(root, 0, 0x4014, BOB), L.STATUS_REFUSED, "more than can be lent");
    assert.is(move(root, 1, 0x4014, 0x4016), L.STATUS_REFUSED, "an object short");
    assert.is(move(root, 1, 0x4014, 0x4015), 0);
    assert.equal(account(heap, 0x4015), [COUNT, COUNT * 64]);
    if (end === "drop") assert.is(drop(root, 0x4015), 0);
    else assert.is(dropAll(0x4015), COUNT);
    assert.equal([heap.stats().liveObjects, heap.stats().borrows], [0, 0]);
    expectClean(heap);
  }
});

test.run();
