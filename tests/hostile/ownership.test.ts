/** Hostile domains that touch, keep, pass on or drop objects that are not theirs. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { attempt, deaths, domain, type Parts } from "../support/domain.ts";
import { calls, type TestSystem, testSystem } from "../support/system.ts";
import type { InterfaceName } from "../support/world.ts";

const test = suite("hostile ownership");

/** Keeps one object for itself: `call` says where it lies, `quick` its first word. */
const VICTIM: Parts = {
  guard: ["load32", "store32"],
  code: "(global $own (mut i32) (i32.const 0))",
  init: "(global.set $own (call $new)) (call $store32 (global.get $own) (i32.const 4711))",
  exports: { call: "(global.get $own)", quick: "(call $load32 (global.get $own))" },
};

/** Takes blocks in every way; `take` keeps what it gets, so that the giver can try to go on using it. */
const KEEPER: Parts = {
  code: "(global $kept (mut i32) (i32.const 0))",
  exports: {
    take: "(global.set $kept (local.get $b))",
    look: "(i32.const 1)",
    pair: "",
    mixed: "",
    notes: "",
    call: "(call $drop (global.get $kept)) (i32.const 0)",
  },
};

async function scene(): Promise<TestSystem> {
  const t = await testSystem();
  await t.add(domain("victim", VICTIM));
  await t.add(domain("keeper", KEEPER));
  return t;
}

/** The victim lives, its object is what it was, and nothing but `expected` died. */
async function close(t: TestSystem, expected: string[]): Promise<void> {
  assert.equal(deaths(t), expected);
  assert.is(attempt(t, "victim", "quick", 0), "ok 4711");
  await t.end();
}

const ALL_GUARD = [
  ...["load8", "load16", "load32", "load64", "loadv128", "store8", "store16", "store32", "store64", "storev128"],
  ...["copyIn", "copyOut", "copyShared", "fill", "sizeOf", "typeOf"],
];

/** Every way to touch the address in `$n`; the guard functions return before they trap only if they let it through. */
const TOUCHES: Readonly<Record<string, string>> = {
  load8: "(call $load8 (local.get $n))",
  load16: "(call $load16 (local.get $n))",
  load32: "(call $load32 (local.get $n))",
  load64: "(i32.wrap_i64 (call $load64 (local.get $n)))",
  loadv128: "(i32x4.extract_lane 0 (call $loadv128 (local.get $n)))",
  store8: "(call $store8 (local.get $n) (i32.const 1)) (i32.const 0)",
  store16: "(call $store16 (local.get $n) (i32.const 1)) (i32.const 0)",
  store32: "(call $store32 (local.get $n) (i32.const 1)) (i32.const 0)",
  store64: "(call $store64 (local.get $n) (i64.const 1)) (i32.const 0)",
  storev128: "(call $storev128 (local.get $n) (v128.const i32x4 1 1 1 1)) (i32.const 0)",
  copyIn: "(call $copyIn (i32.const 0) (local.get $n) (i32.const 16)) (i32.load (i32.const 0))",
  copyOut: "(call $copyOut (local.get $n) (i32.const 0) (i32.const 16)) (i32.const 0)",
  "copyShared from it": "(call $copyShared (call $new) (local.get $n) (i32.const 16)) (i32.const 0)",
  "copyShared to it": "(call $copyShared (local.get $n) (call $new) (i32.const 16)) (i32.const 0)",
  fill: "(call $fill (local.get $n) (i32.const 1) (i32.const 16)) (i32.const 0)",
  sizeOf: "(call $sizeOf (local.get $n))",
  typeOf: "(call $typeOf (local.get $n))",
};

test("a foreign object: no guard function reads, writes or describes it", async () => {
  const t = await scene();
  const address = Number(attempt(t, "victim", "call", 0).slice(3));
  const expected: string[] = [];
  for (const [name, body] of Object.entries(TOUCHES)) {
    for (const offset of [0, 64, 4095]) {
      const evil = `${name} at ${offset}`;
      await t.add(domain(evil, { guard: ALL_GUARD, exports: { call: body } }));
      assert.is(attempt(t, evil, "call", address + offset), `trap ${evil}#1`);
      expected.push(`trap ${evil}#1`);
    }
  }
  await close(t, expected);
});

const READS = Object.entries(TOUCHES).filter(([name]) => /^load|copyIn|from it|Of$/.test(name));
const WRITES = Object.entries(TOUCHES).filter(([name]) => !/^load|copyIn|from it|Of$/.test(name));

test("a borrowed object: every read passes, every write is a trap, the lender goes on", async () => {
  const t = await scene();
  for (const [name, body] of [...READS, ...WRITES]) {
    const look = body.replaceAll("local.get $n", "local.get $b");
    const evil = await t.add(domain(`borrower ${name}`, { guard: ALL_GUARD, exports: { look } }));
    await t.add(
      domain(`lender ${name}`, {
        imports: { look: calls(evil) },
        guard: ["status", "load32", "store32"],
        code: "(global $own (mut i32) (i32.const 0))",
        exports: {
          call: `(global.set $own (call $new)) (call $store32 (global.get $own) (i32.const 9)) (drop (call $look (global.get $own)))
            ;; after the call it is writable again, unchanged, and droppable
            (i32.add (i32.mul (call $status (i32.const 0)) (i32.const 100)) (call $load32 (global.get $own)))
            (call $store32 (global.get $own) (i32.const 3)) (call $drop (global.get $own))`,
        },
      }),
    );
    const isRead = READS.some(([each]) => each === name);
    assert.is(attempt(t, `lender ${name}`, "call", 0), isRead ? "ok 9" : "ok 109", name);
  }
  await close(
    t,
    WRITES.map(([name]) => `trap borrower ${name}#1`),
  );
});

test("a borrowed object: the owner reads it while it is lent and cannot write it", async () => {
  const t = await scene();
  // The borrower calls the owner back through a reentrant interface, which touches the object while it is lent.
  for (const [name, touch, expected] of [
    ["reads", "(call $load32 (global.get $own))", "ok 5"],
    ["writes", "(call $store32 (global.get $own) (i32.const 6)) (i32.const 0)", "trap"],
    ["drops", "(call $drop (global.get $own)) (i32.const 0)", "trap"],
  ] as const) {
    let owner: (() => string) | undefined;
    const borrower = await t.add(
      domain(`borrower of ${name}`, {
        imports: { call: { kind: "host", bind: () => ({ run: () => (owner?.().startsWith("ok") ? 5 : 0) }), rank: () => 2 } },
        exports: { look: "(call $call (i32.const 0))" },
      }),
    );
    await t.add(
      domain(`owner ${name}`, {
        imports: { look: calls(borrower) },
        guard: ["load32", "store32"],
        code: "(global $own (mut i32) (i32.const 0))",
        exports: {
          call: "(global.set $own (call $new)) (call $store32 (global.get $own) (i32.const 5)) (call $look (global.get $own)) (call $drop (global.get $own))",
          circle: touch,
        },
      }),
    );
    owner = () => attempt(t, `owner ${name}`, "circle", 0);
    const got = attempt(t, `owner ${name}`, "call", 0);
    assert.is(got, expected === "trap" ? `trap owner ${name}#1` : expected, name);
  }
  await close(t, ["trap owner writes#1", "trap owner drops#1"]);
});

test("a moved object: the next access of any kind by its former owner is a trap", async () => {
  const t = await scene();
  const expected: string[] = [];
  for (const [name, body] of Object.entries(TOUCHES)) {
    const evil = `mover ${name}`;
    await t.add(
      domain(evil, {
        imports: { take: calls(t.system.seat("keeper")) },
        guard: ALL_GUARD,
        exports: { call: `(local.set $n (call $new)) (call $take (local.get $n)) ${body}` },
      }),
    );
    assert.is(attempt(t, evil, "call", 0), `trap ${evil}#1`, name);
    expected.push(`trap ${evil}#1`);
    assert.is(attempt(t, "keeper", "call", 0), "ok 0", "the keeper owns what it got");
  }
  await close(t, expected);
});

/** Bodies that misuse `$drop`; `$n` is the victim's object. */
const DROPS: Readonly<Record<string, string>> = {
  "a foreign object": "(call $drop (local.get $n))",
  "a moved object": "(local.set $n (call $new)) (call $take (local.get $n)) (call $drop (local.get $n))",
  "the same object twice": "(local.set $n (call $new)) (call $drop (local.get $n)) (call $drop (local.get $n))",
  "an object as another type": "(call $dropNote (call $new))",
  "an address inside an object": "(call $drop (i32.add (call $new) (i32.const 64)))",
  nothing: "(call $drop (i32.const 0))",
  "a table": "(call $drop (i32.const 0x400000))",
  "a domain record": "(call $drop (i32.const 0x100000))",
  "an address beyond the heap": "(call $drop (i32.const 0x7fffffc0))",
  "the last address": "(call $drop (i32.const -64))",
  "a misaligned base": "(call $drop (i32.add (call $new) (i32.const 1)))",
};

test("drop of anything but an object of one's own, of its type, is a trap", async () => {
  const t = await scene();
  const address = Number(attempt(t, "victim", "call", 0).slice(3));
  for (const [name, body] of Object.entries(DROPS)) {
    await t.add(domain(name, { imports: { take: calls(t.system.seat("keeper")) }, exports: { call: `${body} (i32.const 0)` } }));
    assert.is(attempt(t, name, "call", address), `trap ${name}#1`, name);
  }
  await close(
    t,
    Object.keys(DROPS).map((name) => `trap ${name}#1`),
  );
});

/** What a borrower may not do with `$b`, and how its lender's call ends. */
const BORROWERS: readonly (readonly [name: string, through: InterfaceName, look: string, expected: string])[] = [
  ["drops it", "take", "(call $drop (local.get $b)) (i32.const 1)", "ok 100"],
  ["moves it on", "take", "(call $take (local.get $b)) (call $status (i32.const 0))", "ok 6"],
  ["moves it on as a pair", "pair", "(call $pair (local.get $b) (local.get $b)) (call $status (i32.const 0))", "ok 6"],
  ["lends it on", "look", "(drop (call $look (local.get $b))) (call $status (i32.const 0))", "ok 0"],
];

test("a borrower can lend on what it borrowed, and neither move nor drop it", async () => {
  const t = await scene();
  for (const [name, through, look, expected] of BORROWERS) {
    const imports = { [through]: calls(t.system.seat("keeper")) };
    const borrower = await t.add(domain(`borrower ${name}`, { imports, guard: ["status"], exports: { look } }));
    await t.add(
      domain(`lender ${name}`, {
        imports: { look: calls(borrower) },
        guard: ["status"],
        code: "(global $own (mut i32) (i32.const 0))",
        exports: {
          call: `(global.set $own (call $new)) (call $look (global.get $own))
            (i32.add (i32.mul (call $status (i32.const 0)) (i32.const 100))) (call $drop (global.get $own))`,
        },
      }),
    );
    assert.is(attempt(t, `lender ${name}`, "call", 0), expected, name);
  }
  await close(t, ["trap borrower drops it#1"]);
});

test("a callee that returns an object it only borrowed, or never owned, returns nothing", async () => {
  const t = await scene();
  const address = Number(attempt(t, "victim", "call", 0).slice(3));
  const liar = await t.add(
    domain("liar", {
      guard: ["status"],
      code: "(global $seen (mut i32) (i32.const 0))",
      exports: {
        look: "(global.set $seen (local.get $b)) (i32.const 0)",
        give: "(global.get $seen)",
        call: "(global.set $seen (local.get $n)) (i32.const 0)",
      },
    }),
  );
  await t.add(
    domain("lender", {
      imports: { look: calls(liar), give: calls(liar) },
      guard: ["status"],
      code: "(global $own (mut i32) (i32.const 0))",
      exports: {
        call: `(global.set $own (call $new)) (drop (call $look (global.get $own)))
          (i32.add (call $give) (i32.mul (i32.const 10) (call $status (i32.const 0)))) (call $drop (global.get $own))`,
      },
    }),
  );
  assert.is(attempt(t, "lender", "call", 0), "ok 60");
  attempt(t, "liar", "call", address);
  assert.is(attempt(t, "liar", "give"), "refused liar#1");
  await close(t, []);
});

const TWICE: readonly (readonly [name: string, body: string])[] = [
  ["moved twice", "(call $pair (local.get $n) (local.get $n))"],
  ["moved and lent", "(call $mixed (local.get $n) (local.get $n))"],
  ["moved as another type", "(call $notes (local.get $n))"],
  ["moved with an offset", "(call $take (i32.add (local.get $n) (i32.const 64)))"],
  ["lent with an offset", "(drop (call $look (i32.add (local.get $n) (i32.const 1))))"],
  ["a first one that is fine, a second that is not", "(call $pair (local.get $n) (i32.const 64))"],
  ["a first one that is fine, a second beyond the heap", "(call $mixed (local.get $n) (i32.const -1))"],
];

test("an argument that may not pass: the call is refused, nothing changes, the caller still owns and writes it", async () => {
  const t = await scene();
  const keeper = calls(t.system.seat("keeper"));
  for (const [name, body] of TWICE) {
    await t.add(
      domain(name, {
        imports: { pair: keeper, mixed: keeper, notes: keeper, take: keeper, look: keeper },
        guard: ["status", "store32"],
        exports: {
          call: `(local.set $n (call $new)) ${body} (call $status (i32.const 0))
            (call $store32 (local.get $n) (i32.const 1)) (call $drop (local.get $n))`,
        },
      }),
    );
    assert.is(attempt(t, name, "call", 0), "ok 6", name);
  }
  await close(t, []);
});

test.run();
