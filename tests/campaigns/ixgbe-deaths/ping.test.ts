/** A slice of the campaign's part with `ping`; skipped, with the reason, where the kernel cannot be asked. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { whyNoTap } from "../../support/private-network.ts";
import { runPingDeaths } from "./ping.ts";

const reason = whyNoTap();
if (reason !== undefined) console.log(`SKIP ping: ${reason}`);

(reason === undefined ? test : test.skip)("ping: 20 deaths of the driver cost at most one answer each, and no other", async () => {
  const { deaths, questions, lost, failures } = await runPingDeaths(20, 3);
  assert.equal(failures, []);
  assert.ok(deaths >= 20 && questions === 40 && lost <= deaths, `${deaths} deaths, ${lost} of ${questions} lost`);
});

// Where ping cannot be had, the report says so instead of passing.
test("runPingDeaths: what it could not do stands in its report", async () => {
  const { skipped, questions } = await runPingDeaths(1, 1);
  assert.is(skipped === undefined, questions > 0);
});

test.run();
