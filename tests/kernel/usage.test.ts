/** What domains have used: calls, failures and CPU time, also over deaths and with another domain in the slot. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { startNext } from "../../host/kernel/life/next-generation.ts";
import { attempt, call, domain } from "../support/domain.ts";
import { calls, testSystem } from "../support/system.ts";

test("Usage: every call into a domain counts, by the host and by domains, also init", async () => {
  const t = await testSystem();
  const callee = await t.add(domain("callee", { exports: { call: "(local.get $n)" }, init: "nop" }));
  const loop =
    "(local $i i32) (loop $next (local.set $i (call $call (i32.add (local.get $i) (i32.const 1)))) (br_if $next (i32.lt_u (local.get $i) (local.get $n)))) (local.get $i)";
  const caller = await t.add(domain("caller", { imports: { call: calls(callee) }, exports: { circle: loop } }));
  assert.is(t.system.kernel.usage.of(callee).calls, 1, "init");
  attempt(t, "caller", "circle", 1000);
  attempt(t, "callee", "call", 1);
  assert.is(t.system.kernel.usage.of(callee).calls, 1002);
  assert.is(t.system.kernel.usage.of(caller).calls, 1);
  assert.is(t.system.kernel.usage.of(callee).failures, 0);
  await t.end();
});

test("Usage: a seat's next generation goes on counting, and failed calls count for whom they blame", async () => {
  const t = await testSystem();
  const body = "(if (i32.eq (local.get $n) (i32.const 7)) (then unreachable)) (local.get $n)";
  const seat = await t.add(domain("fragile", { exports: { call: body } }));
  const other = await t.add(domain("other", { exports: { call: "(local.get $n)" } }));
  const { kernel } = t.system;
  const first = t.system.export("fragile", seat.spec.loaded.world.exports[0]?.id ?? "");
  assert.is(attempt(t, "fragile", "call", 1), "ok 1");
  assert.is(attempt(t, "fragile", "call", 7), "trap fragile#1");
  assert.is(first.run?.(1).ok, false);
  assert.equal({ ...kernel.usage.of(seat), micros: 0 }, { micros: 0, calls: 2, failures: 2 });
  startNext(kernel, seat);
  assert.is(attempt(t, "fragile", "call", 2), "ok 2");
  assert.equal({ ...kernel.usage.of(seat), micros: 0 }, { micros: 0, calls: 3, failures: 2 });
  assert.equal({ ...kernel.usage.of(other), micros: 0 }, { micros: 0, calls: 0, failures: 0 });
  await t.end();
});

test("Usage: what a buried generation had used is kept when another domain has its slot", async () => {
  const t = await testSystem();
  const seat = await t.add(domain("mayfly", { exports: { call: "(local.get $n)" } }));
  const { kernel } = t.system;
  attempt(t, "mayfly", "call", 1);
  t.system.kill("mayfly");
  const churned = await t.add(domain("churned", { exports: { call: "(local.get $n)" } }));
  // Freed slots wait behind others before they are used again.
  for (let i = 0; i < 200; i++) {
    t.system.kill("churned");
    startNext(kernel, churned);
    attempt(t, "churned", "call", 1);
  }
  assert.is(kernel.usage.of(seat).calls, 1);
  assert.is(kernel.usage.of(churned).calls, 200);
  startNext(kernel, seat);
  attempt(t, "mayfly", "call", 1);
  assert.is(kernel.usage.of(seat).calls, 2);
  await t.end();
});

test("Usage: CPU time goes to whoever runs, not to who waits for it", async () => {
  const t = await testSystem();
  const spin =
    "(local $i i32) (loop $next (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $next (i32.lt_u (local.get $i) (local.get $n)))) (local.get $i)";
  const limits = { callBudgetMs: 0 };
  const worker = await t.add(domain("worker", { exports: { call: spin }, limits }));
  const waiter = await t.add(
    domain("waiter", { imports: { call: calls(worker) }, exports: { circle: "(call $call (local.get $n))" }, limits }),
  );
  const { usage } = t.system.kernel;
  for (let n = 0; n < 400 && usage.of(worker).micros < 20_000; n++) assert.ok(call(t, "waiter", "circle", 5_000_000).ok);
  const [used, waited] = [usage.of(worker).micros, usage.of(waiter).micros];
  assert.ok(used >= 20_000, `${used} µs`);
  assert.ok(waited < used / 2, `${waited} µs of the waiter, ${used} µs of the worker`);
  await t.end();
});

test.run();
