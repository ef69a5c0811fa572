/** Where hardened code asks: at entries, before heavy instructions, in giant functions; and the exact bytes it does so with. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { check } from "../../../host/loader/check.ts";
import { BUDGET, ENTRY_WEIGHT, GIANT_WEIGHT } from "../../../host/loader/limits.ts";
import { wat } from "../../support/wat.ts";
import { hardenAndAudit, outcome, QUOTA_PAGES, start } from "../hardened.ts";

/** How often a call asks while the word is up and the verdict is to live. */
async function ticksOf(module: string): Promise<number> {
  const running = start(await wat(`(module ${module})`), { k: { host() {} } }, 0);
  const before = running.ticks();
  running.call.f?.();
  return running.ticks() - before;
}

const nops = (count: number) => "nop ".repeat(count);

test("harden: a function that calls nothing and is small has no safepoint", async () => {
  // The body's `end` counts, too.
  assert.is(await ticksOf(`(func (export "f") ${nops(ENTRY_WEIGHT - 1)})`), 0);
});

test("harden: a function that calls nothing and is large asks when it is entered", async () => {
  assert.is(await ticksOf(`(func (export "f") ${nops(ENTRY_WEIGHT)})`), 1);
  assert.is(await ticksOf(`(func (export "f") (return) ${nops(ENTRY_WEIGHT)})`), 1);
});

test("harden: a function that calls one of the module's, directly or by table, asks when it is entered", async () => {
  assert.is(await ticksOf(`(func (export "f") (call $g)) (func $g)`), 1);
  assert.is(await ticksOf(`(table 1 funcref) (elem (i32.const 0) $g) (func (export "f") (call_indirect (i32.const 0))) (func $g)`), 1);
  assert.is(await ticksOf(`(func (export "f") (if (i32.const 0) (then (call $g)))) (func $g)`), 1);
});

test("harden: a call right before unreachable needs no safepoint in the caller, but one in the function that is called", async () => {
  const cold = `(func $abort (param i32) (call $host)) (func $get (param i32) (result i32)
    (if (i32.gt_u (local.get 0) (i32.const 9)) (then (call $abort (i32.const 1)) (unreachable))) (local.get 0))`;
  const host = `(import "k" "host" (func $host))`;
  // Only f calls and goes on.
  assert.is(await ticksOf(`${host} ${cold} (func (export "f") (drop (call $get (i32.const 3))) (drop (call $get (i32.const 4))))`), 1);
  const running = start(
    await wat(`(module ${host} ${cold} (export "get" (func $get)) (export "abort" (func $abort)))`),
    { k: { host() {} } },
    0,
  );
  running.call.get?.(3);
  assert.is(running.ticks(), 0);
  running.call.abort?.(1);
  assert.is(running.ticks(), 1);
});

test("harden: recursion by calls right before unreachable still asks", async () => {
  const running = start(await wat(`(module (func $f (export "f") (call $g) (unreachable)) (func $g (call $f) (unreachable)))`), {}, 1);
  assert.is(
    outcome(() => running.call.f?.() ?? 0),
    "unreachable",
  );
  assert.is(running.ticks(), 1);
});

test("harden: calls to the host or the guard need no safepoint at the entry", async () => {
  assert.is(await ticksOf(`(import "k" "host" (func $h)) (func (export "f") (call $h))`), 0);
  const guard = `(import "guard" "setResult" (func $set (param i32 i32))) (import "guard" "result" (func $get (param i32) (result i32)))`;
  assert.is(await ticksOf(`${guard} (func (export "f") (call $set (i32.const 3) (i32.const 4)) (drop (call $get (i32.const 3))))`), 0);
});

test("harden: a giant function asks before every call", async () => {
  const calls = "(call $g) (call $g) (call_indirect (i32.const 0)) (call $h)";
  const around = `(import "k" "host" (func $h)) (table 1 funcref) (elem (i32.const 0) $g) (func $g)`;
  // nops, four calls of weight 32, 32, 32 and 8, one constant, the end.
  const rest = GIANT_WEIGHT - (3 * 32 + 8 + 1 + 1);
  assert.is(await ticksOf(`${around} (func (export "f") ${nops(rest)} ${calls})`), 1);
  assert.is(await ticksOf(`${around} (func (export "f") ${nops(rest + 1)} ${calls})`), 1 + 3);
});

test("harden: memory.grow, memory.init, table.init and table.copy ask before they work", async () => {
  assert.is(await ticksOf(`(memory 1) (func (export "f") (drop (memory.grow (i32.const 0))))`), 1);
  assert.is(
    await ticksOf(
      `(memory 1) (data $d "abc") (func (export "f") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 3)) (data.drop $d))`,
    ),
    1,
  );
  const tables = `(table $t 3 funcref) (table $u 3 funcref) (elem $e func $g) (func $g)`;
  assert.is(await ticksOf(`${tables} (func (export "f") (table.init $u $e (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop $e))`), 1);
  assert.is(await ticksOf(`${tables} (func (export "f") (table.copy $t $u (i32.const 0) (i32.const 1) (i32.const 2)))`), 1);
});

test("harden: memory.copy and memory.fill ask once for every 64 KiB when they are large", async () => {
  const fill = (pages: number) => `(memory 9) (func (export "f") (memory.fill (i32.const 0) (i32.const 1) (i32.const ${pages * 65536})))`;
  assert.is(await ticksOf(fill(1 / 16)), 0);
  assert.is(await ticksOf(fill(1)), 1);
  assert.is(await ticksOf(fill(8)), 8);
  assert.is(await ticksOf(`(memory 9) (func (export "f") (memory.copy (i32.const 0) (i32.const 65536) (i32.const 524288)))`), 8);
});

test("harden: a loop asks once for every budget of instructions", async () => {
  // get, const, sub, tee, br_if, and the loop's own first and last: seven an iteration.
  const turns = 10_000;
  const ticks = await ticksOf(`(func (export "f") (local $i i32) (local.set $i (i32.const ${turns}))
    (loop $a (br_if $a (local.tee $i (i32.sub (local.get $i) (i32.const 1))))))`);
  const weighed = (turns * 7) / BUDGET;
  assert.ok(ticks >= Math.floor(weighed) - 1 && ticks <= Math.ceil(weighed) + 1, `${ticks} for ${weighed}`);
});

test("harden: loops of one function share its countdown, so many short ones ask as often as one long one", async () => {
  const short = (turns: number) =>
    `(local.set $i (i32.const ${turns})) (loop $a (br_if $a (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))`;
  const ticks = await ticksOf(`(func (export "f") (local $i i32) (local $o i32) (local.set $o (i32.const 1000))
    (loop $outer ${short(10)} ${short(10)} (br_if $outer (local.tee $o (i32.sub (local.get $o) (i32.const 1))))))`);
  assert.ok(ticks >= (1000 * 2 * 10 * 7) / BUDGET - 1, `${ticks}`);
});

test("harden: a loop heavier than the budget asks on every second turn at the latest", async () => {
  const ticks = await ticksOf(`(func (export "f") (local $i i32) (local.set $i (i32.const 100))
    (loop $a ${nops(5000)} (br_if $a (local.tee $i (i32.sub (local.get $i) (i32.const 1))))))`);
  assert.ok(ticks >= 50, `${ticks}`);
});

test("harden: a safepoint is exactly the agreed instructions", async () => {
  const bytes = hardenAndAudit(check(await wat(`(module (func (export "f") (call $g)) (func $g))`), { maxMemoryPages: QUOTA_PAGES }));
  const safepoint = "23 01 fe 10 42 01 00 04 40 10 00 04 40 00 0b 0b";
  assert.ok(hex(bytes).includes(`00 ${safepoint} 10 02 0b`));
});

test("harden: a loop is exactly the agreed instructions", async () => {
  const module = await wat(
    `(module (func (export "f") (param i32) (local i64) (loop (nop) (br_if 0 (local.get 0)) (br_if 1 (local.get 0)))))`,
  );
  const bytes = hardenAndAudit(check(module, { maxMemoryPages: QUOTA_PAGES }));
  const refill = "41 80 20 21 02";
  const safepoint = "23 01 fe 10 42 01 00 04 40 10 00 04 40 00 0b 0b";
  // Locals: one i64, one i32. Seven instructions weigh 7: nop, two pairs, the loop's first and last.
  const expected = `02 01 7e 01 7f ${refill}
    02 40 03 40 02 40 03 40 20 02 41 07 6b 22 02 41 00 48 0d 01
    01 20 00 0d 00 20 00 0d 04 0b
    0c 02 0b ${refill} ${safepoint} 0c 00 0b 00 0b 0b`.replace(/\s+/g, " ");
  assert.ok(hex(bytes).includes(expected), hex(bytes));
});

test("harden: recursion that ends the stack has asked before", async () => {
  const running = start(await wat(`(module (func $f (export "f") (call $f)))`));
  assert.is(
    outcome(() => running.call.f?.() ?? 0),
    "Maximum call stack size exceeded",
  );
  running.interrupt(0);
  outcome(() => running.call.f?.() ?? 0);
  assert.ok(running.ticks() > 100);
});

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

test.run();
