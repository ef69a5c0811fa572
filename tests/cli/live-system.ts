/** A system that runs for ever in another process, with control sockets in a folder of its own, and the command `sumac` beside it. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ask, findSystem } from "../../host/cli/control-client.ts";
import type { Snapshot } from "../../host/control/protocol.ts";
import type { Run } from "./support.ts";

const MAIN = resolve("host/cli/main.ts");
const SYSTEM = resolve("systems/scrub.json");

export class LiveSystem {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly #process: ChildProcess;
  readonly #ended: Promise<number | null>;
  #output = "";

  private constructor(folder: string, args: readonly string[]) {
    this.folder = folder;
    this.environment = { ...process.env, XDG_RUNTIME_DIR: folder, NO_COLOR: "1" };
    const options = { env: this.environment, cwd: folder, stdio: ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"] };
    const trusted = ["--trust", resolve(".sumac/dev-key.pub.pem")];
    const child = spawn(process.execPath, [MAIN, "run", SYSTEM, ...trusted, ...args], options);
    child.stdout.on("data", (chunk) => (this.#output += chunk));
    child.stderr.on("data", (chunk) => (this.#output += chunk));
    this.#process = child;
    this.#ended = new Promise((done) => child.once("close", done));
  }

  /** Resolves when its job runs. */
  static async start(...args: string[]): Promise<LiveSystem> {
    const folder = mkdtempSync(join(tmpdir(), "sumac-live-"));
    const live = new LiveSystem(folder, args);
    process.env.XDG_RUNTIME_DIR = folder;
    await live.until(({ chains }) => chains.some((chain) => chain.includes("scrubber")));
    return live;
  }

  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** The first snapshot for which this holds. */
  async until(holds: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
    for (;;) {
      if (this.#process.exitCode !== null) throw new Error(`the system has ended: ${this.#output}`);
      try {
        const snapshot = await ask<Snapshot>(await findSystem("scrub"), { do: "ps" });
        if (holds(snapshot)) return snapshot;
      } catch {
        // Not there yet.
      }
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  /** Runs the command beside it; not in this thread's way. */
  sumac(...args: string[]): Promise<Run> {
    const child = spawn(process.execPath, [MAIN, ...args], { env: this.environment, cwd: this.folder, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk) => (stdout += chunk));
    child.stderr.on("data", (chunk) => (stderr += chunk));
    return new Promise((done) => child.once("close", (status) => done({ status, stdout, stderr })));
  }

  /** The run's exit code, once its job is over. */
  ended(): Promise<number | null> {
    return this.#ended;
  }

  async end(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
