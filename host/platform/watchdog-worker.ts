/** The watchdog's thread: samples while calls run, sleeps while none do, for good if no window of CPU time is to end. It never touches anything but its words. */
import { parentPort, workerData } from "node:worker_threads";
import { CPU_DEPTH, CPU_LINE_SIZE, CPU_LINES, CPU_WATCHDOG } from "../../shared-heap/layout.ts";
import { Accountant } from "./cpu-accounts.ts";
import { SAMPLE_MS, Sampler } from "./watchdog-loop.ts";
import { type WatchdogStart, WatchdogState } from "./watchdog-state.ts";

/** Samples without a running call after which the thread goes to sleep. */
const IDLE_SAMPLES = 40;

const { memory, cpu, accounts } = workerData as WatchdogStart;
const i32 = new Int32Array(memory.buffer);
const state = (CPU_LINES + cpu * CPU_LINE_SIZE + CPU_WATCHDOG) >> 2;
const depth = (CPU_LINES + cpu * CPU_LINE_SIZE + CPU_DEPTH) >> 2;
const accountant = new Accountant(accounts);
const sampler = new Sampler(i32, cpu, { accountant, random: Math.random });

parentPort?.postMessage("ready");
let idle = 0;
while (Atomics.load(i32, state) !== WatchdogState.stop) {
  const pause = sampler.sample(performance.now());
  idle = pause === 0 ? idle + 1 : 0;
  if (idle < IDLE_SAMPLES) {
    Atomics.wait(i32, state, WatchdogState.awake, pause === 0 ? SAMPLE_MS : pause);
    continue;
  }
  idle = 0;
  // Announce the sleep first and look again: the kernel writes its frame first and reads the announcement after.
  if (Atomics.compareExchange(i32, state, WatchdogState.awake, WatchdogState.asleep) !== WatchdogState.awake) continue;
  if (Atomics.load(i32, depth) === 0) Atomics.wait(i32, state, WatchdogState.asleep, accountant.lift(performance.now()));
  Atomics.compareExchange(i32, state, WatchdogState.asleep, WatchdogState.awake);
  sampler.rest(performance.now());
}
