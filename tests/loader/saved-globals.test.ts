/** The globals that the kernel saves: hardened modules export exactly them, and the audit accepts nothing else. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { auditHardened } from "../../host/loader/audit/audit.ts";
import { check } from "../../host/loader/check.ts";
import { savedGlobalsOf } from "../../host/loader/harden/indices.ts";
import { harden } from "../../host/loader/harden.ts";
import type { CheckedModule } from "../../host/loader/wasm/checked-module.ts";
import { wat } from "../support/wat.ts";
import { GUARD, GUARD_BYTES, HEAP_PAGES, QUOTA_PAGES } from "./hardened.ts";

const test = suite("saved globals");

const GLOBALS = `(global $a (mut i32) (i32.const 1)) (global $fixed i64 (i64.const 2)) (global $b (mut i64) (i64.const 3))
  (global $c (mut f32) (f32.const 4)) (global $d (mut f64) (f64.const 5))`;

async function checked(body: string): Promise<CheckedModule> {
  return check(new Uint8Array(await wat(`(module ${body} (func (export "run")))`)), { maxMemoryPages: QUOTA_PAGES });
}

function hardened(module: CheckedModule): Uint8Array {
  return harden(module, { memoryMaxPages: QUOTA_PAGES, heapMaxPages: HEAP_PAGES, guard: GUARD });
}

function audit(bytes: Uint8Array, savesGlobals: boolean): void {
  auditHardened(bytes, {
    guard: GUARD_BYTES,
    memoryMaxPages: QUOTA_PAGES,
    heapMaxPages: HEAP_PAGES,
    grantedImports: [],
    grantedExports: ["run", "recover"],
    savesGlobals,
  });
}

function exportsOf(bytes: Uint8Array): string[] {
  return WebAssembly.Module.exports(new WebAssembly.Module(new Uint8Array(bytes))).map(({ name, kind }) => `${kind} ${name}`);
}

test("harden exports the mutable globals of a module with a recover, by their numbers, and nothing else", async () => {
  const module = await checked(`${GLOBALS} (func (export "recover"))`);
  assert.equal(savedGlobalsOf(module), [0, 2, 3, 4]);
  const bytes = hardened(module);
  assert.equal(exportsOf(bytes), [
    "function recover",
    "function run",
    ...["global sumac:g0", "global sumac:g2", "global sumac:g3", "global sumac:g4"],
  ]);
  audit(bytes, true);
});

test("harden exports no globals of a module without a recover, with one of another type, or with state beyond snapshots", async () => {
  for (const body of [
    GLOBALS,
    `${GLOBALS} (func (export "recover") (param i32))`,
    `${GLOBALS} (func (export "recover")) (global (mut v128) (v128.const i32x4 0 0 0 0))`,
    `${GLOBALS} (func (export "recover")) (table 1 funcref) (func (table.copy (i32.const 0) (i32.const 0) (i32.const 1)))`,
  ]) {
    const module = await checked(body);
    assert.is(savedGlobalsOf(module), undefined, body);
    const bytes = hardened(module);
    assert.ok(!exportsOf(bytes).some((name) => name.includes("sumac:g")), body);
    audit(bytes, false);
  }
});

test("auditHardened refuses globals that nobody asked for, and their absence where somebody did", async () => {
  const saving = hardened(await checked(`${GLOBALS} (func (export "recover"))`));
  assert.throws(() => audit(saving, false), /"sumac:g0" is not a function/);
  const plain = hardened(await checked(GLOBALS));
  assert.throws(() => audit(plain, true), /"sumac:g0" is not exported, and would be lost/);
  const vector = hardened(await checked("(global (mut v128) (v128.const i32x4 0 0 0 0))"));
  assert.throws(() => audit(vector, true), /a vector/);
});

test("auditHardened refuses every other global, number or kind under the names of the saved ones", async () => {
  const bytes = hardened(await checked(`${GLOBALS} (func (export "recover"))`));
  const at = (name: string): number => {
    const text = new TextEncoder().encode(name);
    const found = bytes.findIndex((_, i) => text.every((byte, k) => bytes[i + k] === byte));
    return found + text.length;
  };
  const kindAt = at("sumac:g0");
  assert.equal([...bytes.subarray(kindAt, kindAt + 2)], [3, 2], "a global, the third");
  for (const index of [0, 1, 3, 4, 5, 6, 7]) {
    const altered = bytes.slice();
    altered[kindAt + 1] = index;
    assert.throws(() => audit(altered, true), /audit|exports|refused/, `global ${index}`);
  }
  for (const kind of [0, 1, 2, 4]) {
    const altered = bytes.slice();
    altered[kindAt] = kind;
    assert.throws(() => audit(altered, true), /refused/, `kind ${kind}`);
  }
  const renamed = bytes.slice();
  renamed[kindAt - 1] = "1".charCodeAt(0);
  assert.throws(() => audit(renamed, true), /"sumac:g1" is not a function/);
});

test.run();
