/** What crosses a proxy: scalars of every type, results in every form, objects; from the host and between domains. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HostValue } from "../../host/kernel/host/host-values.ts";
import { readObject } from "../../host/kernel/host/object-fields.ts";
import { KERNEL_ID } from "../../shared-heap/layout.ts";
import { attempt, call, deaths, domain } from "../support/domain.ts";
import { calls, host, type TestSystem, testSystem } from "../support/system.ts";
import { BLOCK_BYTES } from "../support/world.ts";

const test = suite("calls");

/** Function, WIT type, and how many core words it takes; one of more than one word comes back in the return area. */
const SCALARS = [
  ["bool", 1],
  ["u8", 1],
  ["u16", 1],
  ["u32", 1],
  ["s8", 1],
  ["s16", 1],
  ["s32", 1],
  ["u64", 2],
  ["s64", 2],
  ["f32", 1],
  ["f64", 2],
  ["char", 1],
  ["color", 1],
] as const;

const ID = "test:scalars/echo@0.1.0";
const INTERFACE = `package test:scalars@0.1.0 { interface echo {
  enum color { red, green, blue }
  record geometry { blocks: u64, size: u32, ratio: f64, ready: bool, color: color }
  ${SCALARS.map(([type]) => `of-${type}: func(v: ${type}) -> ${type};`).join("\n")}
  whole: func(blocks: u64, size: u32, ratio: f64, ready: bool, color: color) -> geometry;
  two: func(a: u8, b: s64) -> tuple<u8, s64>;
} }`;
const scalarWorld = (items: string): string => `package test:domain@0.1.0;\nworld domain { ${items} }\n${INTERFACE}`;

const params = (words: number): string => Array.from({ length: words }, (_, i) => `(param $p${i} i32)`).join(" ");
const area = (words: number): string =>
  Array.from({ length: words }, (_, i) => `(call $setResult (i32.const ${i}) (local.get $p${i}))`).join(" ");
const gets = (words: number): string => Array.from({ length: words }, (_, i) => `(local.get $p${i})`).join(" ");

/** Returns what it gets. */
const ECHO = `(module (import "guard" "setResult" (func $setResult (param i32 i32)))
  ${SCALARS.map(([type, words]) => `(func (export "${ID}#of-${type}") ${params(words)} ${words === 1 ? "(result i32) (local.get $p0)" : area(words)})`).join("\n")}
  (func (export "${ID}#whole") ${params(7)} ${area(7)})
  (func (export "${ID}#two") ${params(3)} ${area(3)}))`;

/** Hands on to the next; the words of the return area stay where the call left them. */
const RELAY = `(module
  ${SCALARS.map(([type, words]) => `(import "${ID}" "of-${type}" (func $${type} ${params(words)} ${words === 1 ? "(result i32)" : ""}))`).join("\n")}
  (import "${ID}" "whole" (func $whole ${params(7)})) (import "${ID}" "two" (func $two ${params(3)}))
  ${SCALARS.map(([type, words]) => `(func (export "${ID}#of-${type}") ${params(words)} ${words === 1 ? "(result i32)" : ""} (call $${type} ${gets(words)}))`).join("\n")}
  (func (export "${ID}#whole") ${params(7)} (call $whole ${gets(7)}))
  (func (export "${ID}#two") ${params(3)} (call $two ${gets(3)})))`;

async function echoes(): Promise<TestSystem> {
  const t = await testSystem();
  const echo = await t.add({ name: "echo", world: scalarWorld(`export ${ID};`), wat: ECHO });
  const grants = { [ID]: calls(echo) };
  await t.add({ name: "relay", world: scalarWorld(`import ${ID}; export ${ID};`), wat: RELAY, grants });
  return t;
}

const VALUES: Readonly<Record<(typeof SCALARS)[number][0], readonly HostValue[]>> = {
  bool: [true, false],
  u8: [0, 1, 127, 128, 255],
  u16: [0, 0x7fff, 0x8000, 0xffff],
  u32: [0, 0x7fffffff, 0x80000000, 0xffffffff],
  s8: [0, 127, -128, -1],
  s16: [0, 32767, -32768, -1],
  s32: [0, 0x7fffffff, -0x80000000, -1],
  u64: [0n, 1n, 0xffffffffn, 0x100000000n, 0x7fffffffffffffffn, 0x8000000000000000n, 0xffffffffffffffffn],
  s64: [0n, 1n, -1n, 0x7fffffffffffffffn, -0x8000000000000000n],
  f32: [0, -0, 1.5, -1.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1.401298464324817e-45, Number.NaN],
  f64: [0, -0, 0.1, -0.1, Number.MAX_VALUE, Number.MIN_VALUE, Number.NEGATIVE_INFINITY, Number.NaN],
  char: ["a", "\0", "é", "\u{10ffff}", "🙂"],
  color: ["red", "green", "blue"],
};

test("a scalar of every type comes back as it went, from a domain and through one", async () => {
  const t = await echoes();
  for (const name of ["echo", "relay"]) {
    const methods = t.system.export(name, ID);
    for (const [type] of SCALARS) {
      for (const value of VALUES[type]) {
        const method = methods[`of${type[0]?.toUpperCase()}${type.slice(1)}`];
        const called = method?.(value);
        assert.ok(called?.ok && Object.is(called.value, value), `${name}: ${type} ${String(value)} → ${JSON.stringify(called, bigints)}`);
      }
    }
    const whole = { blocks: 0x1_2345_6789n, size: 0xffffffff, ratio: -0.25, ready: true, color: "blue" };
    assert.equal(methods.whole?.(...Object.values(whole)), { ok: true, value: whole });
    assert.equal(methods.two?.(200, -5n), { ok: true, value: [200, -5n] });
  }
  await t.end();
});

const bigints = (_: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}n` : value);

test("the bits of a NaN with a payload, signalling or not, cross between domains unchanged", async () => {
  const t = await testSystem();
  const echo = await t.add({ name: "echo", world: scalarWorld(`export ${ID};`), wat: ECHO });
  const f32 = [0x7fa00001, 0x7fc00001, 0xffa00001, 0xffffffff, 0x7f800001];
  const f64 = [
    [0x00000001, 0x7ff00000],
    [0x00000001, 0x7ff40000],
    [0xffffffff, 0xffffffff],
  ];
  const wat = `(module (import "${ID}" "of-f32" (func $f32 (param i32) (result i32))) (import "${ID}" "of-f64" (func $f64 (param i32 i32)))
    (import "guard" "result" (func $result (param i32) (result i32)))
    (func (export "test:api/call@0.1.0#run") (param i32) (result i32)
      ${f32.map((bits) => `(if (i32.ne (call $f32 (i32.const ${bits})) (i32.const ${bits})) (then unreachable))`).join("\n")}
      ${f64.map(([lo, hi]) => `(call $f64 (i32.const ${lo}) (i32.const ${hi})) (if (i32.ne (call $result (i32.const 0)) (i32.const ${lo})) (then unreachable)) (if (i32.ne (call $result (i32.const 1)) (i32.const ${hi})) (then unreachable))`).join("\n")}
      (i32.const 1)))`;
  const world = `package test:domain@0.1.0;\nworld domain { import ${ID}; export test:api/call@0.1.0; }\n${INTERFACE}\npackage test:api@0.1.0 { interface call { run: func(n: u32) -> u32; } }`;
  await t.add({ name: "asker", world, wat, grants: { [ID]: calls(echo) } });
  assert.is(attempt(t, "asker", "call", 0), "ok 1");
  await t.end();
});

test("a value that is none of its type is a TypeError or RangeError before the call", async () => {
  const t = await echoes();
  const methods = t.system.export("echo", ID);
  const wrong: readonly (readonly [method: string, value: HostValue])[] = [
    ["ofU8", 256],
    ["ofU8", -1],
    ["ofU8", 1.5],
    ["ofU8", "1"],
    ["ofU8", undefined],
    ["ofS8", 128],
    ["ofU32", 2 ** 32],
    ["ofU32", Number.NaN],
    ["ofU64", 1],
    ["ofU64", undefined],
    ["ofBool", 1],
    ["ofF32", "1"],
    ["ofF64", 1n],
    ["ofColor", "black"],
    ["ofColor", 1],
  ];
  for (const [method, value] of wrong) {
    assert.throws(
      () => methods[method]?.(value),
      (error: unknown) => error instanceof TypeError || error instanceof RangeError,
      `${method} ${String(value)}`,
    );
  }
  assert.is(t.system.kernel.depth, 0);
  assert.equal(methods.ofU8?.(7), { ok: true, value: 7 });
  await t.end();
});

test("a packed result with words brings the words of a success only", async () => {
  const t = await testSystem();
  await t.add(
    domain("counter", {
      guard: ["setResult"],
      exports: { count: "(call $setResult (i32.const 0) (i32.const 5)) (call $setResult (i32.const 1) (i32.const 1)) (local.get $n)" },
    }),
  );
  assert.is(attempt(t, "counter", "count", 64), `ok ok ${0x1_0000_0005n}`);
  assert.is(attempt(t, "counter", "count", 2), "ok err broken");
  await t.end();
});

test("an object moves from the host into a domain and back, and is lent for one call", async () => {
  const t = await testSystem();
  const { alloc, free, ownerOf, canRead } = t.system.kernel.heap.exports;
  const seat = await t.add(
    domain("keeper", {
      guard: ["load32", "store32"],
      exports: {
        swap: "(call $store32 (local.get $b) (i32.add (i32.const 1) (call $load32 (local.get $b)))) (local.get $b)",
        look: "(call $load32 (local.get $b))",
        take: "",
        give: "(call $new)",
      },
    }),
  );
  const type = seat.spec.loaded.world.sharedTypes.find(({ name }) => name === "block");
  assert.ok(type !== undefined);
  const block = alloc(KERNEL_ID, type.id, BLOCK_BYTES);
  t.system.kernel.heap.u32[block >> 2] = 41;
  const swapped = call(t, "keeper", "swap", block);
  assert.equal(swapped, { ok: true, value: { tag: "ok", val: block } });
  assert.is(attempt(t, "keeper", "look", block), "ok 42");
  assert.is(canRead(block, seat.current?.id ?? 0), 0, "the loan ended with the call");
  assert.is(readObject(t.system.kernel.heap, type, block).data instanceof Uint8Array, true);
  assert.is(attempt(t, "keeper", "take", block), "ok");
  assert.is(ownerOf(block), seat.current?.id);
  assert.is(attempt(t, "keeper", "take", block), "refused keeper#1", "the host does not own it any more");
  const given = call(t, "keeper", "give");
  assert.ok(given.ok);
  assert.is(free(Number(given.value)), 0);
  await t.end();
});

test("a moved object is dropped when its callee dies, however far it came, and a lent one is its lender's again", async () => {
  const t = await testSystem();
  const mortal = await t.add(
    domain("mortal", {
      guard: ["store32"],
      exports: { take: "(call $store32 (local.get $b) (i32.const 1)) unreachable", look: "unreachable" },
    }),
  );
  await t.add(
    domain("caller", {
      imports: { take: calls(mortal), look: calls(mortal) },
      guard: ["status", "store32"],
      exports: {
        call: `(local.set $n (call $new)) (drop (call $look (local.get $n))) (call $store32 (local.get $n) (i32.const 2)) (call $drop (local.get $n))
          (call $status (i32.const 0))`,
        quick: "(call $take (call $new)) (call $status (i32.const 0))",
      },
    }),
  );
  assert.is(attempt(t, "caller", "quick", 0), "ok 1");
  assert.is(t.system.liveObjects(), 0, "what was moved died with its callee");
  assert.is(attempt(t, "caller", "call", 0), "ok 7");
  await t.end();
});

test("a lent object is its lender's again after its borrower died of it", async () => {
  const t = await testSystem();
  for (const [name, look] of [
    ["traps", "unreachable"],
    ["loops", "(loop $l (br $l)) unreachable"],
    ["recurses", "(call $deeper) (i32.const 0)"],
  ] as const) {
    const code = "(func $deeper (call $deeper) (call $deeper))";
    const borrower = await t.add(domain(`borrower ${name}`, { code, limits: { callBudgetMs: 30 }, exports: { look } }));
    await t.add(
      domain(`lender ${name}`, {
        imports: { look: calls(borrower) },
        guard: ["store32"],
        exports: {
          call: "(local.set $n (call $new)) (drop (call $look (local.get $n))) (call $store32 (local.get $n) (i32.const 2)) (call $drop (local.get $n)) (i32.const 9)",
        },
      }),
    );
    assert.is(attempt(t, `lender ${name}`, "call", 0), "ok 9", name);
  }
  assert.equal(deaths(t), ["trap borrower traps#1", "deadline borrower loops#1", "stack borrower recurses#1"]);
  await t.end();
});

test("a function of the host owns what is moved to it, and what it returns is the caller's", async () => {
  const t = await testSystem();
  const { ownerOf, free } = t.system.kernel.heap.exports;
  const owners: number[] = [];
  const hostSide = {
    take: host({
      run: (b = 0) => {
        owners.push(ownerOf(b));
        return free(b);
      },
    }),
    swap: host({ run: (b = 0) => b }),
    give: host({ run: () => 64 }),
    look: host({ run: (b = 0) => free(b) }),
  };
  await t.add(
    domain("caller", {
      imports: hostSide,
      guard: ["status", "store32"],
      exports: {
        call: `(call $take (call $new)) (local.set $n (call $swap (call $new))) (call $store32 (local.get $n) (i32.const 1))
          (if (i32.ne (call $look (local.get $n)) (i32.const 6)) (then unreachable)) (call $drop (local.get $n))
          (drop (call $give)) (call $status (i32.const 0))`,
      },
    }),
  );
  assert.is(attempt(t, "caller", "call", 0), "ok 6", "a base that is no object of the host's is refused");
  assert.equal(owners, [KERNEL_ID]);
  await t.end();
});

test.run();
