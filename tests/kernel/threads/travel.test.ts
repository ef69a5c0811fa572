/** Threads on other CPUs: they start or go on at replicas of their domain, are joined at home, and end with whatever they depend on. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ThreadEnd } from "../../../host/kernel/threads/scheduler.ts";
import { addAs, compileAs, run } from "../../support/as-domain.ts";
import { deaths } from "../../support/domain.ts";
import { type TestSystem, testSystem } from "../../support/system.ts";

const test = suite("threads: travel");

const WIT = `package test:travel@1.0.0;
interface work { start: func(what: u32, n: u32) -> s32; outcome: func() -> s32; end: func(); touched: func() -> u32; }
world nomad { export work; }
`;
const WORK = "test:travel/work@1.0.0";

const module = compileAs(
  WIT,
  "nomad",
  `
import * as threads from "sumac/thread";
import { Thread } from "sumac/thread";
let visits: u32 = 0;
// Where it comes by, it leaves a mark.
function there(n: u32): i32 { visits++; threads.giveWay(); return <i32>n + 100; }
function goes(n: u32): i32 { threads.goOn(n, there, n); return -1; }
function wanders(n: u32): i32 {
  visits++;
  if (n == 0) return 77;
  threads.sleep(1000);
  threads.goOn((n - 1) % 3, wanders, n - 1);
  return -2;
}
function waits(n: u32): i32 { visits++; while (visits > 0) threads.park(); return 0; }
function goesAndWaits(n: u32): i32 { threads.goOn(n, waits, 0); return -3; }
function traps(n: u32): i32 { visits++; assert(visits == 0); return 0; }
function goesAndTraps(n: u32): i32 { threads.goOn(n, traps, 0); return -3; }
function many(n: u32): i32 {
  let sum = 0;
  for (let round: u32 = 0; round < n; round++) {
    const a = threads.createOn(1, there, round);
    const b = threads.create<u32>(goes, 1);
    if (a === null || b === null) return -1000 - <i32>round;
    threads.join(a as Thread); threads.join(b as Thread);
    sum += (a as Thread).value - <i32>round + (b as Thread).value;
  }
  return sum;
}
let main: Thread | null = null;
export namespace work {
  export function start(what: u32, n: u32): i32 {
    main = null;
    if (what == 0) main = threads.create<u32>(goes, n, "goer");
    if (what == 1) main = threads.create<u32>(wanders, n, "wanderer");
    if (what == 2) main = threads.create<u32>(goesAndWaits, n, "waiter");
    if (what == 3) main = threads.create<u32>(goesAndTraps, n, "bad");
    if (what == 4) main = threads.createOn(n, there, n, "placed");
    if (what == 5) main = threads.create<u32>(many, n, "many");
    return main !== null ? 1 : threads.hasNoReplica ? -3 : -1;
  }
  export function outcome(): i32 {
    const one = main;
    return one === null || !threads.hasEnded(one) ? i32.MIN_VALUE : one.wasKilled ? -99 : one.value;
  }
  export function end(): void { const one = main; if (one !== null) threads.kill(one); }
  export function touched(): u32 { return visits; }
}
`,
);
const RUNS = `ok ${-(2 ** 31)}`;
const [GOES, WANDERS, WAITS, TRAPS, PLACED, MANY] = [0, 1, 2, 3, 4, 5];

async function nomads(cpus: number, replicated = true): Promise<TestSystem> {
  const t = await testSystem({ heapMegabytes: 32, cpus });
  await addAs(t, { name: "nomad", module: await module, limits: { threads: 4 }, ...(replicated ? { replicas: "per-cpu" } : {}) });
  return t;
}

const start = (t: TestSystem, what: number, n: number): string => run(t, "nomad", WORK, "start", what, n);
const touched = (t: TestSystem, cpu: number): string => run(t, cpu === 0 ? "nomad" : `nomad@${cpu}`, WORK, "touched");
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

async function outcome(t: TestSystem): Promise<string> {
  for (;;) {
    const now = run(t, "nomad", WORK, "outcome");
    if (now !== RUNS) return now;
    await turn();
  }
}

/** How the thread that was started last ended. */
function ending(t: TestSystem): Promise<ThreadEnd> {
  const { threads } = t.system.kernel;
  const last = threads.list().at(-1);
  return threads.endOf(last?.id ?? 0) ?? Promise.reject(new Error("there is no thread"));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

test("a thread goes on on another CPU's replica, and what it returns there is joined at home", async () => {
  const t = await nomads(2);
  assert.is(start(t, GOES, 1), "ok 1");
  assert.is(await outcome(t), "ok 101");
  assert.is(touched(t, 0), "ok 0");
  assert.is(touched(t, 1), "ok 1");
  await t.end();
});

test("a thread goes from CPU to CPU, over its home and over its own, and its joiner waits all the way", async () => {
  const t = await nomads(3);
  assert.is(start(t, WANDERS, 30), "ok 1");
  assert.is(await outcome(t), "ok 77");
  // 31 visits: 30 at home first, then 29 % 3 = 2, and so on down to 0.
  assert.equal(
    [0, 1, 2].map((cpu) => touched(t, cpu)),
    ["ok 11", "ok 10", "ok 10"],
  );
  await t.end();
});

test("a thread goes on on the CPU on which it is", async () => {
  const t = await nomads(1, false);
  assert.is(start(t, GOES, 0), "ok 1");
  assert.is(await outcome(t), "ok 100");
  assert.is(touched(t, 0), "ok 1");
  await t.end();
});

test("a thread is made for the CPU that is named, and refused where no replica is", async () => {
  const t = await nomads(2);
  for (const cpu of [1, 0]) {
    assert.is(start(t, PLACED, cpu), "ok 1");
    assert.is(await outcome(t), `ok ${100 + cpu}`);
    assert.is(touched(t, cpu), "ok 1");
  }
  assert.is(start(t, PLACED, 2), "ok -3");
  await t.end();
  const alone = await nomads(2, false);
  assert.is(start(alone, PLACED, 1), "ok -3");
  assert.is(start(alone, PLACED, 0), "ok 1");
  assert.is(await outcome(alone), "ok 100");
  await alone.end();
});

test("visitors leave nothing behind: many more than limits.threads come and go", async () => {
  const t = await nomads(2);
  assert.is(start(t, MANY, 40), "ok 1");
  assert.is(await outcome(t), `ok ${40 * (100 + 101)}`);
  assert.is(touched(t, 1), "ok 80");
  await t.end();
});

test("a thread that wants to go where no replica is ends, and its end says why", async () => {
  const t = await nomads(2);
  start(t, GOES, 7);
  const end = ending(t);
  assert.is(await outcome(t), "ok -99");
  assert.equal(await end, { kind: "killed", detail: "there is no CPU 7 to go to" });
  await t.end();
  const alone = await nomads(2, false);
  start(alone, GOES, 1);
  const other = ending(alone);
  assert.is(await outcome(alone), "ok -99");
  assert.equal(await other, { kind: "killed", detail: "there is no nomad@1 on CPU 1: threads go to replicas of their domain" });
  await alone.end();
});

test("a thread that was killed at home ends where it is", async () => {
  const t = await nomads(2);
  start(t, WAITS, 1);
  await until(() => touched(t, 1) === "ok 1");
  const end = ending(t);
  run(t, "nomad", WORK, "end");
  assert.is(await outcome(t), "ok -99");
  assert.equal(await end, { kind: "killed", detail: "killed by its domain" });
  // Its place there is free again.
  for (let i = 0; i < 6; i++) {
    start(t, GOES, 1);
    assert.is(await outcome(t), "ok 101");
  }
  assert.equal(deaths(t), []);
  await t.end();
});

test("the replica's death ends the thread, which is told at home; home lives on", async () => {
  const t = await nomads(2);
  start(t, WAITS, 1);
  await until(() => touched(t, 1) === "ok 1");
  const end = ending(t);
  t.system.kill("nomad@1");
  assert.is(await outcome(t), "ok -99");
  assert.equal(await end, { kind: "killed", detail: "its domain nomad@1 died" });
  start(t, GOES, 1);
  assert.is(await outcome(t), "ok -99");
  start(t, GOES, 0);
  assert.is(await outcome(t), "ok 100");
  await t.end();
});

test("a thread that traps on the replica is the replica's death, not its home's", async () => {
  const t = await nomads(2);
  start(t, TRAPS, 1);
  assert.is(await outcome(t), "ok -99");
  assert.equal(deaths(t), ["trap nomad@1#1"]);
  await t.end();
});

test("the home's death ends its threads elsewhere, and the replica lives on", async () => {
  const t = await nomads(2);
  start(t, WAITS, 1);
  await until(() => touched(t, 1) === "ok 1");
  t.system.kill("nomad");
  await turn();
  assert.equal(deaths(t), ["killed nomad#1"]);
  // All of its four places are free as soon as the visitor has gone.
  const replica = (method: string, ...args: number[]): string => run(t, "nomad@1", WORK, method, ...args);
  for (let made = 0; made < 4; await turn()) if (replica("start", PLACED, 1) === "ok 1") made++;
  assert.is(t.system.domains().find(({ name }) => name === "nomad@1")?.alive, true);
  await t.end();
});

test("a system stops while threads are on their way and elsewhere", async () => {
  for (const what of [WAITS, WANDERS]) {
    const t = await nomads(3);
    start(t, what, what === WAITS ? 1 : 100_000);
    await turn();
    await t.end();
  }
});

test.run();
