/** Deaths of the 82599's driver under two-way traffic. Called by scripts/campaign-ixgbe-deaths.ts and by the slice among the tests. */

import { FAULT_KINDS, FaultInjector } from "../../../host/kernel/life/faults.ts";
import type { CauseName } from "../../../host/kernel/status.ts";
import { seededRandom } from "../../../host/platform/seeded-random.ts";
import { auditHeap } from "../../../shared-heap/audit.ts";
import { type Percentiles, percentiles } from "../percentiles.ts";
import { bootStations, DRIVER_BUDGET_MS, type Station } from "./stations.ts";

/** After so many rounds an injected fault must have struck, and after so many more traffic must flow both ways. */
const MOST_ROUNDS = 400;
/** Far more than the safepoints that a fault waits for. */
const ROUNDS_TO_STRIKE = 50;
/** What the watchdog's thread takes at the most, mostly. */
const WATCHDOG_MS = 4;

export interface IxgbeDeathsReport {
  readonly deaths: number;
  /** How many of each kind. */
  readonly causes: Readonly<Partial<Record<CauseName, number>>>;
  readonly frames: number;
  readonly lost: number;
  /** From the death to the first frame that its station receives after it. */
  readonly outageMicros: Percentiles;
  readonly failures: readonly string[];
}

export async function runIxgbeDeaths(
  count: number,
  seed: number,
  onProgress: (deaths: number) => void = () => {},
): Promise<IxgbeDeathsReport> {
  const random = seededRandom(seed);
  const { booted, stations } = await bootStations(random);
  const { system } = booted;
  const deaths: { readonly domain: string; readonly at: number; readonly cause: CauseName }[] = [];
  const outages: number[] = [];
  const failures: string[] = [];
  system.kernel.events.on((event) => {
    if (event.kind === "death") deaths.push({ domain: event.death.domain, at: performance.now(), cause: event.death.cause });
  });
  const injectors = stations.map(
    ({ name }, i) =>
      new FaultInjector(system.kernel, {
        seat: system.seat(`${name}-driver`),
        kinds: FAULT_KINDS,
        seed: seed + i,
        hangDevice: () => overrun(DRIVER_BUDGET_MS),
      }),
  );
  let done = 0;
  try {
    while (done < count) {
      const which = random() < 0.5 ? 0 : 1;
      const before = deaths.length;
      until(
        stations,
        (round) => {
          // A driver that was held up where it may take longer, in its start, goes on: it is the turn of the next kind.
          if (round % ROUNDS_TO_STRIKE === 0) injectors[which]?.arm();
          return deaths.length > before;
        },
        "the fault did not strike",
      );
      const struck = stations[which] as Station;
      const received = struck.received;
      const other = struck.peer?.received ?? 0;
      until(stations, () => struck.received > received, `${struck.name} receives nothing any more`);
      outages.push((performance.now() - (deaths.at(-1)?.at ?? 0)) * 1000);
      until(stations, () => (struck.peer?.received ?? 0) > other, `${struck.name} sends nothing any more`);
      if (!struck.isUp) throw new Error(`${struck.name} has no link any more`);
      // A busy machine may keep either driver from ending within its budget.
      const stranger = deaths.slice(before).find(({ domain, cause }) => domain !== `${struck.name}-driver` && !isSlow(domain, cause));
      if (stranger !== undefined) throw new Error(`${stranger.domain} died`);
      done += deaths.length - before;
      onProgress(done);
      // The stacks of a dead driver's threads are unwound between turns.
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const station of stations) station.end();
    for (const { name, lost, lostByCount } of stations) {
      if (lost !== lostByCount) failures.push(`${name}: ${lostByCount} packets were counted as lost, and ${lost} came back as new ones`);
    }
  } catch (error) {
    failures.push(`after ${done} deaths: ${error instanceof Error ? error.message : String(error)}`);
  }
  await booted.finish(false);
  const { ok, problems } = auditHeap(system.kernel.heap);
  if (!ok) failures.push(...problems);
  if (system.liveObjects() !== 0 && failures.length === 0) failures.push(`${system.liveObjects()} objects are left on the heap`);
  const sum = (of: (station: Station) => number): number => stations.reduce((total, station) => total + of(station), 0);
  const causes: Partial<Record<CauseName, number>> = {};
  for (const { cause } of deaths) causes[cause] = (causes[cause] ?? 0) + 1;
  return { deaths: done, causes, frames: sum((s) => s.received), lost: sum((s) => s.lost), outageMicros: percentiles(outages), failures };
}

function isSlow(domain: string, cause: CauseName): boolean {
  return cause === "deadline" && domain.endsWith("-driver");
}

/** Keeps the driver's thread for longer than the call that it is in may take: as a device does that does not answer an access. */
function overrun(budgetMs: number): void {
  const end = performance.now() + budgetMs + WATCHDOG_MS;
  while (performance.now() < end);
}

/** Traffic both ways until something is so. */
function until(stations: readonly Station[], isSo: (round: number) => boolean, complaint: string): void {
  for (let round = 0; !isSo(round); round++) {
    if (round === MOST_ROUNDS) throw new Error(complaint);
    for (const station of stations) station.send();
    for (const station of stations) station.receive();
  }
}
