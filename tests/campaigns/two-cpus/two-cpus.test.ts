/** A slice of `npm run campaign:two-cpus`. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runTwoCpus } from "./run.ts";

const test = suite("two cpus");

test("two CPUs exchange objects while domains are killed and objects dropped: no foreign byte, nothing left, the audit holds", async () => {
  const { received, deaths, dropped, failures } = await runTwoCpus(3, 7);
  assert.equal(failures, []);
  assert.ok(received > 1000, `${received} received`);
  assert.ok(deaths > 5, `${deaths} deaths`);
  assert.ok(dropped > 5, `${dropped} dropped`);
});

test.run();
