/** Who runs when: slices, priorities, sleepers, many threads, and what is kept of a thread that was interrupted anywhere. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Tracer } from "../../../host/kernel/calls/tracer.ts";
import { run } from "../../support/as-domain.ts";
import { testSystem } from "../../support/system.ts";
import { addThreads, compileThreads, perform, settle, WORK } from "./rig.ts";

const CODE = `
let stop = false;
let turns: u32 = 0;
function spinner(n: u32): i32 { let i: u32 = 0; while (!stop) i++; return 1; }
function counter(n: u32): i32 { for (let i: u32 = 0; i < n; i++) { turns++; threads.giveWay(); } stop = true; return 2; }
// Without slices the first of them would run for ever.
function slices(n: u32): i32 {
  stop = false;
  const a = threads.create<u32>(spinner, 0) as Thread;
  const b = threads.create<u32>(spinner, 0) as Thread;
  const c = threads.create<u32>(counter, n) as Thread;
  threads.join(a); threads.join(b); threads.join(c);
  return turns;
}
class Node { constructor(public next: Node | null, public value: u32) {} }
let failures: i32 = 0;
let finished: i32 = 0;
// Makes and drops objects and texts all the time, and is interrupted anywhere.
function churner(seed: u32): i32 {
  let list: Node | null = null;
  for (let round: u32 = 0; round < 400; round++) {
    list = null;
    let text = "";
    for (let i: u32 = 0; i < 20; i++) { list = new Node(list, seed + i); text += (seed + i).toString() + ","; }
    let sum: u32 = 0;
    for (let node = list; node !== null; node = (node as Node).next) sum += (node as Node).value;
    if (sum != 20 * seed + 190) failures++;
    let expected: u32 = 0;
    const parts = text.split(",");
    for (let i = 0; i < 20; i++) expected += <u32>parseInt(parts[i]);
    if (expected != 20 * seed + 190) failures++;
  }
  finished++;
  return 0;
}
function churn(n: u32): i32 {
  failures = finished = 0;
  const all: Thread[] = [];
  for (let i: u32 = 0; i < n; i++) all.push(threads.create<u32>(churner, i * 1000) as Thread);
  for (let i: u32 = 0; i < n; i++) threads.join(all[i]);
  return failures == 0 ? finished : -failures;
}
// Holds objects on its stack only, while others collect.
function holder(n: u32): i32 {
  const held: Node[] = [];
  for (let i: u32 = 0; i < 10; i++) held.push(new Node(new Node(null, n), n + i));
  const text = "thread " + n.toString();
  threads.park();
  let sum: u32 = 0;
  for (let i = 0; i < 10; i++) sum += held[i].value + (held[i].next as Node).value;
  return sum == 20 * n + 45 && text == "thread " + n.toString() ? 1 : -1000;
}
function collects(n: u32): i32 {
  const all: Thread[] = [];
  for (let i: u32 = 0; i < n; i++) { all.push(threads.create<u32>(holder, i) as Thread); }
  threads.sleep(1000);
  for (let i = 0; i < 3; i++) {
    let garbage: Node | null = null;
    for (let k: u32 = 0; k < 60000; k++) garbage = new Node(k % 50 == 0 ? null : garbage, 0xdeadbeef);
  }
  let sum = 0;
  for (let i: u32 = 0; i < n; i++) { threads.unpark(all[i]); threads.join(all[i]); sum += all[i].value; }
  return sum;
}
// Wakes the one that waits for a permit, again and again, for no reason.
let disturbed: u32 = 0;
let toDisturb: Thread | null = null;
function disturber(n: u32): i32 {
  for (disturbed = 0; disturbed < n; disturbed++) { threads.unpark(toDisturb as Thread); threads.sleep(1000); }
  return 0;
}
// How often it was woken before its time was over.
function timed(n: u32): i32 {
  const never = new Semaphore(0);
  toDisturb = threads.current();
  const other = threads.create<u32>(disturber, n, "disturber", 3) as Thread;
  threads.giveWay();
  const isHad = never.acquire(20000);
  const then = disturbed;
  threads.kill(other);
  threads.join(other);
  return isHad ? -1 : then;
}
// What goes first does not wait for a slice to end.
let seen: i32 = 0;
function urgent(n: u32): i32 { seen = seen * 10 + 1; return 0; }
function ordinary(n: u32): i32 { seen = seen * 10 + 2; return 0; }
function priorities(n: u32): i32 {
  seen = 0;
  const a = threads.create<u32>(ordinary, 0, "", 5) as Thread;
  const b = threads.create<u32>(urgent, 0, "", 1) as Thread;
  for (let i = 0; i < 100000 && seen == 0; i++) turns++;
  seen = seen * 10 + 3;
  threads.join(b); threads.join(a);
  return seen;
}
let woken: i32 = 0;
let wrong: i32 = 0;
let ready: i32 = 0;
function sleepy(n: u32): i32 { ready++; threads.sleep(30000 + n * 20); if (woken != <i32>n) wrong++; woken++; return 0; }
function sleepers(n: u32): i32 {
  woken = wrong = ready = 0;
  for (let i: u32 = 0; i < n; i++) { const one = threads.create<u32>(sleepy, i); if (one === null) return -2; threads.detach(one as Thread); }
  while (<u32>woken < n) threads.sleep(2000);
  return wrong == 0 ? woken : -wrong;
}
function forever(n: u32): i32 { threads.park(); return 0; }
function flood(n: u32): i32 {
  for (let i: u32 = 0; i < n; i++) {
    const one = threads.create<u32>(forever, 0);
    if (one === null) return threads.isCpuFull ? -<i32>i : i;
  }
  return n;
}
`;
const CASES = ["slices", "churn", "collects", "priorities", "sleepers", "flood", "timed"];
const plain = compileThreads(CODE, CASES, "plain");
const collected = compileThreads(CODE, CASES, "collected");

const test = suite("scheduling of threads");

for (const [world, module] of [
  ["plain", plain],
  ["collected", collected],
] as const) {
  test(`${world}: a thread that never waits gives way when its slice is over`, async () => {
    const t = await testSystem();
    await addThreads(t, await module);
    assert.is(await perform(t, CASES.indexOf("slices"), 5), "ok 5");
    await t.end();
  });

  test(`${world}: threads that are interrupted anywhere lose no object and no memory of the runtime`, async () => {
    const t = await testSystem();
    await addThreads(t, await module, { limits: { memoryPages: 2000 } });
    // Every safepoint asks, so that each thread is interrupted at all of them.
    t.system.kernel.stepHook = () => {};
    assert.is(await perform(t, CASES.indexOf("churn"), 6), "ok 6");
    t.system.kernel.stepHook = undefined;
    await t.end();
  });
}

test("a collection loses nothing that threads which wait hold on their stacks only", async () => {
  const t = await testSystem();
  await addThreads(t, await collected, { limits: { memoryPages: 200 } });
  assert.is(await perform(t, CASES.indexOf("collects"), 40), "ok 40");
  await t.end();
});

test("a thread that goes before the running one does not wait for the end of its slice", async () => {
  const t = await testSystem();
  await addThreads(t, await plain);
  assert.is(await perform(t, CASES.indexOf("priorities"), 0), "ok 132");
  await t.end();
});

test("a wait with a time ends at that time, however often its thread is woken for no reason", async () => {
  const t = await testSystem();
  await addThreads(t, await plain);
  const woken = Number((await perform(t, CASES.indexOf("timed"), 2000)).replace("ok ", ""));
  assert.ok(woken >= 1 && woken < 2000, `${woken} wakes`);
  await t.end();
});

test("sleepers wake in the order of their times, ten thousand of them", async () => {
  const t = await testSystem();
  await addThreads(t, await plain, { limits: { threads: 10_000, memoryPages: 400 } });
  assert.is(await perform(t, CASES.indexOf("sleepers"), 9_999), "ok 9999");
  await t.end();
  assert.is(t.system.kernel.threads.stacks, 0);
});

test("limits.threads: one below it, at it and above it", async () => {
  for (const [n, expected] of [
    [8, "ok 8"],
    [9, "ok 9"],
    [10, "ok 9"],
  ] as const) {
    const t = await testSystem();
    await addThreads(t, await plain, { limits: { threads: 10 } });
    assert.is(await perform(t, CASES.indexOf("flood"), n), expected);
    await t.end();
  }
});

test("all CPUs of a system share what stacks a process has room for", async () => {
  for (const [cpus, most] of [
    [1, 10_000],
    [2, 10_000],
    [3, 8000],
  ] as const) {
    const t = await testSystem({ cpus });
    assert.is(t.system.kernel.threads.table.most, most);
    await t.end();
  }
});

test("a CPU has as many threads as its process has room for stacks, and says so", async () => {
  const t = await testSystem();
  t.system.kernel.threads.table.most = 20;
  await addThreads(t, await plain, { limits: { threads: 100 } });
  assert.is(await perform(t, CASES.indexOf("flood"), 50), "ok -19");
  t.system.kernel.threads.table.most = 19;
  assert.throws(
    () => t.system.kernel.threads.travellers.spawn({ domain: "maker", id: 0, name: "x", priority: 4, entry: 1, words: [0, 0] }),
    /thread x of domain maker: this CPU has 19 threads, which is all that it may have/,
  );
  await t.end();
});

test("a domain without limits.threads gets none, and one that cannot run them is refused with the reason", async () => {
  const t = await testSystem();
  await addThreads(t, await plain, { limits: { threads: 0 } });
  assert.is(run(t, "maker", WORK, "start", 0, 1), "ok 0");
  await settle(t.system.kernel.threads);
  await t.end();
});

test("a trace shows each thread's turns on a track of its own", async () => {
  let text = "";
  const tracer = new Tracer((piece) => {
    text += piece;
  });
  const t = await testSystem({ heapMegabytes: 32, tracer });
  await addThreads(t, await plain);
  assert.is(await perform(t, CASES.indexOf("priorities"), 0), "ok 132");
  await t.end();
  tracer.close();
  const { traceEvents } = JSON.parse(text) as { traceEvents: { ph: string; tid: number; name: string; args: Record<string, string> }[] };
  const tracks = new Map(
    traceEvents.flatMap(({ name, args, tid }) => (name === "thread_name" ? [[args.name, tid]] : [])) as [string, number][],
  );
  const untils = (track: string): (string | undefined)[] =>
    traceEvents.flatMap(({ name, tid, args }) => (name === "runs" && tid === tracks.get(track) ? [args.until] : []));
  assert.is(untils("maker/priorities").at(-1), "ended");
  assert.ok(untils("maker/priorities").includes("gave way"));
  assert.equal(untils("maker/3"), ["ended"]);
});

test("a thread that spins by itself leaves the application its turns", async () => {
  const t = await testSystem();
  await addThreads(t, await plain);
  assert.is(run(t, "maker", WORK, "start", CASES.indexOf("slices"), 1_000_000_000), "ok 1");
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.is(run(t, "maker", WORK, "state"), "ok 0");
  await t.end();
});

test.run();
