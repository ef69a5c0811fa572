/**
 * Every quota of a domain below, at and above its limit: what is within it is had, what is beyond it ends in the error of that quota,
 * and the domain goes on, but where the quota is one of time.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import { MAX_MESSAGE_BYTES } from "../../host/idl/message.ts";
import type { DomainLimits } from "../../host/kernel/domain.ts";
import { MAX_TABLE_ENTRIES } from "../../host/loader/limits.ts";
import { attempt, deaths, domain, type Parts } from "../support/domain.ts";
import { COUNTERS, client, counters } from "../support/handle-domains.ts";
import { run } from "../support/handle-scenes.ts";
import { calls, host, type TestSystem, testSystem } from "../support/system.ts";
import { BLOCK_BYTES } from "../support/world.ts";

const test = suite("quotas at their edges");

/** What a domain has when it asks for `$n` of something, one after the other. */
const taking = (one: string): string => `(local $had i32) (block $no (loop $l (br_if $no (i32.eqz (local.get $n)))
  (br_if $no (i32.eqz ${one})) (local.set $had (i32.add (local.get $had) (i32.const 1)))
  (local.set $n (i32.sub (local.get $n) (i32.const 1))) (br $l))) (local.get $had)`;

/** Quotas that answer 0 beyond, or its like: asked for as much as `ask`, a domain with this limit has `had`. */
interface Edge {
  readonly limits: Partial<DomainLimits>;
  readonly limit: number;
  readonly parts: Parts;
}

const EDGES: Readonly<Record<string, Edge>> = {
  "pages of memory (memory.grow answers -1)": {
    limits: { memoryPages: 5 },
    limit: 5,
    // One page is there from the beginning.
    parts: { code: "(memory 0)", exports: { call: taking("(i32.ne (memory.grow (i32.const 1)) (i32.const -1))") } },
  },
  "objects (a constructor answers 0)": { limits: { heapObjects: 6 }, limit: 6, parts: { exports: { call: taking("(call $new)") } } },
  "bytes of the heap (a constructor answers 0)": {
    limits: { heapBytes: 7 * BLOCK_BYTES },
    limit: 7,
    parts: { exports: { call: taking("(call $new)") } },
  },
};

for (const [name, { limits, limit, parts }] of Object.entries(EDGES)) {
  test(`${name}: below, at and above the limit, and never more after a refusal`, async () => {
    const t = await testSystem();
    for (const ask of [0, limit - 1, limit, limit + 1, limit * 50]) {
      const seat = `asks for ${ask}`;
      await t.add(domain(seat, { ...parts, limits }));
      assert.is(attempt(t, seat, "call", ask), `ok ${Math.min(ask, limit)}`, seat);
      assert.is(attempt(t, seat, "call", 1), ask < limit ? "ok 1" : "ok 0", `${seat}, then one more`);
    }
    assert.equal(deaths(t), []);
    await t.end();
  });
}

test("bytes of the heap: a byte less than an object needs is too little, a byte more changes nothing", async () => {
  const t = await testSystem();
  for (const [more, had] of [
    [-1, 2],
    [0, 3],
    [1, 3],
  ] as const) {
    await t.add(domain(`with ${more}`, { limits: { heapBytes: 3 * BLOCK_BYTES + more }, exports: { call: taking("(call $new)") } }));
    assert.is(attempt(t, `with ${more}`, "call", 9), `ok ${had}`);
  }
  await t.end();
});

/** Why a module is not loaded; "loaded" where it is. */
async function loading(t: TestSystem, code: string, limits: Partial<DomainLimits> = {}): Promise<string> {
  try {
    await t.add(domain("born", { code, limits }));
    return "loaded";
  } catch (error) {
    if (!(error instanceof SumacError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

test("pages of memory at birth: below and at the quota a domain is born, above it is refused", async () => {
  const t = await testSystem();
  const pages = (minimum: number): Promise<string> => loading(t, `(memory ${minimum})`, { memoryPages: 4 });
  assert.is(await pages(3), "loaded");
  assert.match(await pages(5), /^module-refused: .*more than the quota of 4/);
  await t.end();
  const again = await testSystem();
  assert.is(await loading(again, "(memory 4)", { memoryPages: 4 }), "loaded");
  await again.end();
});

test("table entries: below and at the limit a domain is born, above it is refused, also where tables add up", async () => {
  for (const [tables, expected] of [
    [`(table ${MAX_TABLE_ENTRIES - 1} funcref)`, /^loaded$/],
    [`(table ${MAX_TABLE_ENTRIES} funcref)`, /^loaded$/],
    [`(table ${MAX_TABLE_ENTRIES + 1} funcref)`, /^module-refused: .*table entries, more than the limit/],
    [`(table 1 ${MAX_TABLE_ENTRIES + 1} funcref)`, /^module-refused: .*table entries/],
    [`(table ${MAX_TABLE_ENTRIES} funcref) (table 1 funcref)`, /^module-refused: .*table entries/],
  ] as const) {
    const t = await testSystem();
    assert.match(await loading(t, tables), expected, tables);
    await t.end();
  }
});

test("handles: below and at the quota instances are had, above it the call is refused", async () => {
  const t = await testSystem();
  const served = await t.add(counters("served"));
  const body = `(local.set $h (i32.const 0)) (block $no (loop $l (br_if $no (i32.eqz (local.get $n))) (drop (call $new (i32.const 1)))
    (br_if $no (call $status (i32.const 0))) (local.set $h (i32.add (local.get $h) (i32.const 1)))
    (local.set $n (i32.sub (local.get $n) (i32.const 1))) (br $l))) (i32.add (local.get $h) (i32.mul (i32.const 100) (call $status (i32.const 0))))`;
  for (const [ask, expected] of [
    [4, 4],
    [5, 5],
    [6, 605],
  ] as const) {
    const name = `asks for ${ask}`;
    await t.add(client(name, { imports: { [COUNTERS]: calls(served) }, limits: { handles: 5 }, call: body }));
    assert.is(run(t, name, ask), `ok ${expected}`, name);
  }
  assert.equal(deaths(t), []);
  await t.end();
});

test("log lines in a second: below and at the quota all are shown, above it the rest is counted", async () => {
  for (const lines of [9, 10, 12]) {
    const t = await testSystem();
    const call =
      "(loop $l (call $log (i32.const 0) (i32.const 3)) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (i32.const 0)";
    await t.add(domain("chatty", { kernel: ["log"], limits: { logLinesPerSecond: 10 }, exports: { call } }));
    assert.is(attempt(t, "chatty", "call", lines), "ok 0");
    const shown = t.events.filter(({ kind }) => kind === "log").length;
    // On a slow machine a tenth of a second may pass meanwhile, which is worth a line.
    assert.ok(shown >= Math.min(lines, 10) && shown <= Math.min(lines, 11), `${shown} of ${lines}`);
    await t.end();
  }
});

test("bytes of a message: below and at the limit a message is had, above it is not", async () => {
  const t = await testSystem({ heapMegabytes: 64 });
  const limits = { heapBytes: 2 * MAX_MESSAGE_BYTES };
  for (const [bytes, isHad] of [
    [MAX_MESSAGE_BYTES - 1, 1],
    [MAX_MESSAGE_BYTES, 1],
    [MAX_MESSAGE_BYTES + 1, 0],
    [0xffffffff, 0],
  ] as const) {
    const name = `asks for ${bytes}`;
    await t.add(
      domain(name, { kernel: ["message-new"], limits, exports: { call: "(i32.ne (call $message-new (local.get $n)) (i32.const 0))" } }),
    );
    assert.is(attempt(t, name, "call", bytes), `ok ${isHad}`, name);
    t.system.kill(name);
  }
  await t.end();
});

/** Works until so many milliseconds have passed. */
const work = (ms: string): string => `(loop $l (br_if $l (i32.ne (i32.const 64) (call $call ${ms}))))`;

function clock(): ReturnType<typeof host> {
  let since = 0;
  return host({
    run: (ms = 0) => {
      since ||= performance.now();
      return performance.now() - since >= ms ? 64 : 0;
    },
  });
}

test("time of a call: well below its budget a call returns, above it its domain dies; a budget of 0 is none", async () => {
  const t = await testSystem();
  const circle = `${work("(local.get $n)")} (i32.const 1)`;
  for (const [name, callBudgetMs, ms, expected] of [
    ["below", 400, 40, "ok 1"],
    ["above", 40, 60_000, "deadline above#1"],
    ["without", 0, 300, "ok 1"],
  ] as const) {
    await t.add(domain(name, { imports: { call: clock() }, limits: { callBudgetMs }, exports: { circle } }));
    assert.is(attempt(t, name, "circle", ms), expected, name);
  }
  assert.equal(deaths(t), ["deadline above#1"]);
  await t.end();
});

test("CPU time in a window: well below its budget calls are answered, above it they are refused; a budget of 0 is none", async () => {
  const t = await testSystem();
  const circle = `${work("(local.get $n)")} (i32.const 1)`;
  for (const [name, cpuBudgetMs, calls, expected] of [
    ["below", 2000, 3, "ok 1"],
    ["above", 150, 40, "throttled above#1"],
    ["without", 0, 40, "ok 1"],
  ] as const) {
    let began = 0;
    const clockOfCall = host({
      run: (ms = 0) => {
        began ||= performance.now();
        if (performance.now() - began < ms) return 0;
        began = 0;
        return 64;
      },
    });
    await t.add(domain(name, { imports: { call: clockOfCall }, limits: { cpuBudgetMs, cpuWindowMs: 60_000 }, exports: { circle } }));
    let got = "";
    for (let i = 0; i < calls && !got.startsWith("throttled"); i++) got = attempt(t, name, "circle", 10);
    assert.is(got, expected, name);
  }
  assert.equal(deaths(t), []);
  await t.end();
});

test("time of a birth: well below its budget a domain is born, above it there is none", async () => {
  const t = await testSystem();
  const init = (ms: number): string => work(`(i32.const ${ms})`);
  await t.add(
    domain("below", { imports: { call: clock() }, limits: { initBudgetMs: 400 }, init: init(40), exports: { quick: "(i32.const 2)" } }),
  );
  assert.is(attempt(t, "below", "quick", 0), "ok 2");
  const slow = domain("above", { imports: { call: clock() }, limits: { initBudgetMs: 40 }, init: init(60_000) });
  await t.add(slow).then(
    () => assert.unreachable("born"),
    (error: SumacError) => assert.match(`${error.code}: ${error.message}`, /^domain-failed-to-start: .*deadline/),
  );
  await t.end();
});

test.run();
