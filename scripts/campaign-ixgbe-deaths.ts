/**
 * The 82599's driver dies again and again while two stations talk: what arrives is what was sent, and every packet is accounted for.
 *
 * Usage: npm run campaign:ixgbe-deaths -- [--count N] [--seed S] [--json]
 *
 * N deaths (default 10 000), at random places of either station's driver, also while it starts again: traps, kills, quotas, calls that overrun. Printed: the outage, from the death to
 * the first frame that the station receives after it. Then N/50 more while the kernel's `ping -i 0.2` asks through a TAP interface, where there
 * is one: at most one answer is lost for each. The last line is JSON: {ok, seed, runs, causes, failures, outageMicros, ping}. Needs a built project.
 */
import { parseArgs } from "node:util";
import { runPingDeaths } from "../tests/campaigns/ixgbe-deaths/ping.ts";
import { runIxgbeDeaths } from "../tests/campaigns/ixgbe-deaths/run.ts";

/** One of these takes 0.4 s. */
const TRAFFIC_DEATHS_PER_PING_DEATH = 50;

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
if (!Number.isSafeInteger(count) || count < 1) throw new Error(`--count ${values.count}: give a whole number from 1 on`);
if (!Number.isSafeInteger(seed) || seed < 0) throw new Error(`--seed ${values.seed}: give a whole number`);
const started = performance.now();
let said = 0;
const {
  deaths,
  causes,
  frames,
  lost,
  outageMicros,
  failures: wrong,
} = await runIxgbeDeaths(count, seed, (done) => {
  if (values.json || done < said + count / 10) return;
  said = done;
  console.log(`${done} deaths, ${((performance.now() - started) / 1000).toFixed(0)} s`);
});
const ping = await runPingDeaths(Math.ceil(count / TRAFFIC_DEATHS_PER_PING_DEATH), seed);
const failures = [...wrong, ...ping.failures];
const outage = { p50: Math.round(outageMicros.p50), p99: Math.round(outageMicros.p99), max: Math.round(outageMicros.max) };
if (!values.json) {
  const kinds = Object.entries(causes).map(([cause, times]) => `${cause} ${times}`);
  console.log(`${deaths} deaths (${kinds.join(", ")}), ${frames} frames received and compared, ${lost} packets lost and replaced`);
  console.log(`from the death to the next frame: p50 ${outage.p50} µs, p99 ${outage.p99} µs, max ${outage.max} µs`);
  console.log(
    ping.skipped !== undefined
      ? `ping: skipped: ${ping.skipped}`
      : `ping: ${ping.deaths} deaths, ${ping.lost} of ${ping.questions} questions without an answer`,
  );
  for (const failure of failures) console.log(`FAIL ${failure}`);
}
console.log(JSON.stringify({ ok: failures.length === 0, seed, runs: deaths, causes, failures, outageMicros: outage, ping }));
process.exitCode = failures.length === 0 ? 0 : 1;
