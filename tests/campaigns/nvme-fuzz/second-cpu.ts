/**
 * A second CPU, as a thread: it changes entries and lists on the shared memory while the controller parses them, all but the ids of
 * commands. It is also the one that notices when the first thread no longer moves: then it says so and ends the process.
 */
import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { AT, ENTRIES, PAGE, QUEUES, SQ_BYTES } from "./memory.ts";

export interface SecondCpuData {
  readonly memory: SharedArrayBuffer;
  /** [0] the first thread's steps · [1] 1 = spoil, 0 = rest, 2 = end. */
  readonly control: SharedArrayBuffer;
  readonly seed: number;
}

const BURST = 400;
const REST_MS = 0.05;
const STUCK_MS = 60_000;

const { memory, control, seed } = workerData as SecondCpuData;
const bytes = new Uint8Array(memory);
const words = new Int32Array(control);
let state = seed >>> 0;

function pick(below: number): number {
  state = (state + 0x9e3779b9) >>> 0;
  let x = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return Math.floor((((x ^ (x >>> 15)) >>> 0) / 0x1_0000_0000) * below);
}

/** A byte of an I/O submission entry beside its id, or of a list. */
function spoil(): void {
  if (pick(2) === 0) {
    const at = AT.lists + pick(AT.data - AT.lists);
    Atomics.store(bytes, at, pick(256));
    return;
  }
  const offset = pick(SQ_BYTES - 2);
  const entry = AT.sq + (1 + pick(QUEUES - 1)) * PAGE + pick(ENTRIES) * SQ_BYTES;
  Atomics.store(bytes, entry + (offset < 2 ? offset : offset + 2), pick(256));
}

let seen = -1;
let since = performance.now();
while (Atomics.load(words, 1) !== 2) {
  if (Atomics.load(words, 1) === 1) for (let i = 0; i < BURST; i++) spoil();
  Atomics.wait(words, 1, Atomics.load(words, 1), Atomics.load(words, 1) === 1 ? REST_MS : 200);
  const steps = Atomics.load(words, 0);
  if (steps !== seen) {
    seen = steps;
    since = performance.now();
  } else if (performance.now() - since > STUCK_MS) {
    writeSync(1, `${JSON.stringify({ ok: false, seed, runs: seen, failures: [`the controller did not return within ${STUCK_MS} ms`] })}\n`);
    process.kill(process.pid, "SIGKILL");
  }
}
