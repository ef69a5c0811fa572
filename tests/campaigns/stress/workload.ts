/**
 * Rounds of threads that hand shared objects to each other, under locks, through channels, with sleeps and joins, while somebody kills
 * threads, calls and domains by chance. What must hold is in the domain's own numbers and in the kernel's: nothing is stuck, nothing is lost.
 * Used by the campaign and by its slice among the tests.
 */
import type { Thread } from "../../../host/kernel/threads/thread.ts";
import { seededRandom } from "../../../host/platform/seeded-random.ts";
import { addAs, compileAs, run } from "../../support/as-domain.ts";
import type { TestSystem } from "../../support/system.ts";

const WIT = `package stress:threads@1.0.0;
interface goods { resource parcel { constructor(worth: u32, fill: list<u8, 1000>); } }
interface work { use goods.{parcel}; start: func(seed: u32) -> u32; state: func() -> u32; balance: func() -> s32; spin: func(n: u32) -> u32; }
world maker { import goods; export work; }`;
const WORK = "stress:threads/work@1.0.0";

const INDEX = `
import * as threads from "sumac/thread";
import { Thread } from "sumac/thread";
import { Channel, Condition, Mutex, Semaphore } from "sumac/sync";
import { Parcel } from "./gen/goods";
const ITEMS: u32 = 40;
let line = new Channel<Parcel>(3);
let made: u32 = 0;
let used: u32 = 0;
let sent: u32 = 0;
let got: u32 = 0;
const lock = new Mutex();
let pair: u32 = 0;
let twin: u32 = 0;
let main: Thread | null = null;
let tickets = new Semaphore(2);
function touch(): void {
  if (!lock.lock()) { twin = pair; lock.repaired(); }
  pair++;
  threads.giveWay();
  twin++;
  lock.unlock();
}
function producer(seed: u32): i32 {
  for (let i: u32 = 0; i < ITEMS; i++) {
    const one = Parcel.create();
    one.worth = seed + i;
    if (!line.send(one)) { one.drop(); return 1; }
    made += seed + i;
    sent++;
    if (i % 8 == seed % 8) threads.sleep(50 + (seed % 7) * 30);
    if (i % 5 == 0) touch();
  }
  return 0;
}
function consumer(seed: u32): i32 {
  for (;;) {
    const one = line.recv();
    if (line.hadNone) break;
    used += one.worth;
    got++;
    one.drop();
    if (got % 11 == 0 && tickets.acquire(500)) { threads.sleep(20); tickets.release(); }
  }
  return 0;
}
function idler(seed: u32): i32 { threads.park(5000 + seed % 1000); return 0; }
function round(seed: u32): i32 {
  const makers: Thread[] = [];
  const users: Thread[] = [];
  for (let i: u32 = 0; i < 4; i++) { const one = threads.create<u32>(producer, seed * 31 + i * 1000, "producer", 3 + i % 3); if (one !== null) makers.push(one); }
  for (let i: u32 = 0; i < 3; i++) { const one = threads.create<u32>(consumer, seed + i, "consumer"); if (one !== null) users.push(one); }
  const idle = threads.create<u32>(idler, seed, "idler");
  for (let i = 0; i < makers.length; i++) threads.join(makers[i]);
  line.close();
  for (let i = 0; i < users.length; i++) threads.join(users[i]);
  if (idle !== null) threads.join(idle);
  if (!lock.lock()) { twin = pair; lock.repaired(); }
  lock.unlock();
  // What killed consumers have left.
  while (line.length > 0) { const one = line.recv(); used += one.worth; got++; one.drop(); }
  return 5;
}
export namespace work {
  export function start(seed: u32): u32 {
    line = new Channel<Parcel>(3);
    tickets = new Semaphore(2);
    made = used = sent = got = 0;
    main = threads.create<u32>(round, seed, "round");
    return main === null ? 0 : 1;
  }
  export function state(): u32 {
    const one = main;
    return one === null ? 9 : !threads.hasEnded(one) ? 0 : one.wasKilled ? 2 : one.value;
  }
  /** 0: what was sent was used, once. */
  export function balance(): i32 { return made == used && sent == got && pair == twin ? 0 : 1; }
  export function spin(n: u32): u32 { let sum: u32 = 0; for (let i: u32 = 0; i < n; i++) sum += i * sum + 1; return sum; }
}`;

/** A round takes some 10 ms; one that has not ended after so long never will. */
const STUCK_MS = 20_000;

export interface StressCounts {
  rounds: number;
  threadKills: number;
  domainKills: number;
  callKills: number;
  /** Deadlines that nobody asked for: the machine took a thread away for longer than a budget. */
  unplanned: number;
}

export class StressRig {
  readonly #t: TestSystem;
  readonly #module: Uint8Array<ArrayBuffer>;
  readonly #random: () => number;
  readonly counts: StressCounts = { rounds: 0, threadKills: 0, domainKills: 0, callKills: 0, unplanned: 0 };

  private constructor(t: TestSystem, module: Uint8Array<ArrayBuffer>, seed: number) {
    this.#t = t;
    this.#module = module;
    this.#random = seededRandom(seed);
  }

  static async start(t: TestSystem, seed: number): Promise<StressRig> {
    return new StressRig(t, await compileAs(WIT, "maker", INDEX), seed);
  }

  /** One round, with a new domain where the last one was killed. @returns what did not hold */
  async round(): Promise<string | undefined> {
    const { system } = this.#t;
    const { threads } = system.kernel;
    this.counts.rounds++;
    if (system.domains().every(({ name }) => name !== "maker")) {
      await addAs(this.#t, {
        name: "maker",
        module: this.#module,
        limits: { threads: 40, callBudgetMs: 100, heapObjects: 200, heapBytes: 1 << 20 },
      });
    }
    const chaos = this.#below(4);
    const started = run(this.#t, "maker", WORK, "start", this.#below(1_000_000));
    if (started !== "ok 1") return `no thread could be started: ${started}: ${system.kernel.deaths.list().at(-1)?.detail}`;
    const begun = performance.now();
    let domainIsDead = false;
    let wasMainKilled = false;
    let wasAnyKilled = false;
    while (threads.list().some(({ name }) => name === "round")) {
      await threads.run(this.#below(3));
      const wait = threads.nextWakeMs();
      if (!threads.hasReady && wait !== undefined) await new Promise((resolve) => setTimeout(resolve, wait));
      if (performance.now() - begun > STUCK_MS)
        return `stuck: ${threads
          .list()
          .map(({ name, state }) => `${name} ${state}`)
          .join(", ")}`;
      if (!threads.hasReady && wait === undefined && threads.list().some(({ name }) => name === "round")) {
        await threads.run();
        if (!threads.hasReady && threads.nextWakeMs() === undefined && threads.list().some(({ name }) => name === "round")) {
          return `a wake-up was lost: ${threads
            .list()
            .map(({ name, state }) => `${name} ${state}`)
            .join(", ")}`;
        }
      }
      if (chaos === 0 || this.#below(12) !== 0) continue;
      const victim = this.#below(20);
      if (victim === 0) {
        // A call that overruns its budget is its domain's death.
        run(this.#t, "maker", WORK, "spin", 2_000_000_000);
        this.counts.callKills++;
        domainIsDead = true;
      } else if (victim === 1) {
        system.kill("maker");
        this.counts.domainKills++;
        domainIsDead = true;
      } else {
        const all = threads.list();
        const thread = all[this.#below(all.length)] as Thread | undefined;
        // Without a consumer producers wait with good reason.
        const isLastConsumer = thread?.name === "consumer" && all.filter(({ name }) => name === "consumer").length === 1;
        if (thread !== undefined && !isLastConsumer && threads.kill(thread.id, "by chance")) {
          this.counts.threadKills++;
          wasAnyKilled = true;
          wasMainKilled ||= thread.name === "round";
        }
      }
      if (domainIsDead) break;
    }
    await threads.run();
    return this.#check(domainIsDead, wasMainKilled, wasAnyKilled);
  }

  #below(end: number): number {
    return Math.floor(this.#random() * end);
  }

  async #check(domainIsDead: boolean, wasMainKilled: boolean, wasAnyKilled: boolean): Promise<string | undefined> {
    const { system } = this.#t;
    const { threads } = system.kernel;
    if (!domainIsDead) {
      const state = run(this.#t, "maker", WORK, "state");
      if (state !== (wasMainKilled ? "ok 2" : "ok 5")) return `the round ended as ${state}: ${system.kernel.deaths.list().at(-1)?.detail}`;
      if (!wasMainKilled) {
        const balance = run(this.#t, "maker", WORK, "balance");
        if (balance !== "ok 0") return `something was lost or used twice: ${balance}`;
        if (threads.list().length !== 0) return `${threads.list().length} threads are left`;
        // What a killed thread had in its hands is its domain's until that dies.
        if (!wasAnyKilled) return system.liveObjects() === 0 ? undefined : `${system.liveObjects()} objects are left`;
      }
    }
    system.destroy("maker");
    await threads.unwound();
    if (threads.list().length !== 0 || threads.stacks !== 0) return `${threads.list().length} threads, ${threads.stacks} stacks are left`;
    if (system.liveObjects() !== 0) return `${system.liveObjects()} objects are left of a dead domain`;
    return undefined;
  }
}
