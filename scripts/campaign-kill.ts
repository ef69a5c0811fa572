/**
 * Kills at every point: for each scenario, the running domain and each domain of the chain at every safepoint and kernel crossing, with two
 * CPUs at those of either; then stack overflows at shifted depths around each crossing, with cold and with optimised code, with two CPUs on
 * the stack of either.
 *
 * Usage: npm run campaign:kill -- [--count N] [--seed S] [--cpus N] [--json]
 *
 * --count limits the number of scenarios (default: all). There is nothing random: --seed is taken and reported. Points enumerated must equal
 * points killed, where the victim still lived. The last line is JSON: {ok, seed, runs, failures}. Needs a built project.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { crosses, SCENARIOS } from "../tests/campaigns/kill/scenarios.ts";
import { type Layout, type Outcome, Trials, VICTIMS } from "../tests/campaigns/kill/trials.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: String(SCENARIOS.length) },
    seed: { type: "string", default: "0" },
    json: { type: "boolean", default: false },
    cpus: { type: "string", default: "1" },
    phase: { type: "string" },
  },
});
const count = Number(values.count);
if (!Number.isSafeInteger(count) || count < 1) throw new Error(`--count ${values.count}: give a whole number from 1 on`);

/** 2: the domain in the middle is on a CPU of its own; for overflows then the two at the ends. */
const cpus = Number(values.cpus);
if (cpus !== 1 && cpus !== 2) throw new Error(`--cpus ${values.cpus}: give 1 or 2`);

/** Code that stays as V8 first makes it. Set from outside: what is compiled once is not compiled again. */
/** What kills on the other CPU. */
const THERE = new URL("../tests/campaigns/kill/there.ts", import.meta.url).href;
const COLD_FLAGS = ["--no-opt", "--no-maglev", "--no-sparkplug", "--wasm-tiering-budget=100000000"];
/** Calls that let V8 optimise everything on the way. */
const WARM_UP = 3000;
/** Depths tried behind the deepest that succeeds, per size of frame; cold code takes ten times as long. */
const BEYOND = { cold: 25, hot: 100 } as const;

interface Report {
  readonly runs: number;
  readonly failures: readonly string[];
}

if (values.phase === undefined) campaign();
else await phase(values.phase);

/** Each phase in a process of its own, because of the flags. */
function campaign(): void {
  const reports = [part("kill", ["--import", THERE]), part("cold", COLD_FLAGS), part("hot", [])];
  const failures = reports.flatMap((report) => report.failures);
  const runs = reports.reduce((sum, report) => sum + report.runs, 0);
  console.log(JSON.stringify({ ok: failures.length === 0, seed: Number(values.seed), runs, failures }));
  process.exitCode = failures.length === 0 ? 0 : 1;
}

function part(name: string, flags: readonly string[]): Report {
  const args = [
    ...flags,
    fileURLToPath(import.meta.url),
    "--phase",
    name,
    "--count",
    values.count,
    "--cpus",
    values.cpus,
    ...(values.json ? ["--json"] : []),
  ];
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const last = stdout.trimEnd();
  if (status === 0) return JSON.parse(last) as Report;
  return { runs: 0, failures: [`${name}: the process ended with ${status}: ${last}`] };
}

async function phase(name: string): Promise<void> {
  const failures: string[] = [];
  let runs = 0;
  const layouts: readonly Layout[] = name === "kill" || cpus === 1 ? ["middle there"] : ["middle there", "ends there"];
  const all = SCENARIOS.slice(0, count).flatMap((scenario) => layouts.map((layout) => ({ scenario, layout })));
  for (const { scenario, layout } of all) {
    const started = performance.now();
    const trials = await Trials.start(scenario, cpus, layout);
    const counts: string[] = [];
    const note = (what: string, { points, killed, problems }: Outcome): void => {
      runs += points;
      failures.push(...problems);
      counts.push(`${what} ${killed} of ${points}`);
      if (points === 0) failures.push(`${scenario.name}: ${what}: no point was reached`);
    };
    if (name === "kill") {
      for (const victim of VICTIMS) note(victim, trials.killEverywhere(victim));
      if (cpus > 1 && crosses(scenario)) for (const victim of VICTIMS) note(`${victim} there`, trials.killEverywhere(victim, true));
    } else note(`${name} stack ended`, name === "hot" ? trials.overflow(WARM_UP, BEYOND.hot) : trials.overflow(0, BEYOND.cold));
    await trials.end();
    if (!values.json)
      console.error(
        `${name}: ${scenario.name}${layout === "ends there" ? ", from the other CPU" : ""}: ${counts.join(", ")} (${((performance.now() - started) / 1000).toFixed(1)} s)`,
      );
  }
  if (!values.json) for (const failure of failures) console.error(`FAIL ${failure}`);
  console.log(JSON.stringify({ runs, failures }));
}
