/**
 * Random operations on the heap and on a model of a few lines, compared step by step: 20 000 per seed, the audit every 100.
 * What the model does not know (where a block lies, whether memory suffices) is kept out by sizes and quotas.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { auditHeap } from "../../shared-heap/audit.ts";
import * as L from "../../shared-heap/layout.ts";
import { ALICE, BOB, CAROL, DAVE, expectClean, newHeap, random } from "./support.ts";

interface Thing {
  owner: number;
  readonly type: number;
  readonly size: number;
  readonly readers: number[];
  pins: number;
  orphan: boolean;
}

const OPERATIONS = 20_000;
const MAX_BYTES = 3 << 20;
const MAX_OBJECTS = 300;

function run(seed: number): void {
  const heap = newHeap();
  const next = random(seed);
  const { exports, u8 } = heap;
  // Domains with small quotas, in slots far apart, so that rows of borrow nodes collide now and then.
  const domains = [5, 6, 7, 200, 16383].map((slot) => 0x4000 + slot);
  for (const id of domains) assert.is(exports.domainOpen(id & L.DOMAIN_SLOT_MASK, id, MAX_BYTES, MAX_OBJECTS), 0);
  for (const id of [ALICE, BOB, CAROL, DAVE]) assert.is(exports.domainClose(id & L.DOMAIN_SLOT_MASK), 0);
  const things = new Map<number, Thing>();
  const any = (): number => (things.size === 0 || next(20) === 0 ? next(33 << 20) & ~63 : ([...things.keys()][next(things.size)] ?? 0));
  const domain = (): number => (next(30) === 0 ? 0x8005 : (domains[next(domains.length)] ?? 0));
  const charge = (size: number): number => Math.ceil(size / 64) * 64;
  const used = (id: number): [objects: number, bytes: number] => {
    let [objects, bytes] = [0, 0];
    for (const thing of things.values()) if (thing.owner === id) [objects, bytes] = [objects + 1, bytes + charge(thing.size)];
    return [objects, bytes];
  };
  const hasRoom = (id: number, size: number): boolean => {
    const [objects, bytes] = used(id);
    return domains.includes(id) && objects < MAX_OBJECTS && bytes + charge(size) <= MAX_BYTES;
  };
  const mayRead = (thing: Thing, id: number): boolean => thing.owner === id || thing.readers.includes(id);
  const settle = (base: number, thing: Thing): void => {
    if (thing.orphan && thing.readers.length === 0 && thing.pins === 0) things.delete(base);
  };
  const expectCode = (code: number, allowed: boolean, what: string): boolean => {
    assert.is(code, allowed ? 0 : L.STATUS_REFUSED, what);
    return allowed;
  };

  for (let step = 0; step < OPERATIONS; step++) {
    const what = `seed ${seed}, step ${step}`;
    const base = any();
    const thing = things.get(base);
    const type = thing !== undefined && next(10) > 0 ? (next(2) === 0 ? 0 : thing.type) : 999;
    const [from, to] = [next(4) > 0 && thing !== undefined ? thing.owner : domain(), domain()];
    const choice = next(100);
    if (choice < 30) {
      const size = 1 + next([64, 600, 5000, 30_000, 200_000][next(5)] ?? 64);
      const allowed = hasRoom(to, size);
      const born = exports.alloc(to, 1 + next(5), size);
      assert.is(born !== 0, allowed, what);
      if (!allowed) continue;
      assert.ok(!things.has(born), what);
      assert.is(
        u8.subarray(born, born + size).findIndex((byte) => byte !== 0),
        -1,
        `${what}: not zeroed`,
      );
      u8.fill(0xa5, born, born + size);
      things.set(born, { owner: to, type: exports.typeOf(born), size, readers: [], pins: 0, orphan: false });
    } else if (choice < 48) {
      const allowed = thing !== undefined && thing.readers.length === 0 && thing.pins === 0;
      if (expectCode(exports.free(base), allowed, what)) things.delete(base);
    } else if (choice < 62) {
      const free = thing !== undefined && thing.owner === from && thing.readers.length === 0 && thing.pins === 0;
      const allowed = free && (type === 0 || type === thing.type) && (from === to || hasRoom(to, thing.size));
      if (expectCode(exports.move(base, type, from, to), allowed, what) && thing !== undefined) thing.owner = to;
    } else if (choice < 76) {
      const lender = next(3) === 0 ? (thing?.readers[next(thing.readers.length || 1)] ?? from) : from;
      const allowed = thing !== undefined && domains.includes(to) && (type === 0 || type === thing.type) && mayRead(thing, lender);
      if (expectCode(exports.borrow(base, type, lender, to), allowed, what)) thing?.readers.push(to);
    } else if (choice < 88) {
      const reader = next(4) > 0 ? (thing?.readers[0] ?? to) : to;
      const at = thing?.readers.indexOf(reader) ?? -1;
      if (!expectCode(exports.endBorrow(base, reader), at >= 0, what) || thing === undefined) continue;
      thing.readers.splice(at, 1);
      settle(base, thing);
    } else if (choice < 92) {
      const owner = next(2) === 0 ? 0 : from;
      const allowed = thing !== undefined && (owner === 0 || owner === thing.owner);
      if (expectCode(exports.pin(base, owner), allowed, what) && thing !== undefined) thing.pins += 1;
    } else if (choice < 97) {
      if (!expectCode(exports.unpin(base), thing !== undefined && thing.pins > 0, what) || thing === undefined) continue;
      thing.pins -= 1;
      settle(base, thing);
    } else if (choice < 98) {
      // The death of a domain: drop, end its borrows, close, and a new generation in the same slot.
      const index = next(domains.length);
      const id = domains[index] ?? 0;
      assert.is(exports.dropAll(id), used(id)[0], what);
      for (const [at, each] of [...things]) {
        if (each.owner !== id) continue;
        if (each.readers.length === 0 && each.pins === 0) things.delete(at);
        else [each.owner, each.orphan] = [L.KERNEL_ID, true];
      }
      let ended = 0;
      for (const [at, each] of [...things]) {
        for (let i = each.readers.indexOf(id); i >= 0; i = each.readers.indexOf(id), ended++) each.readers.splice(i, 1);
        settle(at, each);
      }
      assert.is(exports.endAllBorrows(id), ended, what);
      assert.is(exports.domainClose(id & L.DOMAIN_SLOT_MASK), 0, what);
      domains[index] = id + (1 << L.DOMAIN_SLOT_BITS);
      assert.is(exports.domainOpen(id & L.DOMAIN_SLOT_MASK, id + (1 << L.DOMAIN_SLOT_BITS), MAX_BYTES, MAX_OBJECTS), 0, what);
    } else {
      assert.is(exports.ownerOf(base), thing?.owner ?? 0, what);
      assert.is(exports.canRead(base, to), Number(thing !== undefined && mayRead(thing, to)), what);
      assert.is(exports.objectAt(base + next(thing?.size ?? 1)) === base, thing !== undefined, what);
    }
    if (step % 100 === 99) {
      expectClean(heap);
      const { liveObjects, byOwner } = auditHeap(heap);
      assert.is(liveObjects, things.size, what);
      for (const id of [...domains, L.KERNEL_ID]) {
        const { objects, bytes } = byOwner.get(id) ?? { objects: 0, bytes: 0 };
        assert.equal([objects, bytes], used(id), what);
      }
    }
  }

  for (const thing of things.values()) for (const reader of thing.readers) exports.endAllBorrows(reader);
  for (const [base, thing] of things) for (; thing.pins > 0; thing.pins--) exports.unpin(base);
  for (const id of domains) exports.dropAll(id);
  exports.trim();
  const { liveObjects, liveBytes, orphans, borrows, spansUsed } = heap.stats();
  assert.equal(
    { liveObjects, liveBytes, orphans, borrows, spansUsed },
    { liveObjects: 0, liveBytes: 0, orphans: 0, borrows: 0, spansUsed: 0 },
  );
  expectClean(heap);
}

for (const seed of [1, 20_260_501, 0x5eed]) {
  test(`heap: ${OPERATIONS} random operations agree with the model, seed ${seed}`, () => run(seed));
}

test.run();
