/** Supervision of real domains: when restarts happen, whom links reach afterwards, and how a system ends that gives up. */
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import type { Seat } from "../../host/kernel/seat.ts";
import type { MemberSettings, SupervisionSettings } from "../../host/supervision/settings.ts";
import { attempt, call, deaths, domain, type Parts } from "../support/domain.ts";
import { calls, host, restarts, type TestSystem, testSystem } from "../support/system.ts";

const test = suite("supervision");

/** Traps for 0, else counts up from 1. */
const MORTAL: Parts = {
  code: "(global $count (mut i32) (i32.const 0))",
  exports: {
    call: "(if (i32.eqz (local.get $n)) (then unreachable)) (global.set $count (i32.add (global.get $count) (i32.const 1))) (global.get $count)",
  },
};

const CALM: SupervisionSettings = { intensity: 100, firstWaitMs: 0 };

async function supervised(t: TestSystem, name: string, settings: MemberSettings = {}, parts: Parts = MORTAL): Promise<Seat> {
  const seat = await t.add(domain(name, parts));
  t.system.supervise(name, settings);
  return seat;
}

async function start(supervision: SupervisionSettings = CALM): Promise<TestSystem> {
  return await testSystem({ heapMegabytes: 32, supervision });
}

function follows(seat: Seat): Provider {
  return { kind: "domain", seat, rebind: true };
}

/** Calls with its own argument and answers 100 + the status when that failed. */
function client(name: string, provider: Provider): ReturnType<typeof domain> {
  return domain(name, {
    imports: { call: provider },
    guard: ["status"],
    exports: {
      call: `(local.set $n (call $call (local.get $n)))
        (if (call $status (i32.const 0)) (then (return (i32.add (i32.const 100) (call $status (i32.const 0))))))
        (local.get $n)`,
      quick: `(drop (call $call (i32.const 0))) (call $call (i32.const 1))`,
    },
  });
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !condition(); i++) await sleep(2);
  assert.ok(condition(), "it never came true");
}

function generation(t: TestSystem, name: string): number {
  return t.system.seat(name).current?.generation ?? 0;
}

test("a supervised domain is up again when the call that it died in has returned to the host", async () => {
  const t = await start();
  await supervised(t, "mortal");
  for (let i = 1; i < 6; i++) {
    assert.is(attempt(t, "mortal", "call", 1), "ok 1", "each generation counts from the start");
    assert.is(attempt(t, "mortal", "call", 0), `trap mortal#${i}`);
  }
  assert.equal(
    t.events.flatMap((event) => (event.kind === "restart" ? [event.generation] : [])),
    [2, 3, 4, 5, 6],
  );
  await t.end();
});

test("without supervision nobody restarts, and a domain that was never under it is not touched", async () => {
  const t = await start({ strategy: "one_for_all", ...CALM });
  await t.add(domain("free", MORTAL));
  await supervised(t, "mortal");
  attempt(t, "mortal", "call", 0);
  assert.is(generation(t, "free"), 1);
  attempt(t, "free", "call", 0);
  await sleep(10);
  assert.is(attempt(t, "free", "call", 1), "dead free#1");
  await t.end();
});

test("permanent, transient, temporary: which deaths bring a domain back", async () => {
  const t = await start();
  for (const restart of ["permanent", "transient", "temporary"] as const) {
    await supervised(t, restart, { restart });
    attempt(t, restart, "call", 0);
    assert.is(generation(t, restart), restart === "temporary" ? 1 : 2, `${restart}, trap`);
    t.system.kill(restart);
    assert.is(generation(t, restart), { permanent: 3, transient: 2, temporary: 1 }[restart], `${restart}, killed`);
  }
  await t.end();
});

test("a link stays dead when its callee was restarted, unless its grant says that it follows", async () => {
  const t = await start();
  const mortal = await supervised(t, "mortal");
  await t.add(client("loyal", calls(mortal)));
  await t.add(client("follower", follows(mortal)));
  const held = t.system.export("mortal", "test:api/call@0.1.0");
  for (const name of ["loyal", "follower"]) assert.is(attempt(t, name, "call", 1), `ok ${name === "loyal" ? 1 : 2}`);
  attempt(t, "mortal", "call", 0);
  assert.is(attempt(t, "follower", "call", 1), "ok 1");
  assert.is(attempt(t, "loyal", "call", 1), "ok 107");
  assert.is(held.run?.(1).ok, false, "functions of the host stay dead, too");
  assert.is(attempt(t, "mortal", "call", 1), "ok 2", "the one call of the follower, and this");
  await t.end();
});

test("inside a chain of calls who is followed comes back before its caller goes on, others when the CPU is idle", async () => {
  const t = await start();
  const followed = await supervised(t, "followed");
  const other = await supervised(t, "other");
  await t.add(client("follower", follows(followed)));
  const seen: number[] = [];
  const look = host({ run: () => seen.push(generation(t, "other")) });
  await t.add(
    domain("loyal", {
      imports: { call: calls(other), quick: look },
      exports: { call: "(drop (call $call (i32.const 0))) (call $quick (i32.const 0))" },
    }),
  );
  assert.is(attempt(t, "follower", "quick", 1), "ok 1");
  assert.is(generation(t, "followed"), 2);
  assert.is(t.events.filter(({ kind }) => kind === "recovered").length, 1);
  assert.is(attempt(t, "loyal", "call", 1), "ok 1");
  assert.equal(seen, [1]);
  await until(() => generation(t, "other") === 2);
  await t.end();
});

test("with a wait before the restart calls answer dead until it is due, and the first one after that finds it up", async () => {
  const t = await start({ intensity: 10, firstWaitMs: 60, mostWaitMs: 60, jitter: 0 });
  const mortal = await supervised(t, "mortal");
  await t.add(client("follower", follows(mortal)));
  assert.is(attempt(t, "follower", "call", 0), "ok 101");
  const diedAt = performance.now();
  assert.is(attempt(t, "follower", "call", 0), "ok 101", "the first restart was at once");
  assert.is(attempt(t, "follower", "call", 1), "ok 107");
  // Without a turn of the event loop: what is due is noticed by who calls.
  while (performance.now() - diedAt < 70);
  assert.is(attempt(t, "follower", "call", 1), "ok 107");
  assert.is(attempt(t, "follower", "call", 1), "ok 1");
  attempt(t, "follower", "call", 0);
  await until(() => generation(t, "mortal") === 4);
  await t.end();
});

for (const [strategy, expected] of [
  ["one_for_one", [1, 2, 1]],
  ["one_for_all", [2, 2, 2]],
  ["rest_for_one", [1, 2, 2]],
] as const) {
  test(`${strategy}: the generations of three domains after the death of the second`, async () => {
    const t = await start({ ...CALM, strategy });
    for (const name of ["a", "b", "c"]) await supervised(t, name);
    attempt(t, "b", "call", 0);
    assert.equal(
      ["a", "b", "c"].map((name) => generation(t, name)),
      expected,
    );
    assert.equal(
      ["a", "b", "c"].map((name) => attempt(t, name, "call", 1)),
      ["ok 1", "ok 1", "ok 1"],
    );
    await t.end();
  });
}

test("one_for_all with a sibling in the chain of calls: it dies when control returns to it, and all come up after that", async () => {
  const t = await start({ ...CALM, strategy: "one_for_all" });
  const leaf = await supervised(t, "leaf");
  const top = await t.add(client("top", calls(leaf)));
  t.system.supervise("top", {});
  assert.is(attempt(t, "top", "call", 0), "killed top#1");
  assert.equal(deaths(t), ["trap leaf#1", "killed top#1"]);
  assert.is(top.current?.generation, 2);
  assert.is(attempt(t, "top", "call", 1), "ok 1", "its new generation is linked to the new one of the other");
  await t.end();
});

test("a domain that a shadow restarts: the group leaves its deaths to the shadow, and restarts it with the others", async () => {
  const t = await start({ ...CALM, strategy: "one_for_all" });
  const driver = await t.add(domain("driver", MORTAL));
  await t.add(
    domain("shadow", {
      imports: { call: calls(driver), restart: restarts(t, driver) },
      guard: ["status"],
      exports: {
        call: `(if (i32.eq (local.get $n) (i32.const 9)) (then unreachable))
          (drop (call $call (local.get $n))) (if (call $status (i32.const 0)) (then (drop (call $restart)))) (call $call (i32.const 1))`,
      },
    }),
  );
  t.system.supervise("driver", {}, true);
  t.system.supervise("shadow", {});
  assert.is(attempt(t, "shadow", "call", 0), "ok 1");
  assert.equal([generation(t, "driver"), generation(t, "shadow")], [2, 1]);
  assert.is(attempt(t, "shadow", "call", 9), "trap shadow#1");
  assert.equal([generation(t, "driver"), generation(t, "shadow")], [3, 2]);
  assert.is(attempt(t, "shadow", "call", 0), "ok 1");
  assert.throws(() => t.system.supervise("driver", { restart: "permanent" }, true), /leave "restart" out/);
  await t.end();
});

/** Is born once, and after that only while `isWell`. */
function sickly(isWell: () => boolean): Parts {
  let births = 0;
  return {
    imports: { count: host({ run: () => (births++ === 0 || isWell() ? 64 : 1) }) },
    init: "(drop (call $new)) (if (i32.ne (call $count (i32.const 0)) (i32.const 64)) (then unreachable))",
    exports: { call: "(if (i32.eqz (local.get $n)) (then unreachable)) (i32.const 5)" },
  };
}

test("births that fail are tried again with growing waits, until one comes up", async () => {
  const t = await start({ intensity: 50, firstWaitMs: 1, mostWaitMs: 5 });
  let tries = 0;
  await supervised(
    t,
    "sickly",
    {},
    sickly(() => ++tries > 4),
  );
  attempt(t, "sickly", "call", 0);
  await until(() => attempt(t, "sickly", "call", 1) === "ok 5");
  assert.is(generation(t, "sickly"), 6);
  await t.end();
});

test("a system that gives up ends all its domains, tells the whole chain, and starts nothing any more", async () => {
  const t = await start({ intensity: 1, groups: { storage: { intensity: 2, periodMs: 60_000, firstWaitMs: 0 } } });
  await t.add(domain("free", MORTAL));
  await supervised(
    t,
    "sickly",
    { group: "storage" },
    sickly(() => false),
  );
  await supervised(t, "cache", { group: "storage" });
  assert.is(attempt(t, "sickly", "call", 0), "trap sickly#1");
  await until(() => t.system.gaveUp !== undefined);
  const { group, reason, chain } = t.system.gaveUp ?? { chain: [] };
  assert.is(group, "system");
  assert.is(reason, "2 failures within 5000 ms, where 1 restarts are allowed");
  assert.equal(
    chain.map(({ cause, domain: name, generation: of }) => `${cause} ${name}#${of}`),
    [
      ...["trap sickly#1", "trap sickly#2", "trap sickly#3", "gave-up storage#0"],
      ...["trap sickly#4", "trap sickly#5", "trap sickly#6", "gave-up storage#0", "gave-up system#0"],
    ],
  );
  assert.ok(t.system.domains().every(({ state }) => state === "dead"));
  assert.is(attempt(t, "free", "call", 1), "dead free#1");
  assert.equal(
    t.events.flatMap((event) => (event.kind === "gave-up" ? [event.group] : [])),
    ["storage", "storage", "system"],
  );
  const error = await t.add(domain("late", MORTAL)).catch((thrown: Error) => thrown);
  assert.match(String((error as Error).message), /the system gave up: 2 failures/);
  await t.end();
});

test("a system that gives up inside a call ends the call, and the caller reads why", async () => {
  const t = await start({ intensity: 2, firstWaitMs: 0 });
  const mortal = await supervised(t, "mortal");
  await t.add(
    domain("job", {
      imports: { call: follows(mortal) },
      limits: { callBudgetMs: 60_000 },
      exports: { call: "(loop $l (drop (call $call (i32.const 0))) (br $l)) unreachable" },
    }),
  );
  const called = call(t, "job", "call", 0);
  assert.ok(!called.ok);
  assert.is(called.error.cause, "killed");
  assert.match(called.error.detail, /the system gave up: 3 failures within 5000 ms, where 2 restarts are allowed/);
  assert.equal(deaths(t), ["trap mortal#1", "trap mortal#2", "trap mortal#3", "killed job#1"]);
  await t.end();
});

test("a temporary group that gives up stays down, and the rest of the system goes on", async () => {
  const t = await start({ groups: { extras: { intensity: 0, restart: "temporary" } } });
  await supervised(t, "extra", { group: "extras" });
  await supervised(t, "core");
  attempt(t, "extra", "call", 0);
  attempt(t, "core", "call", 0);
  assert.is(attempt(t, "extra", "call", 1), "dead extra#1");
  assert.is(attempt(t, "core", "call", 1), "ok 1");
  assert.is(t.system.gaveUp, undefined);
  await t.end();
});

test("a group that there is not, or a system that was stopped, supervises nobody", async () => {
  const t = await start();
  await t.add(domain("mortal", MORTAL));
  assert.throws(() => t.system.supervise("mortal", { group: "nothing" }), /no group "nothing" here; there is: system/);
  t.system.supervise("mortal", {});
  await t.system.stop();
  assert.is(generation(t, "mortal"), 1);
  await t.end();
});

test("a restart in a chain that has no stack or no depth left waits for the idle CPU", async () => {
  const t = await start();
  const mortal = await supervised(t, "mortal");
  await t.add(client("bottom", follows(mortal)));
  let depth = 250;
  const again = host({
    run: () => {
      if (depth-- > 0) return call(t, "deep", "circle", 0).ok ? 1 : 0;
      return attempt(t, "bottom", "call", 0) === "ok 101" ? 1 : 0;
    },
  });
  await t.add(
    domain("deep", {
      imports: { count: again },
      exports: { circle: "(drop (call $count (i32.const 0))) (i32.const 1)" },
    }),
  );
  attempt(t, "deep", "circle", 0);
  await until(() => t.system.domains().every(({ state }) => state === "running"));
  assert.is(attempt(t, "bottom", "call", 1), "ok 1");
  await t.end();
});

test("where the process has no room for the next generation, that is a failure like any other: tried again, and in the end given up", async () => {
  const t = await start({ intensity: 3, firstWaitMs: 0 });
  await supervised(t, "mortal");
  const { memories } = t.system.kernel;
  const take = memories.take.bind(memories);
  let refusals = 2;
  memories.take = (minPages, maxPages, name) => {
    if (refusals-- > 0) throw new SumacError("quota-invalid", `domain ${name}: no room`);
    return take(minPages, maxPages, name);
  };
  attempt(t, "mortal", "call", 0);
  await until(() => attempt(t, "mortal", "call", 1).startsWith("ok"));
  assert.is(generation(t, "mortal"), 2, "what never was has no number");
  refusals = Number.POSITIVE_INFINITY;
  attempt(t, "mortal", "call", 0);
  await until(() => t.system.gaveUp !== undefined);
  assert.match(t.system.gaveUp?.chain.find(({ cause }) => cause === "init")?.detail ?? "", /^domain mortal: no room$/);
  await t.end();
});

test.run();
