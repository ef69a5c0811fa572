/** Modules that misuse threads: each breaks itself only, and is told how. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { attempt, deaths, domain } from "../../support/domain.ts";
import { calls, type TestSystem, testSystem } from "../../support/system.ts";
import { addThreadDomain as add, FOREVER, START } from "../../support/thread-domains.ts";
import { settle } from "./rig.ts";

const test = suite("misuse of threads");

const told = (t: TestSystem): string[] => t.events.flatMap((event) => (event.kind === "death" ? [event.death.detail] : []));

test("a call that is no thread's cannot wait, nor can init: the domain ends with a text that says why", async () => {
  const t = await testSystem();
  await add(t, "caller", { run: "(i32.const 0)", call: `(call $park (i32.const 0) ${FOREVER})` });
  assert.is(attempt(t, "caller", "call", 0), "trap caller#1");
  assert.match(told(t)[0] ?? "", /waited in no thread: only a thread waits, in the domain in which it began/);
  const born = await add(t, "starter", { run: "(i32.const 0)", parts: { init: `(drop (call $park (i32.const 0) ${FOREVER}))` } }).catch(
    String,
  );
  assert.match(String(born), /starter.*waited in no thread/);
  await t.end();
});

test("a thread cannot wait below its base: the callee that tries ends, its caller's thread goes on", async () => {
  const t = await testSystem();
  await add(t, "below", { run: "(i32.const 0)", call: `(call $park (i32.const 0) ${FOREVER})` });
  await add(t, "above", {
    run: "(call $call (i32.const 1))",
    parts: { imports: { call: calls(t.system.seat("below")) }, exports: { quick: "(i32.const 3)" } },
  });
  assert.is(attempt(t, "above", "call", 0), "ok 1");
  await settle(t.system.kernel.threads);
  assert.equal(deaths(t), ["trap below#1"]);
  assert.match(told(t)[0] ?? "", /waited below the base of above#1\/1/);
  assert.is(attempt(t, "above", "quick", 0), "ok 3");
  await t.end();
});

test("numbers that are none of its own threads mean nothing: no thread of another domain is woken, ended or waited for", async () => {
  const t = await testSystem();
  await add(t, "victim", { run: `(call $park (i32.const 0) ${FOREVER})` });
  assert.is(attempt(t, "victim", "call", 0), "ok 1");
  await settle(t.system.kernel.threads);
  const sum = [1, 2, 33, 64, -1, 0x7fffffff]
    .map(
      (n) =>
        `(call $unpark (i32.const ${n})) (i32.add) (call $killThread (i32.const ${n})) (i32.add) (i32.sub (call $join (i32.const ${n})) (i32.const 3)) (i32.add)`,
    )
    .join(" ");
  await add(t, "forger", { run: "(i32.const 0)", call: `(i32.const 0) ${sum}` });
  assert.is(attempt(t, "forger", "call", 0), "ok 0");
  assert.equal(
    t.system.kernel.threads.list().map(({ state }) => state),
    ["parked"],
  );
  await t.end();
});

test("a flood of threads ends at the limit, of the domain alone", async () => {
  const t = await testSystem();
  const flood = `(local $i i32) (local $last i32) (loop $more (local.set $last ${START}) (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $more (i32.lt_u (local.get $i) (i32.const 1000)))) (local.get $last)`;
  await add(t, "flood", { run: `(call $park (i32.const 0) ${FOREVER})`, call: flood });
  assert.is(attempt(t, "flood", "call", 0), "ok 4294967295");
  await settle(t.system.kernel.threads);
  assert.is(t.system.kernel.threads.stacks, 10);
  await t.end();
  assert.is(t.system.kernel.threads.stacks, 0);
});

test("a thread that waits for its own end is told that it cannot, and one that traps at once takes its domain along", async () => {
  const t = await testSystem();
  await add(t, "self", {
    run: "(if (i32.ne (call $join (call $self)) (i32.const 3)) (then unreachable)) (i32.const 0)",
    parts: { exports: { quick: "(i32.const 3)" } },
  });
  attempt(t, "self", "call", 0);
  await settle(t.system.kernel.threads);
  assert.is(attempt(t, "self", "quick", 0), "ok 3");
  await add(t, "trapper", { run: "unreachable" });
  attempt(t, "trapper", "call", 0);
  await settle(t.system.kernel.threads);
  assert.equal(deaths(t), ["trap trapper#1"]);
  await t.end();
});

test("hooks that never end, trap, or wait themselves end their domain and keep nobody else from running", async () => {
  const bodies: readonly (readonly [save: string, restore: string, cause: RegExp])[] = [
    ["(loop $l (br $l)) (i32.const 1)", "", /^deadline/],
    ["(i32.const 1)", "(loop $l (br $l))", /^deadline/],
    ["unreachable", "", /^trap/],
    [`(call $park (i32.const 0) ${FOREVER})`, "", /^trap/],
  ];
  for (const [save, restore, cause] of bodies) {
    const t = await testSystem();
    const more = `(func (export "thread:save") (param i32) (result i32) ${save}) (func (export "thread:restore") (param i32) ${restore})`;
    await add(t, "hooked", { run: "(call $park (i32.const 1) (i32.const 1000))", more });
    attempt(t, "hooked", "call", 0);
    await settle(t.system.kernel.threads);
    assert.match(deaths(t)[0] ?? "", cause);
    await t.system.kernel.threads.unwound();
    await t.end();
  }
});

test("a thread that gives its call up ends its domain: nobody has called it", async () => {
  const t = await testSystem();
  await add(t, "giver", { run: "(call $relay) (i32.const 0)", parts: { kernel: ["relay"] } });
  attempt(t, "giver", "call", 0);
  await settle(t.system.kernel.threads);
  assert.match(told(t)[0] ?? "", /gave up as a thread, which nobody has called/);
  await t.end();
});

test("limits.threads beside limits.cpuBudgetMs is refused: threads would run on in a domain whose time is used up", async () => {
  const t = await testSystem();
  const refused = await add(t, "both", { run: "(i32.const 0)", parts: { limits: { cpuBudgetMs: 10 } } }).catch(String);
  assert.match(String(refused), /domain both: limits.threads and limits.cpuBudgetMs exclude each other/);
  await t.end();
});

test("a thread that loops without end is ended by a kill at its next safepoint", async () => {
  const t = await testSystem();
  await add(t, "looper", { run: "(loop $l (br $l)) (i32.const 0)", parts: { exports: { quick: "(i32.const 3)" } } });
  attempt(t, "looper", "call", 0);
  const { threads } = t.system.kernel;
  await threads.run(5);
  const [thread] = threads.list();
  if (thread === undefined) throw new Error("no thread");
  threads.kill(thread.id, "enough");
  await threads.run(50);
  assert.is(threads.list().length, 0);
  assert.is(attempt(t, "looper", "quick", 0), "ok 3");
  await t.end();
});

test("limits.threads for a module that cannot run them is refused at load, with the reason", async () => {
  const t = await testSystem();
  const made = domain("plain", { exports: { call: "(i32.const 0)" }, limits: { threads: 2 } });
  const refused = await t.add(made).catch(String);
  assert.match(String(refused), /cannot run threads, of which limits.threads allows 2: it does not export "thread:run"/);
  await t.end();
});

test.run();
