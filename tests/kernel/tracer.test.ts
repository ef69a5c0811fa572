/** Traces of real crossings: a recovered death as it looks in Perfetto, objects that change hands, failures; and nothing when off. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Tracer } from "../../host/kernel/calls/tracer.ts";
import { hostInterface } from "../../host/kernel/host/host-calls.ts";
import { attempt, call, domain } from "../support/domain.ts";
import { calls, host, restarts, type TestSystem, testSystem } from "../support/system.ts";
import { isWithin, readTrace, type Trace } from "../support/trace.ts";
import { id } from "../support/world.ts";

/** A worker that dies of its `deaths` first calls, its shadow, and a user of both. */
async function shadowed(t: TestSystem, deaths: number): Promise<void> {
  let left = deaths;
  const worker = await t.add(
    domain("worker", {
      imports: { circle: host({ run: () => (left-- > 0 ? 1 : 0) }) },
      exports: {
        call: "(if (call $circle (i32.const 0)) (then unreachable)) (i32.add (local.get $n) (i32.const 1))",
        look: "(i32.const 0)",
        take: "(call $drop (local.get $b))",
      },
      kernel: ["log"],
      init: "(call $log (i32.const 0) (i32.const 3))",
      code: `(memory 1) (data (i32.const 0) "\\"\\0a\\"")`,
    }),
  );
  const shadow = await t.add(
    domain("shadow", {
      imports: { call: calls(worker), restart: restarts(t, worker) },
      guard: ["status"],
      exports: {
        quick: `(local $r i32)
          (loop $again
            (local.set $r (call $call (local.get $n)))
            (if (call $status (i32.const 0)) (then (drop (call $restart)) (br $again))))
          (local.get $r)`,
      },
    }),
  );
  await t.add(
    domain("user", {
      imports: { quick: calls(shadow), look: calls(worker), take: calls(worker) },
      exports: {
        circle: `(local $b i32) (local.set $b (call $new))
          (drop (call $look (local.get $b))) (call $take (local.get $b)) (call $quick (local.get $n))`,
      },
    }),
  );
}

async function traced(run: (t: TestSystem) => Promise<void>): Promise<Trace> {
  let text = "";
  const tracer = new Tracer((piece) => {
    text += piece;
  });
  const t = await testSystem({ heapMegabytes: 32, tracer });
  await run(t);
  await t.end();
  tracer.close();
  assert.is(tracer.problem, undefined);
  return readTrace(text);
}

test("trace: a recovered death shows the interrupted call, the restart, and the call that goes on", async () => {
  const trace = await traced(async (t) => {
    await shadowed(t, 1);
    assert.is(attempt(t, "user", "circle", 4), "ok 5");
  });
  const [outer] = trace.slices(`${id("quick")}#run`);
  const [broken, repeated] = trace.slices(`${id("call")}#run`);
  const [restart] = trace.slices(`${id("restart")}#run`);
  assert.ok(outer && broken && repeated && restart);
  assert.equal(outer.args, { from: "user#1", to: "shadow#1", outcome: "returned" });
  assert.equal(broken.args, { from: "shadow#1", to: "worker#1", outcome: "broken" });
  assert.equal(repeated.args, { from: "shadow#1", to: "worker#2", outcome: "returned", repeats: 1 });
  assert.equal([outer.tid, broken.tid, repeated.tid], [trace.tracks.get("shadow"), trace.tracks.get("worker"), trace.tracks.get("worker")]);
  for (const inner of [broken, restart, repeated]) assert.ok(isWithin(inner, outer));
  assert.ok(broken.ts < restart.ts && restart.ts < repeated.ts);
  const flow = trace.events.filter((event) => event.id === 1);
  assert.equal(
    flow.map(({ ph, tid }) => [ph, tid]),
    [
      ["s", broken.tid],
      ["t", restart.tid],
      ["f", repeated.tid],
    ],
  );
  const [start, step, end] = flow.map(({ ts }) => ts) as [number, number, number];
  assert.ok(broken.ts <= start && start <= broken.ts + broken.dur);
  assert.ok(restart.ts <= step && step <= restart.ts + restart.dur);
  assert.ok(repeated.ts <= end && end <= repeated.ts + repeated.dur);
  const life = trace.events.filter(({ ph, cat }) => ph === "i" && cat === "life").map(({ name, args }) => `${name} ${args?.generation}`);
  assert.equal(life.slice(0, 3), ["death: trap 1", "restart 2", "recovered 2"]);
});

test("trace: several deaths of one call are as many arrows, and each is well formed", async () => {
  const trace = await traced(async (t) => {
    await shadowed(t, 3);
    assert.is(attempt(t, "user", "circle", 4), "ok 5");
    assert.is(attempt(t, "shadow", "quick", 5), "ok 6");
  });
  assert.is(trace.events.filter(({ ph }) => ph === "s").length, 3);
  assert.is(trace.events.filter(({ ph }) => ph === "f").length, 3);
  const all = trace.slices(`${id("call")}#run`).map(({ args }) => `${args?.to} ${args?.outcome} ${args?.repeats ?? "-"}`);
  assert.equal(all, ["worker#1 broken -", "worker#2 broken 1", "worker#3 broken 2", "worker#4 returned 3", "worker#4 returned -"]);
});

test("trace: objects that move or are lent are told with who has them, log lines with their text", async () => {
  const trace = await traced(async (t) => {
    await shadowed(t, 0);
    call(t, "user", "circle", 4);
  });
  const heap = trace.events.filter(({ cat }) => cat === "heap");
  assert.equal(
    heap.map(({ name, args }) => `${name}: ${args?.from} → ${args?.to}`),
    ["borrow block: user#1 → worker#1", "borrow ends block: worker#1 → worker#1", "move block: user#1 → worker#1"],
  );
  assert.match(String(heap[0]?.args?.object), /^0x[0-9a-f]+$/);
  const [line] = trace.events.filter(({ cat }) => cat === "log");
  assert.equal(line?.args, { line: '"\\x0a"' });
  assert.ok(trace.slices("sumac:kernel/life#init").length === 1);
});

test("trace: a call that is not made is told as a failure of its caller", async () => {
  const trace = await traced(async (t) => {
    await shadowed(t, 0);
    t.system.kill("worker", "gone");
    assert.match(attempt(t, "user", "circle", 1), /^ok/);
  });
  const failures = trace.events.filter(({ name }) => name.startsWith("failed: ")).map(({ name, tid }) => [name, tid]);
  assert.equal(failures.slice(0, 2), [
    ["failed: dead", trace.tracks.get("user")],
    ["failed: dead", trace.tracks.get("user")],
  ]);
});

test("trace: a writer that fails ends the trace and nothing else", async () => {
  let calls = 0;
  const tracer = new Tracer(() => {
    calls++;
    throw new Error("disk full");
  });
  const t = await testSystem({ heapMegabytes: 32, tracer });
  await shadowed(t, 1);
  for (let i = 0; i < 500; i++) call(t, "shadow", "quick", 1);
  assert.is(attempt(t, "shadow", "quick", 4), "ok 5");
  await t.end();
  tracer.close();
  assert.is(calls, 1);
  assert.match((tracer.problem as Error).message, "disk full");
});

test("trace: without a tracer, links reach exports and proxies the heap themselves", async () => {
  const t = await testSystem();
  await shadowed(t, 0);
  const { kernel } = t.system;
  const worker = t.system.seat("worker").current;
  assert.ok(worker);
  const owner = worker.spec.loaded.world.exports.find((each) => each.id === id("call"));
  assert.ok(owner);
  hostInterface(kernel, t.system.seat("worker"), owner);
  const links = [...worker.inbound];
  assert.ok(links.length >= 3);
  for (const { target, method, owner: of } of links) assert.is(target.call, worker.exports[`${of.id}#${method.name}`]);
  assert.is(kernel.hostContext().heap, kernel.heap.exports);
  await t.end();
});

test("trace: the check of traces refuses what viewers would not show", () => {
  const track = { ph: "M", pid: 1, tid: 1, name: "thread_name", args: { name: "a" } };
  const slice = { ph: "X", pid: 1, tid: 1, name: "x", ts: 0, dur: 10 };
  const flow = { pid: 1, tid: 1, name: "f", cat: "c", id: 1, ts: 5 };
  const refuses = (...traceEvents: object[]): boolean => {
    try {
      readTrace(JSON.stringify({ traceEvents }));
      return false;
    } catch {
      return true;
    }
  };
  assert.not.ok(refuses(track, slice, { ...flow, ph: "s" }, { ...flow, ph: "f", bp: "e" }));
  for (const wrong of [
    [slice],
    [track, { ...slice, dur: undefined }],
    [track, { ...slice, ph: "Q" }],
    [track, { ...slice, more: 1 }],
    [track, slice, { ...slice, ts: 5 }],
    [track, slice, { ...flow, ph: "f" }],
    [track, slice, { ...flow, ph: "s" }, { ...flow, ph: "t", ts: 4 }],
    [track, { ...flow, ph: "s" }],
  ]) {
    assert.ok(refuses(...wrong), JSON.stringify(wrong));
  }
});

test.run();
