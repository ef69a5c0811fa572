/**
 * `npm run bench:compare A B`: two files of results, row by row, old against new.
 * A change counts where it is more than twice what both runs call noise; of rows with a ratio the ratio is compared, because it does not
 * depend on what else the machine did. Exit code 0; 2 when a file cannot be read.
 */
import { type Results, readResults } from "./results.ts";
import type { Result } from "./row.ts";
import { figure, header, quotient } from "./table.ts";

/** Changes below this are not told, however still the machine was. */
const LEAST = 0.05;

export interface Change {
  readonly name: string;
  readonly what: string;
  readonly before: string;
  readonly after: string;
  /** New divided by old. */
  readonly factor: number;
  /** More than noise. */
  readonly isReal: boolean;
}

export function changes(before: readonly Result[], after: readonly Result[]): Change[] {
  const old = new Map(before.map((result) => [result.name, result]));
  return after.flatMap((now) => {
    const then = old.get(now.name);
    return then === undefined || then.unit !== now.unit ? [] : [changeOf(then, now)];
  });
}

function changeOf(then: Result, now: Result): Change {
  const { name } = now;
  if (then.ratio !== undefined && now.ratio !== undefined && then.ratio.to === now.ratio.to) {
    const factor = now.ratio.value / then.ratio.value;
    const isReal = exceeds(factor, then.ratio.noise, now.ratio.noise);
    return { name, what: `to ${now.ratio.to}`, before: quotient(then.ratio.value), after: quotient(now.ratio.value), factor, isReal };
  }
  const factor = now.median / then.median;
  return {
    name,
    what: now.unit,
    before: figure(then.median),
    after: figure(now.median),
    factor,
    isReal: exceeds(factor, then.noise, now.noise),
  };
}

function exceeds(factor: number, ...noises: readonly number[]): boolean {
  return Math.abs(Math.log(factor)) > Math.max(LEAST, 2 * noises.reduce((sum, noise) => sum + noise, 0));
}

export function comparison(before: Results, after: Results): string {
  const all = changes(before.results, after.results);
  const width = Math.max(...all.map(({ name }) => name.length), 3);
  const lines = all.map(({ name, what, before: old, after: now, factor, isReal }) => {
    const percents = `${factor >= 1 ? "+" : ""}${((factor - 1) * 100).toFixed(1)}%`;
    return `${name.padEnd(width)}  ${old.padStart(9)}  ${now.padStart(9)}  ${percents.padStart(8)}  ${isReal ? "*" : " "}  ${what}`;
  });
  const only = (a: Results, b: Results): string[] =>
    a.results.map(({ name }) => name).filter((name) => b.results.every((other) => other.name !== name));
  const [gone, added] = [only(before, after), only(after, before)];
  return [
    `old: ${before.meta.date}  ${header(before.meta)}`,
    `new: ${after.meta.date}  ${header(after.meta)}`,
    ...(before.meta.cpu === after.meta.cpu && before.meta.node === after.meta.node
      ? []
      : ["The machine or Node is another one: only ratios mean something."]),
    "",
    ...lines,
    "",
    `${all.filter(({ isReal }) => isReal).length} of ${all.length} rows changed by more than noise (*)`,
    ...(gone.length === 0 ? [] : [`only in the old: ${gone.join(", ")}`]),
    ...(added.length === 0 ? [] : [`only in the new: ${added.join(", ")}`]),
  ].join("\n");
}

if (import.meta.main) {
  const [before, after, ...rest] = process.argv.slice(2);
  try {
    if (before === undefined || after === undefined || rest.length > 0) throw new Error("usage: npm run bench:compare OLD.json NEW.json");
    console.log(comparison(await readResults(before), await readResults(after)));
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 2;
  }
}
