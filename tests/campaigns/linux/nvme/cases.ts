/**
 * Boots of Linux on our NVMe controller, and what must be true afterwards: the guest's steps, its kernel's log, the medium as the
 * host sees it, and a controller that was shut down in order with nothing in flight. Called by scripts/campaign-nvme-linux.ts.
 */
import { ADMIN } from "../../../../devices/nvme/codes.ts";
import { type FaultSource, type NvmeFault, SeededFaults } from "../../../../devices/nvme/faults.ts";
import { NvmeModel } from "../../../../devices/nvme/model.ts";
import type { NvmeOptions } from "../../../../devices/nvme/options.ts";
import { REG } from "../../../../devices/nvme/registers.ts";
import { MemoryStore } from "../../../../host/backends/memory-store.ts";
import { seededRandom } from "../../../../host/platform/seeded-random.ts";
import type { Guest } from "../initrd.ts";
import { boot } from "../pc.ts";
import { judge } from "../verdict.ts";
import { DISK_BYTES, type Disk, md5 } from "./disk.ts";

export interface Machine {
  readonly name: string;
  readonly lbaBytes: 512 | 4096;
  /** Largest transfer: 4096 << n bytes. */
  readonly mdts: number;
  /**
   * When commands complete: inside the doorbell write; some time later and out of order; when a file has done its part;
   * or, at once or later, as faults of the device let them.
   */
  readonly mode: "at once" | "shuffled" | "file" | "faults";
  /** Bytes of a second namespace, with blocks of 512 bytes; its guest gives commands by hand, some of which must fail. */
  readonly second?: number;
}

export interface Outcome {
  readonly passed: readonly string[];
  readonly problems: readonly string[];
  readonly summary: string;
  readonly facts: ReadonlyMap<string, string>;
}

const SLOT = 8;
/** A boot takes half a minute; a machine that many others use may need ten times that. */
const LIMIT_MS = 900_000;
const UNITS = { "": 1, k: 1024, M: 1 << 20 } as const;
/** More commands than are in flight at once. */
const CALM_AFTER_RESET = 64;
/** CSTS: shutdown status, complete. */
const SHUT_DOWN = 2;
/** Internal Error, which the driver may try again. */
const INTERNAL = 0x006;
const FAULTS: readonly NvmeFault[] = [
  { kind: "stuck", deaf: false },
  { kind: "stuck", deaf: true },
  { kind: "status", status: INTERNAL },
  { kind: "slow", accesses: 40 },
  { kind: "lost-interrupt" },
  { kind: "wrong-id", flip: 0x1000 },
];
/** What the driver says of faults that it has dealt with. */
const DEALT_WITH = [
  // What was read ahead is not asked for twice.
  /^nvme0n1: I\/O Cmd\(0x2\) @ LBA \d+, \d+ blocks, I\/O Error/,
  /^I\/O error, dev nvme0n1, sector \d+ op 0x0:\(READ\) flags 0x8\w{4} /,
  /^nvme nvme0: I\/O \d+ .*timeout, (aborting|reset controller|completion polled)/,
  /^nvme nvme0: Abort status: 0x\w+/,
  /^nvme nvme0: controller is down; will reset: CSTS=0x\w+/,
  /^nvme nvme0: (invalid id \d+ completed on queue|request 0x\w+ genctr mismatch)/,
  /^nvme nvme0: resetting controller/,
];

const RESET_ASKED_FOR = /^nvme nvme0: resetting controller/;

/** One boot of one guest on one disk. */
export async function runGuest(
  machine: Machine,
  disk: Disk,
  guest: Guest,
  seed: number,
  onLine?: (line: string) => void,
): Promise<Outcome> {
  const random = seededRandom(seed);
  const faults = new SeededFaults({ seed, oneIn: 40, kinds: FAULTS });
  let dies = false;
  let calm = 0;
  const source: FaultSource = {
    next: (sqId, opcode, cid) => {
      // Linux removes a controller that fails it before a reset is over, and sends again what was in flight before it is.
      if (sqId === 0) calm = opcode === ADMIN.createSq ? CALM_AFTER_RESET : calm;
      else if (calm > 0) calm--;
      else if (dies) {
        dies = false;
        return { kind: "fatal" };
      } else return faults.next(sqId, opcode, cid);
      return undefined;
    },
  };
  const model = new NvmeModel({
    store: disk.store,
    lbaBytes: machine.lbaBytes,
    mdts: machine.mdts,
    serial: `LINUX-${seed}`,
    clock: { nowMicros: () => performance.now() * 1000 },
    ...(machine.second === undefined ? {} : { more: [{ store: new MemoryStore(machine.second / 4096), lbaBytes: 512 as const }] }),
    ...modeOptions(machine, seed, source),
  });
  const before = md5(disk.read(0, DISK_BYTES));
  const problems: string[] = [];
  const inspect = (): void => {
    const status = model.read32(REG.csts);
    if (((status >>> 2) & 3) !== SHUT_DOWN) problems.push(`CSTS is ${status.toString(16)}: the controller was not shut down`);
    if (model.inFlight > 0) problems.push(`${model.inFlight} commands in flight after the shutdown`);
    if (model.accessErrors > 0) problems.push(`${model.accessErrors} accesses that no driver should make`);
    if (machine.second === undefined && model.lastMediaError !== undefined) problems.push(`the medium failed: ${model.lastMediaError}`);
  };
  const { bridge, seconds, lines } = await boot({
    guest,
    slots: new Map([[SLOT, model]]),
    limitMs: LIMIT_MS,
    onOff: inspect,
    onLine: (line) => {
      onLine?.(line);
      if (line === "@@ fact fatal next") dies = true;
      const problem = mediumProblem(line, disk);
      if (problem !== undefined) problems.push(problem);
    },
    onTick: () => {
      if (machine.mode === "shuffled") model.advance(1 + Math.floor(random() * 4));
      model.tick();
    },
  });
  const { passed, facts, problems: found } = judge(lines, guest.script, expected(machine));
  problems.push(...found, ...factProblems(machine, seed, before, facts));
  if (bridge.pins !== 0) problems.push(`${bridge.pins} pins left`);
  if (bridge.refused !== 0) problems.push(`${bridge.refused} transfers outside the guest's memory`);
  const count = faults.injected.length;
  const injected =
    machine.mode === "faults" ? `, ${count} faults of ${new Set(faults.injected.map(({ fault }) => fault.kind)).size} kinds` : "";
  const summary = `${passed.length} steps, ${bridge.accesses} register accesses, ${bridge.interrupts} interrupts${injected}, ${seconds.toFixed(0)} s`;
  return { passed, problems, summary, facts };
}

function expected({ mode, second }: Machine): readonly RegExp[] {
  if (mode === "faults") return DEALT_WITH;
  return second === undefined ? [] : [RESET_ASKED_FOR];
}

function modeOptions({ mode }: Machine, seed: number, faults: FaultSource): Partial<NvmeOptions> {
  if (mode === "shuffled") return { deferred: { shuffle: seed } };
  if (mode === "file") return { asynchronous: true };
  return mode === "faults" ? { faults } : {};
}

/** At the moment in which the guest says that it has written something, the host looks where it must be. */
function mediumProblem(line: string, disk: Disk): string | undefined {
  const [, size = "", unit = "", count, seek, sum] = /^@@ fact medium (\d+)([kM]?) (\d+) (\d+) (\w+)$/.exec(line) ?? [];
  if (sum === undefined) return undefined;
  const block = Number(size) * UNITS[unit as keyof typeof UNITS];
  const found = md5(disk.read(Number(seek) * block, Number(count) * block));
  return found === sum ? undefined : `what the guest has written is not on the medium: ${line}`;
}

function factProblems(machine: Machine, seed: number, before: string, facts: ReadonlyMap<string, string>): string[] {
  const known: Record<string, string> = {
    state: "live",
    serial: `LINUX-${seed}`,
    sectors: String(DISK_BYTES / 512),
    "block-bytes": String(machine.lbaBytes),
    "most-kib": String(4 << machine.mdts),
    whole: before,
    ...(machine.second === undefined ? {} : { namespaces: "0x1 0x2", second: `${machine.second / 512} 512` }),
  };
  const problems: string[] = [];
  for (const [name, value] of Object.entries(known))
    if (facts.get(name) !== value) problems.push(`${name}: the guest says "${facts.get(name)}", and it is "${value}"`);
  return problems;
}
