/**
 * The move that a proxy's text does by itself, held against the heap's own: the same random programs, with forged arguments, trees, loans, pins,
 * quotas near their limits and heaps of several CPUs, and after every move the same words in every table that a move may change.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { moveStatement } from "../../host/kernel/calls/object-text.ts";
import { recordIndex } from "../../host/kernel/words.ts";
import type { HeapExports, SharedHeap } from "../../shared-heap/heap.ts";
import * as L from "../../shared-heap/layout.ts";
import { report } from "../shared-heap/model/machine.ts";
import { programOf } from "../shared-heap/model/program.ts";
import { ALICE, BOB, emptyHeap, expectClean, MIB, newHeap } from "../shared-heap/support.ts";

const PROGRAMS = 24;
const LENGTH = 1000;
const ME = { id: "me", record: "caller" };
const CALLEE = { id: "id", record: "record" };

type Move = HeapExports["move"];

/** What a proxy does for one argument, as a function; `heapMove` is called where the text does not move by itself. */
function textMove({ i32, maxBytes }: SharedHeap, heapMove: Move): Move {
  const made = new Map<number, (...values: unknown[]) => number>();
  return (base, type, from, to) => {
    const text = moveStatement({ base: "a0", type, from: ME, to: CALLEE }, `return ${L.STATUS_REFUSED};`, maxBytes);
    const move =
      made.get(type) ??
      (new Function("i32", "move", "me", "caller", "id", "record", "a0", `"use strict"; ${text} return 0;`) as () => number);
    made.set(type, move);
    return move(i32, heapMove, from, recordIndex(from & L.DOMAIN_SLOT_MASK), to, recordIndex(to & L.DOMAIN_SLOT_MASK), base);
  };
}

/** The heap with another `move`. */
function withMove(heap: SharedHeap, move: Move): SharedHeap {
  return Object.create(heap, { exports: { value: { ...heap.exports, move } } }) as SharedHeap;
}

/** All that a move may change, as one number: the header, the accounts, the entry. */
function digest({ i32, maxBytes }: SharedHeap, base: number): number {
  let hash = 0x811c9dc5;
  const add = (first: number, words: number): void => {
    for (let at = first; at < first + words; at++) hash = Math.imul(hash ^ (i32[at] ?? 0), 0x01000193);
  };
  add(L.H_MAGIC >> 2, 112);
  add(L.DOMAINS >> 2, 310 * (L.DOMAIN_SIZE >> 2));
  if (base >>> 0 < maxBytes) add((i32[(L.GRANULES >> 2) + (base >>> L.GRANULE_SHIFT)] ?? 0) >>> 2, L.ENTRY_SIZE >> 2);
  return hash;
}

test(`moveStatement: over ${PROGRAMS * LENGTH} random operations it answers and leaves behind what the heap's move does`, () => {
  let [alone, asked] = [0, 0];
  for (let seed = 1; seed <= PROGRAMS; seed++) {
    const histories = [true, false].map((isText) => {
      const history: number[] = [];
      const newHeap = (): SharedHeap => {
        const heap = emptyHeap(L.MIN_HEAP_BYTES);
        let calls = 0;
        const counted: Move = (...args) => {
          calls++;
          return heap.exports.move(...args);
        };
        const text = textMove(heap, counted);
        return withMove(heap, (base, type, from, to) => {
          calls = 0;
          const answer = (isText ? text : counted)(base, type, from, to);
          if (isText && calls === 0) alone++;
          if (isText && calls > 0) asked++;
          history.push(answer, digest(heap, base));
          return answer;
        });
      };
      const problem = report(programOf(seed, LENGTH), { auditEvery: 50, newHeap });
      assert.is(problem, undefined, problem);
      return history;
    });
    assert.equal(histories[0], histories[1], `program ${seed}`);
  }
  assert.ok(alone > 200, `${alone} moves by the text alone`);
  assert.ok(asked > 200, `${asked} moves that the heap was asked for`);
});

interface Scene {
  readonly heap: SharedHeap;
  readonly base: number;
  /** The text's move of the object with type 7, and how often the heap was asked for it. */
  move(base?: number, from?: number, to?: number): { readonly answer: number; readonly asked: number };
}

function scene(): Scene {
  const heap = newHeap(16 * MIB);
  let asked = 0;
  const move = textMove(heap, (...args) => {
    asked++;
    return heap.exports.move(...args);
  });
  const object = heap.exports.alloc(ALICE, 7, 100);
  return {
    heap,
    base: object,
    move(base = object, from = ALICE, to = BOB) {
      asked = 0;
      return { answer: move(base, 7, from, to), asked };
    },
  };
}

test("moveStatement: a root without claims is moved without a call, and is the receiver's in the accounts too", () => {
  const { heap, base, move } = scene();
  const account = (slot: number): number[] => [...heap.i32.subarray(recordIndex(slot) + 2, recordIndex(slot) + 4)];
  assert.equal(account(1), [128, 1]);
  assert.equal(move(base), { answer: 0, asked: 0 });
  assert.is(heap.exports.ownerOf(base), BOB);
  assert.equal(
    [account(1), account(2)],
    [
      [0, 0],
      [128, 1],
    ],
  );
  expectClean(heap);
});

const CLAIMS: Readonly<Record<string, (heap: SharedHeap, base: number) => void>> = {
  "an object of another": ({ exports }, base) => exports.move(base, 7, ALICE, BOB),
  "a lent object": ({ exports }, base) => exports.borrow(base, 7, ALICE, BOB),
  "a pinned object": ({ exports }, base) => exports.pin(base, ALICE),
  "a freed object": ({ exports }, base) => exports.free(base),
  "an object of another type": ({ exports }, base) => {
    exports.free(base);
    assert.is(exports.alloc(ALICE, 8, 100), base);
  },
  "a child": ({ exports }, base) => exports.put(exports.alloc(ALICE, 9, 64), base, ALICE),
  "what a receiver without room for its bytes gets": ({ i32 }) => {
    i32[recordIndex(2) + (L.DOMAIN_MAX_BYTES >> 2)] = 127;
  },
  "what a receiver without room for one more object gets": ({ i32 }) => {
    i32[recordIndex(2) + (L.DOMAIN_MAX_OBJECTS >> 2)] = 0;
  },
  "what a receiver gets that is above its quota already": ({ i32 }) => {
    i32[recordIndex(2) + (L.DOMAIN_BYTES_USED >> 2)] = 1024;
    i32[recordIndex(2) + (L.DOMAIN_MAX_BYTES >> 2)] = 512;
  },
  "what a dead receiver gets": ({ exports }) => exports.domainClose(2),
};

for (const [what, claim] of Object.entries(CLAIMS)) {
  test(`moveStatement: ${what} is the heap's to refuse, and nothing changes`, () => {
    const { heap, base, move } = scene();
    claim(heap, base);
    const before = digest(heap, base);
    assert.equal(move(base), { answer: L.STATUS_REFUSED, asked: 1 });
    assert.is(digest(heap, base), before);
  });
}

test("moveStatement: whatever number stands for an object, what is none of the caller's is refused", () => {
  const { heap, base, move } = scene();
  const tables = [0, 4, 64, L.DOMAINS, L.GRANULES, L.GRANULES + 4, L.BORROWS, heap.maxBytes - 64, heap.maxBytes, 0x7fffffff];
  const inside = [base + 1, base + 4, base + 64, base - 64];
  const odd = [-1, -base, 0x80000000, 0xffffffff, base + 0x100000000, base + 0.5, Number.NaN, Number.POSITIVE_INFINITY];
  for (const forged of [...tables, ...inside, ...odd.map((n) => n | 0)]) {
    if ((forged | 0) === base) continue;
    assert.is(move(forged).answer, L.STATUS_REFUSED, `${forged}`);
    assert.is(move(forged, 0, BOB).answer, L.STATUS_REFUSED, `${forged} of nobody`);
  }
  assert.is(heap.exports.ownerOf(base), ALICE);
  expectClean(heap);
});

test("moveStatement: a tree, and any object of a heap that several CPUs share, is moved by the heap alone", () => {
  const tree = scene();
  tree.heap.exports.put(tree.base, tree.heap.exports.alloc(ALICE, 9, 64), ALICE);
  assert.equal(tree.move(), { answer: 0, asked: 1 });
  expectClean(tree.heap);
  const shared = scene();
  shared.heap.exports.share();
  assert.equal(shared.move(), { answer: 0, asked: 1 });
  expectClean(shared.heap);
});

test.run();
