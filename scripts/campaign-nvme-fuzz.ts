/**
 * The NVMe controller under a driver that does anything at all: registers, doorbells, entries and lists by chance, half of the time
 * beside a second CPU that changes entries and lists while they are parsed.
 *
 * Usage: npm run campaign:nvme-fuzz -- [--count N] [--seed S] [--json]
 *
 * Makes N operations on the window, entries and descriptors (default 5 000 000). The last line is JSON: {ok, seed, runs, failures}.
 * A life that failed without a second CPU is repeated by its seed: --seed S --count 1.
 */
import { parseArgs } from "node:util";
import { runFuzz } from "../tests/campaigns/nvme-fuzz/run.ts";
import { wholeNumber } from "./campaign-options.ts";

const { values } = parseArgs({
  options: { count: { type: "string", default: "5000000" }, seed: { type: "string" }, json: { type: "boolean", default: false } },
});
const count = wholeNumber("count", values.count);
const seed = values.seed === undefined ? (Date.now() & 0x7fffffff) >>> 0 : wholeNumber("seed", values.seed);
const started = performance.now();
const report = await runFuzz(count, seed, (operations) => {
  if (!values.json) console.log(`${operations} operations, ${((performance.now() - started) / 1000).toFixed(0)} s`);
});
const { operations, lives, besideSecondCpu, completions, failures } = report;
if (!values.json) {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${operations} operations in ${lives} lives, ${besideSecondCpu} of them beside a second CPU: ${completions} completions, ${seconds} s`,
  );
  for (const failure of failures) console.log(`FAIL ${failure}`);
}
console.log(JSON.stringify({ ok: failures.length === 0, seed, runs: operations, failures }));
process.exitCode = failures.length === 0 ? 0 : 1;
