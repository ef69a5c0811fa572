/** Runs the command `sumac` as a child process, as a user would. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const MAIN = join(import.meta.dirname, "..", "..", "host", "cli", "main.ts");

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function sumac(cwd: string, ...args: string[]): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { cwd, encoding: "utf8", timeout: 60_000 });
  return { status, stdout, stderr };
}

/** The last line of the output as JSON. */
export function lastJson<T>(run: Run): T {
  return JSON.parse(run.stdout.trimEnd().split("\n").at(-1) ?? "") as T;
}
