/** What stays of a dead generation in the host's memory while its callers live on: nothing that grows with the number of deaths. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Domain } from "../../host/kernel/domain.ts";
import { startNext } from "../../host/kernel/life/next-generation.ts";
import type { Seat } from "../../host/kernel/seat.ts";
import { attempt, deaths, domain } from "../support/domain.ts";
import { type TestSystem, testSystem } from "../support/system.ts";

const test = suite("forgotten");

const ROUNDS = 40;

async function collect(): Promise<void> {
  setFlagsFromString("--expose-gc");
  // What a WeakRef was made of lives until the end of the turn.
  await new Promise((resolve) => setImmediate(resolve));
  runInNewContext("gc")();
}

/** Starts the next generations, and remembers those before them as long as somebody else does. */
function replace(t: TestSystem, seats: readonly Seat[], dead: WeakRef<Domain>[]): void {
  for (const seat of seats) {
    if (seat.current !== undefined) dead.push(new WeakRef(seat.current));
    assert.ok(startNext(t.system.kernel, seat).ok);
  }
}

test("a caller that lives on holds none of the generations that failed it, nor those that had failed these", async () => {
  const t = await testSystem();
  const follows = (seat: Seat) => ({ kind: "domain", seat, rebind: true }) as const;
  const driver = await t.add(domain("driver", { exports: { call: "unreachable" } }));
  const app = await t.add(
    domain("app", { imports: { call: follows(driver) }, exports: { call: "(drop (call $call (local.get $n))) unreachable" } }),
  );
  await t.add(domain("client", { imports: { call: follows(app) }, exports: { call: "(call $call (local.get $n))" } }));
  const dead: WeakRef<Domain>[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    assert.is(attempt(t, "client", "call", 1), "ok 0");
    replace(t, [driver, app], dead);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.is(deaths(t).length, 2 * ROUNDS);
  t.events.length = 0;
  await collect();
  const held = dead.flatMap((each) => each.deref() ?? []);
  assert.equal(
    held.map(({ name, generation }) => `${name}#${generation}`),
    [],
  );
  await t.end();
});

test("a dead generation to which a link remains does not hold those that it called", async () => {
  const t = await testSystem();
  const driver = await t.add(domain("driver", { exports: { call: "(local.get $n)" } }));
  const app = await t.add(
    domain("app", { imports: { call: { kind: "domain", seat: driver } }, exports: { call: "(call $call (local.get $n))" } }),
  );
  // Its link is not bound again: it points at the first app for ever.
  await t.add(domain("client", { imports: { call: { kind: "domain", seat: app } }, exports: { call: "(call $call (local.get $n))" } }));
  assert.is(attempt(t, "client", "call", 5), "ok 5");
  t.system.kill("app");
  t.system.kill("driver");
  const dead: WeakRef<Domain>[] = [];
  replace(t, [driver, app], dead);
  t.events.length = 0;
  await collect();
  assert.equal(
    dead.map((each) => each.deref()?.name),
    [undefined, "app"],
  );
  await t.end();
});

test("whoever holds the first generation for ever holds none of the later ones, whoever dies in between", async () => {
  const t = await testSystem();
  const follows = (seat: Seat) => ({ kind: "domain", seat, rebind: true }) as const;
  const driver = await t.add(domain("driver", { exports: { call: "(if (local.get $n) (then unreachable)) (i32.const 3)" } }));
  const app = await t.add(
    domain("app", {
      imports: { call: follows(driver) },
      exports: { call: "(drop (call $call (local.get $n))) (if (i32.eqz (local.get $n)) (then unreachable)) (i32.const 4)" },
    }),
  );
  await t.add(domain("client", { imports: { call: follows(app) }, exports: { call: "(call $call (local.get $n))" } }));
  const first = driver.current;
  const dead: WeakRef<Domain>[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    // The driver alone; then the app alone, which has called the driver's next generation.
    assert.is(attempt(t, "client", "call", 1), "ok 4");
    replace(t, [driver], dead);
    assert.is(attempt(t, "client", "call", 0), "ok 0");
    replace(t, [app], dead);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.is(deaths(t).length, 2 * ROUNDS);
  t.events.length = 0;
  await collect();
  const held = dead.flatMap((each) => each.deref() ?? []);
  assert.is(first?.generation, 1);
  assert.equal(
    held.filter((each) => each !== first).map(({ name, generation }) => `${name}#${generation}`),
    [],
  );
  await t.end();
});

test.run();
