/** Destructors that do harm, or come at a bad time; objects that a domain hands out while it is in the middle of a call itself. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { deaths } from "../support/domain.ts";
import { BELFRY, BELLS, type ClientParts, COUNTERS, client, counters, QUICK } from "../support/handle-domains.ts";
import { destroyed, run, scene } from "../support/handle-scenes.ts";
import { calls, testSystem } from "../support/system.ts";

const test = suite("hostile destructors");

/** Destructors that do harm to their exporter alone. */
const DESTRUCTORS: Readonly<Record<string, readonly [body: string, death: string]>> = {
  traps: ["unreachable", "trap served#1"],
  "loops for ever": ["(loop $l (br $l))", "deadline served#1"],
  "recurses for ever": ["(call $deep)", "stack served#1"],
};

for (const [name, [destroy, death]] of Object.entries(DESTRUCTORS)) {
  test(`a destructor that ${name} ends its exporter and nobody else, whether a handle was dropped or its holder died`, async () => {
    const code = "(func $deep (call $deep) (call $deep))";
    for (const how of ["drop", "die"] as const) {
      const t = await scene(
        {
          call:
            how === "drop"
              ? `(local.set $h (call $new (i32.const 1))) (local.set $g (call $new (i32.const 1))) (drop (call $add (local.get $h) (i32.const 2)))
                 (call $drop (local.get $h)) (if (call $status (i32.const 0)) (then unreachable))
                 (drop (call $add (local.get $g) (i32.const 1))) (call $drop (local.get $g)) (call $status (i32.const 0))`
              : "(drop (call $new (i32.const 1))) (drop (call $new (i32.const 1))) unreachable",
        },
        { destroy, code, limits: { callBudgetMs: 40 } },
      );
      assert.is(run(t, "evil"), how === "drop" ? "ok 7" : "trap evil#1");
      t.system.kernel.destructors.runWaiting();
      assert.equal(deaths(t), how === "drop" ? [death] : ["trap evil#1", death]);
      assert.match(run(t, "victim", 1), /^ok 0$/);
      assert.equal(deaths(t).length, how === "drop" ? 1 : 2);
      await t.end();
    }
  });
}

/** Keeps bells that others attach. */
const TOWER: ClientParts = {
  imports: { [BELLS]: undefined },
  belfry: { tap: "(global.set $kept (local.get $b)) (call $ring (local.get $b) (i32.const 5))" },
  call: "(call $ring (global.get $bell) (local.get $n))",
  quick: "(call $dropBell (global.get $bell)) (call $status (i32.const 0))",
};

test("an exporter hands out objects of its own: they are called back, and destroyed when they are dropped", async () => {
  const t = await testSystem();
  const tower = await t.add(client("tower", TOWER));
  await t.add(
    client("owner", {
      imports: { [BELFRY]: calls(tower) },
      bells: { ring: "(i32.add (local.get $self) (local.get $n))" },
      call: "(call $attach (i32.const 3000) (i32.const 0))",
      quick: "(global.get $gone)",
    }),
  );
  assert.is(run(t, "owner"), "ok 1");
  assert.is(run(t, "tower", 21), "ok 3021");
  assert.is(run(t, "owner", 0, QUICK), "ok 0");
  assert.is(run(t, "tower", 0, QUICK), "ok 0");
  assert.is(run(t, "owner", 0, QUICK), "ok 1");
  assert.is(run(t, "tower", 0, QUICK), "trap tower#1");
  await t.end();
});

test("an exporter in the middle of a call is not called through its own objects, unless the method is reentrant", async () => {
  const t = await testSystem();
  const tower = await t.add(
    client("tower", {
      ...TOWER,
      belfry: {
        attach:
          "(if (local.get $times) (then (return (call $echo (local.get $b) (i32.const 9))))) (drop (call $ring (local.get $b) (i32.const 9))) (call $status (i32.const 0))",
      },
    }),
  );
  await t.add(client("owner", { imports: { [BELFRY]: calls(tower) }, bells: {}, call: "(call $attach (i32.const 3000) (local.get $n))" }));
  assert.is(run(t, "owner", 0), "ok 12");
  assert.is(run(t, "owner", 1), "ok 9");
  await t.end();
});

test("a destructor never runs inside a call of its exporter: it waits until no call is in progress", async () => {
  const t = await testSystem();
  const tower = await t.add(client("tower", { ...TOWER, belfry: { attach: "(call $dropBell (local.get $b)) (i32.const 1)" } }));
  await t.add(
    client("owner", {
      imports: { [BELFRY]: calls(tower) },
      bells: {},
      call: "(loop $l (drop (call $attach (i32.const 4) (i32.const 0))) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (global.get $gone)",
      quick: "(global.get $gone)",
    }),
  );
  assert.is(run(t, "owner", 60), "ok 0");
  assert.is(run(t, "owner", 0, QUICK), "ok 60");
  // More than one turn's worth: the host's next call does not wait for all of them.
  assert.is(run(t, "owner", 5000), "ok 60");
  assert.not.equal(run(t, "owner", 0, QUICK), "ok 5060");
  for (let turn = 0; turn < 500 && run(t, "owner", 0, QUICK) !== "ok 5060"; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
  assert.is(run(t, "owner", 0, QUICK), "ok 5060");
  await t.end();
});

test("destructors that wait count as handles of the holder that died: its next generation cannot pile up more", async () => {
  const t = await testSystem();
  const served = await t.add(counters("served"));
  const { createDomain } = await import("../../host/kernel/life/birth.ts");
  const evil = await t.add(
    client("evil", {
      imports: { [COUNTERS]: calls(served) },
      limits: { handles: 100 },
      call: "(loop $l (drop (call $new (i32.const 1))) (br_if $l (i32.eqz (call $status (i32.const 0))))) unreachable",
    }),
  );
  // Stands for a chain of calls that lasts as long as the deaths go on.
  const { destructors } = t.system.kernel;
  const { runWaiting } = destructors;
  destructors.runWaiting = () => {};
  for (let generation = 1; generation <= 5; generation++) {
    assert.is(run(t, "evil"), `trap evil#${generation}`);
    assert.is(evil.waiting.count, 100, `generation ${generation}`);
    assert.ok(createDomain(t.system.kernel, evil).ok);
  }
  destructors.runWaiting = runWaiting;
  for (let turn = 0; turn < 20; turn++) destructors.runWaiting();
  assert.is(evil.waiting.count, 0);
  await t.end();
});

test("a late result is not held by anybody: its instance ends", async () => {
  const t = await testSystem();
  const work =
    "(local $w i32) (local.set $w (i32.const 20000000)) (loop $l (br_if $l (local.tee $w (i32.sub (local.get $w) (i32.const 1)))))";
  const make = `${work} (i32.store (i32.const 64) (local.get $start)) (i32.const 64)`;
  const find = `${work} (call $setResult (i32.const 0) (i32.const 64)) (i32.const 64)`;
  const served = await t.add(counters("served", { make, find }));
  await t.add(
    client("hasty", {
      imports: { [COUNTERS]: calls(served) },
      setsDeadlines: true,
      call: "(call $deadline (i32.const 1000)) (if (call $new (i32.const 1)) (then unreachable)) (call $status (i32.const 0))",
      quick: "(call $deadline (i32.const 1000)) (if (call $find (i32.const 1)) (then unreachable)) (call $status (i32.const 0))",
    }),
  );
  assert.is(run(t, "hasty"), "ok 8");
  assert.is(run(t, "hasty", 0, QUICK), "ok 8");
  assert.is(t.system.seat("hasty").current?.handles.live, 0);
  assert.is(destroyed(t, "served"), "ok 2");
  await t.end();
});

test.run();
