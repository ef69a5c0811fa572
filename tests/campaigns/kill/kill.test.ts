/** A slice of `npm run campaign:kill`: every scenario with each victim killed at every point, and overflows for some of them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SCENARIOS } from "./scenarios.ts";
import { Trials, VICTIMS } from "./trials.ts";

const test = suite("kill everywhere");

for (const scenario of SCENARIOS) {
  test(`${scenario.name}: whoever is killed wherever, nobody else dies and nothing is left`, async () => {
    const trials = await Trials.start(scenario);
    for (const victim of VICTIMS) {
      const { points, killed, problems } = trials.killEverywhere(victim);
      assert.equal(problems, []);
      assert.ok(points > 1, `${points} points`);
      assert.is(killed, points);
    }
    await trials.end();
  });
}

for (const scenario of SCENARIOS.filter((_, i) => i % 6 === 0)) {
  test(`${scenario.name}: wherever the stack ends, only its user dies and nothing is left`, async () => {
    const trials = await Trials.start(scenario);
    const { points, killed, problems } = trials.overflow(1500, 6);
    assert.equal(problems, []);
    assert.ok(killed > points / 4, `${killed} of ${points} overflowed`);
    await trials.end();
  });
}

test.run();
