/** Domains that go to another CPU while they live: what goes with them, who finds them there, and what keeps them where they are. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cpuWords } from "../../../host/kernel/words.ts";
import { attempt, deaths, domain, type Parts } from "../../support/domain.ts";
import { calls, host, type TestDomain, type TestSystem, testSystem } from "../../support/system.ts";
import { id } from "../../support/world.ts";

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

/** However slow the machine is. */
function move(t: TestSystem, name: string, cpu: number): void {
  t.system.migrate(name, cpu, { waitMs: 60_000 });
}

function cpuOf(t: TestSystem, name: string): number | undefined {
  return t.system.domains().find((each) => each.name === name)?.cpu;
}

test("a domain goes to another CPU and back with memory, globals, table, object and generation", async () => {
  const t = await withStore(3);
  for (const [step, cpu] of [1, 2, 0, 2, 1, 0].entries()) {
    assert.is(attempt(t, "store", "call", 1), `ok ${step + 1}`);
    move(t, "store", cpu);
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
    move(t, "store", cpu);
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
    move(t, "front", cpu);
    assert.is(attempt(t, "front", "call", 5), "ok 16");
  }
  move(t, "back", 1);
  move(t, "far", 0);
  assert.is(attempt(t, "front", "call", 5), "ok 16");
  await t.end();
});

test("calls that nobody waits for reach it wherever it has gone, and so do those that were under way", async () => {
  const t = await withStore(3);
  move(t, "store", 1);
  const store = t.system.exportUnwaited("store", id("call"));
  const answers: Promise<unknown>[] = [];
  for (const cpu of [2, 1, 0, 1]) {
    for (let i = 0; i < 25; i++) answers.push(store.run?.(1) as Promise<unknown>);
    move(t, "store", cpu);
  }
  const values = (await Promise.all(answers)) as { readonly ok: boolean; readonly value: number }[];
  assert.ok(values.every(({ ok }) => ok));
  assert.equal(
    values.map(({ value }) => value).toSorted((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i + 1),
  );
  await t.end();
});

const SPIN = "(loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))";

test("no call is lost while CPUs hammer at it and it goes from one to the next", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 3 });
  const store = await t.add(domain("store", { ...STORE, limits: { callBudgetMs: 10_000 } }));
  const body =
    "(loop $l (drop (call $call (i32.const 1))) (if (call $status (i32.const 0)) (then unreachable)) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (i32.const 7)";
  for (const cpu of [1, 2]) {
    await t.add(
      on(
        cpu,
        domain(`front${cpu}`, {
          guard: ["status"],
          imports: { call: calls(store) },
          exports: { call: body },
          limits: { callBudgetMs: 60_000 },
        }),
      ),
    );
  }
  const fronts = [1, 2].map(
    (cpu) => t.system.exportUnwaited(`front${cpu}`, id("call")).run?.(500) as Promise<{ ok: boolean; value: number }>,
  );
  let isDone = false;
  const all = Promise.all(fronts).then((answers) => {
    isDone = true;
    return answers;
  });
  let moves = 0;
  for (let cpu = 1; !isDone; cpu = (cpu + 1) % 3) {
    try {
      t.system.migrate("store", cpu, { waitMs: 50 });
      moves++;
    } catch (error) {
      assert.match((error as Error).message, /domain store/);
    }
    assert.is(attempt(t, "store", "call", 0).slice(0, 2), "ok");
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const answer of await all) assert.equal(answer, { ok: true, value: 7 });
  assert.is(attempt(t, "store", "call", 0), "ok 1000");
  assert.ok(moves > 0);
  assert.equal(deaths(t), []);
  await t.end();
});

test("who hands an object to a domain that moves hands it to that domain, or keeps it", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 3 });
  const sink = await t.add(
    domain("sink", { exports: { swap: "(local.get $b)", look: "(call $load32 (local.get $b))" }, guard: ["load32"] }),
  );
  const front = domain("front", {
    guard: ["load32", "store32", "status"],
    imports: { swap: calls(sink), look: calls(sink) },
    exports: {
      call: `(local $b i32) (local.set $b (call $new)) (call $store32 (local.get $b) (local.get $n))
        (if (i32.ne (call $look (local.get $b)) (local.get $n)) (then unreachable))
        (local.set $b (call $swap (local.get $b))) (if (call $status (i32.const 0)) (then unreachable))
        (local.set $n (call $load32 (local.get $b))) (call $drop (local.get $b)) (local.get $n)`,
    },
  });
  await t.add(on(1, front));
  const { run } = t.system.exportUnwaited("front", id("call"));
  for (let i = 1; i < 60; i++) {
    const answer = run?.(i) as Promise<unknown>;
    move(t, "sink", i % 3);
    assert.equal(await answer, { ok: true, value: i });
  }
  assert.is(t.system.liveObjects(), 0);
  assert.is(t.system.kernel.heap.stats().borrows, 0);
  await t.end();
});

test("killed, restarted and dead after a move: the next generation is where the last one was, and followers find it", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  const store = await t.add(domain("store", { ...STORE, recover: "", init: "(global.set $count (i32.const 40))" }));
  await t.add(
    domain("front", { imports: { call: { kind: "domain", seat: store, rebind: true } }, exports: { call: "(call $call (local.get $n))" } }),
  );
  t.system.supervise("store", { restart: "permanent" });
  move(t, "store", 1);
  assert.is(attempt(t, "front", "call", 2), "ok 42");
  t.system.kill("store");
  assert.is(attempt(t, "front", "call", 3), "ok 43");
  assert.is(cpuOf(t, "store"), 1);
  assert.equal(deaths(t), ["killed store#1"]);
  assert.is(t.system.kernel.deaths.list()[0]?.cpu, 1);
  // What init had made went with it.
  assert.equal(
    t.events.filter((event) => event.kind === "restart").map((event) => event.kind === "restart" && event.from),
    ["snapshot"],
  );
  move(t, "store", 0);
  assert.is(attempt(t, "front", "call", 3), "ok 46");
  t.system.restart("store");
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.is(attempt(t, "front", "call", 3), "ok 43");
  assert.is(cpuOf(t, "store"), 0);
  await t.end();
});

test("a link that does not follow stays dead when its holder moves, although another generation lives", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  const back = await t.add(domain("back", { exports: { call: "(local.get $n)" } }));
  await t.add(
    domain("front", {
      guard: ["status"],
      imports: { call: calls(back) },
      exports: { call: "(drop (call $call (local.get $n))) (call $status (i32.const 0))" },
    }),
  );
  assert.is(attempt(t, "front", "call", 1), "ok 0");
  t.system.kill("back");
  t.system.restart("back");
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.is(attempt(t, "back", "call", 1), "ok 1");
  for (const [name, cpu] of [
    ["front", 1],
    ["back", 1],
    ["front", 0],
    ["back", 0],
  ] as const) {
    move(t, name, cpu);
    assert.is(attempt(t, "front", "call", 1), "ok 7", `${name} on ${cpu}`);
  }
  await t.end();
});

function refusal(t: TestSystem, name: string, cpu: number, waitMs = 20): string {
  try {
    t.system.migrate(name, cpu, { waitMs });
    return "";
  } catch (error) {
    assert.is((error as { code?: string }).code, "not-movable");
    return (error as Error).message;
  }
}

test("what keeps a domain where it is is said by name, and it lives on there", async () => {
  const t = await withStore(2);
  await t.add(domain("bound", { imports: { call: host({ run: (n = 0) => n }) }, exports: { quick: "(call $call (local.get $n))" } }));
  await t.add(domain("vector", { code: "(global $v (mut v128) (v128.const i64x2 0 0))", exports: { call: "(local.get $n)" } }));
  await t.add({ ...domain("twins", { exports: { call: "(local.get $n)" } }), replicas: "per-cpu" });
  await t.add(on(1, domain("big", { exports: { call: "(local.get $n)" }, code: "(memory 1)" })));
  t.system.kill("big");
  assert.match(refusal(t, "store", 2), /domain store: is to go to CPU 2, and there are CPUs 0 to 1/);
  assert.match(refusal(t, "bound", 1), /domain bound: .*is served on CPU 0/);
  assert.match(refusal(t, "vector", 1), /domain vector#1 on CPU 0: its state cannot be saved, because of a mutable global of type v128/);
  assert.match(refusal(t, "twins", 1), /replicas/);
  assert.match(refusal(t, "big", 0), /domain big: is dead/);
  for (const name of ["store", "vector", "twins"]) assert.is(attempt(t, name, "call", 1), "ok 1");
  move(t, "store", 0);
  await t.end();
});

test("what comes to it while it is copied keeps it where it is, too", async () => {
  const t = await withStore(2);
  const { kernel } = t.system;
  const store = t.system.seat("store").current;
  const { cpu } = kernel.cpus ?? {};
  if (store === undefined || cpu === undefined) throw new Error("no store, or one CPU");
  const request = cpu.request.bind(cpu);
  // As if it had been called there, between the first of what is sent and the last, and had made a thread.
  let asked = 0;
  cpu.request = (...of) => {
    const answer = request(...of);
    if (++asked === 2) Object.assign(store, { threads: { count: 1, stacks: 1 } });
    return answer;
  };
  assert.throws(() => move(t, "store", 1), /domain store#1 on CPU 0: has 1 thread, whose stacks stay on their CPU/);
  assert.ok(asked > 2, String(asked));
  cpu.request = request;
  Object.assign(store, { threads: undefined });
  assert.is(cpuOf(t, "store"), 0);
  assert.is(attempt(t, "store", "call", 1), "ok 1");
  move(t, "store", 1);
  assert.is(attempt(t, "store", "call", 1), "ok 2");
  await t.end();
});

test("a system with one CPU refuses, too", async () => {
  const t = await withStore(1);
  assert.match(refusal(t, "store", 1), /there is only CPU 0/);
  assert.is(attempt(t, "store", "call", 1), "ok 1");
  await t.end();
});

/** Resolves when a domain of the CPU is in a call. */
async function isIn({ system: { kernel } }: TestSystem, cpu: number): Promise<void> {
  while (Atomics.load(kernel.i32, cpuWords(cpu).depth) === 0) await new Promise((resolve) => setImmediate(resolve));
}

test("a busy domain is waited for as long as it is said, and stays; killed meanwhile, it dies", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  await t.add(on(1, domain("busy", { exports: { call: `${SPIN} (i32.const 5)` }, limits: { callBudgetMs: 60_000 } })));
  const busy = t.system.exportUnwaited("busy", id("call"));
  const long = busy.run?.(300_000_000) as Promise<unknown>;
  await isIn(t, 1);
  assert.match(refusal(t, "busy", 0), /domain busy on CPU 1: was in a call, or its CPU was, for 20 ms/);
  t.system.migrate("busy", 0, { waitMs: 60_000 });
  assert.is(cpuOf(t, "busy"), 0);
  assert.equal(await long, { ok: true, value: 5 });
  move(t, "busy", 1);
  const endless = busy.run?.(0) as Promise<{ ok: boolean }>;
  await isIn(t, 1);
  t.system.kill("busy");
  assert.is((await endless).ok, false);
  assert.match(refusal(t, "busy", 0), /is dead/);
  await t.end();
});

test("a domain that asks to be moved from within its own call is told that it is in one", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  let said = "";
  const ask = host({
    run: () => {
      said = refusal(t, "self", 1);
      return 3;
    },
  });
  await t.add(
    domain("self", {
      imports: {
        quick: calls(await t.add(domain("asker", { imports: { call: ask }, exports: { quick: "(call $call (local.get $n))" } }))),
      },
      exports: { call: "(call $quick (local.get $n))" },
    }),
  );
  assert.is(attempt(t, "self", "call", 1), "ok 3");
  assert.match(said, /domain self on CPU 0: was in a call/);
  move(t, "self", 1);
  assert.is(attempt(t, "self", "call", 1), "ok 3");
  await t.end();
});

test("where the other CPU cannot make it, it stays, and what was begun there leaves nothing behind", async () => {
  const t = await withStore(2);
  // Its provider was never known there: nothing grants what it imports.
  const back = await t.add(domain("back", { exports: { call: "(local.get $n)" } }));
  t.system.destroy("back");
  await t.add(domain("front", { imports: { call: calls(back) }, exports: { quick: "(local.get $n)" } }));
  assert.match(refusal(t, "front", 1), /domain front: stays on CPU 0: domain front imports .* nothing grants/);
  assert.is(attempt(t, "front", "quick", 4), "ok 4");
  assert.is(cpuOf(t, "front"), 0);
  await t.end();
});

test("a domain's own slot is given out again where it died, and never twice", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  for (let i = 0; i < 70; i++) {
    await t.add(domain("store", STORE));
    assert.is(attempt(t, "store", "call", 1), "ok 1");
    move(t, "store", 1);
    if (i % 3 === 0) move(t, "store", 0);
    assert.is(attempt(t, "store", "call", 1), "ok 2");
    t.system.destroy("store");
    assert.is(t.system.liveObjects(), 0);
  }
  await t.end();
});

test("16 MiB that are not zero go with it", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  const fill =
    "(loop $l (i32.store (i32.shl (local.get $n) (i32.const 2)) (i32.mul (local.get $n) (i32.const 2654435761))) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (i32.const 1)";
  const sum =
    "(local $s i32) (loop $l (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31)) (i32.load (i32.shl (local.get $n) (i32.const 2))))) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (local.get $s)";
  await t.add(
    domain("large", {
      code: "(memory 1)",
      exports: { call: `(drop (memory.grow (i32.const 255))) ${fill}`, quick: sum },
      limits: { memoryPages: 512 },
    }),
  );
  assert.is(attempt(t, "large", "call", (16 << 18) - 1), "ok 1");
  const before = attempt(t, "large", "quick", (16 << 18) - 1);
  move(t, "large", 1);
  assert.is(attempt(t, "large", "quick", (16 << 18) - 1), before);
  await t.end();
});

test.run();
