/** The audit must see every kind of damage: each test plants one in a busy, clean heap and expects it to be named. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CLASS_GRANULES } from "../../shared-heap/audit/blocks.ts";
import { auditHeap } from "../../shared-heap/audit.ts";
import type { SharedHeap } from "../../shared-heap/heap.ts";
import * as L from "../../shared-heap/layout.ts";
import { ALICE, BOB, CAROL, MIB, newHeap } from "./support.ts";

interface Scene {
  readonly heap: SharedHeap;
  /** 4096 bytes, Alice's, lent to Bob and Carol. */
  readonly lent: number;
  /** 64 bytes, Alice's. */
  readonly plain: number;
  /** 64 bytes, freed, with its entry still in the span's list. */
  readonly freed: number;
  /** 200 000 bytes, Bob's. */
  readonly large: number;
  /** 64 bytes, the kernel's since its owner died. */
  readonly orphan: number;
  /** 64 bytes, Carol's, with two children of 64 bytes. */
  readonly parent: number;
  readonly children: readonly [number, number];
  get(offset: number): number;
  set(offset: number, value: number): void;
  entry(base: number): number;
  span(base: number): number;
}

function scene(): Scene {
  const heap = newHeap(16 * MIB);
  const { alloc, borrow, free, dropAll, pin, put } = heap.exports;
  heap.exports.domainOpen(5, 0x4005, MIB, 10);
  const orphan = alloc(0x4005, 1, 64);
  pin(orphan, 0);
  dropAll(0x4005);
  const [lent, plain, freed, large] = [alloc(ALICE, 1, 4096), alloc(ALICE, 2, 64), alloc(ALICE, 2, 64), alloc(BOB, 3, 200_000)];
  borrow(lent, 1, ALICE, BOB);
  borrow(lent, 1, ALICE, CAROL);
  const parent = alloc(CAROL, 4, 64);
  const children = [alloc(CAROL, 5, 64), alloc(CAROL, 5, 64)] as const;
  for (const [i, child] of children.entries()) assert.is(put(parent + 4 * i, child, CAROL), 0);
  free(freed);
  free(alloc(BOB, 1, 300_000)); // leaves a spare entry
  const get = (offset: number): number => heap.u32[offset >>> 2] ?? 0;
  return {
    heap,
    lent,
    plain,
    freed,
    large,
    orphan,
    parent,
    children,
    get,
    set(offset, value) {
      heap.u32[offset >>> 2] = value;
    },
    entry: (base) => get(L.GRANULES + (base >>> L.GRANULE_SHIFT) * 4),
    span: (base) => get(L.H_SPAN_TABLE) + ((base - get(L.H_HEAP_BASE)) >>> L.SPAN_SHIFT) * L.SPAN_RECORD_SIZE,
  };
}

test("auditHeap: a clean busy heap has no problems, and the sums are right", () => {
  const { heap } = scene();
  const audit = auditHeap(heap);
  assert.equal(audit.problems, []);
  assert.ok(audit.ok);
  assert.is(audit.liveObjects, 7);
  assert.equal([...audit.byOwner].toSorted(), [
    [L.KERNEL_ID, { objects: 1, bytes: 64 }],
    [ALICE, { objects: 2, bytes: 4160 }],
    [BOB, { objects: 1, bytes: 200_000 }],
    [CAROL, { objects: 3, bytes: 192 }],
  ]);
});

test("auditHeap: its size classes are the allocator's", () => {
  const heap = newHeap();
  assert.is(CLASS_GRANULES.length, L.SIZE_CLASSES);
  for (const [i, granules] of CLASS_GRANULES.entries()) {
    const base = heap.exports.alloc(ALICE, 1, granules * 64);
    const span = (heap.u32[L.H_SPAN_TABLE >>> 2] ?? 0) + ((base - (heap.u32[L.H_HEAP_BASE >>> 2] ?? 0)) >>> 16) * L.SPAN_RECORD_SIZE;
    assert.is(heap.u32[span >>> 2], L.SPAN_SMALL + i, `${granules} granules`);
  }
  assert.ok(auditHeap(heap).ok);
});

type Damage = readonly [name: string, plant: (scene: Scene) => void, expected: RegExp];

const DAMAGE: readonly Damage[] = [
  ["magic number", (s) => s.set(L.H_MAGIC, 1), /wrong magic/],
  ["heap base that lies in the tables", (s) => s.set(L.H_HEAP_BASE, L.GRANULES), /overlap/],
  ["null entry that is not zero", (s) => s.set(L.ENTRY_OWNER, ALICE), /null entry/],
  ["owner that does not exist", (s) => s.set(s.entry(s.plain), 0x8003), /does not exist/],
  ["owner changed behind the accounts", (s) => s.set(s.entry(s.plain), BOB), /account says/],
  ["owner cleared without a free", (s) => s.set(s.entry(s.plain), 0), /in no free list/],
  ["free block that has an owner", (s) => s.set(s.entry(s.freed), ALICE), /in a free list/],
  ["size that does not fit its class", (s) => s.set(s.entry(s.plain) + L.ENTRY_BYTES, 65), /size 65/],
  ["base of another block", (s) => s.set(s.entry(s.plain) + L.ENTRY_BASE, s.plain + 64), /base is not/],
  ["large object outside its spans", (s) => s.set(s.entry(s.large) + L.ENTRY_BYTES, 400_000), /outside its spans/],
  ["granule of an object that names another", (s) => s.set(L.GRANULES + ((s.lent >>> 6) + 3) * 4, s.entry(s.plain)), /names another entry/],
  [
    "granule of the padding that names an object",
    (s) => s.set(L.GRANULES + ((s.lent + 4096) >>> 6) * 4, s.entry(s.lent)),
    /without an object/,
  ],
  ["granule of the tables that names an object", (s) => s.set(L.GRANULES + (L.DOMAINS >>> 6) * 4, s.entry(s.plain)), /without an object/],
  ["granule that names no entry", (s) => s.set(L.GRANULES + (s.plain >>> 6) * 4, s.entry(s.plain) + 4), /which is no entry/],
  ["one entry for two blocks", (s) => s.set(L.GRANULES + (s.freed >>> 6) * 4, s.entry(s.plain)), /names two blocks/],
  ["account of bytes", (s) => s.set(L.DOMAINS + L.DOMAIN_SIZE + L.DOMAIN_BYTES_USED, 1), /account says 1 bytes/],
  ["account of objects", (s) => s.set(L.DOMAINS + L.DOMAIN_SIZE + L.DOMAIN_OBJECTS_USED, 9), /account says 9 objects/],
  ["account above its quota", (s) => s.set(L.DOMAINS + L.DOMAIN_SIZE + L.DOMAIN_MAX_BYTES, 64), /more than its quota/],
  [
    "account of spans, too few",
    (s) => s.set(L.DOMAINS + L.DOMAIN_SIZE + L.DOMAIN_OPEN_SPANS, 0),
    /says 0 spans with a free block, it opened 1/,
  ],
  [
    "account of spans, too many",
    (s) => s.set(L.DOMAINS + 2 * L.DOMAIN_SIZE + L.DOMAIN_OPEN_SPANS, 1),
    /says 1 spans with a free block, it opened 0/,
  ],
  ["opener of a span", (s) => s.set(s.span(s.lent) + L.SPAN_OPENER, BOB), /says 0 spans with a free block, it opened 1/],
  ["closed account with spans", (s) => s.set(L.DOMAINS + 99 * L.DOMAIN_SIZE + L.DOMAIN_OPEN_SPANS, 1), /not empty/],
  ["closed account with objects", (s) => s.set(L.DOMAINS + 99 * L.DOMAIN_SIZE + L.DOMAIN_OBJECTS_USED, 1), /not empty/],
  ["id in another slot", (s) => s.set(L.DOMAINS + 99 * L.DOMAIN_SIZE, 0x4001), /in slot 99/],
  ["LENT bit missing", (s) => s.set(s.entry(s.lent), ALICE), /lent: false/],
  ["LENT bit without readers", (s) => s.set(s.entry(s.plain), (ALICE | L.LENT) >>> 0), /lent: true/],
  ["row of another object", (s) => s.set(s.entry(s.orphan) + L.ENTRY_ROW, s.get(s.entry(s.lent) + L.ENTRY_ROW)), /lent: false/],
  ["row outside the table", (s) => s.set(s.entry(s.lent) + L.ENTRY_ROW, 0x10), /is no row/],
  ["reader in another's place", (s) => s.set(s.get(s.entry(s.lent) + L.ENTRY_READERS), 0x4004), /not the place/],
  ["reader that does not exist", (s) => s.set(s.get(s.entry(s.lent) + L.ENTRY_READERS), 0xc000 + 3), /does not exist/],
  [
    "list of readers in a circle",
    (s) => s.set(s.get(s.entry(s.lent) + L.ENTRY_READERS) + L.BORROW_NEXT, s.get(s.entry(s.lent) + L.ENTRY_READERS)),
    /list of readers holds/,
  ],
  ["list of readers cut short", (s) => s.set(s.get(s.entry(s.lent) + L.ENTRY_READERS) + L.BORROW_NEXT, 0), /node of no object/],
  [
    "node of another object",
    (s) => s.set(s.get(s.entry(s.lent) + L.ENTRY_READERS) + L.BORROW_ENTRY, s.entry(s.plain)),
    /names another object/,
  ],
  ["count of a row", (s) => s.set(L.BORROWS + s.get(s.entry(s.lent) + L.ENTRY_ROW) + L.BORROW_COUNT, 5 << 16), /row's object has 2/],
  ["node in the null row", (s) => s.set(L.BORROWS + 3 * L.BORROW_SIZE, BOB), /node of no object/],
  ["lock that nobody gave back", (s) => s.set(L.LOCK, 1), /changing the tables/],
  ["retired row on a heap of one CPU", (s) => s.set(L.H_ROWS_NOW, L.MOVED_ROW), /there is one CPU/],
  ["retired row without a mark", (s) => s.set(L.H_ROWS_BEFORE, L.MOVED_ROW), /not marked as retired/],
  ["retired row that is none", (s) => s.set(L.H_ROWS_BEFORE, L.MOVED_ROW + 4), /list of retired rows holds/],
  ["retired row that an object has", (s) => s.set(L.H_ROWS_NOW, s.get(s.entry(s.lent) + L.ENTRY_ROW)), /list of retired rows holds/],
  [
    "retired rows in a circle",
    (s) => {
      s.set(L.H_ROWS_NOW, L.MOVED_ROW);
      s.set(L.ROW_LINKS + L.MOVED_ROW / 2, L.MOVED_ROW);
    },
    /list of retired rows holds/,
  ],
  [
    "retired row with another's node",
    (s) => {
      s.set(L.H_ROWS_NOW, L.MOVED_ROW);
      s.set(L.ROW_LINKS + L.MOVED_ROW / 2 + L.ROW_LINK_NODES, s.get(s.entry(s.lent) + L.ENTRY_READERS));
    },
    /retired row's list of nodes holds/,
  ],
  ["link of a row that nobody retired", (s) => s.set(L.ROW_LINKS + L.FIRST_ROW / 2, 64), /link of a row that is not retired/],
  ["number of borrows", (s) => s.set(L.H_BORROWS_LIVE, 7), /2 borrows have not ended/],
  ["orphan that is not the kernel's", (s) => s.set(s.entry(s.plain) + L.ENTRY_PINS, L.ORPHAN), /orphan that is not the kernel's/],
  ["orphan that nobody needs", (s) => s.set(s.entry(s.orphan) + L.ENTRY_PINS, L.ORPHAN), /nobody needs/],
  ["number of orphans", (s) => s.set(L.H_ORPHANS, 0), /1 orphans/],
  ["free list in a circle", (s) => s.set(s.entry(s.freed) + L.ENTRY_TYPE, s.entry(s.freed)), /free list holds/],
  ["free list into another span", (s) => s.set(s.span(s.plain) + L.SPAN_BLOCKS, s.entry(s.large)), /free list holds/],
  ["free block pinned", (s) => s.set(s.entry(s.freed) + L.ENTRY_PINS, 1), /still borrowed or pinned/],
  ["spare entries in a circle", (s) => s.set(s.get(L.H_ENTRY_FREE) + L.ENTRY_TYPE, s.get(L.H_ENTRY_FREE)), /spare entries holds/],
  ["spare entry lost", (s) => s.set(L.H_ENTRY_FREE, 0), /entries in use/],
  ["live blocks of a span", (s) => s.set(s.span(s.plain) + L.SPAN_LIVE, 1), /live/],
  ["span that left its list", (s) => s.set(L.H_CLASS_HEADS, 0), /in no list/],
  ["span in the list of another class", (s) => s.set(L.H_CLASS_HEADS + 4, s.get(L.H_CLASS_HEADS)), /list of size class 1/],
  ["list of spans in a circle", (s) => s.set(s.span(s.plain) + L.SPAN_NEXT, s.span(s.plain)), /broken list/],
  ["span of an unknown kind", (s) => s.set(s.span(s.plain), 0x77), /unknown kind/],
  ["span marked free under live objects", (s) => s.set(s.span(s.plain), L.SPAN_FREE), /without an object|below the hint/],
  ["large object whose second span is free", (s) => s.set(s.span(s.large) + L.SPAN_RECORD_SIZE, L.SPAN_FREE), /not marked as part/],
  ["number of spans in use", (s) => s.set(L.H_SPANS_USED, 0), /spans are in use/],
  ["number of live objects", (s) => s.set(L.H_LIVE_OBJECTS, 0), /7 objects live/],
  ["birth in the future", (s) => s.set(s.entry(s.plain) + L.ENTRY_BIRTH, 1000), /birth 1000 has not been/],
  ["no birth", (s) => s.set(s.entry(s.plain) + L.ENTRY_BIRTH, 0), /birth 0 has not been/],
  ["child without a parent", (s) => s.set(s.entry(s.children[0]) + L.ENTRY_PARENT, 0), /a root in a list of children/],
  ["child of another parent", (s) => s.set(s.entry(s.children[0]) + L.ENTRY_PARENT, s.entry(s.plain)), /which lists it/],
  ["parent that does not list its child", (s) => s.set(s.entry(s.plain) + L.ENTRY_PARENT, s.entry(s.lent)), /not in its parent's list/],
  ["parent that is free", (s) => s.set(s.entry(s.plain) + L.ENTRY_PARENT, s.entry(s.freed)), /not in its parent's list/],
  ["first child that is free", (s) => s.set(s.entry(s.plain) + L.ENTRY_FIRST, s.entry(s.freed)), /list of children holds/],
  ["first child of another parent", (s) => s.set(s.entry(s.large) + L.ENTRY_FIRST, s.entry(s.children[0])), /list of children holds/],
  ["list of children cut short", (s) => s.set(s.entry(s.children[1]) + L.ENTRY_NEXT, 0), /not in its parent's list/],
  ["list of children in a circle", (s) => s.set(s.entry(s.children[0]) + L.ENTRY_NEXT, s.entry(s.children[1])), /list of children holds/],
  ["neighbour before a child", (s) => s.set(s.entry(s.children[0]) + L.ENTRY_PREV, 0), /another neighbour before it/],
  ["last child", (s) => s.set(s.entry(s.parent) + L.ENTRY_LAST, s.entry(s.children[1])), /last child is not/],
  ["last child without a first", (s) => s.set(s.entry(s.plain) + L.ENTRY_LAST, s.entry(s.plain)), /no first/],
  ["root with a neighbour", (s) => s.set(s.entry(s.plain) + L.ENTRY_NEXT, s.entry(s.lent)), /a root with neighbours/],
  ["free block in a tree", (s) => s.set(s.entry(s.freed) + L.ENTRY_PARENT, s.entry(s.plain)), /still in a tree/],
  ["spare entry in a tree", (s) => s.set(s.get(L.H_ENTRY_FREE) + L.ENTRY_FIRST, s.entry(s.plain)), /still in a tree/],
  ["child of another owner", (s) => s.set(s.entry(s.children[0]), ALICE), /child of another owner's object/],
  [
    "object that is its own ancestor",
    (s) => {
      const [entry, child] = [s.entry(s.parent), s.entry(s.children[0])];
      s.set(entry + L.ENTRY_PARENT, child);
      s.set(child + L.ENTRY_FIRST, entry);
      s.set(child + L.ENTRY_LAST, entry);
    },
    /is its own ancestor/,
  ],
  ["number of live bytes", (s) => s.set(L.H_LIVE_BYTES, 0), /bytes live/],
];

for (const [name, plant, expected] of DAMAGE) {
  test(`auditHeap: finds damage: ${name}`, () => {
    const busy = scene();
    plant(busy);
    const { ok, problems } = auditHeap(busy.heap);
    assert.not(ok);
    assert.ok(
      problems.some((problem) => expected.test(problem)),
      problems.slice(0, 5).join("\n"),
    );
  });
}

test("auditHeap: comes to an end on random contents and reports at most a hundred problems", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { heap } = scene();
    let state = seed;
    for (let i = 0; i < 4000; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const region =
        [L.H_ENTRY_FRESH, L.BORROWS + L.FIRST_ROW, L.GRANULES, heap.u32[L.H_OBJECT_TABLE >>> 2] ?? 0, heap.u32[L.H_SPAN_TABLE >>> 2] ?? 0][
          i % 5
        ] ?? 0;
      heap.u32[(region >>> 2) + 1 + (state >>> 20)] = i % 3 === 0 ? state : (heap.u32[(region >>> 2) + (state >>> 22)] ?? 0);
    }
    const { ok, problems } = auditHeap(heap);
    assert.not(ok);
    assert.ok(problems.length > 0 && problems.length <= 100);
  }
});

test.run();
