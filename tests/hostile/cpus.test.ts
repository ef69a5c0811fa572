/** Domains that do over two CPUs what they may not do on one. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import { Cause, Refusal } from "../../host/kernel/status.ts";
import { seededRandom } from "../../host/platform/seeded-random.ts";
import { auditHeap } from "../../shared-heap/audit.ts";
import { attempt, call, deaths, domain } from "../support/domain.ts";
import { COUNTERS, client, counters } from "../support/handle-domains.ts";
import { ATTACK, ID, Values } from "../support/message-domains.ts";
import { calls, testSystem } from "../support/system.ts";

const test = suite("hostile: cpus");

const REFUSED: number = Cause.refused * 1000 + Refusal.argument;

test("over two CPUs a forged object, a foreign one and a message that lies are refused as on one", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  await t.add(
    domain("keeper", {
      code: "(memory 1) (global $kept (mut i32) (i32.const 0))",
      exports: { call: "(global.set $kept (call $new)) (global.get $kept)" },
    }),
  );
  const victim = await t.add({
    ...domain("victim", {
      code: "(memory 1) (global $entered (mut i32) (i32.const 0))",
      exports: {
        take: "(global.set $entered (i32.add (global.get $entered) (i32.const 1)))",
        look: "(global.set $entered (i32.add (global.get $entered) (i32.const 1))) (i32.const 1)",
        call: "(global.get $entered)",
      },
    }),
    cpu: 1,
  });
  const status = "(i32.add (i32.mul (call $status (i32.const 0)) (i32.const 1000)) (call $status (i32.const 3)))";
  await t.add(
    domain("attacker", {
      imports: { take: calls(victim), look: calls(victim) },
      guard: ["status"],
      exports: { call: `(call $take (local.get $n)) ${status}`, quick: `(drop (call $look (local.get $n))) ${status}` },
    }),
  );
  const foreign = call(t, "keeper", "call", 0);
  assert.ok(foreign.ok);
  const random = seededRandom(11);
  const bases = [0, 64, 0x4000, 0x8021, 0x400000, 0x7fffffff, 0xffffffff, Number(foreign.ok && foreign.value)];
  for (let i = 0; i < 300; i++) bases.push(Math.floor(random() * 2 ** 32));
  for (const base of bases) {
    for (const through of ["call", "quick"] as const)
      assert.is(attempt(t, "attacker", through, base), `ok ${REFUSED}`, `0x${base.toString(16)}`);
  }
  assert.is(attempt(t, "victim", "call", 0), "ok 0");
  assert.equal(deaths(t), []);
  assert.equal(auditHeap(t.system.kernel.heap).problems, []);
  await t.end();
});

test("over two CPUs a message that is none of its type, or holds what its sender may not pass, is refused before anybody reads it", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  const values = new Values(["list<u32>", "list<block>"]);
  const echo = await t.add({ ...values.echo("victim"), cpu: 1 });
  await t.add(values.sender("attacker", calls(echo), "", ""));
  const send = (which: number, bytes: readonly number[]): number => {
    const memory = t.system.seat("attacker").current?.bytes;
    memory?.fill(0, 0, 4);
    memory?.set(bytes, 4);
    const called = t.system.export("attacker", ATTACK).run?.(which, 4 + bytes.length);
    assert.ok(called?.ok, JSON.stringify(called));
    return called?.ok === true ? Number(called.value) : -1;
  };
  assert.is(send(0, [1, 0, 0, 0, 7, 0, 0, 0]), 0);
  for (const lie of [[255, 255, 255, 255], [2, 0, 0, 0, 7, 0, 0, 0], [1, 0, 0, 0], [0]]) assert.is(send(0, lie), REFUSED, lie.join());
  for (const base of [
    [0, 0, 0x50, 0],
    [0, 0, 0, 0],
    [255, 255, 255, 255],
  ])
    assert.is(send(1, [1, 0, 0, 0, ...base]), REFUSED, base.join());
  const entered = t.system.export("victim", ID).entered?.();
  assert.equal(entered, { ok: true, value: 1 });
  await t.end();
});

test("capabilities do not cross CPUs: whoever would pass them there is not linked", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  const exporter = await t.add({ ...counters("exporter"), cpu: 1 });
  let message = "";
  try {
    await t.add(client("client", { imports: { [COUNTERS]: calls(exporter) } }));
  } catch (error) {
    assert.instance(error, SumacError);
    message = (error as SumacError).message;
  }
  assert.match(
    message,
    /domain client on CPU 0 is granted test:caps\/counters@0.1.0 by exporter on CPU 1: .* passes capabilities, which do not cross CPUs: give both the same "cpu"/,
  );
  await t.end();
});

test.run();
