/** What threads of a domain leave to each other when they are killed, or are gone: signals, locks, permits, and their numbers. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { addThreads, compileThreads, perform } from "../kernel/threads/rig.ts";
import { testSystem } from "../support/system.ts";

const CODE = `
const lock = new Mutex();
const changed = new Condition();
let items: u32 = 0;
let eaten: u32 = 0;
function eater(n: u32): i32 {
  lock.lock();
  while (items == 0) changed.wait(lock);
  items--;
  eaten++;
  lock.unlock();
  return 1;
}
// Two wait for items. One comes, and the first is told, but is killed while it waits for the lock: the second is told then.
function signalled(n: u32): i32 {
  items = eaten = 0;
  const a = threads.create<u32>(eater, 0) as Thread;
  const b = threads.create<u32>(eater, 0) as Thread;
  threads.sleep(1000);
  lock.lock();
  items = 1;
  changed.signal();
  // The first one goes on, and waits for the lock.
  threads.sleep(1000);
  threads.kill(a);
  threads.join(a);
  lock.unlock();
  threads.sleep(2000);
  const isEaten = eaten == 1;
  if (!isEaten) threads.kill(b);
  threads.join(b);
  lock.lock();
  lock.repaired();
  lock.unlock();
  return isEaten ? 1 : 0;
}
function brief(n: u32): i32 { return 5; }
function parker(n: u32): i32 { threads.park(); return 6; }
// Whoever holds on to a thread that was detached and has ended does nothing to the one that has its number now.
function detached(n: u32): i32 {
  const old = threads.create<u32>(brief, 0) as Thread;
  threads.detach(old);
  threads.sleep(1000);
  const young = threads.create<u32>(parker, 0) as Thread;
  threads.sleep(1000);
  const hasKilled = threads.kill(old);
  threads.sleep(1000);
  const isGone = threads.hasEnded(young);
  if (!isGone) { threads.unpark(young); threads.join(young); }
  return hasKilled || isGone || young.wasKilled || young.value != 6 ? 0 : 1;
}
let both: Thread | null = null;
function joiner(n: u32): i32 { const one = both; return one !== null && threads.join(one) ? one.value : -1; }
// Several wait for the end of the same thread.
function joined(n: u32): i32 {
  const prey = threads.create<u32>(parker, 0) as Thread;
  both = prey;
  const a = threads.create<u32>(joiner, 0) as Thread;
  const b = threads.create<u32>(joiner, 0) as Thread;
  const c = threads.create<u32>(joiner, 0) as Thread;
  threads.sleep(1000);
  threads.unpark(prey);
  threads.join(a); threads.join(b); threads.join(c);
  return a.value + b.value + c.value;
}

// Threads that lock, wait, and pass things on, while others are killed at any time.
let seed: u32 = 1;
function chance(below: u32): u32 { seed = seed * 1664525 + 1013904223; return (seed >>> 8) % below; }
const permits = new Semaphore(3);
const pipe = new Channel<u32>(2);
const locks: Mutex[] = [new Mutex(), new Mutex(), new Mutex()];
let inside: u32 = 0;
let broken: u32 = 0;
let isOver = false;
function actor(n: u32): i32 {
  for (let i = 0; i < 40 && !isOver; i++) {
    const what = chance(5);
    if (what == 0) {
      const first = chance(3);
      const second = chance(3);
      const low = locks[min(first, second)];
      const high = locks[max(first, second)];
      if (!low.lock()) low.repaired();
      if (chance(2) == 0) threads.giveWay();
      if (high !== low) { if (!high.lock()) high.repaired(); if (chance(2) == 0) threads.giveWay(); high.unlock(); }
      low.unlock();
    } else if (what == 1) {
      if (!lock.lock()) lock.repaired();
      inside++;
      if (inside != 1) broken++;
      if (chance(3) == 0) { inside--; changed.wait(lock, 1 + chance(800)); lock.repaired(); inside++; if (inside != 1) broken++; }
      inside--;
      if (chance(2) == 0) changed.signal(); else changed.broadcast();
      lock.unlock();
    } else if (what == 2) {
      pipe.send(i);
    } else if (what == 3) {
      pipe.recv();
    } else if (permits.acquire(1 + chance(1000))) {
      permits.release();
    }
    if (chance(4) == 0) threads.sleep(chance(300));
  }
  return 0;
}
function chaos(n: u32): i32 {
  seed = n;
  isOver = false;
  inside = broken = 0;
  const all: Thread[] = [];
  for (let i: u32 = 0; i < 12; i++) all.push(threads.create<u32>(actor, i, "", chance(8)) as Thread);
  for (let i = 0; i < 60; i++) {
    threads.sleep(chance(400));
    const at = chance(12);
    if (chance(3) == 0) {
      threads.kill(all[at]);
      threads.join(all[at]);
      all[at] = threads.create<u32>(actor, at, "", chance(8)) as Thread;
    }
  }
  isOver = true;
  // Senders and receivers that are left over are fed until all have ended.
  for (let left = 12, turns = 0; left > 0; turns++) {
    left = 0;
    for (let i = 0; i < 12; i++) if (!threads.hasEnded(all[i])) left++;
    if (turns > 400) return -1000 - left;
    if (left == 0) break;
    const feeder = threads.create<u32>(feed, turns & 1, "", 7) as Thread;
    threads.sleep(200);
    threads.kill(feeder);
    threads.join(feeder);
  }
  if (broken != 0) return -2;
  if (permits.count != 3) return -3;
  if (lock.isLocked) return -4;
  for (let i = 0; i < 3; i++) if (locks[i].isLocked) return -5;
  // The channel holds two at most, and all of its room is there.
  const drain = threads.create<u32>(drained, 0) as Thread;
  threads.sleep(3000);
  if (!threads.hasEnded(drain)) { threads.kill(drain); threads.join(drain); return -6; }
  return drain.value;
}
function feed(way: u32): i32 { if (way == 0) pipe.send(0); else pipe.recv(); return 0; }
function drained(n: u32): i32 {
  while (pipe.length != 0) pipe.recv();
  pipe.send(1); pipe.send(2);
  return <i32>(pipe.recv() + pipe.recv());
}
`;
const CASES = ["signalled", "detached", "joined", "chaos"];
const test = suite("threads that end among others");

for (const world of ["plain", "collected"] as const) {
  const module = compileThreads(CODE, CASES, world);
  const on = async (what: string, n: number, expected: string): Promise<void> => {
    const t = await testSystem();
    try {
      await addThreads(t, await module, { limits: { memoryPages: 64 } });
      assert.is(await perform(t, CASES.indexOf(what), n), expected);
    } finally {
      await t.end();
    }
  };
  test(`${world}: a signal that a killed thread had and could not use is the next one's`, () => on("signalled", 0, "ok 1"));
  test(`${world}: a thread that was detached and has ended is nobody else`, () => on("detached", 0, "ok 1"));
  test(`${world}: all who join one thread are told`, () => on("joined", 0, "ok 18"));
  for (const seed of [1, 2, 3]) test(`${world}: kills at any time, seed ${seed}`, () => on("chaos", seed, "ok 3"));
}

test.run();
