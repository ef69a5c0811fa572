/** Well-formed modules that Sumac does not run: each refusal names the feature or the limit. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as limits from "../../../host/loader/limits.ts";
import { wat } from "../../support/wat.ts";
import { bytes, HEADER, leb, ONE_FUNCTION, offsetOf, section, sized, TYPES, verdict, withBody } from "../module-bytes.ts";

/** What the refusal says, without the offset. */
function refusal(module: Uint8Array): string {
  const found = verdict(module);
  return found.startsWith("module-refused at ") ? found.replace(/^module-refused at \d+: /, "") : found;
}

/** WAT of a module, by what the refusal must say. Several texts may be refused for one reason. */
const FEATURES: Readonly<Record<string, readonly string[]>> = {
  "exceptions (try_table)": ["(func (try_table))", "(func (block $a (try_table (catch_all $a))))"],
  "exceptions (try)": ["(func try catch_all end)", "(func try delegate 0)"],
  "exceptions (throw_ref)": ["(func (unreachable) (throw_ref))"],
  "exceptions (a tag section)": ["(tag)", "(tag) (func (throw 0))"],
  "exceptions (an imported tag)": [`(import "a" "b" (tag))`],
  "exceptions (exnref)": ["(func (local exnref))", "(func (param exnref))"],
  "garbage collection (struct)": ["(type (struct))"],
  "garbage collection (array)": ["(type (array i8))"],
  "garbage collection (rec)": ["(rec (type (func)) (type (func)))"],
  "garbage collection (sub)": ["(type (sub (func)))"],
  "garbage collection (anyref)": ["(func (local anyref))"],
  "garbage collection (i31ref)": ["(func (result i31ref) unreachable)"],
  "garbage collection (eqref)": ["(global eqref (ref.null eq))"],
  "garbage collection": ["(func (drop (ref.i31 (i32.const 0))))", "(func (drop (array.len (unreachable))))"],
  "reference types (externref)": ["(func (param externref))", "(table 1 externref)", "(global externref (ref.null extern))"],
  "reference types (funcref as a value)": [
    "(func (local funcref))",
    "(global funcref (ref.null func))",
    "(func (block (result funcref) (unreachable)) (drop))",
  ],
  "reference types (table.get)": ["(table 1 funcref) (func (drop (table.get 0 (i32.const 0))))"],
  "reference types (table.set)": ["(table 1 funcref) (func (unreachable) (table.set 0))"],
  "reference types (ref.null)": ["(func (drop (ref.null func)))", "(table 1 funcref) (func (table.set 0 (i32.const 0) (ref.null func)))"],
  "reference types (ref.func)": ["(func $f (drop (ref.func $f)))", "(global i32 (ref.func 0)) (func)"],
  "reference types (ref.is_null)": ["(func (unreachable) (drop (ref.is_null)))"],
  "reference types (table.grow)": ["(table 1 funcref) (func (drop (table.grow 0)))"],
  "reference types (table.size)": ["(table 1 funcref) (func (drop (table.size 0)))"],
  "reference types (table.fill)": ["(table 1 funcref) (func (table.fill 0))"],
  "typed function references (ref null)": ["(type $t (func)) (func (local (ref null $t)))"],
  "typed function references (ref)": ["(type $t (func)) (func (param (ref $t)))"],
  "typed function references (call_ref)": ["(type $t (func)) (func (unreachable) (call_ref $t))"],
  "typed function references (a table's initial value)": ["(table 1 funcref (ref.null func))"],
  "tail calls (return_call)": ["(func $f (return_call $f))", `(import "a" "b" (func $i)) (func (return_call $i))`],
  "tail calls (return_call_indirect)": ["(table 1 funcref) (func (return_call_indirect (i32.const 0)))"],
  "stack switching (cont)": ["(type $f (func)) (type (cont $f))"],
  "stack switching (suspend)": ["(func (suspend 0))"],
  "threads (a shared memory)": ["(memory 1 2 shared)"],
  "threads (atomics)": [
    "(memory 1) (func (drop (i32.atomic.load (i32.const 0))))",
    "(func (atomic.fence))",
    "(memory 1) (func (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0))))",
  ],
  "threads (a shared global)": ["(global (shared mut i32) (i32.const 0))"],
  "memory64 (a 64-bit memory)": ["(memory i64 1)"],
  "memory64 (a 64-bit table)": ["(table i64 1 funcref)"],
  "custom page sizes (memory)": ["(memory 1 (pagesize 1))"],
  "multiple memories (2)": ["(memory 1) (memory 1)"],
  "relaxed SIMD": ["(func (drop (i8x16.relaxed_swizzle (v128.const i64x2 0 0) (v128.const i64x2 0 0))))"],
  "wide arithmetic (i64.add128)": ["(func (unreachable) (i64.add128) (drop) (drop))"],
  "extended constant expressions": [
    "(global i32 (i32.add (i32.const 1) (i32.const 2)))",
    '(memory 1) (data (offset (i32.mul (i32.const 1) (i32.const 2))) "a")',
  ],
  "an imported memory": [`(import "env" "memory" (memory 1))`],
  "an imported table": [`(import "env" "table" (table 1 funcref))`],
  "an imported global": [`(import "env" "global" (global i32))`],
};
for (const [feature, texts] of Object.entries(FEATURES)) {
  test(`check: refuses ${feature}`, async () => {
    for (const text of texts) {
      const found = refusal(await wat(`(module ${text})`));
      assert.ok(found === feature || found.startsWith(`${feature} "`), `${text} → ${found}`);
    }
  });
}

test("check: refuses a component", () => {
  assert.is(refusal(bytes("00 61 73 6d 0d 00 01 00")), "a component");
});

test("check: refuses a memory index in a memory access, whatever it names", () => {
  const memory = section(5, "01 00 01");
  const second = (code: string) => refusal(bytes(HEADER, TYPES, ONE_FUNCTION, memory, section(10, "01", sized("00", code))));
  assert.is(second("41 00 28 42 00 00 1a 0b"), "multiple memories (a memory index in a memory access)");
  assert.is(second("41 00 28 42 01 00 1a 0b"), "multiple memories (memory 1)");
  assert.is(second("3f 01 1a 0b"), "multiple memories (memory 1)");
  assert.is(second("41 00 41 00 41 00 fc 0a 00 01 0b"), "multiple memories (memory 1)");
  assert.is(second("41 00 41 00 41 00 fc 0a 01 00 0b"), "multiple memories (memory 1)");
  assert.is(second("41 00 41 00 41 00 fc 0b 01 0b"), "multiple memories (memory 1)");
  const data = bytes(HEADER, memory, section(11, "01 02 01 41 00 0b 00"));
  assert.is(refusal(data), "multiple memories (a data segment on another memory)");
});

test("check: the refusal of an instruction names its offset", async () => {
  const module = await wat("(module (func (nop) (nop) (ref.null func) (drop)))");
  assert.is(verdict(module), `module-refused at ${offsetOf(module, "d0 70")}: reference types (ref.null)`);
});

test("check: refuses imports from the loader's own module and from the guard's inner functions", async () => {
  const of = async (field: string, type: string) => refusal(await wat(`(module (import ${field} (func ${type})))`));
  assert.is(await of(`"sumac" "tick"`, "(result i32)"), 'an import from the reserved module "sumac" ("tick")');
  assert.is(await of(`"guard" "bulkCopy"`, "(param i32 i32 i32)"), 'guard function "bulkCopy" is for the loader only');
  assert.is(await of(`"guard" "mayRead"`, "(param i32 i32)"), 'guard function "mayRead" does not exist');
  assert.is(await of(`"guard" "load32"`, "(param i64) (result i32)"), 'guard function "load32" is imported with a wrong type');
  assert.is(await of(`"guard" "store64"`, "(param i32 i32)"), 'guard function "store64" is imported with a wrong type');
});

test("check: refuses a function imported twice, unless it is the guard's", async () => {
  const twice = (field: string) =>
    `(module (import ${field} (func (param i32) (result i32))) (import ${field} (func (param i32) (result i32))))`;
  assert.is(refusal(await wat(twice(`"a" "b"`))), '"a" "b" is imported twice');
  assert.is(verdict(await wat(twice(`"guard" "load8"`))), "accepted");
  const alike = `(module (import "a" "bc" (func)) (import "ab" "c" (func)))`;
  assert.is(verdict(await wat(alike)), "accepted");
});

test("check: refuses exports of anything but the module's functions", async () => {
  const of = async (text: string) => refusal(await wat(`(module ${text})`));
  assert.is(await of(`(memory (export "m") 1)`), 'export "m" is a memory');
  assert.is(await of(`(table (export "t") 1 funcref)`), 'export "t" is a table');
  assert.is(await of(`(global (export "g") i32 (i32.const 0))`), 'export "g" is a global');
  assert.is(await of(`(import "a" "b" (func $i)) (export "i" (func $i))`), 'export "i" is an imported function');
  assert.is(
    await of(`(import "guard" "load8" (func $i (param i32) (result i32))) (export "i" (func $i))`),
    'export "i" is an imported function',
  );
  assert.is(await of(`(import "a" "b" (func $i)) (start $i)`), "the start function is an imported function");
});

test("check: refuses reserved export names and accepts those of interfaces", async () => {
  const of = async (name: string) => verdict(await wat(`(module (func (export "${name}")))`));
  assert.match(await of("sumac:start"), 'export name "sumac:start" is reserved');
  assert.match(await of("sumac:"), "is reserved");
  assert.is(await of("sumac:block/bdev@0.1.0#read"), "accepted");
  assert.is(await of("init"), "accepted");
  assert.is(await of("sumacstart"), "accepted");
});

test("check: refuses a memory over the quota", async () => {
  assert.is(verdict(await wat("(module (memory 64))")), "accepted");
  assert.is(verdict(await wat("(module (memory 1 65536))")), "accepted");
  assert.is(refusal(await wat("(module (memory 65))")), "a memory of at least 65 pages, more than the quota of 64");
});

test("check: refuses active segments that reach beyond the declared minimum", async () => {
  const of = async (text: string) => refusal(await wat(`(module ${text})`));
  assert.is(await of(`(memory 1 2) (data (i32.const 65534) "ab")`), "accepted");
  assert.is(await of(`(memory 1 2) (data (i32.const 65535) "ab")`), "data segment 0 ends at 65537, beyond the declared minimum of 65536");
  assert.is(await of(`(memory 1) (data (i32.const 65537) "")`), "data segment 0 ends at 65537, beyond the declared minimum of 65536");
  assert.is(await of(`(memory 1) (data (i32.const -1) "ab")`), "data segment 0 ends at 4294967297, beyond the declared minimum of 65536");
  assert.is(
    await of(`(memory 1) (global i32 (i32.const 65536)) (data (global.get 0) "a")`),
    "data segment 0 ends at 65537, beyond the declared minimum of 65536",
  );
  assert.is(await of(`(table 2 9 funcref) (func $f) (elem (i32.const 1) $f)`), "accepted");
  assert.is(
    await of(`(table 2 9 funcref) (func $f) (elem (i32.const 1) $f $f)`),
    "element segment 0 ends at 3, beyond the declared minimum of 2",
  );
  assert.is(await of(`(table 2 funcref) (elem (i32.const 3) funcref)`), "element segment 0 ends at 3, beyond the declared minimum of 2");
});

/** Modules at a limit and one beyond it. */
const AT_LIMIT: Readonly<Record<string, readonly [limit: number, module: (count: number) => Uint8Array, said: string]>> = {
  types: [limits.MAX_TYPES, (n) => bytes(HEADER, section(1, leb(n), "60 00 00 ".repeat(n))), "types"],
  imports: [
    limits.MAX_IMPORTS,
    (n) => bytes(HEADER, TYPES, section(2, leb(n), ...Array.from({ length: n }, (_, i) => `${sized("'m'")} ${sized(`'${i}'`)} 00 00`))),
    "imports",
  ],
  exports: [
    limits.MAX_EXPORTS,
    (n) =>
      bytes(
        HEADER,
        TYPES,
        ONE_FUNCTION,
        section(7, leb(n), ...Array.from({ length: n }, (_, i) => `${sized(`'${i}'`)} 00 00`)),
        section(10, "01 02 00 0b"),
      ),
    "exports",
  ],
  functions: [
    limits.MAX_FUNCTIONS,
    (n) => bytes(HEADER, TYPES, section(3, leb(n), "00 ".repeat(n)), section(10, leb(n), "02 00 0b ".repeat(n))),
    "functions",
  ],
  parameters: [limits.MAX_PARAMS, (n) => bytes(HEADER, section(1, "01 60", leb(n), "7f ".repeat(n), "00")), "parameters of a function"],
  results: [limits.MAX_RESULTS, (n) => bytes(HEADER, section(1, "01 60 00", leb(n), "7f ".repeat(n))), "results of a function"],
  locals: [
    limits.MAX_LOCALS,
    (n) => bytes(HEADER, TYPES, ONE_FUNCTION, section(10, "01", sized("02 01 7e", leb(n - 1), "7f 0b"))),
    "locals",
  ],
  nesting: [limits.MAX_NESTING, (n) => withBody(`${"02 40 ".repeat(n)} ${"0b ".repeat(n + 1)}`), "blocks within each other"],
  "body bytes": [limits.MAX_BODY_BYTES, (n) => withBody(`${"01 ".repeat(n - 2)} 0b`), "bytes in the body of function 0"],
  tables: [limits.MAX_TABLES, (n) => bytes(HEADER, section(4, leb(n), "70 00 01 ".repeat(n))), "tables"],
  "table entries": [limits.MAX_TABLE_ENTRIES, (n) => bytes(HEADER, section(4, "02 70 00 01 70 01 00", leb(n - 1))), "table entries"],
  globals: [limits.MAX_GLOBALS, (n) => bytes(HEADER, section(6, leb(n), "7f 00 41 00 0b ".repeat(n))), "globals"],
  "element segments": [limits.MAX_SEGMENTS, (n) => bytes(HEADER, section(9, leb(n), "01 00 00 ".repeat(n))), "element segments"],
  elements: [
    limits.MAX_ELEMENTS,
    (n) =>
      bytes(HEADER, TYPES, ONE_FUNCTION, section(9, "02 01 00 01 00 01 00", leb(n - 1), "00 ".repeat(n - 1)), section(10, "01 02 00 0b")),
    "elements",
  ],
  "data segments": [limits.MAX_SEGMENTS, (n) => bytes(HEADER, section(11, leb(n), "01 00 ".repeat(n))), "data segments"],
  "custom sections": [limits.MAX_CUSTOM_SECTIONS, (n) => bytes(HEADER, `${section(0, sized("'c'"))} `.repeat(n)), "custom sections"],
  "name bytes": [limits.MAX_NAME_BYTES, (n) => bytes(HEADER, section(0, sized(`'${"n".repeat(n)}'`))), "bytes in a name"],
  "module bytes": [limits.MAX_MODULE_BYTES, (n) => paddedTo(n), "bytes in a module"],
};
for (const [thing, [limit, module, said]] of Object.entries(AT_LIMIT)) {
  test(`check: the limit on ${thing} is exact`, () => {
    assert.is(verdict(module(limit)), "accepted");
    assert.is(refusal(module(limit + 1)), `${limit + 1} ${said}, more than the limit of ${limit}`);
  });
}

/** A module of exactly so many bytes: one custom section. */
function paddedTo(size: number): Uint8Array {
  const head = bytes(HEADER, "00", leb(size - 8 - 5), sized("'c'"));
  const module = new Uint8Array(size);
  module.set(head);
  return module;
}

test.run();
