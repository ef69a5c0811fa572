/** A slice of the campaign `stress`, within a domain and between domains, on one CPU and on two. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { testSystem } from "../support/system.ts";
import { BetweenRig } from "./stress/between.ts";
import { type StressCounts, StressRig } from "./stress/workload.ts";

const test = suite("stress campaign");

const LEAST_ROUNDS = 60;
const MOST_ROUNDS = 2000;

/** What is killed depends on how far threads have come, and that on the machine. */
async function untilAllWasKilled(rig: { readonly counts: StressCounts; round(): Promise<string | undefined> }): Promise<void> {
  const isDone = ({ threadKills, domainKills, callKills }: StressCounts): boolean => threadKills > 0 && domainKills + callKills > 0;
  for (let i = 0; i < LEAST_ROUNDS || (i < MOST_ROUNDS && !isDone(rig.counts)); i++) assert.is(await rig.round(), undefined);
  assert.ok(isDone(rig.counts), JSON.stringify(rig.counts));
}

test("rounds of threads under chance, until every kind has been killed: nothing is stuck, lost or left", async () => {
  const t = await testSystem();
  await untilAllWasKilled(await StressRig.start(t, 11));
  await t.end();
});

for (const cpus of [1, 2]) {
  test(`rounds of threads between domains under chance, CPUs: ${cpus}: nothing is stuck, lost or left`, async () => {
    const t = await testSystem({ heapMegabytes: 32, cpus, supervision: { firstWaitMs: 0, intensity: 1_000_000, periodMs: 1 } });
    await untilAllWasKilled(await BetweenRig.start(t, 12));
    await t.end();
  });
}

test.run();
