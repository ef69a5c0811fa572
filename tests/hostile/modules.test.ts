/** Hostile modules that the loader refuses by name, before any of their code can run. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import { attempt, domain } from "../support/domain.ts";
import { type TestSystem, testSystem, withWorld } from "../support/system.ts";
import { wat } from "../support/wat.ts";
import { exportName, id, world } from "../support/world.ts";

const test = suite("hostile modules");

const WORLD: string = world({ exports: ["call"], init: false });
const CALL = `(func (export "${exportName("call")}") (param i32) (result i32) (local.get 0))`;

/** Loads a module that has what its world wants, and `extra`. Returns the error's code and message. */
async function refusal(t: TestSystem, extra: string, call = CALL): Promise<string> {
  const bytes = withWorld(await wat(`(module ${extra} ${call})`), WORLD);
  try {
    await t.system.loader.load(bytes, { name: "evil.wasm", trusted: [], allowUnsigned: true, memoryPages: 16 });
  } catch (error) {
    if (error instanceof SumacError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "loaded";
}

async function refuses(cases: Readonly<Record<string, readonly [extra: string, expected: RegExp, call?: string]>>): Promise<void> {
  const t = await testSystem();
  await t.add(domain("bystander", { exports: { call: "(local.get $n)" } }));
  for (const [name, [extra, expected, call]] of Object.entries(cases)) {
    assert.match(await refusal(t, extra, call), expected, name);
    assert.is(attempt(t, "bystander", "call", 7), "ok 7", name);
  }
  assert.is(await refusal(t, "(memory 1)"), "loaded", "the module without the offence is fine");
  await t.end();
}

const LOAD = "(param i32) (result i32)";

test("importing memory 1, the kernel's globals or its functions oneself is refused", async () => {
  await refuses({
    "the heap": ['(import "sumac" "heap" (memory 1 65536 shared))', /^module-refused: .*threads|imported memory/],
    "the heap under another name": ['(import "env" "memory" (memory 1 512 shared))', /^module-refused: /],
    "a private memory": ['(import "sumac" "memory" (memory 1))', /^module-refused: .*imported memory/],
    "a second memory": ["(memory 1) (memory 1)", /^module-refused: .*multiple memories/],
    "the own id": ['(import "sumac" "me" (global i32))', /^module-refused: .*imported global/],
    "the own id, to change it": ['(import "sumac" "me" (global (mut i32)))', /^module-refused: .*imported global/],
    "the line": ['(import "sumac" "line" (global i32))', /^module-refused: .*imported global/],
    "the tick": ['(import "sumac" "tick" (func (result i32)))', /^module-refused: .*reserved module "sumac"/],
    "anything reserved": ['(import "sumac" "anything" (func))', /^module-refused: .*reserved module "sumac"/],
    "a table": ['(import "sumac" "table" (table 1 funcref))', /^module-refused: .*imported table/],
    "a tag": ['(import "sumac" "tag" (tag))', /^module-refused: .*imported tag/],
  });
});

test("a function that the world does not grant cannot be imported, nor a granted one under another type", async () => {
  await refuses({
    "another interface": [`(import "${id("take")}" "run" (func (param i32)))`, /^import-not-granted: .*does not grant/],
    "an unknown kernel function": ['(import "kernel" "kill" (func (param i32)))', /^import-not-granted: /],
    "a kernel function of another type": ['(import "kernel" "log" (func (param i64 i32)))', /^interface-mismatch: /],
    "another type's constructor": [`(import "${id("types")}" "[constructor]grant" (func (result i32)))`, /^import-not-granted: /],
    "a constructor with a parameter": [`(import "${id("types")}" "[constructor]block" (func ${LOAD}))`, /^interface-mismatch: /],
    "a host object": ['(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))', /^import-not-granted: /],
    "JavaScript's own": ['(import "__proto__" "constructor" (func))', /^import-not-granted: /],
    "the same twice": [
      `(import "kernel" "log" (func (param i32 i32))) (import "kernel" "log" (func (param i32 i32)))`,
      /^module-refused: .*twice/,
    ],
  });
});

test("guard functions cannot be replaced, exported, retyped, or reached where they are the loader's own", async () => {
  await refuses({
    "an internal function": ['(import "guard" "bulkCopy" (func (param i32 i32 i32)))', /^module-refused: .*for the loader only/],
    "an unknown function": ['(import "guard" "mayRead" (func (param i32 i32)))', /^module-refused: .*does not exist/],
    "a wrong type": ['(import "guard" "load32" (func (param i64) (result i32)))', /^module-refused: .*wrong type/],
    "an export of it": [`(import "guard" "load32" (func ${LOAD})) (export "peek" (func 0))`, /^module-refused: .*imported function/],
    "an export in place of the own": [
      `(import "guard" "load32" (func ${LOAD})) (export "${exportName("call")}" (func 0))`,
      /^module-refused: .*imported function/,
      "",
    ],
    "a guard function as start": [
      '(import "guard" "fill" (func (param i32 i32 i32))) (func $f) (start $f) (export "sumac:start" (func $f))',
      /^module-refused: .*reserved/,
    ],
    "an imported start": [
      '(import "kernel" "log" (func (param i32 i32))) (import "guard" "status" (func (param i32) (result i32))) (start 0)',
      /^module-(refused|malformed): /,
    ],
  });
});

test("exports beyond the world's, of anything but own functions, are refused", async () => {
  await refuses({
    "a memory": ['(memory (export "memory") 1)', /^module-refused: .*is a memory/],
    "a table": ['(table (export "t") 1 funcref)', /^module-refused: .*is a table/],
    "a global": ['(global (export "g") (mut i32) (i32.const 0))', /^module-refused: .*is a global/],
    "another function": ['(func (export "extra"))', /^module-refused: .*does not have/],
    "a reserved name": ['(func (export "sumac:start"))', /^module-refused: .*reserved/],
    "nothing of what it promised": ["", /^export-missing: /, ""],
    "a wrong type": ["", /^interface-mismatch: /, `(func (export "${exportName("call")}") (param i64) (result i32) (i32.const 0))`],
  });
});

test("a catch_all around everything is refused by name, and so is all that could swallow or evade an unwinding", async () => {
  await refuses({
    "legacy catch_all": ["(func loop $l try br $l catch_all br $l end end)", /^module-refused: .*exceptions/],
    try_table: ["(func (block $h (try_table (catch_all $h) (loop $l (br $l)))))", /^module-refused: .*exceptions/],
    "a tag": ["(tag)", /^module-refused: .*exceptions/],
    throw_ref: ["(func (param exnref) (throw_ref (local.get 0)))", /^module-refused: /],
    "a tail call": ["(func $f (return_call $f))", /^module-refused: .*tail call/],
    "an indirect tail call": ["(table 1 funcref) (func (return_call_indirect (i32.const 0)))", /^module-refused: .*tail call/],
    atomics: ["(memory 1) (func (drop (i32.atomic.load (i32.const 0))))", /^module-refused: .*(threads|atomic)/],
    "a shared memory": ["(memory 1 2 shared)", /^module-refused: .*threads/],
    "64-bit addresses": ["(memory i64 1)", /^module-refused: .*64/],
    "garbage collection": ["(type (struct (field i32)))", /^module-refused: .*(garbage|GC|struct)/i],
    references: ["(func (param externref))", /^module-refused: .*reference/],
    "table.set": ["(table 1 funcref) (func (table.set (i32.const 0) (ref.null func)))", /^module-refused: .*reference/],
    "table.grow": ["(table 1 funcref) (func (drop (table.grow (ref.null func) (i32.const 1))))", /^module-refused: .*reference/],
    "relaxed SIMD": ["(func (param v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 0)))", /^module-refused: .*relaxed/],
  });
});

test("a memory beyond the quota, or a segment beyond the declared memory, is refused", async () => {
  await refuses({
    "a minimum beyond the quota": ["(memory 17)", /^module-refused: .*quota/],
    "a segment beyond the minimum": ['(memory 1) (data (i32.const 65535) "xx")', /^module-refused: .*beyond the declared minimum/],
    "a segment at a wrapping place": ['(memory 1) (data (i32.const -1) "xx")', /^module-refused: .*beyond the declared minimum/],
    "elements beyond the table": ["(table 1 funcref) (elem (i32.const 1) $f) (func $f)", /^module-refused: .*beyond the declared minimum/],
    "too many table entries": ["(table 65537 funcref)", /^module-(refused|malformed): .*table entries/],
  });
});

test("a module cut short, altered or appended to ends in one error with its offset", async () => {
  const t = await testSystem();
  const whole = withWorld(await wat(`(module (memory 1) ${CALL})`), WORLD);
  const load = (bytes: Uint8Array): Promise<unknown> =>
    t.system.loader.load(bytes, { name: "evil.wasm", trusted: [], allowUnsigned: true, memoryPages: 16 });
  for (let length = 0; length < whole.length; length += length < 64 ? 1 : 37) {
    const error = await load(whole.subarray(0, length)).then(
      () => undefined,
      (caught: unknown) => caught,
    );
    // A file that ends between two sections is a module without a world, or without a function.
    assert.ok(error instanceof SumacError, `${length} bytes: ${String(error)}`);
  }
  const appended = new Uint8Array([...whole, 0xff]);
  await load(appended).then(
    () => assert.unreachable(),
    (error: SumacError) => assert.match(error.message, /0x[0-9a-f]+/),
  );
  await t.end();
});

test.run();
