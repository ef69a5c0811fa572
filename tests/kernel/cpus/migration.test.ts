/** Domains that go to another CPU while they live: what goes with them, who finds them there, and what keeps them where they are. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { attempt, deaths, domain, type Parts } from "../../support/domain.ts";
import { calls, type TestDomain, type TestSystem, testSystem } from "../../support/system.ts";

const test = suite("cpus: migration");

const on = (cpu: number, each: TestDomain): TestDomain => ({ ...each, cpu });

/** Counts in a global and in memory, keeps an object for good, and holds a function in its table. */
const COUNTER: Parts = {
  guard: ["load32", "store32"],
  code: `(memory 2) (global $count (mut i32) (i32.const 0)) (global $half (mut f64) (f64.const -0)) (global $kept (mut i32) (i32.const 0))
    (global $wide (mut i64) (i64.const 0x7fffffffffffffff))
    (table 1 1 funcref) (elem (i32.const 0) $seven) (func $seven (result i32) (i32.const 7)) (type $f (func (result i32)))
    (data (i32.const 100000) "abc")`,
  exports: {
    call: `(if (i32.eqz (global.get $kept)) (then (global.set $kept (call $new))))
      (global.set $count (i32.add (global.get $count) (local.get $n)))
      (call $store32 (global.get $kept) (i32.add (call $load32 (global.get $kept)) (i32.const 1)))
      (i32.store8 (i32.const 100001) (i32.const 0))
      (i32.store (i32.const 70000) (i32.add (i32.load (i32.const 70000)) (i32.const 1)))
      (global.set $half (f64.add (global.get $half) (f64.const 0.5)))
      (global.set $wide (i64.sub (global.get $wide) (i64.const 1)))
      (global.get $count)`,
  },
  limits: { memoryPages: 16 },
};

/** All that it has, in one number. */
const STATE = `(i32.add (i32.mul (i32.load (i32.const 70000)) (i32.const 1000000))
      (i32.add (i32.mul (call $load32 (global.get $kept)) (i32.const 10000))
        (i32.add (i32.mul (call_indirect (type $f) (i32.const 0)) (i32.const 1000))
          (i32.add (i32.trunc_f64_s (f64.mul (global.get $half) (f64.const 200)))
            (i32.add (i32.load8_u (i32.const 100001)) (i32.eq (i32.wrap_i64 (i64.shr_u (global.get $wide) (i64.const 32))) (i32.const 0x7fffffff)))))))`;

const STORE: Parts = { ...COUNTER, exports: { ...COUNTER.exports, quick: STATE } };

async function withStore(cpus: number, parts: Parts = STORE): Promise<TestSystem> {
  const t = await testSystem({ heapMegabytes: 32, cpus });
  await t.add(domain("store", parts));
  return t;
}

function cpuOf(t: TestSystem, name: string): number | undefined {
  return t.system.domains().find((each) => each.name === name)?.cpu;
}

test("a domain goes to another CPU and back with memory, globals, table, object and generation", async () => {
  const t = await withStore(3);
  for (const [step, cpu] of [1, 2, 0, 2, 1, 0].entries()) {
    assert.is(attempt(t, "store", "call", 1), `ok ${step + 1}`);
    t.system.migrate("store", cpu);
    assert.is(cpuOf(t, "store"), cpu);
    const times = step + 1;
    assert.is(attempt(t, "store", "quick", 0), `ok ${times * 1_000_000 + times * 10_000 + 7000 + times * 100 + 1}`);
  }
  assert.is(t.system.domains()[0]?.generation, 1);
  assert.is(t.system.liveObjects(), 1);
  assert.equal(deaths(t), []);
  await t.end();
});

test("callers on every CPU go on, those bound to it as well as those that follow", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 3 });
  const store = await t.add(domain("store", STORE));
  for (const cpu of [0, 1, 2]) {
    for (const rebind of [false, true]) {
      await t.add(
        on(
          cpu,
          domain(`front${cpu}${rebind}`, {
            imports: { call: { kind: "domain", seat: store, rebind } },
            exports: { call: "(call $call (local.get $n))" },
          }),
        ),
      );
    }
  }
  let sum = 0;
  for (const cpu of [0, 1, 2, 1, 0, 2]) {
    t.system.migrate("store", cpu);
    for (const from of [0, 1, 2]) {
      for (const rebind of [false, true]) assert.is(attempt(t, `front${from}${rebind}`, "call", 1), `ok ${++sum}`);
    }
  }
  await t.end();
});

test("a domain that calls others still calls them, bound ones too, from wherever it is", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  const back = await t.add(domain("back", { exports: { call: "(i32.mul (local.get $n) (i32.const 3))" } }));
  const far = await t.add(on(1, domain("far", { exports: { quick: "(i32.add (local.get $n) (i32.const 1))" } })));
  await t.add(
    domain("front", { imports: { call: calls(back), quick: calls(far) }, exports: { call: "(call $quick (call $call (local.get $n)))" } }),
  );
  for (const cpu of [1, 0, 1]) {
    t.system.migrate("front", cpu);
    assert.is(attempt(t, "front", "call", 5), "ok 16");
  }
  t.system.migrate("back", 1);
  t.system.migrate("far", 0);
  assert.is(attempt(t, "front", "call", 5), "ok 16");
  await t.end();
});

test.run();
