/** A slice of `npm run campaign:churn`: domains come and go in every way, and the heap holds what it held before. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { auditHeap } from "../../../shared-heap/audit.ts";
import { testSystem } from "../../support/system.ts";
import { Churn } from "./cycles.ts";
import { churnPlot } from "./plot.ts";

const test = suite("churn");

test("1000 domains are created, used and dead, and the heap holds nothing", async () => {
  const t = await testSystem({ heapMegabytes: 32 });
  const churn = await Churn.start(t);
  const ends = new Set<string>();
  for (let i = 0; i < 1000; i++) {
    const end = churn.next();
    ends.add(end);
    assert.is(await churn.cycle(end), undefined, `cycle ${i}, ${end}`);
    t.system.kill("victim");
    t.system.kill("stillborn");
    const { liveObjects, liveBytes, orphans, borrows } = t.system.kernel.heap.stats();
    assert.equal(
      { liveObjects, liveBytes, orphans, borrows },
      { liveObjects: 0, liveBytes: 0, orphans: 0, borrows: 0 },
      `cycle ${i}, ${end}`,
    );
  }
  assert.is(ends.size, 7);
  assert.equal(auditHeap(t.system.kernel.heap).problems, []);
  await t.end();
});

test("churnPlot draws both curves from 0", () => {
  const svg = churnPlot([
    { cycles: 50, residentMegabytes: 100, heapBytes: 0 },
    { cycles: 100, residentMegabytes: 50, heapBytes: 2 ** 20 },
  ]);
  assert.is(svg.match(/<polyline/g)?.length, 2);
  // 100 of 110 MiB, and half of it: the axis is 232 high and begins at y = 272.
  assert.match(svg, 'points="384.0,61.1 704.0,166.5"');
});

test.run();
