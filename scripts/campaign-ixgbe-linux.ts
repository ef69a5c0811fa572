/**
 * Linux's own ixgbe driver against our 82599: Debian's kernel, booted in an emulated PC in this process.
 *
 * Usage: npm run campaign:ixgbe-linux -- [--boot one-card|two-cards] [--json] [--log]
 *
 * Two boots: one card whose cable ends at a host program (link, echoes, counters, the card's own test, the cable pulled out), and two
 * cards at one cable (files over TCP with segmentation, checksums, tags and large frames, on and off). `--log`: the console.
 * The last line is JSON: {ok, seed, runs, failures}; nothing here depends on chance but the guest's own random data.
 * Fetches what it needs by itself, see docs/linux-campaigns.md.
 */
import { parseArgs } from "node:util";
import { type Outcome, oneCard, twoCards } from "../tests/campaigns/linux/ixgbe/cases.ts";

interface Failure {
  readonly boot: string;
  readonly problem: string;
}

const BOOTS: Readonly<Record<string, typeof oneCard>> = { "one-card": oneCard, "two-cards": twoCards };

const { values } = parseArgs({
  options: { boot: { type: "string" }, json: { type: "boolean", default: false }, log: { type: "boolean", default: false } },
});
if (values.boot !== undefined && BOOTS[values.boot] === undefined) {
  console.error(`--boot ${values.boot}: one of ${Object.keys(BOOTS).join(", ")}`);
  process.exit(2);
}
const say = (line: string): void => {
  if (!values.json) console.log(line);
};

const failures: Failure[] = [];
let runs = 0;
for (const [name, boot] of Object.entries(BOOTS)) {
  if (values.boot !== undefined && values.boot !== name) continue;
  runs++;
  try {
    report(name, await boot(values.log ? (line) => console.error(line) : undefined));
  } catch (error) {
    failures.push({ boot: name, problem: (error as Error).message });
    say(`FAIL ${name}: ${(error as Error).message}`);
  }
}
console.log(JSON.stringify({ ok: failures.length === 0, seed: 0, runs, failures }));
process.exitCode = failures.length === 0 ? 0 : 1;

function report(name: string, { passed, problems, summary }: Outcome): void {
  for (const problem of problems) failures.push({ boot: name, problem });
  say(`${problems.length === 0 ? "ok  " : "FAIL"} ${name}: ${summary[0]}`);
  for (const line of [...summary.slice(1), ...problems, passed.join(" ")]) say(`     ${line}`);
}
