/** An application that calls domains when it is told of something, in the middle of calls between CPUs. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { attempt, deaths, domain } from "../support/domain.ts";
import { testSystem } from "../support/system.ts";

const test = suite("review: listening hosts");

test("who is told of a death together with the answer of a call to another CPU calls that CPU at once", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  await t.add({ ...domain("told", { exports: { call: "(i32.add (local.get $n) (i32.const 1))" } }), cpu: 1 });
  await t.add({ ...domain("weak", { exports: { call: "unreachable" } }), cpu: 1 });
  const cpu = t.system.kernel.cpus?.cpu;
  if (cpu === undefined) throw new Error("there is one CPU");
  const heard: string[] = [];
  t.system.kernel.events.on((event) => {
    if (event.kind === "death") heard.push(attempt(t, "told", "call", 41));
  });
  // The answer is seen before the news that came with it.
  const { hasMore } = cpu;
  const request = cpu.request.bind(cpu);
  cpu.request = (...asked) => {
    cpu.hasMore = () => false;
    try {
      return request(...asked);
    } finally {
      cpu.hasMore = hasMore;
    }
  };
  assert.is(attempt(t, "weak", "call", 1), "trap weak#1");
  assert.equal(heard, ["ok 42"]);
  assert.equal(deaths(t), ["trap weak#1"]);
  await t.end();
});

test.run();
