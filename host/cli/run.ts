/**
 * `sumac run`: boots a manifest, runs its job, and reports: progress, each death and recovery as it happens, a summary, and
 * with --json one object as the last line.
 */
import { resolve } from "node:path";
import { auditHeap } from "../../shared-heap/audit.ts";
import { SumacError } from "../errors.ts";
import type { Tracer } from "../kernel/calls/tracer.ts";
import type { FieldValue } from "../kernel/host/object-fields.ts";
import { projectRoot, trustedKeys } from "../loader/keys.ts";
import type { GaveUp } from "../supervision/supervision.ts";
import { type Booted, type BootOptions, bootManifest } from "../system/boot.ts";
import { HeapReportFile } from "./heap-report-file.ts";
import { dim, EXIT, print, printJson, warn } from "./output.ts";
import { type ErrorFields, errorLines } from "./run-error.ts";
import { type JobOutcome, runJob } from "./run-job.ts";
import type { RunOptions } from "./run-options.ts";
import { RunReport } from "./run-report.ts";
import { openTrace } from "./trace-file.ts";
import { defaultWhyFile, writeWhyFile } from "./why-file.ts";

/** @returns the exit code */
export async function runCommand(path: string, options: RunOptions): Promise<number> {
  const report = new RunReport(options.json);
  let exitCode: number;
  try {
    exitCode = await runSystem(path, options, report);
  } catch (error) {
    leaveDeaths(path, { ...options, isLate: true }, report);
    throw error;
  }
  leaveDeaths(path, options, report);
  return exitCode;
}

/** Writes why domains died, and says where. @param options `isLate`: an error is on its way, which matters more than one here */
function leaveDeaths(path: string, { why, json, isLate }: RunOptions & { readonly isLate?: boolean }, report: RunReport): void {
  report.endProgress();
  const file = why ?? defaultWhyFile(process.cwd());
  const { deaths, total } = report.deaths;
  const content = { format: 1, system: path, endedAt: new Date().toISOString(), total, deaths } as const;
  let isLeft = false;
  try {
    isLeft = file !== undefined && writeWhyFile(file, content, why !== undefined);
  } catch (error) {
    if (isLate !== true) throw error;
  }
  if (json || total === 0) return;
  if (!isLeft) print(dim("why they died is not kept here: run with --why FILE"));
  else print(dim(`why they died: sumac why${why === undefined ? "" : ` ${why}`}`));
}

async function runSystem(path: string, options: RunOptions, report: RunReport): Promise<number> {
  const heapReports = options.heapReport === undefined ? undefined : new HeapReportFile(options.heapReport);
  const trace = options.trace === undefined ? undefined : openTrace(options.trace);
  try {
    return await runBooted(path, options, report, await boot(path, options, report, heapReports, trace?.tracer), heapReports);
  } finally {
    heapReports?.close();
    trace?.close();
  }
}

async function boot(
  path: string,
  options: RunOptions,
  report: RunReport,
  heapReports: HeapReportFile | undefined,
  tracer: Tracer | undefined,
): Promise<Booted> {
  const { input, image, killEvery, seed, cpus } = options;
  const bootOptions: BootOptions = {
    parameters: { ...(input === undefined ? {} : { input }), ...(image === undefined ? {} : { image }) },
    trusted: await trustedKeys(projectRoot(process.cwd()), options.trust),
    unsigned: options.unsigned,
    onProgress: (phase, done, total) => report.progress(phase, done, total),
    onEvent(event, kernel) {
      report.event(event);
      heapReports?.event(event, kernel);
    },
    ...(tracer === undefined ? {} : { tracer }),
    ...(killEvery === undefined ? {} : { faultEveryMegabytes: killEvery }),
    ...(seed === undefined ? {} : { seed }),
    ...(cpus === undefined ? {} : { cpus }),
  };
  if (!options.control) return await bootManifest(path, bootOptions);
  try {
    return await bootManifest(path, { ...bootOptions, control: true });
  } catch (error) {
    if (!(error instanceof SumacError) || error.code !== "control-unusable") throw error;
    // Nobody can look on, which is no reason not to do the job.
    warn(error.message);
    return await bootManifest(path, bootOptions);
  }
}

async function runBooted(
  path: string,
  options: RunOptions,
  report: RunReport,
  booted: Booted,
  heapReports: HeapReportFile | undefined,
): Promise<number> {
  const { manifest, system, images } = booted;
  if (manifest.main === undefined) {
    await booted.finish(false);
    throw new SumacError("manifest-invalid", `${path}: /main: the system has no job: name one, or boot it from a program`);
  }
  let succeeded = false;
  try {
    const started = performance.now();
    const outcome = await runJob(booted);
    const seconds = (performance.now() - started) / 1000;
    report.endProgress();
    heapReports?.end(system.kernel);
    succeeded = outcome.kind === "report";
    const domains = system.domains().map(({ name, signer, generation }) => ({ name, signer: signer ?? "unsigned", generation }));
    const records = system.domains().map(({ name }) => system.loadRecord(name));
    await booted.finish(succeeded);
    if (outcome.kind === "error") refuseBadInput(outcome.name, booted);
    const heap = auditHeap(system.kernel.heap);
    const summary = {
      ok: succeeded && heap.ok && system.liveObjects() === 0,
      ...outcomeFields(outcome),
      ...gaveUpFields(system.gaveUp),
      ...report.summary(),
      seconds: Number(seconds.toFixed(3)),
      heapLiveObjectsAtEnd: system.liveObjects(),
      heapProblems: heap.problems,
      domains,
    };
    if (options.json) printJson({ ...summary, records });
    else
      printSummary(
        manifest.name,
        summary,
        images.map(({ path }) => resolve(path)),
      );
    if (system.gaveUp !== undefined) return EXIT.gaveUp;
    return summary.ok ? EXIT.ok : EXIT.jobFailed;
  } finally {
    await booted.finish(succeeded);
  }
}

/** Errors of a job that are the user's to mend end like any other bad input. */
function refuseBadInput(name: string, { files, images }: Booted): void {
  const paths = [...files.values()].map(({ path }) => path).join(", ");
  if (name === "input-shrank") {
    throw new SumacError(
      "input-shrank",
      `input ${paths}: became shorter while it was read: copy a file that nobody is writing; the image was not kept`,
    );
  }
  if (name === "input") {
    throw new SumacError("input-unreadable", `input ${paths}: could not be read to its end: check the medium; the image was not kept`);
  }
  if (name === "too-small") {
    throw new SumacError("image-too-small", `image ${images.map(({ path }) => path).join(", ")}: too small for ${paths}: make it larger`);
  }
}

function outcomeFields(outcome: JobOutcome): Record<string, unknown> {
  switch (outcome.kind) {
    case "report":
      return Object.fromEntries(Object.entries(outcome.fields).map(([name, value]) => [name, plain(value)]));
    case "error":
      return { error: { code: "job-failed", message: `the job ended with "${outcome.name}"` } };
    case "ended":
      return { error: { code: "job-failed", message: outcome.detail } };
    case "died": {
      const { cause: code, domain, detail, chain } = outcome.error;
      return { error: { code, message: `${domain}: ${detail}`, ...(chain === undefined ? {} : { chain }) } };
    }
  }
}

/** It ended the job too, so why the job failed is told by what led to it. */
function gaveUpFields(gaveUp: GaveUp | undefined): Record<string, unknown> {
  if (gaveUp === undefined) return {};
  const { group, reason, chain } = gaveUp;
  return { error: { code: "gave-up", message: `${group} gave up: ${reason}`, chain } };
}

/** Bytes as hex, big integers as numbers: what JSON can hold. */
function plain(value: FieldValue): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return typeof value === "bigint" ? Number(value) : value;
}

function printSummary(name: string, summary: Record<string, unknown> & { readonly ok: boolean }, images: readonly string[]): void {
  print(`${name}: ${summary.ok ? "done" : "FAILED"} in ${String(summary.seconds)} s`);
  for (const [field, value] of Object.entries(summary)) {
    if (field === "ok" || field === "seconds" || field === "domains") continue;
    if (field === "error") {
      for (const line of errorLines(value as ErrorFields)) print(line);
      continue;
    }
    if (Array.isArray(value) && value.length === 0) continue;
    print(`  ${field.padEnd(22)} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`);
  }
  for (const { name: domain, signer, generation } of summary.domains as { name: string; signer: string; generation: number }[]) {
    print(dim(`  ${domain}: generation ${generation}, signed by ${signer}`));
  }
  if (summary.ok) for (const image of images) print(dim(`  image: ${image}`));
}
