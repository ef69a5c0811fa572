/** Hostile domains that misuse handles: forged, stale, borrowed for good, handed on twice; exporters that lie, and stacks that end. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { deaths } from "../support/domain.ts";
import { BELFRY, BELLS, COUNTERS, client, counters, DESK, QUICK } from "../support/handle-domains.ts";
import { destroyed, REFUSED, run, scene } from "../support/handle-scenes.ts";
import { calls, testSystem } from "../support/system.ts";

const test = suite("hostile handles");

/** Every number that is no handle of evil's, as the instance of a method, as a borrowed argument and as an owned one. */
const FORGERIES: Readonly<Record<string, string>> = {
  zero: "(local.set $h (i32.const 0))",
  "a huge number": "(local.set $h (i32.const -1))",
  "an index without a generation": "(local.set $h (i32.and (call $new (i32.const 1)) (i32.const 0xffff)))",
  "the next generation": "(local.set $h (i32.add (call $new (i32.const 1)) (i32.const 0x10000)))",
  "an index that is not used": "(local.set $h (i32.add (call $new (i32.const 1)) (i32.const 7)))",
  "a handle with a bit above": "(local.set $h (i32.or (call $new (i32.const 1)) (i32.const 0x80000000)))",
  "one that it dropped": "(local.set $h (call $new (i32.const 1))) (call $drop (local.get $h))",
  "one that it gave away": "(local.set $h (call $new (i32.const 1))) (drop (call $absorb (call $new (i32.const 2)) (local.get $h)))",
  "a handle of another type": "(local.set $h (call $newTicket (i32.const 4)))",
  "a guess at the exporter's representation": "(drop (call $new (i32.const 1))) (local.set $h (i32.const 4))",
};

for (const [name, forge] of Object.entries(FORGERIES)) {
  test(`a forged handle is refused everywhere, and nobody is harmed: ${name}`, async () => {
    const t = await scene({
      call: `${forge} (local.set $g (call $new (i32.const 9)))
        (drop (call $add (local.get $h) (i32.const 1))) ${REFUSED}
        (drop (call $absorb (local.get $g) (local.get $h))) ${REFUSED}
        (drop (call $absorb (local.get $h) (local.get $g))) ${REFUSED}
        (drop (call $merge (local.get $g) (local.get $h))) ${REFUSED}
        (drop (call $merge (local.get $h) (local.get $g))) ${REFUSED}
        (drop (call $use (local.get $h))) ${REFUSED} (drop (call $keep (local.get $h))) ${REFUSED}
        (call $add (local.get $g) (i32.const 1))`,
      quick: `${forge} (call $drop (local.get $h)) (i32.const 0)`,
    });
    assert.is(run(t, "evil"), "ok 10", "and a good handle that went with it is its holder's still");
    assert.is(run(t, "evil", 0, QUICK), "trap evil#1", "dropping it is a fault of its own");
    assert.is(run(t, "victim", 2), "ok 42");
    assert.equal(deaths(t), ["trap evil#1"]);
    await t.end();
  });
}

test("a number that is a handle of the victim's names nothing of the victim's for anybody else", async () => {
  const t = await scene({ call: "(drop (call $add (local.get $n) (i32.const 1))) (call $status (i32.const 0))" });
  const handle = Number(run(t, "victim", 0, QUICK).slice(3));
  assert.is(run(t, "evil", handle), "ok 6");
  assert.is(run(t, "victim", 0), "ok 40");
  await t.end();
});

test("an index that is used again does not bring an old handle back", async () => {
  const t = await scene({
    call: `(local.set $h (call $new (i32.const 5))) (call $drop (local.get $h))
      (loop $l
        (local.set $g (call $new (i32.const 7)))
        (drop (call $add (local.get $h) (i32.const 1))) ${REFUSED}
        (if (i32.eq (i32.and (local.get $g) (i32.const 0xffff)) (i32.and (local.get $h) (i32.const 0xffff))) (then
          (return (i32.ne (local.get $g) (local.get $h)))))
        (call $drop (local.get $g)) (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 500))))
      (i32.const 77)`,
  });
  assert.is(run(t, "evil"), "ok 1", "the index came back, the handle did not");
  await t.end();
});

test("a borrowed handle ends with the call: what its borrower kept names nothing", async () => {
  const t = await scene({
    call: "(local.set $h (call $new (i32.const 1))) (drop (call $use (local.get $h))) (call $add (local.get $h) (i32.const 1))",
  });
  assert.is(run(t, "evil"), "ok 2");
  assert.is(run(t, "desk"), "ok 6");
  assert.is(run(t, "desk", 0, QUICK), "trap desk#1", "it cannot drop it either");
  assert.is(destroyed(t, "served"), "ok 0");
  await t.end();
});

test("a borrowed handle can be neither dropped nor handed on as one's own, and can be lent on", async () => {
  const t = await testSystem();
  const served = await t.add(counters("served"));
  const inner = await t.add(
    client("inner", { imports: { [COUNTERS]: undefined }, desk: { use: "(call $add (local.get $c) (i32.const 1))" } }),
  );
  const hands = await t.add(
    client("hands on", {
      imports: { [COUNTERS]: undefined, [DESK]: calls(inner) },
      desk: {
        use: `(drop (call $keep (local.get $c))) ${REFUSED} (drop (call $absorb (local.get $c) (local.get $c))) ${REFUSED} (call $use (local.get $c))`,
      },
    }),
  );
  const drops = await t.add(
    client("drops", { imports: { [COUNTERS]: undefined }, desk: { use: "(call $drop (local.get $c)) (i32.const 1)" } }),
  );
  for (const [name, desk, expected] of [
    ["lender", hands, "ok 6"],
    ["other", drops, "ok 1"],
  ] as const) {
    await t.add(
      client(name, {
        imports: { [COUNTERS]: calls(served), [DESK]: calls(desk) },
        call: `(local.set $h (call $new (i32.const 5))) (local.set $n (call $use (local.get $h)))
          (if (call $status (i32.const 0)) (then (local.set $n (call $status (i32.const 0)))))
          (drop (call $add (local.get $h) (i32.const 1))) (if (call $status (i32.const 0)) (then unreachable)) (local.get $n)`,
      }),
    );
    assert.is(run(t, name), expected);
  }
  assert.equal(deaths(t), ["trap drops#1"]);
  assert.is(destroyed(t, "served"), "ok 0");
  await t.end();
});

test("an instance cannot be given away twice in one call, nor while it is lent in the same call", async () => {
  const t = await scene({
    call: `(local.set $h (call $new (i32.const 1)))
      (drop (call $absorb (local.get $h) (local.get $h))) ${REFUSED}
      (drop (call $merge (local.get $h) (local.get $h))) ${REFUSED}
      (call $add (local.get $h) (i32.const 1))`,
  });
  assert.is(run(t, "evil"), "ok 2", "nothing was taken");
  await t.end();
});

test("what is lent in a call in progress cannot be dropped or given away meanwhile", async () => {
  const t = await testSystem();
  const served = await t.add(counters("served"));
  // Calls its caller back while it has the caller's counter on loan.
  const desk = await t.add(
    client("desk", {
      imports: { [BELLS]: undefined, [COUNTERS]: undefined },
      belfry: {},
      desk: { use: "(call $echo (global.get $bell) (i32.const 0))" },
    }),
  );
  const scenes = {
    drops: ["(call $drop (global.get $kept)) (i32.const 1)", "trap drops#1"],
    "gives away": [`(drop (call $absorb (call $new (i32.const 1)) (global.get $kept))) (call $status (i32.const 0))`, "ok 6"],
    lends: ["(call $merge (call $new (i32.const 1)) (global.get $kept))", "ok 4"],
  } as const;
  for (const [name, [echo, expected]] of Object.entries(scenes)) {
    await t.add(
      client(name, {
        imports: { [COUNTERS]: calls(served), [DESK]: calls(desk), [BELFRY]: calls(desk) },
        bells: { echo },
        call: `(global.set $kept (call $new (i32.const 3))) (drop (call $attach (i32.const 8) (i32.const 0))) (local.set $n (call $use (global.get $kept)))
          (drop (call $add (global.get $kept) (i32.const 1))) (if (call $status (i32.const 0)) (then unreachable)) (local.get $n)`,
      }),
    );
    assert.is(run(t, name), expected, name);
  }
  await t.end();
});

test("a handle to a dead exporter can be handed on and dropped, and calls of it answer dead", async () => {
  const t = await scene({
    init: "(global.set $kept (call $new (i32.const 1)))",
    call: "(call $keep (global.get $kept))",
    quick: "(drop (call $add (global.get $kept) (i32.const 1))) (call $status (i32.const 0))",
  });
  t.system.kill("served");
  assert.is(run(t, "evil", 0, QUICK), "ok 7");
  assert.is(run(t, "evil"), "ok 1");
  assert.is(run(t, "desk"), "ok 7");
  assert.is(run(t, "desk", 0, QUICK), "ok 1");
  await t.end();
});

test("a representation of 0 is no instance; one that was given before makes another handle, each with a destructor of its own", async () => {
  const zero = await scene(
    {
      call: `(drop (call $new (i32.const 1))) (if (i32.ne (call $status (i32.const 3)) (i32.const 1)) (then unreachable)) (call $status (i32.const 0))`,
    },
    { make: "(i32.const 0)" },
  );
  assert.is(run(zero, "evil"), "ok 6");
  assert.is(run(zero, "evil"), "ok 6");
  await zero.end();
  const same = await scene(
    {
      call: `(local.set $h (call $new (i32.const 1))) (local.set $g (call $new (i32.const 1))) (call $drop (local.get $h))
        (local.set $n (call $add (local.get $g) (i32.const 1))) (call $drop (local.get $g)) (local.get $n)`,
    },
    { make: "(i32.store (i32.const 64) (local.get $start)) (i32.const 64)" },
  );
  assert.is(run(same, "evil"), "ok 2");
  assert.is(destroyed(same, "served"), "ok 2");
  await same.end();
});

test("an exporter cannot be given the instances of another one, whatever representation they have", async () => {
  const t = await testSystem();
  const one = await t.add(counters("one"));
  const two = await t.add(counters("two"));
  const swap = await t.add(client("swap", { desk: {} }));
  await t.add(
    client("giver", { imports: { [COUNTERS]: calls(one), [DESK]: calls(swap) }, call: "(call $keep (call $new (i32.const 1000)))" }),
  );
  await t.add(
    client("evil", {
      imports: { [COUNTERS]: calls(two), [DESK]: calls(swap) },
      call: `(local.set $h (call $back)) (local.set $g (call $new (i32.const 5)))
        (drop (call $absorb (local.get $g) (local.get $h))) ${REFUSED} (drop (call $merge (local.get $g) (local.get $h))) ${REFUSED}
        (drop (call $merge (local.get $h) (local.get $g))) ${REFUSED}
        (i32.add (call $add (local.get $g) (i32.const 1)) (call $add (local.get $h) (i32.const 1)))`,
    }),
  );
  assert.is(run(t, "giver"), "ok 1");
  assert.is(run(t, "evil"), "ok 1007");
  await t.end();
});

test("a domain holds at most its quota of handles: what is beyond is refused, and what it cannot take ends", async () => {
  const t = await scene({
    limits: { handles: 10 },
    call: `(loop $l (drop (call $new (i32.const 1))) (if (i32.eqz (call $status (i32.const 0))) (then (local.set $n (i32.add (local.get $n) (i32.const 1))) (br $l)))) (local.get $n)`,
  });
  assert.is(run(t, "evil"), "ok 10");
  assert.is(destroyed(t, "served"), "ok 1", "the one that there was no room for");
  await t.add(client("small", { desk: {}, limits: { handles: 1 } }));
  await t.add(
    client("filler", {
      imports: { [COUNTERS]: calls(t.system.seat("served")), [DESK]: calls(t.system.seat("small")) },
      call: `(drop (call $keep (call $new (i32.const 1)))) (local.set $h (call $new (i32.const 2)))
        (drop (call $keep (local.get $h))) (if (i32.ne (call $status (i32.const 3)) (i32.const 4)) (then unreachable)) ${REFUSED}
        (drop (call $use (local.get $h))) (if (i32.ne (call $status (i32.const 3)) (i32.const 4)) (then unreachable)) ${REFUSED}
        (call $add (local.get $h) (i32.const 1))`,
    }),
  );
  assert.is(run(t, "filler"), "ok 3", "what was refused is its holder's still");
  await t.end();
});

test("deep in the stack a call through a handle is not made, and nobody dies of it but who used the stack up", async () => {
  const t = await testSystem();
  const served = await t.add(counters("served"));
  const middle = await t.add(
    client("middle", {
      imports: { [COUNTERS]: undefined },
      desk: {
        use: `(drop (call $add (local.get $c) (i32.const 1))) (if (i32.eq (call $status (i32.const 0)) (i32.const 10)) (then (global.set $kept (i32.const 1))))
          (call $status (i32.const 0))`,
      },
      call: "(global.get $kept)",
    }),
  );
  // The frames' size shifts the depths, so that the end lies everywhere between the two crossings.
  for (const locals of [0, 3, 29]) {
    const names = Array.from({ length: locals }, (_, i) => `$l${i}`);
    const name = `evil ${locals}`;
    await t.add(
      client(name, {
        imports: { [COUNTERS]: calls(served), [DESK]: calls(middle) },
        limits: { callBudgetMs: 20_000 },
        code: `(global $sink (mut i64) (i64.const 0)) (func $deeper ${names.map((each) => `(local ${each} i64)`).join(" ")}
          ${names.map((each) => `(local.set ${each} (i64.add (global.get $sink) (i64.const 1)))`).join(" ")}
          (drop (call $use (global.get $kept))) (call $deeper)
          ${names.map((each) => `(global.set $sink (i64.xor (global.get $sink) (local.get ${each})))`).join(" ")})`,
        call: "(global.set $kept (call $new (i32.const 1))) (call $deeper) (i32.const 0)",
      }),
    );
    assert.is(run(t, name), `stack ${name}#1`);
  }
  assert.ok(deaths(t).every((death) => death.startsWith("stack evil ")));
  assert.is(run(t, "middle"), "ok 1", "it was told that there was too little stack for its call, and lives");
  await t.end();
});

test("an exporter that means another interface than its caller is not called, though both mean the same capability", async () => {
  const t = await testSystem();
  const plain = await t.add(counters("plain"));
  const exporter = counters("other");
  const other = await t.add({
    ...exporter,
    world: exporter.world.replace("destroyed: func() -> u32;", "destroyed: func() -> u32; more: func();"),
    wat: exporter.wat.replace(/\)$/, `(func (export "${COUNTERS}#more")))`),
  });
  const desk = await t.add(
    client("desk", {
      imports: { [COUNTERS]: calls(plain) },
      desk: {},
      call: "(drop (call $add (global.get $kept) (i32.const 1))) (call $status (i32.const 0))",
    }),
  );
  const giver = client("giver", {
    imports: { [COUNTERS]: calls(other), [DESK]: calls(desk) },
    call: "(call $keep (call $new (i32.const 1)))",
  });
  await t.add({ ...giver, world: giver.world.replace("destroyed: func() -> u32;", "destroyed: func() -> u32; more: func();") });
  assert.is(run(t, "giver"), "ok 1");
  assert.is(run(t, "desk"), "ok 6");
  await t.end();
});

test.run();
