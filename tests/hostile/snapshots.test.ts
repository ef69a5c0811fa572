/** What goes wrong around snapshots: failing starts and recoveries, other seats, names that are not the module's to give, leaks. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Domain } from "../../host/kernel/domain.ts";
import { createDomain } from "../../host/kernel/life/birth.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import type { Seat } from "../../host/kernel/seat.ts";
import { attempt, domain, type Parts } from "../support/domain.ts";
import { host, restarts, type TestSystem, testSystem } from "../support/system.ts";

const test = suite("hostile snapshots");

const LIMITS = { memoryPages: 8, initBudgetMs: 60 };
/** Exports every word of the own memory, or'ed together. */
const ANYTHING = `(local $i i32) (local $all i32)
  (loop $l (local.set $all (i32.or (local.get $all) (i32.load (local.get $i))))
    (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 131072)))) (local.get $all)`;
const TWO_PAGES = "(memory 2)";

function kill(t: TestSystem, seat: Seat): void {
  if (seat.current !== undefined) t.system.kernel.kill(seat.current, "for the test");
}

/** Kills and starts again: how it started, or why it did not. */
function again(t: TestSystem, seat: Seat): string {
  kill(t, seat);
  const birth = createDomain(t.system.kernel, seat);
  return birth.ok ? birth.domain.startedFrom : `${birth.error.cause}: ${birth.error.detail}`;
}

async function add(t: TestSystem, name: string, parts: Parts): Promise<Seat> {
  return await t.add(domain(name, { ...parts, limits: { ...LIMITS, ...parts.limits } }));
}

test("a module that names its exports like the kernel's globals is refused", async () => {
  const t = await testSystem();
  for (const name of ["sumac:g0", "sumac:g", "sumac:g00", "sumac:start"]) {
    const code = `(global $g (mut i32) (i32.const 0)) (func (export "${name}"))`;
    await t.add(domain("liar", { code, recover: "" })).then(
      () => assert.unreachable(name),
      (error: Error) => assert.match(error.message, /is reserved/, name),
    );
  }
  await t.add(domain("liar", { code: '(global (export "sumac:g0") (mut i32) (i32.const 0))', recover: "" })).then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, /is a global/),
  );
  await t.end();
});

test("an init that fails leaves no snapshot: the next generation runs init, and that is what is kept", async () => {
  const t = await testSystem();
  let calls = 0;
  // The first `init` must succeed for the seat to be there; snapshots are forgotten for the test.
  const seat = await add(t, "mortal", {
    imports: { call: host({ run: () => ++calls }) },
    init: "(i32.store (i32.const 0) (call $call (i32.const 0))) (if (i32.eq (i32.load (i32.const 0)) (i32.const 2)) (then unreachable))",
    recover: "",
    exports: { quick: "(i32.load (i32.const 0))" },
  });
  seat.snapshot = undefined;
  assert.match(again(t, seat), /^trap: failed to start/);
  assert.is(seat.snapshot, undefined);
  assert.is(again(t, seat), "init");
  assert.is(again(t, seat), "snapshot");
  assert.is(attempt(t, "mortal", "quick", 0), "ok 3");
  await t.end();
});

/** Ways in which `recover` fails, and what its creator reads. */
const FAILURES: Readonly<Record<string, readonly [body: string, expected: RegExp]>> = {
  trap: ["(drop (call $new)) unreachable", /^trap: /],
  loop: ["(drop (call $new)) (loop $l (br $l))", /^deadline: /],
  recursion: ["(call $deep)", /^stack: /],
  "kill by whom it calls": ["(drop (call $call (i32.const 1))) (loop $l (br $l))", /^killed: /],
};

test("a recover that fails, in every way, leaves nothing, and the generation after it starts from init", async () => {
  for (const [name, [body, expected]] of Object.entries(FAILURES)) {
    const t = await testSystem();
    let mayFail = true;
    const seat: Seat = await add(t, "mortal", {
      imports: {
        call: host({
          run: (n = 0) => {
            if (n === 1) kill(t, seat);
            return mayFail ? 1 : 0;
          },
        }),
      },
      code: "(func $deep (call $deep) (global.set $g (i32.const 1))) (global $g (mut i32) (i32.const 0))",
      init: "(i32.store (i32.const 0) (i32.const 5))",
      recover: `(i32.store (i32.const 0) (i32.const 6)) (if (call $call (i32.const 0)) (then ${body}))`,
      exports: { quick: "(i32.load (i32.const 0))" },
    });
    const before = t.system.liveObjects();
    assert.match(again(t, seat), expected, name);
    assert.is(t.system.liveObjects(), before, name);
    assert.is(t.system.kernel.depth, 0, name);
    assert.is(again(t, seat), "init", name);
    assert.is(attempt(t, "mortal", "quick", 0), "ok 5", name);
    mayFail = false;
    assert.is(again(t, seat), "snapshot", name);
    assert.is(attempt(t, "mortal", "quick", 0), "ok 6", name);
    await t.end();
  }
});

test("nothing of a snapshot, or of a memory that is kept for its seat, reaches another seat", async () => {
  const t = await testSystem();
  const secret: Parts = {
    code: TWO_PAGES,
    init: "(memory.fill (i32.const 0) (i32.const 0x55) (i32.const 131072))",
    recover: "",
    exports: { call: ANYTHING },
  };
  const seats = [await add(t, "first", secret), await add(t, "second", { ...secret, recover: "(i32.store (i32.const 0) (i32.const 0))" })];
  for (let round = 0; round < 3; round++) {
    for (const seat of seats) assert.is(again(t, seat), "snapshot");
    for (const seat of seats) kill(t, seat);
    for (let n = 0; n < 6; n++) {
      await add(t, `other${n}`, { code: TWO_PAGES, exports: { call: ANYTHING }, ...(n % 2 === 0 ? { recover: "" } : {}) });
      assert.is(attempt(t, `other${n}`, "call", 0), "ok 0");
    }
    for (let n = 0; n < 6; n++) t.system.destroy(`other${n}`);
  }
  // A second domain of the same module is a seat of its own.
  await add(t, "twin", { ...secret, init: "" });
  assert.is(attempt(t, "twin", "call", 0), "ok 0");
  await t.end();
});

test("a domain that is killed while it is linked writes nothing into the memory that it gave back", async () => {
  const t = await testSystem();
  let unborn: Domain | undefined;
  let kills = false;
  const killer: Provider = {
    kind: "host",
    bind(domain) {
      unborn = domain;
      if (kills) t.system.kernel.kill(domain, "not wanted");
      return { run: () => 1 };
    },
  };
  for (const recover of [undefined, ""]) {
    kills = false;
    const code = '(memory 2) (data (i32.const 1000) "secret")';
    const parts: Parts = { imports: { call: killer }, code, init: "(i32.store (i32.const 2000) (i32.const 9))" };
    const seat = await add(t, "victim", recover === undefined ? parts : { ...parts, recover });
    kills = true;
    assert.match(again(t, seat), /^killed: /);
    assert.ok(unborn?.isGone);
    await add(t, "heir", { code: TWO_PAGES, exports: { call: ANYTHING } });
    assert.is(attempt(t, "heir", "call", 0), "ok 0");
    t.system.destroy("heir");
    t.system.destroy("victim");
  }
  await t.end();
});

test("a table of the heap's offsets in a snapshot opens nothing: another generation's objects stay out of reach", async () => {
  const t = await testSystem();
  const keeper = await t.add(domain("keeper", { exports: { give: "(call $new)" } }));
  const seat = await add(t, "thief", {
    imports: { give: { kind: "domain", seat: keeper } },
    guard: ["load32"],
    code: "(global $loot (mut i32) (i32.const 0))",
    init: "(global.set $loot (call $give))",
    recover: "(drop (call $load32 (global.get $loot)))",
    exports: { call: "(call $load32 (global.get $loot))" },
  });
  assert.is(attempt(t, "thief", "call", 0), "ok 0");
  assert.match(again(t, seat), /^trap: /);
  assert.is(again(t, seat), "init");
  await t.end();
});

/** What is reachable, and what the process has, which follows with some slack. */
function megabytes(): { readonly heap: number; readonly resident: number } {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let i = 0; i < 3; i++) collect();
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  return { heap: (heapUsed + external + arrayBuffers) / 2 ** 20, resident: rss / 2 ** 20 };
}

test("ten thousand restarts leave the heap and the process as they were", async () => {
  const t = await testSystem();
  const seat = await add(t, "mortal", {
    code: TWO_PAGES,
    init: "(memory.fill (i32.const 0) (i32.const 1) (i32.const 100000)) (drop (call $new))",
    recover: "(drop (call $new))",
    exports: { call: "(if (i32.eqz (local.get $n)) (then unreachable)) (i32.load8_u (local.get $n))" },
  });
  await t.add(
    domain("shadow", {
      imports: { call: { kind: "domain", seat }, restart: restarts(t, seat) },
      exports: { quick: "(drop (call $call (i32.const 0))) (drop (call $restart)) (call $call (local.get $n))" },
    }),
  );
  const run = (times: number): void => {
    for (let i = 1; i <= times; i++) if (attempt(t, "shadow", "quick", i) !== "ok 1") throw new Error(`restart ${i}`);
    t.events.length = 0;
  };
  run(2000);
  const objects = t.system.liveObjects();
  const before = megabytes();
  run(8000);
  const after = megabytes();
  assert.is(t.system.liveObjects(), objects);
  assert.is(seat.generations, 10_001);
  const grown = { heap: after.heap - before.heap, resident: after.resident - before.resident };
  // A kilobyte kept for each restart would be 8, one memory kept for each would be 1000.
  assert.ok(grown.heap < 3 && grown.resident < 80, `more than after 2000 restarts: ${JSON.stringify(grown)} MiB`);
  await t.end();
});

test.run();
