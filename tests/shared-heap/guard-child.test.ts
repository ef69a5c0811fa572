/** The guard's `child`: what a slot's word must name to be believed, whatever the slot's owner wrote there. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { SharedHeap } from "../../shared-heap/heap.ts";
import * as L from "../../shared-heap/layout.ts";
import { takeRefusal } from "./refusals.ts";
import { ALICE, BOB, CAROL, expectClean, guardOf, MIB, newHeap, traps } from "./support.ts";

const PARENT = 7;
const CHILD = 8;
const OTHER = 9;
const SLOT = 16;

type Child = (slot: number, type: number) => number;

function childOf(heap: SharedHeap, id: number, debug: boolean = false): Child {
  const { child } = guardOf(heap, id, { debug }) as unknown as { readonly child: Child };
  return child;
}

/** An object with one child in SLOT. */
function family(heap: SharedHeap, owner: number = ALICE): { readonly parent: number; readonly child: number } {
  const parent = heap.exports.alloc(owner, PARENT, 256);
  const child = heap.exports.alloc(owner, CHILD, 64);
  assert.is(heap.exports.put(parent + SLOT, child, owner), 0);
  return { parent, child };
}

test("child: the owner of the parent is told the child's base, of that type only", () => {
  const heap = newHeap();
  const { parent, child } = family(heap);
  const at = childOf(heap, ALICE);
  assert.is(at(parent + SLOT, CHILD), child);
  assert.is(at(parent + SLOT, OTHER), 0);
  assert.is(at(parent + SLOT, 0), 0);
  assert.is(at(parent + SLOT + 4, CHILD), 0);
});

test("child: a reader of the parent is told, a domain without a right traps", () => {
  const heap = newHeap();
  const { parent, child } = family(heap);
  traps(() => childOf(heap, BOB)(parent + SLOT, CHILD));
  assert.equal(takeRefusal(heap, BOB), { kind: L.REFUSED_RIGHT, address: parent + SLOT, owner: ALICE });
  assert.is(heap.exports.borrow(parent, PARENT, ALICE, BOB), 0);
  assert.is(childOf(heap, BOB)(parent + SLOT, CHILD), child);
  assert.is(childOf(heap, ALICE)(parent + SLOT, CHILD), child);
  traps(() => childOf(heap, CAROL)(parent + SLOT, CHILD));
  takeRefusal(heap, CAROL);
  expectClean(heap);
});

test("child: a slot that its owner scribbled on names nothing but a child of that very object, by its base", () => {
  const heap = newHeap();
  const { parent, child } = family(heap);
  const cousin = family(heap);
  const root = heap.exports.alloc(ALICE, CHILD, 64);
  const foreign = heap.exports.alloc(BOB, CHILD, 64);
  const at = childOf(heap, ALICE);
  const { store32 } = guardOf(heap, ALICE);
  const false_ = [cousin.child, root, foreign, parent, child + 4, child - 64, child + 64, 1, 64, L.GRANULES, heap.maxBytes - 4];
  for (const word of [...false_, heap.maxBytes, heap.maxBytes + 64, 0x7fffffff, 0x80000000, 0xffffffff]) {
    store32(parent + SLOT, word);
    for (const type of [CHILD, PARENT, 0]) assert.is(at(parent + SLOT, type), 0, `0x${word.toString(16)}`);
  }
  // The child's base in any other word of the parent is as good: the tree is what the heap's own words say.
  store32(parent + 128, child);
  assert.is(at(parent + 128, CHILD), child);
  store32(cousin.parent + 128, child);
  assert.is(at(cousin.parent + 128, CHILD), 0);
});

test("child: one that was taken, moved with its new owner or dropped is a child no more", () => {
  const heap = newHeap();
  const { parent, child } = family(heap);
  const at = childOf(heap, ALICE);
  const { store32 } = guardOf(heap, ALICE);
  assert.is(heap.exports.take(parent + SLOT, CHILD, ALICE), child);
  const again = () => {
    store32(parent + SLOT, child);
    // Of a free entry the type's word links free entries: no value of it may pass.
    const entry = heap.u32[(L.GRANULES >>> 2) + (child >>> 6)] as number;
    const type = heap.u32[(entry + L.ENTRY_TYPE) >>> 2] as number;
    return [at(parent + SLOT, CHILD), at(parent + SLOT, type)];
  };
  assert.equal(again(), [0, 0]);
  assert.is(heap.exports.move(child, CHILD, ALICE, BOB), 0);
  assert.equal(again(), [0, 0]);
  assert.is(heap.exports.drop(child, BOB), 0);
  assert.equal(again(), [0, 0]);
});

test("child: a slot is rounded down to its word, and the debug guard traps instead", () => {
  const heap = newHeap();
  const { parent, child } = family(heap);
  for (const off of [1, 2, 3]) {
    assert.is(childOf(heap, ALICE)(parent + SLOT + off, CHILD), child);
    traps(() => childOf(heap, ALICE, true)(parent + SLOT + off, CHILD));
    assert.equal(takeRefusal(heap, ALICE), { kind: L.REFUSED_ALIGNMENT, address: parent + SLOT + off, owner: 0 });
  }
});

test("child: beyond the heap's end neither a slot nor the word in one can stand for false tables", () => {
  const heap = newHeap(128 * MIB);
  // Addresses from 64 MiB up to 4 GiB have their granule words where objects may lie; this one's name false entries inside it.
  const parent = heap.exports.alloc(ALICE, PARENT, 8 * MIB);
  const at = childOf(heap, ALICE);
  const beyond = ((parent + 4096 - L.GRANULES) >>> 2) * 64;
  assert.ok(beyond >= heap.maxBytes);
  const parentEntry = heap.u32[(L.GRANULES >>> 2) + (parent >>> 6)] as number;
  const entry = parent + 64;
  const words = [ALICE, beyond, 64, CHILD, 0, 0, 0, 0, parentEntry, 0, 0, 0, 0, 0, 0, 0];
  for (const [i, value] of words.entries()) heap.u32[(entry >>> 2) + i] = value;
  heap.u32[(parent + 4096) >>> 2] = entry;
  heap.u32[parent >>> 2] = beyond;
  assert.is(at(parent, CHILD), 0, "the word");
  traps(() => at(beyond, CHILD), "the slot");
});

test.run();
