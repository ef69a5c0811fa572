/**
 * Linux's own NVMe driver against our controller: Debian's kernel, booted in an emulated PC in this process.
 *
 * Usage: npm run campaign:nvme-linux -- [--probe] [--seed S] [--json] [--log] [--machine N]
 *
 * For each controller (block sizes, transfer limits, when commands complete) two boots with one disk: the first works on it, the
 * second finds what the first left; one boot with a device that has faults, and one with commands by hand. `--probe`: one boot that finds the disk and reads it.
 * `--machine N`: only that one of the controllers, from 0 on. `--log`: the console.
 * The last line is JSON: {ok, seed, runs, failures}. Fetches what it needs by itself, see docs/linux-campaigns.md.
 */
import { parseArgs } from "node:util";
import { type Machine, type Outcome, runGuest } from "../tests/campaigns/linux/nvme/cases.ts";
import { type Disk, fileDisk, memoryDisk } from "../tests/campaigns/linux/nvme/disk.ts";
import { AGAIN, BY_HAND, PROBE_ONLY, THROUGH_FAULTS, WORK } from "../tests/campaigns/linux/nvme/scripts.ts";

interface Failure {
  readonly machine: string;
  readonly boot: string;
  readonly problem: string;
}

const MACHINES: readonly Machine[] = [
  { name: "blocks of 512 bytes, at once", lbaBytes: 512, mdts: 8, mode: "at once" },
  { name: "blocks of 4096 bytes, later and out of order", lbaBytes: 4096, mdts: 5, mode: "shuffled" },
  { name: "blocks of 512 bytes, a file, transfers of at most 8 KiB", lbaBytes: 512, mdts: 1, mode: "file" },
  { name: "blocks of 4096 bytes, a device with faults", lbaBytes: 4096, mdts: 8, mode: "faults" },
  { name: "blocks of 4096 bytes, two namespaces, commands by hand", lbaBytes: 4096, mdts: 8, mode: "at once", second: 8 << 20 },
];

const { values } = parseArgs({
  options: {
    probe: { type: "boolean", default: false },
    seed: { type: "string" },
    json: { type: "boolean", default: false },
    log: { type: "boolean", default: false },
    machine: { type: "string" },
  },
});
const seed = Number(values.seed ?? (Date.now() & 0x7fffffff) >>> 0);
if (!Number.isSafeInteger(seed) || seed < 0) {
  console.error(`--seed ${values.seed}: not a whole number`);
  process.exit(2);
}
const say = (line: string): void => {
  if (!values.json) console.log(line);
};

const failures: Failure[] = [];
let runs = 0;
for (const [index, machine] of (values.probe ? MACHINES.slice(0, 1) : MACHINES).entries()) {
  if (values.machine !== undefined && Number(values.machine) !== index) continue;
  const disk = machine.mode === "file" ? fileDisk(seed + index, machine.lbaBytes) : memoryDisk(seed + index);
  try {
    await boots(machine, disk, index);
  } finally {
    disk.close();
  }
}
console.log(JSON.stringify({ ok: failures.length === 0, seed, runs, failures }));
process.exitCode = failures.length === 0 ? 0 : 1;

async function boots(machine: Machine, disk: Disk, index: number): Promise<void> {
  if (values.probe) await one(machine, "probe", disk, index, PROBE_ONLY);
  else if (machine.second !== undefined) await one(machine, "one boot", disk, index, BY_HAND);
  else if (machine.mode === "faults") await one(machine, "one boot", disk, index, THROUGH_FAULTS);
  else {
    const first = await one(machine, "first boot", disk, index, WORK);
    const second = first && (await one(machine, "second boot", disk, index, AGAIN));
    if (second && first.facts.get("sums") !== second.facts.get("sums"))
      failures.push({ machine: machine.name, boot: "second boot", problem: "the list of files is another one" });
  }
}

async function one(machine: Machine, name: string, disk: Disk, index: number, guest: typeof WORK): Promise<Outcome | undefined> {
  runs++;
  try {
    const onLine = values.log ? (line: string): void => console.error(line) : undefined;
    const outcome = await runGuest(machine, disk, guest, seed + index, onLine);
    for (const problem of outcome.problems) failures.push({ machine: machine.name, boot: name, problem });
    say(`${outcome.problems.length === 0 ? "ok  " : "FAIL"} ${machine.name}: ${name}: ${outcome.summary}`);
    for (const problem of outcome.problems) say(`     ${problem}`);
    say(`     ${outcome.passed.join(" ")}`);
    return outcome;
  } catch (error) {
    failures.push({ machine: machine.name, boot: name, problem: (error as Error).message });
    say(`FAIL ${machine.name}: ${name}: ${(error as Error).message}`);
    return undefined;
  }
}
