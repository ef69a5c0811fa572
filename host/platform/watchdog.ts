/**
 * The watchdog as the kernel sees it: started once per kernel, woken before the first call, stopped with the system.
 * Runs in a thread of its own, because a domain that loops leaves its own thread no turn. Node's worker threads here; a
 * browser's worker serves as well.
 */
import { Worker } from "node:worker_threads";
import { CPU_LINE_SIZE, CPU_LINES, CPU_WATCHDOG } from "../../shared-heap/layout.ts";
import { newAccounts } from "./cpu-accounts.ts";
import { type WatchdogStart, WatchdogState } from "./watchdog-state.ts";

export interface Watchdog {
  /** Called when a frame was written and the thread had announced that it sleeps. */
  wake(): void;
  stop(): Promise<void>;
  /** CPU time of domains, see `cpu-accounts.ts`. */
  readonly accounts: Int32Array;
}

/** Resolves when the thread is watching: before that no deadline holds. */
export async function startWatchdog(memory: WebAssembly.Memory, cpu = 0): Promise<Watchdog> {
  const i32 = new Int32Array(memory.buffer);
  const state = (CPU_LINES + cpu * CPU_LINE_SIZE + CPU_WATCHDOG) >> 2;
  Atomics.store(i32, state, WatchdogState.awake);
  const accounts = newAccounts();
  const workerData: WatchdogStart = { memory, cpu, accounts };
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const worker = new Worker(new URL(`./watchdog-worker.${extension}`, import.meta.url), { workerData });
  await new Promise<void>((resolve, reject) => {
    worker.once("message", () => resolve());
    worker.once("error", reject);
  });
  worker.unref();
  return {
    accounts,
    wake() {
      if (Atomics.load(i32, state) !== WatchdogState.asleep) return;
      Atomics.store(i32, state, WatchdogState.awake);
      Atomics.notify(i32, state);
    },
    async stop() {
      const gone = new Promise((resolve) => worker.once("exit", resolve));
      Atomics.store(i32, state, WatchdogState.stop);
      Atomics.notify(i32, state);
      worker.ref();
      await gone;
    },
  };
}
