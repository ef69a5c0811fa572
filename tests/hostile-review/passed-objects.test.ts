/** Objects that were passed to another CPU and dropped there, while others that were born in their places are on their way. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { attempt, deaths, domain, outcome } from "../support/domain.ts";
import { calls, type TestDomain, testSystem } from "../support/system.ts";
import { id } from "../support/world.ts";

const test = suite("cpus: what a failed call gives back");

const on = (cpu: number, each: TestDomain): TestDomain => ({ ...each, cpu, limits: { callBudgetMs: 60_000 } });
const spin = (rounds: number): string =>
  `(local.set $i (i32.const ${rounds})) (loop $l (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))`;

test("a callee drops what it got and traps: its caller does not get what somebody else has born in that place and passed to the same CPU", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 4 });
  const evil = await t.add(
    on(1, domain("evil", { exports: { take: `(local $i i32) (call $drop (local.get $b)) ${spin(400_000_000)} unreachable` } })),
  );
  const busy = await t.add(on(1, domain("busy", { exports: { circle: `(local $i i32) ${spin(200_000_000)} (i32.const 1)` } })));
  const service = await t.add(on(1, domain("service", { exports: { swap: "(local.get $b)" } })));
  await t.add(
    on(
      0,
      domain("thief", {
        imports: { take: calls(evil) },
        guard: ["load32"],
        code: "(global $x (mut i32) (i32.const 0))",
        exports: {
          call: `(if (i32.eqz (local.get $n)) (then (global.set $x (call $new)) (return (global.get $x))))
            (call $take (global.get $x)) (call $load32 (global.get $x))`,
        },
      }),
    ),
  );
  // Its request is served before the victim's, which waits meanwhile.
  await t.add(
    on(
      2,
      domain("delay", {
        imports: { circle: calls(busy) },
        exports: { call: `(local $i i32) ${spin(100_000_000)} (call $circle (i32.const 0))` },
      }),
    ),
  );
  // Makes objects until one lies where it is told, or it has had enough.
  await t.add(
    on(
      3,
      domain("victim", {
        imports: { swap: calls(service) },
        guard: ["load32", "store32", "status"],
        exports: {
          call: `(local $c i32) (local $i i32) (local $tries i32) (loop $again (local.set $c (call $new))
            (if (i32.ne (local.get $c) (local.get $n)) (then ${spin(300_000)}
              (local.set $tries (i32.add (local.get $tries) (i32.const 1)))
              (br_if $again (i32.lt_u (local.get $tries) (i32.const 2000))))))
            (call $store32 (local.get $c) (i32.const 4711)) (local.set $c (call $swap (local.get $c)))
            (if (call $status (i32.const 0)) (then (return (i32.const 99)))) (call $load32 (local.get $c))`,
        },
      }),
    ),
  );
  const base = Number(attempt(t, "thief", "call", 0).slice("ok ".length));
  const waiting = [t.system.exportUnwaited("victim", id("call")).run?.(base), t.system.exportUnwaited("delay", id("call")).run?.(0)];
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.is(attempt(t, "thief", "call", 1), "trap thief#1");
  const [victim, delay] = await Promise.all(waiting);
  assert.ok(victim !== undefined && delay !== undefined);
  assert.equal([outcome(victim), outcome(delay)], ["ok 4711", "ok 1"]);
  assert.equal(deaths(t).sort(), ["trap evil#1", "trap thief#1"]);
  await t.end();
});

test("what comes back to a caller who has no room for it any more is dropped, and not the other CPU's for ever", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  const limits = { callBudgetMs: 60_000, heapObjects: 4 };
  // While it waits for its call it is called back, and makes as many objects as it may have.
  const filled = `(global.set $made (i32.const 4))
    (loop $l (drop (call $new)) (global.set $made (i32.sub (global.get $made) (i32.const 1))) (br_if $l (global.get $made))) (i32.const 1)`;
  const first = await t.add(domain("caller", { limits, exports: { circle: "(i32.const 0)", call: "(i32.const 0)" } }));
  const callee = await t.add({
    ...domain("callee", {
      limits: { callBudgetMs: 60_000, heapObjects: 0 },
      imports: { circle: { kind: "domain", seat: first, rebind: true } },
      exports: { take: "", call: `(local $i i32) ${spin(200_000_000)} (call $circle (i32.const 1))` },
    }),
    cpu: 1,
  });
  const knowing = await t.add(
    domain("knowing", {
      limits,
      imports: { take: calls(callee) },
      guard: ["status"],
      code: "(global $made (mut i32) (i32.const 0))",
      exports: { circle: filled, call: "(call $take (call $new)) (call $status (i32.const 0))" },
    }),
  );
  Object.assign(first, { spec: { ...knowing.spec, name: "caller" } });
  t.system.destroy("knowing");
  t.system.supervise("caller", {});
  t.system.kill("caller");
  await new Promise((resolve) => setTimeout(resolve, 50));
  const busy = t.system.exportUnwaited("callee", id("call")).run?.(0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.is(attempt(t, "caller", "call", 1), "ok 6");
  assert.is(await busy?.then(outcome), "ok 1");
  assert.is(t.system.liveObjects(), 4);
  t.system.kill("caller");
  await t.end();
});

test.run();
