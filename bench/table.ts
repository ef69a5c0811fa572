/** Results as a table for people. The JSON for programs is the results as they are, written by run.ts. */
import type { Meta } from "./machine.ts";
import type { Result } from "./row.ts";

const COLUMNS = ["row", "median", "±", "p99", "", "samples", "ratio", "±", "to", "must"] as const;
const LEFT_ALIGNED: ReadonlySet<number> = new Set([0, 4, 8, 9]);

export function header(meta: Meta): string {
  const { node, v8, cpu, cores, nominalMhz, load, commit, modified } = meta;
  const clock = nominalMhz === undefined ? "" : ` at ${(nominalMhz / 1000).toFixed(2)} GHz`;
  const tree = `${commit.slice(0, 10)}${modified ? " + changes" : ""}`;
  return `Node ${node} (V8 ${v8}) · ${cpu}${clock}, ${cores} cores, load ${load.toFixed(2)} · ${tree}`;
}

export function table(results: readonly Result[]): string {
  const rows = results.map(cells);
  const widths = COLUMNS.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? "").length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (LEFT_ALIGNED.has(i) ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  return [line(COLUMNS), ...rows.map(line)].join("\n");
}

/** True when the row has no limit, or keeps all that it has. */
export function keepsLimits({ median, p99, p99AtMost, ratio, cycles, published, atLeast }: Result): boolean {
  if (p99AtMost !== undefined && !(p99 <= p99AtMost)) return false;
  if (atLeast !== undefined && !(median >= atLeast)) return false;
  if (cycles !== undefined && published !== undefined && !(cycles < published.cycles)) return false;
  return ratio === undefined || keepsRatio(ratio);
}

export function keepsRatio(ratio: NonNullable<Result["ratio"]>): boolean {
  return ratio.value <= (ratio.atMost ?? Number.POSITIVE_INFINITY) && ratio.value >= (ratio.atLeast ?? 0);
}

/** What is asked of a row, in words; and what would be better still. */
export function limitsOf({ unit, p99AtMost, ratio, cycles, published, atLeast, aim }: Result): string[] {
  const limits: string[] = [];
  if (p99AtMost !== undefined) limits.push(`p99 <= ${p99AtMost} ${unit}`);
  if (atLeast !== undefined) limits.push(`>= ${atLeast} ${unit}${aim === undefined ? "" : ` (aim ${aim})`}`);
  if (ratio?.atMost !== undefined) limits.push(`<= ${ratio.atMost}x${ratio.aim === undefined ? "" : ` (aim ${ratio.aim}x)`}`);
  if (ratio?.atLeast !== undefined) limits.push(`>= ${ratio.atLeast}x${ratio.aim === undefined ? "" : ` (aim ${ratio.aim}x)`}`);
  if (cycles !== undefined && published !== undefined) {
    limits.push(`${cycles.toFixed(0)} cycles < ${published.cycles} of ${published.by} (aim ${published.aim})`);
  }
  return limits;
}

function cells(result: Result): string[] {
  const { name, unit, median, p99, noise, samples, ratio } = result;
  const times = [name, figure(median), ...(samples === 1 ? ["", ""] : [percent(noise), figure(p99)]), unit, String(samples)];
  const limits = [...limitsOf(result), ...(keepsLimits(result) ? [] : ["MISSED"])].join("  ");
  if (ratio === undefined) return [...times, "", "", "", limits];
  return [...times, quotient(ratio.value), percent(ratio.noise), ratio.to, limits];
}

export function percent(part: number): string {
  return `${(part * 100).toFixed(part < 0.0995 ? 1 : 0)}%`;
}

export function quotient(value: number): string {
  return `${value < 0.1 ? value.toFixed(5) : value < 100 ? value.toFixed(2) : value.toFixed(0)}x`;
}

export function figure(value: number): string {
  if (value >= 1000) return value.toFixed(0);
  return value >= 100 ? value.toFixed(1) : value.toFixed(2);
}
