/**
 * `ping -i 0.2` from the machine's kernel while the driver dies. Called by scripts/campaign-ixgbe-deaths.ts and by the slice among the tests.
 * Judged: each death may cost one question, the one under way or the next one; every other one is answered.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inPrivateNetwork, whyNoTap } from "../../support/private-network.ts";
import type { PingScene } from "./ping-scene.ts";

export interface PingDeathsReport {
  /** Why nothing was done: what a TAP interface or `ping` wants is not there. */
  readonly skipped?: string;
  readonly deaths: number;
  readonly questions: number;
  readonly lost: number;
  readonly failures: readonly string[];
}

const QUESTIONS_PER_DEATH = 2;

/** What the scene may take: a minute for its start, and more than twice as long as `ping` takes. */
const mostMsFor = (questions: number): number => 60_000 + questions * 1000;

/** Takes 0.4 s for each death. @param overdue ends the scene, with `ping` */
export async function runPingDeaths(
  count: number,
  seed: number,
  overdue: AbortSignal = AbortSignal.timeout(mostMsFor(QUESTIONS_PER_DEATH * count)),
): Promise<PingDeathsReport> {
  const skipped = whyNoTap();
  if (skipped !== undefined) return { skipped, deaths: 0, questions: 0, lost: 0, failures: [] };
  const questions = QUESTIONS_PER_DEATH * count;
  const scene = await runScene(questions, seed, overdue);
  if (typeof scene === "string") return { deaths: 0, questions, lost: 0, failures: [`ping: ${scene}`] };
  const { deaths, answered, printed } = scene;
  const seen = new Set(answered);
  const failures: string[] = [];
  let [lost, died] = [0, 0];
  /** Deaths since the question before this one that have not cost an answer. */
  let spared = 0;
  for (const [i, times] of deaths.entries()) {
    died += times;
    const before = spared;
    spared = times;
    if (seen.has(i)) continue;
    lost++;
    if (before === 0 && times === 0)
      failures.push(`ping: question ${i} was not answered, and no death is left that it could be put down to`);
    else if (before === 0) spared--;
  }
  if (died < count) failures.push(`ping: of ${count} deaths ${died} happened`);
  if (/DUP!|wrong data|corrupted/.test(printed)) failures.push("ping: an answer came twice, or was not the question's");
  return { deaths: died, questions, lost, failures };
}

/** Or what went wrong. Whatever that is, nothing of the scene is left: its network's processes end with `unshare`. */
async function runScene(questions: number, seed: number, overdue: AbortSignal): Promise<PingScene | string> {
  const folder = mkdtempSync(join(tmpdir(), "sumac-ping-deaths-"));
  const [file, args] = inPrivateNetwork([process.execPath, `${import.meta.dirname}/ping-scene.ts`, folder, `${questions}`, `${seed}`]);
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"] });
  let [said, complained] = ["", ""];
  child.stdout.on("data", (text) => (said += text));
  child.stderr.on("data", (text) => (complained += text));
  const end = (): void => void child.kill("SIGKILL");
  overdue.addEventListener("abort", end);
  try {
    const status = await new Promise<number | null>((done) => child.on("close", done));
    if (overdue.aborted) return `the scene did not end in time: ${complained}`;
    return status === 0 ? (JSON.parse(said) as PingScene) : `the scene ended with ${status}: ${complained}`;
  } finally {
    overdue.removeEventListener("abort", end);
    end();
    rmSync(folder, { recursive: true });
  }
}
