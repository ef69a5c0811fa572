/** Single loads and stores through the guard: every width at every offset around edges, every kind of right, forged pointers. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { SharedHeap } from "../../shared-heap/heap.ts";
import * as L from "../../shared-heap/layout.ts";
import { takeRefusal } from "./refusals.ts";
import { ALICE, BOB, CAROL, DAVE, expectClean, type Guard, guardOf, MIB, newHeap, traps } from "./support.ts";

const WIDTHS = [1, 2, 4, 8, 16] as const;
type Width = (typeof WIDTHS)[number];

/** The bytes that a load of this width returns, lowest address first. */
function load(guard: Guard, width: Width, p: number): number[] {
  const halves = (): readonly bigint[] => {
    if (width === 16) return guard.loadv128(p);
    if (width === 8) return [guard.load64(p)];
    return [BigInt((width === 4 ? guard.load32(p) : width === 2 ? guard.load16(p) : guard.load8(p)) >>> 0)];
  };
  const each = Math.min(width, 8);
  return halves().flatMap((half) => Array.from({ length: each }, (_, i) => Number((half >> BigInt(8 * i)) & 0xffn)));
}

function store(guard: Guard, width: Width, p: number, byte: number): void {
  const all = BigInt.asIntN(64, BigInt(byte) * 0x0101010101010101n);
  if (width === 16) guard.storev128(p, all, all);
  else if (width === 8) guard.store64(p, all);
  else if (width === 4) guard.store32(p, Number(BigInt.asIntN(32, all)));
  else if (width === 2) guard.store16(p, Number(all & 0xffffn));
  else guard.store8(p, byte);
}

/** Three neighbouring objects of one granule each: Bob's, Alice's, Bob's; every byte holds its own address's low bits. */
function neighbours(heap: SharedHeap, size: number): [before: number, mine: number, after: number] {
  const bases = [heap.exports.alloc(BOB, 1, size), heap.exports.alloc(ALICE, 1, size), heap.exports.alloc(BOB, 1, size)] as const;
  for (const base of bases) for (let i = 0; i < Math.ceil(size / 64) * 64; i++) heap.u8[base + i] = (base + i) % 251;
  return [...bases];
}

for (const debug of [false, true]) {
  const kind = debug ? "debug guard" : "release guard";
  for (const size of [64, 100, 640]) {
    test(`${kind}: loads of every width at every offset around the edges of an object of ${size} bytes`, () => {
      const heap = newHeap();
      const [before, mine, after] = neighbours(heap, size);
      const room = Math.ceil(size / 64) * 64;
      assert.is(mine - before, after - mine);
      const guard = guardOf(heap, ALICE, { debug });
      for (const width of WIDTHS) {
        for (let p = mine - 70; p < mine + room + 70; p++) {
          const at = p - (p % width);
          const what = `width ${width} at ${p - mine}`;
          if (at >= mine && at < mine + room && (!debug || at === p)) {
            assert.equal(
              load(guard, width, p),
              Array.from({ length: width }, (_, i) => (at + i) % 251),
              what,
            );
          } else {
            traps(() => load(guard, width, p), what);
          }
        }
      }
    });

    test(`${kind}: stores of every width at every offset change nothing but the own object of ${size} bytes`, () => {
      const heap = newHeap();
      const [, mine] = neighbours(heap, size);
      const room = Math.ceil(size / 64) * 64;
      const guard = guardOf(heap, ALICE, { debug });
      for (const width of WIDTHS) {
        for (let p = mine - 70; p < mine + room + 70; p++) {
          const at = p - (p % width);
          const expected = heap.u8.slice(mine - 640, mine + 1280);
          if (at >= mine && at < mine + room && (!debug || at === p)) {
            expected.fill(0xc3, 640 + at - mine, 640 + at - mine + width);
            store(guard, width, p, 0xc3);
          } else {
            traps(() => store(guard, width, p, 0xc3), `width ${width} at ${p - mine}`);
          }
          assert.is(Buffer.compare(expected, heap.u8.subarray(mine - 640, mine + 1280)), 0, `width ${width} at ${p - mine}`);
        }
      }
      expectClean(heap);
    });
  }
}

test("guard: the gap between staggered objects belongs to nobody", () => {
  const heap = newHeap();
  const base = heap.exports.alloc(ALICE, 1, 4096);
  heap.exports.alloc(ALICE, 1, 4096);
  const guard = guardOf(heap, ALICE);
  guard.load32(base + 4092);
  for (let p = base + 4096; p < base + 4096 + L.STAGGER_BYTES; p += 16) {
    traps(() => guard.load32(p));
    traps(() => guard.store32(p, 1));
  }
});

interface Right {
  readonly name: string;
  readonly reads: boolean;
  readonly writes: boolean;
  /** Makes the object for Alice's guard to access. */
  readonly make: (heap: SharedHeap) => number;
}

const RIGHTS: readonly Right[] = [
  { name: "owned", reads: true, writes: true, make: (h) => h.exports.alloc(ALICE, 1, 4096) },
  {
    name: "owned and pinned",
    reads: true,
    writes: true,
    make: (h) => then(h.exports.alloc(ALICE, 1, 4096), (b) => h.exports.pin(b, ALICE)),
  },
  {
    name: "owned and lent",
    reads: true,
    writes: false,
    make: (h) => then(h.exports.alloc(ALICE, 1, 4096), (b) => h.exports.borrow(b, 1, ALICE, BOB)),
  },
  {
    name: "borrowed",
    reads: true,
    writes: false,
    make: (h) => then(h.exports.alloc(BOB, 1, 4096), (b) => h.exports.borrow(b, 1, BOB, ALICE)),
  },
  { name: "borrowed by three", reads: true, writes: false, make: (h) => lentTo(h, [CAROL, ALICE, DAVE]) },
  {
    name: "borrowed twice, one ended",
    reads: true,
    writes: false,
    make: (h) => then(lentTo(h, [ALICE, ALICE]), (b) => h.exports.endBorrow(b, ALICE)),
  },
  { name: "borrowed, its owner dead", reads: true, writes: false, make: (h) => then(lentTo(h, [ALICE]), () => h.exports.dropAll(BOB)) },
  {
    name: "lent and given back",
    reads: true,
    writes: true,
    make: (h) => then(h.exports.alloc(ALICE, 1, 4096), (b) => [h.exports.borrow(b, 1, ALICE, BOB), h.exports.endBorrow(b, BOB)]),
  },
  { name: "foreign", reads: false, writes: false, make: (h) => h.exports.alloc(BOB, 1, 4096) },
  { name: "lent to others", reads: false, writes: false, make: (h) => lentTo(h, [CAROL, DAVE]) },
  {
    name: "borrowed and ended",
    reads: false,
    writes: false,
    make: (h) => then(lentTo(h, [CAROL, ALICE]), (b) => h.exports.endBorrow(b, ALICE)),
  },
  {
    name: "moved away",
    reads: false,
    writes: false,
    make: (h) => then(h.exports.alloc(ALICE, 1, 4096), (b) => h.exports.move(b, 1, ALICE, BOB)),
  },
  {
    name: "moved away and back",
    reads: true,
    writes: true,
    make: (h) => then(h.exports.alloc(ALICE, 1, 4096), (b) => [h.exports.move(b, 1, ALICE, BOB), h.exports.move(b, 1, BOB, ALICE)]),
  },
  { name: "freed", reads: false, writes: false, make: (h) => then(h.exports.alloc(ALICE, 1, 4096), (b) => h.exports.free(b)) },
  {
    name: "freed, its span given back",
    reads: false,
    writes: false,
    make: (h) => then(h.exports.alloc(ALICE, 1, 4096), (b) => [h.exports.free(b), h.exports.trim()]),
  },
  {
    name: "freed and another's now",
    reads: false,
    writes: false,
    make: (h) => then(h.exports.alloc(ALICE, 1, 4096), (b) => [h.exports.free(b), h.exports.alloc(BOB, 1, 4096)]),
  },
  {
    name: "orphaned by Alice",
    reads: false,
    writes: false,
    make: (h) => then(h.exports.alloc(ALICE, 1, 4096), (b) => [h.exports.borrow(b, 1, ALICE, BOB), h.exports.dropAll(ALICE)]),
  },
  { name: "the kernel's", reads: false, writes: false, make: (h) => h.exports.alloc(L.KERNEL_ID, 1, 4096) },
];

function then(base: number, act: (base: number) => unknown): number {
  act(base);
  return base;
}

function lentTo(heap: SharedHeap, readers: readonly number[]): number {
  const base = heap.exports.alloc(BOB, 1, 4096);
  for (const reader of readers) assert.is(heap.exports.borrow(base, 1, BOB, reader), 0);
  return base;
}

for (const { name, reads, writes, make } of RIGHTS) {
  test(`guard: an object that is ${name}: reads ${reads ? "pass" : "trap"}, writes ${writes ? "pass" : "trap"}, in every function`, () => {
    const heap = newHeap();
    const own = heap.exports.alloc(DAVE, 1, 4096);
    const base = make(heap);
    heap.exports.move(own, 1, DAVE, ALICE);
    for (const debug of [false, true]) {
      const guard = guardOf(heap, ALICE, { debug });
      const can = (allowed: boolean, access: () => unknown, what: string): void => void (allowed ? access() : traps(access, what));
      for (const width of WIDTHS) {
        can(reads, () => load(guard, width, base + 64), `load ${width}`);
        can(writes, () => store(guard, width, base + 64, 7), `store ${width}`);
      }
      for (const n of [1, 16, 4096]) {
        can(reads, () => guard.copyIn(0, base, n), `copyIn ${n}`);
        can(writes, () => guard.copyOut(base, 0, n), `copyOut ${n}`);
        can(reads, () => guard.copyShared(own, base, n), `copyShared from ${n}`);
        can(writes, () => guard.copyShared(base, own, n), `copyShared to ${n}`);
        can(writes, () => guard.fill(base, 1, n), `fill ${n}`);
      }
      can(reads, () => assert.is(guard.sizeOf(base + 100), 4096), "sizeOf");
      can(reads, () => assert.is(guard.typeOf(base + 100), 1), "typeOf");
    }
    expectClean(heap);
  });
}

test("guard: rights of a dead generation do not reach its successor in the same slot", () => {
  const heap = newHeap();
  const lent = lentTo(heap, [ALICE]);
  const old = guardOf(heap, ALICE);
  old.load32(lent);
  heap.exports.dropAll(ALICE);
  heap.exports.endAllBorrows(ALICE);
  assert.is(heap.exports.domainClose(1), 0);
  assert.is(heap.exports.domainOpen(1, 0x8001, MIB, 10), 0);
  const next = guardOf(heap, 0x8001);
  const own = heap.exports.alloc(0x8001, 1, 64);
  next.store32(own, 5);
  traps(() => old.load32(own), "the dead reads the living's");
  traps(() => next.load32(lent), "the living reads what the dead had borrowed");
});

test("guard: forged pointers trap in every function: tables, header, free heap, beyond the memory", () => {
  const heap = newHeap();
  const guard = guardOf(heap, ALICE);
  const mine = heap.exports.alloc(ALICE, 1, 4096);
  const word = (offset: number): number => heap.u32[offset >>> 2] ?? 0;
  const forged = [
    ...[0, 1, 63, 64, L.CPU_LINES, L.FRAMES, L.DOMAINS, L.DOMAINS + L.DOMAIN_SIZE, L.BORROWS, L.GRANULES],
    ...[L.GRANULES + (mine >>> 6) * 4, word(L.H_OBJECT_TABLE), word(L.H_SPAN_TABLE), word(L.H_HEAP_BASE) - 64, mine - 64, mine + 8192],
    ...[
      heap.maxBytes - 64,
      heap.maxBytes - 1,
      heap.maxBytes,
      heap.maxBytes + 64,
      heap.maxBytes * 2,
      0x7fffffff,
      0x80000000,
      0xfffffff0,
      0xffffffff,
    ],
  ];
  for (const p of forged) {
    const what = `0x${p.toString(16)}`;
    for (const width of WIDTHS) {
      traps(() => load(guard, width, p), `load ${width} ${what}`);
      traps(() => store(guard, width, p, 1), `store ${width} ${what}`);
    }
    for (const n of [1, 64, 5000, 70_000, 0x7fffffff, 0xffffffff]) {
      traps(() => guard.copyIn(0, p, n), `copyIn ${what} ${n}`);
      traps(() => guard.copyOut(p, 0, n), `copyOut ${what} ${n}`);
      traps(() => guard.copyShared(p, mine, n), `copyShared to ${what} ${n}`);
      traps(() => guard.copyShared(mine, p, n), `copyShared from ${what} ${n}`);
      traps(() => guard.fill(p, 0, n), `fill ${what} ${n}`);
    }
    traps(() => guard.sizeOf(p), `sizeOf ${what}`);
    traps(() => guard.typeOf(p), `typeOf ${what}`);
  }
  expectClean(heap);
});

test("guard: a false granule table beyond the memory's end, written by the domain itself, opens nothing", () => {
  const heap = newHeap(8 * MIB);
  const guard = guardOf(heap, ALICE);
  const mine = heap.exports.alloc(ALICE, 1, MIB);
  // Addresses from 64 MiB up have their granule words inside this object; each names a false entry inside it.
  const entry = mine + 64;
  for (let i = 0; i < MIB; i += 4) heap.u32[(mine + i) >>> 2] = entry;
  const words = [ALICE, 0, 0xffffffff, 0x1234, 0, 0, 0, 0];
  for (const [i, value] of words.entries()) heap.u32[(entry >>> 2) + i] = value;
  const p = ((mine + 4096 - L.GRANULES) >>> 2) * 64;
  assert.ok(p > heap.maxBytes);
  const secret = heap.u8.slice(0, mine);
  for (const width of WIDTHS) {
    traps(() => load(guard, width, p));
    traps(() => store(guard, width, p, 0xff));
  }
  for (const n of [1, 4096, 5000, 70_000, 0xffffffff]) {
    traps(() => guard.copyIn(0, p, n));
    traps(() => guard.copyOut(p, 0, n));
    traps(() => guard.copyShared(p, mine, n));
    traps(() => guard.copyShared(mine, p, n));
    traps(() => guard.fill(p, 1, n));
  }
  traps(() => guard.sizeOf(p), "sizeOf must not return words near the domain's own id");
  traps(() => guard.typeOf(p));
  takeRefusal(heap, ALICE);
  assert.is(Buffer.compare(secret, heap.u8.subarray(0, mine)), 0);
});

test("guard: status and result words of the own record only; out of range traps", () => {
  const heap = newHeap();
  const guard = guardOf(heap, ALICE);
  const record = (L.DOMAINS + L.DOMAIN_SIZE) >>> 2;
  for (let i = 0; i < 4; i++) heap.u32[record + (L.DOMAIN_STATUS >>> 2) + i] = 100 + i;
  for (let i = 0; i < 4; i++) assert.is(guard.status(i), 100 + i);
  for (let i = 0; i < 16; i++) guard.setResult(i, 1000 + i);
  for (let i = 0; i < 16; i++) {
    assert.is(guard.result(i), 1000 + i);
    assert.is(heap.u32[record + (L.DOMAIN_RESULTS >>> 2) + i], 1000 + i);
  }
  const before = heap.u8.slice(0, L.GRANULES);
  for (const i of [4, 16, 0x7fffffff, 0x80000000, 0xffffffff]) traps(() => guard.status(i), `status ${i}`);
  for (const i of [16, 17, 0x10000000, 0x7fffffff, 0x80000000, 0xffffffff]) {
    traps(() => guard.result(i), `result ${i}`);
    traps(() => guard.setResult(i, -1), `setResult ${i}`);
  }
  assert.is(Buffer.compare(before, heap.u8.subarray(0, L.GRANULES)), 0);
  assert.is(guardOf(heap, BOB).result(0), 0, "another domain has its own");
});

test.run();
