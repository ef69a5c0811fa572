/** What a domain finds when it is started again from a snapshot, and which domains never are. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createDomain } from "../../host/kernel/life/birth.ts";
import type { Seat } from "../../host/kernel/seat.ts";
import { attempt, deaths, domain, type Parts } from "../support/domain.ts";
import { host, restarts, type TestSystem, testSystem } from "../support/system.ts";

const test = suite("snapshots");

const PAGE = 65_536;
const LIMITS = { memoryPages: 8 };

/** Kills the present generation and starts the next; says what that started from. */
function again(t: TestSystem, seat: Seat): "init" | "snapshot" {
  if (seat.current !== undefined) t.system.kernel.kill(seat.current, "for the test");
  const birth = createDomain(t.system.kernel, seat);
  if (!birth.ok) throw new Error(birth.error.detail);
  return birth.domain.startedFrom;
}

async function mortal(t: TestSystem, parts: Parts): Promise<Seat> {
  return await t.add(domain("mortal", { recover: "", ...parts, limits: { ...LIMITS, ...parts.limits } }));
}

test("a domain that has a recover runs its start function and init once, and recover at each further birth", async () => {
  const t = await testSystem();
  const calls: number[] = [];
  const note = host({ run: (n = 0) => calls.push(n) });
  const seat = await mortal(t, {
    imports: { call: note },
    start: "(drop (call $call (i32.const 1)))",
    init: "(drop (call $call (i32.const 2)))",
    recover: "(drop (call $call (i32.const 3)))",
    exports: { quick: "(i32.const 4)" },
  });
  assert.equal(calls, [1, 2]);
  assert.is(again(t, seat), "snapshot");
  assert.is(again(t, seat), "snapshot");
  assert.equal(calls, [1, 2, 3, 3]);
  assert.is(attempt(t, "mortal", "quick", 0), "ok 4");
  await t.end();
});

test("memory is as init left it: what it wrote, what it set to zero over a data segment, and nothing that came later", async () => {
  const t = await testSystem();
  const seat = await mortal(t, {
    code: '(memory 4) (data (i32.const 8) "\\ff\\ff\\ff\\ff") (data (i32.const 70000) "\\07") (data (i32.const 140000) "\\05")',
    init: `(i32.store (i32.const 8) (i32.const 0)) (i32.store (i32.const 65532) (i32.const 41)) (i32.store (i32.const 262140) (i32.const 43))
      (i32.store8 (i32.const 70000) (i32.const 0))`,
    exports: {
      call: "(i32.load (local.get $n))",
      quick: "(i32.store (local.get $n) (i32.const 99)) (i32.const 0)",
    },
  });
  const places = [0, 8, 65_532, 70_000, 100_000, 140_000, 262_140];
  const expected = [0, 0, 41, 0, 0, 5, 43];
  for (let generation = 1; generation < 4; generation++) {
    assert.equal(
      places.map((at) => attempt(t, "mortal", "call", at)),
      expected.map((value) => `ok ${value}`),
      `generation ${generation}`,
    );
    for (const at of places) assert.is(attempt(t, "mortal", "quick", at), "ok 0");
    assert.is(again(t, seat), "snapshot");
  }
  await t.end();
});

test("memory that init has grown is there again at its size, and what grew later is not", async () => {
  const t = await testSystem();
  const seat = await mortal(t, {
    init: `(drop (memory.grow (i32.const 2))) (i32.store (i32.const ${3 * PAGE - 4}) (i32.const 7))`,
    exports: {
      call: "(memory.size)",
      quick: `(i32.load (i32.const ${3 * PAGE - 4}))`,
      circle: `(drop (memory.grow (local.get $n))) (i32.store (i32.const ${4 * PAGE - 4}) (i32.const 8)) (memory.size)`,
    },
  });
  for (let generation = 1; generation < 4; generation++) {
    assert.is(attempt(t, "mortal", "call", 0), "ok 3");
    assert.is(attempt(t, "mortal", "quick", 0), "ok 7");
    // Every other generation leaves a memory that its successor cannot use.
    if (generation % 2 === 1) assert.is(attempt(t, "mortal", "circle", 1), "ok 4");
    assert.is(again(t, seat), "snapshot");
  }
  await t.end();
});

test("a memory that init has grown to its maximum, and filled, is there again, and grows no further", async () => {
  const t = await testSystem();
  const seat = await mortal(t, {
    init: `(drop (memory.grow (i32.const 7))) (memory.fill (i32.const 0) (i32.const 0x5a) (i32.const ${8 * PAGE}))`,
    exports: { call: "(memory.grow (local.get $n))", quick: "(i32.load8_u (local.get $n))" },
  });
  for (let generation = 1; generation < 4; generation++) {
    assert.is(attempt(t, "mortal", "call", 0), "ok 8");
    assert.is(attempt(t, "mortal", "call", 1), "ok 4294967295");
    for (const at of [0, PAGE, 8 * PAGE - 1]) assert.is(attempt(t, "mortal", "quick", at), "ok 90");
    assert.is(again(t, seat), "snapshot");
  }
  await t.end();
});

/** Type, value in a new instance, value that init sets, value that a call sets later. */
const GLOBALS = [
  ["i32", "0", "-2147483648", "1"],
  ["i64", "5", "-9223372036854775808", "2"],
  ["i64", "0", "0x123456789abcdef", "2"],
  ["f32", "0", "0.1", "3"],
  ["f32", "1", "-0", "3"],
  ["f64", "0", "1e-310", "4"],
  ["f64", "0", "-inf", "4"],
  ["f64", "0", "nan", "4"],
  ["i32", "17", "17", "5"],
] as const;

test("mutable globals of every type have the values that init gave them", async () => {
  const t = await testSystem();
  const bits: Readonly<Record<string, string>> = { f32: "i32.reinterpret_f32", f64: "i64.reinterpret_f64" };
  const set = (column: 2 | 3): string => GLOBALS.map((row, i) => `(global.set $g${i} (${row[0]}.const ${row[column]}))`).join(" ");
  const isAsSet = GLOBALS.map(([type, , value], i) => {
    const convert = bits[type];
    const same =
      convert === undefined
        ? `(${type}.eq (global.get $g${i}) (${type}.const ${value}))`
        : `(${convert.slice(0, 3)}.eq (${convert} (global.get $g${i})) (${convert} (${type}.const ${value})))`;
    return `(i32.shl ${same} (i32.const ${i}))`;
  }).reduce((all, one) => `(i32.or ${all} ${one})`);
  const seat = await mortal(t, {
    code: `${GLOBALS.map(([type, value], i) => `(global $g${i} (mut ${type}) (${type}.const ${value}))`).join(" ")}
      (global $fixed i32 (i32.const 3))`,
    init: set(2),
    exports: { call: isAsSet, quick: `${set(3)} (global.get $fixed)` },
  });
  for (let generation = 1; generation < 4; generation++) {
    assert.is(attempt(t, "mortal", "call", 0), `ok ${2 ** GLOBALS.length - 1}`, `generation ${generation}`);
    assert.is(attempt(t, "mortal", "quick", 0), "ok 3");
    assert.not.equal(attempt(t, "mortal", "call", 0), `ok ${2 ** GLOBALS.length - 1}`);
    assert.is(again(t, seat), "snapshot");
  }
  await t.end();
});

test("tables that code does not change lead to the functions of the new generation", async () => {
  const t = await testSystem();
  const seat = await mortal(t, {
    code: `(type $number (func (result i32))) (table 4 funcref) (elem (i32.const 1) $state $seven)
      (func $state (result i32) (i32.load (i32.const 16))) (func $seven (result i32) (i32.const 7))`,
    init: "(i32.store (i32.const 16) (i32.const 6))",
    exports: {
      call: "(call_indirect (type $number) (local.get $n))",
      quick: "(i32.store (i32.const 16) (local.get $n)) (i32.const 0)",
    },
  });
  for (let generation = 1; generation < 4; generation++) {
    assert.is(attempt(t, "mortal", "call", 1), "ok 6");
    assert.is(attempt(t, "mortal", "call", 2), "ok 7");
    assert.is(attempt(t, "mortal", "quick", generation), "ok 0");
    assert.is(again(t, seat), "snapshot");
  }
  assert.is(attempt(t, "mortal", "call", 3), "trap mortal#4");
  await t.end();
});

/** State that no snapshot holds, and what its module is said to have. */
const BEYOND: Readonly<Record<string, readonly [code: string, init: string, reason: RegExp]>> = {
  vector: ["(global $v (mut v128) (v128.const i32x4 0 0 0 0))", "(global.set $v (v128.const i32x4 1 2 3 4))", /v128/],
  "table.init": ["(table 2 funcref) (elem $e func $one)", "(table.init $e (i32.const 0) (i32.const 0) (i32.const 1))", /tables/],
  "table.copy": ["(table 2 funcref) (elem (i32.const 0) $one)", "(table.copy (i32.const 1) (i32.const 0) (i32.const 1))", /tables/],
  "elem.drop": ["(table 2 funcref) (elem $e func $one)", "(elem.drop $e)", /segments/],
  "data.drop": ['(memory 1) (data $d "x")', "(data.drop $d)", /segments/],
};

test("a module with state that no snapshot holds is restarted by its init, and its record says why", async () => {
  const t = await testSystem();
  for (const [name, [code, change, reason]] of Object.entries(BEYOND)) {
    const seat = await t.add(
      domain("mortal", {
        code: `${code} (func $one) (global $inits (mut i32) (i32.const 0))`,
        init: `${change} (global.set $inits (i32.add (global.get $inits) (i32.const 1)))`,
        recover: "unreachable",
        exports: { call: "(global.get $inits)" },
      }),
    );
    assert.is(again(t, seat), "init", name);
    assert.is(attempt(t, "mortal", "call", 0), "ok 1", name);
    assert.match(t.system.loadRecord("mortal").beyondSnapshot ?? "", reason);
    t.system.destroy("mortal");
  }
  await t.end();
});

test("a domain without a recover, or whose row forbids snapshots, is restarted by its init", async () => {
  const t = await testSystem();
  const parts: Parts = { init: "(i32.store (i32.const 0) (i32.const 1))", exports: { call: "(i32.load (i32.const 0))" } };
  const plain = await t.add(domain("plain", parts));
  const forbidden = await t.add({ ...domain("forbidden", { ...parts, recover: "unreachable" }), snapshot: false });
  for (const seat of [plain, forbidden]) {
    assert.is(again(t, seat), "init");
    assert.is(seat.snapshot, undefined);
    assert.is(attempt(t, seat.spec.name, "call", 0), "ok 1");
  }
  assert.is(t.system.loadRecord("plain").beyondSnapshot, null);
  await t.end();
});

test("objects are not restored: the guard refuses what the memory says of them, and recover makes new ones", async () => {
  const t = await testSystem();
  const seat = await mortal(t, {
    guard: ["load32", "store32"],
    code: "(global $stale (mut i32) (i32.const 0)) (global $mine (mut i32) (i32.const 0))",
    init: "(global.set $stale (call $new)) (global.set $mine (call $new)) (call $store32 (global.get $mine) (i32.const 7))",
    // Something else takes the place of the first object, so that its base means nothing to this domain.
    recover: "(drop (call $newSlab)) (global.set $mine (call $new))",
    exports: { call: "(call $load32 (global.get $mine))", quick: "(call $load32 (i32.add (global.get $stale) (i32.const 8)))" },
  });
  assert.is(attempt(t, "mortal", "call", 0), "ok 7");
  t.system.kernel.kill(seat.current as NonNullable<Seat["current"]>, "for the test");
  // Another domain has the room now.
  await t.add(domain("other", { init: "(drop (call $new)) (drop (call $new)) (drop (call $new))", exports: { give: "(call $new)" } }));
  again(t, seat);
  assert.is(attempt(t, "mortal", "call", 0), "ok 0", "a new object is zero");
  assert.is(attempt(t, "mortal", "quick", 0), "trap mortal#2");
  await t.end();
});

test("a shadow's call goes on where the domain starts from a snapshot, and the restart says so", async () => {
  const t = await testSystem();
  const seat = await mortal(t, {
    init: "(i32.store (i32.const 4) (i32.const 1000))",
    exports: { call: "(if (i32.eqz (local.get $n)) (then unreachable)) (i32.add (i32.load (i32.const 4)) (local.get $n))" },
  });
  await t.add(
    domain("shadow", {
      imports: { call: { kind: "domain", seat }, restart: restarts(t, seat) },
      exports: { quick: "(drop (call $call (i32.const 0))) (drop (call $restart)) (call $call (local.get $n))" },
    }),
  );
  assert.is(attempt(t, "shadow", "quick", 5), "ok 1005");
  assert.equal(deaths(t), ["trap mortal#1"]);
  const started = t.events.flatMap((event) => (event.kind === "restart" ? [`${event.generation} from ${event.from}`] : []));
  assert.equal(started, ["2 from snapshot"]);
  await t.end();
});

test.run();
