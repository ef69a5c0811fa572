/** A slice of `npm run campaign:kill -- --cpus 2`. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SCENARIOS } from "./scenarios.ts";
import { Trials, VICTIMS } from "./trials.ts";

const test = suite("kill everywhere, two cpus");

test("over two CPUs whoever is killed wherever, nobody else dies and nothing is left", async () => {
  for (const scenario of SCENARIOS.filter((_, i) => i % 3 === 1)) {
    const trials = await Trials.start(scenario, 2);
    for (const victim of VICTIMS) {
      const { points, killed, problems } = trials.killEverywhere(victim);
      assert.equal(problems, [], scenario.name);
      assert.ok(points > 1, `${scenario.name}: ${points} points`);
      assert.is(killed, points, scenario.name);
    }
    await trials.end();
  }
});

test("at each point of the other CPU, too, whoever is killed there: nobody else dies and nothing is left", () => {
  const there = new URL("there.ts", import.meta.url).href;
  const script = fileURLToPath(new URL("../../../scripts/campaign-kill.ts", import.meta.url));
  const args = ["--import", there, script, "--phase", "kill", "--cpus", "2", "--count", "5"];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.is(status, 0, stderr);
  const { failures } = JSON.parse(stdout) as { readonly failures: readonly string[] };
  assert.equal(failures, []);
  assert.match(stderr, /lends an argument: .*running there [1-9]\d* of .*back there [1-9]/);
});

test.run();
