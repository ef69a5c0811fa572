/**
 * Fuzzes the readers of everything that a stranger can hand over: modules, signatures, keys, key sets, manifests, policies, fingerprints,
 * WIT. No input may end in anything but an error of Sumac's own or a value that a re-encoding does not change, and none may hang.
 *
 * Usage: npm run campaign:loader -- [--count N] [--seed S] [--threads T] [--json]
 *
 * --count is the number of inputs (default 1000000), shared among threads (default 2). An input at which a thread stands for too long is
 * a hang, and ends it. The last line is JSON: {ok, seed, runs, failures}.
 */
import { once } from "node:events";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { type Fuzzed, MOST_MS } from "../tests/campaigns/loader/run.ts";
import type { Part } from "../tests/campaigns/loader/worker.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    threads: { type: "string", default: "2" },
    json: { type: "boolean", default: false },
  },
});
const numberOf = (name: "count" | "seed" | "threads"): number => {
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} ${values[name]}: give a whole number from 1 on`);
  return value;
};
const [count, seed, threads] = [numberOf("count"), numberOf("seed"), numberOf("threads")];
/** A thread that reads nothing new for so long hangs: far beyond what one input may take, because other programs want the machine, too. */
const HANG_MS = 10 * MOST_MS;
const LOOK_MS = 1000;
/** A reader that makes a small input a huge heap ends its thread instead of the machine. */
const HEAP_MB = 1024;

const started = performance.now();
const share = Math.ceil(count / threads);
const parts = await Promise.all(Array.from({ length: threads }, (_, n) => runPart(n * share, Math.min(share, count - n * share))));
const runs = parts.reduce((sum, { inputs }) => sum + inputs, 0);
const failures = parts.flatMap(({ findings }) => findings);
if (!values.json) report();
console.log(JSON.stringify({ ok: failures.length === 0 && runs === count, seed, runs, failures }));
process.exitCode = failures.length === 0 && runs === count ? 0 : 1;

async function runPart(first: number, share: number): Promise<Fuzzed> {
  const at = new SharedArrayBuffer(4);
  const workerData: Part = { seed, first, count: share, at };
  const worker = new Worker(new URL("../tests/campaigns/loader/worker.ts", import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  let [last, since] = [-1, performance.now()];
  let hang: string | undefined;
  const watch = setInterval(() => {
    const now = Atomics.load(new Int32Array(at), 0);
    if (now !== last) [last, since] = [now, performance.now()];
    else if (performance.now() - since > HANG_MS) {
      hang = `input ${now}: no end after ${HANG_MS} ms`;
      void worker.terminate();
    }
  }, LOOK_MS);
  let fuzzed: Fuzzed | undefined;
  worker.on("message", (result: Fuzzed) => (fuzzed = result));
  let crash: string | undefined;
  worker.on("error", (error) => (crash = `input ${Atomics.load(new Int32Array(at), 0)}: the thread ended: ${String(error)}`));
  await once(worker, "exit");
  clearInterval(watch);
  return fuzzed ?? { inputs: 0, byReader: {}, codes: {}, slowestMs: 0, findings: [hang ?? crash ?? "a thread ended without a result"] };
}

function report(): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const slowest = Math.max(...parts.map(({ slowestMs }) => slowestMs)).toFixed(0);
  console.error(`${runs} inputs in ${seconds} s, the slowest took ${slowest} ms`);
  for (const name of Object.keys(parts[0]?.byReader ?? {})) {
    const sum = (what: "accepted" | "refused"): number => parts.reduce((total, { byReader }) => total + (byReader[name]?.[what] ?? 0), 0);
    console.error(`  ${name}: ${sum("accepted")} accepted, ${sum("refused")} refused`);
  }
  for (const failure of failures) console.error(`FAIL ${failure}`);
}
