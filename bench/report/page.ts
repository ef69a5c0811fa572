/** The text of docs/benchmarks.md. Pure: results and names of pictures in, Markdown out. */
import { groupOf } from "../catalogue.ts";
import type { Results } from "../results.ts";
import type { Result } from "../row.ts";
import { figure, header, keepsLimits, keepsRatio, percent, quotient } from "../table.ts";
import { PUBLISHED } from "./charts.ts";

/** What a group is about; one that is not here is headed by its name alone. */
const TITLES: ReadonlyMap<string, string> = new Map([
  ["rpc", "Calls"],
  ["guard", "The guard: access to shared objects"],
  ["heap", "The shared heap"],
  ["kernels", "What hardening costs programs that work on their own memory"],
  ["load", "From signed bytes to a domain"],
  ["domains", "Domains in one process"],
  ["memcpy", "Copies"],
  ["nvme", "NVMe reads"],
  ["recovery", "From a fault to an answered call"],
  ["copy", "Copying a file through a driver"],
]);

/** @param pictures names of charts by group */
export function pageOf({ meta, results, skipped }: Results, pictures: ReadonlyMap<string, readonly string[]>): string {
  const groups = [...new Set(results.map(groupOf))];
  return `${[
    "# Measured",
    "",
    "<!-- Written by `npm run bench:report`; do not edit. -->",
    "",
    `${header(meta)}, ${meta.date.slice(0, 10)}.`,
    "",
    "What the rows mean and how a figure comes about is in [benchmarking.md](benchmarking.md). Times are medians; ± is half of what lies between the quartiles of",
    "the rounds, so a difference below it means nothing. Ratios are of slices that were measured right after each other. One command repeats all of it: `npm run bench:report`.",
    "",
    ...judged(results),
    ...groups.flatMap((group) => section(group, results, pictures.get(group) ?? [])),
    ...(skipped.length === 0 ? [] : ["## Skipped", "", ...skipped.map(({ name, reason }) => `- \`${name}\`: ${reason}`), ""]),
  ].join("\n")}`;
}

/** Every limit with its aim, kept or not. */
function judged(results: readonly Result[]): string[] {
  const rows = results.flatMap((result) => [...ratioLine(result), ...cyclesLine(result), ...plainLimits(result)]);
  if (rows.length === 0) return [];
  const missed = results.filter((result) => !keepsLimits(result)).length;
  return [
    "## What the project asks of itself",
    "",
    missed === 0 ? "All limits are kept." : `Missed in this run: ${missed}.`,
    "",
    "| row | measured | must | aim | |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ];
}

function ratioLine({ name, ratio }: Result): string[] {
  if (ratio === undefined) return [];
  const { to, value, noise, atMost, atLeast, aim } = ratio;
  const limit = atMost ?? atLeast;
  if (limit === undefined) return [];
  const sign = atMost === undefined ? ">=" : "<=";
  const shown = Math.round(value * 100) / 100;
  const reaches = (bound: number): boolean => (atMost === undefined ? shown >= bound : shown <= bound);
  const must = `${sign} ${bound(limit)}`;
  return [
    line(
      `${name} to ${to}`,
      `${quotient(value)} ± ${percent(noise)}`,
      must,
      aim === undefined ? "" : `${sign} ${bound(aim)}`,
      keepsRatio(ratio),
      aim === undefined || reaches(aim),
    ),
  ];
}

/** A limit as it was set: 1/40 is not 0.025. */
function bound(value: number): string {
  return value < 0.1 ? `1/${Math.round(1 / value)}` : `${value}x`;
}

function cyclesLine({ name, cycles, published }: Result): string[] {
  if (cycles === undefined || published === undefined) return [];
  const { by, cycles: theirs, aim } = published;
  return [line(`${name}, in cycles`, cycles.toFixed(0), `< ${theirs} of ${by}`, `<= ${aim}`, cycles < theirs, cycles <= aim)];
}

function plainLimits({ name, unit, median, p99, p99AtMost, atLeast, aim }: Result): string[] {
  const further = aim === undefined ? "" : `>= ${aim} ${unit}`;
  return [
    ...(p99AtMost === undefined
      ? []
      : [line(`${name}, p99`, `${figure(p99)} ${unit}`, `<= ${p99AtMost} ${unit}`, "", p99 <= p99AtMost, true)]),
    ...(atLeast === undefined
      ? []
      : [line(name, `${figure(median)} ${unit}`, `>= ${atLeast} ${unit}`, further, median >= atLeast, median >= (aim ?? atLeast))]),
  ];
}

function line(what: string, measured: string, must: string, aim: string, kept: boolean, reached: boolean): string {
  const verdict = kept ? (reached ? "kept" : "kept, aim missed") : "**missed**";
  return `| \`${what.split(/[ ,]/)[0]}\`${what.slice((what.split(/[ ,]/)[0] ?? "").length)} | ${measured} | ${must} | ${aim} | ${verdict} |`;
}

function section(group: string, all: readonly Result[], pictures: readonly string[]): string[] {
  const results = all.filter((result) => groupOf(result) === group);
  const notes = results.flatMap(({ name, note }) => (note === undefined ? [] : [`\`${name}\`: ${note}.`, ""]));
  return [
    `## ${TITLES.get(group) ?? group}`,
    "",
    ...pictures.flatMap((picture) => [`![${picture}](benchmarks/${picture}.svg)`, ""]),
    ...(group === "rpc" ? [publishedText(), ""] : []),
    "| row | median | ± | p99 | | samples | ratio | ± | to |",
    "|---|---|---|---|---|---|---|---|---|",
    ...results.map(row),
    "",
    ...notes,
  ];
}

function publishedText(): string {
  const figures = PUBLISHED.map(({ what, cycles }) => `${what} ${cycles}`).join(", ");
  return (
    `Published, in cycles: ${figures} (RedLeaf, OSDI 2020, text and figures, 2.6 GHz, bare metal). They are drawn at the nominal clock that the header states; a row's cycles are\n` +
    "its nanoseconds at that clock, whatever the core really ran at."
  );
}

function row({ name, unit, median, noise, p99, samples, cycles, ratio }: Result): string {
  const once = samples === 1;
  const time = cycles === undefined ? figure(median) : `${figure(median)} (${cycles.toFixed(0)} cycles)`;
  const quotients = ratio === undefined ? " | | " : `${quotient(ratio.value)} | ${percent(ratio.noise)} | \`${ratio.to}\``;
  return `| \`${name}\` | ${time} | ${once ? "" : percent(noise)} | ${once ? "" : figure(p99)} | ${unit} | ${samples} | ${quotients} |`;
}
