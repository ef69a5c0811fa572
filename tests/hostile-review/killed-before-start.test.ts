/** Threads that are killed before they have begun, by a domain that does something else with them at once: others' threads go on. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { addAs, compileAs, run } from "../support/as-domain.ts";
import { testSystem } from "../support/system.ts";

const test = suite("killed before they start");

const WIT = `package test:early@1.0.0;
interface work { start: func(n: u32) -> u32; ended: func() -> u32; harm: func(how: u32) -> u32; }
world works { export work; }
`;
const WORK = "test:early/work@1.0.0";

const module = compileAs(
  WIT,
  "works",
  `import * as threads from "sumac/thread";
   import { Thread } from "sumac/thread";
   import * as kernel from "sumac/thread-imports";
   let done: u32 = 0;
   function counts(_: u32): i32 { threads.giveWay(); done++; return 0; }
   export namespace work {
     export function start(n: u32): u32 { for (let i: u32 = 0; i < n; i++) threads.create<u32>(counts, i); return n; }
     export function ended(): u32 { return done; }
     export function harm(how: u32): u32 {
       const one = threads.create<u32>(counts, 0);
       if (one === null) return 0;
       threads.kill(one);
       assert(how != 0);
       if (how == 1) { kernel.setPriority(1, 5); kernel.setPriority(1, 4); }
       return 1;
     }
   }`,
);

for (const [how, what] of ["it dies", "it gives it another priority"].entries()) {
  test(`a domain kills a thread that has not begun, and ${what}: the threads of another domain run`, async () => {
    const t = await testSystem();
    for (const name of ["victim", "evil"]) await addAs(t, { name, module: await module, limits: { threads: 10 } });
    assert.is(run(t, "victim", WORK, "start", 5), "ok 5");
    run(t, "evil", WORK, "harm", how);
    for (let i = 0; i < 30; i++) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.is(run(t, "victim", WORK, "ended"), "ok 5");
    assert.is(t.system.kernel.threads.hasReady, false);
    await t.end();
  });
}

const holds = compileAs(
  WIT,
  "works",
  `import * as threads from "sumac/thread";
   import { Mutex } from "sumac/sync";
   const lock = new Mutex();
   function holder(_: u32): i32 { lock.lock(); threads.park(); lock.unlock(); return 0; }
   function waiter(_: u32): i32 { if (!lock.lock()) lock.repaired(); lock.unlock(); return 0; }
   export namespace work {
     export function start(n: u32): u32 {
       threads.create<u32>(holder, 0, "holder", 5);
       threads.create<u32>(waiter, 0, "waiter", 6);
       return n;
     }
     export function ended(): u32 { return 0; }
     export function harm(how: u32): u32 { threads.create<u32>(waiter, 0, "first", 0); return how; }
   }`,
);

test("a thread that is about to go on is killed, and its domain gives its priority back: it comes into no list again", async () => {
  const t = await testSystem();
  await addAs(t, { name: "victim", module: await module, limits: { threads: 10 } });
  await addAs(t, { name: "evil", module: await holds, limits: { threads: 10 } });
  const { threads } = t.system.kernel;
  run(t, "evil", WORK, "start", 0);
  await threads.run();
  // It holds the lock, and is as urgent now as the one that waits for it.
  run(t, "evil", WORK, "harm", 0);
  await threads.run();
  const holder = threads.list().find(({ name }) => name === "holder");
  assert.is(holder?.priority, 0);
  assert.is(run(t, "victim", WORK, "start", 5), "ok 5");
  assert.ok(threads.unpark(holder?.id ?? 0));
  const running = threads.run();
  assert.ok(threads.kill(holder?.id ?? 0, "by the test"));
  const isOver = await Promise.race([running.then(() => true), new Promise((resolve) => setTimeout(() => resolve(false), 2000))]);
  assert.ok(isOver, "the threads' turn ends");
  for (let i = 0; i < 30; i++) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.is(run(t, "victim", WORK, "ended"), "ok 5");
  assert.is(threads.hasReady, false);
  await t.end();
});

test.run();
