/**
 * Whether deaths leave anything behind: a domain is created, used and dies, N times, in every way to die.
 *
 * Usage: npm run campaign:churn -- [--count N] [--seed S] [--json] [--plot FILE]
 *
 * After every cycle the shared heap must hold what it held before the first one, byte for byte and object for object. Reachable and
 * resident memory at the end exceed those after the first tenth by 5 % at most (`steady-memory.ts`). --plot writes the curve as SVG. The last line is JSON: {ok, seed, runs, failures}. Needs a built project.
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { auditHeap } from "../shared-heap/audit.ts";
import type { SharedHeap } from "../shared-heap/heap.ts";
import { Churn } from "../tests/campaigns/churn/cycles.ts";
import { churnPlot, type Sample } from "../tests/campaigns/churn/plot.ts";
import { testSystem } from "../tests/support/system.ts";
import { growthIn, growthText, inSteadyProcess, isDue, megabytes, type Reading, readMemory, SAMPLES } from "./steady-memory.ts";

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

if (inSteadyProcess(import.meta.filename)) await campaign();

async function campaign(): Promise<void> {
  const failures: { readonly run: number; readonly problem: string }[] = [];
  const t = await testSystem({ heapMegabytes: 32 });
  const { heap } = t.system.kernel;
  // Thousands of deaths: nobody reads the list.
  t.system.kernel.events.on(() => {
    t.events.length = 0;
  });
  const churn = await Churn.start(t);
  for (const { spec } of [t.system.seat("victim"), t.system.seat("stillborn")]) t.system.kill(spec.name);
  const baseline = heapUse(heap);
  const readings: Reading[] = [];
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
    const use = heapUse(heap);
    if (use !== baseline) failures.push({ run: runs, problem: `${end}: the heap holds ${use}, before it held ${baseline}` });
    if (!isDue(runs, count)) continue;
    const reading = await readMemory();
    readings.push(reading);
    samples.push({ cycles: runs, residentMegabytes: reading.resident / 2 ** 20, heapBytes: heap.stats().liveBytes });
    if (readings.length % (SAMPLES / 10) !== 0) continue;
    const micros = ((performance.now() - started) * 1000) / runs;
    const memory = `${megabytes(reading.reachable)} MB reachable, ${megabytes(reading.resident)} MB resident`;
    say(`${runs} cycles, ${micros.toFixed(0)} µs each, ${memory}, heap: ${use}`);
  }
  const { ok, problems } = auditHeap(heap);
  if (!ok) failures.push({ run: runs, problem: problems.join("; ") });
  const growth = growthIn(readings);
  if (growth !== undefined) failures.push({ run: runs, problem: growth });
  await t.end();
  say(growthText(readings));
  for (const { run, problem } of failures) say(`FAIL ${run}: ${problem}`);
  if (values.plot !== undefined) await writeFile(values.plot, churnPlot(samples));
  console.log(JSON.stringify({ ok: failures.length === 0, seed: Number(values.seed), runs, failures }));
  process.exitCode = failures.length === 0 ? 0 : 1;
}

function heapUse(heap: SharedHeap): string {
  const { liveObjects, liveBytes, orphans, borrows } = heap.stats();
  return `${liveObjects} objects, ${liveBytes} bytes, ${orphans} orphans, ${borrows} borrows`;
}
