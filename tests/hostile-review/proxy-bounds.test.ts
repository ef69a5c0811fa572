/** Several proxies of one link, as the host's functions have that were called with a deadline too: each must forget a dead generation. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Domain } from "../../host/kernel/domain.ts";
import { createDomain } from "../../host/kernel/life/birth.ts";
import { call, domain, outcome } from "../support/domain.ts";
import { testSystem } from "../support/system.ts";
import { id } from "../support/world.ts";

const test = suite("proxies of one link");

/** More than wait before one is used again. */
const SLOTS_THAT_WAIT = 200;
/** Adds to a word of its own memory and gives the sum. */
const SUM = "(i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (local.get $n))) (i32.load (i32.const 64))";

test("a function that was called with a deadline once never reaches the code of a dead generation, whoever has its slot and memory now", async () => {
  const t = await testSystem();
  await t.add({ ...domain("old", { exports: { call: SUM } }), snapshot: false });
  const { run } = t.system.export("old", id("call"));
  assert.ok(run !== undefined);
  const timed = run.with({ deadlineMs: 1000 });
  assert.is(outcome(run(3)), "ok 3");
  assert.is(outcome(timed(4)), "ok 7");
  const { slot, memory } = t.system.seat("old").current as Domain;
  t.system.kill("old");
  assert.is(outcome(run(1)), "dead old#1");
  const seat = await t.add({ ...domain("new", { exports: { call: SUM } }), snapshot: false });
  for (let i = 0; i < SLOTS_THAT_WAIT && seat.current?.slot !== slot; i++) {
    t.system.kill("new");
    assert.ok(createDomain(t.system.kernel, seat).ok);
  }
  assert.is(seat.current?.slot, slot);
  assert.is(seat.current?.memory, memory);
  assert.is(outcome(call(t, "new", "call", 100)), "ok 100");
  assert.is(outcome(run(1)), "dead old#1");
  assert.is(outcome(timed(1)), "dead old#1");
  assert.is(outcome(call(t, "new", "call", 100)), "ok 200", "nobody wrote into its memory");
  await t.end();
});

test.run();
