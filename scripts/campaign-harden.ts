/**
 * Differential testing of the hardener: every domain of the tree and random modules run as they were built and hardened, on the same
 * inputs; results, traps, questions to the host and memory must be the same, except where the stack ends or something takes too long.
 *
 * Usage: npm run campaign:harden -- [--count N] [--seed S] [--json]
 *
 * --count is the number of random modules (default 2000), --seed the first one's. The last line is JSON: {ok, seed, runs, failures}.
 * Needs a built project.
 */
import { parseArgs } from "node:util";
import { compareMany } from "../tests/campaigns/harden/run.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
if (!Number.isSafeInteger(count) || count < 1) throw new Error(`--count ${values.count}: give a whole number from 1 on`);
if (!Number.isSafeInteger(seed) || seed < 1) throw new Error(`--seed ${values.seed}: give a whole number from 1 on`);

const started = performance.now();
const totals = await compareMany(seed, count, (line) => {
  if (!values.json) console.error(line);
});
if (!values.json) {
  const { modules, calls, traps, questions, ended, refused } = totals;
  console.error(`${modules} modules, ${calls} calls, ${traps} traps, ${questions} questions, ${seconds()} s`);
  for (const [why, times] of ended) console.error(`compared in part: ${times} × ${why}`);
  for (const [why, times] of refused) console.error(`not accepted, so not counted: ${times} × ${why}`);
  for (const difference of totals.differences) console.error(`FAIL ${difference}`);
}
const failures = totals.differences;
console.log(JSON.stringify({ ok: failures.length === 0, seed, runs: totals.modules, calls: totals.calls, failures }));
process.exitCode = failures.length === 0 ? 0 : 1;

function seconds(): string {
  return ((performance.now() - started) / 1000).toFixed(0);
}
