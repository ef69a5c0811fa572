/** A short slice of the hardening campaign, and that it would see a difference. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { wat } from "../../support/wat.ts";
import { compareMany, domainsOfTree } from "./run.ts";
import { compareTwins } from "./twins.ts";

const MODULES = 50;

test(`harden: every domain of the tree and ${MODULES} random modules do hardened what they did before`, async () => {
  const totals = await compareMany(1, MODULES);
  assert.equal(totals.differences, []);
  assert.ok(totals.modules >= MODULES + domainsOfTree().length);
  // Or the comparison would say little.
  assert.ok(totals.calls > MODULES * 10, `${totals.calls} calls`);
  assert.ok(totals.traps > 50 && totals.questions > 500, `${totals.traps} traps, ${totals.questions} questions to the host`);
});

const COUNTER = `(module
  (import "host" "ask" (func $ask (param i32) (result i32)))
  (memory 1)
  (func (export "f") (param i32) (result i32)
    (i32.store (i32.const 8) (i32.const 1234567))
    (if (i32.eq (local.get 0) (i32.const 7)) (then (unreachable)))
    (i32.add (call $ask (i32.const 7654321)) (local.get 0))))`;

/** Replaces the first occurrence of a sequence of bytes by another as long. */
function replacing(from: readonly number[], to: readonly number[]) {
  return (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
    const at = bytes.findIndex((_, i) => from.every((byte, k) => bytes[i + k] === byte));
    assert.ok(at >= 0, "the sequence is there");
    return Uint8Array.from(bytes, (byte, i) => (i >= at && i < at + to.length ? (to[i - at] as number) : byte));
  };
}

for (const [what, from, to] of [
  ["a result", [0x20, 0x00, 0x6a, 0x0b], [0x20, 0x00, 0x6b, 0x0b]],
  ["a question to the host", [0x41, 0xb1, 0x97, 0xd3, 0x03], [0x41, 0xb2, 0x97, 0xd3, 0x03]],
  ["a byte of the memory", [0x41, 0x87, 0xad, 0xcb, 0x00], [0x41, 0x86, 0xad, 0xcb, 0x00]],
  ["a trap", [0x46, 0x04, 0x40, 0x00], [0x46, 0x04, 0x40, 0x01]],
] as const) {
  test(`compareTwins: sees that ${what} differs`, async () => {
    const module = await wat(COUNTER);
    assert.is(compareTwins(module, { seed: 1, rounds: 12 }).difference, undefined);
    assert.type(compareTwins(module, { seed: 1, rounds: 12, alter: replacing(from, to) }).difference, "string");
  });
}

test.run();
