/** A slice of the campaign `stress`. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { testSystem } from "../support/system.ts";
import { StressRig } from "./stress/workload.ts";

const test = suite("stress campaign");

test("sixty rounds of threads under chance: nothing is stuck, lost or left", async () => {
  const t = await testSystem();
  const rig = await StressRig.start(t, 11);
  for (let i = 0; i < 60; i++) assert.is(await rig.round(), undefined);
  const { threadKills, domainKills, callKills } = rig.counts;
  assert.ok(threadKills > 0 && domainKills + callKills > 0, `killed ${threadKills} threads, ${domainKills} domains, ${callKills} by calls`);
  await t.end();
});

test.run();
