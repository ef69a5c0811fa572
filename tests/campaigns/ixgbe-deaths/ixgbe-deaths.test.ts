/** A slice of the campaign of that name. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runIxgbeDeaths } from "./run.ts";

test("ixgbe-deaths: 60 deaths of the driver under traffic lose no packet unseen and let no foreign byte through", async () => {
  const { deaths, causes, frames, lost, failures } = await runIxgbeDeaths(60, 7);
  assert.equal(failures, []);
  assert.ok(deaths >= 60 && frames > 500, `${deaths} deaths, ${frames} frames`);
  assert.ok((causes.deadline ?? 0) > 5 && (causes.trap ?? 0) > 5 && (causes.killed ?? 0) > 5, JSON.stringify(causes));
  assert.ok(lost > 60, "packets were in the rings when the drivers died");
});

test.run();
