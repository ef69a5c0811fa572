/** Links: whom a caller reaches after deaths and restarts, and that nobody reaches a successor by accident. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createDomain } from "../../host/kernel/life/birth.ts";
import type { Seat } from "../../host/kernel/seat.ts";
import { attempt, deaths, domain, type Parts } from "../support/domain.ts";
import { calls, host, restarts, type TestSystem, testSystem } from "../support/system.ts";
import { id } from "../support/world.ts";

const test = suite("links");

const STATUS = "(call $status (i32.const 0))";

/** `call` counts up; `quick` traps. */
const COUNTER: Parts = {
  code: "(global $count (mut i32) (i32.const 0))",
  exports: { call: "(global.set $count (i32.add (global.get $count) (i32.const 1))) (global.get $count)", quick: "unreachable" },
};

/** `call` gives the callee's answer, or 100 and the status; `quick` has it trap; `attempt` restarts it. */
function holder(name: string, seat: Seat, t: TestSystem, supervises: boolean): ReturnType<typeof domain> {
  return domain(name, {
    imports: { call: calls(seat), quick: calls(seat), ...(supervises ? { restart: restarts(t, seat, { tries: 1 }) } : {}) },
    guard: ["status"],
    exports: {
      call: `(local.set $n (call $call (i32.const 0))) (if ${STATUS} (then (return (i32.add (i32.const 100) ${STATUS})))) (local.get $n)`,
      quick: `(drop (call $quick (i32.const 0))) ${STATUS}`,
      attempt: supervises ? "(call $restart)" : "(i32.const 1)",
    },
  });
}

test("the supervisor's restart binds the links of its holder anew, and nobody else's", async () => {
  const t = await testSystem();
  const served = await t.add(domain("served", COUNTER));
  await t.add(holder("shadow", served, t, true));
  await t.add(holder("other", served, t, false));
  const hosts = t.system.export("served", id("call"));
  for (let generation = 1; generation < 5; generation++) {
    assert.is(attempt(t, "shadow", "call", 0), "ok 1", "each generation counts from the start");
    assert.is(attempt(t, "other", "call", 0), generation === 1 ? "ok 2" : "ok 107");
    assert.is(attempt(t, "shadow", "quick", 0), "ok 1");
    for (const name of ["shadow", "other"]) assert.is(attempt(t, name, "call", 0), "ok 107");
    assert.is(attempt(t, "shadow", "attempt", 0), "ok ok undefined");
    assert.is(hosts.run?.(0).ok, false, "the host's old functions stay dead");
  }
  assert.is(attempt(t, "served", "call", 0), "ok 1", "the host may bind to the present generation");
  const again = t.events.filter(({ kind }) => kind === "restart").length;
  const recovered = t.events.filter(({ kind }) => kind === "recovered");
  assert.is(again, 4);
  assert.is(recovered.length, 3, "a seat has recovered when a call was answered again");
  await t.end();
});

test("a link to a dead generation stays dead when its slot serves another domain", async () => {
  const t = await testSystem();
  const mortal = await t.add(domain("mortal", COUNTER));
  await t.add(holder("caller", mortal, t, false));
  const slot = mortal.current?.slot;
  const hosts = t.system.export("mortal", id("call"));
  t.system.kill("mortal");
  const passing = await t.add(domain("passing", COUNTER));
  let found = false;
  for (let i = 0; i < 500 && !found; i++) {
    t.system.kill("passing");
    assert.ok(createDomain(t.system.kernel, passing).ok);
    found = passing.current?.slot === slot;
  }
  assert.ok(found, "the slot came round again");
  assert.is(attempt(t, "caller", "call", 0), "ok 107");
  assert.match(JSON.stringify(hosts.run?.(0)), /"cause":"dead","domain":"mortal"/);
  assert.is(attempt(t, "passing", "call", 0), "ok 1", "nobody counted");
  await t.end();
});

test("[alive] says whether the generation that the link reaches lives, at the price of no call", async () => {
  const t = await testSystem();
  const served = await t.add(domain("served", COUNTER));
  const alive = `(import "${id("call")}" "[alive]" (func $alive (result i32)))`;
  const spec = holder("shadow", served, t, true);
  const wat = spec.wat
    .replace("(module", `(module ${alive}`)
    .replace(
      /\(func \(export "test:api\/quick@0.1.0#run"\).*/,
      `(func (export "${id("quick")}#run") (param i32) (result i32) (call $alive))`,
    );
  await t.add({ ...spec, wat });
  assert.is(attempt(t, "shadow", "quick", 0), "ok 1");
  t.system.kill("served");
  assert.is(attempt(t, "shadow", "quick", 0), "ok 0");
  attempt(t, "shadow", "attempt", 0);
  assert.is(attempt(t, "shadow", "quick", 0), "ok 1");
  assert.is(t.system.liveObjects(), 0);
  await t.end();
});

test("a restart of one that is in the chain of calls is given up, and works once it is gone", async () => {
  const t = await testSystem();
  let answer = "";
  const back = host({
    run: () => {
      answer = attempt(t, "other supervisor", "attempt", 0);
      return 1;
    },
  });
  const served = await t.add(
    domain("served", { imports: { circle: back }, exports: { call: "(call $circle (i32.const 0))", quick: "(i32.const 0)" } }),
  );
  await t.add(holder("other supervisor", served, t, true));
  await t.add(holder("shadow", served, t, true));
  assert.is(attempt(t, "shadow", "call", 0), "ok 103", "it was killed while it ran");
  assert.is(answer, "ok err full", "the first case of its error: give-up");
  assert.equal(deaths(t), ["killed served#1"]);
  assert.is(attempt(t, "other supervisor", "attempt", 0), "ok ok undefined");
  assert.is(served.current?.generation, 2);
  await t.end();
});

test("a restart inside the init that a restart runs ends the inner birth, and the outer is told", async () => {
  const t = await testSystem();
  let births = 0;
  let inner = "";
  const back = host({
    run: () => {
      if (births++ === 1) inner = attempt(t, "other supervisor", "attempt", 0);
      return 1;
    },
  });
  const served = await t.add(
    domain("served", { ...COUNTER, imports: { circle: back }, init: "(drop (call $new)) (drop (call $circle (i32.const 0)))" }),
  );
  await t.add(holder("other supervisor", served, t, true));
  await t.add(holder("shadow", served, t, true));
  assert.is(attempt(t, "shadow", "attempt", 0), "ok err full");
  assert.is(inner, "ok err full");
  assert.equal(deaths(t), ["killed served#1", "killed served#2"]);
  assert.is(attempt(t, "shadow", "attempt", 0), "ok ok undefined");
  assert.is(attempt(t, "shadow", "call", 0), "ok 1");
  await t.end();
});

test("a holder that is killed while it restarts leaves a living service that nobody is bound to", async () => {
  const t = await testSystem();
  let births = 0;
  const killHolder = host({
    run: () => {
      if (births++ > 0) t.system.kill("shadow");
      return 1;
    },
  });
  const served = await t.add(
    domain("served", { ...COUNTER, imports: { circle: killHolder }, init: "(drop (call $circle (i32.const 0)))" }),
  );
  await t.add(holder("shadow", served, t, true));
  assert.is(attempt(t, "shadow", "attempt", 0), "killed shadow#1");
  assert.is(attempt(t, "served", "call", 0), "ok 1");
  assert.is(served.current?.generation, 2);
  assert.is([...(served.current?.inbound ?? [])].length, 1, "the link of the host, and no other");
  await t.end();
});

test("a death that a listener answers with new births and calls happens in order", async () => {
  const t = await testSystem();
  const served = await t.add(domain("served", COUNTER));
  await t.add(holder("caller", served, t, false));
  const answers: string[] = [];
  t.system.kernel.events.on((event) => {
    if (event.kind !== "death" || event.death.domain !== "served" || answers.length > 0) return;
    assert.ok(createDomain(t.system.kernel, served).ok);
    answers.push(attempt(t, "served", "call", 0));
  });
  assert.is(attempt(t, "caller", "quick", 0), "ok 1", "the caller is told of the death all the same");
  assert.equal(answers, ["ok 1"]);
  assert.is(attempt(t, "served", "call", 0), "ok 2");
  assert.is(attempt(t, "caller", "call", 0), "ok 107");
  await t.end();
});

test.run();
