/** What the figures of a run depend on besides the code: recorded with them, so that nobody compares apples and pears. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

export interface Meta {
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  /** Of /proc/cpuinfo, where there is one: what turns nanoseconds into cycles. It is a convention, not what the core did meanwhile. */
  readonly nominalMhz?: number;
  readonly memoryGigabytes: number;
  /** Of the last minute, when the run began: above the number of idle cores, figures are noise. */
  readonly load: number;
  readonly commit: string;
  /** The tree had changes that the commit does not hold. */
  readonly modified: boolean;
  readonly date: string;
}

export function describeMachine(root: string): Meta {
  const git = (...args: string[]): string => {
    try {
      return execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    } catch {
      return "";
    }
  };
  const mhz = nominalMhz();
  return {
    ...(mhz === undefined ? {} : { nominalMhz: mhz }),
    node: process.version,
    v8: process.versions.v8,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    load: loadavg()[0] ?? 0,
    commit: git("rev-parse", "HEAD") || "unknown",
    modified: git("status", "--porcelain", "--untracked-files=no") !== "",
    date: new Date().toISOString(),
  };
}

function nominalMhz(): number | undefined {
  try {
    const found = /^cpu MHz\s*:\s*([0-9.]+)/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1];
    return found === undefined ? undefined : Number(found);
  } catch {
    return undefined;
  }
}
