/**
 * What the heap is when the stack ends in the middle of its operations: each is tried at every depth near the end of the
 * stack, with frames of several sizes, and must either not have begun or have run to its end.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { SharedHeap } from "../../shared-heap/heap.ts";
import { ALICE, BOB, expectClean, newHeap } from "./support.ts";

/** Depth of the recursion so far, and the depth from which each frame runs the operation. */
let depth = 0;
let edge = Number.POSITIVE_INFINITY;
let operation: () => void = () => undefined;
let overflows = 0;
let passed = 0;

function attempt(): void {
  try {
    operation();
    passed += 1;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    overflows += 1;
  }
}

/** Small frames down to the stack's end; near it, the operation at every depth. */
function down(): void {
  depth += 1;
  if (depth >= edge) attempt();
  down();
}

/** The same after a frame of some other size, so that the end is met at other offsets. */
function shifted(...shift: number[]): number {
  depth = 0;
  try {
    if (shift.length > 0) shiftFrame(...shift);
    else down();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return depth;
}

function shiftFrame(..._: number[]): void {
  down();
}

/** Runs the operation at the last 300 depths, for 40 shifts of the stack; the depth is measured on the same path. */
function atTheEdge(tried: () => void): void {
  for (let i = 0; i < 40; i++) {
    const shift = new Array<number>(i).fill(1);
    const before = [overflows, passed] as const;
    operation = () => undefined;
    edge = 0;
    edge = shifted(...shift) - 300;
    [overflows, passed] = before;
    operation = tried;
    shifted(...shift);
  }
}

const OPERATIONS: Readonly<Record<string, (heap: SharedHeap) => () => void>> = {
  "alloc and free, small":
    ({ exports }) =>
    () =>
      void exports.free(exports.alloc(ALICE, 1, 64)),
  "alloc and free, with a new span each":
    ({ exports }) =>
    () => {
      exports.trim();
      exports.free(exports.alloc(ALICE, 1, 4096));
    },
  "alloc and free, large":
    ({ exports }) =>
    () =>
      void exports.free(exports.alloc(ALICE, 1, 200_000)),
  move: ({ exports }) => {
    const base = exports.alloc(ALICE, 1, 64);
    return () => {
      exports.move(base, 1, ALICE, BOB);
      exports.move(base, 1, BOB, ALICE);
    };
  },
  "borrow and endBorrow": ({ exports }) => {
    const base = exports.alloc(ALICE, 1, 64);
    return () => {
      exports.borrow(base, 1, ALICE, BOB);
      exports.borrow(base, 1, BOB, ALICE);
      exports.endBorrow(base, BOB);
      exports.endBorrow(base, ALICE);
    };
  },
  "put, take, move and drop of trees":
    ({ exports }) =>
    () => {
      const [root, child, leaf] = [exports.alloc(ALICE, 1, 64), exports.alloc(ALICE, 1, 64), exports.alloc(ALICE, 1, 64)];
      exports.put(child, leaf, ALICE);
      exports.put(root, child, ALICE);
      exports.move(root, 1, ALICE, BOB);
      exports.take(child, 1, BOB);
      exports.drop(root, BOB);
      exports.dropAll(BOB);
      exports.dropAll(ALICE);
    },
  dropAll:
    ({ exports }) =>
    () => {
      for (const size of [64, 64, 4096, 100_000]) exports.alloc(ALICE, 1, size);
      const lent = exports.alloc(ALICE, 1, 64);
      exports.borrow(lent, 1, ALICE, BOB);
      exports.dropAll(ALICE);
      exports.endAllBorrows(BOB);
    },
};

for (const [name, prepare] of Object.entries(OPERATIONS)) {
  test(`stack overflow in ${name}: the heap stays consistent`, () => {
    const heap = newHeap();
    const tried = prepare(heap);
    for (let i = 0; i < 200; i++) tried();
    [overflows, passed] = [0, 0];
    atTheEdge(tried);
    expectClean(heap);
    assert.ok(overflows > 40 && passed > 40, `${overflows} ended, ${passed} passed`);
    heap.exports.endAllBorrows(BOB);
    heap.exports.endAllBorrows(ALICE);
    heap.exports.dropAll(ALICE);
    heap.exports.dropAll(BOB);
    assert.is(heap.stats().liveObjects, 0);
    expectClean(heap);
  });
}

test.run();
