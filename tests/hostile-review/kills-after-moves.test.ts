/** Kills that come right after a move, before anybody on the new CPU has looked for the domain. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { RecordWord } from "../../host/kernel/words.ts";
import { AccountsWord, AccountWord, accountIndex } from "../../host/platform/cpu-accounts.ts";
import { attempt, deaths, domain } from "../support/domain.ts";
import { testSystem } from "../support/system.ts";

const test = suite("kills after moves");

for (const [from, to] of [
  [0, 1],
  [1, 2],
  [1, 0],
] as const) {
  test(`a domain that has just gone from CPU ${from} to CPU ${to} is killed there`, async () => {
    const t = await testSystem({ heapMegabytes: 32, cpus: 3 });
    await t.add({ ...domain("store", { exports: { call: "(local.get $n)" } }), cpu: from });
    assert.is(attempt(t, "store", "call", 1), "ok 1");
    t.system.migrate("store", to, { waitMs: 60_000 });
    t.system.kill("store");
    assert.is(t.system.domains().find(({ name }) => name === "store")?.alive, false);
    assert.equal(deaths(t), ["killed store#1"]);
    await t.end();
  });
}

test("a system is stopped right after a move: nothing of the domain is left", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 3 });
  await t.add(
    domain("store", { code: "(global $kept (mut i32) (i32.const 0))", exports: { call: "(global.set $kept (call $new)) (local.get $n)" } }),
  );
  assert.is(attempt(t, "store", "call", 1), "ok 1");
  assert.is(t.system.liveObjects(), 1);
  t.system.migrate("store", 1, { waitMs: 60_000 });
  await t.end();
});

test("what a domain used up of its CPU time where it was closes it to nobody where it is now", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  await t.add(domain("store", { exports: { call: "(local.get $n)" }, limits: { cpuBudgetMs: 10, cpuWindowMs: 60_000 } }));
  assert.is(attempt(t, "store", "call", 1), "ok 1");
  const { kernel } = t.system;
  const { id = 0, slot = 0, record = 0 } = kernel.byId(t.system.seat("store").current?.id ?? 0) ?? {};
  t.system.migrate("store", 1, { waitMs: 60_000 });
  // The watchdog had said so, and this CPU had not looked.
  const { accounts } = kernel.watchdog;
  accounts[accountIndex(slot) + AccountWord.spent] = id;
  accounts[AccountsWord.spent] = id;
  kernel.answerInterrupt();
  assert.is(kernel.i32[record + RecordWord.entered], 0);
  assert.is(attempt(t, "store", "call", 2), "ok 2");
  await t.end();
});

test.run();
