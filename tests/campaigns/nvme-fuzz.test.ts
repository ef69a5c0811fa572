/** A short slice of the campaign: the NVMe controller under a driver that does anything at all, alone and beside a second CPU. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runFuzz } from "./nvme-fuzz/run.ts";

const test = suite("NVMe fuzz campaign");

test("NVMe 1.4 §9 100 000 operations by chance, half beside a second CPU: nothing thrown, no foreign byte, no answer too many", async () => {
  const report = await runFuzz(100_000, 7);
  assert.equal(report.failures, []);
  assert.ok(report.besideSecondCpu > 5 && report.lives > 2 * report.besideSecondCpu - 2);
  assert.ok(report.completions > 10_000, `commands get through: ${report.completions}`);
});

test.run();
