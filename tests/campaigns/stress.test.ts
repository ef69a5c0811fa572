/** A slice of the campaign `stress`. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { testSystem } from "../support/system.ts";
import { StressRig } from "./stress/workload.ts";

const test = suite("stress campaign");

const LEAST_ROUNDS = 60;
const MOST_ROUNDS = 2000;

test("rounds of threads under chance, until every kind has been killed: nothing is stuck, lost or left", async () => {
  const t = await testSystem();
  const rig = await StressRig.start(t, 11);
  // What is killed depends on how far threads have come, and that on the machine.
  const isDone = ({ threadKills, domainKills, callKills }: StressRig["counts"]): boolean => threadKills > 0 && domainKills + callKills > 0;
  for (let i = 0; i < LEAST_ROUNDS || (i < MOST_ROUNDS && !isDone(rig.counts)); i++) assert.is(await rig.round(), undefined);
  const { threadKills, domainKills, callKills } = rig.counts;
  assert.ok(threadKills > 0 && domainKills + callKills > 0, `killed ${threadKills} threads, ${domainKills} domains, ${callKills} by calls`);
  await t.end();
});

test.run();
