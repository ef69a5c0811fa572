/** Runs lives until so many operations were made, alone and beside a second CPU in turn. Called by the campaign and by its short test. */
import { Worker } from "node:worker_threads";
import { Random } from "../nvme-qemu/random.ts";
import { Life } from "./life.ts";
import { AT, ENTRIES, FuzzMemory, PAGE, QUEUES, SQ_BYTES } from "./memory.ts";
import type { SecondCpuData } from "./second-cpu.ts";

export interface FuzzReport {
  readonly operations: number;
  readonly lives: number;
  readonly besideSecondCpu: number;
  readonly completions: number;
  readonly failures: readonly string[];
}

const MOST_FAILURES = 5;

/** `progress` is called now and then, with the operations so far. */
export async function runFuzz(count: number, seed: number, progress: (operations: number) => void = () => {}): Promise<FuzzReport> {
  const control = new Int32Array(new SharedArrayBuffer(8));
  let random = new Random(seed);
  const pick = (below: number): number => random.below(below);
  const memory = new FuzzMemory(pick);
  const workerData: SecondCpuData = { memory: memory.shared, control: control.buffer as SharedArrayBuffer, seed };
  const worker = new Worker(new URL("./second-cpu.ts", import.meta.url), { workerData });
  const ended = new Promise<void>((resolve, reject) => {
    worker.on("error", reject);
    worker.on("exit", () => resolve());
  });
  let [operations, lives, besideSecondCpu, completions] = [0, 0, 0, 0];
  const failures: string[] = [];
  while (operations < count && failures.length < MOST_FAILURES) {
    // Each life from a seed of its own, so that one alone can be repeated.
    const own = (seed + lives) >>> 0;
    random = new Random(own);
    const beside = lives % 2 === 1;
    const life = new Life(memory, pick);
    memory.refusesOneIn = pick(3) === 0 ? 2000 : 0;
    memory.meddle = pick(3) === 0 ? () => meddle(memory, pick) : () => {};
    Atomics.store(control, 1, beside ? 1 : 0);
    Atomics.notify(control, 1);
    try {
      life.live(() => Atomics.add(control, 0, 1));
    } catch (error) {
      const where = beside ? ", beside a second CPU" : "";
      failures.push(`life ${lives} (seed ${own}${where}): ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
    Atomics.store(control, 1, 0);
    operations += life.operations;
    completions += life.completions;
    lives++;
    if (beside) besideSecondCpu++;
    if (lives % 200 === 0) {
      progress(operations);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  Atomics.store(control, 1, 2);
  Atomics.notify(control, 1);
  await ended;
  return { operations, lives, besideSecondCpu, completions, failures };
}

/** The same as the second CPU does, but at the very moment when the controller asks the bus: repeatable. */
function meddle(memory: FuzzMemory, pick: (below: number) => number): void {
  if (pick(2) === 0) memory.bytes[AT.lists + pick(AT.data - AT.lists)] = pick(256);
  const offset = pick(SQ_BYTES - 2);
  memory.bytes[AT.sq + (1 + pick(QUEUES - 1)) * PAGE + pick(ENTRIES) * SQ_BYTES + (offset < 2 ? offset : offset + 2)] = pick(256);
}
