/** HandleTable alone: numbers, generations and quota, against a model. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Exporter, type HandleEntry, HandleTable, MAX_HANDLES, Waiting } from "../../host/kernel/handles/handles.ts";

const test = suite("handle table");

const EXPORTER = { name: "nobody", unfinished: new Waiting() } as Exporter;

test("HandleTable gives a number to one entry at a time, finds what is there, and nothing that is not", () => {
  const table = new HandleTable(200, new Waiting());
  const live = new Map<number, HandleEntry>();
  const dead: number[] = [];
  let seed = 1;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  for (let i = 0; i < 20_000; i++) {
    if (random(2) === 0 && table.hasRoom) {
      const entry = table.insert(1 + random(3), EXPORTER, 1 + i, random(2) === 0);
      assert.ok(entry.handle > 0 && !live.has(entry.handle));
      live.set(entry.handle, entry);
    } else {
      const [handle, entry] = [...live][random(Math.max(1, live.size))] ?? [];
      if (handle === undefined || entry === undefined) continue;
      table.remove(entry);
      table.remove(entry);
      live.delete(handle);
      dead.push(handle);
    }
    assert.is(table.live, live.size);
    const gone = dead[random(Math.max(1, dead.length))] ?? 0;
    for (const type of [1, 2, 3]) if (!live.has(gone)) assert.is(table.find(gone, type), undefined);
  }
  for (const [handle, entry] of live) {
    assert.is(table.find(handle, entry.type), entry);
    assert.is(table.find(handle, entry.type + 1), undefined);
    assert.is(table.find(handle + 0x10000, entry.type), undefined);
  }
  assert.equal(
    table.clear(),
    [...live.values()].filter(({ isOwn }) => isOwn).sort((a, b) => (a.handle & 0xffff) - (b.handle & 0xffff)),
  );
});

test("HandleTable has room for the largest quota, and not for more", () => {
  const table = new HandleTable(MAX_HANDLES, new Waiting());
  for (let i = 0; i < MAX_HANDLES; i++) {
    assert.ok(table.hasRoom);
    table.insert(1, EXPORTER, 1, true);
  }
  assert.not.ok(table.hasRoom);
});

test("a number comes back after all generations of its index, positive as ever, and never sooner", () => {
  const table = new HandleTable(2, new Waiting());
  const seen = new Set<number>();
  let again = 0;
  let wrong = 0;
  // Indices take turns, some 65 of them.
  for (let i = 0; i < 66 * 0x8000; i++) {
    const entry = table.insert(1, EXPORTER, 1, true);
    if (entry.handle <= 0 || (entry.handle & 0xffff) === 0) wrong++;
    if (seen.has(entry.handle)) again++;
    else if (again > 0) wrong++;
    seen.add(entry.handle);
    table.remove(entry);
  }
  assert.is(wrong, 0, "all that come back come after all that are new");
  assert.ok(seen.size >= 65 * 0x7fff);
});

test.run();
