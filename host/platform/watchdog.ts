/**
 * The watchdog as kernels see it: one thread for all CPUs of a system, started before the first of them, woken before a CPU's first call,
 * stopped with the system. A thread of its own, because a domain that loops leaves its own thread no turn. Node's worker
 * threads here; a browser's worker serves as well.
 */
import { Worker } from "node:worker_threads";
import { newAccounts } from "./cpu-accounts.ts";
import { type WatchdogStart, WatchdogState, watchdogWord } from "./watchdog-state.ts";

/** What the kernel of one CPU has of it. */
export interface Watchdog {
  /** Called when a frame was written and the thread had announced that it sleeps. */
  wake(): void;
  stop(): Promise<void>;
  /** CPU time of domains, see `cpu-accounts.ts`. */
  readonly accounts: Int32Array;
}

/** For a kernel on another thread than the one that started the watchdog, and stops it. */
export function watchedElsewhere(memory: WebAssembly.Memory, cpu: number, accounts: Int32Array): Watchdog {
  const i32 = new Int32Array(memory.buffer);
  return { wake: () => wake(i32, cpu), stop: () => Promise.resolve(), accounts };
}

/** The thread sleeps on the first CPU's word; the others say only for whom it does. */
function wake(i32: Int32Array, cpu: number): void {
  Atomics.compareExchange(i32, watchdogWord(cpu), WatchdogState.asleep, WatchdogState.awake);
  Atomics.compareExchange(i32, watchdogWord(0), WatchdogState.asleep, WatchdogState.awake);
  Atomics.notify(i32, watchdogWord(0));
}

/** Watches one CPU, or so many. Resolves when the thread is watching: before that no deadline holds. */
export async function startWatchdog(memory: WebAssembly.Memory, cpus = 1): Promise<Watchdog & { readonly all: readonly Int32Array[] }> {
  const i32 = new Int32Array(memory.buffer);
  for (let cpu = 0; cpu < cpus; cpu++) Atomics.store(i32, watchdogWord(cpu), WatchdogState.awake);
  const all = Array.from({ length: cpus }, newAccounts);
  const workerData: WatchdogStart = { memory, accounts: all };
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const worker = new Worker(new URL(`./watchdog-worker.${extension}`, import.meta.url), { workerData });
  await new Promise<void>((resolve, reject) => {
    worker.once("message", () => resolve());
    worker.once("error", reject);
  });
  worker.unref();
  return {
    all,
    accounts: all[0] as Int32Array,
    wake: () => wake(i32, 0),
    async stop() {
      const gone = new Promise((resolve) => worker.once("exit", resolve));
      Atomics.store(i32, watchdogWord(0), WatchdogState.stop);
      Atomics.notify(i32, watchdogWord(0));
      worker.ref();
      await gone;
    },
  };
}
