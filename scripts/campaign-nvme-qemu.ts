/**
 * The NVMe driver domain against a controller that nobody here wrote: QEMU's, by its qtest protocol.
 *
 * Usage: npm run campaign:nvme-qemu -- [--count N] [--seed S] [--json]
 *
 * Runs N cases (default 1000) on each of several controllers: logical blocks of 512 and 4096 bytes, transfers whole or in pieces;
 * each has a second namespace of the other kind of blocks, and the four I/O queues that the driver asks for.
 * The last line is JSON: {ok, seed, runs, failures}. Installs Debian's qemu-system-x86 when it is missing. Needs a built project.
 */
import { parseArgs } from "node:util";
import { Bench, CASES, type Case, INIT, WHOLE_IMAGE } from "../tests/campaigns/nvme-qemu/cases.ts";
import { ensureQemu } from "../tests/campaigns/nvme-qemu/machine.ts";
import { Random } from "../tests/campaigns/nvme-qemu/random.ts";
import { Rig, type RigOptions } from "../tests/campaigns/nvme-qemu/rig.ts";
import { wholeNumber } from "./campaign-options.ts";

interface Failure {
  readonly machine: string;
  readonly run: number;
  readonly case: string;
  readonly problem: string;
}

const MACHINES: readonly RigOptions[] = [
  { blocks: 2048, sectorBytes: 512, mdts: 7 },
  { blocks: 2048, sectorBytes: 4096, mdts: 0 },
  { blocks: 1024, sectorBytes: 512, mdts: 1 },
  { blocks: 1024, sectorBytes: 4096, mdts: 3 },
];
/** A broken driver fails every case: the first few say enough. */
const MOST_FAILURES_PER_MACHINE = 5;

const { values } = parseArgs({
  options: { count: { type: "string", default: "1000" }, seed: { type: "string" }, json: { type: "boolean", default: false } },
});
const count = wholeNumber("count", values.count);
const seed = values.seed === undefined ? (Date.now() & 0x7fffffff) >>> 0 : wholeNumber("seed", values.seed);
const say = (line: string): void => {
  if (!values.json) console.log(line);
};

const failures: Failure[] = [];
let runs = 0;
try {
  ensureQemu();
} catch (error) {
  console.error((error as Error).message);
  process.exit(2);
}
for (const [index, options] of MACHINES.entries()) await campaign(options, new Random(seed + index));
console.log(JSON.stringify({ ok: failures.length === 0, seed, runs, failures }));
process.exitCode = failures.length === 0 ? 0 : 1;

async function campaign(options: RigOptions, random: Random): Promise<void> {
  const machine = `${options.blocks} blocks, sectors of ${options.sectorBytes} bytes, mdts ${options.mdts}`;
  const started = performance.now();
  const before = failures.length;
  const failed = (name: string, problem: unknown): void => {
    failures.push({ machine, run: runs, case: name, problem: problem instanceof Error ? problem.message : String(problem) });
    say(`FAIL ${machine}: run ${runs}: ${name}: ${failures.at(-1)?.problem}`);
  };
  let rig: Rig;
  try {
    rig = await Rig.start(options);
  } catch (error) {
    runs++;
    failed(INIT.name, error);
    return;
  }
  const bench = new Bench(rig, random);
  const times = new Map<string, number>();
  for (const one of plan(options, random)) {
    runs++;
    try {
      one.run(bench);
    } catch (error) {
      failed(one.name, error);
      rig.bridge.behave();
      if (failures.length - before >= MOST_FAILURES_PER_MACHINE) break;
    }
    times.set(one.name, (times.get(one.name) ?? 0) + 1);
  }
  const { commands, overlapping, mostAtOnce, tails } = rig.bridge.seen;
  if (tails.size < 4 || mostAtOnce < 16)
    failed("what was seen", `${tails.size} queues were used, at most ${mostAtOnce} commands with one doorbell`);
  const restarts = rig.deaths.length;
  for (const problem of await rig.stop()) failed("memory at the end", problem);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const accesses = rig.machine.qtest.count;
  say(
    `${machine}: ${commands} commands, ${overlapping} of them beside others, up to ${mostAtOnce} with one doorbell, ${tails.size} queues, ${restarts} restarts, ${accesses} register accesses, ${seconds} s`,
  );
  for (const [name, n] of times) say(`  ${String(n).padStart(5)}  ${name}`);
}

/** Every case once, then at random by weight. */
function* plan(options: RigOptions, random: Random): Iterable<Case> {
  const cases = CASES.filter(({ suits }) => suits?.(options) ?? true);
  yield INIT;
  yield* cases;
  const weighted = cases.flatMap((one) => new Array<Case>(one.weight).fill(one));
  for (let n = cases.length; n < count; n++) yield random.pick(weighted);
  yield WHOLE_IMAGE;
}
