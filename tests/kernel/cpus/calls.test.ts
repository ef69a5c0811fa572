/** Calls between domains of two CPUs: what crosses, what comes back, and what every way to fail looks like to the caller. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Tracer } from "../../../host/kernel/calls/tracer.ts";
import type { Parts } from "../../support/domain.ts";
import { attempt, call, deaths, domain } from "../../support/domain.ts";
import { calls, type TestDomain, type TestSystem, testSystem } from "../../support/system.ts";
import type { InterfaceName } from "../../support/world.ts";

const test = suite("cpus: calls");

const on = (cpu: number, each: TestDomain): TestDomain => ({ ...each, cpu });
const STATUS = "(call $status (i32.const 0))";

/** A caller on CPU 0 that answers with the status of its call, or 0x100 + what it gave. */
async function pair(callee: Parts, body: string, through: readonly InterfaceName[], caller: Parts = {}): Promise<TestSystem> {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  const back = await t.add(on(1, domain("back", callee)));
  const imports = Object.fromEntries(through.map((each) => [each, calls(back)]));
  await t.add(
    domain("front", {
      ...caller,
      imports,
      guard: ["status", "load32", "store32"],
      exports: { call: `(local $b i32) (local $r i32) ${body}` },
    }),
  );
  return t;
}

test("words cross both ways, and further results through the return area", async () => {
  const t = await pair(
    {
      guard: ["setResult"],
      exports: {
        call: "(i32.mul (local.get $n) (i32.const 3))",
        count: "(call $setResult (i32.const 0) (local.get $n)) (call $setResult (i32.const 1) (i32.const 7)) (i32.const 64)",
      },
    },
    "(call $call (local.get $n))",
    ["call"],
  );
  assert.is(attempt(t, "front", "call", 14), "ok 42");
  assert.is(attempt(t, "back", "call", 5), "ok 15");
  const counted = call(t, "back", "count", 9);
  assert.equal(counted, { ok: true, value: { tag: "ok", val: 7n * 2n ** 32n + 9n } });
  await t.end();
});

test("an object is lent, moved there and back, moved for good, and given", async () => {
  const t = await pair(
    {
      guard: ["load32", "store32"],
      exports: {
        look: "(call $load32 (local.get $b))",
        swap: "(call $store32 (local.get $b) (i32.const 77)) (local.get $b)",
        take: "(call $drop (local.get $b))",
        give: "(call $new)",
      },
    },
    `(local.set $b (call $new)) (call $store32 (local.get $b) (i32.const 5))
      (local.set $r (call $look (local.get $b)))
      (local.set $b (call $swap (local.get $b)))
      (local.set $r (i32.add (local.get $r) (call $load32 (local.get $b))))
      (call $take (local.get $b)) (call $drop (call $give)) (local.get $r)`,
    ["look", "swap", "take", "give"],
  );
  for (let i = 0; i < 20; i++) assert.is(attempt(t, "front", "call", 1), "ok 82");
  assert.is(t.system.kernel.heap.stats().borrows, 0);
  await t.end();
});

test("who lent an object cannot write it meanwhile, and whoever moved it cannot touch it any more", async () => {
  const t = await pair(
    { exports: { take: "" } },
    "(local.set $b (call $new)) (call $take (local.get $b)) (call $store32 (local.get $b) (i32.const 1)) (i32.const 1)",
    ["take"],
  );
  assert.is(attempt(t, "front", "call", 1), "trap front#1");
  await t.end();
});

test("a tree crosses as a whole", async () => {
  const t = await pair(
    {
      kernel: ["put", "take"],
      exports: { prune: "(call $dropTree (call $pick (i32.add (local.get $b) (i32.const 4)) (i32.const 0))) (local.get $b)" },
    },
    `(local.set $b (call $newTree)) (drop (call $put (i32.add (local.get $b) (i32.const 4)) (call $newTree)))
      (drop (call $put (i32.add (local.get $b) (i32.const 8)) (call $newTree)))
      (local.set $b (call $prune (local.get $b))) (call $dropTree (local.get $b)) (i32.const 9)`,
    ["prune"],
    { kernel: ["put"] },
  );
  assert.is(attempt(t, "front", "call", 1), "ok 9");
  assert.is(t.system.liveObjects(), 0);
  await t.end();
});

test("a trap there is the callee's death and an error here; the next call finds it dead; what was moved went with it", async () => {
  const t = await pair({ exports: { take: "unreachable" } }, `(call $take (call $new)) ${STATUS}`, ["take"]);
  assert.is(attempt(t, "front", "call", 1), "ok 1");
  assert.is(attempt(t, "front", "call", 1), "ok 7");
  assert.equal(deaths(t), ["trap back#1"]);
  const [death] = t.system.kernel.deaths.list();
  assert.is(death?.cpu, 1);
  assert.is(death?.during, "test:api/take@0.1.0#run");
  assert.equal(death?.callers, [{ domain: "front", generation: 1 }]);
  assert.is(death?.stack[0]?.function, "test:api/take@0.1.0#run");
  // The second one was not taken.
  assert.is(t.system.liveObjects(), 1);
  await t.end();
});

test("the host's error has domain, generation and cause as on one CPU", async () => {
  const t = await pair({ exports: { call: "unreachable" } }, "(call $call (i32.const 1))", ["call"]);
  const called = call(t, "back", "call", 1);
  assert.equal(called.ok ? undefined : { ...called.error }, {
    ...{ kind: "rpc-error", cause: "trap", domain: "back", generation: 1 },
    detail: "test:api/call@0.1.0#run: unreachable",
  });
  await t.end();
});

test("a callee that overruns its budget dies there of its own budget", async () => {
  const t = await pair(
    { limits: { callBudgetMs: 20 }, exports: { call: "(loop $l (br $l)) unreachable" } },
    `(drop (call $call (i32.const 1))) ${STATUS}`,
    ["call"],
  );
  assert.is(attempt(t, "front", "call", 1), "ok 2");
  assert.equal(deaths(t), ["deadline back#1"]);
  await t.end();
});

test("the caller's own deadline holds: the callee lives, and its late result is dropped", async () => {
  const spin = "(loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))";
  const t = await pair(
    {
      limits: { callBudgetMs: 5000 },
      exports: {
        call: `${spin} (i32.const 1)`,
        give: "(local $n i32) (local.set $n (i32.const 200000000)) (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (call $new)",
      },
    },
    `(call $deadline (i32.const 2000)) (drop (call $give)) ${STATUS}`,
    ["call", "give"],
    { kernel: ["deadline"], limits: { callBudgetMs: 20_000 } },
  );
  assert.is(attempt(t, "front", "call", 1), "ok 8");
  assert.equal(deaths(t), []);
  assert.is(t.system.liveObjects(), 0);
  await t.end();
});

test("an object that the caller does not own is refused before anything moves", async () => {
  const t = await pair(
    { exports: { take: "" } },
    `(local.set $b (call $new)) (call $take (i32.add (local.get $b) (i32.const 64))) (local.set $r ${STATUS}) (call $drop (local.get $b)) (local.get $r)`,
    ["take"],
  );
  assert.is(attempt(t, "front", "call", 1), "ok 6");
  await t.end();
});

test("an object for which the callee's quota has no room comes back to its owner", async () => {
  const t = await pair(
    { limits: { heapObjects: 1 }, exports: { pair: "", call: "(local.get $n)" } },
    `(local.set $b (call $new)) (local.set $r (call $new)) (call $pair (local.get $b) (local.get $r))
      (if (i32.ne ${STATUS} (i32.const 6)) (then (return (i32.const 99))))
      (call $drop (local.get $b)) (call $drop (local.get $r)) (call $status (i32.const 3))`,
    ["pair"],
  );
  assert.is(attempt(t, "front", "call", 1), "ok 4");
  assert.is(t.system.liveObjects(), 0);
  await t.end();
});

test("a call from there to a third domain here is served while the first one waits", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  const third = await t.add(domain("third", { exports: { call: "(i32.add (local.get $n) (i32.const 1))" } }));
  const there = await t.add(on(1, domain("there", { imports: { call: calls(third) }, exports: { quick: "(call $call (local.get $n))" } })));
  await t.add(domain("first", { imports: { quick: calls(there) }, exports: { circle: "(call $quick (local.get $n))" } }));
  assert.is(attempt(t, "first", "circle", 5), "ok 6");
  await t.end();
});

test("a trace shows calls to the other CPU, and names the CPU of each callee", async () => {
  let text = "";
  const tracer = new Tracer((piece) => {
    text += piece;
  });
  const t = await testSystem({ heapMegabytes: 32, cpus: 2, tracer });
  const back = await t.add(on(1, domain("back", { exports: { call: "(local.get $n)" } })));
  await t.add(domain("front", { imports: { call: calls(back) }, exports: { quick: "(call $call (local.get $n))" } }));
  assert.is(attempt(t, "front", "quick", 4), "ok 4");
  await t.end();
  tracer.close();
  const { traceEvents } = JSON.parse(text) as { traceEvents: { cat?: string; args?: { from?: string; to?: string } }[] };
  const made = traceEvents.filter(({ cat }) => cat === "call").map(({ args }) => `${args?.from} → ${args?.to}`);
  assert.equal(made, ["front#1 on CPU 0 → back#1 on CPU 1", "host → front#1 on CPU 0"]);
});

test.run();
