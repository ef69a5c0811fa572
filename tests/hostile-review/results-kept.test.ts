/** Further words of a result, while the host is told of something and calls others at once. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { attempt, domain } from "../support/domain.ts";
import { testSystem } from "../support/system.ts";

const test = suite("review: results");

test("a result is the callee's, whatever the host calls while it is told of a death before it has read it", async () => {
  const t = await testSystem();
  const counts = {
    guard: ["setResult"],
    exports: { count: "(call $setResult (i32.const 0) (local.get $n)) (call $setResult (i32.const 1) (i32.const 0)) (i32.const 64)" },
  };
  await t.add(domain("asked", counts));
  await t.add(domain("other", counts));
  await t.add(domain("victim"));
  const { kernel } = t.system;
  const heard: string[] = [];
  t.system.kernel.events.on((event) => {
    if (event.kind === "death") heard.push(attempt(t, "other", "count", 5));
  });
  kernel.stepHook = () => {
    if (kernel.depth > 0) return;
    kernel.stepHook = undefined;
    t.system.kill("victim");
  };
  assert.is(attempt(t, "asked", "count", 7), "ok ok 7");
  assert.equal(heard, ["ok ok 5"]);
  await t.end();
});

test.run();
