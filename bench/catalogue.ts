/** Every row of the bench in the order in which it is printed, and how a pattern chooses among them. */
import { matchesGlob } from "node:path";
import type { Gauge, Mean, Row } from "./row.ts";
import { copyRows } from "./rows/copy.ts";
import { cpuRows, crossCpuRows } from "./rows/cpus.ts";
import { domainRows } from "./rows/domains.ts";
import { guardRows } from "./rows/guard.ts";
import { heapRows } from "./rows/heap.ts";
import { kernelRows } from "./rows/kernels.ts";
import { loadRows } from "./rows/load.ts";
import { memcpyRows } from "./rows/memcpy.ts";
import { netRows } from "./rows/net.ts";
import { nvmeRows } from "./rows/nvme.ts";
import { peerRows } from "./rows/peers.ts";
import { recoveryRows } from "./rows/recovery.ts";
import { rpcRows } from "./rows/rpc.ts";
import { threadRows } from "./rows/threads.ts";

export const ROWS: readonly (Row | Mean | Gauge)[] = [
  ...rpcRows,
  ...crossCpuRows,
  ...peerRows,
  ...cpuRows,
  ...guardRows,
  ...heapRows,
  ...kernelRows,
  ...loadRows,
  ...domainRows,
  ...memcpyRows,
  ...nvmeRows,
  ...netRows,
  ...recoveryRows,
  ...threadRows,
  ...copyRows,
];

/** Of Node, for the processes of groups that need some: isolated-vm cannot use Node's start-up snapshot; memory is read after a collection. */
export const FLAGS: ReadonlyMap<string, readonly string[]> = new Map([
  ["rpc", ["--no-node-snapshot"]],
  ["domains", ["--expose-gc"]],
]);

export function groupOf({ name }: { readonly name: string }): string {
  return name.split("/")[0] ?? "";
}

/**
 * Rows by group: those whose name contains the pattern (or matches it, if it has a wildcard), and whatever they are
 * compared with or made of.
 */
export function chosenGroups(rows: readonly (Row | Mean | Gauge)[], pattern: string): (Row | Mean | Gauge)[][] {
  const chosen = new Set<string>();
  const choose = (row: Row | Mean | Gauge): void => {
    if (chosen.has(row.name)) return;
    chosen.add(row.name);
    const wanted = [...("ratio" in row && row.ratio !== undefined ? [row.ratio.to] : []), ...("meanOf" in row ? row.meanOf : [])];
    for (const other of rows) if (wanted.includes(other.name)) choose(other);
  };
  const matches = /[*?[\]{}]/.test(pattern)
    ? (name: string): boolean => matchesGlob(name, pattern)
    : (name: string): boolean => name.includes(pattern);
  for (const row of rows) if (matches(row.name)) choose(row);
  const inOrder = rows.filter(({ name }) => chosen.has(name));
  return [...Map.groupBy(inOrder, groupOf).values()];
}
