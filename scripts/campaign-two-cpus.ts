/**
 * Two CPUs on one heap: two threads with a kernel and domains each exchange objects for a minute, while a third kills domains and drops
 * objects on their way. Nobody may ever see a byte that is not his, nothing may be left, and the heap's tables must agree.
 *
 * Usage: npm run campaign:two-cpus -- [--count SECONDS] [--seed S] [--json]
 *
 * The last line is JSON: {ok, seed, runs, failures}; runs are objects received. Needs a built project.
 */
import { parseArgs } from "node:util";
import { runTwoCpus } from "../tests/campaigns/two-cpus/run.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});
const seconds = Number(values.count);
const seed = Number(values.seed);
if (!(seconds > 0) || !Number.isSafeInteger(seed)) throw new Error("--count takes seconds, --seed a whole number");

const { received, deaths, dropped, seconds: elapsed, failures } = await runTwoCpus(seconds, seed);
if (!values.json) {
  const rate = Math.round(received / elapsed).toLocaleString("en");
  console.log(
    `${received} objects received in ${elapsed.toFixed(1)} s (${rate} per second), ${deaths} deaths, ${dropped} dropped on their way`,
  );
  for (const failure of failures) console.log(`FAIL ${failure}`);
}
const isEmpty = received === 0 || deaths === 0 || dropped === 0;
const all = isEmpty ? [...failures, "nothing was exchanged, killed or dropped"] : failures;
console.log(JSON.stringify({ ok: all.length === 0, seed, runs: received, failures: all }));
process.exitCode = all.length === 0 ? 0 : 1;
