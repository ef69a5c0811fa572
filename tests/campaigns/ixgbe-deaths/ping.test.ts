/** A slice of the campaign's part with `ping`; skipped, with the reason, where the kernel cannot be asked. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { whyNoTap } from "../../support/private-network.ts";
import { runPingDeaths } from "./ping.ts";

const reason = whyNoTap();
if (reason !== undefined) console.log(`SKIP ping: ${reason}`);

const withTap = reason === undefined ? test : test.skip;

withTap("ping: 20 deaths of the driver cost at most one answer each, and no other", async () => {
  const { deaths, questions, lost, failures } = await runPingDeaths(20, 3);
  assert.equal(failures, []);
  assert.ok(deaths >= 20 && questions === 40 && lost <= deaths, `${deaths} deaths, ${lost} of ${questions} lost`);
});

// Where ping cannot be had, the report says so instead of passing.
test("runPingDeaths: what it could not do stands in its report", async () => {
  const { skipped, questions } = await runPingDeaths(1, 1);
  assert.is(skipped === undefined, questions > 0);
});

/** More than are ever asked in time, and a number that no other run has. */
const COUNT = 4321;
/** By its `ping`: two for each death, and some before and after. */
const ASKED = 2 * COUNT + 12;
const SEED = process.pid;

/** Command lines of processes that belong to the run with that seed, or to its `ping`. */
function leftovers(): string[] {
  const commands = readdirSync("/proc").flatMap((name) => {
    try {
      return /^\d+$/.test(name) ? [readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim()] : [];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
  return commands.filter((command) => (command.startsWith("ping ") && command.includes(` -c ${ASKED} `)) || command.endsWith(` ${SEED}`));
}

async function until(isSo: () => boolean): Promise<boolean> {
  for (let i = 0; i < 1200 && !isSo(); i++) await new Promise((wake) => setTimeout(wake, 50));
  return isSo();
}

const isAsking = (): boolean => leftovers().some((command) => command.startsWith("ping "));

withTap("runPingDeaths: a run that takes too long is ended, and nothing of it is left, `ping` least of all", async () => {
  const overdue = new AbortController();
  const run = runPingDeaths(COUNT, SEED, overdue.signal);
  assert.ok(await until(isAsking), "ping did not begin");
  overdue.abort();
  const { failures } = await run;
  assert.match(failures.join(), /^ping: the scene did not end in time/);
  assert.ok(await until(() => leftovers().length === 0), leftovers().join("\n"));
});

withTap("runPingDeaths: when its own process is killed, nothing of it is left either", async () => {
  const work = `(await import(${JSON.stringify(`${import.meta.dirname}/ping.ts`)})).runPingDeaths(${COUNT}, ${SEED})`;
  const child: ChildProcess = spawn(process.execPath, ["--input-type=module", "-e", work], { stdio: "ignore" });
  assert.ok(await until(isAsking), "ping did not begin");
  child.kill("SIGKILL");
  await once(child, "close");
  assert.ok(await until(() => leftovers().length === 0), leftovers().join("\n"));
});

test.run();
