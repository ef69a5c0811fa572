/**
 * The NVMe driver dies and its device fails, at every kind of point, under random workloads; what was acknowledged and flushed must be
 * there all the same, also after a power cut.
 *
 * Usage: npm run campaign:nvme-crash -- [--count N] [--seed S] [--json]
 *
 * Runs until there were N deaths of the driver and N faults of the device (default 10 000). The last line is JSON: {ok, seed, runs,
 * failures}. Needs a built project.
 */
import { parseArgs } from "node:util";
import { runCrashes } from "../tests/campaigns/nvme-crash/run.ts";
import { wholeNumber } from "./campaign-options.ts";

const { values } = parseArgs({
  options: { count: { type: "string", default: "10000" }, seed: { type: "string" }, json: { type: "boolean", default: false } },
});
const count = wholeNumber("count", values.count);
const seed = values.seed === undefined ? (Date.now() & 0x7fffffff) >>> 0 : wholeNumber("seed", values.seed);
const say = (line: string): void => {
  if (!values.json) console.log(line);
};

const started = performance.now();
const seconds = (): string => ((performance.now() - started) / 1000).toFixed(0);
const report = await runCrashes(count, seed, ({ episodes, deaths, faults }) => {
  say(`${episodes} episodes: ${deaths} deaths, ${faults} faults, ${seconds()} s`);
});
const counts = (of: ReadonlyMap<string, number>): string => [...of].map(([name, times]) => `${name} ${times}`).join(", ");
say(
  `${report.episodes} episodes: ${report.deaths} deaths, ${report.faults} faults, ${report.states} states after power cuts, ${seconds()} s`,
);
say(`deaths that were wanted: ${counts(report.strikes)}`);
say(`faults of the device: ${counts(report.faultKinds)}`);
for (const failure of report.failures) say(`FAIL ${failure}`);
console.log(JSON.stringify({ ok: report.failures.length === 0, seed, runs: report.deaths + report.faults, failures: report.failures }));
process.exitCode = report.failures.length === 0 ? 0 : 1;
