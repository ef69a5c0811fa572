/**
 * Measures a group of rows against each other. Called by group-process.ts, once a group; prints nothing.
 *
 *   prepare all ─▶ warm up each until V8 has tiered it up ─▶ rounds: a slice of every row, in turn ─▶ end all ─▶ read the gauges
 *
 * The machine gets slower and faster while it measures. A ratio is therefore made inside each round, from two slices that
 * lie next to each other, and the median of these ratios is the result; a ratio of two medians would compare two times.
 * Tinybench takes the samples; a sample is the time of one batch divided by its calls.
 */
import { setTimeout as pause } from "node:timers/promises";
import { Bench } from "tinybench";
import { type Gauge, type Mean, type Prepared, type Result, type Row, type Skipped, Unavailable, type Unit } from "./row.ts";
import { geometricMean, median, noise, quantile } from "./statistics.ts";

const ROUNDS = 15;
/** Of one row in one round, in milliseconds; a call that takes longer is measured once. */
const SLICE_MS = 40;
/** A batch lasts at least this long, so that the clock's resolution and the way into Wasm vanish in it. */
const BATCH_MS = 1;

const WARM_UP_MIN_MS = 600;
const WARM_UP_MAX_MS = 5000;
const WARM_UP_SLICE_MS = 60;
/** Slices that must agree before a row counts as warm. */
const STEADY_SLICES = 4;
const STEADY_WITHIN = 0.05;

/** Nanoseconds per call as the row's unit has it. */
const CONVERT: Readonly<Record<Unit, (ns: number) => number>> = {
  ns: (ns) => ns,
  us: (ns) => ns / 1e3,
  ms: (ns) => ns / 1e6,
  "op/s": (ns) => 1e9 / ns,
  "pkt/s": (ns) => 1e9 / ns,
};

interface Measured {
  readonly row: Row;
  readonly prepared: Prepared;
  batch: number;
  /** Nanoseconds per call: every sample, and the median of each round. */
  readonly samples: number[];
  readonly rounds: number[];
}

export interface Measurement {
  readonly results: Result[];
  readonly skipped: Skipped[];
}

/** @param mhz the clock that turns nanoseconds into cycles */
export async function measure(all: readonly (Row | Mean | Gauge)[], mhz?: number): Promise<Measurement> {
  const rows = all.filter((row): row is Row => "prepare" in row);
  const means = all.filter((row): row is Mean => "meanOf" in row);
  const { results, skipped } = await measureRows(rows, means, mhz);
  for (const gauge of all.filter((row): row is Gauge => "read" in row)) {
    try {
      results.push(await readGauge(gauge));
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      skipped.push({ name: gauge.name, reason: error.message });
    }
  }
  return { results, skipped };
}

async function readGauge({ name, unit, atLeast, read }: Gauge): Promise<Result> {
  const { value, note } = await read();
  const limits = { ...(atLeast === undefined ? {} : { atLeast }), ...(note === undefined ? {} : { note }) };
  return { name, unit, median: value, p99: value, samples: 1, batch: 1, noise: 0, ...limits };
}

async function measureRows(rows: readonly Row[], means: readonly Mean[], mhz: number | undefined): Promise<Measurement> {
  const measured: Measured[] = [];
  const skipped: Skipped[] = [];
  const names = new Set(rows.map(({ name }) => name));
  for (const { name, ratio } of rows) {
    if (ratio !== undefined && !names.has(ratio.to)) throw new Error(`${name} is compared with ${ratio.to}, which is not in its group`);
  }
  try {
    for (const row of rows) {
      try {
        measured.push({ row, prepared: await row.prepare(), batch: 1, samples: [], rounds: [] });
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        skipped.push({ name: row.name, reason: error.message });
      }
    }
    for (const each of measured) {
      const batch = await warmUp(each.prepared);
      each.batch = each.row.isAlone === true ? 1 : Math.max(batch, each.row.leastBatch ?? 1);
    }
    const bench = benchOf(measured);
    const rounds = Math.min(...rows.map((row) => row.rounds ?? ROUNDS));
    for (let round = 0; round < rounds; round++) await measureRound(bench, measured);
  } finally {
    for (const { prepared } of measured) await prepared.end?.();
  }
  const results = measured.map((each) => resultOf(each, measured, mhz));
  for (const mean of means) {
    const made = meanOf(mean, results);
    if (made === undefined) skipped.push({ name: mean.name, reason: "a row that it is the mean of was skipped" });
    else results.push(made);
  }
  return { results, skipped };
}

/** Of medians and of ratios, not round by round: in a noisy round some part of it is always one that was disturbed. */
export function meanOf({ name, unit, meanOf: names, ratio }: Mean, results: readonly Result[]): Result | undefined {
  const parts = results.filter((each) => names.includes(each.name));
  const ratios = parts.flatMap((part) => (part.ratio === undefined ? [] : [part.ratio]));
  if (parts.length !== names.length || (ratio !== undefined && ratios.length !== names.length)) return undefined;
  const of = (value: (part: Result) => number): number => geometricMean(parts.map(value));
  const result: Result = {
    name,
    unit,
    median: of(({ median: value }) => value),
    p99: of(({ p99 }) => p99),
    samples: Math.min(...parts.map(({ samples }) => samples)),
    batch: 1,
    noise: noiseOfMean(parts.map((part) => part.noise)),
  };
  if (ratio === undefined) return result;
  const value = geometricMean(ratios.map((part) => part.value));
  return { ...result, ratio: { ...ratio, value, noise: noiseOfMean(ratios.map((part) => part.noise)) } };
}

/** Of parts that are disturbed independently of each other. */
function noiseOfMean(noises: readonly number[]): number {
  return Math.sqrt(noises.reduce((sum, each) => sum + each * each, 0)) / noises.length;
}

/**
 * Runs batches until their best times agree, and returns how many calls make a batch.
 * V8 compiles Wasm anew in the background and switches at the next call of a function, so a batch is a short call, and
 * the pauses let finished code and the event loop in.
 */
async function warmUp(prepared: Prepared): Promise<number> {
  let batch = 1;
  const bests: number[] = [];
  const start = performance.now();
  for (;;) {
    let best = Number.POSITIVE_INFINITY;
    const sliceStart = performance.now();
    do {
      const elapsed = await timed(prepared, batch);
      best = Math.min(best, elapsed / batch);
      if (elapsed < BATCH_MS) batch *= 2;
    } while (performance.now() - sliceStart < WARM_UP_SLICE_MS);
    bests.push(best);
    const spent = performance.now() - start;
    if (spent > WARM_UP_MAX_MS || (spent > WARM_UP_MIN_MS && isSteady(bests))) return Math.max(1, Math.ceil(BATCH_MS / best));
    await pause(5);
  }
}

function isSteady(bests: readonly number[]): boolean {
  const last = bests.slice(-STEADY_SLICES);
  return last.length === STEADY_SLICES && Math.max(...last) <= Math.min(...last) * (1 + STEADY_WITHIN);
}

async function timed(prepared: Prepared, batch: number): Promise<number> {
  const start = performance.now();
  const pending = prepared.run(batch);
  if (pending !== undefined) await pending;
  return performance.now() - start;
}

function benchOf(measured: readonly Measured[]): Bench {
  const bench = new Bench({ warmup: false, time: SLICE_MS, iterations: 1, retainSamples: true, throws: true });
  for (const { row, prepared, batch } of measured) {
    const sample = (elapsed: number): object => ({ overriddenDuration: elapsed / batch, overriddenIterationCost: elapsed });
    const runSync = (): object => {
      const start = performance.now();
      prepared.run(batch);
      return sample(performance.now() - start);
    };
    const runAsync = async (): Promise<object> => sample(await timed(prepared, batch));
    const isAsync = prepared.isAsync ?? false;
    bench.add(row.name, isAsync ? runAsync : runSync, { async: isAsync });
  }
  return bench;
}

async function measureRound(bench: Bench, measured: readonly Measured[]): Promise<void> {
  for (const each of measured) {
    const task = bench.getTask(each.row.name);
    if (task === undefined) throw new Error(`${each.row.name} is not in the bench`);
    task.reset();
    const { result } = await task.run();
    if (result.state !== "completed") throw new Error(`${each.row.name}: ${result.state}`);
    const samples = (result.latency.samples ?? []).map((ms) => ms * 1e6);
    each.samples.push(...samples);
    each.rounds.push(median(samples));
  }
}

function resultOf({ row, samples, rounds, batch }: Measured, all: readonly Measured[], mhz: number | undefined): Result {
  const convert = CONVERT[row.unit];
  const result: Result = {
    name: row.name,
    unit: row.unit,
    // Of the rounds and not of all samples: a round in which the machine was slow has fewer of them, and counts as much.
    median: convert(median(rounds)),
    p99: convert(quantile(samples, 0.99)),
    samples: samples.length,
    batch,
    noise: noise(rounds),
    ...(mhz === undefined || row.unit !== "ns" ? {} : { cycles: (median(rounds) * mhz) / 1000 }),
    ...(row.published === undefined ? {} : { published: row.published }),
    ...(row.p99AtMost === undefined ? {} : { p99AtMost: row.p99AtMost }),
    ...(row.atLeast === undefined ? {} : { atLeast: row.atLeast }),
    ...(row.aim === undefined ? {} : { aim: row.aim }),
  };
  const { ratio } = row;
  if (ratio === undefined) return result;
  const baseline = all.find((other) => other.row.name === ratio.to);
  if (baseline === undefined) return result; // It was skipped.
  const quotients = rounds.map((time, round) => time / (baseline.rounds[round] ?? Number.NaN));
  const times = median(quotients);
  const value = row.unit === "op/s" || row.unit === "pkt/s" ? 1 / times : times;
  return { ...result, ratio: { ...ratio, value, noise: noise(quotients) } };
}
