/** A slice of `npm run campaign:deadlines`: every kind of endless loop ends by its budget, and nobody else by a late tick. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../../host/platform/seeded-random.ts";
import { LateTicks } from "./late-ticks.ts";
import { LOOPS, Loops } from "./loops.ts";

const test = suite("deadline campaign");

test("loops without end, plain, of calls, of bulk instructions, in a chain and in births: each ends by its own budget", async () => {
  const loops = await Loops.start();
  for (let i = 0; i < 10; i++) {
    for (const loop of LOOPS) {
      const { overshootMs, problem } = loops.run(loop);
      assert.is(problem, undefined);
      assert.ok(overshootMs > -0.5, `${loop} was ended ${-overshootMs} ms early`);
    }
  }
  await loops.end();
});

test("calls that end while the watchdog's tick for them is on its way: no tick ends the call behind", async () => {
  const ticks = await LateTicks.start();
  const random = seededRandom(3);
  for (let i = 0; i < 300; i++) assert.is(ticks.race(0.3 + 3 * random()), undefined);
  assert.ok(ticks.ended.inTime > 10 && ticks.ended.late > 10, JSON.stringify(ticks.ended));
  await ticks.end();
});

test.run();
