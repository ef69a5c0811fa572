/** A slice of the campaign of that name. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runIxgbeDeaths } from "./run.ts";

test("ixgbe-deaths: 60 deaths of the driver under traffic lose no packet unseen and let no foreign byte through", async () => {
  const { deaths, frames, lost, failures } = await runIxgbeDeaths(60, 7);
  assert.equal(failures, []);
  assert.ok(deaths >= 60 && frames > 500, `${deaths} deaths, ${frames} frames`);
  assert.ok(lost > 60, "packets were in the rings when the drivers died");
});

test.run();
