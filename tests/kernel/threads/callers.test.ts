/** Callers that a domain lets wait: who is woken, who has the wake-up when that one is no more, and what becomes of what was passed. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HostValue } from "../../../host/kernel/host/host-values.ts";
import type { Provider } from "../../../host/kernel/provider.ts";
import type { Seat } from "../../../host/kernel/seat.ts";
import { addAs, compileAs, run } from "../../support/as-domain.ts";
import { deaths } from "../../support/domain.ts";
import { type TestSystem, testSystem } from "../../support/system.ts";

const WIT = `package test:callers@1.0.0;
interface goods { resource parcel { constructor(worth: u32); } }
interface line { use goods.{parcel}; send: func(one: parcel); recv: func() -> parcel; wake-all: func(); }
interface work {
  /** Threads that wait for a parcel, one after the other. */
  receivers: func(count: u32) -> u32;
  /** As a call, by no thread: the status and its detail. */
  offer: func(worth: u32) -> u32;
  kill: func(number: u32) -> u32;
  received: func() -> u32;
  living: func() -> u32;
  /** A loop. */
  count: func(n: u32) -> u32;
  /** A thread that is asked to give way and ends. */
  hasty: func() -> u32;
}
world serves { import goods; export line; }
world relays { import goods; import line; export line; }
world works { import goods; import line; export work; }
`;
const LINE = "test:callers/line@1.0.0";
const WORK = "test:callers/work@1.0.0";

const SERVES = `
import { CallerQueue } from "sumac/caller-queue";
import { Parcel } from "./gen/goods";
const belt: Parcel[] = [];
const room = new CallerQueue();
const filled = new CallerQueue();
export namespace line {
  export function send(one: Parcel): void { if (!room.admit(belt.length < 2)) return; belt.push(one); filled.wakeOne(); }
  export function recv(): Parcel { if (!filled.admit(belt.length > 0)) return changetype<Parcel>(0); room.wakeOne(); return belt.shift(); }
  export function wakeAll(): void { filled.wakeAll(); }
}`;
const RELAYS = `
import { relay } from "sumac/kernel";
import { lastStatus } from "sumac/rpc";
import { Parcel } from "./gen/goods";
import { line as next } from "./gen/line";
export namespace line {
  export function send(one: Parcel): void { next.send(one); if (lastStatus() != 0) relay(); }
  export function recv(): Parcel { const one = next.recv(); if (lastStatus() != 0) relay(); return one; }
  export function wakeAll(): void { next.wakeAll(); }
}`;
const WORKS = `
import * as threads from "sumac/thread";
import { Thread } from "sumac/thread";
import { status } from "sumac/guard";
import { objectsAreBack } from "sumac/fate";
import { lastStatus } from "sumac/rpc";
import { Parcel } from "./gen/goods";
import { line } from "./gen/line";
const all: Thread[] = [];
let sum: u32 = 0;
// Who is woken by a death may meet it before the next generation is there.
function receiver(_: u32): i32 {
  for (let tries = 0; tries < 50; tries++) {
    const one = line.recv();
    if (lastStatus() == 0) {
      sum += one.worth;
      one.drop();
      return 0;
    }
    threads.sleep(2000);
  }
  return 1;
}
function inHaste(n: u32): i32 { const list: u32[] = []; list.length = n; list.fill(7); return list[n - 1]; }
export namespace work {
  export function receivers(number: u32): u32 {
    for (let i: u32 = 0; i < number; i++) { const one = threads.create<u32>(receiver, 0); if (one === null) return i; all.push(one); }
    return all.length;
  }
  export function offer(worth: u32): u32 {
    const one = Parcel.create();
    one.worth = worth;
    line.send(one);
    const code = lastStatus();
    if (code == 0) return 0;
    const detail = status(3);
    if (!objectsAreBack()) return 1;
    one.drop();
    return code * 100 + detail;
  }
  export function kill(number: u32): u32 { return threads.kill(all[number]) ? 1 : 0; }
  export function received(): u32 { return sum; }
  export function living(): u32 { let count = 0; for (let i = 0; i < all.length; i++) if (!threads.hasEnded(all[i])) count++; return count; }
  export function count(n: u32): u32 { let seen: u32 = 0; for (let i: u32 = 0; i < n; i++) seen += i; return seen; }
  export function hasty(): u32 { return threads.create<u32>(inHaste, 5000) === null ? 0 : 1; }
}`;

const modules = Promise.all([compileAs(WIT, "serves", SERVES), compileAs(WIT, "relays", RELAYS), compileAs(WIT, "works", WORKS)]);

interface Scene {
  readonly t: TestSystem;
  ask(method: string, ...args: HostValue[]): string;
  /** Lets everybody run until `method` answers with `expected`. */
  until(method: string, expected: string): Promise<void>;
  /** Until nobody of the first CPU could run. */
  quiet(): Promise<void>;
  end(): Promise<void>;
}

interface Places {
  readonly cpus: number;
  readonly hub: number;
  readonly works: number;
  readonly between?: boolean;
  readonly threads?: number;
}

async function scene({ cpus, hub, works, between = false, threads = 20 }: Places): Promise<Scene> {
  const t = await testSystem({ heapMegabytes: 32, cpus, supervision: { firstWaitMs: 0, intensity: 1000 } });
  const [serves, relays, worker] = await modules;
  const follows = (seat: Seat): Provider => ({ kind: "domain", seat, rebind: true });
  const served = await addAs(t, { name: "hub", module: serves, cpu: hub, limits: { callBudgetMs: 2000 } });
  const middle = between ? await addAs(t, { name: "between", module: relays, cpu: works, grants: { [LINE]: follows(served) } }) : served;
  const limits = { threads, memoryPages: 200, callBudgetMs: 2000 };
  await addAs(t, { name: "works", module: worker, cpu: works, limits, grants: { [LINE]: follows(middle) } });
  t.system.supervise("hub", {});
  const ask = (method: string, ...args: HostValue[]): string => run(t, "works", WORK, method, ...args);
  const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
  return {
    t,
    ask,
    async until(method, expected) {
      const end = performance.now() + 20_000;
      while (ask(method) !== expected) {
        if (performance.now() > end) throw new Error(`${method} answers ${ask(method)}, and never ${expected}`);
        await turn();
      }
    },
    async quiet() {
      for (let i = 0; i < 20; i++) await turn();
      await t.system.kernel.threads.run();
    },
    async end() {
      t.system.destroy("works");
      t.system.destroy("hub");
      await t.system.kernel.threads.unwound();
      assert.is(t.system.liveObjects(), 0);
      await t.end();
    },
  };
}

const PLACES: readonly (readonly [string, Places])[] = [
  ["on one CPU", { cpus: 1, hub: 0, works: 0 }],
  ["from CPU 0 to 1", { cpus: 2, hub: 1, works: 0 }],
  ["from CPU 1 to 0", { cpus: 2, hub: 0, works: 1 }],
  ["through a domain that relays", { cpus: 2, hub: 1, works: 0, between: true }],
];

for (const [where, places] of PLACES) {
  const test = suite(`callers that wait, ${where}`);
  const check = (name: string, body: () => Promise<void>): void => test(`${where}: ${name}`, body);

  check("those who wait are served in the order in which they came", async () => {
    const s = await scene(places);
    s.ask("receivers", 3);
    await s.quiet();
    assert.is(s.ask("living"), "ok 3");
    assert.is(s.ask("offer", 5), "ok 0");
    await s.until("received", "ok 5");
    assert.is(s.ask("living"), "ok 2");
    assert.is(s.ask("offer", 7), "ok 0");
    assert.is(s.ask("offer", 9), "ok 0");
    await s.until("living", "ok 0");
    assert.is(s.ask("received"), "ok 21");
    assert.equal(deaths(s.t), []);
    await s.end();
  });

  check("a wake-up for a thread that is killed before it asks again is the next one's", async () => {
    const s = await scene(places);
    s.ask("receivers", 2);
    await s.quiet();
    assert.is(s.ask("offer", 5), "ok 0");
    // On this CPU nobody has run meanwhile; on another one whoever was woken may have been faster.
    const isKilled = s.ask("kill", 0) === "ok 1";
    assert.ok(isKilled || places.works !== 0);
    await s.until("received", "ok 5");
    if (!isKilled) assert.is(s.ask("offer", 0), "ok 0");
    await s.until("living", "ok 0");
    await s.end();
  });

  check("a thread that is killed while it waits is not woken in another one's place", async () => {
    const s = await scene(places);
    s.ask("receivers", 2);
    await s.quiet();
    assert.is(s.ask("kill", 0), "ok 1");
    assert.is(s.ask("offer", 6), "ok 0");
    await s.until("received", "ok 6");
    await s.until("living", "ok 0");
    await s.end();
  });

  check("those who wait when the domain dies reach its next generation", async () => {
    const s = await scene(places);
    s.ask("receivers", 3);
    await s.quiet();
    s.t.system.kill("hub");
    await s.quiet();
    assert.is(s.ask("living"), "ok 3");
    for (const worth of [1, 2, 3]) {
      assert.is(s.ask("offer", worth), "ok 0");
      await s.quiet();
    }
    await s.until("received", "ok 6");
    assert.equal(deaths(s.t), ["killed hub#1"]);
    await s.end();
  });

  if (places.cpus > 1 && !places.between) {
    check("those who wait for a domain that goes to another CPU find it there", async () => {
      const s = await scene(places);
      s.ask("receivers", 3);
      await s.quiet();
      for (const [i, cpu] of [1 - places.hub, places.hub, 1 - places.hub].entries()) {
        s.t.system.migrate("hub", cpu);
        await s.quiet();
        assert.is(s.ask("living"), `ok ${3 - i}`);
        assert.is(s.ask("offer", 10), "ok 0");
        await s.until("received", `ok ${10 * (i + 1)}`);
      }
      assert.equal(deaths(s.t), []);
      await s.end();
    });
  }

  check("a wake-up in vain does no harm", async () => {
    const s = await scene(places);
    s.ask("receivers", 3);
    await s.quiet();
    for (let i = 0; i < 5; i++) {
      run(s.t, "hub", LINE, "wakeAll");
      await s.quiet();
      assert.is(s.ask("living"), "ok 3");
    }
    assert.is(s.ask("offer", 4), "ok 0");
    await s.until("received", "ok 4");
    await s.end();
  });

  check("a caller that is no thread is told at once, and has its object back", async () => {
    const s = await scene(places);
    assert.is(s.ask("offer", 1), "ok 0");
    assert.is(s.ask("offer", 2), "ok 0");
    const held = s.t.system.liveObjects();
    assert.is(s.ask("offer", 3), "ok 1314");
    assert.is(s.t.system.liveObjects(), held);
    await s.end();
  });

  test.run();
}

const test = suite("callers that wait");

test("the application is told who had to wait for what", async () => {
  const s = await scene({ cpus: 1, hub: 0, works: 0 });
  const answer = s.t.system.export("hub", LINE).recv?.();
  assert.is(answer?.ok, false);
  if (answer?.ok === false) {
    const { cause, chain } = answer.error;
    assert.equal([cause, chain?.map((each) => each.cause)], ["gave-up", ["blocked"]]);
  }
  await s.end();
});

test("two thousand that wait on another CPU are woken at once, though not all wake-ups find room at first", async () => {
  const s = await scene({ cpus: 2, hub: 1, works: 0, threads: 2000 });
  assert.is(s.ask("receivers", 2000), "ok 2000");
  await s.quiet();
  s.t.system.kill("hub");
  s.t.system.destroy("hub");
  await s.until("living", "ok 0");
  s.t.system.destroy("works");
  await s.t.end();
});

test("a call from outside with a loop is not asked to give way in the place of a thread that has ended", async () => {
  const s = await scene({ cpus: 1, hub: 0, works: 0 });
  s.t.system.kernel.stepHook = () => {};
  for (let i = 0; i < 3; i++) {
    assert.is(s.ask("hasty"), "ok 1");
    await s.quiet();
    assert.is(s.ask("count", 1000), "ok 499500");
  }
  s.t.system.kernel.stepHook = undefined;
  assert.equal(deaths(s.t), []);
  await s.end();
});

test.run();
