/**
 * The threads of further CPUs, as the first one sees them. Node's worker threads here; a browser's workers serve as well, where an
 * announced seat arrives with the next turn of the worker's event loop.
 * Called by `host/system/cpu-team.ts`. Never ends a thread that may hold the heap's lock while others use the heap.
 */
import { Worker } from "node:worker_threads";
import type { CpuMessage, CpuStart } from "./cpu-start.ts";

export interface CpuThread {
  /** Plain data and compiled modules; there before whatever is asked of that CPU later. */
  post(message: unknown): void;
  /** Resolves when the thread is gone. */
  readonly ended: Promise<void>;
  /** Keeps the process alive until the thread has ended, or no longer. */
  hold(isHeld: boolean): void;
  /** Only when nobody uses the heap any more. */
  terminate(): Promise<void>;
}

/**
 * Resolves when the CPU serves.
 * @param onCalled this thread is wanted by a CPU while it is in its event loop
 */
export async function startCpuThread(start: CpuStart, onCalled: () => void): Promise<CpuThread> {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const worker = new Worker(new URL(`./cpu-worker.${extension}`, import.meta.url), { workerData: start });
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    worker.once("error", reject);
    worker.on("message", (message: CpuMessage) => {
      if (message === "ready") resolve();
      else onCalled();
    });
  });
  // What ends it later is told by the words that it leaves; see `silence.ts`.
  worker.on("error", () => onCalled());
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    ended,
    hold: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
    terminate: async () => {
      await worker.terminate();
    },
  };
}
