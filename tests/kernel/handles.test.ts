/** Handles as they are meant: made, called, lent, handed on, dropped; and what becomes of them when someone dies. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { deaths } from "../support/domain.ts";
import { COUNTERS, client, counters, DESK, QUICK, TICKETS, tickets } from "../support/handle-domains.ts";
import { destroyed, run } from "../support/handle-scenes.ts";
import { calls, type TestSystem, testSystem } from "../support/system.ts";

const test = suite("handles");

test("an instance is made, called through its handle, and destroyed when its holder drops it", async () => {
  const t = await testSystem();
  const served = await t.add(counters("served"));
  await t.add(
    client("holder", {
      imports: { [COUNTERS]: calls(served) },
      call: `(local.set $h (call $new (i32.const 10))) (local.set $g (call $new (i32.const 100)))
        (drop (call $add (local.get $h) (i32.const 5))) (drop (call $add (local.get $g) (i32.const 50)))
        (local.set $n (i32.add (call $add (local.get $h) (i32.const 1)) (call $add (local.get $g) (i32.const 1))))
        (call $drop (local.get $h)) (call $drop (local.get $g)) (local.get $n)`,
    }),
  );
  assert.is(run(t, "holder"), "ok 167");
  assert.is(destroyed(t, "served"), "ok 2");
  assert.is(t.system.seat("holder").current?.handles.live, 0);
  await t.end();
});

test("an own parameter uses the handle up, a borrowed one does not", async () => {
  const t = await testSystem();
  const served = await t.add(counters("served"));
  await t.add(
    client("holder", {
      imports: { [COUNTERS]: calls(served) },
      call: `(local.set $h (call $new (i32.const 1))) (local.set $g (call $new (i32.const 20)))
        (local.set $n (call $merge (local.get $g) (local.get $h)))
        (drop (call $add (local.get $g) (i32.const 1))) (if (i32.ne (call $status (i32.const 0)) (i32.const 6)) (then unreachable))
        (local.set $g (call $new (i32.const 300)))
        (local.set $n (i32.add (local.get $n) (call $absorb (local.get $h) (local.get $g))))
        (drop (call $absorb (local.get $h) (local.get $g))) (if (i32.ne (call $status (i32.const 0)) (i32.const 6)) (then unreachable))
        (local.get $n)`,
    }),
  );
  assert.is(run(t, "holder"), "ok 322");
  assert.is(destroyed(t, "served"), "ok 0", "what was handed to its exporter is the exporter's business");
  await t.end();
});

test("a result with an error type brings a handle only with a success", async () => {
  const t = await testSystem();
  const served = await t.add(counters("served"));
  await t.add(
    client("holder", {
      imports: { [COUNTERS]: calls(served) },
      call: `(if (i32.ne (call $find (i32.const 0)) (i32.const 1)) (then unreachable))
        (if (i32.ne (call $find (i32.const 7)) (i32.const 64)) (then unreachable))
        (call $add (call $result (i32.const 0)) (i32.const 1))`,
    }),
  );
  assert.is(run(t, "holder"), "ok 8");
  assert.is(t.system.seat("holder").current?.handles.live, 1);
  await t.end();
});

/** A desk that uses, keeps and gives back counters of somebody else, without a grant of counters. */
async function scene(t: TestSystem): Promise<void> {
  const served = await t.add(counters("served"));
  const desk = await t.add(
    client("desk", {
      imports: { [COUNTERS]: undefined },
      desk: { use: "(call $add (local.get $c) (i32.const 1))" },
      call: "(call $add (global.get $kept) (local.get $n))",
      quick: "(call $drop (global.get $kept)) (i32.const 1)",
    }),
  );
  await t.add(
    client("holder", {
      imports: { [COUNTERS]: calls(served), [DESK]: calls(desk) },
      code: "(global $own (mut i32) (i32.const 0))",
      call: `(if (i32.eq (local.get $n) (i32.const 0)) (then (global.set $own (call $new (i32.const 10))) (return (call $use (global.get $own)))))
        (if (i32.eq (local.get $n) (i32.const 1)) (then (return (call $keep (global.get $own)))))
        (if (i32.eq (local.get $n) (i32.const 2)) (then (global.set $own (call $back)) (return (call $status (i32.const 0)))))
        (drop (call $add (global.get $own) (i32.const 1000))) (call $status (i32.const 0))`,
    }),
  );
}

test("a handle is lent, handed on and given back; whoever holds it calls without a grant, and nobody else", async () => {
  const t = await testSystem();
  await scene(t);
  assert.is(run(t, "holder", 0), "ok 11", "the borrower called it");
  assert.is(run(t, "holder", 3), "ok 0", "the lender has it still");
  assert.is(t.system.seat("desk").current?.handles.live, 0, "the loan ended with the call");
  assert.is(run(t, "holder", 1), "ok 1");
  assert.is(run(t, "holder", 3), "ok 6", "what was handed on is gone");
  assert.is(run(t, "desk", 1), "ok 1012");
  assert.is(run(t, "holder", 2), "ok 0");
  assert.is(run(t, "desk", 1), "ok 0");
  assert.is(run(t, "holder", 3), "ok 0", "and is back");
  assert.is(destroyed(t, "served"), "ok 0");
  await t.end();
});

test("methods reach whoever exports the instance: two exporters of one interface, one caller", async () => {
  const t = await testSystem();
  const one = await t.add(counters("one"));
  const two = await t.add(counters("two", { add: "(i32.mul (i32.load (local.get $self)) (local.get $n))" }));
  const desk = await t.add(
    client("desk", {
      imports: { [COUNTERS]: undefined },
      desk: {},
      call: "(call $add (global.get $kept) (local.get $n))",
      quick: "(call $drop (global.get $kept)) (i32.const 1)",
    }),
  );
  for (const [name, seat] of [
    ["holder of one", one],
    ["holder of two", two],
  ] as const) {
    await t.add(
      client(name, { imports: { [COUNTERS]: calls(seat), [DESK]: calls(desk) }, call: "(call $keep (call $new (local.get $n)))" }),
    );
  }
  for (let round = 0; round < 3; round++) {
    assert.is(run(t, "holder of one", 10), "ok 1");
    assert.is(run(t, "desk", 7), "ok 17");
    assert.is(run(t, "desk", 0, QUICK), "ok 1");
    assert.is(run(t, "holder of two", 10), "ok 1");
    assert.is(run(t, "desk", 7), "ok 70");
    assert.is(run(t, "desk", 0, QUICK), "ok 1");
  }
  assert.is(destroyed(t, "one"), "ok 3");
  assert.is(destroyed(t, "two"), "ok 3");
  await t.end();
});

test("methods of a dead exporter answer dead, its handles are dropped without effect, and its successor knows none of them", async () => {
  const t = await testSystem();
  const { createDomain } = await import("../../host/kernel/life/birth.ts");
  const served = await t.add(counters("served"));
  await t.add(
    client("holder", {
      imports: { [COUNTERS]: calls(served) },
      init: "(global.set $kept (call $new (i32.const 1)))",
      call: "(drop (call $add (global.get $kept) (i32.const 1))) (call $status (i32.const 0))",
      quick: "(call $drop (global.get $kept)) (i32.const 1)",
    }),
  );
  assert.is(run(t, "holder"), "ok 0");
  t.system.kill("served");
  assert.is(run(t, "holder"), "ok 7");
  assert.ok(createDomain(t.system.kernel, served).ok);
  assert.is(run(t, "holder"), "ok 7", "the next generation is another exporter");
  assert.is(run(t, "holder", 0, QUICK), "ok 1");
  assert.is(destroyed(t, "served"), "ok 0");
  await t.end();
});

test("a holder that dies loses its handles: their destructors run when no call is in progress", async () => {
  const t = await testSystem();
  const served = await t.add(counters("served"));
  await t.add(
    client("holder", {
      imports: { [COUNTERS]: calls(served) },
      call: `(loop $l (drop (call $new (local.get $n))) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) unreachable`,
    }),
  );
  assert.is(run(t, "holder", 1000), "trap holder#1");
  for (let turn = 0; turn < 50 && destroyed(t, "served") !== "ok 1000"; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.is(destroyed(t, "served"), "ok 1000");
  await t.end();
});

test("an instance that was moved to a callee that dies ends with it; one that was lent is its lender's again", async () => {
  const t = await testSystem();
  const served = await t.add(counters("served"));
  const mortal = await t.add(client("mortal", { desk: { keep: "unreachable", use: "unreachable" } }));
  const again = await t.add(client("again", { desk: { use: "unreachable" } }));
  await t.add(
    client("holder", {
      imports: { [COUNTERS]: calls(served), [DESK]: calls(mortal) },
      call: `(local.set $h (call $new (i32.const 5))) (drop (call $keep (local.get $h))) (if (i32.ne (call $status (i32.const 0)) (i32.const 1)) (then unreachable))
        (drop (call $add (local.get $h) (i32.const 1))) (call $status (i32.const 0))`,
    }),
  );
  await t.add(
    client("lender", {
      imports: { [COUNTERS]: calls(served), [DESK]: calls(again) },
      call: `(local.set $h (call $new (i32.const 5))) (drop (call $use (local.get $h))) (if (i32.ne (call $status (i32.const 0)) (i32.const 1)) (then unreachable))
        (local.set $n (call $add (local.get $h) (i32.const 1))) (call $drop (local.get $h)) (local.get $n)`,
    }),
  );
  assert.is(run(t, "holder"), "ok 6");
  t.system.kernel.destructors.runWaiting();
  assert.is(destroyed(t, "served"), "ok 1");
  assert.is(run(t, "lender"), "ok 6");
  assert.is(destroyed(t, "served"), "ok 2");
  assert.equal(deaths(t), ["trap mortal#1", "trap again#1"]);
  await t.end();
});

test("types are told apart: a ticket is no counter, whoever holds it", async () => {
  const t = await testSystem();
  const served = await t.add(counters("served"));
  const office = await t.add(tickets("office"));
  await t.add(
    client("holder", {
      imports: { [COUNTERS]: calls(served), [TICKETS]: calls(office) },
      call: `(local.set $h (call $newTicket (i32.const 77))) (local.set $n (call $read (local.get $h)))
        (drop (call $add (local.get $h) (i32.const 1))) (if (i32.ne (call $status (i32.const 0)) (i32.const 6)) (then unreachable))
        (drop (call $read (call $new (i32.const 1)))) (if (i32.ne (call $status (i32.const 0)) (i32.const 6)) (then unreachable))
        (local.get $n)`,
    }),
  );
  assert.is(run(t, "holder"), "ok 77");
  await t.end();
});

test.run();
