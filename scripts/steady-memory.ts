/**
 * Whether memory stays flat over many deaths: the one measure of `campaign-churn.ts` and `campaign-deaths.ts`.
 *
 * Two figures, neither of which may grow by more than 5 %. *Reachable* is what a forced ordinary collection leaves: V8's heap, what it
 * accounts for outside of it, and what it has allocated for itself; a leak of a dozen bytes per death shows. *Resident* is what the system
 * has given to the process; it also shows what V8 does not account for. Each is the median of several samples around a checkpoint, so that
 * one that falls into a compilation decides nothing.
 *
 * V8 keeps pages for later, up to twice of all that is reachable, and gives them back by a clock. So the measured process runs with
 * a heap that grows little beyond what is reachable: then there is little to keep. Nothing else is done for the figures: no collection
 * that empties caches.
 */
import { spawnSync } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { getHeapStatistics } from "node:v8";

const FLAGS: readonly string[] = [
  "--expose-gc",
  // The young generation has one size from the first death to the last.
  "--min-semi-space-size=1",
  "--max-semi-space-size=1",
  // The old one is collected when it has grown by a tenth, and at once, not while it grows on.
  "--heap-growing-percent=10",
  "--no-incremental-marking",
];

export const MOST_GROWTH = 1.05;
/** One after each hundredth of the deaths. */
export const SAMPLES = 100;
/** Medians are taken of so many samples: around the first tenth, and of the last ones. */
const AROUND = 5;
const FIRST = SAMPLES / 10 - Math.ceil(AROUND / 2);

/** In bytes. */
export interface Reading {
  readonly reachable: number;
  readonly resident: number;
}

/** True in a process with a steady heap. Else runs the program there, with the same arguments, and is false when that has ended. */
export function inSteadyProcess(program: string): boolean {
  if (FLAGS.every((flag) => process.execArgv.includes(flag))) return true;
  const { status, error } = spawnSync(process.execPath, [...FLAGS, program, ...process.argv.slice(2)], { stdio: "inherit" });
  if (error !== undefined) throw error;
  process.exitCode = status ?? 1;
  return false;
}

/** Whether a reading is due after so many of `count` deaths. */
export function isDue(run: number, count: number): boolean {
  return Math.floor((run * SAMPLES) / count) > Math.floor(((run - 1) * SAMPLES) / count);
}

/** After a forced collection, and a turn for finalisers and messages of the watchdog. */
export async function readMemory(): Promise<Reading> {
  await wait(1);
  if (globalThis.gc === undefined) throw new Error("memory is read in a steady process only");
  globalThis.gc();
  const { used_heap_size: used, external_memory: external, malloced_memory: own } = getHeapStatistics();
  return { reachable: used + external + own, resident: process.memoryUsage.rss() };
}

/** What has grown too much between the first tenth of SAMPLES readings and the last; undefined where nothing has, or they are too few. */
export function growthIn(readings: readonly Reading[]): string | undefined {
  if (readings.length < SAMPLES) return undefined;
  const problems = (["reachable", "resident"] as const).flatMap((what) => {
    const { early, late } = ends(readings, what);
    return late > early * MOST_GROWTH ? [`${what} memory grew from ${megabytes(early)} to ${megabytes(late)} MB`] : [];
  });
  return problems.length === 0 ? undefined : problems.join("; ");
}

/** For people: both figures, from where to where, and by how much. */
export function growthText(readings: readonly Reading[]): string {
  const each = (["reachable", "resident"] as const).map((what) => {
    const { early, late } = ends(readings, what);
    return `${what} ${megabytes(early)} → ${megabytes(late)} MB (${((late / early - 1) * 100).toFixed(1)} %)`;
  });
  return `memory after the first tenth and at the end: ${each.join(", ")}`;
}

export function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

function ends(readings: readonly Reading[], what: keyof Reading): { readonly early: number; readonly late: number } {
  const of = (some: readonly Reading[]): number => median(some.map((each) => each[what]));
  return { early: of(readings.slice(FIRST, FIRST + AROUND)), late: of(readings.slice(-AROUND)) };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
