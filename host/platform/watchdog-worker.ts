/**
 * The watchdog's thread: samples every CPU while calls run, sleeps while none do, for good if no window of CPU time is to end. It never
 * touches anything but its words.
 */
import { parentPort, workerData } from "node:worker_threads";
import { CPU_DEPTH, CPU_LINE_SIZE, CPU_LINES } from "../../shared-heap/layout.ts";
import { Accountant } from "./cpu-accounts.ts";
import { SAMPLE_MS, Sampler } from "./watchdog-loop.ts";
import { type WatchdogStart, WatchdogState, watchdogWord } from "./watchdog-state.ts";

/** Samples without a running call after which the thread goes to sleep. */
const IDLE_SAMPLES = 40;

const { memory, accounts } = workerData as WatchdogStart;
const i32 = new Int32Array(memory.buffer);
const watched = accounts.map((of, cpu) => {
  const accountant = new Accountant(of);
  return {
    accountant,
    sampler: new Sampler(i32, cpu, { accountant, random: Math.random }),
    word: watchdogWord(cpu),
    depth: (CPU_LINES + cpu * CPU_LINE_SIZE + CPU_DEPTH) >> 2,
  };
});
/** Where the thread sleeps, and is told to stop. */
const state = watchdogWord(0);

/** Milliseconds until the next look; 0 when no call is running on any CPU. */
function sampleAll(): number {
  let next = 0;
  for (const { sampler } of watched) {
    const pause = sampler.sample(performance.now());
    if (pause > 0) next = next === 0 ? pause : Math.min(next, pause);
  }
  return next;
}

/** Announces the sleep to every kernel. A kernel writes its frame first and reads the announcement after. */
function announce(): boolean {
  for (const { word } of watched) {
    if (Atomics.compareExchange(i32, word, WatchdogState.awake, WatchdogState.asleep) !== WatchdogState.awake) return false;
  }
  return watched.every(({ depth }) => Atomics.load(i32, depth) === 0);
}

/** Until the next window of CPU time ends. */
function untilNextWindow(): number {
  return Math.min(...watched.map(({ accountant }) => accountant.lift(performance.now())));
}

parentPort?.postMessage("ready");
let idle = 0;
while (Atomics.load(i32, state) !== WatchdogState.stop) {
  const pause = sampleAll();
  idle = pause === 0 ? idle + 1 : 0;
  if (idle < IDLE_SAMPLES) {
    Atomics.wait(i32, state, WatchdogState.awake, pause === 0 ? SAMPLE_MS : pause);
    continue;
  }
  idle = 0;
  if (announce()) Atomics.wait(i32, state, WatchdogState.asleep, untilNextWindow());
  for (const { word } of watched) Atomics.compareExchange(i32, word, WatchdogState.asleep, WatchdogState.awake);
  for (const { sampler } of watched) sampler.rest(performance.now());
}
