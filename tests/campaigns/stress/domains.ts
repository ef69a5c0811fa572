/**
 * The domains of the stress campaign that live on several CPUs: a hub that lets its callers wait, a ledger on the first CPU that does not,
 * and a worker on each CPU whose threads send objects through the hub, call, sleep, travel and join. Called by `between.ts`.
 */
import type { Seat } from "../../../host/kernel/seat.ts";
import { addAs, compileAs } from "../../support/as-domain.ts";
import type { TestSystem } from "../../support/system.ts";

const WIT = `package stress:cpus@1.0.0;
interface goods { resource parcel { constructor(worth: u32, fill: list<u8, 200>); } }
interface hub {
  use goods.{parcel};
  send: func(one: parcel);
  /** Worth 0: it is closed, and nothing is left. */
  recv: func() -> parcel;
  acquire: func();
  release: func();
  /** The last of so many closes. */
  done: func(number: u32);
  close: func();
  spin: func(n: u32) -> u32;
}
interface ledger { note: func(n: u32) -> u32; }
interface work {
  start: func(seed: u32, there: u32, workers: u32) -> u32;
  /** 0 = it runs, 1 = the round has ended, 2 = its main thread was killed. */
  state: func() -> u32;
  sum-made: func() -> u32;
  sum-used: func() -> u32;
  /** Threads that joined one that travelled and were told something wrong. */
  misled: func() -> u32;
  hit: func(number: u32) -> u32;
  /** Consumers that live. */
  consuming: func() -> u32;
}
world serves { import goods; export hub; }
world notes { export ledger; }
world works { import goods; import hub; import ledger; export work; }
`;
export const HUB = "stress:cpus/hub@1.0.0";
export const LEDGER = "stress:cpus/ledger@1.0.0";
export const WORK = "stress:cpus/work@1.0.0";

const SERVES = `
import { CallerQueue } from "sumac/caller-queue";
import { Parcel } from "./gen/goods";
const belt: Parcel[] = [];
const room = new CallerQueue();
const filled = new CallerQueue();
const tickets = new CallerQueue();
let free: u32 = 2;
let finished: u32 = 0;
let isClosed = false;
function shut(): void { isClosed = true; room.wakeAll(); filled.wakeAll(); tickets.wakeAll(); }
export namespace hub {
  export function send(one: Parcel): void {
    if (!room.admit(isClosed || belt.length < 3)) return;
    if (isClosed) { one.drop(); return; }
    belt.push(one);
    filled.wakeOne();
  }
  export function recv(): Parcel {
    if (!filled.admit(isClosed || belt.length > 0)) return changetype<Parcel>(0);
    if (belt.length == 0) return Parcel.create();
    room.wakeOne();
    return belt.shift();
  }
  export function acquire(): void {
    if (!tickets.admit(isClosed || free > 0)) return;
    if (free > 0) free--;
  }
  export function release(): void { free++; tickets.wakeOne(); }
  export function done(number: u32): void { if (++finished == number) shut(); }
  export function close(): void { shut(); }
  export function spin(n: u32): u32 { let sum: u32 = 0; for (let i: u32 = 0; i < n; i++) sum += i * sum + 1; return sum; }
}`;

const NOTES = "export namespace ledger { export function note(n: u32): u32 { return n + 1; } }";

const WORKS = `
import * as threads from "sumac/thread";
import { Thread } from "sumac/thread";
import { Parcel } from "./gen/goods";
import { hub } from "./gen/hub";
import { ledger } from "./gen/ledger";
import { lastStatus } from "sumac/rpc";
import { objectsAreBack } from "sumac/fate";
const ITEMS: u32 = 25;
let made: u32 = 0;
let used: u32 = 0;
let wrong: u32 = 0;
let isManned = false;
let there: u32 = 0;
let workers: u32 = 1;
let main: Thread | null = null;
const crew: Thread[] = [];
const consumers: Thread[] = [];
// The hub may die under anybody: the call that met its death is lost, and the next one reaches the next generation.
function send(worth: u32): void {
  const one = Parcel.create();
  one.worth = worth;
  hub.send(one);
  if (lastStatus() == 0) made += worth;
  else if (objectsAreBack()) one.drop();
}
function producer(seed: u32): i32 {
  for (let i: u32 = 0; i < ITEMS; i++) {
    send(1 + (seed + i) % 1000);
    if (i % 6 == seed % 6) threads.sleep(30 + (seed % 7) * 20);
    if (i % 5 == 0) ledger.note(i);
  }
  return 0;
}
function consumer(seed: u32): i32 {
  for (let count: u32 = 0; ; count++) {
    const one = hub.recv();
    if (lastStatus() != 0) continue;
    const worth = one.worth;
    one.drop();
    if (worth == 0) break;
    used += worth;
    if (count % 5 == seed % 5) threads.giveWay();
  }
  return 0;
}
function customer(seed: u32): i32 {
  for (let i: u32 = 0; i < 5; i++) {
    hub.acquire();
    const isHad = lastStatus() == 0;
    threads.sleep(10 + seed % 40);
    if (isHad) hub.release();
  }
  return 0;
}
function arrival(value: u32): i32 { ledger.note(value); threads.sleep(20); return value + 1; }
function traveller(value: u32): i32 { threads.giveWay(); if (there == 99) return arrival(value); threads.goOn(there, arrival, value); return -1; }
function meets(number: u32): i32 {
  const one = crew[number];
  if (threads.join(one) && one.value != 78) wrong++;
  return 0;
}
function add(thread: Thread | null): void { if (thread !== null) crew.push(thread); }
function round(seed: u32): i32 {
  for (let i: u32 = 0; i < 3; i++) add(threads.create<u32>(producer, seed * 31 + i * 7, "producer", 3 + i % 3));
  const producers = crew.length;
  for (let i: u32 = 0; i < 2; i++) {
    const one = threads.create<u32>(consumer, seed + i, "consumer");
    if (one !== null) { crew.push(one); consumers.push(one); }
  }
  isManned = true;
  for (let i: u32 = 0; i < 3; i++) add(threads.create<u32>(customer, seed + i, "customer"));
  for (let i: u32 = 0; i < 2; i++) {
    const at: u32 = crew.length;
    const one = threads.create<u32>(traveller, 77, "traveller");
    if (one === null) continue;
    crew.push(one);
    add(threads.create<u32>(meets, at, "meets"));
  }
  for (let i = 0; i < producers; i++) threads.join(crew[i]);
  hub.done(workers);
  for (let i = producers; i < crew.length; i++) threads.join(crew[i]);
  return 1;
}
export namespace work {
  export function start(seed: u32, to: u32, number: u32): u32 {
    made = used = wrong = 0;
    there = to;
    workers = number;
    crew.length = consumers.length = 0;
    isManned = false;
    main = threads.create<u32>(round, seed, "round");
    return main === null ? 0 : 1;
  }
  export function state(): u32 {
    const one = main;
    return one === null ? 9 : !threads.hasEnded(one) ? 0 : one.wasKilled ? 2 : 1;
  }
  export function sumMade(): u32 { return made; }
  export function sumUsed(): u32 { return used; }
  export function consuming(): u32 {
    let living: u32 = isManned ? 0 : 1;
    for (let i = 0; i < consumers.length; i++) if (!threads.hasEnded(consumers[i])) living++;
    return living;
  }
  export function misled(): u32 { return wrong; }
  export function hit(number: u32): u32 { return crew.length > 0 && threads.kill(crew[number % crew.length]) ? 1 : 0; }
}
`;

export interface Modules {
  readonly serves: Uint8Array<ArrayBuffer>;
  readonly notes: Uint8Array<ArrayBuffer>;
  readonly works: Uint8Array<ArrayBuffer>;
}

export async function compileStress(): Promise<Modules> {
  return {
    serves: await compileAs(WIT, "serves", SERVES),
    notes: await compileAs(WIT, "notes", NOTES),
    works: await compileAs(WIT, "works", WORKS),
  };
}

/** Calls of it that overrun this are its death, which is one of the things that happen by chance. */
const HUB_BUDGET_MS = 100;

/** Instead of a CPU: those who would travel stay. */
export const HOME = 99;

/** The hub on the last CPU, restarted by the system; the ledger on the first; a worker on each. */
export async function addStress(t: TestSystem, { serves, notes, works }: Modules): Promise<readonly string[]> {
  const limits = { callBudgetMs: 5000, heapObjects: 200, heapBytes: 1 << 20 };
  const follows = (seat: Seat) => ({ kind: "domain", seat, rebind: true }) as const;
  const hub = await addAs(t, { name: "hub", module: serves, limits: { ...limits, callBudgetMs: HUB_BUDGET_MS }, cpu: t.system.cpus - 1 });
  const ledger = await addAs(t, { name: "ledger", module: notes, limits });
  await addAs(t, {
    name: "worker",
    module: works,
    limits: { ...limits, threads: 40 },
    grants: { [HUB]: follows(hub), [LEDGER]: follows(ledger) },
    replicas: "per-cpu",
  });
  t.system.supervise("hub", {});
  return Array.from({ length: t.system.cpus }, (_, cpu) => (cpu === 0 ? "worker" : `worker@${cpu}`));
}
