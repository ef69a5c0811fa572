/**
 * Threads under chance: rounds of producers, consumers, sleepers and joiners, while threads, calls and domains are killed.
 *
 * Usage: npm run campaign:stress -- [--count SECONDS] [--seed S] [--json]
 *
 * After every round nothing is stuck, what was sent was used once, and the shared heap holds what it held before. The last line is JSON:
 * {ok, seed, runs, failures}. Needs a built project.
 */
import { parseArgs } from "node:util";
import { StressRig } from "../tests/campaigns/stress/workload.ts";
import { testSystem } from "../tests/support/system.ts";

const MOST_FAILURES = 10;

const { values } = parseArgs({
  options: { count: { type: "string", default: "60" }, seed: { type: "string", default: "0" }, json: { type: "boolean", default: false } },
});
const seconds = Number(values.count);
const seed = Number(values.seed);
if (!(seconds > 0)) throw new Error(`--count ${values.count}: give a number of seconds`);

const failures: { readonly run: number; readonly problem: string }[] = [];
const t = await testSystem({ heapMegabytes: 32 });
// Nobody reads the list of deaths, and there are many.
t.system.kernel.events.on(() => {
  t.events.length = 0;
});
const rig = await StressRig.start(t, seed);
const end = performance.now() + seconds * 1000;
while (performance.now() < end && failures.length < MOST_FAILURES) {
  const problem = await rig.round();
  if (problem === undefined) continue;
  failures.push({ run: rig.counts.rounds, problem });
  // What is stuck is not to be seen again.
  if (t.system.domains().length > 0) t.system.destroy("maker");
}
await t.end();
const { rounds, threadKills, domainKills, callKills } = rig.counts;
if (!values.json) {
  console.log(`${rounds} rounds; killed: ${threadKills} threads, ${domainKills} domains, ${callKills} by a call's budget`);
  for (const { run, problem } of failures) console.log(`round ${run}: ${problem}`);
}
console.log(JSON.stringify({ ok: failures.length === 0, seed, runs: rounds, failures }));
process.exitCode = failures.length === 0 ? 0 : 1;
