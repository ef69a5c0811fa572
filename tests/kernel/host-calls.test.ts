/** The host as a caller: arguments that are none of their types, options of a call, and instances that it holds. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HostCall, HostInstance, HostInterface, HostResult, HostValue } from "../../host/kernel/host/host-values.ts";
import type { Called } from "../../host/kernel/status.ts";
import { deaths, domain } from "../support/domain.ts";
import { COUNTERS, client, counters, DESK } from "../support/handle-domains.ts";
import { ID, Values } from "../support/message-domains.ts";
import { calls, type TestSystem, testSystem } from "../support/system.ts";
import { id } from "../support/world.ts";

const test = suite("host calls");

const WRONG: readonly (readonly [type: string, value: unknown, text: RegExp])[] = [
  ["string", 5, /: expected a string, got a number \(5\)$/],
  ["string", "\udc00", /: expected text, got a string with half of a surrogate pair$/],
  ["bool", 1, /: expected a boolean, got a number \(1\)$/],
  ["u8", 256, /: expected a whole number from 0 to 255 \(u8\), got 256$/],
  ["s8", -129, /: expected a whole number from -128 to 127 \(s8\), got -129$/],
  ["u32", 1.5, /: expected a whole number from 0 to 4294967295 \(u32\), got 1\.5$/],
  ["u64", 1, /: expected a bigint \(u64\), got a number \(1\)$/],
  ["u64", -1n, /: expected a bigint of 64 bits \(u64\), got -1$/],
  ["s64", 2n ** 63n, /: expected a bigint of 64 bits \(s64\), got 9223372036854775808$/],
  ["f32", "1", /: expected a number, got "1"$/],
  ["char", "ab", /: expected a string of one character, got "ab"$/],
  ["char", "", /: expected a string of one character, got ""$/],
  ["char", "\ud800", /: expected a character, got half of a surrogate pair$/],
  ["color", "black", /: expected one of "red", "green", "blue", got "black"$/],
  ["rights", { mayRead: 1 }, /\.mayRead: expected a boolean, got a number \(1\)$/],
  ["rights", { mayRed: true }, /: has no flag mayRed, but mayRead, write, /],
  ["rights", 3, /: expected an object of booleans, got a number \(3\)$/],
  ["list<u8>", [1, 2], /: expected a Uint8Array, got an array$/],
  ["list<u16>", new Uint8Array(2), /: expected a Uint16Array, got a Uint8Array$/],
  ["list<u8, 3>", new Uint8Array(2), /: expected 3 items, got 2$/],
  ["list<string>", "a", /: expected an array, got "a"$/],
  ["list<string, 2>", ["a"], /: expected 2 items, got 1$/],
  [
    "list<entry>",
    [{ key: "k", place: { x: 1, at: 2, color: "red", on: true }, tags: ["a", 5], rights: {} }],
    /\[0\]\.tags\[1\]: expected a string/,
  ],
  [
    "list<entry>",
    [{ key: "k", place: { x: 1, at: 2, color: "red" }, tags: [], rights: {} }],
    /\[0\]\.place\.on: expected a boolean, got undefined$/,
  ],
  ["entry", null, /: expected an object, got null$/],
  ["shape", { tag: "square" }, /\.tag: expected one of "nothing", "named", "colored", "entries", got "square"$/],
  ["shape", { tag: "named" }, /\.val: expected a string, got undefined$/],
  ["shape", "nothing", /: expected an object with a tag, got "nothing"$/],
  ["option<option<u8>>", undefined, /: expected an object with a tag, got undefined$/],
  ["option<option<u8>>", { tag: "some", val: 300 }, /\.val: expected a whole number/],
  ["result<string, u8>", { tag: "error", val: 1 }, /\.tag: expected one of "ok", "err", got "error"$/],
  ["tuple<u8, string>", [1], /: expected an array of 2, got an array$/],
  ["option<string>", null, /: expected a string, got null$/],
];

test("an argument that is none of its type is a TypeError that names function, parameter, place and expectation", async () => {
  const t = await testSystem();
  const values = new Values(WRONG.map(([type]) => type));
  await t.add(values.echo("echo"));
  const methods = t.system.export("echo", ID);
  for (const [index, [type, value, text]] of WRONG.entries()) {
    let thrown: unknown;
    try {
      methods[`v${index}`]?.(["", value as HostValue]);
    } catch (error) {
      thrown = error;
    }
    assert.instance(thrown, TypeError, type);
    const { message } = thrown as TypeError;
    assert.match(message, text);
    assert.ok(message.startsWith(`v${index}: v[1]`), message);
  }
  assert.is(t.system.liveObjects(), 0);
  assert.equal(methods.entered?.(), { ok: true, value: 0 });
  await t.end();
});

test("what a getter of an argument throws is the application's, and a call that it makes disturbs nothing", async () => {
  const t = await testSystem();
  const values = new Values(["list<entry>", "string"]);
  await t.add(values.echo("echo"));
  const { v0, v1 } = t.system.export("echo", ID);
  const entry = { key: "k", place: { x: 1, at: 2, color: "red", on: true }, tags: ["a"], ttl: undefined };
  const nested: HostValue[] = [];
  const calling = {
    ...entry,
    get rights(): HostValue {
      nested.push(v1?.(["", "inner"]) as unknown as HostValue);
      return ALL;
    },
  };
  assert.equal(v0?.(["outer", [calling, calling]]), {
    ok: true,
    value: [
      "outer",
      [
        { ...entry, rights: ALL },
        { ...entry, rights: ALL },
      ],
    ],
  });
  assert.equal(nested, Array(2).fill({ ok: true, value: ["", "inner"] }));
  const failing = {
    ...entry,
    get rights(): HostValue {
      throw new RangeError("mine");
    },
  };
  assert.throws(
    () => v0?.(["", [failing]]),
    (error: unknown) => error instanceof RangeError && error.message === "mine",
  );
  assert.is(t.system.liveObjects(), 0);
  await t.end();
});

const ALL = { mayRead: true, write: false, own: false, a4: false, a5: false, a6: false, a7: false, a8: false, a9: true };

test("a deadline of the host's ends its call with late, drops the result, and does no harm to the callee", async () => {
  const t = await testSystem();
  const work =
    "(local $w i32) (local.set $w (i32.const 20000000)) (loop $l (br_if $l (local.tee $w (i32.sub (local.get $w) (i32.const 1)))))";
  await t.add(domain("slow", { exports: { call: `${work} (local.get $n)`, give: `${work} (call $new)` } }));
  const { run } = t.system.export("slow", id("call"));
  const late = run?.with({ deadlineMs: 1 })(3);
  assert.ok(late !== undefined && !late.ok && late.error.cause === "late");
  assert.equal(run?.with({ deadlineMs: 60_000 })(4), { ok: true, value: 4 });
  assert.equal(run?.(5), { ok: true, value: 5 }, "the deadline was for one call");
  const given = t.system.export("slow", id("give")).run?.with({ deadlineMs: 1 })();
  assert.ok(given !== undefined && !given.ok && given.error.cause === "late");
  assert.is(t.system.liveObjects(), 0);
  assert.throws(() => run?.with({ deadlineMs: 0 }), /deadlineMs/);
  assert.throws(() => run?.with({ deadlineMs: Number.NaN }), /deadlineMs/);
  assert.equal(deaths(t), []);
  await t.end();
});

test("a late result that is a message with objects leaves nothing behind", async () => {
  const t = await testSystem();
  const values = new Values(["list<block>"]);
  const work = "(local.set $a (i32.const 20000000)) (loop $l (br_if $l (local.tee $a (i32.sub (local.get $a) (i32.const 1)))))";
  const make = `${work} (i32.store (i32.const 0) (i32.const 12)) (i32.store (i32.const 8) (i32.const 1)) (i32.store (i32.const 12) (call $new))`;
  await t.add(values.liar("slow", make));
  const { v0 } = t.system.export("slow", ID);
  const late = v0?.with({ deadlineMs: 1 })(["", []]);
  assert.ok(late !== undefined && !late.ok && late.error.cause === "late", JSON.stringify(late));
  assert.is(t.system.liveObjects(), 0);
  await t.end();
});

test("an aborted signal stops a call before it is made, with the signal's reason", async () => {
  const t = await testSystem();
  await t.add(domain("served", { exports: { call: "(local.get $n)" } }));
  const { run } = t.system.export("served", id("call"));
  const controller = new AbortController();
  const bound = run?.with({ signal: controller.signal });
  assert.equal(bound?.(1), { ok: true, value: 1 });
  const reason = new Error("enough");
  controller.abort(reason);
  assert.throws(
    () => bound?.(2),
    (error: unknown) => error === reason,
  );
  assert.equal(run?.(3), { ok: true, value: 3 });
  await t.end();
});

interface Counter extends HostInstance {
  readonly add: HostCall<(n: number) => Called<number>>;
  readonly absorb: HostCall<(other: Counter) => Called<number>>;
}

interface Counters {
  readonly Counter: {
    readonly create: (start: number) => Called<Counter>;
    readonly merge: (a: Counter, b: Counter) => Called<number>;
    readonly find: (n: number) => Called<HostResult<Counter, string>>;
  };
  readonly destroyed: () => Called<number>;
}

function countersOf(t: TestSystem, name: string): Counters {
  return t.system.export(name, COUNTERS) as unknown as Counters;
}

function must<T>(called: Called<T> | undefined): T {
  if (called?.ok !== true) throw new Error(JSON.stringify(called));
  return called.value;
}

test("the host holds instances: it makes, calls, passes and disposes of them", async () => {
  const t = await testSystem();
  await t.add(counters("served"));
  const { Counter, destroyed } = countersOf(t, "served");
  const a = must(Counter.create(5));
  const b = must(Counter.create(100));
  assert.is(must(a.add(2)), 7);
  assert.is(must(a.add.with({ deadlineMs: 1000 })(1)), 8);
  assert.is(must(Counter.merge(a, b)), 108, "a was given away, b was lent");
  assert.throws(() => Counter.merge(a, b), /Counter\.merge: a: expected an instance of counter, got one that was given away/);
  const gone = a.add(1);
  assert.ok(!gone.ok && gone.error.cause === "refused");
  assert.is(must(b.absorb(must(Counter.create(11)))), 111);
  const found = must(Counter.find(9));
  assert.is(found.tag === "ok" ? must(found.val.add(1)) : 0, 10);
  assert.equal(must(Counter.find(0)), { tag: "err", val: "none" });
  const before = must(destroyed());
  b[Symbol.dispose]();
  b[Symbol.dispose]();
  assert.is(must(destroyed()), before + 1);
  for (const wrong of [{}, undefined, 5, { add: a.add }]) {
    assert.throws(() => Counter.merge(wrong as Counter, wrong as Counter), /a: expected an instance of counter that a call gave, got/);
  }
  assert.equal(deaths(t), []);
  await t.end();
});

test("an instance of a dead domain answers dead, and its disposal does nothing", async () => {
  const t = await testSystem();
  const served = await t.add(counters("served"));
  await t.add(client("desk", { imports: { [COUNTERS]: calls(served) }, desk: {} }));
  const a = must(countersOf(t, "served").Counter.create(5));
  const desk: HostInterface = t.system.export("desk", DESK);
  assert.equal(desk.useIt?.(a)?.ok, true, "lent to another domain");
  t.system.kill("served");
  const called = a.add(1);
  assert.ok(!called.ok && called.error.cause === "dead");
  a[Symbol.dispose]();
  assert.equal(deaths(t), ["killed served#1"]);
  await t.end();
});

test.run();
