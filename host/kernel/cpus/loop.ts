/**
 * What a CPU does whose thread is its own: serves what others ask, runs threads, sleeps until there is something to do.
 * Called by the worker's first file; ends when the CPU is told to stop. Everything that only one platform has comes from there.
 */
import type { Cpus } from "./cpus.ts";

/** A sleep; the bell ends it, and so does a thread that is due. */
const IDLE_MS = 100;
/** Threads run for so long before others are served. */
const SLICE_MS = 5;
/** Between two turns of the thread's event loop, which timers and collections wait for. */
const TURN_MS = 200;

export interface Platform {
  /** Lets the event loop of this thread do what waits in it. */
  turn(): Promise<void>;
}

export async function runLoop(cpus: Cpus, platform: Platform): Promise<void> {
  const { cpu } = cpus;
  const { kernel } = cpu;
  let turned = performance.now();
  while (!cpus.isStopping) {
    cpu.enter();
    cpus.flush();
    let did = cpu.serve();
    did = cpu.lookAround() || did;
    kernel.destructors.runWaiting();
    const { threads } = kernel;
    if (threads.hasReady || threads.nextWakeMs() === 0) {
      await threads.run(SLICE_MS);
      did = true;
    }
    if (!did && !cpu.spinUntilWanted()) cpu.sleep(Math.min(IDLE_MS, threads.nextWakeMs() ?? IDLE_MS, cpu.dueInMs()));
    const now = performance.now();
    if (now - turned < TURN_MS) continue;
    turned = now;
    await platform.turn();
  }
  // What was put off finds its callees dead.
  cpu.serve();
}
