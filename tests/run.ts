/**
 * Runs the tests: each file in a process of its own, so that one that spins or crashes fails alone, with a deadline, and
 * closes with one line `N passed, N failed` from the real counts. A file without a test is a failure.
 *
 * Usage: node tests/run.ts [PATTERN…] [--jobs N]
 */
import { spawn } from "node:child_process";
import { glob } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

const FILE_DEADLINE_MS = 180_000;

interface FileResult {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
  /** Shown when something failed. */
  readonly output: string;
}

const { positionals, values } = parseArgs({ allowPositionals: true, options: { jobs: { type: "string" } } });
const jobs = Number(values.jobs ?? Math.max(1, availableParallelism()));
const all = (await Array.fromAsync(glob("tests/**/*.test.ts"))).sort();
const queue = all.filter((file) => positionals.length === 0 || positionals.some((pattern) => file.includes(pattern)));

const results: FileResult[] = [];
await Promise.all(Array.from({ length: jobs }, worker));
const sum = (pick: (result: FileResult) => number): number => results.reduce((total, result) => total + pick(result), 0);
const [passed, failed, skipped] = [sum((r) => r.passed), sum((r) => r.failed), sum((r) => r.skipped)];
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

async function worker(): Promise<void> {
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    const result = await runFile(file);
    results.push(result);
    const mark = result.failed > 0 ? "FAIL" : "ok  ";
    console.log(`${mark} ${file} (${result.passed} passed, ${result.seconds.toFixed(1)} s)`);
    if (result.failed > 0) console.log(result.output.replace(/^/gm, "     "));
  }
}

function runFile(file: string): Promise<FileResult> {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    const timer = setTimeout(() => {
      output += `\nno end after ${FILE_DEADLINE_MS / 1000} s: killed`;
      child.kill("SIGKILL");
    }, FILE_DEADLINE_MS);
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ file, output, seconds: (performance.now() - started) / 1000, ...counts(output, code) });
    });
  });
}

/** uvu closes a file with Total, Passed and Skipped; a process that ends otherwise, or counts nothing, has failed. */
function counts(output: string, code: number | null): Pick<FileResult, "passed" | "failed" | "skipped"> {
  const text = output.replace(/\x1b\[[0-9;]*m/g, "");
  const number = (label: string): number => Number(new RegExp(`^\\s*${label}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
  const [total, passed, skipped] = [number("Total"), number("Passed"), number("Skipped")];
  // uvu leaves skipped tests out of Total.
  const failed = total - passed;
  const broken = code !== 0 || total === 0;
  return { passed, skipped, failed: broken && failed === 0 ? 1 : failed };
}
