/** How patient a restart capability is: the waits, the bounds of one call, and whose budget stretches for it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DEFAULT_RESTARTS, Patience, waitBefore } from "../../host/kernel/life/restart-policy.ts";
import { attempt, call, deaths, domain } from "../support/domain.ts";
import { calls, host, restarts, testSystem } from "../support/system.ts";

const test = suite("restart policy");

const FOREVER = "(loop $l (br $l)) unreachable";
/** Calls, restarts and calls again until there is an answer or the capability refuses; then 1000 + how often. */
const PERSIST = `(loop $l
  (drop (call $call (i32.const 0)))
  (if (i32.eqz (call $status (i32.const 0))) (then (return (local.get $n))))
  (local.set $n (i32.add (local.get $n) (i32.const 1)))
  (br_if $l (i32.eq (call $restart) (i32.const 64))))
  (i32.add (i32.const 1000) (local.get $n))`;

test("waitBefore: the first restart is at once, then the wait doubles up to its cap; jitter takes at most half of it", () => {
  const policy = { ...DEFAULT_RESTARTS, firstWaitMs: 2, mostWaitMs: 50 };
  const waits = Array.from({ length: 8 }, (_, fruitless) => waitBefore(policy, fruitless, 0));
  assert.equal(waits, [0, 2, 4, 8, 16, 32, 50, 50]);
  assert.equal(
    waits.map((_, fruitless) => waitBefore(policy, fruitless, 1)),
    waits.map((wait) => wait / 2),
  );
  assert.is(waitBefore(policy, 1e9, 0), 50);
});

test("Patience: a call has so many tries in so much time, the next call has them again", () => {
  const patience = new Patience({ ...DEFAULT_RESTARTS, tries: 3, patienceMs: 100 });
  assert.equal(
    [0, 10, 20, 30].map((now) => patience.allows(5, now, 0)),
    [true, true, true, false],
  );
  assert.equal([patience.allows(7, 40, 0), patience.allows(7, 90, 60), patience.allows(7, 90, 50)], [true, false, true]);
});

test("restart: one call of the holder causes as many as its grant allows, the next one starts anew", async () => {
  const t = await testSystem();
  const broken = await t.add(domain("broken", { exports: { call: "unreachable" } }));
  const grant = restarts(t, broken, { tries: 3 });
  await t.add(domain("shadow", { imports: { call: calls(broken), restart: grant }, guard: ["status"], exports: { call: PERSIST } }));
  assert.is(attempt(t, "shadow", "call", 0), "ok 1004");
  assert.is(broken.current?.generation, 4);
  assert.is(attempt(t, "shadow", "call", 0), "ok 1004");
  assert.is(broken.current?.generation, 7);
  await t.end();
});

test("restart: those in a row wait, an answered call ends the row, and time that passed counts", async () => {
  const t = await testSystem();
  let healthy = false;
  const broken = await t.add(
    domain("broken", {
      imports: { count: host({ run: () => (healthy ? 64 : 1) }) },
      exports: { call: "(if (i32.ne (call $count (i32.const 0)) (i32.const 64)) (then unreachable)) (i32.const 1)" },
    }),
  );
  const grant = restarts(t, broken, { tries: 4, firstWaitMs: 20, mostWaitMs: 40, patienceMs: 1000 });
  await t.add(
    domain("shadow", {
      imports: { call: calls(broken), restart: grant },
      guard: ["status"],
      limits: { callBudgetMs: 0 },
      exports: { call: PERSIST },
    }),
  );
  const timed = (): number => {
    const start = performance.now();
    attempt(t, "shadow", "call", 0);
    return performance.now() - start;
  };
  // 0 + 20 + 40 + 40 ms, less half of each at most.
  assert.ok(timed() >= 45, "four restarts in a row");
  healthy = true;
  assert.ok(timed() >= 15, "the row goes on with the next call");
  assert.is(broken.fruitless, 0);
  const fastest = Math.min(
    ...Array.from({ length: 5 }, () => {
      t.system.kill("broken");
      return timed();
    }),
  );
  assert.ok(fastest < 10, `after an answered call the first restart is at once, not after ${fastest} ms`);
  await t.end();
});

test("restart: patience bounds what births without end can take, and every failed birth is in the chain", async () => {
  const t = await testSystem();
  let births = 0;
  const stillborn = await t.add(
    domain("stillborn", {
      imports: { count: host({ run: () => (births++ === 0 ? 64 : 1) }) },
      init: "(drop (call $new)) (if (i32.ne (call $count (i32.const 0)) (i32.const 64)) (then (loop $l (br $l))))",
      limits: { initBudgetMs: 15 },
      exports: { call: "unreachable" },
    }),
  );
  const grant = restarts(t, stillborn, { tries: 100, patienceMs: 60 });
  await t.add(
    domain("shadow", {
      imports: { call: calls(stillborn), restart: grant },
      kernel: ["relay"],
      exports: { call: "(drop (call $call (i32.const 0))) (drop (call $restart)) (call $relay) (i32.const 0)" },
    }),
  );
  const called = call(t, "shadow", "call", 0);
  if (called.ok) throw new Error("answered");
  assert.is(called.error.cause, "gave-up");
  const chain = called.error.chain ?? [];
  assert.is(chain[0]?.cause, "trap");
  assert.ok(chain.length >= 2 && chain.length < 8, `${chain.length} causes`);
  assert.ok(chain.slice(1).every(({ cause, detail }) => cause === "deadline" && /^failed to start: /.test(detail)));
  assert.is(deaths(t).length, chain.length);
  await t.end();
});

test("restart: a deadline of the interface stretches for whoever stands in, so a hanging domain does not take it along", async () => {
  const t = await testSystem();
  const hanging = await t.add(domain("hanging", { exports: { quick: FOREVER } }));
  const quick = PERSIST.replace("$call (i32.const 0)", "$quick (i32.const 0)");
  const imports = { quick: calls(hanging), restart: restarts(t, hanging, { tries: 2 }) };
  await t.add(domain("shadow", { imports, guard: ["status"], exports: { quick } }));
  assert.is(attempt(t, "shadow", "quick", 0), "ok 1003");
  assert.equal(deaths(t), ["deadline hanging#1", "deadline hanging#2", "deadline hanging#3"]);
  await t.add(domain("forward", { imports: { quick: calls(hanging) }, exports: { quick: FOREVER } }));
  assert.is(attempt(t, "forward", "quick", 0), "deadline forward#1");
  await t.end();
});

test.run();
