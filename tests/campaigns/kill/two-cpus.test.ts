/** A slice of `npm run campaign:kill -- --cpus 2`. */
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

test.run();
