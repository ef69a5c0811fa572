/** Interfaces that an application implements: what it is given, what its answers become, and how it fails. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import { type Interface, parseWit, resolveWorld } from "../../host/idl/idl.ts";
import { hostFunctions } from "../../host/kernel/host/host-functions.ts";
import type { HostImplementation } from "../../host/kernel/host/host-values.ts";
import { Cause } from "../../host/kernel/status.ts";
import { deaths } from "../support/domain.ts";
import { type TestSystem, testSystem } from "../support/system.ts";

const test = suite("host functions");

const KV = "acme:shop/kv@1.0.0";
const FRONT = "acme:shop/front@1.0.0";
const PACKAGE = `package acme:shop@1.0.0 {
  interface types { resource block { constructor(data: list<u8, 64>); } }
  interface kv {
    use types.{block};
    enum error { full, not-found }
    record item { name: string, count: u32 }
    resource counter { constructor(start: u32); add: func(n: u32) -> u32; merge: static func(a: counter, b: borrow<counter>) -> counter; label: func(text: string) -> string; }
    get: func(key: string) -> option<item>;
    put: func(item: item) -> result<u32, error>;
    tell: func(key: string) -> result<string, error>;
    size: func() -> u64;
    flip: func(on: bool) -> bool;
    keep: func(b: block);
    keep-all: func(all: list<block>, note: string);
    note: func(text: string);
  }
  interface front {
    use kv.{item, error};
    get: func(key: string) -> option<item>;
    put: func(item: item) -> result<u32, error>;
    tell: func(key: string) -> result<string, error>;
    run: func(n: u32) -> u32;
  }
}`;
const WORLD = `package test:domain@0.1.0;\nworld domain { import acme:shop/types@1.0.0; import ${KV}; export ${FRONT}; }\n${PACKAGE}`;

/** Hands calls on to the host; \`run\` is the test's. A failed call answers with its status, as far as the type has room. */
function user(run = "(i32.const 0)"): string {
  return `(module
    (import "${KV}" "get" (func $get (param i32) (result i32))) (import "${KV}" "put" (func $put (param i32) (result i32)))
    (import "${KV}" "tell" (func $tell (param i32) (result i32))) (import "${KV}" "size" (func $size))
    (import "${KV}" "flip" (func $flip (param i32) (result i32))) (import "${KV}" "keep" (func $keep (param i32)))
    (import "${KV}" "keep-all" (func $keep-all (param i32))) (import "${KV}" "note" (func $note (param i32)))
    (import "${KV}" "[constructor]counter" (func $counter (param i32) (result i32)))
    (import "${KV}" "[method]counter.add" (func $add (param i32 i32) (result i32)))
    (import "${KV}" "[static]counter.merge" (func $merge (param i32 i32) (result i32)))
    (import "${KV}" "[method]counter.label" (func $label (param i32 i32) (result i32)))
    (import "${KV}" "[resource-drop]counter" (func $drop-counter (param i32)))
    (import "acme:shop/types@1.0.0" "[constructor]block" (func $new (result i32)))
    (import "acme:shop/types@1.0.0" "[resource-drop]block" (func $drop (param i32)))
    (import "guard" "status" (func $status (param i32) (result i32))) (import "guard" "result" (func $result (param i32) (result i32)))
    (import "guard" "setResult" (func $setResult (param i32 i32))) (import "guard" "copyOut" (func $copyOut (param i32 i32 i32)))
    (import "guard" "load8" (func $load8 (param i32) (result i32))) (import "guard" "load32" (func $load32 (param i32) (result i32)))
    (import "guard" "store32" (func $store32 (param i32 i32)))
    (import "kernel" "message-new" (func $message-new (param i32) (result i32)))
    (import "kernel" "message-drop" (func $message-drop (param i32)))
    (memory 1) (data (i32.const 0) "\\03\\00\\00\\00abc")
    (func $text (result i32) (local $m i32)
      (local.set $m (call $message-new (i32.const 7))) (call $copyOut (local.get $m) (i32.const 0) (i32.const 7)) (local.get $m))
    (func (export "${FRONT}#get") (param i32) (result i32) (call $get (local.get 0)))
    (func (export "${FRONT}#put") (param i32) (result i32) (local $r i32)
      (local.set $r (call $put (local.get 0))) (call $setResult (i32.const 0) (call $result (i32.const 0))) (local.get $r))
    (func (export "${FRONT}#tell") (param i32) (result i32) (call $tell (local.get 0)))
    (func (export "${FRONT}#run") (param $n i32) (result i32) (local $a i32) (local $b i32) ${run}))`;
}

const nothing = {
  get: () => undefined,
  put: () => ({ tag: "ok", val: 0 }),
  tell: () => ({ tag: "err", val: "not-found" }),
  size: () => 0n,
  flip: (on: boolean) => !on,
  keep: () => {},
  keepAll: () => {},
  note: () => {},
  Counter: { create: () => ({ add: () => 0, label: () => "" }), merge: (a: object) => a },
};

const { imports, exports } = resolveWorld([parseWit(WORLD, "world.wit")], "domain");
const owner = imports.find(({ id }) => id === KV) as Interface;

async function system(implementation: HostImplementation, run?: string): Promise<TestSystem> {
  const t = await testSystem();
  const provider = hostFunctions(t.system.kernel, owner, implementation, [...imports, ...exports]);
  await t.add({ name: "user", world: WORLD, wat: user(run), grants: { [KV]: provider } });
  return t;
}

test("hostFunctions: names in camel case, values in JavaScript, errors of the interface as results", async () => {
  const items = new Map<string, number>();
  const t = await system({
    ...nothing,
    get: (key: string) => (items.has(key) ? { name: key, count: items.get(key) } : undefined),
    put: ({ name, count }: { name: string; count: number }) => {
      if (items.size === 2) return { tag: "err", val: "full" };
      items.set(name, count);
      return { tag: "ok", val: items.size };
    },
    tell: (key: string) => (items.has(key) ? { tag: "ok", val: `${key} is here` } : { tag: "err", val: "not-found" }),
  });
  const { get, put, tell } = t.system.export("user", FRONT);
  assert.equal(get?.("a"), { ok: true, value: undefined });
  assert.equal(put?.({ name: "a", count: 7 }), { ok: true, value: { tag: "ok", val: 1 } });
  assert.equal(put?.({ name: "ä", count: 8 }), { ok: true, value: { tag: "ok", val: 2 } });
  assert.equal(put?.({ name: "c", count: 8 }), { ok: true, value: { tag: "err", val: "full" } });
  assert.equal(get?.("ä"), { ok: true, value: { name: "ä", count: 8 } });
  assert.equal(tell?.("a"), { ok: true, value: { tag: "ok", val: "a is here" } });
  assert.equal(tell?.("b"), { ok: true, value: { tag: "err", val: "not-found" } });
  await t.end();
});

test("hostFunctions: an implementation that lacks functions is refused, and told which", async () => {
  const t = await testSystem();
  const { flip: _, keepAll: __, ...less } = nothing;
  for (const [implementation, missing] of [
    [less, /kv@1\.0\.0 lacks flip, keepAll: /],
    [{ ...nothing, Counter: { create: nothing.Counter.create } }, /lacks Counter\.merge: /],
    [{ ...nothing, get: 5, Counter: undefined }, /lacks get, Counter\.create, Counter\.merge: /],
  ] as const) {
    assert.throws(
      () => hostFunctions(t.system.kernel, owner, implementation),
      (error: unknown) => error instanceof SumacError && error.code === "import-not-implemented" && missing.test(error.message),
    );
  }
  await t.end();
});

const STATUS = "(call $status (i32.const 0))";

test("hostFunctions: what the application throws ends the call with the status host, and is told", async () => {
  const thrown = [new Error("no"), "text", undefined, null, Object.create(null), new RangeError("deep")];
  let next = 0;
  const t = await system(
    { ...nothing, flip: () => Promise.reject(new Error("later")), size: () => fail(thrown[next++]) },
    `(call $size) ${STATUS}`,
  );
  for (const each of thrown) {
    assert.equal(t.system.export("user", FRONT).run?.(0), { ok: true, value: Cause.host });
    const told = t.events.findLast((event) => event.kind === "host-error");
    assert.ok(told?.kind === "host-error" && told.error === each && told.domain === "user" && told.function === `${KV}#size`);
  }
  assert.equal(deaths(t), []);
  await t.end();
});

function fail(error: unknown): never {
  throw error;
}

test("hostFunctions: an answer that is none of its type is the application's fault, and told with its place", async () => {
  const wrong: readonly (readonly [name: string, value: unknown, text: RegExp])[] = [
    ["get", { name: "a", count: "7" }, /^get: result\.count: expected a number, got "7"$/],
    ["get", { count: 1 }, /^get: result\.name: expected a string, got undefined$/],
    ["get", null, /^get: result: expected an object, got null$/],
    ["get", { name: "\ud800", count: 1 }, /^get: result\.name: expected text/],
    ["put", 5, /^put: result: expected \{ tag: "ok" \}/],
    ["put", { tag: "maybe" }, /^put: result\.tag: expected "ok" or "err", got "maybe"$/],
    ["put", { tag: "err", val: "lost" }, /^put: result\.val: expected one of "full", "not-found", got "lost"$/],
    ["put", { tag: "ok", val: -1 }, /^put: result\.val: expected a whole number from 0 to 4294967295/],
    ["tell", { tag: "ok", val: 1 }, /^tell: result: expected|^tell: result\.val: expected a string, got a number \(1\)$/],
  ];
  let answer: unknown;
  const give = (): unknown => answer;
  const t = await system({ ...nothing, get: give, put: give, tell: give });
  for (const [name, value, text] of wrong) {
    answer = value;
    const called = t.system.export("user", FRONT)[name]?.(name === "put" ? { name: "", count: 0 } : "k");
    assert.ok(called !== undefined && !called.ok, name);
    const told = t.events.findLast((event) => event.kind === "host-error");
    assert.ok(told?.kind === "host-error" && told.error instanceof TypeError);
    assert.match(told.error.message, text);
  }
  assert.is(t.system.liveObjects(), 0);
  assert.equal(deaths(t), []);
  await t.end();
});

test("hostFunctions: a promise ends the call with blocked, and its failure ends nothing else", async () => {
  const t = await system(
    { ...nothing, flip: async () => true, note: () => Promise.reject(new Error("later")) },
    `(drop (call $flip (i32.const 1))) (local.set $a ${STATUS})
     (call $note (local.tee $b (call $text))) (call $message-drop (local.get $b)) (i32.add (i32.mul (local.get $a) (i32.const 100)) ${STATUS})`,
  );
  assert.equal(t.system.export("user", FRONT).run?.(0), { ok: true, value: Cause.blocked * 101 });
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.not(t.events.some((event) => event.kind === "host-error"));
  await t.end();
});

test("hostFunctions: objects are the application's when it returns, and the domain's again when it throws", async () => {
  const kept: number[] = [];
  let throws = false;
  const t = await system(
    {
      ...nothing,
      keep: (base: number) => {
        if (throws) throw new Error("no");
        kept.push(base);
      },
      keepAll: (bases: number[], note: string) => {
        if (throws) throw new Error("no");
        kept.push(...bases);
        assert.is(note, "abc");
      },
    },
    `(local.set $a (call $new)) (call $keep (local.get $a))
     (if ${STATUS} (then (call $store32 (local.get $a) (i32.const 1)) (call $drop (local.get $a))))
     (i32.store (i32.const 100) (i32.const 2)) (i32.store (i32.const 104) (call $new)) (i32.store (i32.const 108) (call $new))
     (memory.copy (i32.const 112) (i32.const 0) (i32.const 7))
     (local.set $b (call $message-new (i32.const 19))) (call $copyOut (local.get $b) (i32.const 100) (i32.const 19))
     (call $keep-all (local.get $b))
     (if ${STATUS} (then (call $store32 (i32.load (i32.const 104)) (i32.const 1))
       (call $drop (i32.load (i32.const 104))) (call $drop (i32.load (i32.const 108)))))
     (call $message-drop (local.get $b)) ${STATUS}`,
  );
  assert.equal(t.system.export("user", FRONT).run?.(0), { ok: true, value: 0 });
  assert.is(kept.length, 3);
  for (const base of kept) assert.is(t.system.kernel.heap.exports.free(base), 0);
  throws = true;
  assert.equal(t.system.export("user", FRONT).run?.(0), { ok: true, value: Cause.host });
  assert.is(t.system.liveObjects(), 0);
  await t.end();
});

class Counter {
  #sum: number;
  readonly #ended: number[];

  constructor(start: number, ended: number[]) {
    this.#sum = start;
    this.#ended = ended;
  }

  add(n: number): number {
    this.#sum += n;
    return this.#sum;
  }

  label(text: string): string {
    return `${text} ${this.#sum}`;
  }

  [Symbol.dispose](): void {
    this.#ended.push(this.#sum);
  }
}

test("hostFunctions: a capability's instances are objects of the application, and end with their last handle", async () => {
  const ended: number[] = [];
  const t = await system(
    {
      ...nothing,
      Counter: {
        create: (start: number) => new Counter(start, ended),
        merge: (a: Counter, b: Counter) => {
          a.add(b.add(0));
          return a;
        },
      },
    },
    `(local.set $a (call $counter (i32.const 5))) (drop (call $add (local.get $a) (i32.const 2)))
     (local.set $b (call $counter (i32.const 100)))
     (local.set $a (call $merge (local.get $a) (local.get $b)))
     (call $drop-counter (local.get $b))
     (local.set $n (call $add (local.get $a) (i32.const 1)))
     (local.set $b (call $label (local.get $a) (call $text)))
     (if (i32.ne (call $load32 (local.get $b)) (i32.const 7)) (then unreachable))
     (call $drop-counter (local.get $a)) (local.get $n)`,
  );
  assert.equal(t.system.export("user", FRONT).run?.(0), { ok: true, value: 108 });
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(ended, [100, 108]);
  assert.equal(deaths(t), []);
  await t.end();
});

test("hostFunctions: a domain that dies gives up the application's instances that it held", async () => {
  const ended: number[] = [];
  const t = await system(
    { ...nothing, Counter: { create: (start: number) => new Counter(start, ended), merge: nothing.Counter.merge } },
    "(drop (call $counter (i32.const 5))) (drop (call $counter (i32.const 6))) unreachable",
  );
  const called = t.system.export("user", FRONT).run?.(0);
  assert.ok(called !== undefined && !called.ok && called.error.cause === "trap");
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(ended.toSorted(), [5, 6]);
  await t.end();
});

test.run();
