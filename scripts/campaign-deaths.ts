/**
 * Whether a system goes on through deaths of every cause: N injected ones, in five domains of which one is a shadow.
 *
 * Usage: npm run campaign:deaths -- [--count N] [--seed S] [--json]
 *
 * After each death: the call has the right value or the right error, who died and who was restarted is what causes and strategies say,
 * and the shared heap holds what it held before the first one. Resident memory after all may exceed that after the first tenth by 5 % at
 * most, both after a forced collection; with less than 20 000 deaths that tenth is still warming up, and it is not judged. Printed: recovery from fault to answered call; deadlines that nobody asked for, which a machine
 * causes that takes the thread away for longer than a budget, are counted, and what their calls gave is not looked at. More than one in a
 * hundred is a failure. The last line is JSON: {ok, seed, runs, failures, recoveryMicros, unplanned}. Needs a built project.
 */
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { auditHeap } from "../shared-heap/audit.ts";
import { Deaths, nextInjection } from "../tests/campaigns/deaths/injection.ts";
import { percentiles } from "../tests/campaigns/percentiles.ts";
import { seededRandom } from "../tests/support/seeded-random.ts";

const MOST_GROWTH = 1.05;
const FEWEST_FOR_GROWTH = 20_000;
const SAMPLES = 10;
const MOST_FAILURES = 10;
const MOST_UNPLANNED = 0.01;

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
if (!Number.isSafeInteger(count) || count < 100) throw new Error(`--count ${values.count}: give a whole number from 100 on`);
if (!Number.isSafeInteger(seed) || seed < 0) throw new Error(`--seed ${values.seed}: give a whole number`);
const say = (line: string): void => {
  if (!values.json) console.log(line);
};

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const failures: { readonly run: number; readonly problem: string }[] = [];
const random = seededRandom(seed);
const deaths = await Deaths.start();
const { kernel } = deaths.t.system;
const baseline = heapUse();
const counts = new Map<string, number>();
const resident: number[] = [];
const started = performance.now();
let runs = 0;
while (runs < count && failures.length < MOST_FAILURES) {
  const injection = nextInjection(random);
  const problem = deaths.run(injection);
  runs++;
  counts.set(injection.cause, (counts.get(injection.cause) ?? 0) + injection.times);
  if (problem !== undefined) failures.push({ run: runs, problem: `${JSON.stringify(injection)}: ${problem}` });
  if (heapUse() !== baseline) failures.push({ run: runs, problem: `the heap holds ${heapUse()}, before it held ${baseline}` });
  if (runs % Math.floor(count / SAMPLES) !== 0) continue;
  // Finalisers and the watchdog's messages need a turn of their own.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  resident.push(process.memoryUsage.rss() / 2 ** 20);
  const micros = ((performance.now() - started) * 1000) / runs;
  say(`${runs} deaths, ${micros.toFixed(0)} µs each with two calls, ${resident.at(-1)?.toFixed(1)} MB resident, heap: ${heapUse()}`);
}
const { ok, problems } = auditHeap(kernel.heap);
if (!ok) failures.push({ run: runs, problem: problems.join("; ") });
const [early = 0, late = 0] = [resident[0], resident.at(-1)];
if (count >= FEWEST_FOR_GROWTH && late > early * MOST_GROWTH) {
  failures.push({ run: runs, problem: `resident memory grew from ${early.toFixed(1)} to ${late.toFixed(1)} MB` });
}
if (deaths.unplanned > runs * MOST_UNPLANNED) {
  failures.push({ run: runs, problem: `${deaths.unplanned} deadlines that nobody asked for: the machine is too busy for this` });
}
await deaths.end();
const recovery = percentiles(deaths.recoveryMicros);
const recoveryMicros = { ...recovery, p50: Math.round(recovery.p50), p99: Math.round(recovery.p99), max: Math.round(recovery.max) };
say(`deaths by cause: ${[...counts].map(([cause, of]) => `${cause} ${of}`).join(", ")}`);
say(`from fault to answered call: p50 ${recoveryMicros.p50} µs, p99 ${recoveryMicros.p99} µs, max ${recoveryMicros.max} µs`);
for (const { run, problem } of failures) say(`FAIL ${run}: ${problem}`);
console.log(JSON.stringify({ ok: failures.length === 0, seed, runs, failures, recoveryMicros, unplanned: deaths.unplanned }));
process.exitCode = failures.length === 0 ? 0 : 1;

function heapUse(): string {
  const { liveObjects, liveBytes, orphans, borrows } = kernel.heap.stats();
  return `${liveObjects} objects, ${liveBytes} bytes, ${orphans} orphans, ${borrows} borrows`;
}
