/**
 * Linux's own ixgbe driver against our 82599: Debian's kernel, booted in an emulated PC in this process.
 *
 * Usage: npm run campaign:ixgbe-linux -- [--count N] [--seed S] [--boot one-card|two-cards] [--json] [--log]
 *
 * N times (default 1) two boots: one card whose cable ends at a host program (link, echoes, counters, the card's own test, the cable pulled out), and two
 * cards at one cable (files over TCP with segmentation, checksums, tags and large frames, on and off). `--log`: the console.
 * The seed (default 1, and the next ones for more rounds) makes the cards' addresses; the guest's random data are its own.
 * The last line is JSON: {ok, seed, runs, failures}; `runs` are boots.
 * Fetches what it needs by itself, see docs/linux-campaigns.md.
 */
import { parseArgs } from "node:util";
import { type Outcome, oneCard, twoCards } from "../tests/campaigns/linux/ixgbe/cases.ts";
import { wholeNumber } from "./campaign-options.ts";

interface Failure {
  readonly boot: string;
  readonly seed: number;
  readonly problem: string;
}

const BOOTS: Readonly<Record<string, typeof oneCard>> = { "one-card": oneCard, "two-cards": twoCards };

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "1" },
    seed: { type: "string", default: "1" },
    boot: { type: "string" },
    json: { type: "boolean", default: false },
    log: { type: "boolean", default: false },
  },
});
const [count, seed] = [wholeNumber("count", values.count), wholeNumber("seed", values.seed)];
if (values.boot !== undefined && BOOTS[values.boot] === undefined) {
  console.error(`--boot ${values.boot}: one of ${Object.keys(BOOTS).join(", ")}`);
  process.exit(2);
}
const say = (line: string): void => {
  if (!values.json) console.log(line);
};

const failures: Failure[] = [];
let runs = 0;
for (let round = 0; round < count; round++) {
  for (const [name, boot] of Object.entries(BOOTS)) {
    if (values.boot !== undefined && values.boot !== name) continue;
    runs++;
    try {
      report(name, seed + round, await boot(seed + round, values.log ? (line) => console.error(line) : undefined));
    } catch (error) {
      failures.push({ boot: name, seed: seed + round, problem: (error as Error).message });
      say(`FAIL ${name}: ${(error as Error).message}`);
    }
  }
}
console.log(JSON.stringify({ ok: failures.length === 0, seed, runs, failures }));
process.exitCode = failures.length === 0 ? 0 : 1;

function report(name: string, by: number, { passed, problems, summary }: Outcome): void {
  for (const problem of problems) failures.push({ boot: name, seed: by, problem });
  say(`${problems.length === 0 ? "ok  " : "FAIL"} ${name}: ${summary[0]}`);
  for (const line of [...summary.slice(1), ...problems, passed.join(" ")]) say(`     ${line}`);
}
