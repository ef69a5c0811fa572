/** What domains of one CPU say and die of has to reach the first one, whatever it is. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { attempt, deaths, domain } from "../support/domain.ts";
import { testSystem } from "../support/system.ts";

const test = suite("review: news of other CPUs");

/** As many bytes as are read of a text, each of which is shown as several characters. */
const LONGEST = "(i32.const 0) (i32.const 1024)";

test("a death after the longest of lines, with the longest of last words, is told", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  const lines = `(call $log ${LONGEST})`.repeat(8);
  const loud = domain("loud", {
    kernel: ["log", "panic"],
    exports: { call: `${lines} (call $panic (i32.const 1) ${LONGEST}) unreachable`, quick: "(local.get $n)" },
  });
  await t.add({ ...loud, cpu: 1 });
  await t.add({ ...domain("other", { exports: { quick: "(local.get $n)" } }), cpu: 1 });
  assert.is(attempt(t, "loud", "call", 1), "trap loud#1");
  assert.is(attempt(t, "other", "quick", 3), "ok 3");
  assert.equal(deaths(t), ["trap loud#1"]);
  await t.end();
});

test.run();
