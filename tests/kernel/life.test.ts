/** States of a generation, each with what leads to it; watchers; and destroying a domain for good. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createDomain } from "../../host/kernel/life/birth.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import type { LifeChange } from "../../host/system/system.ts";
import { attempt, deaths, domain, type Parts } from "../support/domain.ts";
import { calls, host, restarts, type TestSystem, testSystem } from "../support/system.ts";

const test = suite("life");

/** `mortal#1 created starting running` */
function lives(t: TestSystem, name: string): string[] {
  const told = new Map<number, string[]>();
  for (const event of t.events) {
    if (event.kind !== "state" || event.domain !== name) continue;
    told.set(event.generation, [...(told.get(event.generation) ?? []), event.state]);
  }
  return [...told].map(([generation, states]) => `${name}#${generation} ${states.join(" ")}`);
}

function stateOf(t: TestSystem, name: string): string | undefined {
  return t.system.domains().find((each) => each.name === name)?.state;
}

/** Calls back while it is bound, in its start function, in `init` and when it is called. */
function observed(seen: (place: string) => void): Parts {
  const places = ["start", "init", "call"];
  const provider: Provider = {
    kind: "host",
    bind() {
      seen("bind");
      return {
        run: (n = 0) => {
          seen(places[n] ?? "");
          return 1;
        },
      };
    },
  };
  return {
    imports: { quick: provider },
    start: "(drop (call $quick (i32.const 0)))",
    init: "(drop (call $quick (i32.const 1)))",
    exports: { call: "(call $quick (i32.const 2))" },
  };
}

test("created, starting, running, dying, dead: what a domain is at each place of its life", async () => {
  const t = await testSystem();
  const seen: string[] = [];
  const seat = await t.add(
    domain(
      "mortal",
      observed((place) => seen.push(`${place} ${stateOf(t, "mortal")}`)),
    ),
  );
  assert.is(attempt(t, "mortal", "call", 0), "ok 1");
  assert.equal(seen, ["bind created", "start starting", "init starting", "call running"]);
  t.system.kill("mortal");
  assert.is(stateOf(t, "mortal"), "dead");
  assert.ok(createDomain(t.system.kernel, seat).ok);
  assert.equal(lives(t, "mortal"), ["mortal#1 created starting running dying dead", "mortal#2 created starting running"]);
  await t.end();
});

test("running to dying: a domain that is killed inside a chain is dying, and refuses calls, until control has left it", async () => {
  const t = await testSystem();
  const seen: string[] = [];
  const kill = host({
    run: () => {
      t.system.kill("middle");
      seen.push(`${stateOf(t, "middle")}`, attempt(t, "middle", "circle", 0));
      return 1;
    },
  });
  const leaf = await t.add(domain("leaf", { imports: { quick: kill }, exports: { call: "(call $quick (i32.const 0))" } }));
  await t.add(
    domain("middle", { imports: { call: calls(leaf) }, exports: { call: "(call $call (i32.const 0))", circle: "(i32.const 1)" } }),
  );
  assert.is(attempt(t, "middle", "call", 0), "killed middle#1");
  assert.equal(seen, ["dying", "dead middle#1"]);
  assert.is(stateOf(t, "middle"), "dead");
  await t.end();
});

for (const [name, parts, expected] of [
  ["a trap in init", { init: "unreachable" }, "created starting dying dead"],
  ["a trap in the start function", { start: "unreachable" }, "created starting dying dead"],
  ["an overrun of init", { init: "(loop $l (br $l))", limits: { initBudgetMs: 20 } }, "created starting dying dead"],
  ["a trap in a call", { exports: { call: "unreachable" } }, "created starting running dying dead"],
  [
    "an overrun in a call",
    { exports: { call: "(loop $l (br $l)) unreachable" }, limits: { callBudgetMs: 20 } },
    "created starting running dying dead",
  ],
  ["an import that nobody grants", { imports: { quick: host({}) } }, "created dying dead"],
] as const) {
  test(`${name}: the states on the way`, async () => {
    const t = await testSystem();
    await t.add(domain("mortal", parts)).then(
      () => attempt(t, "mortal", "call", 0),
      () => assert.is(stateOf(t, "mortal"), undefined, "what was not born has no place in the system"),
    );
    assert.equal(lives(t, "mortal"), [`mortal#1 ${expected}`]);
    await t.end();
  });
}

test("a domain that is killed while it is linked never starts", async () => {
  const t = await testSystem();
  const killer: Provider = {
    kind: "host",
    bind(unborn) {
      t.system.kernel.kill(unborn, "not wanted");
      return { run: () => 1 };
    },
  };
  const parts: Parts = { imports: { quick: killer }, start: "(drop (call $quick (i32.const 0)))" };
  await t.add(domain("mortal", parts)).then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, /killed: .*not wanted/),
  );
  assert.equal(lives(t, "mortal"), ["mortal#1 created dying dead"]);
  await t.end();
});

test("watch: tells of one name, whatever generation, with the death, until it is ended", async () => {
  const t = await testSystem();
  const told: LifeChange[] = [];
  const end = t.system.watch("mortal", (change) => told.push(change));
  await t.add(domain("other"));
  const seat = await t.add(domain("mortal", { exports: { call: "unreachable" } }));
  attempt(t, "mortal", "call", 0);
  assert.ok(createDomain(t.system.kernel, seat).ok);
  assert.equal(
    told.map(({ generation, state }) => `${generation} ${state}`),
    ["1 created", "1 starting", "1 running", "1 dying", "1 dead", "2 created", "2 starting", "2 running"],
  );
  assert.equal(
    told.flatMap(({ state, death }) => (death === undefined ? [] : [`${state} ${death.cause}`])),
    ["dead trap"],
  );
  end();
  t.system.kill("mortal");
  assert.is(told.length, 8);
  await t.end();
});

test("watch: a watcher that kills, restarts or throws harms nobody", async () => {
  const t = await testSystem();
  const other = await t.add(domain("other", { exports: { call: "(i32.const 5)" } }));
  const thrown: unknown[] = [];
  const caught = (error: unknown): void => void thrown.push(error);
  process.on("uncaughtException", caught);
  t.system.watch("mortal", ({ state }) => {
    if (state === "dying") t.system.kill("other");
    if (state === "dead") assert.ok(createDomain(t.system.kernel, other).ok);
    throw new Error(state);
  });
  await t.add(domain("mortal", { exports: { call: "unreachable" } }));
  assert.is(attempt(t, "mortal", "call", 0), "trap mortal#1");
  assert.is(attempt(t, "other", "call", 0), "ok 5");
  assert.is(other.current?.generation, 2);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("uncaughtException", caught);
  assert.equal(
    thrown.map((error) => (error as Error).message),
    ["created", "starting", "running", "dying", "dead"],
  );
  await t.end();
});

test("destroy: the domain ends, its name is free, and what held the old one does not reach the new one", async () => {
  const t = await testSystem();
  const counter: Parts = {
    code: "(global $count (mut i32) (i32.const 0))",
    exports: { call: "(global.set $count (i32.add (global.get $count) (i32.const 1))) (global.get $count)" },
  };
  const first = await t.add(domain("mortal", { ...counter, init: "(drop (call $new))" }));
  const provider: Provider = { kind: "domain", seat: first, rebind: true };
  await t.add(
    domain("client", {
      imports: { call: provider },
      guard: ["status"],
      exports: { call: "(drop (call $call (i32.const 0))) (call $status (i32.const 0))" },
    }),
  );
  const held = t.system.export("mortal", "test:api/call@0.1.0");
  assert.is(attempt(t, "client", "call", 0), "ok 0");
  t.system.destroy("mortal");
  assert.equal(deaths(t), ["killed mortal#1"]);
  assert.is(t.system.liveObjects(), 0);
  assert.equal(
    t.system.domains().map(({ name }) => name),
    ["client"],
  );
  assert.throws(() => t.system.export("mortal", "test:api/call@0.1.0"), /no domain "mortal" in this system/);
  assert.throws(() => t.system.destroy("mortal"), /no domain "mortal"/);
  await t.add(domain("mortal", counter));
  assert.is(attempt(t, "client", "call", 0), "ok 7", "also the one whose grant follows: it follows a seat, not a name");
  assert.is(held.run?.(0).ok, false);
  assert.is(attempt(t, "mortal", "call", 0), "ok 1");
  await t.end();
});

test("destroy: nobody brings it back, neither a shadow nor its group", async () => {
  const t = await testSystem({ heapMegabytes: 32, supervision: { strategy: "one_for_all", intensity: 100, firstWaitMs: 0 } });
  const driver = await t.add(domain("driver", { exports: { call: "(i32.const 1)" } }));
  const imports = { call: calls(driver), restart: restarts(t, driver) };
  await t.add(domain("shadow", { imports, exports: { call: "(call $restart)" } }));
  t.system.supervise("driver", {}, true);
  t.system.supervise("shadow", {});
  t.system.destroy("driver");
  assert.is(attempt(t, "shadow", "call", 0), "ok 1", "the right to restart is worth nothing");
  t.system.kill("shadow");
  assert.is(t.system.seat("shadow").current?.generation, 2);
  assert.is(driver.generations, 1);
  await t.end();
});

test("destroy: a domain in the chain of calls dies when control returns to it; its name is free at once", async () => {
  const t = await testSystem();
  const destroy = host({
    run: () => {
      t.system.destroy("mortal");
      return 1;
    },
  });
  const spec = domain("mortal", { imports: { quick: destroy }, exports: { call: "(call $quick (i32.const 0))" } });
  await t.add(spec);
  assert.is(attempt(t, "mortal", "call", 0), "killed mortal#1");
  assert.equal(t.system.domains(), []);
  await t.add(spec);
  assert.is(stateOf(t, "mortal"), "running");
  await t.end();
});

test("two hundred generations: a reference to any of the dead answers dead with its own number", async () => {
  const t = await testSystem();
  const seat = await t.add(domain("mortal", { exports: { call: "(if (local.get $n) (then unreachable)) (i32.const 7)" } }));
  const references = [];
  for (let generation = 1; generation <= 200; generation++) {
    references.push(t.system.export("mortal", "test:api/call@0.1.0"));
    if (generation % 2 === 0) t.system.kill("mortal");
    else assert.is(attempt(t, "mortal", "call", 1), `trap mortal#${generation}`);
    assert.ok(createDomain(t.system.kernel, seat).ok);
  }
  for (const [i, { run }] of references.entries()) {
    const called = run?.(0);
    assert.ok(called !== undefined && !called.ok);
    assert.is(`${called.error.cause} ${called.error.domain}#${called.error.generation}`, `dead mortal#${i + 1}`);
  }
  assert.is(attempt(t, "mortal", "call", 0), "ok 7");
  await t.end();
});

test.run();
