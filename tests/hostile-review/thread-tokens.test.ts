/** Threads that ask to wait and need not: nothing of the question may be left for the next safepoint, which only gives way. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { attempt } from "../support/domain.ts";
import { testSystem } from "../support/system.ts";
import { addThreadDomain, FOREVER, START } from "../support/thread-domains.ts";

const test = suite("threads that need not wait");

/** Several slices long. */
const WORK = "(local.set $i (i32.const 60000000)) (loop $l (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))";

for (const [why, park] of [
  ["it was unparked before", `(drop (call $unpark (call $self))) (drop (call $park (i32.const 0) ${FOREVER}))`],
  ["it waits for no time", "(drop (call $park (i32.const 0) (i32.const 0)))"],
  ["it sleeps for no time", "(drop (call $park (i32.const 1) (i32.const 0)))"],
] as const) {
  test(`a thread that did not have to wait, because ${why}, goes on after it gave way at a safepoint`, async () => {
    const t = await testSystem();
    await addThreadDomain(t, "two", {
      run: `(local $i i32) ${park} ${WORK} (global.set $done (i32.add (global.get $done) (i32.const 1))) (i32.const 0)`,
      call: `(drop ${START}) ${START}`,
      parts: { code: "(global $done (mut i32) (i32.const 0))", exports: { quick: "(global.get $done)" } },
    });
    assert.is(attempt(t, "two", "call", 0), "ok 2");
    await t.system.kernel.threads.run();
    assert.is(attempt(t, "two", "quick", 0), "ok 2");
    await t.end();
  });
}

test.run();
