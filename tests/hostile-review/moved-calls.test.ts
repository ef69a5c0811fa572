/** Calls whose callee goes to another CPU meanwhile, of callers that do not live to see it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SlotWord } from "../../host/kernel/cpus/board.ts";
import { MOVED } from "../../host/kernel/cpus/remote-failure.ts";
import { attempt, deaths, domain } from "../support/domain.ts";
import { calls, testSystem } from "../support/system.ts";

const test = suite("review: moved calls");

test("a caller that is dead when it is told that its callee has moved makes nobody else's call twice", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  const code = "(global $count (mut i32) (i32.const 0))";
  const count = "(global.set $count (i32.add (global.get $count) (local.get $n))) (global.get $count)";
  const store = await t.add({ ...domain("store", { code, exports: { call: count } }), cpu: 1 });
  const asks = { imports: { call: calls(store) }, exports: { quick: "(call $call (local.get $n))" } };
  await t.add(domain("first", asks));
  await t.add(domain("second", asks));
  const { kernel } = t.system;
  const cpu = kernel.cpus?.cpu;
  if (cpu === undefined) throw new Error("there is one CPU");
  const request = cpu.request.bind(cpu);
  // As if the answer had come from where the callee no longer is; and what is looked at meanwhile is a reason to end the caller.
  cpu.request = (number, ...asked) => {
    cpu.request = request;
    const isAnswered = request(number, ...asked);
    cpu.board.i32[cpu.board.slot(number) + SlotWord.status] = MOVED;
    t.system.kill("first");
    return isAnswered;
  };
  assert.is(attempt(t, "first", "quick", 0), "killed first#1");
  assert.is(attempt(t, "second", "quick", 1), "ok 1");
  assert.is(attempt(t, "second", "quick", 1), "ok 2");
  assert.equal(deaths(t), ["killed first#1"]);
  await t.end();
});

test.run();
