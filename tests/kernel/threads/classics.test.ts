/** The classic exercises, as a domain with threads, once where nothing is freed and once with a collector. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { testSystem } from "../../support/system.ts";
import { addThreads, compileThreads, perform } from "./rig.ts";

const CODE = `
function none(n: u32): i32 { return 0; }
// Two threads hand a number to and fro.
const there = new Channel<u32>(1);
const back = new Channel<u32>(1);
function ponger(n: u32): i32 { for (let i: u32 = 0; i < n; i++) back.send(there.recv() + 1); return 0; }
function pingPong(n: u32): i32 {
  const other = threads.create<u32>(ponger, n);
  let value: u32 = 0;
  for (let i: u32 = 0; i < n; i++) { there.send(value); value = back.recv(); }
  threads.join(other as Thread);
  return value;
}
// Several of each, with room for three.
let made: u32 = 0;
let used: u32 = 0;
let store = new Channel<u32>(3);
function producer(n: u32): i32 { for (let i: u32 = 1; i <= n; i++) { store.send(i); made += i; } return 0; }
function consumer(n: u32): i32 { let count = 0; for (;;) { const one = store.recv(); if (store.hadNone) break; used += one; count++; threads.giveWay(); } return count; }
function producers(n: u32): i32 {
  made = used = 0;
  store = new Channel<u32>(3);
  const all: Thread[] = [];
  const ends: Thread[] = [];
  for (let i = 0; i < 3; i++) all.push(threads.create<u32>(producer, n) as Thread);
  for (let i = 0; i < 2; i++) ends.push(threads.create<u32>(consumer, 0) as Thread);
  for (let i = 0; i < 3; i++) threads.join(all[i]);
  store.close();
  let count = 0;
  for (let i = 0; i < 2; i++) { threads.join(ends[i]); count += ends[i].value; }
  return made == used && made == 3 * n * (n + 1) / 2 ? count : -1;
}
// Five of them; the last one takes the other fork first, or all wait for each other.
const forks: Mutex[] = [new Mutex(), new Mutex(), new Mutex(), new Mutex(), new Mutex()];
const eaten: u32[] = [0, 0, 0, 0, 0];
let eating: i32 = 0;
let mostEating: i32 = 0;
let rounds: u32 = 0;
function philosopher(seat: u32): i32 {
  const left = forks[seat == 4 ? 0 : seat];
  const right = forks[seat == 4 ? 4 : seat + 1];
  for (let i: u32 = 0; i < rounds; i++) {
    left.lock();
    threads.giveWay();
    right.lock();
    eating++;
    mostEating = max(mostEating, eating);
    threads.sleep(10);
    eating--;
    eaten[seat]++;
    right.unlock();
    left.unlock();
  }
  return 0;
}
function philosophers(n: u32): i32 {
  rounds = n;
  const all: Thread[] = [];
  for (let i: u32 = 0; i < 5; i++) { eaten[i] = 0; all.push(threads.create<u32>(philosopher, i) as Thread); }
  for (let i = 0; i < 5; i++) threads.join(all[i]);
  for (let i = 0; i < 5; i++) if (eaten[i] != n) return -1;
  return mostEating;
}
// Low holds what high wants; middle would keep low from running.
const wanted = new Mutex();
let order: i32 = 0;
let isHeld = false;
function low(n: u32): i32 { wanted.lock(); isHeld = true; for (let i = 0; i < 20; i++) threads.giveWay(); order = order * 10 + 1; wanted.unlock(); return 0; }
function middle(n: u32): i32 { for (let i = 0; i < 5; i++) threads.giveWay(); order = order * 10 + 2; return 0; }
function high(n: u32): i32 { wanted.lock(); order = order * 10 + 3; wanted.unlock(); return 0; }
function inversion(n: u32): i32 {
  order = 0;
  isHeld = false;
  const a = threads.create<u32>(low, 0, "low", 6) as Thread;
  while (!isHeld) threads.sleep(10);
  const b = threads.create<u32>(high, 0, "high", 2) as Thread;
  const c = threads.create<u32>(middle, 0, "middle", 5) as Thread;
  threads.join(a); threads.join(b); threads.join(c);
  return order;
}
// Each waits for the one before; then all at once for one.
const links: Thread[] = [];
function waiter(n: u32): i32 { if (n == 0) return 1; const before = links[n - 1]; return threads.join(before) ? before.value + 1 : -1; }
function joinChain(n: u32): i32 {
  links.length = 0;
  for (let i: u32 = 0; i < n; i++) links.push(threads.create<u32>(waiter, i) as Thread);
  const last = links[n - 1];
  threads.join(last);
  return last.value;
}
let gate: Thread | null = null;
function sleeper(n: u32): i32 { threads.sleep(n); return 5; }
function stormer(n: u32): i32 { return threads.join(gate as Thread) ? (gate as Thread).value : -1; }
function joinStorm(n: u32): i32 {
  gate = threads.create<u32>(sleeper, 2000);
  const all: Thread[] = [];
  for (let i: u32 = 0; i < n; i++) all.push(threads.create<u32>(stormer, i) as Thread);
  let sum = 0;
  for (let i: u32 = 0; i < n; i++) { threads.join(all[i]); sum += all[i].value; }
  return sum;
}
// A signal for each, then one for all.
const lock = new Mutex();
const changed = new Condition();
let level: u32 = 0;
function awaiter(n: u32): i32 { lock.lock(); while (level < n) changed.wait(lock); lock.unlock(); return n; }
function condition(n: u32): i32 {
  level = 0;
  const all: Thread[] = [];
  for (let i: u32 = 1; i <= n; i++) all.push(threads.create<u32>(awaiter, i) as Thread);
  for (let i: u32 = 1; i <= n; i++) { threads.giveWay(); lock.lock(); level = i; if (i == n) changed.broadcast(); else changed.signal(); changed.broadcast(); lock.unlock(); }
  let sum = 0;
  for (let i: u32 = 0; i < n; i++) { threads.join(all[i]); sum += all[i].value; }
  lock.lock();
  const isInTime = changed.wait(lock, 500);
  lock.unlock();
  return isInTime ? -1 : sum;
}
const own = new ThreadLocal<u32>(7);
function localUser(n: u32): i32 { if (own.value != 7) return -1; own.value = n; threads.giveWay(); own.value += n; threads.giveWay(); return own.value; }
function locals(n: u32): i32 {
  own.value = 3;
  let sum = 0;
  for (let round = 0; round < 3; round++) {
    const all: Thread[] = [];
    for (let i: u32 = 0; i < n; i++) all.push(threads.create<u32>(localUser, i) as Thread);
    for (let i: u32 = 0; i < n; i++) { threads.join(all[i]); sum += all[i].value; }
  }
  return own.value == 3 ? sum : -1;
}
const slots = new Semaphore(2);
let inside: i32 = 0;
let mostInside: i32 = 0;
function limited(n: u32): i32 { slots.acquire(); inside++; mostInside = max(mostInside, inside); threads.sleep(50); inside--; slots.release(); return 0; }
function semaphore(n: u32): i32 {
  const all: Thread[] = [];
  for (let i: u32 = 0; i < n; i++) all.push(threads.create<u32>(limited, i) as Thread);
  for (let i: u32 = 0; i < n; i++) threads.join(all[i]);
  return slots.count == 2 && !slots.acquire(0) == false ? mostInside : -1;
}
`;
const CASES = ["none", "pingPong", "producers", "philosophers", "inversion", "joinChain", "joinStorm", "condition", "locals", "semaphore"];

for (const world of ["plain", "collected"] as const) {
  const test = suite(`classics of threads, ${world}`);
  const scene = async (what: string, n: number): Promise<string> => {
    const t = await testSystem();
    await addThreads(t, await module, { limits: { threads: 60 } });
    const result = await perform(t, CASES.indexOf(what), n);
    assert.equal(
      t.events.flatMap((event) => (event.kind === "death" ? [event.death.detail] : [])),
      [],
    );
    await t.end();
    assert.is(t.system.kernel.threads.stacks, 0);
    return result;
  };
  const module = compileThreads(CODE, CASES, world);

  test(`${world}: ping-pong hands a number to and fro a thousand times`, async () => {
    assert.is(await scene("pingPong", 1000), "ok 1000");
  });

  test(`${world}: producers and consumers lose nothing and use nothing twice`, async () => {
    assert.is(await scene("producers", 40), "ok 120");
  });

  test(`${world}: dining philosophers all eat, two at a time`, async () => {
    assert.is(await scene("philosophers", 10), "ok 2");
  });

  test(`${world}: priority inversion: whoever holds the lock runs with the priority of who waits for it`, async () => {
    assert.is(await scene("inversion", 0), "ok 132");
  });

  test(`${world}: a chain of joins, each for the one before`, async () => {
    assert.is(await scene("joinChain", 40), "ok 40");
  });

  test(`${world}: a join storm: fifty wait for the same end`, async () => {
    assert.is(await scene("joinStorm", 50), "ok 250");
  });

  test(`${world}: conditions wake who waits, and a wait ends by time`, async () => {
    assert.is(await scene("condition", 20), "ok 210");
  });

  test(`${world}: thread-local variables are each thread's own, also where a number is used again`, async () => {
    assert.is(await scene("locals", 30), `ok ${3 * 2 * ((29 * 30) / 2)}`);
  });

  test(`${world}: a semaphore lets as many in as it has`, async () => {
    assert.is(await scene("semaphore", 12), "ok 2");
  });

  test.run();
}
