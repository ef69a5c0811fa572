/**
 * Episodes of a random workload under deaths of the driver and faults of the device. At the end of each: everything has come back,
 * nothing is left on the heap, every block can be read, and after any power cut what was flushed is there.
 */
import type { NvmeFault } from "../../../devices/nvme/faults.ts";
import { seededRandom } from "../../../host/platform/seeded-random.ts";
import { BdevClient, NvmeClient } from "./client.ts";
import { BLOCK_BYTES, Oracle } from "./oracle.ts";
import { BLOCKS, CrashRig, DEATH_POINTS, type DeathPoint } from "./rig.ts";

const STEPS = 40;
const MOST_FAILURES = 5;
const CUTS = 3;
const STATES_PER_CUT = 12;
/** Per call, so that three tries may still do it. */
const MOST_FAULTS = 3;
const COUNTDOWNS: Readonly<Record<DeathPoint, number>> = { safepoint: 300, "before an access": 40, "after an access": 40, "in flight": 6 };

export interface CrashReport {
  episodes: number;
  deaths: number;
  faults: number;
  readonly strikes: Map<DeathPoint, number>;
  readonly faultKinds: Map<string, number>;
  /** States of the medium after power cuts that were judged. */
  states: number;
  readonly failures: string[];
}

/** Runs until there were `count` deaths and `count` faults. */
export async function runCrashes(count: number, seed: number, said: (report: CrashReport) => void = () => {}): Promise<CrashReport> {
  const report: CrashReport = {
    episodes: 0,
    deaths: 0,
    faults: 0,
    strikes: new Map(),
    faultKinds: new Map(),
    states: 0,
    failures: [],
  };
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const rigs: CrashRig[] = [];
  try {
    for (const kind of ["bdev", "nvme", "interrupts"] as const) {
      for (const deferred of [false, true]) rigs.push(await CrashRig.start({ kind, deferred, seed: seed + rigs.length, below }));
    }
    const baselines = rigs.map((rig) => use(rig));
    while ((report.deaths < count || report.faults < count) && report.failures.length < MOST_FAILURES) {
      const place = report.episodes++ % rigs.length;
      const rig = rigs[place] as CrashRig;
      try {
        await episode(rig, below, report);
        if (use(rig) !== baselines[place]) throw new Error(`the heap holds ${use(rig)}, before it held ${baselines[place]}`);
      } catch (error) {
        report.failures.push(`episode ${report.episodes} (${rig.kind}): ${(error as Error).message}`);
        // What a failed episode leaves behind would fail the next ones.
        break;
      }
      report.deaths = rigs.reduce((sum, { deaths }) => sum + deaths, 0);
      report.faults = rigs.reduce((sum, { faults }) => sum + faults, 0);
      if (report.episodes % 100 === 0) said(report);
    }
  } finally {
    for (const rig of rigs) {
      for (const [point, times] of rig.strikes) report.strikes.set(point, (report.strikes.get(point) ?? 0) + times);
      await rig.system.stop();
    }
  }
  return report;
}

async function episode(rig: CrashRig, below: (limit: number) => number, report: CrashReport): Promise<void> {
  rig.renew();
  const oracle = new Oracle(BLOCKS);
  const client = rig.kind === "bdev" ? new BdevClient(rig, oracle, below) : new NvmeClient(rig, oracle, below);
  for (let step = 0; step < STEPS; step++) {
    if (below(2) === 0) {
      const point = DEATH_POINTS[below(DEATH_POINTS.length)] as DeathPoint;
      rig.arm(point, below(COUNTDOWNS[point]));
    }
    if (below(2) === 0) injectFaults(rig, below, report);
    await client.step();
    rig.disarm();
    rig.nextFault = undefined;
  }
  await client.drain();
  if (rig.model.inFlight !== 0) throw new Error(`${rig.model.inFlight} commands are in flight, and nobody waits for them`);
  const image = new Uint8Array(BLOCKS * BLOCK_BYTES);
  rig.record.read(0, image);
  const problem = oracle.read(0, image);
  if (problem !== undefined) throw new Error(`at the end, ${problem}`);
  for (let i = 0; i < CUTS; i++) {
    const cut = i === 0 ? rig.record.log.length : below(rig.record.log.length + 1);
    let left = STATES_PER_CUT;
    for (const state of rig.record.statesAfter(cut, 4, below)) {
      // With none of what is uncertain, with more and more of it, and by chance.
      const wrong = oracle.afterCut(cut, state);
      report.states++;
      if (wrong !== undefined) throw new Error(wrong);
      if (--left === 0) break;
    }
  }
}

/** Some of the next commands meet a fault, or the medium does. */
function injectFaults(rig: CrashRig, below: (limit: number) => number, report: CrashReport): void {
  const counted = (name: string): void => void report.faultKinds.set(name, (report.faultKinds.get(name) ?? 0) + 1);
  if (below(6) === 0) {
    rig.failMedium();
    counted("medium");
    return;
  }
  let left = 1 + below(MOST_FAULTS);
  rig.nextFault = () => {
    if (left === 0 || below(3) !== 0) return undefined;
    left--;
    const fault = anyFault(below);
    counted(fault.kind);
    return fault;
  };
}

function anyFault(below: (limit: number) => number): NvmeFault {
  switch (below(7)) {
    case 0:
      return { kind: "stuck", deaf: false };
    case 1:
      return { kind: "stuck", deaf: true };
    case 2:
      return { kind: "slow", accesses: 1 + below(20) };
    case 3:
      return { kind: "wrong-id", flip: 1 + below(0xffff) };
    case 4:
      return { kind: "lost-interrupt" };
    case 5:
      return { kind: "fatal" };
    default:
      // Data transfer error, internal error, namespace not ready, write fault, unrecovered read error.
      return { kind: "status", status: [0x004, 0x006, 0x082, 0x280, 0x281][below(5)] ?? 0x006 };
  }
}

function use(rig: CrashRig): string {
  const { liveObjects, liveBytes, orphans, borrows } = rig.system.kernel.heap.stats();
  return `${liveObjects} objects, ${liveBytes} bytes, ${orphans} orphans, ${borrows} borrows`;
}
