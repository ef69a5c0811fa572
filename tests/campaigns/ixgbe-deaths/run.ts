/** Deaths of the 82599's driver under two-way traffic. Called by scripts/campaign-ixgbe-deaths.ts and by the slice among the tests. */

import { FaultInjector } from "../../../host/kernel/life/faults.ts";
import { auditHeap } from "../../../shared-heap/audit.ts";
import { seededRandom } from "../../support/seeded-random.ts";
import { type Percentiles, percentiles } from "../percentiles.ts";
import { bootStations, type Station } from "./stations.ts";

/** After so many rounds an injected fault must have struck, and after so many more traffic must flow both ways. */
const MOST_ROUNDS = 400;

export interface IxgbeDeathsReport {
  readonly deaths: number;
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
  const deaths: { readonly domain: string; readonly at: number }[] = [];
  const outages: number[] = [];
  const failures: string[] = [];
  system.kernel.events.on((event) => {
    if (event.kind === "death") deaths.push({ domain: event.death.domain, at: performance.now() });
  });
  const injectors = stations.map(
    ({ name }, i) =>
      new FaultInjector(system.kernel, {
        seat: system.seat(`${name}-driver`),
        kinds: ["trap", "killed", "quota"],
        seed: seed + i,
        hangDevice: () => {},
      }),
  );
  let done = 0;
  try {
    while (done < count) {
      const which = random() < 0.5 ? 0 : 1;
      const before = deaths.length;
      injectors[which]?.arm();
      until(stations, () => deaths.length > before, "the fault did not strike");
      const struck = stations[which] as Station;
      const received = struck.received;
      const other = struck.peer?.received ?? 0;
      until(stations, () => struck.received > received, `${struck.name} receives nothing any more`);
      outages.push((performance.now() - (deaths.at(-1)?.at ?? 0)) * 1000);
      until(stations, () => (struck.peer?.received ?? 0) > other, `${struck.name} sends nothing any more`);
      if (!struck.isUp) throw new Error(`${struck.name} has no link any more`);
      const stranger = deaths.slice(before).find(({ domain }) => domain !== `${struck.name}-driver`);
      if (stranger !== undefined) throw new Error(`${stranger.domain} died`);
      done += deaths.length - before;
      onProgress(done);
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
  return { deaths: done, frames: sum((s) => s.received), lost: sum((s) => s.lost), outageMicros: percentiles(outages), failures };
}

/** Traffic both ways until something is so. */
function until(stations: readonly Station[], isSo: () => boolean, complaint: string): void {
  for (let round = 0; !isSo(); round++) {
    if (round === MOST_ROUNDS) throw new Error(complaint);
    for (const station of stations) station.send();
    for (const station of stations) station.receive();
  }
}
