/** Wake-ups for threads that do not come: they sleep, went on at another entry, or wait for something else at the same domain. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Provider } from "../../host/kernel/provider.ts";
import type { Seat } from "../../host/kernel/seat.ts";
import { addAs, compileAs, run } from "../support/as-domain.ts";
import { deaths } from "../support/domain.ts";
import { type TestSystem, testSystem } from "../support/system.ts";

const test = suite("lost wakes");

const WIT = `package test:lost@1.0.0;
interface line {
  /** Queue 0 until there is something in it. */
  recv: func() -> u32;
  /** Whoever is the \`first\` to come again waits at queue 1. */
  fickle: func(number: u32) -> u32;
  put: func();
  waiting: func() -> u32;
}
interface deaf { try-it: func() -> u32; }
interface work { start: func(what: u32, n: u32) -> u32; living: func() -> u32; }
world serves { export line; }
world ignores { import line; export deaf; }
world works { import line; import deaf; export work; }
`;
const [LINE, DEAF, WORK] = ["line", "deaf", "work"].map((name) => `test:lost/${name}@1.0.0`) as [string, string, string];

const modules = Promise.all([
  compileAs(
    WIT,
    "serves",
    `import { CallerQueue } from "sumac/caller-queue";
     const filled = new CallerQueue();
     const never = new CallerQueue();
     let there: u32 = 0;
     let calls: u32 = 0;
     let fickleSeen: u32 = 0;
     export namespace line {
       export function recv(): u32 { calls++; if (!filled.admit(there > 0)) return 0; there--; return 1; }
       export function fickle(number: u32): u32 {
         calls++;
         if (number == 1 && ++fickleSeen == 2) { never.admit(false); return 0; }
         if (!filled.admit(there > 0)) return 0;
         there--;
         return 1;
       }
       export function put(): void { there++; filled.wakeOne(); }
       export function waiting(): u32 { return calls; }
     }`,
  ),
  compileAs(
    WIT,
    "ignores",
    `import { line } from "./gen/line"; import { lastStatus } from "sumac/rpc";
     export namespace deaf { export function tryIt(): u32 { line.recv(); return lastStatus(); } }`,
  ),
  compileAs(
    WIT,
    "works",
    `import * as threads from "sumac/thread"; import { Thread } from "sumac/thread"; import { line } from "./gen/line"; import { deaf } from "./gen/deaf";
     const all: Thread[] = [];
     function waits(_: u32): i32 { line.recv(); return 0; }
     function fickle(n: u32): i32 { line.fickle(n); return 0; }
     function sleeps(_: u32): i32 { deaf.tryIt(); threads.sleep(60000000); return 0; }
     function rests(_: u32): i32 { threads.sleep(60000000); return 0; }
     function goesOn(n: u32): i32 { deaf.tryIt(); threads.goOn(n, rests, 0); return 0; }
     export namespace work {
       export function start(what: u32, n: u32): u32 {
         let one: Thread | null = null;
         if (what == 0) one = threads.create<u32>(waits, n);
         if (what == 1) one = threads.create<u32>(fickle, n);
         if (what == 2) one = threads.create<u32>(sleeps, n);
         if (what == 3) one = threads.create<u32>(goesOn, n);
         if (one === null) return 0;
         if (what <= 1) all.push(one);
         return 1;
       }
       export function living(): u32 { let count = 0; for (let i = 0; i < all.length; i++) if (!threads.hasEnded(all[i])) count++; return count; }
     }`,
  ),
]);
const [WAITS, FICKLE, SLEEPS, GOES_ON] = [0, 1, 2, 3];

interface Scene {
  readonly t: TestSystem;
  start(what: number, n?: number): Promise<void>;
  put(): Promise<void>;
  living(): string;
}

async function scene(cpus: number): Promise<Scene> {
  const t = await testSystem({ heapMegabytes: 32, cpus });
  const [serves, ignores, works] = await modules;
  const cpu = cpus - 1;
  const seatOf = (seat: Seat): Provider => ({ kind: "domain", seat });
  const served = await addAs(t, { name: "hub", module: serves, cpu, limits: { callBudgetMs: 5000 } });
  const deaf = await addAs(t, { name: "deaf", module: ignores, grants: { [LINE]: seatOf(served) }, limits: { callBudgetMs: 5000 } });
  await addAs(t, {
    name: "works",
    module: works,
    limits: { threads: 20, callBudgetMs: 5000 },
    grants: { [LINE]: seatOf(served), [DEAF]: seatOf(deaf) },
  });
  const quiet = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  return {
    t,
    async start(what, n = 0) {
      assert.is(run(t, "works", WORK, "start", what, n), "ok 1");
      await quiet();
    },
    async put() {
      assert.is(run(t, "hub", LINE, "put"), "ok");
      await quiet();
    },
    living: () => run(t, "works", WORK, "living"),
  };
}

for (const cpus of [1, 2]) {
  const where = cpus === 1 ? "on one CPU" : "on two CPUs";
  test(`${where}: who is woken, comes again and waits at another queue of the domain has no claim on the first one any more`, async () => {
    const s = await scene(cpus);
    await s.start(FICKLE, 1);
    await s.start(FICKLE, 2);
    assert.is(s.living(), "ok 2");
    await s.put();
    assert.is(s.living(), "ok 1", "the second one has what the first one did not take");
    assert.equal(deaths(s.t), []);
    await s.t.end();
  });

  test(`${where}: a thread that sleeps waits in no queue`, async () => {
    const s = await scene(cpus);
    await s.start(SLEEPS);
    await s.start(WAITS);
    assert.is(s.living(), "ok 1");
    await s.put();
    assert.is(s.living(), "ok 0");
    await s.t.end();
  });

  test(`${where}: a thread that goes on at another entry waits in no queue`, async () => {
    const s = await scene(cpus);
    await s.start(GOES_ON, 0);
    await s.start(WAITS);
    assert.is(s.living(), "ok 1");
    await s.put();
    assert.is(s.living(), "ok 0");
    await s.t.end();
  });
}

test.run();
