/** CPU time per window: what a domain that has used it up, its callers and its successors meet. */
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createDomain } from "../../host/kernel/life/birth.ts";
import type { Seat } from "../../host/kernel/seat.ts";
import { AccountsWord, AccountWord } from "../../host/platform/cpu-accounts.ts";
import { AMPLE, accountOf, spend } from "../support/cpu-time.ts";
import { attempt, call, deaths, domain } from "../support/domain.ts";
import { COUNTERS, client, counters } from "../support/handle-domains.ts";
import { run } from "../support/handle-scenes.ts";
import { calls, host, restarts, type TestSystem, testSystem } from "../support/system.ts";

const test = suite("CPU time");

const PATIENCE_MS = 20_000;
/** A millisecond or two of it: far less than any budget here, so that nobody is ended for a single call. */
const WORK =
  "(func $work (local $w i32) (local.set $w (i32.const 2000000)) (loop $l (br_if $l (local.tee $w (i32.sub (local.get $w) (i32.const 1))))))";
const BUSY = { code: WORK, exports: { call: "(call $work) (local.get $n)" } } as const;

test("who has used up its time is not called until its window ends; the error says so, and nobody dies", async () => {
  const t = await testSystem();
  const svc = await t.add(domain("svc", { limits: AMPLE, exports: { call: "(local.get $n)", quick: "(i32.const 9)" } }));
  assert.is(attempt(t, "svc", "call", 1), "ok 1");
  spend(t, svc);
  assert.is(attempt(t, "svc", "call", 2), "ok 2", "the call that ends with it");
  const refused = call(t, "svc", "call", 3);
  if (refused.ok) throw new Error("called");
  assert.is(refused.error.cause, "throttled");
  assert.match(refused.error.detail, /#run was not called: svc#1 has used its 50000 ms of CPU time in 60000 ms$/);
  assert.is(attempt(t, "svc", "quick", 0), "throttled svc#1", "whatever is called");
  spend(t, svc, false);
  assert.is(attempt(t, "svc", "quick", 0), "ok 9");
  assert.is(attempt(t, "svc", "call", 5), "ok 5");
  assert.equal(deaths(t), []);
  await t.end();
});

test("a domain that calls one without time reads the status and the length of its window, and keeps what it wanted to give", async () => {
  const t = await testSystem();
  const svc = await t.add(domain("svc", { limits: AMPLE, exports: { take: "(call $drop (local.get $b))", quick: "(i32.const 9)" } }));
  await t.add(
    domain("caller", {
      imports: { take: calls(svc) },
      guard: ["status", "load32"],
      exports: {
        call: `(local $b i32) (local.set $b (call $new)) (call $take (local.get $b))
          (if (i32.eq (call $status (i32.const 0)) (i32.const 15)) (then (drop (call $load32 (local.get $b))) (call $drop (local.get $b))))
          (i32.add (i32.mul (call $status (i32.const 0)) (i32.const 1000000)) (call $status (i32.const 3)))`,
      },
    }),
  );
  assert.is(attempt(t, "caller", "call", 0), "ok 0");
  spend(t, svc);
  assert.is(attempt(t, "svc", "quick", 0), "ok 9");
  assert.is(attempt(t, "caller", "call", 0), "ok 15060000");
  assert.equal(deaths(t), []);
  await t.end();
});

test("a domain that is in a call when its time is used up finishes it, may call others, and gives its result", async () => {
  const t = await testSystem();
  let svc: Seat | undefined;
  const tell = host({
    run: () => {
      if (svc !== undefined) spend(t, svc);
      return 4;
    },
  });
  const other = await t.add(domain("other", { exports: { call: "(i32.add (local.get $n) (i32.const 1))" } }));
  svc = await t.add(
    domain("svc", {
      imports: { quick: tell, call: calls(other) },
      limits: AMPLE,
      exports: { circle: "(call $call (call $call (call $quick (i32.const 0))))" },
    }),
  );
  assert.is(attempt(t, "svc", "circle", 0), "ok 6");
  assert.is(attempt(t, "svc", "circle", 0), "throttled svc#1");
  assert.is(attempt(t, "other", "call", 0), "ok 1", "whom it calls has time of its own");
  await t.end();
});

test("instances of an exporter without time come to their end, and none begins", async () => {
  const t = await testSystem();
  const served = await t.add(counters("served", { limits: AMPLE }));
  const imports = { [COUNTERS]: calls(served) };
  await t.add(
    client("holder", {
      imports,
      call: `(if (i32.eqz (local.get $n)) (then (global.set $kept (call $new (i32.const 5)))) (else (call $drop (global.get $kept)))) (i32.const 1)`,
    }),
  );
  await t.add(client("maker", { imports, call: "(drop (call $new (i32.const 5))) (call $status (i32.const 0))" }));
  const destroyed = (): unknown => t.system.export("served", COUNTERS).destroyed?.();
  assert.is(run(t, "holder", 0), "ok 1");
  spend(t, served);
  assert.equal(destroyed(), { ok: true, value: 0 });
  assert.is(run(t, "maker", 0), "ok 15");
  assert.is(run(t, "holder", 1), "ok 1");
  spend(t, served, false);
  assert.equal(destroyed(), { ok: true, value: 1 });
  await t.end();
});

test("a domain gains no time by dying: its successor's window goes on from there", async () => {
  const t = await testSystem();
  const seat = await t.add(domain("svc", { limits: AMPLE, exports: { call: "(local.get $n)" } }));
  await t.add(domain("other", { limits: AMPLE, exports: { call: "(local.get $n)" } }));
  const { kernel } = t.system;
  const { accounts } = kernel.watchdog;
  const words = (of = seat.current): Int32Array => accountOf(accounts, of ?? { slot: 0 });
  words()[AccountWord.used] = 1234;
  words()[AccountWord.since] = 567;
  const first = seat.current;
  t.system.kill("svc");
  assert.is(words(first)[AccountWord.id], 0);
  assert.ok(createDomain(kernel, seat).ok);
  assert.is(words()[AccountWord.id], seat.current?.id);
  assert.equal([words()[AccountWord.used], words()[AccountWord.since]], [1234, 567]);
  assert.equal([words()[AccountWord.budget], words()[AccountWord.window]], [50_000_000, 60_000]);
  await t.end();
});

test("a domain gains no time by being born again: that is its own, but for its first birth", async () => {
  const t = await testSystem();
  // The watchdog samples each birth: it lasts some milliseconds.
  const long = `(loop $l (br_if $l (local.tee $w (i32.sub (local.get $w) (i32.const 1)))))`;
  const init = `(local $w i32) (local.set $w (i32.const 30000000)) ${long}`;
  const seat = await t.add({
    ...domain("svc", { limits: { ...AMPLE, initBudgetMs: 20_000 }, init, exports: { call: "(local.get $n)" } }),
    snapshot: false,
  });
  const { kernel } = t.system;
  const used = (): number => accountOf(kernel.watchdog.accounts, seat.current ?? { slot: 0 })[AccountWord.used] ?? 0;
  assert.is(used(), 0);
  t.system.kill("svc");
  assert.ok(createDomain(kernel, seat).ok);
  const once = used();
  assert.ok(once > 1000, `${once} µs`);
  t.system.kill("svc");
  assert.ok(createDomain(kernel, seat).ok);
  assert.ok(used() > once + 1000, `${used()} µs after ${once}`);
  assert.is(attempt(t, "svc", "call", 3), "ok 3");
  await t.end();
});

test("who is told of is let go when it is none that has used up its time: a late tick closes and ends nobody", async () => {
  const t = await testSystem();
  const seat = await t.add(domain("svc", { limits: AMPLE, exports: { call: "(local.get $n)" } }));
  const { i32, cpu, watchdog } = t.system.kernel;
  for (const [spent, over] of [
    [seat.current?.id ?? 0, 0],
    [seat.current?.id ?? 0, (i32[cpu.sequence] ?? 0) + 2],
    [0x7fffffff, 0x7fffffff],
    [1, 1],
  ] as const) {
    watchdog.accounts[AccountsWord.spent] = spent;
    watchdog.accounts[AccountsWord.over] = over;
    Atomics.store(i32, cpu.interrupt, 1);
    assert.is(attempt(t, "svc", "call", 1), "ok 1");
    assert.is(attempt(t, "svc", "call", 2), "ok 2");
    assert.equal([...watchdog.accounts.subarray(0, 2)], [0, 0], "it was taken");
  }
  await t.end();
});

/** Calls until the answer is another than before; fails when it takes too long. */
async function until(t: TestSystem, name: string, answer: RegExp, pauseMs?: number): Promise<string> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const got = attempt(t, name, "call", 1);
    if (answer.test(got)) return got;
    if (performance.now() > end) throw new Error(`${name} answered ${got} for ${PATIENCE_MS} ms`);
    if (pauseMs !== undefined) await sleep(pauseMs);
  }
}

test("the watchdog: a domain that works all the time is kept out, let in when its window has ended, and kept out again", async () => {
  const t = await testSystem();
  await t.add(domain("svc", { ...BUSY, limits: { cpuBudgetMs: 150, cpuWindowMs: 600 } }));
  await t.add(domain("modest", { ...BUSY, limits: AMPLE }));
  for (let round = 0; round < 3; round++) {
    assert.is(await until(t, "svc", /^throttled/), "throttled svc#1");
    // Nothing runs meanwhile: the watchdog goes to sleep, and wakes when the window ends.
    assert.is(await until(t, "svc", /^ok/, 20), "ok 1");
  }
  for (let i = 0; i < 30; i++) assert.is(attempt(t, "modest", "call", i), `ok ${i}`);
  assert.equal(deaths(t), []);
  await t.end();
});

test("the watchdog: a call that runs on when the time of its callee is used up ends as one over its budget", async () => {
  const t = await testSystem();
  const limits = { cpuBudgetMs: 5, cpuWindowMs: 60_000, callBudgetMs: 0 };
  const svc = await t.add(domain("svc", { limits, exports: { call: "(loop $l (br $l)) unreachable" } }));
  await t.add(
    domain("caller", {
      imports: { call: calls(svc), restart: restarts(t, svc) },
      guard: ["status"],
      exports: { circle: "(drop (call $call (local.get $n))) (call $status (i32.const 0))" },
    }),
  );
  assert.is(attempt(t, "caller", "circle", 0), "ok 2");
  assert.equal(deaths(t), ["deadline svc#1"]);
  assert.match(
    t.system.kernel.deaths.list()[0]?.detail ?? "",
    /^went on for as long again when it had used its 5 ms of CPU time in 60000 ms$/,
  );
  assert.ok(createDomain(t.system.kernel, svc).ok);
  assert.match(await until(t, "svc", /svc#2$/), /^(deadline|throttled)/);
  await t.end();
});

test("the watchdog: time in functions of the host is the caller's, time in other domains is theirs", async () => {
  const t = await testSystem();
  const wait = host({
    run: (ms = 0) => {
      const end = performance.now() + ms;
      while (performance.now() < end);
      return 1;
    },
  });
  const limits = { cpuBudgetMs: 100, cpuWindowMs: 60_000 };
  const worker = await t.add(domain("worker", { imports: { quick: wait }, exports: { call: "(call $quick (i32.const 3))" } }));
  await t.add(domain("delegates", { imports: { call: calls(worker) }, limits, exports: { circle: "(call $call (local.get $n))" } }));
  for (let i = 0; i < 40; i++) assert.is(attempt(t, "delegates", "circle", i), "ok 1");
  await t.add(domain("works", { imports: { quick: wait }, limits, exports: { call: "(call $quick (i32.const 3))" } }));
  assert.is(await until(t, "works", /^throttled/), "throttled works#1");
  await t.end();
});

test.run();
