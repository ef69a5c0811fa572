/** Modules that the loader must refuse: L2 to L6, and the ways past the guard (H1) that a module's text can try. */
import { bytes, HEADER, ONE_FUNCTION, section, sized, TYPES, withBody } from "../loader/module-bytes.ts";
import { withWorld } from "../support/system.ts";
import { exportName, id } from "../support/world.ts";
import { type HostileCase, loaded, text, WORLD } from "./case.ts";

const malformed = (name: string, problem: string, make: () => Uint8Array): HostileCase =>
  loaded("L5", name, `module-malformed: ${problem}`, make);
/** A body of () -> () in a module that has a world. */
const body = (code: string, ...before: readonly string[]): Uint8Array => withWorld(withBody(code, ...before), WORLD);
const MEMORY = section(5, "01 00 01");

export const MODULES: readonly HostileCase[] = [
  text(
    "L2",
    "imports an interface that its world does not grant",
    "import-not-granted: does not grant",
    `(import "${id("take")}" "run" (func (param i32)))`,
  ),
  text(
    "L2",
    "imports a kernel function that there is not",
    "import-not-granted: does not grant",
    '(import "kernel" "kill" (func (param i32)))',
  ),
  text(
    "L2",
    "imports a kernel function under another type",
    "interface-mismatch: kernel",
    '(import "kernel" "log" (func (param i64 i32)))',
  ),
  text(
    "L2",
    "imports a system call",
    "import-not-granted: does not grant",
    '(import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))',
  ),
  text("L2", "imports JavaScript's own names", "import-not-granted: does not grant", '(import "__proto__" "constructor" (func))'),
  text(
    "L2",
    "imports one function twice",
    "module-refused: is imported twice",
    '(import "kernel" "log" (func (param i32 i32))) (import "kernel" "log" (func (param i32 i32)))',
  ),
  text("L2", "imports a memory", "module-refused: an imported memory", '(import "env" "memory" (memory 1))'),
  text("L2", "imports a table", "module-refused: an imported table", '(import "env" "table" (table 1 funcref))'),
  text("L2", "imports a global", "module-refused: an imported global", '(import "env" "global" (global (mut i32)))'),
  text("L2", "imports an exception's tag", "module-refused: exceptions (an imported tag)", '(import "env" "tag" (tag))'),
  text("L3", "exports its memory", "module-refused: is a memory", '(memory (export "memory") 1)'),
  text("L3", "exports a table", "module-refused: is a table", '(table (export "t") 1 funcref)'),
  text("L3", "exports a global", "module-refused: is a global", '(global (export "g") (mut i32) (i32.const 0))'),
  text("L3", "exports a function that its world does not have", "module-refused: does not have", '(func (export "extra"))'),
  text("L3", "exports a name of the loader's", "module-refused: reserved", '(func (export "sumac:start"))'),
  text("L3", "exports a name under which the kernel looks for state", "module-refused: reserved", '(func (export "sumac:g0"))'),
  text(
    "L3",
    "exports an import as its own",
    "module-refused: is an imported function",
    '(import "kernel" "log" (func $log (param i32 i32))) (export "log" (func $log))',
  ),
  text(
    "L3",
    "exports a guard function",
    "module-refused: is an imported function",
    '(import "guard" "load32" (func (param i32) (result i32))) (export "peek" (func 0))',
  ),
  text("L3", "does not export what it promised", "export-missing: does not export", "", ""),
  text(
    "L3",
    "exports its promise under another type",
    "interface-mismatch: has type",
    "",
    `(func (export "${exportName("call")}") (param i64) (result i32) (i32.const 0))`,
  ),

  text(
    "L4",
    "catches whatever passes, to outlive its end",
    "module-refused: exceptions (try)",
    "(func loop $l try br $l catch_all br $l end end)",
  ),
  text(
    "L4",
    "catches with try_table",
    "module-refused: exceptions (try_table)",
    "(func (block $h (try_table (catch_all $h) (loop $l (br $l)))))",
  ),
  text("L4", "declares a tag", "module-refused: exceptions (a tag section)", "(tag)"),
  text("L4", "allocates on the collector's heap", "module-refused: garbage collection (struct)", "(type (struct (field i32)))"),
  text("L4", "makes small references without number", "module-refused: garbage collection", "(func (drop (ref.i31 (i32.const 0))))"),
  text("L4", "holds the host's values", "module-refused: reference types (externref)", "(func (param externref))"),
  text(
    "L4",
    "grows a table",
    "module-refused: reference types (table.grow)",
    "(table 1 funcref) (func (unreachable) (table.grow 0) (drop))",
  ),
  text("L4", "calls without a frame", "module-refused: tail calls (return_call)", "(func $f (return_call $f))"),
  text("L4", "switches stacks", "module-refused: stack switching (cont)", "(type $f (func)) (type (cont $f))"),
  text("L4", "shares its memory with a thread", "module-refused: threads (a shared memory)", "(memory 1 2 shared)"),
  text(
    "L4",
    "waits for a word of memory",
    "module-refused: threads (atomics)",
    "(memory 1) (func (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))",
  ),
  text("L4", "addresses 64 bits of memory", "module-refused: memory64 (a 64-bit memory)", "(memory i64 1)"),
  text("L4", "defines a second memory", "module-refused: multiple memories (2)", "(memory 1) (memory 1)"),
  text(
    "L4",
    "computes what depends on the machine",
    "module-refused: relaxed SIMD",
    "(func (param v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 0)))",
  ),
  text(
    "L4",
    "runs code where a constant belongs",
    "module-refused: extended constant expressions",
    "(global i32 (i32.add (i32.const 1) (i32.const 2)))",
  ),

  malformed("is no module", "no WebAssembly module", () => bytes("7f 'ELF' 02 01 01 00")),
  malformed("announces a section longer than the file", "bytes announced", () => bytes(HEADER, "01 ff ff ff ff 0f 00")),
  malformed("has a number of 36 bits", "exceeds 32 bits", () => bytes(HEADER, "01 80 80 80 80 7f")),
  malformed("has sections out of order", "stands after", () => bytes(HEADER, section(3, "00"), TYPES)),
  malformed("has the type section twice", "a second type section", () => bytes(HEADER, TYPES, TYPES)),
  malformed("announces four thousand million types", "announces", () => bytes(HEADER, section(1, "90 4e"))),
  malformed("hides bytes behind a section's contents", "more than its contents", () => bytes(HEADER, section(1, "01 60 00 00 00"))),
  malformed("has a name that is no text", "not UTF-8", () => bytes(HEADER, TYPES, section(2, "01", sized("ff"), sized("'b'"), "00 00"))),
  malformed("calls a function that is not there", "function 7 does not exist", () => body("10 07 0b")),
  malformed("branches out of its function", "label 5 does not exist", () => body("0c 05 0b")),
  malformed("goes on behind its end", "more than its contents", () => body("0b 0b")),
  malformed("ends within an instruction", "ends too early", () => body("41 0b")),
  malformed("has an instruction that is none", "unknown", () => body("27 0b")),
  malformed("adds what is not there", "not enough arguments", () => body("6a 1a 0b")),
  malformed("has a table of numbers", "must be references", () => bytes(HEADER, section(4, "01 7f 00 01"))),
  loaded("L5", "nests blocks beyond the limit", "module-refused: blocks within each other", () =>
    body(`${"02 40 ".repeat(501)} ${"0b ".repeat(502)}`),
  ),
  loaded("L5", "has more locals than any compiler needs", "module-refused: locals", () =>
    withWorld(bytes(HEADER, TYPES, ONE_FUNCTION, section(10, "01", sized("01 ff ff ff ff 0f 7e 0b"))), WORLD),
  ),
  loaded("L5", "is made to be dear to compile", "module-refused: more than the limit", () => dear()),
  text("L5", "wants a table of half a gigabyte", "module-refused: table entries", "(table 100000000 funcref)"),

  text("L6", "asks for more memory than its quota at birth", "module-refused: quota", "(memory 17)"),
  text(
    "L6",
    "writes beyond its memory before it runs",
    "module-refused: beyond the declared minimum",
    '(memory 1) (data (i32.const 65535) "xx")',
  ),
  text("L6", "writes at an address that wraps", "module-refused: beyond the declared minimum", '(memory 1) (data (i32.const -1) "xx")'),
  text(
    "L6",
    "fills a table beyond its end",
    "module-refused: beyond the declared minimum",
    "(table 1 funcref) (elem (i32.const 1) $f) (func $f)",
  ),

  text("H1", "imports the shared heap by its name", "module-refused: an imported memory", '(import "sumac" "heap" (memory 1))'),
  text("H1", "imports its own id, to change it", "module-refused: an imported global", '(import "sumac" "me" (global (mut i32)))'),
  text(
    "H1",
    "imports the tick, to eat the verdict",
    'module-refused: reserved module "sumac"',
    '(import "sumac" "tick" (func (result i32)))',
  ),
  text(
    "H1",
    "imports the guard's inner copy",
    "module-refused: for the loader only",
    '(import "guard" "bulkCopy" (func (param i32 i32 i32)))',
  ),
  text("H1", "imports the guard's check", "module-refused: does not exist", '(import "guard" "mayRead" (func (param i32 i32)))'),
  loaded("H1", "names memory 1 in a load", "module-refused: multiple memories (memory 1)", () => body("41 00 28 42 01 00 1a 0b", MEMORY)),
  loaded("H1", "copies from memory 1", "module-refused: multiple memories (memory 1)", () =>
    body("41 00 41 00 41 00 fc 0a 00 01 0b", MEMORY),
  ),
  loaded("H1", "has a data segment on memory 1", "module-refused: multiple memories", () =>
    withWorld(bytes(HEADER, MEMORY, section(11, "01 02 01 41 00 0b 00")), WORLD),
  ),
];

/** Many branches, each of which keeps many locals and values alive. */
function dear(): Uint8Array {
  const locals = sized(`01 90 4e 7e ${"02 40 0b ".repeat(2000)} 0b`);
  return withWorld(bytes(HEADER, TYPES, ONE_FUNCTION, section(10, "01", locals)), WORLD);
}
