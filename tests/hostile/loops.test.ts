/** Hostile domains that never come to an end, in every place where code of theirs runs and by every means. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import { attempt, deaths, domain, type Parts } from "../support/domain.ts";
import { calls, host, type TestSystem, testSystem } from "../support/system.ts";

const test = suite("hostile loops");

const BUDGET_MS = 40;

interface Endless extends Pick<Parts, "imports" | "guard" | "kernel" | "code"> {
  /** Code that never ends, without a result; it may use the locals `$i` and `$j`. */
  readonly body: string;
}

const forever = (body: string): string => `(loop $l ${body} (br $l))`;

const ENDLESS: Readonly<Record<string, Endless>> = {
  "an empty loop": { body: forever("") },
  "loops in loops": {
    body: forever(`(local.set $i (i32.const 3)) (loop $m (br_if $m (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))`),
  },
  "two labels that take turns": { body: "(loop $a (loop $b (br_if $b (local.tee $i (i32.eqz (local.get $i)))) (br $a)))" },
  "a branch table": { body: "(loop $l (br_table $l $l (local.get $i)))" },
  "a loop with a parameter": { body: "(i32.const 0) (loop $l (param i32) (br $l (i32.const 1)))" },
  "a loop with a result": { body: "(drop (loop $l (result i32) (br $l)))" },
  "a loop that counts 64 bits down": {
    body: "(local.set $j (i64.const -1)) (loop $l (br_if $l (i64.ne (local.tee $j (i64.sub (local.get $j) (i64.const 1))) (i64.const 0))))",
  },
  "small functions called for ever": { code: "(func $f (result i32) (i32.const 1))", body: "(loop $l (br_if $l (call $f)))" },
  "a table called for ever": {
    code: "(table 1 funcref) (elem (i32.const 0) $f) (func $f)",
    body: forever("(call_indirect (i32.const 0))"),
  },
  "calls that double": {
    // 2^60 calls, no more than 60 deep, and no loop at all
    code: `(func $f (param $d i32) (if (local.get $d) (then (call $f (i32.sub (local.get $d) (i32.const 1))) (call $f (i32.sub (local.get $d) (i32.const 1))))))`,
    body: "(call $f (i32.const 60))",
  },
  "calls that double, by table": {
    code: `(table 1 funcref) (elem (i32.const 0) $f) (func $f (param $d i32) (if (local.get $d) (then
      (call_indirect (param i32) (i32.sub (local.get $d) (i32.const 1)) (i32.const 0)) (call_indirect (param i32) (i32.sub (local.get $d) (i32.const 1)) (i32.const 0)))))`,
    body: "(call $f (i32.const 60))",
  },
  "huge fills": { code: "(memory 16)", body: forever("(memory.fill (i32.const 0) (i32.const 1) (i32.const 1048576))") },
  "huge copies": { code: "(memory 16)", body: forever("(memory.copy (i32.const 8) (i32.const 0) (i32.const 1048568))") },
  "huge initialisations": {
    code: `(memory 1) (data $d "${"x".repeat(30_000)}")`,
    body: forever("(memory.init $d (i32.const 0) (i32.const 0) (i32.const 30000))"),
  },
  "huge table copies": { code: "(table 60000 funcref)", body: forever("(table.copy (i32.const 1) (i32.const 0) (i32.const 59999))") },
  "growing by nothing": { body: forever("(drop (memory.grow (i32.const 0)))") },
  "growing beyond the quota": { body: forever("(drop (memory.grow (i32.const 65535)))") },
  "shared fills": {
    guard: ["fill"],
    body: `(local.set $i (call $newSlab)) ${forever("(call $fill (local.get $i) (i32.const 1) (i32.const 200000))")}`,
  },
  "shared copies": {
    guard: ["copyShared"],
    body: `(local.set $i (call $newSlab)) ${forever("(call $copyShared (i32.add (local.get $i) (i32.const 1)) (local.get $i) (i32.const 199999))")}`,
  },
  "making and dropping objects": { body: forever("(call $drop (call $new))") },
  "making objects beyond the quota": { body: forever("(drop (call $new))") },
  "lines of log": { kernel: ["log"], body: forever("(call $log (i32.const 0) (i32.const 1024))") },
  "last words": { kernel: ["panic"], body: forever("(call $panic (i32.const 1) (i32.const 0) (i32.const 1024))") },
  deadlines: { kernel: ["deadline"], body: forever("(call $deadline (i32.const 1))") },
  "looking at its status": { guard: ["status"], body: forever("(drop (call $status (i32.const 0)))") },
};

/** Calls of others that never end; they cannot stand in a table of constants. */
function endlessCalls(t: TestSystem): Readonly<Record<string, Endless>> {
  return {
    "calls of another domain": { imports: { call: calls(t.system.seat("bystander")) }, body: forever("(drop (call $call (i32.const 1)))") },
    "calls of a dead domain": { imports: { call: calls(t.system.seat("corpse")) }, body: forever("(drop (call $call (i32.const 1)))") },
    "calls of the host": { imports: { call: host({ run: () => 1 }) }, body: forever("(drop (call $call (i32.const 1)))") },
    "calls of a host that throws": {
      imports: { call: host({ run: () => throwing() }) },
      body: forever("(drop (call $call (i32.const 1)))"),
    },
    "refused calls": { imports: { take: calls(t.system.seat("bystander")) }, body: forever("(call $take (i32.const 64))") },
  };
}

function throwing(): number {
  throw new Error("no");
}

async function scene(): Promise<TestSystem> {
  const t = await testSystem();
  await t.add(domain("bystander", { exports: { call: "(local.get $n)", take: "(call $drop (local.get $b))" } }));
  await t.add(domain("corpse", { exports: { call: "(local.get $n)" } }));
  t.system.kill("corpse");
  t.events.length = 0;
  return t;
}

const LOCALS = "(local $i i32) (local $j i64)";
const LIMITS = { limits: { callBudgetMs: BUDGET_MS, initBudgetMs: BUDGET_MS } };

test("a loop without end in a call, by every means, ends by deadline in its caller", async () => {
  const t = await scene();
  const all = { ...ENDLESS, ...endlessCalls(t) };
  for (const [name, { body, ...parts }] of Object.entries(all)) {
    await t.add(domain(name, { ...parts, ...LIMITS, exports: { call: `${LOCALS} ${body} (i32.const 0)` } }));
    assert.is(attempt(t, name, "call", 0), `deadline ${name}#1`);
    assert.is(attempt(t, name, "call", 0), `dead ${name}#1`);
    assert.is(attempt(t, "bystander", "call", 5), "ok 5", name);
  }
  assert.equal(
    deaths(t),
    Object.keys(all).map((name) => `deadline ${name}#1`),
  );
  await t.end();
});

test("a loop without end in init or in the start function, by every means, fails the birth and leaves nothing", async () => {
  const t = await scene();
  const objects = t.system.liveObjects();
  for (const [name, { body, ...parts }] of Object.entries({ ...ENDLESS, ...endlessCalls(t) })) {
    for (const place of ["init", "start"] as const) {
      const birth = t.add(domain(name, { ...parts, ...LIMITS, [place]: `${LOCALS} ${body}`, exports: { call: "(i32.const 0)" } }));
      const error = await birth.then(
        () => undefined,
        (caught: unknown) => caught,
      );
      assert.ok(error instanceof SumacError, `${name} in ${place}: ${String(error)}`);
      assert.is(error.code, "domain-failed-to-start");
      assert.match(error.message, /deadline/, `${name} in ${place}`);
      assert.is(t.system.liveObjects(), objects, `${name} in ${place}`);
    }
    assert.is(attempt(t, "bystander", "call", 5), "ok 5", name);
  }
  await t.end();
});

test("an interface's own deadline ends a call of it, whatever the manifest allows", async () => {
  const t = await scene();
  await t.add(domain("evil", { limits: { callBudgetMs: 60_000 }, exports: { quick: `${forever("")} unreachable` } }));
  assert.is(attempt(t, "evil", "quick", 0), "deadline evil#1");
  await t.end();
});

test("one bulk instruction over a whole large memory does not delay the end of its domain", async () => {
  // 1 GiB in one instruction takes seconds where it is first touched: it is cut into chunks.
  const t = await scene();
  await t.add(
    domain("evil", {
      limits: { memoryPages: 16384, callBudgetMs: BUDGET_MS },
      code: "(memory 16384)",
      exports: { call: "(memory.fill (i32.const 0) (i32.const 1) (i32.const 0x40000000)) (i32.const 0)" },
    }),
  );
  assert.is(attempt(t, "evil", "call", 0), "deadline evil#1");
  await t.end();
});

test.run();
