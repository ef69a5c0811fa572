/** Every shape of loop: hardened it returns what it returned before, asks when it runs long, and dies when told to. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { wat } from "../../support/wat.ts";
import { original, outcome, type Running, start } from "../hardened.ts";

/** Bodies of a function with the parameter $n, the local $i = 0, and one result. */
const SHAPES: Readonly<Record<string, string>> = {
  "a loop without results": `
    (block $out (loop $top
      (br_if $out (i32.ge_u (local.get $i) (local.get $n)))
      (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $top)))
    (local.get $i)`,
  "a loop with a result": `
    (loop $top (result i32)
      (local.set $i (i32.add (local.get $i) (i32.const 3)))
      (br_if $top (i32.lt_u (local.get $i) (local.get $n)))
      (local.get $i))`,
  "a loop with several results": `
    (loop $top (result i32 i32 i64)
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $top (i32.lt_u (local.get $i) (local.get $n)))
      (local.get $i) (i32.const 7) (i64.const 5))
    (i32.wrap_i64) (i32.mul) (i32.add)`,
  "a loop with parameters": `
    (i32.const 0) (i32.const 1)
    (loop $top (param i32 i32) (result i32)
      (local.set $t) (i32.add (local.get $t)) (i32.add (local.get $t) (i32.const 1))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $top (i32.lt_u (local.get $i) (local.get $n)))
      (i32.xor))`,
  "a loop with parameters in one without, both left from the inside": `
    (block $out (result i32)
      (loop $outer (result i32)
        (local.get $i)
        (loop $inner (param i32) (result i32)
          (local.set $t (i32.add (i32.const 1)))
          (br_if $out (local.get $t) (i32.ge_u (local.get $t) (local.get $n)))
          (drop)
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $outer (i32.and (local.get $i) (i32.const 3)))
          (local.get $i) (br $inner))))`,
  "nested loops": `
    (loop $a
      (local.set $j (i32.const 0))
      (loop $b
        (local.set $k (i32.const 0))
        (loop $c
          (local.set $t (i32.add (i32.mul (local.get $t) (i32.const 31)) (i32.add (local.get $j) (local.get $k))))
          (br_if $c (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 7))))
        (br_if $b (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 5))))
      (br_if $a (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $t)`,
  "a branch from the inner loop to the outer and out of both": `
    (block $out (result i32)
      (loop $a (result i32)
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (loop $b (result i32)
          (local.set $j (i32.add (local.get $j) (i32.const 1)))
          (br_if $out (i32.add (local.get $i) (i32.const 1000)) (i32.gt_u (local.get $j) (local.get $n)))
          (drop)
          (br_if $a (i32.eqz (i32.rem_u (local.get $j) (i32.const 5))))
          (br_if $b (i32.rem_u (local.get $j) (i32.const 3)))
          (br_if $b (i32.lt_u (local.get $j) (i32.const 20)))
          (br $a))))`,
  "return from inside two loops": `
    (loop $a (loop $b
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (if (i32.gt_u (local.get $i) (local.get $n)) (then (return (i32.mul (local.get $i) (i32.const 3)))))
      (br_if $b (i32.and (local.get $i) (i32.const 1))) (br $a)))
    (unreachable)`,
  "br_table across loops": `
    (block $x (result i32) (block $y (result i32) (loop $a (result i32)
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (if (i32.gt_u (local.get $i) (local.get $n)) (then (br $x (i32.const 77))))
      (block $m (loop $b (block $z
        (local.set $t (i32.add (i32.mul (local.get $t) (i32.const 7)) (local.get $i)))
        (br_table $a $z $m $b $a $m (i32.rem_u (local.get $t) (i32.const 7))))
        (local.set $i (i32.add (local.get $i) (i32.const 2)))
        (br_if $b (i32.lt_u (local.get $i) (local.get $n)))
        (br $y (local.get $t))))
      (br $a)) (i32.add (i32.const 5))) (i32.add (local.get $t)))`,
  "br_table with values out of a loop": `
    (block $x (result i32) (block $y (result i32)
      (loop $a (result i32)
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $a (i32.lt_u (local.get $i) (local.get $n)))
        (local.get $i) (br_table $x $y $x (i32.and (local.get $i) (i32.const 3)))))
      (i32.add (i32.const 100)))`,
  "a loop in both arms of an if with a result": `
    (if (result i32) (i32.and (local.get $n) (i32.const 1))
      (then (loop $a (result i32) (local.set $i (i32.add (local.get $i) (i32.const 2)))
        (br_if $a (i32.lt_u (local.get $i) (local.get $n))) (local.get $i)))
      (else (block (result i32) (loop $b (local.set $i (i32.add (local.get $i) (i32.const 5)))
        (br_if $b (i32.lt_u (local.get $i) (local.get $n)))) (i32.sub (i32.const 0) (local.get $i)))))`,
  "an if with else in a loop": `
    (loop $a
      (if (i32.and (local.get $i) (i32.const 2))
        (then (local.set $t (i32.add (local.get $t) (i32.const 1))))
        (else (local.set $t (i32.add (local.get $t) (local.get $i)))))
      (if (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)) (then (br $a))))
    (local.get $t)`,
  "a loop that never repeats": "(loop (result i32) (i32.add (local.get $n) (i32.const 1)))",
  "an empty loop": "(loop) (local.get $n)",
  "a loop left by falling out of an unreachable end": `
    (block $out (loop $a
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $out (i32.gt_u (local.get $i) (local.get $n))) (br $a) (unreachable)))
    (local.get $i)`,
  "code behind an unconditional branch": `
    (block $out (result i32) (loop $a (result i32)
      (br_if $out (local.get $i) (i32.ge_u (local.get $i) (local.get $n))) (drop)
      (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $a)
      (loop $dead (br_if $dead (i32.const 1)) (br $a)) (i32.const 3)))`,
  "values on the stack around a loop": `
    (local.get $n) (i64.const 9)
    (loop $a (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $a (i32.lt_u (local.get $i) (local.get $n))))
    (i32.wrap_i64) (i32.add) (local.get $i) (i32.mul)`,
};

function functionOf(body: string): string {
  return `(module (memory 1) (func (export "f") (param $n i32) (result i32)
    (local $i i32) (local $j i32) (local $k i32) (local $t i32) ${body}))`;
}

const COUNTS = [0, 1, 2, 3, 4, 5, 8, 17, 100, 3001, 50_000];

for (const [name, body] of Object.entries(SHAPES)) {
  test(`harden: ${name} keeps its meaning`, async () => {
    const bytes = await wat(functionOf(body));
    const before = original(bytes);
    const after = start(bytes);
    const expected = COUNTS.map((n) => before.f?.(n));
    assert.equal(
      COUNTS.map((n) => after.call.f?.(n)),
      expected,
    );
    assert.is(after.ticks(), 0);
    after.interrupt(0);
    assert.equal(
      COUNTS.map((n) => after.call.f?.(n)),
      expected,
    );
  });
}

const LONG = Object.entries(SHAPES).filter(([name]) => !/never repeats|empty/.test(name));
for (const [name, body] of LONG) {
  test(`harden: ${name} dies when told to while it runs long`, async () => {
    const after = start(await wat(functionOf(body)));
    after.interrupt(1);
    assert.is(
      outcome(() => after.call.f?.(0xffff_ffff) ?? 0),
      "unreachable",
    );
    assert.is(after.ticks(), 1);
  });
}

const FOREVER: Readonly<Record<string, string>> = {
  "(loop (br 0))": "(loop (br 0))",
  "(loop (br 0)) with a result": "(drop (loop (result i32) (br 0)))",
  "an endless loop with parameters": "(i32.const 1) (loop (param i32) (br 0 (i32.const 2)))",
  "an endless loop of br_table": "(loop (br_table 0 0 0 (i32.const 5)))",
  "endless loops within each other": "(loop $a (loop $b (br_if $a (local.get $x)) (loop $c (br_if $c (local.get $x)) (br $b))))",
  "a loop that jumps to the outer one at once": "(loop $a (loop $b (br $a)))",
  "an endless loop around a loop that ends": `(loop $a (local.set $x (i32.const 3))
    (loop $b (br_if $b (local.tee $x (i32.sub (local.get $x) (i32.const 1))))) (br $a))`,
  "an endless loop of empty bulk copies": "(loop (memory.copy (i32.const 0) (i32.const 0) (i32.const 0)) (br 0))",
  "an endless loop of large fills": "(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br 0))",
  "an endless loop of memory.grow": "(loop (drop (memory.grow (i32.const 0))) (br 0))",
  "an endless loop of memory.init": "(loop (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0)) (br 0))",
  "an endless loop of calls": "(loop (call $nothing) (br 0))",
  "an endless loop of calls by table": "(loop (call_indirect (i32.const 0)) (br 0))",
  "an endless loop of calls to the host": "(loop (call $host) (br 0))",
  "endless recursion": "(call $again)",
  "endless recursion by table": "(call_indirect (i32.const 1))",
  "endless recursion through another function": "(call $ping)",
};

async function forever(body: string): Promise<Running> {
  const text = `(module (import "k" "host" (func $host)) (memory 1) (data "") (table 3 funcref) (elem (i32.const 0) $nothing $again $ping)
    (func $nothing) (func $ping (call $pong)) (func $pong (call_indirect (i32.const 2)))
    (func $again (export "f") (local $x i32) (local.set $x (i32.const 1)) ${body}))`;
  return start(await wat(text), { k: { host() {} } });
}

for (const [name, body] of Object.entries(FOREVER)) {
  test(`harden: ${name} stops when told to`, async () => {
    const running = await forever(body);
    running.interrupt(1);
    assert.is(
      outcome(() => running.call.f?.() ?? 0),
      "unreachable",
    );
    assert.is(running.ticks(), 1);
  });
}

test("harden: the start function becomes an export, which stops like any other", async () => {
  const text = (body: string) => `(module (global $g (mut i32) (i32.const 1)) (func $s ${body})
    (func (export "f") (result i32) (global.get $g)) (start $s))`;
  assert.is(start(await wat(text("(global.set $g (i32.const 41))"))).call.f?.(), 41);
  const spin = await wat(text("(loop $a (br_if $a (global.get $g)))"));
  assert.throws(
    () => start(spin, {}, 1),
    (error: Error) => error.message === "unreachable",
  );
});

test.run();
