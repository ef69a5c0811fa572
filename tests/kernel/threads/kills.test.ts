/** Ends of threads and of their domains, in every state that a thread can be in, and what becomes of those who wait for them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hostFunctions } from "../../../host/kernel/host/host-functions.ts";
import { worldOf } from "../../idl/compile-domain.ts";
import { run } from "../../support/as-domain.ts";
import { deaths } from "../../support/domain.ts";
import { type TestSystem, testSystem } from "../../support/system.ts";
import { addThreads, compileThreads, perform, settle, WIT, WORK } from "./rig.ts";

const CODE = `
const lock = new Mutex();
const pipe = new Channel<u32>(1);
const tickets = new Semaphore(0);
const changed = new Condition();
let reached: u32 = 0;
let other: Thread | null = null;
function parker(n: u32): i32 { threads.park(); return 1; }
function sleeper(n: u32): i32 { threads.sleep(60000000); return 1; }
function owner(n: u32): i32 { lock.lock(); reached = 1; threads.park(); lock.unlock(); return 1; }
let isOver = false;
function spinner(n: u32): i32 { while (!isOver) reached++; return 1; }
function receiver(n: u32): i32 { return pipe.recv(); }
function ticket(n: u32): i32 { tickets.acquire(); reached++; return 1; }
function listener(n: u32): i32 { lock.lock(); changed.wait(lock); lock.unlock(); return 1; }
function joiner(n: u32): i32 { const one = other; if (one === null) return -1; return threads.join(one) ? one.value : one.wasKilled ? 77 : 78; }
function trapper(n: u32): i32 { threads.giveWay(); assert(n == 99, "as it should"); return 1; }
// A thread in each state is killed; who joins it is told.
function killed(n: u32): i32 {
  reached = 0;
  let entry = parker;
  if (n == 1) entry = sleeper;
  if (n == 2) entry = receiver;
  if (n == 3) entry = ticket;
  if (n == 4) entry = spinner;
  if (n == 5) entry = owner;
  if (n == 6) entry = listener;
  const prey = threads.create<u32>(entry, 0) as Thread;
  other = prey;
  const waits = threads.create<u32>(joiner, 0) as Thread;
  if (n < 7) threads.sleep(3000);
  threads.kill(prey);
  threads.join(waits);
  if (n == 5) { if (lock.lock()) return -2; if (!lock.wasAbandoned) return -3; lock.repaired(); lock.unlock(); if (!lock.lock()) return -4; lock.unlock(); }
  return waits.value;
}
// Of two that wait for one ticket, the first is served and killed before it runs: the second gets it.
function passedOn(n: u32): i32 {
  reached = 0;
  const a = threads.create<u32>(ticket, 0) as Thread;
  const b = threads.create<u32>(ticket, 0) as Thread;
  threads.sleep(1000);
  tickets.release();
  threads.kill(a);
  threads.join(a);
  threads.join(b);
  return a.wasKilled && !b.wasKilled && tickets.count == 0 ? reached : -1;
}
function many(n: u32): i32 {
  threads.create<u32>(parker, 0);
  threads.create<u32>(sleeper, 0);
  threads.create<u32>(owner, 0);
  threads.create<u32>(receiver, 0);
  threads.create<u32>(spinner, 0);
  other = threads.create<u32>(parker, 0);
  threads.create<u32>(joiner, 0);
  threads.sleep(1000);
  assert(n != 1, "the main one");
  if (n == 2) threads.create<u32>(trapper, 0);
  threads.park();
  return 0;
}
function sums(n: u32): i32 { return ASKING; }
`;
const CASES = ["killed", "passedOn", "many", "sums"];
const module = compileThreads(CODE.replace("ASKING", "0"), CASES, "plain");

const test = suite("ends of threads");

async function scene(): Promise<TestSystem> {
  const t = await testSystem();
  await addThreads(t, await module);
  return t;
}

for (const [n, state] of [
  "parked",
  "asleep",
  "receiving",
  "waiting for a ticket",
  "spinning",
  "holding a lock",
  "waiting for a signal",
  "not started",
].entries()) {
  test(`a thread that is killed while ${state}: its joiner is told, its domain lives`, async () => {
    const t = await scene();
    assert.is(await perform(t, CASES.indexOf("killed"), n), "ok 77");
    assert.equal(deaths(t), []);
    assert.equal(
      t.system.kernel.threads.list().map(({ name }) => name),
      [],
    );
    await t.end();
  });
}

test("what a killed thread was given and could not use is another's", async () => {
  const t = await scene();
  assert.is(await perform(t, CASES.indexOf("passedOn"), 0), "ok 1");
  await t.end();
});

test("a domain that is killed takes its threads along, whatever they do; nothing of it is used again before their stacks are gone", async () => {
  const t = await scene();
  const { threads } = t.system.kernel;
  run(t, "maker", WORK, "start", CASES.indexOf("many"), 0);
  await threads.run(20);
  assert.is(threads.list().length, 8);
  const ends = threads.list().map(({ id }) => threads.endOf(id));
  t.system.kill("maker", "enough");
  assert.equal(deaths(t), ["killed maker#1"]);
  assert.is(threads.list().length, 0);
  assert.is(run(t, "maker", WORK, "state"), "dead maker#1");
  for (const end of await Promise.all(ends)) assert.equal(end, { kind: "killed", detail: "its domain maker died" });
  await threads.unwound();
  assert.is(threads.stacks, 0);
  await t.end();
});

test("a trap in one thread is its domain's death", async () => {
  for (const [n, detail] of [
    [1, /the main one/],
    [2, /as it should/],
  ] as const) {
    const t = await scene();
    run(t, "maker", WORK, "start", CASES.indexOf("many"), n);
    await settle(t.system.kernel.threads);
    const [death] = t.events.flatMap((event) => (event.kind === "death" ? [event.death] : []));
    assert.match(death?.detail ?? "", detail);
    await t.system.kernel.threads.unwound();
    assert.is(t.system.kernel.threads.list().length, 0);
    await t.end();
  }
});

test("the host ends a thread by its id, also one that is running", async () => {
  const t = await scene();
  const { threads } = t.system.kernel;
  run(t, "maker", WORK, "start", CASES.indexOf("killed"), 4);
  await threads.run(10);
  const [main] = threads.list();
  if (main === undefined) throw new Error("no thread");
  const end = threads.endOf(main.id);
  assert.ok(threads.kill(main.id, "by the host"));
  assert.not.ok(threads.kill(main.id, "again"));
  await threads.run(10);
  assert.equal(await end, { kind: "killed", detail: "by the host" });
  assert.is(run(t, "maker", WORK, "state"), "ok 2");
  assert.not.ok(threads.kill(0x7fffffff, "nobody"));
  assert.not.ok(threads.unpark(0x7fffffff));
  await t.end();
});

const ASKING = `
import { outside } from "./gen/outside";
import { lastStatus } from "sumac/rpc";
function sums(n: u32): i32 { return outside.later(n) + outside.later(n * 2) + <i32>lastStatus(); }
function texts(n: u32): i32 { let length = 0; for (let i: u32 = 0; i < n; i++) length += outside.textLater("text " + i.toString()).length; return length; }
function fails(n: u32): i32 { outside.later(1000); return lastStatus(); }
`;
const asking = compileThreads(ASKING, ["sums", "texts", "fails"], "calling");

test("a promise of the host: the thread waits at its base and has the answer; the function is called once", async () => {
  const t = await testSystem();
  const world = await worldOf(WIT, "calling");
  const owner = world.imports.find(({ id }) => id.includes("outside"));
  if (owner === undefined) throw new Error("no such import");
  const asked: unknown[] = [];
  const later = async <T>(value: T): Promise<T> => {
    asked.push(value);
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (value === 1000) throw new Error("not that");
    return value;
  };
  const provider = hostFunctions(t.system.kernel, owner, { later, textLater: (text: string) => later(`${text}!`) });
  await addThreads(t, await asking, { grants: { [owner.id]: provider } });
  const { threads } = t.system.kernel;
  for (const [i, n, expected] of [
    [0, 5, "ok 15"],
    [1, 12, "ok 86"],
    [2, 0, "ok 11"],
  ] as const) {
    run(t, "maker", WORK, "start", i, n);
    const [main] = threads.list();
    if (main === undefined) throw new Error("no thread");
    await threads.endOf(main.id);
    assert.is(run(t, "maker", WORK, "outcome"), expected);
  }
  assert.is(asked.length, 2 + 12 + 1);
  await t.end();
});

test.run();
