/** A slice of `npm run campaign:deaths`: deaths of every cause in every domain, and the system goes on as if nothing had been. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../../host/platform/seeded-random.ts";
import { auditHeap } from "../../../shared-heap/audit.ts";
import { CAUSES, PLACES, VICTIMS } from "./domains.ts";
import { Deaths, nextInjection } from "./injection.ts";

const test = suite("deaths");

test("every cause in every domain at every place: the right value or the right error, and restarts by the strategy", async () => {
  const deaths = await Deaths.start(1000);
  const baseline = deaths.t.system.kernel.heap.stats();
  for (const victim of VICTIMS) {
    for (const cause of CAUSES) {
      for (let place = 0; place < PLACES; place++) {
        if (cause === "deadline" && victim === "client") continue;
        const problem = deaths.run({ victim, cause, place, times: 1, argument: 21 });
        assert.is(problem, undefined, `${cause} in ${victim} at ${place}`);
        assert.equal(deaths.t.system.kernel.heap.stats(), baseline, `${cause} in ${victim} at ${place}`);
      }
    }
  }
  await deaths.end();
});

test("300 injected deaths at random: the heap is at its baseline after each", async () => {
  const deaths = await Deaths.start(1000);
  const baseline = deaths.t.system.kernel.heap.stats();
  const random = seededRandom(1);
  for (let i = 0; i < 300; i++) {
    const injection = nextInjection(random);
    assert.is(deaths.run(injection), undefined, `${i}: ${JSON.stringify(injection)}`);
    assert.equal(deaths.t.system.kernel.heap.stats(), baseline, `${i}: ${JSON.stringify(injection)}`);
  }
  assert.ok(deaths.recoveryMicros.values.length > 200);
  assert.equal(auditHeap(deaths.t.system.kernel.heap).problems, []);
  await deaths.end();
});

test.run();
