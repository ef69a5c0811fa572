/** Handles inside messages: all of a list change hands or none, each side sees its own numbers, and loans end with the call. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { deaths } from "../support/domain.ts";
import { CALL, COUNTERS, counters, worldText } from "../support/handle-domains.ts";
import { destroyed, run } from "../support/handle-scenes.ts";
import { calls, type TestSystem, testSystem } from "../support/system.ts";

const test = suite("handles in messages");

const BAGS = "test:bags/bags@0.1.0";
const world = (items: string): string => `${worldText(items)}
package test:bags@0.1.0 { interface bags {
  use test:caps/counters@0.1.0.{counter};
  keep-all: func(all: list<counter>) -> u32;
  use-all: func(all: list<borrow<counter>>) -> u32;
  back-all: func() -> list<counter>;
} }`;

/** The message as it was written stands at 100; what arrived is copied to 2000: the number of items, then the items. */
const COMMON = `(import "${COUNTERS}" "[method]counter.add" (func $add (param i32 i32) (result i32)))
  (import "${COUNTERS}" "[resource-drop]counter" (func $drop (param i32)))
  (import "kernel" "message-new" (func $messageNew (param i32) (result i32))) (import "kernel" "message-drop" (func $messageDrop (param i32)))
  (import "guard" "copyOut" (func $copyOut (param i32 i32 i32))) (import "guard" "copyIn" (func $copyIn (param i32 i32 i32)))
  (import "guard" "status" (func $status (param i32) (result i32)))`;
const FUNCTIONS = `(func $message (param $items i32) (result i32) (local $base i32) (local $bytes i32)
    (i32.store (i32.const 100) (local.get $items)) (local.set $bytes (i32.add (i32.const 4) (i32.mul (i32.const 4) (local.get $items))))
    (local.set $base (call $messageNew (local.get $bytes))) (call $copyOut (local.get $base) (i32.const 100) (local.get $bytes)) (local.get $base))
  (func $put (param $at i32) (param $value i32) (i32.store offset=104 (i32.mul (i32.const 4) (local.get $at)) (local.get $value)))
  (func $read (param $base i32) (call $copyIn (i32.const 2000) (local.get $base) (i32.const 4))
    (call $copyIn (i32.const 2000) (local.get $base) (i32.add (i32.const 4) (i32.mul (i32.const 4) (i32.load (i32.const 2000))))))
  (func $item (param $at i32) (result i32) (i32.load offset=2004 (i32.mul (i32.const 4) (local.get $at))))
  (func $addToAll (result i32) (local $i i32) (local $sum i32)
    (loop $l
      (local.set $sum (i32.add (local.get $sum) (call $add (call $item (local.get $i)) (i32.const 1))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.load (i32.const 2000)))))
    (local.get $sum))`;

/** Uses what it is lent, keeps what it is given, and gives it back. */
const bag = (limits?: { handles: number }): Parameters<TestSystem["add"]>[0] => ({
  name: "bag",
  world: world(`import ${COUNTERS}; export ${BAGS};`),
  wat: `(module ${COMMON} (memory 1) ${FUNCTIONS}
    (func (export "${BAGS}#keep-all") (param $m i32) (result i32) (call $read (local.get $m)) (call $addToAll))
    (func (export "${BAGS}#use-all") (param $m i32) (result i32) (call $read (local.get $m)) (call $addToAll))
    (func (export "${BAGS}#back-all") (result i32) (local $i i32)
      (loop $l (call $put (local.get $i) (call $item (local.get $i)))
        (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.load (i32.const 2000)))))
      (call $message (i32.load (i32.const 2000)))))`,
  ...(limits === undefined ? {} : { limits }),
});

/** Holds three counters of 10, 20 and 30 in `$a`, `$b` and `$c`; `$m` is for a message. */
async function scene(body: string, limits?: { handles: number }): Promise<TestSystem> {
  const t = await testSystem();
  const served = await t.add(counters("served"));
  const kept = await t.add(bag(limits));
  await t.add({
    name: "holder",
    world: world(`import ${COUNTERS}; import ${BAGS}; export ${CALL};`),
    wat: `(module ${COMMON} (import "${COUNTERS}" "[constructor]counter" (func $new (param i32) (result i32)))
      (import "${BAGS}" "keep-all" (func $keepAll (param i32) (result i32))) (import "${BAGS}" "use-all" (func $useAll (param i32) (result i32)))
      (import "${BAGS}" "back-all" (func $backAll (result i32)))
      (memory 1) ${FUNCTIONS}
      (func (export "${CALL}#run") (param $n i32) (result i32) (local $a i32) (local $b i32) (local $c i32) (local $m i32)
        (local.set $a (call $new (i32.const 10))) (local.set $b (call $new (i32.const 20))) (local.set $c (call $new (i32.const 30)))
        ${body}))`,
    grants: { [COUNTERS]: calls(served), [BAGS]: calls(kept) },
  });
  return t;
}

const items = (...names: string[]): string => names.map((name, i) => `(call $put (i32.const ${i}) ${name})`).join(" ");
const [A, B, C] = ["(local.get $a)", "(local.get $b)", "(local.get $c)"];
const FAIL_UNLESS = (expected: number): string => `(if (i32.ne (call $status (i32.const 0)) (i32.const ${expected})) (then unreachable))`;

test("a list of owned handles changes hands and comes back; each side has numbers of its own", async () => {
  const t = await scene(`${items(A, B, C)} (local.set $n (call $keepAll (call $message (i32.const 3)))) ${FAIL_UNLESS(0)}
    (drop (call $add ${A} (i32.const 1))) ${FAIL_UNLESS(6)}
    (local.set $m (call $backAll)) ${FAIL_UNLESS(0)} (call $read (local.get $m))
    (i32.add (local.get $n) (call $addToAll))`);
  assert.is(run(t, "holder"), "ok 129", "63, and once more 66");
  assert.is(t.system.seat("bag").current?.handles.live, 0);
  assert.is(t.system.seat("holder").current?.handles.live, 3);
  assert.is(destroyed(t, "served"), "ok 0");
  await t.end();
});

test("a list of borrowed handles is used for the call; the message is its sender's again, with the numbers that it wrote", async () => {
  const t = await scene(`${items(A, B, A)} (local.set $m (call $message (i32.const 3)))
    (local.set $n (call $useAll (local.get $m))) ${FAIL_UNLESS(0)}
    (call $read (local.get $m)) (if (i32.ne (call $item (i32.const 1)) ${B}) (then unreachable))
    (local.set $n (i32.add (local.get $n) (call $useAll (local.get $m)))) ${FAIL_UNLESS(0)}
    (call $drop ${A}) (call $drop ${B}) (local.get $n)`);
  assert.is(run(t, "holder"), `ok ${11 + 21 + 12 + 13 + 22 + 14}`);
  assert.is(t.system.seat("bag").current?.handles.live, 0);
  assert.is(destroyed(t, "served"), "ok 2");
  await t.end();
});

/** Third items for which nothing of the message may be accepted. */
const REFUSED: Readonly<Record<string, string>> = {
  "a forged one": "(i32.const 0x7fff0003)",
  zero: "(i32.const 0)",
  "one that is there twice": A,
};

for (const [name, third] of Object.entries(REFUSED)) {
  test(`a message with a handle that is not accepted changes nothing: ${name}`, async () => {
    const t = await scene(`${items(A, B, third)} (drop (call $keepAll (call $message (i32.const 3)))) ${FAIL_UNLESS(6)}
      (i32.add (call $add ${A} (i32.const 1)) (call $add ${B} (i32.const 1)))`);
    assert.is(run(t, "holder"), "ok 32", "the first two are their holder's still");
    assert.is(t.system.seat("bag").current?.handles.live, 0);
    assert.equal(deaths(t), []);
    await t.end();
  });
}

test("a message with more handles than its receiver has room for changes nothing", async () => {
  const t = await scene(
    `${items(A, B, C)} (drop (call $keepAll (call $message (i32.const 3)))) (local.set $n (call $status (i32.const 3))) ${FAIL_UNLESS(6)}
    (drop (call $add ${C} (i32.const 1))) ${FAIL_UNLESS(0)} (local.get $n)`,
    { handles: 2 },
  );
  assert.is(run(t, "holder"), "ok 4");
  assert.is(t.system.seat("bag").current?.handles.live, 0);
  await t.end();
});

test.run();
