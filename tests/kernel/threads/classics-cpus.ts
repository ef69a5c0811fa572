/**
 * The classic exercises between domains: one that serves, which has what the others wait for, and threads of others on all CPUs there are.
 * Built once for each test file that plays them, on one CPU and on two.
 */
import type { HostValue } from "../../../host/kernel/host/host-values.ts";
import type { Provider } from "../../../host/kernel/provider.ts";
import type { Seat } from "../../../host/kernel/seat.ts";
import { addAs, compileAs } from "../../support/as-domain.ts";
import { outcome } from "../../support/domain.ts";
import type { TestSystem } from "../../support/system.ts";

const WIT = `package test:classics@1.0.0;
interface goods { resource parcel { constructor(worth: u32); } }
interface served {
  use goods.{parcel};
  /** Boxes for one parcel each. */
  fill: func(box: u32, one: parcel);
  empty: func(box: u32) -> parcel;
  /** A belt for three. */
  send: func(one: parcel);
  recv: func() -> parcel;
  /** Forks on a table. */
  lift: func(fork: u32);
  lay: func(fork: u32);
  begin-meal: func();
  end-meal: func();
  /** Everybody waits for the last. */
  arrive: func(number: u32) -> u32;
}
interface report { at-once: func() -> u32; dishes: func() -> u32; waiting: func() -> u32; }
interface work { start: func(what: u32, seat: u32, n: u32) -> u32; outcome: func() -> s32; }
world service { import goods; export served; export report; }
world worker { import goods; import served; export work; }
world alone { export work; }
`;
const WORK = "test:classics/work@1.0.0";
const SERVED = "test:classics/served@1.0.0";

const SERVICE = `
import { CallerQueue } from "sumac/caller-queue";
import { Parcel } from "./gen/goods";
const NOTHING = changetype<Parcel>(0);
class Box { parcel: Parcel | null = null; readonly filled: CallerQueue = new CallerQueue(); readonly room: CallerQueue = new CallerQueue(); }
const boxes: Box[] = [new Box(), new Box()];
const belt: Parcel[] = [];
const room = new CallerQueue();
const filled = new CallerQueue();
class Fork { isUp: bool = false; readonly laid: CallerQueue = new CallerQueue(); }
const forks: Fork[] = [new Fork(), new Fork(), new Fork(), new Fork(), new Fork()];
let eating: u32 = 0;
let mostEating: u32 = 0;
let meals: u32 = 0;
let arrived: u32 = 0;
let round: u32 = 0;
const gate = new CallerQueue();
export namespace served {
  export function fill(number: u32, one: Parcel): void {
    const box = boxes[number];
    if (!box.room.admit(box.parcel === null)) return;
    box.parcel = one;
    box.filled.wakeOne();
  }
  export function empty(number: u32): Parcel {
    const box = boxes[number];
    const one = box.parcel;
    box.filled.admit(one !== null);
    if (one === null) return NOTHING;
    box.parcel = null;
    box.room.wakeOne();
    return one;
  }
  export function send(one: Parcel): void {
    if (!room.admit(belt.length < 3)) return;
    belt.push(one);
    filled.wakeOne();
  }
  export function recv(): Parcel {
    if (!filled.admit(belt.length > 0)) return NOTHING;
    room.wakeOne();
    return belt.shift();
  }
  export function lift(number: u32): void {
    const fork = forks[number];
    if (!fork.laid.admit(!fork.isUp)) return;
    fork.isUp = true;
  }
  export function lay(number: u32): void {
    const fork = forks[number];
    assert(fork.isUp, "a fork is laid down that nobody has lifted");
    fork.isUp = false;
    fork.laid.wakeOne();
  }
  export function beginMeal(): void { eating++; mostEating = max(mostEating, eating); meals++; }
  export function endMeal(): void { eating--; }
  // Whoever calls again was counted: which round that was in, he says by having waited.
  export function arrive(number: u32): u32 {
    if (arrived < number) arrived++;
    if (!gate.admit(arrived >= number)) return 0;
    gate.wakeAll();
    return arrived;
  }
}
export namespace report {
  export function atOnce(): u32 { return mostEating; }
  export function dishes(): u32 { return meals; }
  export function waiting(): u32 { return belt.length; }
}
`;

const STARTS = (cases: readonly string[]): string => `
let main: Thread | null = null;
let n: u32 = 0;
let seat: u32 = 0;
export namespace work {
  export function start(what: u32, at: u32, count: u32): u32 {
    n = count;
    seat = at;
${cases.map((entry, i) => `    if (what == ${i}) main = threads.create<u32>(${entry}, at, "${entry}");`).join("\n")}
    return main === null ? 0 : 1;
  }
  export function outcome(): i32 { const one = main; return one === null || !threads.hasEnded(one) ? i32.MIN_VALUE : one.wasKilled ? -99 : one.value; }
}`;

const WORKER_CASES = ["ping", "producers", "consumers", "philosophers", "runners"] as const;
const WORKER = `
import * as threads from "sumac/thread";
import { Thread } from "sumac/thread";
import { Parcel } from "./gen/goods";
import { served } from "./gen/served";
// Box 0 goes one way, box 1 the other.
function ping(side: u32): i32 {
  let ball: Parcel | null = null;
  if (side == 0) { ball = Parcel.create(); ball.worth = 0; }
  for (let i: u32 = 0; i < n; i++) {
    if (ball === null) ball = served.empty(1 - side);
    ball.worth = ball.worth + 1;
    served.fill(side, ball);
    ball = null;
  }
  if (side != 0) return 0;
  const last = served.empty(1);
  const worth = last.worth;
  last.drop();
  return worth;
}
function producer(first: u32): i32 { for (let i: u32 = 0; i < n; i++) { const one = Parcel.create(); one.worth = first + i; served.send(one); } return 0; }
function producers(count: u32): i32 {
  const all: Thread[] = [];
  for (let i: u32 = 0; i < count; i++) all.push(threads.create<u32>(producer, 1 + i * n) as Thread);
  for (let i: u32 = 0; i < count; i++) threads.join(all[i]);
  // One that is worth nothing for each consumer.
  for (let i = 0; i < 3; i++) { const end = Parcel.create(); end.worth = 0; served.send(end); }
  return count * n;
}
function consumer(_: u32): i32 {
  let sum = 0;
  for (;;) {
    const one = served.recv();
    const worth = one.worth;
    one.drop();
    if (worth == 0) break;
    sum += worth;
  }
  return sum;
}
function consumers(_: u32): i32 {
  const all: Thread[] = [];
  for (let i = 0; i < 3; i++) all.push(threads.create<u32>(consumer, 0) as Thread);
  let sum = 0;
  for (let i = 0; i < 3; i++) { threads.join(all[i]); sum += all[i].value; }
  return sum;
}
function philosopher(at: u32): i32 {
  // The last one takes the other fork first, or all wait for each other.
  const left = at == 4 ? 0 : at;
  const right = at == 4 ? 4 : at + 1;
  for (let i: u32 = 0; i < n; i++) {
    served.lift(left);
    threads.giveWay();
    served.lift(right);
    served.beginMeal();
    threads.sleep(10);
    served.endMeal();
    served.lay(right);
    served.lay(left);
  }
  return 1;
}
// Those with even numbers sit on one CPU, the others on the other.
function philosophers(from: u32): i32 {
  const all: Thread[] = [];
  for (let i = from; i < 5; i += 2) all.push(threads.create<u32>(philosopher, i) as Thread);
  let done = 0;
  for (let i = 0; i < all.length; i++) { threads.join(all[i]); done += all[i].value; }
  return done;
}
function runner(number: u32): i32 { return served.arrive(number); }
function runners(number: u32): i32 {
  const all: Thread[] = [];
  for (let i: u32 = 0; i < n; i++) all.push(threads.create<u32>(runner, number) as Thread);
  let sum = 0;
  for (let i: u32 = 0; i < n; i++) { threads.join(all[i]); sum += all[i].value; }
  return sum;
}
${STARTS(WORKER_CASES)}`;

/** Instead of a CPU: those who would travel stay. */
export const HOME = 99;
const ALONE_CASES = ["inversion", "sleepers", "joinStorm", "joinChain"] as const;
const ALONE = `
import * as threads from "sumac/thread";
import { Thread } from "sumac/thread";
import { Mutex } from "sumac/sync";
const wanted = new Mutex();
let order: i32 = 0;
let isHeld = false;
function low(_: u32): i32 { wanted.lock(); isHeld = true; for (let i = 0; i < 20; i++) threads.giveWay(); order = order * 10 + 1; wanted.unlock(); return 0; }
function middle(_: u32): i32 { for (let i = 0; i < 5; i++) threads.giveWay(); order = order * 10 + 2; return 0; }
function high(_: u32): i32 { wanted.lock(); order = order * 10 + 3; wanted.unlock(); return 0; }
function inversion(_: u32): i32 {
  for (let i: u32 = 0; i < n; i++) {
    order = 0;
    isHeld = false;
    const a = threads.create<u32>(low, 0, "low", 6) as Thread;
    while (!isHeld) threads.sleep(10);
    const b = threads.create<u32>(high, 0, "high", 2) as Thread;
    const c = threads.create<u32>(middle, 0, "middle", 5) as Thread;
    threads.join(a); threads.join(b); threads.join(c);
    if (order != 132) return order;
  }
  return 132;
}
let woken: i32 = 0;
let wrong: i32 = 0;
function sleepy(i: u32): i32 { threads.sleep(30000 + i * 20); if (woken != <i32>i) wrong++; woken++; return 0; }
function sleepers(_: u32): i32 {
  for (let i: u32 = 0; i < n; i++) { const one = threads.create<u32>(sleepy, i); if (one === null) return -2; threads.detach(one as Thread); }
  while (<u32>woken < n) threads.sleep(2000);
  return wrong == 0 ? woken : -wrong;
}
// Those who travel end on the other CPU, where there is one; who joins them waits at home.
function arrival(value: u32): i32 { threads.sleep(500); return value; }
function travel(value: u32): i32 {
  if (seat == ${HOME}) return arrival(value);
  threads.goOn(seat, arrival, value);
  return -1;
}
function traveller(value: u32): i32 { threads.giveWay(); return travel(value); }
let gate: Thread | null = null;
function stormer(_: u32): i32 { return threads.join(gate as Thread) ? (gate as Thread).value : -1; }
function joinStorm(_: u32): i32 {
  let sum = 0;
  for (let round: u32 = 0; round < 5; round++) {
    gate = threads.create<u32>(traveller, round);
    const all: Thread[] = [];
    for (let i: u32 = 0; i < n; i++) all.push(threads.create<u32>(stormer, i) as Thread);
    for (let i: u32 = 0; i < n; i++) { threads.join(all[i]); sum += all[i].value; }
  }
  return sum;
}
const links: Thread[] = [];
function link(i: u32): i32 {
  let length = 1;
  if (i > 0) {
    const before = links[i - 1];
    if (!threads.join(before)) return -1;
    length = before.value + 1;
  }
  return travel(length);
}
function joinChain(_: u32): i32 {
  for (let i: u32 = 0; i < n; i++) links.push(threads.create<u32>(link, i) as Thread);
  return threads.join(links[n - 1]) ? links[n - 1].value : -1;
}
${STARTS(ALONE_CASES)}`;

export interface Modules {
  readonly service: Uint8Array<ArrayBuffer>;
  readonly worker: Uint8Array<ArrayBuffer>;
  readonly alone: Uint8Array<ArrayBuffer>;
}

/** A module whose world needs a collector would free what nobody uses; these run for a short time. */
export async function compileClassics(): Promise<Modules> {
  return {
    service: await compileAs(WIT, "service", SERVICE),
    worker: await compileAs(WIT, "worker", WORKER),
    alone: await compileAs(WIT, "alone", ALONE),
  };
}

const limits = { heapBytes: 16 << 20, heapObjects: 1000 };
const threads = 100;

/** The domain that serves, on the last CPU, and one with threads on each: `first` on the first, `second` on the last. */
export async function addClassics(t: TestSystem, { service, worker }: Modules): Promise<Seat> {
  const cpu = t.system.cpus - 1;
  const served = await addAs(t, { name: "table", module: service, limits, cpu });
  const grants: Readonly<Record<string, Provider>> = { [SERVED]: { kind: "domain", seat: served } };
  await addAs(t, { name: "first", module: worker, limits: { ...limits, threads }, grants });
  await addAs(t, { name: "second", module: worker, limits: { ...limits, threads }, grants, cpu });
  return served;
}

/** A domain with threads on each CPU that knows nobody. */
export async function addAlone(t: TestSystem, { alone }: Modules, most: number): Promise<readonly string[]> {
  await addAs(t, { name: "alone", module: alone, limits: { ...limits, threads: most, memoryPages: 400 }, replicas: "per-cpu" });
  return Array.from({ length: t.system.cpus }, (_, cpu) => (cpu === 0 ? "alone" : `alone@${cpu}`));
}

export type Case = (typeof WORKER_CASES)[number] | (typeof ALONE_CASES)[number];

/** How long a case may take before it is one that never ends. */
const PATIENCE_MS = 60_000;

function call(t: TestSystem, name: string, method: string, ...args: HostValue[]): string {
  const found = t.system.export(name, WORK)[method];
  if (found === undefined) throw new Error(`${name} has no ${method}`);
  return outcome(found(...args));
}

/** Starts a case in each of the domains at once, and tells what the threads returned when the last one has ended. */
export async function play(
  t: TestSystem,
  parts: readonly { readonly name: string; readonly what: Case; readonly seat?: number; readonly n: number }[],
): Promise<readonly string[]> {
  for (const { name, what, seat = 0, n } of parts) {
    const cases: readonly string[] = name.startsWith("alone") ? ALONE_CASES : WORKER_CASES;
    const started = call(t, name, "start", cases.indexOf(what), seat, n);
    if (started !== "ok 1") throw new Error(`${name} did not start ${what}: ${started}`);
  }
  const ended: string[] = [];
  const end = performance.now() + PATIENCE_MS;
  for (const { name, what } of parts) {
    for (;;) {
      const said = call(t, name, "outcome");
      if (said !== `ok ${-(2 ** 31)}`) {
        ended.push(said);
        break;
      }
      if (performance.now() > end) return [...ended, `${what} in ${name} never ends`];
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
  return ended;
}
