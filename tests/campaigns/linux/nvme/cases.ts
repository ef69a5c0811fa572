/**
 * Boots of Linux on our NVMe controller, and what must be true afterwards: the guest's steps, its kernel's log, the medium as the
 * host sees it, and a controller that was shut down in order with nothing in flight. Called by scripts/campaign-nvme-linux.ts.
 */
import { createHash } from "node:crypto";
import { NvmeModel } from "../../../../devices/nvme/model.ts";
import { REG } from "../../../../devices/nvme/registers.ts";
import { MemoryStore } from "../../../../host/backends/memory-store.ts";
import { seededRandom } from "../../../support/seeded-random.ts";
import type { Guest } from "../initrd.ts";
import { type Boot, boot } from "../pc.ts";
import { judge } from "../verdict.ts";

export interface Machine {
  readonly name: string;
  readonly lbaBytes: 512 | 4096;
  /** Largest transfer: 4096 << n bytes. */
  readonly mdts: number;
  /** Commands complete inside the doorbell write, or some time later. */
  readonly mode: "at once" | "later";
}

export interface Outcome {
  readonly passed: readonly string[];
  readonly problems: readonly string[];
  readonly summary: string;
  readonly facts: ReadonlyMap<string, string>;
}

/** 64 MiB. */
const BLOCKS = 16_384;
const SLOT = 8;
const LIMIT_MS = 900_000;
const UNITS = { "": 1, k: 1024, M: 1 << 20 } as const;
/** CSTS: shutdown status, complete. */
const SHUT_DOWN = 2;

export class Disk {
  readonly store: MemoryStore = new MemoryStore(BLOCKS);

  constructor(seed: number) {
    const words = new Uint32Array(this.store.bytes.buffer);
    const random = seededRandom(seed);
    for (let i = 0; i < words.length; i += 64) words[i] = random() * 2 ** 32;
  }

  md5(start = 0, bytes: number = this.store.bytes.length): string {
    return createHash("md5")
      .update(this.store.bytes.subarray(start, start + bytes))
      .digest("hex");
  }
}

/** One boot of one guest on one disk. */
export async function runGuest(
  machine: Machine,
  disk: Disk,
  guest: Guest,
  seed: number,
  onLine?: (line: string) => void,
): Promise<Outcome> {
  const later = machine.mode === "later";
  const model = new NvmeModel({
    store: disk.store,
    lbaBytes: machine.lbaBytes,
    mdts: machine.mdts,
    serial: `LINUX-${seed}`,
    ...(later ? { deferred: {} } : {}),
  });
  const random = seededRandom(seed);
  const before = disk.md5();
  const problems: string[] = [];
  const inspect = (): void => {
    const status = model.read32(REG.csts);
    if (((status >>> 2) & 3) !== SHUT_DOWN) problems.push(`CSTS is ${status.toString(16)}: the controller was not shut down`);
    if (model.inFlight > 0) problems.push(`${model.inFlight} commands in flight after the shutdown`);
    if (model.accessErrors > 0) problems.push(`${model.accessErrors} accesses that no driver should make`);
    if (model.lastMediaError !== undefined) problems.push(`the medium failed: ${model.lastMediaError}`);
  };
  const result: Boot = await boot({
    guest,
    slots: new Map([[SLOT, model]]),
    limitMs: LIMIT_MS,
    onOff: inspect,
    onLine: (line) => {
      onLine?.(line);
      const problem = mediumProblem(line, disk);
      if (problem !== undefined) problems.push(problem);
    },
    ...(later ? { onTick: () => model.advance(1 + Math.floor(random() * 4)) } : {}),
  });
  const { bridge, seconds } = result;
  const verdict = judge(result.lines, guest.script);
  problems.push(...verdict.problems);
  if (bridge.pins !== 0) problems.push(`${bridge.pins} pins left`);
  if (bridge.refused !== 0) problems.push(`${bridge.refused} transfers outside the guest's memory`);
  problems.push(...factProblems(machine, seed, before, verdict.facts));
  const summary =
    `${verdict.passed.length} steps, ${bridge.accesses} register accesses, ${bridge.interrupts} interrupts, ` + `${seconds.toFixed(0)} s`;
  return { passed: verdict.passed, problems, summary, facts: verdict.facts };
}

/** At the moment in which the guest says that it has written something, the host looks where it must be. */
function mediumProblem(line: string, disk: Disk): string | undefined {
  const [, size = "", unit = "", count, seek, md5] = /^@@ fact medium (\d+)([kM]?) (\d+) (\d+) (\w+)$/.exec(line) ?? [];
  if (md5 === undefined) return undefined;
  const block = Number(size) * UNITS[unit as keyof typeof UNITS];
  const found = disk.md5(Number(seek) * block, Number(count) * block);
  return found === md5 ? undefined : `what the guest has written is not on the medium: ${line}`;
}

function factProblems(machine: Machine, seed: number, before: string, facts: ReadonlyMap<string, string>): string[] {
  const expected: Record<string, string> = {
    state: "live",
    serial: `LINUX-${seed}`,
    sectors: String((BLOCKS * 4096) / 512),
    "block-bytes": String(machine.lbaBytes),
    "most-kib": String(4 << machine.mdts),
    whole: before,
  };
  const problems: string[] = [];
  for (const [name, value] of Object.entries(expected))
    if (facts.get(name) !== value) problems.push(`${name}: the guest says "${facts.get(name)}", and it is "${value}"`);
  return problems;
}
