/**
 * The 82599 under random operations: registers, descriptors, frames, rights that come and go, resets, re-entry from wires and interrupts.
 * Half of the programs run while a second CPU, a thread on the same memory, changes descriptors as they are parsed.
 * After each operation frames in = frames out + drops counted + what waits; nothing may throw, hang, or write to what is not its owner's.
 *
 * Usage: npm run campaign:ixgbe-fuzz -- [--count N] [--seed S] [--json]
 *
 * Runs N operations (default 5 million) in programs of 20 000, in a thread of their own, so that a hang is found: a program without an
 * end for two minutes is a failure. The last line is JSON: {ok, seed, runs, failures}.
 */
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { OBJECT_BYTES, OBJECTS, RING_OBJECTS } from "../tests/devices/ixgbe/fuzz-memory.ts";
import { wholeNumber } from "./campaign-options.ts";

const PROGRAM = 20_000;
/** A broken model fails every program: the first few say enough. */
const MOST_FAILURES = 5;
const SAY_EVERY_MS = 10_000;
const HUNG_AFTER_MS = 120_000;

interface Outcome {
  readonly problem?: string;
  readonly framesIn: number;
  readonly framesOut: number;
}

const { values } = parseArgs({
  options: { count: { type: "string", default: "5000000" }, seed: { type: "string" }, json: { type: "boolean", default: false } },
});
const count = wholeNumber("count", values.count);
const seed = values.seed === undefined ? (Date.now() & 0x7fffffff) >>> 0 : wholeNumber("seed", values.seed);

const failures: { readonly seed: number; readonly secondCpu: boolean; readonly problem: string }[] = [];
const started = performance.now();
let [runs, said, framesIn, framesOut] = [0, started, 0, 0];

for (const secondCpu of [false, true]) await half(secondCpu, secondCpu ? count - Math.floor(count / 2) : Math.floor(count / 2));
say(`${runs} operations, ${framesIn} frames in, ${framesOut} frames out, ${((performance.now() - started) / 1000).toFixed(0)} s`);
console.log(JSON.stringify({ ok: failures.length === 0, seed, runs, failures }));
process.exit(failures.length === 0 ? 0 : 1);

/** The programs without, or with, a second CPU. */
async function half(secondCpu: boolean, operations: number): Promise<void> {
  const memory = new SharedArrayBuffer(OBJECTS * OBJECT_BYTES);
  const stop = new SharedArrayBuffer(4);
  const other = secondCpu ? startSecondCpu(memory, stop) : undefined;
  let runner = startRunner(memory, secondCpu);
  let done = 0;
  for (let program = 0; done < operations && failures.length < MOST_FAILURES; program++) {
    const length = Math.min(PROGRAM, operations - done);
    const programSeed = (seed + program + (secondCpu ? 0x4000_0000 : 0)) >>> 0;
    const outcome = await ask(runner, { seed: programSeed, length });
    done += length;
    runs += length;
    framesIn += outcome.framesIn;
    framesOut += outcome.framesOut;
    if (outcome.problem !== undefined) {
      failures.push({ seed: programSeed, secondCpu, problem: outcome.problem });
      say(`FAIL seed ${programSeed}${secondCpu ? ", second CPU" : ""}: ${outcome.problem}`);
      await runner.terminate();
      runner = startRunner(memory, secondCpu);
    }
    if (performance.now() - said < SAY_EVERY_MS) continue;
    said = performance.now();
    say(`${runs} operations, ${((said - started) / 1000).toFixed(0)} s`);
  }
  Atomics.store(new Int32Array(stop), 0, 1);
  Atomics.notify(new Int32Array(stop), 0);
  await other?.terminate();
  await runner.terminate();
}

function startSecondCpu(memory: SharedArrayBuffer, stop: SharedArrayBuffer): Worker {
  const workerData = { memory, ringWords: (RING_OBJECTS * OBJECT_BYTES) / 4, seed: seed | 1, stop };
  return new Worker(new URL("../tests/devices/ixgbe/second-cpu.ts", import.meta.url), { workerData });
}

function startRunner(memory: SharedArrayBuffer, ringsStayOwned: boolean): Worker {
  return new Worker(new URL("../tests/devices/ixgbe/fuzz-runner.ts", import.meta.url), { workerData: { memory, ringsStayOwned } });
}

/** One program; one that does not end is an outcome too. */
function ask(runner: Worker, program: { readonly seed: number; readonly length: number }): Promise<Outcome> {
  return new Promise((resolve) => {
    const end = (outcome: Outcome): void => {
      clearTimeout(timer);
      runner.off("message", end);
      runner.off("error", failed);
      resolve(outcome);
    };
    const failed = (error: unknown): void => end({ problem: String(error), framesIn: 0, framesOut: 0 });
    const timer = setTimeout(() => end({ problem: "no end after two minutes", framesIn: 0, framesOut: 0 }), HUNG_AFTER_MS);
    runner.on("message", end);
    runner.on("error", failed);
    runner.postMessage(program);
  });
}

function say(line: string): void {
  if (!values.json) console.log(line);
}
