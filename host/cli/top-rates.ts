/** Rates out of two snapshots of a running system: what `sumac top` shows beside what has added up. Called by top.ts; knows no terminal. */
import type { DomainRow, Snapshot } from "../control/protocol.ts";
import { type RatedDevice, ratedDevices } from "./top-devices.ts";

/** A row with its rates since the snapshot before; null in the first one. */
export interface RatedRow extends DomainRow {
  /** Of one CPU: 1 = all of it. */
  readonly cpuShare: number | null;
  readonly callsPerSecond: number | null;
}

export interface RatedSnapshot extends Omit<Snapshot, "domains" | "devices"> {
  readonly domains: readonly RatedRow[];
  readonly devices: readonly RatedDevice[];
  /** Of each CPU: the share of its time that domains took. */
  readonly busy: readonly (number | null)[];
  readonly callsPerSecond: number | null;
}

export function rated(now: Snapshot, before: Snapshot | undefined): RatedSnapshot {
  const seconds = before === undefined ? 0 : (now.atMs - before.atMs) / 1000;
  const earlier = byKey(before?.domains ?? []);
  const domains = [...byKey(now.domains)].map(([key, row]): RatedRow => {
    const last = earlier.get(key);
    if (seconds <= 0 || last === undefined) return { ...row, cpuShare: null, callsPerSecond: null };
    return {
      ...row,
      cpuShare: Math.max(0, row.cpuMicros - last.cpuMicros) / 1e6 / seconds,
      callsPerSecond: Math.max(0, row.calls - last.calls) / seconds,
    };
  });
  const sum = (rows: readonly RatedRow[], of: (row: RatedRow) => number | null): number | null =>
    seconds <= 0 ? null : rows.reduce((total, row) => total + (of(row) ?? 0), 0);
  return {
    ...now,
    domains,
    devices: ratedDevices(now.devices, before?.devices ?? [], seconds),
    busy: Array.from({ length: now.system.cpus }, (_, cpu) =>
      sum(
        domains.filter((row) => row.cpu === cpu),
        ({ cpuShare }) => cpuShare,
      ),
    ),
    callsPerSecond: sum(domains, ({ callsPerSecond }) => callsPerSecond),
  };
}

/** Domains that others make may share a name: then their order tells them apart. */
function byKey(rows: readonly DomainRow[]): Map<string, DomainRow> {
  const seen = new Map<string, number>();
  return new Map(
    rows.map((row) => {
      const earlier = seen.get(row.name) ?? 0;
      seen.set(row.name, earlier + 1);
      return [`${row.name} ${earlier}`, row];
    }),
  );
}
