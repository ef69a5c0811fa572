/** The measure of the churn and deaths campaigns: what it lets pass and what not, on readings made up here. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { growthIn, growthText, isDue, type Reading, SAMPLES } from "../../scripts/steady-memory.ts";

const test = suite("steady-memory");
const MB = 2 ** 20;

/** @param reachable, resident in MB, after so many hundredths of the deaths */
function readings(reachable: (i: number) => number, resident: (i: number) => number): Reading[] {
  return Array.from({ length: SAMPLES }, (_, i) => ({ reachable: reachable(i + 1) * MB, resident: resident(i + 1) * MB }));
}

test("growthIn lets 4.9 % pass in both, and says which one has grown by 5.1 %", () => {
  const by = (share: number) => (i: number) => (i > 50 ? 100 * (1 + share) : 100);
  assert.is(growthIn(readings(by(0.049), by(0.049))), undefined);
  assert.is(growthIn(readings(by(0.051), by(0))), "reachable memory grew from 100.0 to 105.1 MB");
  assert.is(growthIn(readings(by(0), by(0.051))), "resident memory grew from 100.0 to 105.1 MB");
  assert.match(growthIn(readings(by(0.06), by(0.07))) ?? "", /^reachable .*106\.0 MB; resident .*107\.0 MB$/);
});

test("growthIn finds a leak of 64 bytes per death among 20 MB reachable in 100 000 deaths", () => {
  const leak = (i: number): number => 20 + (i * 1000 * 64) / MB;
  assert.match(growthIn(readings(leak, () => 160)) ?? "", /^reachable memory grew from 20\.6 to 26\.0 MB$/);
});

test("growthIn takes no notice of what swings in single samples, wherever they are", () => {
  const swings = (i: number): number => (i % 5 === 0 || i === 99 ? 150 : 100);
  assert.is(growthIn(readings(swings, swings)), undefined);
});

test("growthIn does not judge a run that was cut short", () => {
  assert.is(
    growthIn(
      readings(
        (i) => i,
        () => 1,
      ).slice(1),
    ),
    undefined,
  );
});

test("growthText names both figures and their growth", () => {
  const text = growthText(
    readings(
      () => 20,
      (i) => (i > 50 ? 101 : 100),
    ),
  );
  assert.match(text, /reachable 20\.0 → 20\.0 MB \(0\.0 %\), resident 100\.0 → 101\.0 MB \(1\.0 %\)$/);
});

test("isDue gives as many samples as there must be, the last one at the end, whatever the count", () => {
  for (const count of [100, 101, 150, 999, 20_000, 100_000]) {
    const due = Array.from({ length: count }, (_, i) => i + 1).filter((run) => isDue(run, count));
    assert.is(due.length, SAMPLES, `${count}`);
    assert.is(due.at(-1), count);
  }
});

test("inSteadyProcess runs the program once, with its arguments, where it can collect, and hands its exit code on", () => {
  const folder = mkdtempSync(join(tmpdir(), "sumac-steady-"));
  const program = join(folder, "program.ts");
  const helper = join(import.meta.dirname, "..", "..", "scripts", "steady-memory.ts");
  writeFileSync(
    program,
    `import { inSteadyProcess, readMemory } from ${JSON.stringify(helper)};
    if (inSteadyProcess(import.meta.filename)) {
      const kept = [];
      const before = await readMemory();
      for (let i = 0; i < 200_000; i++) kept.push({ i, a: 1, b: 2, c: 3 });
      const after = await readMemory();
      console.log(process.argv.slice(2).join(" "), after.reachable - before.reachable >= kept.length * 40, after.resident > after.reachable);
      process.exitCode = 7;
    }`,
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, "--count", "5"], { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  assert.is(stderr, "");
  assert.is(stdout, "--count 5 true true\n");
  assert.is(status, 7);
});

test.run();
