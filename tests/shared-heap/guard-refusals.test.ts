/** What the guard leaves in a domain's record when it traps, so that its death can be explained. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as L from "../../shared-heap/layout.ts";
import { takeRefusal } from "./refusals.ts";
import { ALICE, BOB, type Guard, guardOf, newHeap, traps } from "./support.ts";

const NOTHING = { kind: 0, address: 0, owner: 0 };

type Access = readonly [name: string, access: (guard: Guard, p: number) => unknown];
const READS: readonly Access[] = [
  ["load8", (g, p) => g.load8(p)],
  ["load16", (g, p) => g.load16(p)],
  ["load32", (g, p) => g.load32(p)],
  ["load64", (g, p) => g.load64(p)],
  ["loadv128", (g, p) => g.loadv128(p)],
  ["copyIn", (g, p) => g.copyIn(0, p, 16)],
  ["sizeOf", (g, p) => g.sizeOf(p)],
  ["typeOf", (g, p) => g.typeOf(p)],
];
const WRITES: readonly Access[] = [
  ["store8", (g, p) => g.store8(p, 1)],
  ["store16", (g, p) => g.store16(p, 1)],
  ["store32", (g, p) => g.store32(p, 1)],
  ["store64", (g, p) => g.store64(p, 1n)],
  ["storev128", (g, p) => g.storev128(p, 1n, 1n)],
  ["copyOut", (g, p) => g.copyOut(p, 0, 16)],
  ["fill", (g, p) => g.fill(p, 1, 16)],
];

for (const debug of [false, true]) {
  const kind = debug ? "debug guard" : "release guard";
  test(`${kind}: a refused access leaves the address and the owner word that stood in its way`, () => {
    const heap = newHeap();
    const foreign = heap.exports.alloc(BOB, 1, 256);
    const lent = heap.exports.alloc(ALICE, 1, 256);
    const freed = heap.exports.alloc(ALICE, 1, 256);
    heap.exports.borrow(lent, 1, ALICE, BOB);
    heap.exports.drop(freed, ALICE);
    const guard = guardOf(heap, ALICE, { debug });
    for (const [name, access] of [...READS, ...WRITES]) {
      for (const [p, owner] of [
        [foreign + 16, BOB],
        [freed + 32, 0],
        [0, 0],
        [heap.maxBytes - 16, 0],
      ] as const) {
        traps(() => access(guard, p), name);
        assert.equal(takeRefusal(heap, ALICE), { kind: L.REFUSED_RIGHT, address: p, owner }, `${name} at ${p}`);
      }
    }
    for (const [name, access] of WRITES) {
      traps(() => access(guard, lent), name);
      assert.equal(takeRefusal(heap, ALICE), { kind: L.REFUSED_RIGHT, address: lent, owner: (L.LENT | ALICE) >>> 0 }, name);
    }
  });
}

test("guard: a range that leaves its object is noted as such", () => {
  const heap = newHeap();
  const mine = heap.exports.alloc(ALICE, 1, 200);
  const guard = guardOf(heap, ALICE);
  for (const access of [
    () => guard.copyIn(0, mine + 16, 185),
    () => guard.copyOut(mine + 16, 0, 185),
    () => guard.fill(mine + 16, 0, 0xffffffff),
    () => guard.copyShared(mine, mine + 16, 185),
  ]) {
    traps(access);
    assert.equal(takeRefusal(heap, ALICE), { kind: L.REFUSED_RANGE, address: mine + 16, owner: 0 });
  }
});

test("debug guard: a misaligned address is noted as such", () => {
  const heap = newHeap();
  const mine = heap.exports.alloc(ALICE, 1, 200);
  const guard = guardOf(heap, ALICE, { debug: true });
  for (const [name, access] of [...READS.slice(1, 5), ...WRITES.slice(1, 5)]) {
    traps(() => access(guard, mine + 17), name);
    assert.equal(takeRefusal(heap, ALICE), { kind: L.REFUSED_ALIGNMENT, address: mine + 17, owner: 0 }, name);
  }
});

test("guard: a refusal goes into the own record only, and what is allowed leaves none", () => {
  const heap = newHeap();
  const mine = heap.exports.alloc(ALICE, 1, 200);
  const guard = guardOf(heap, ALICE);
  for (const [, access] of [...READS, ...WRITES]) access(guard, mine);
  assert.equal(takeRefusal(heap, ALICE), NOTHING);
  const before = heap.u8.slice();
  traps(() => guard.load32(64));
  assert.is(takeRefusal(heap, ALICE).kind, L.REFUSED_RIGHT);
  assert.is(Buffer.compare(before, heap.u8), 0);
});

test.run();
