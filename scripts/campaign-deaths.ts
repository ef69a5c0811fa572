/**
 * Whether a system goes on through deaths of every cause: N injected ones, in five domains of which one is a shadow.
 *
 * Usage: npm run campaign:deaths -- [--count N] [--seed S] [--cpus N] [--json]
 *
 * After each death: the call has the right value or the right error, who died and who was restarted is what causes and strategies say,
 * and the shared heap holds what it held before the first one. Reachable and resident memory at the end exceed those after the first tenth
 * by 5 % at most (`steady-memory.ts`); with less than 20 000 deaths that tenth is still warming up, and they are not judged. Printed:
 * recovery from fault to answered call; deadlines that nobody asked for, which a machine causes that takes the thread away for longer than
 * a budget, are counted, and what their calls gave is not looked at. More than one in a hundred is a failure.
 * The last line is JSON: {ok, seed, runs, failures, recoveryMicros, unplanned}. Needs a built project.
 */
import { parseArgs } from "node:util";
import { seededRandom } from "../host/platform/seeded-random.ts";
import { auditHeap } from "../shared-heap/audit.ts";
import type { SharedHeap } from "../shared-heap/heap.ts";
import { Deaths, nextInjection } from "../tests/campaigns/deaths/injection.ts";
import { percentiles } from "../tests/campaigns/percentiles.ts";
import { growthIn, growthText, inSteadyProcess, isDue, megabytes, type Reading, readMemory, SAMPLES } from "./steady-memory.ts";

const FEWEST_FOR_GROWTH = 20_000;
/** An injection kills up to three times, but most of them once. */
const MOST_RECOVERIES_PER_RUN = 2;
const MOST_FAILURES = 10;
const MOST_UNPLANNED = 0.01;

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    cpus: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
if (!Number.isSafeInteger(count) || count < 100) throw new Error(`--count ${values.count}: give a whole number from 100 on`);
if (!Number.isSafeInteger(seed) || seed < 0) throw new Error(`--seed ${values.seed}: give a whole number`);
/** 2: the driver, the store and the application are on a CPU of their own. */
const cpus = Number(values.cpus);
if (cpus !== 1 && cpus !== 2) throw new Error(`--cpus ${values.cpus}: give 1 or 2`);
const say = (line: string): void => {
  if (!values.json) console.log(line);
};

if (inSteadyProcess(import.meta.filename)) await campaign();

async function campaign(): Promise<void> {
  const failures: { readonly run: number; readonly problem: string }[] = [];
  const random = seededRandom(seed);
  const deaths = await Deaths.start(count * MOST_RECOVERIES_PER_RUN, cpus);
  const { heap } = deaths.t.system.kernel;
  const baseline = heapUse(heap);
  const counts = new Map<string, number>();
  const readings: Reading[] = [];
  const started = performance.now();
  let runs = 0;
  while (runs < count && failures.length < MOST_FAILURES) {
    const injection = nextInjection(random);
    const problem = deaths.run(injection);
    runs++;
    counts.set(injection.cause, (counts.get(injection.cause) ?? 0) + injection.times);
    if (problem !== undefined) failures.push({ run: runs, problem: `${JSON.stringify(injection)}: ${problem}` });
    const use = heapUse(heap);
    if (use !== baseline) failures.push({ run: runs, problem: `the heap holds ${use}, before it held ${baseline}` });
    if (!isDue(runs, count)) continue;
    const reading = await readMemory();
    readings.push(reading);
    if (readings.length % (SAMPLES / 10) !== 0) continue;
    const micros = ((performance.now() - started) * 1000) / runs;
    const memory = `${megabytes(reading.reachable)} MB reachable, ${megabytes(reading.resident)} MB resident`;
    say(`${runs} deaths, ${micros.toFixed(0)} µs each with two calls, ${memory}, heap: ${use}`);
  }
  const { ok, problems } = auditHeap(heap);
  if (!ok) failures.push({ run: runs, problem: problems.join("; ") });
  const growth = count >= FEWEST_FOR_GROWTH ? growthIn(readings) : undefined;
  if (growth !== undefined) failures.push({ run: runs, problem: growth });
  if (deaths.unplanned > runs * MOST_UNPLANNED) {
    failures.push({
      run: runs,
      problem: `${deaths.unplanned} deadlines or refusals that nobody asked for: the machine is too busy for this`,
    });
  }
  await deaths.end();
  const recovery = percentiles(deaths.recoveryMicros.values);
  const recoveryMicros = { ...recovery, p50: Math.round(recovery.p50), p99: Math.round(recovery.p99), max: Math.round(recovery.max) };
  say(`deaths by cause: ${[...counts].map(([cause, of]) => `${cause} ${of}`).join(", ")}`);
  say(`from fault to answered call: p50 ${recoveryMicros.p50} µs, p99 ${recoveryMicros.p99} µs, max ${recoveryMicros.max} µs`);
  say(growthText(readings));
  for (const { run, problem } of failures) say(`FAIL ${run}: ${problem}`);
  console.log(JSON.stringify({ ok: failures.length === 0, seed, runs, failures, recoveryMicros, unplanned: deaths.unplanned }));
  process.exitCode = failures.length === 0 ? 0 : 1;
}

function heapUse(heap: SharedHeap): string {
  const { liveObjects, liveBytes, orphans, borrows } = heap.stats();
  return `${liveObjects} objects, ${liveBytes} bytes, ${orphans} orphans, ${borrows} borrows`;
}
