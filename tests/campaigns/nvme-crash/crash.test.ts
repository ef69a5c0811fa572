/** A short slice of the campaign, and that its oracle notices what it is for. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BLOCK_BYTES, fillBlock, Oracle, versionOf } from "./oracle.ts";
import { DEATH_POINTS } from "./rig.ts";
import { runCrashes } from "./run.ts";

const test = suite("NVMe crash campaign");

test("200 deaths of the driver and 200 faults of the device: nothing flushed is lost, nothing foreign is read, nothing is left", async () => {
  const report = await runCrashes(200, 3);
  assert.equal(report.failures, []);
  for (const point of DEATH_POINTS) assert.ok((report.strikes.get(point) ?? 0) > 5, `deaths ${point}: ${report.strikes.get(point)}`);
  assert.ok(report.faultKinds.size === 7, [...report.faultKinds.keys()].join(", "));
  assert.ok(report.states > 100);
});

function blockOf(lba: number, version: number): Uint8Array {
  const bytes = new Uint8Array(BLOCK_BYTES);
  fillBlock(bytes, lba, version);
  return bytes;
}

test("versionOf a block: its own version, and nothing for another block's or a torn one", () => {
  assert.is(versionOf(3, blockOf(3, 9)), 9);
  assert.is(versionOf(3, blockOf(3, 0)), 0);
  assert.is(versionOf(4, blockOf(3, 9)), undefined);
  const torn = blockOf(3, 9);
  torn.set(blockOf(3, 8).subarray(2048), 2048);
  assert.is(versionOf(3, torn), undefined);
});

test("Oracle: an acknowledged write that is not there is noticed", () => {
  const oracle = new Oracle(1);
  oracle.writing(0, 1, 1);
  oracle.written(0, 1, 1, true);
  assert.match(oracle.read(0, blockOf(0, 0)) ?? "", /version 0 was read, expected 1/);
  assert.is(oracle.read(0, blockOf(0, 1)), undefined);
});

test("Oracle: a write that may have been done or not may be found or not, once", () => {
  const oracle = new Oracle(1);
  oracle.writing(0, 1, 1);
  oracle.written(0, 1, 1, false);
  assert.is(oracle.read(0, blockOf(0, 0)), undefined);
  assert.match(oracle.read(0, blockOf(0, 1)) ?? "", /version 1 was read, expected 0/);
});

test("Oracle: after a cut, what was flushed is there, and what was written since may be", () => {
  const oracle = new Oracle(1);
  oracle.writing(0, 1, 1);
  oracle.written(0, 1, 1, true);
  oracle.flushed(oracle.flushing(), 2);
  oracle.writing(0, 1, 2);
  assert.is(oracle.afterCut(3, blockOf(0, 1)), undefined);
  assert.is(oracle.afterCut(3, blockOf(0, 2)), undefined);
  assert.match(oracle.afterCut(3, blockOf(0, 0)) ?? "", /flushed was 1/);
  assert.is(oracle.afterCut(1, blockOf(0, 0)), undefined, "before the flush");
});

test("Oracle: a flush covers no block that is being written when it is sent, and no later flush", () => {
  const oracle = new Oracle(2);
  oracle.occupy(0, 1, 1);
  oracle.writing(0, 1, 1);
  const early = oracle.flushing();
  oracle.occupy(0, 1, -1);
  oracle.written(0, 1, 1, true);
  oracle.writing(1, 1, 2);
  oracle.written(1, 1, 2, true);
  oracle.flushed(oracle.flushing(), 3);
  oracle.flushed(early, 3);
  const image = new Uint8Array(2 * BLOCK_BYTES);
  image.set(blockOf(0, 1));
  assert.match(oracle.afterCut(3, image) ?? "", /block 1: version 0 after a power cut, flushed was 2/);
  image.set(blockOf(1, 2), BLOCK_BYTES);
  assert.is(oracle.afterCut(3, image), undefined);
});

test.run();
