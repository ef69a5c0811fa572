/**
 * Threads under chance, on one CPU or two: rounds of producers, consumers, sleepers, travellers and joiners, within a domain and between
 * domains, while threads, calls and domains are killed.
 *
 * Usage: npm run campaign:stress -- [--count SECONDS] [--seed S] [--cpus N] [--json]
 *
 * Deadlines that nobody asked for, on a machine that is too busy, are counted: more than one in a hundred rounds is a failure.
 * After every round nothing is stuck, what was sent was used once, and the shared heap holds what it held before. The last line is JSON:
 * {ok, seed, runs, failures, unplanned}. Needs a built project.
 */
import { parseArgs } from "node:util";
import { auditHeap } from "../shared-heap/audit.ts";
import { BetweenRig } from "../tests/campaigns/stress/between.ts";
import { StressRig } from "../tests/campaigns/stress/workload.ts";
import { testSystem } from "../tests/support/system.ts";
import { wholeNumber } from "./campaign-options.ts";

const MOST_FAILURES = 10;
const MOST_UNPLANNED = 0.01;
/** One round of so many is one of threads of a single domain. */
const WITHIN = 3;

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "60" },
    seed: { type: "string", default: "0" },
    cpus: { type: "string", default: "2" },
    json: { type: "boolean", default: false },
  },
});
const seconds = Number(values.count);
const seed = wholeNumber("seed", values.seed);
const cpus = wholeNumber("cpus", values.cpus);
if (!(seconds > 0)) throw new Error(`--count ${values.count}: give a number of seconds`);
if (cpus !== 1 && cpus !== 2) throw new Error(`--cpus ${values.cpus}: give 1 or 2`);

const failures: { readonly run: number; readonly problem: string }[] = [];
const t = await testSystem({ heapMegabytes: 32, cpus, supervision: { firstWaitMs: 0, intensity: 1_000_000, periodMs: 1 } });
// Nobody reads the list of deaths, and there are many.
t.system.kernel.events.on(() => {
  t.events.length = 0;
});
const within = await StressRig.start(t, seed);
const between = await BetweenRig.start(t, seed + 1);
const end = performance.now() + seconds * 1000;
let rounds = 0;
for (; performance.now() < end && failures.length < MOST_FAILURES; rounds++) {
  const problem = await (rounds % WITHIN === 0 ? within : between).round();
  if (problem === undefined) continue;
  failures.push({ run: rounds, problem });
  // What is stuck is not to be seen again.
  if (t.system.domains().some(({ name }) => name === "maker")) t.system.destroy("maker");
}
const { unplanned } = between.counts;
if (unplanned > rounds * MOST_UNPLANNED) failures.push({ run: rounds, problem: `${unplanned} deadlines that nobody asked for` });
const { problems } = auditHeap(t.system.kernel.heap);
if (problems.length > 0) failures.push({ run: rounds, problem: problems.join("; ") });
await t.end();
if (!values.json) {
  for (const [what, { counts }] of Object.entries({ "within a domain": within, "between domains": between })) {
    const { rounds: of, threadKills, domainKills, callKills } = counts;
    console.log(`${of} rounds ${what}; killed: ${threadKills} threads, ${domainKills} domains, ${callKills} by a call's budget`);
  }
  for (const { run, problem } of failures) console.log(`round ${run}: ${problem}`);
}
console.log(JSON.stringify({ ok: failures.length === 0, seed, runs: rounds, failures, unplanned }));
process.exitCode = failures.length === 0 ? 0 : 1;
