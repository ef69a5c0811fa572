/** Budgets of calls: whose counts, whom they end, and that they hold after the system was idle. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Provider } from "../../host/kernel/provider.ts";
import { WatchdogState } from "../../host/platform/watchdog-state.ts";
import { attempt, deaths, domain } from "../support/domain.ts";
import { calls, host, restarts, type TestSystem, testSystem } from "../support/system.ts";

const test = suite("deadlines");

const FOREVER = "(loop $l (br $l)) unreachable";
/** `$work`: some 20 ms of it. */
const WORK =
  "(func $work (local $w i32) (local.set $w (i32.const 20000000)) (loop $l (br_if $l (local.tee $w (i32.sub (local.get $w) (i32.const 1))))))";

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(condition(), "it never came true");
}

/** A function of the host that returns when somebody's time is up, however busy the machine is. */
function untilInterrupted({ system }: TestSystem): Provider {
  const { i32, cpu } = system.kernel;
  return host({
    run: () => {
      for (let i = 0; Atomics.load(i32, cpu.interrupt) === 0 && i < 1e10; i++);
      return 1;
    },
  });
}

test("a deadline holds for the first call after the watchdog went to sleep", async () => {
  const t = await testSystem();
  const { i32, cpu } = t.system.kernel;
  for (const name of ["a", "b", "c"]) {
    await t.add(domain(name, { limits: { callBudgetMs: 20 }, exports: { call: FOREVER } }));
    await until(() => Atomics.load(i32, cpu.watchdog) === WatchdogState.asleep);
    assert.is(attempt(t, name, "call", 0), `deadline ${name}#1`);
  }
  await t.end();
});

test("a budget of 0 is none; one of a thousand hours is cut and not negative; one below a microsecond is not none", async () => {
  const t = await testSystem();
  for (const callBudgetMs of [0, 3.6e9, 2_500_000]) {
    await t.add(
      domain(`patient ${callBudgetMs}`, { limits: { callBudgetMs }, code: WORK, exports: { call: "(call $work) (i32.const 1)" } }),
    );
    assert.is(attempt(t, `patient ${callBudgetMs}`, "call", 0), "ok 1");
  }
  await t.add(domain("hasty", { limits: { callBudgetMs: 0.0001 }, exports: { call: FOREVER } }));
  assert.is(attempt(t, "hasty", "call", 0), "deadline hasty#1");
  await t.end();
});

test("the budget of a deeper call ends that call only; the one around it goes on and may try again", async () => {
  const t = await testSystem();
  const mortal = await t.add(domain("mortal", { limits: { callBudgetMs: 20 }, exports: { call: FOREVER } }));
  await t.add(
    domain("patient", {
      imports: { call: calls(mortal), restart: restarts(t, mortal) },
      guard: ["status"],
      limits: { callBudgetMs: 60_000 },
      exports: {
        call: `(local $deadlines i32) (loop $l
            (drop (call $call (i32.const 0)))
            (local.set $deadlines (i32.add (local.get $deadlines) (i32.eq (call $status (i32.const 0)) (i32.const 2))))
            (drop (call $restart))
            (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
          (local.get $deadlines)`,
      },
    }),
  );
  assert.is(attempt(t, "patient", "call", 5), "ok 5");
  assert.equal(
    deaths(t),
    Array.from({ length: 5 }, (_, i) => `deadline mortal#${i + 1}`),
  );
  await t.end();
});

test("a caller over its budget while its callee has more: it dies when that returns, the callee lives", async () => {
  const t = await testSystem();
  const callee = await t.add(
    domain("callee", {
      imports: { call: untilInterrupted(t) },
      limits: { callBudgetMs: 60_000 },
      exports: { call: "(drop (call $call (i32.const 0))) (i32.const 1)" },
    }),
  );
  await t.add(
    domain("caller", {
      imports: { call: calls(callee) },
      limits: { callBudgetMs: 5 },
      exports: { call: "(drop (call $call (i32.const 0))) (i32.const 1)" },
    }),
  );
  assert.is(attempt(t, "caller", "call", 0), "deadline caller#1");
  assert.is(t.system.kernel.occupant(callee), callee.current);
  await t.end();
});

test("time in a function of the host counts for the domain that called it, which dies when it returns", async () => {
  const t = await testSystem();
  const slow = untilInterrupted(t);
  await t.add(
    domain("caller", {
      imports: { call: slow },
      limits: { callBudgetMs: 10 },
      exports: { call: "(drop (call $call (i32.const 0))) (i32.const 1)" },
    }),
  );
  assert.is(attempt(t, "caller", "call", 0), "deadline caller#1");
  await t.end();
});

test("the error of an overrun names the budget", async () => {
  const t = await testSystem();
  await t.add(domain("slow", { exports: { quick: FOREVER } }));
  const { run } = t.system.export("slow", "test:api/quick@0.1.0");
  const called = run?.(0);
  assert.ok(called !== undefined && !called.ok);
  assert.match(called.error.detail, /budget of 40 ms/);
  await t.end();
});

test("a thousand short calls in a row, each well within its budget: no tick ends any of them", async () => {
  const t = await testSystem();
  const leaf = await t.add(domain("leaf", { limits: { callBudgetMs: 50 }, exports: { call: "(local.get $n)" } }));
  await t.add(
    domain("front", {
      imports: { call: calls(leaf) },
      limits: { callBudgetMs: 60_000 },
      exports: {
        call: "(loop $l (drop (call $call (local.get $n))) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (i32.const 1)",
      },
    }),
  );
  // Half a second and more of calls of less than a microsecond, at the same depth.
  for (let i = 0; i < 10; i++) assert.is(attempt(t, "front", "call", 500_000), "ok 1");
  assert.equal(deaths(t), []);
  await t.end();
});

test("an init that a supervisor starts inside a call has its own budget; its overrun is an answer to the supervisor", async () => {
  const t = await testSystem();
  let births = 0;
  const stubborn = await t.add(
    domain("stubborn", {
      imports: { call: host({ run: () => (births++ === 1 ? 1 : 0) }) },
      init: "(drop (call $new)) (if (call $call (i32.const 0)) (then (loop $l (br $l))))",
      limits: { initBudgetMs: 20 },
      exports: { quick: "(i32.const 1)" },
    }),
  );
  await t.add(
    domain("supervisor", {
      imports: { quick: calls(stubborn), restart: restarts(t, stubborn, { tries: 1 }) },
      exports: { attempt: "(call $restart)", call: "(call $quick (i32.const 0))" },
    }),
  );
  assert.is(attempt(t, "supervisor", "attempt", 0), "ok err full", "the first case of its error, give-up");
  assert.equal(deaths(t), ["killed stubborn#1", "deadline stubborn#2"]);
  assert.is(t.system.liveObjects(), 0);
  assert.is(attempt(t, "supervisor", "call", 0), "ok 0", "its link is dead");
  assert.is(attempt(t, "supervisor", "attempt", 0), "ok ok undefined");
  assert.is(attempt(t, "supervisor", "call", 0), "ok 1");
  await t.end();
});

test.run();
