/** An object of a size that no object has: what another domain was told before must not become the cause of this one's death. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { PANIC_QUOTA } from "../../host/kernel/life/trap.ts";
import { attempt, domain } from "../support/domain.ts";
import { testSystem } from "../support/system.ts";

const TOO_LARGE = 0x1000001;

test("who asks for a message that is too large does not die of another's quota", async () => {
  const t = await testSystem();
  const code = '(import "kernel" "message-new" (func $message (param i32) (result i32))) (memory 1)';
  const call = `(drop (call $message (i32.const ${TOO_LARGE})))
    (call $panic (i32.const ${PANIC_QUOTA}) (i32.const 0) (i32.const 0)) unreachable`;
  await t.add(domain("small", { limits: { heapObjects: 1 }, exports: { call: "(drop (call $new)) (call $new)" } }));
  await t.add(domain("large", { code, kernel: ["panic"], exports: { call } }));
  assert.is(attempt(t, "small", "call", 0), "ok 0");
  assert.is(attempt(t, "large", "call", 0), "trap large#1");
  await t.end();
});

test.run();
