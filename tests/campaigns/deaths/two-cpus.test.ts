/** A slice of `npm run campaign:deaths -- --cpus 2`. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../../host/platform/seeded-random.ts";
import { auditAtRest } from "../../support/audit-at-rest.ts";
import { Deaths, nextInjection } from "./injection.ts";

const test = suite("deaths, two cpus");

test("over two CPUs, every cause in every domain: the right answer, restarts by the strategy, the heap at its baseline", async () => {
  const deaths = await Deaths.start(600, 2);
  const { heap } = deaths.t.system.kernel;
  const use = (): object => {
    const { liveObjects, liveBytes, orphans, borrows } = heap.stats();
    return { liveObjects, liveBytes, orphans, borrows };
  };
  const baseline = use();
  const random = seededRandom(4);
  for (let i = 0; i < 150; i++) {
    const injection = nextInjection(random);
    assert.is(deaths.run(injection), undefined, `${i}: ${JSON.stringify(injection)}`);
    assert.equal(use(), baseline, `${i}: ${JSON.stringify(injection)}`);
  }
  assert.equal(auditAtRest(heap).problems, []);
  await deaths.end();
});

test.run();
