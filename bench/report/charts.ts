/** Which rows stand in which picture. Pure: results in, charts out. */
import { groupOf } from "../catalogue.ts";
import type { Result } from "../row.ts";
import { figure, quotient } from "../table.ts";
import type { Bar, Chart, Kind } from "./svg.ts";

export interface NamedChart {
  /** Of the file, without its ending. */
  readonly name: string;
  readonly chart: Chart;
}

const DIRECT = "rpc/direct";
const PEERS: readonly string[] = ["jco", "extism", "quickjs", "isolated-vm", "worker", "process"];

/** Published figures in cycles, for the ladder: RedLeaf, OSDI 2020, on a core of 2.6 GHz. */
export const PUBLISHED: readonly { readonly what: string; readonly cycles: number }[] = [
  { what: "RedLeaf: call", cycles: 124 },
  { what: "RedLeaf: call + RRef", cycles: 141 },
  { what: "RedLeaf: shadow", cycles: 279 },
  { what: "RedLeaf: shadow + RRef", cycles: 297 },
  { what: "VMFUNC: call and reply", cycles: 396 },
  { what: "seL4: call and reply", cycles: 834 },
];

export function isPeer(name: string): boolean {
  return PEERS.some((peer) => name.startsWith(`rpc/${peer}`));
}

export function chartsOf(results: readonly Result[], mhz: number | undefined): NamedChart[] {
  const groups = [...new Set(results.map(groupOf))];
  return [...callCharts(results, mhz), ...groups.filter((group) => group !== "rpc").flatMap((group) => ratioCharts(group, results))];
}

/** Times of calls: the ladder beside what was published, and beside peers. */
function callCharts(results: readonly Result[], mhz: number | undefined): NamedChart[] {
  const rows = results.filter((result) => groupOf(result) === "rpc");
  const direct = rows.find(({ name }) => name === DIRECT);
  if (direct === undefined) return [];
  const line = { at: direct.median, text: "no isolation" };
  const nanoseconds = (result: Result): Bar => ({
    label: result.name,
    value: result.median,
    text: cyclesText(result.median, result.cycles),
    kind: kindOf(result.name),
  });
  const published = PUBLISHED.map(({ what, cycles }): Bar => {
    const ns = (cycles * 1000) / (mhz ?? Number.NaN);
    return { label: what, value: ns, text: cyclesText(ns, cycles), kind: "published" };
  });
  const own = rows.filter(({ name }) => !isPeer(name) && !name.endsWith("-sum"));
  const scalars = rows.filter(
    ({ name }) => ["rpc/direct", "rpc/scalar", "rpc/shadow"].includes(name) || (isPeer(name) && !/\d/.test(name)),
  );
  const buffers = rows.filter(({ name }) => /^rpc\/(rref|borrow|message|jco)-\d+/.test(name));
  const axis = "nanoseconds a call (logarithmic)";
  return [
    {
      name: "ladder",
      chart: { title: "A call into another domain", axis, bars: [...own.map(nanoseconds), ...(mhz === undefined ? [] : published)], line },
    },
    {
      name: "peers",
      chart: { title: "A call that adds to a number, behind what others offer", axis, bars: byLength(scalars.map(nanoseconds)), line },
    },
    { name: "buffers", chart: { title: "A call with a buffer", axis, bars: buffers.map(nanoseconds), line } },
  ].filter(({ chart }) => chart.bars.length > 0);
}

function cyclesText(ns: number, cycles: number | undefined): string {
  return cycles === undefined ? `${figure(ns)} ns` : `${figure(ns)} ns, ${cycles.toFixed(0)} cycles`;
}

function byLength(bars: readonly Bar[]): Bar[] {
  return [...bars].sort((a, b) => a.value - b.value);
}

function kindOf(name: string): Kind {
  if (name === DIRECT) return "baseline";
  return isPeer(name) ? "peer" : "sumac";
}

/** Ratios of a group, each with its limit. */
function ratioCharts(group: string, results: readonly Result[]): NamedChart[] {
  const bars = results
    .filter((result) => groupOf(result) === group && !/-(bytes|vectors|buffer)$/.test(result.name))
    .flatMap(({ name, ratio }): Bar[] => {
      if (ratio === undefined) return [];
      const limit = ratio.atMost ?? ratio.atLeast;
      const bar: Bar = { label: name, value: ratio.value, text: quotient(ratio.value), kind: "sumac" };
      return [limit === undefined ? bar : { ...bar, limit }];
    });
  if (bars.length === 0) return [];
  const hasLimits = bars.some(({ limit }) => limit !== undefined);
  const title = `${group}: ratio to the baseline${hasLimits ? "; the mark is the limit" : ""}`;
  return [{ name: group, chart: { title, axis: "times the baseline (logarithmic)", bars, line: { at: 1, text: "baseline" } } }];
}
