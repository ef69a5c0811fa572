/** Results as a table for people. The JSON for programs is the results as they are, written by run.ts. */
import type { Meta } from "./machine.ts";
import type { Result } from "./row.ts";

const COLUMNS = ["row", "median", "p99", "", "ratio", "to", "must"] as const;

export function header(meta: Meta): string {
  const { node, v8, cpu, cores, load, commit, modified } = meta;
  const tree = `${commit.slice(0, 10)}${modified ? " + changes" : ""}`;
  return `Node ${node} (V8 ${v8}) · ${cpu}, ${cores} cores, load ${load.toFixed(2)} · ${tree}`;
}

export function table(results: readonly Result[]): string {
  const rows = results.map(cells);
  const widths = COLUMNS.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? "").length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 0 || i >= 5 || i === 3 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  return [line(COLUMNS), ...rows.map(line)].join("\n");
}

/** True when the row has no limit, or keeps all that it has. */
export function keepsLimit({ p99, p99AtMost, ratio }: Result): boolean {
  if (p99AtMost !== undefined && !(p99 <= p99AtMost)) return false;
  if (ratio === undefined) return true;
  return ratio.value <= (ratio.atMost ?? Number.POSITIVE_INFINITY) && ratio.value >= (ratio.atLeast ?? 0);
}

function cells(result: Result): string[] {
  const { name, unit, median, p99, p99AtMost, ratio } = result;
  const times = [name, figure(median), figure(p99), unit];
  if (ratio === undefined) return [...times, "", "", ""];
  const limits: string[] = [];
  if (p99AtMost !== undefined) limits.push(`p99 <= ${p99AtMost} ${unit}`);
  if (ratio.atMost !== undefined) limits.push(`<= ${ratio.atMost}x`);
  if (ratio.atLeast !== undefined) limits.push(`>= ${ratio.atLeast}x`);
  const verdict = keepsLimit(result) ? "" : "  MISSED";
  return [...times, quotient(ratio.value), ratio.to, `${limits.join(" ")}${verdict}`];
}

function quotient(value: number): string {
  return `${value < 0.1 ? value.toFixed(5) : value.toFixed(2)}x`;
}

function figure(value: number): string {
  if (value >= 1000) return value.toFixed(0);
  return value >= 100 ? value.toFixed(1) : value.toFixed(2);
}
