/** Threads that would use up what all domains share: the turns of a CPU, and the numbers of threads. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { attempt } from "../support/domain.ts";
import { testSystem } from "../support/system.ts";
import { addThreadDomain, FOREVER } from "../support/thread-domains.ts";

const test = suite("floods of threads");

const create = (priority: number): string =>
  `(call $create (i32.const 0) (i32.const 0) (i32.const 0) (i32.const ${priority}) (i32.const 0) (i32.const 0))`;

test("threads of the first priority that never wait leave turns to another domain's threads of the last one", async () => {
  const t = await testSystem();
  await addThreadDomain(t, "greedy", { run: "(loop $l (br $l)) (i32.const 0)", call: `(drop ${create(0)}) ${create(0)}` });
  for (const priority of [7, 4]) {
    await addThreadDomain(t, `modest${priority}`, {
      run: "(global.set $done (i32.const 1)) (i32.const 0)",
      call: create(priority),
      parts: { code: "(global $done (mut i32) (i32.const 0))", exports: { quick: "(global.get $done)" } },
    });
  }
  for (const name of ["greedy", "modest7", "modest4"]) attempt(t, name, "call", 0);
  for (let turn = 0; turn < 24; turn++) await t.system.kernel.threads.run(1);
  for (const name of ["modest7", "modest4"]) assert.is(attempt(t, name, "quick", 0), "ok 1", name);
  await t.end();
});

test("a domain that makes and joins threads without end leaves numbers for others: they come again, but none that is in use", async () => {
  const t = await testSystem();
  const { threads } = t.system.kernel;
  threads.table.lastSerial = 20;
  await addThreadDomain(t, "keeper", { run: `(call $park (i32.const 0) ${FOREVER})`, call: create(4) });
  assert.is(attempt(t, "keeper", "call", 0), "ok 1");
  await threads.run();
  const kept = threads.list()[0]?.id;
  await addThreadDomain(t, "maker", {
    run: "(i32.const 0)",
    call: create(4),
    parts: { exports: { quick: "(call $join (local.get $n))" } },
  });
  for (let i = 0; i < 50; i++) {
    assert.is(attempt(t, "maker", "call", 0), "ok 1", `thread ${i}`);
    assert.is(new Set(threads.list().map(({ id }) => id)).size, 2);
    await threads.run();
    assert.is(attempt(t, "maker", "quick", 1), "ok 1");
  }
  assert.equal(
    threads.list().map(({ id }) => id),
    [kept],
  );
  await t.end();
});

test.run();
