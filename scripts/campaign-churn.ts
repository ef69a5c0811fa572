/**
 * Whether deaths leave anything behind: a domain is created, used and dies, N times, in every way to die.
 *
 * Usage: npm run campaign:churn -- [--count N] [--seed S] [--json] [--plot FILE]
 *
 * After every cycle the shared heap must hold what it held before the first one, byte for byte and object for object. Resident memory
 * after all cycles may exceed that after the first tenth by 5 % at most, both after a forced collection. --plot writes the
 * curve as SVG. The last line is JSON: {ok, seed, runs, failures}. Needs a built project.
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { auditHeap } from "../shared-heap/audit.ts";
import { Churn } from "../tests/campaigns/churn/cycles.ts";
import { churnPlot, type Sample } from "../tests/campaigns/churn/plot.ts";
import { testSystem } from "../tests/support/system.ts";

const MOST_GROWTH = 1.05;
const SAMPLES = 100;
const MOST_FAILURES = 10;

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100000" },
    seed: { type: "string", default: "0" },
    json: { type: "boolean", default: false },
    plot: { type: "string" },
  },
});
const count = Number(values.count);
if (!Number.isSafeInteger(count) || count < 100) throw new Error(`--count ${values.count}: give a whole number from 100 on`);
const say = (line: string): void => {
  if (!values.json) console.log(line);
};

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const failures: { readonly run: number; readonly problem: string }[] = [];
const t = await testSystem({ heapMegabytes: 32 });
// Thousands of deaths: nobody reads the list.
t.system.kernel.events.on(() => {
  t.events.length = 0;
});
const churn = await Churn.start(t);
for (const { spec } of [t.system.seat("victim"), t.system.seat("stillborn")]) t.system.kill(spec.name);
const baseline = heapUse();
const samples: Sample[] = [];
const started = performance.now();
let runs = 0;
while (runs < count && failures.length < MOST_FAILURES) {
  const end = churn.next();
  const problem = await churn.cycle(end);
  runs++;
  if (problem !== undefined) failures.push({ run: runs, problem: `${end}: ${problem}` });
  // The last domain of some ends still lives; every other cycle leaves nothing.
  t.system.kill("victim");
  t.system.kill("stillborn");
  if (heapUse() !== baseline) failures.push({ run: runs, problem: `${end}: the heap holds ${heapUse()}, before it held ${baseline}` });
  if (runs % Math.floor(count / SAMPLES) === 0) {
    samples.push(sample());
    if (runs % Math.floor(count / 10) === 0) say(progress());
    // A listener of events runs in the same turn, but finalisers and the watchdog's messages need one of their own.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
const { ok, problems } = auditHeap(t.system.kernel.heap);
if (!ok) failures.push({ run: runs, problem: problems.join("; ") });
const early = samples[Math.floor(SAMPLES / 10) - 1];
const late = samples.at(-1);
if (early !== undefined && late !== undefined && late.residentMegabytes > early.residentMegabytes * MOST_GROWTH) {
  const text = `resident memory grew from ${early.residentMegabytes.toFixed(1)} MB after ${early.cycles} cycles to ${late.residentMegabytes.toFixed(1)} MB after ${late.cycles}`;
  failures.push({ run: runs, problem: text });
}
await t.end();
if (values.plot !== undefined) await writeFile(values.plot, churnPlot(samples));
console.log(JSON.stringify({ ok: failures.length === 0, seed: Number(values.seed), runs, failures }));
process.exitCode = failures.length === 0 ? 0 : 1;

function heapUse(): string {
  const { liveObjects, liveBytes, orphans, borrows } = t.system.kernel.heap.stats();
  return `${liveObjects} objects, ${liveBytes} bytes, ${orphans} orphans, ${borrows} borrows`;
}

function sample(): Sample {
  collect();
  const { liveBytes } = t.system.kernel.heap.stats();
  return { cycles: runs, residentMegabytes: process.memoryUsage.rss() / 2 ** 20, heapBytes: liveBytes };
}

function progress(): string {
  const { residentMegabytes = 0 } = samples.at(-1) ?? {};
  const micros = ((performance.now() - started) * 1000) / runs;
  return `${runs} cycles, ${micros.toFixed(0)} µs each, ${residentMegabytes.toFixed(1)} MB resident, heap: ${heapUse()}`;
}
