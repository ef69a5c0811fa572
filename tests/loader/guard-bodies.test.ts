/** Taking the guard apart, and refusing one that cannot be appended to a module. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import { parseGuard } from "../../host/loader/guard-bodies.ts";
import { GUARD_IMPORTS, GUARD_INTERNAL, type GuardSignature } from "../../host/loader/guard-imports.ts";
import { OP, TYPE } from "../../host/loader/wasm/opcodes.ts";
import { wat } from "../support/wat.ts";
import { GUARD, GUARD_BYTES } from "./hardened.ts";

const IMPORTS = `(import "sumac" "memory" (memory $own 0))
  (import "sumac" "heap" (memory $heap 1 65536 shared))
  (import "sumac" "me" (global $me i32))
  (import "sumac" "line" (global $line i32))
  (import "sumac" "tick" (func $tick (result i32)))`;
const NAMES = new Map<number, string>([
  [TYPE.i32, "i32"],
  [TYPE.i64, "i64"],
  [TYPE.v128, "v128"],
]);

function functionOf(name: string, { params, results }: GuardSignature): string {
  const list = (types: readonly number[]) => types.map((type) => NAMES.get(type)).join(" ");
  return `(func $${name} (export "${name}") (param ${list(params)}) (result ${list(results)}) unreachable)`;
}
const ALL = [...GUARD_IMPORTS, ...GUARD_INTERNAL].map(([name, signature]) => functionOf(name, signature)).join("\n");

/** A guard of functions that only trap, with something more in it. */
function guardWith(extra: string, imports: string = IMPORTS, functions: string = ALL): string {
  return `(module ${imports} ${functions} ${extra})`;
}

test("parseGuard: finds every function by its name, with its type and its calls", async () => {
  const extra = `(func $a (call $load8 (i32.const 0)) (drop) (call $tick) (drop) (call $b)) (func $b)`;
  const { functions, byName } = parseGuard(await wat(guardWith(extra)));
  assert.is(functions.length, GUARD_IMPORTS.size + GUARD_INTERNAL.size + 2);
  for (const [name, { params, results }] of GUARD_IMPORTS) {
    assert.equal(functions[byName.get(name) ?? -1]?.type, { params, results }, name);
  }
  const caller = functions.at(-2);
  assert.equal(
    caller?.calls.map(({ target }) => target),
    [1 + (byName.get("load8") ?? -1), 0, functions.length],
  );
  for (const { start, end, target } of caller?.calls ?? []) assert.equal([...(caller?.body.subarray(start, end) ?? [])], [0x10, target]);
});

test("parseGuard: finds the ifs that lead to a trap or a verdict, at any depth, and no other", async () => {
  const extra = `(func $f (param i32) (result i32)
    (if (local.get 0) (then (drop (call $f (i32.const 1)))))
    (if (local.get 0) (then (if (local.get 0) (then (block unreachable)))))
    (if (local.get 0) (then nop) (else unreachable))
    (block (if (local.get 0) (then unreachable) (else nop)))
    (drop (ref.i31 (i32.const 0)))
    (i32.const 0))`;
  const { unlikely, body } = parseGuard(await wat(guardWith(extra))).functions.at(-1) ?? { unlikely: [], body: new Uint8Array() };
  const ifs = [...body.keys()].filter((at) => body[at] === OP.if && body[at + 1] === TYPE.empty);
  assert.is(ifs.length, 5);
  assert.equal(unlikely, [ifs[1], ifs[2], ifs[4]]);
});

test("parseGuard: accepts the guard that Sumac ships", () => {
  assert.is(
    GUARD.functions.length,
    WebAssembly.Module.exports(new WebAssembly.Module(new Uint8Array(GUARD_BYTES))).length + inner(GUARD_BYTES),
  );
});

/** How many functions the guard has for itself. */
function inner(bytes: Uint8Array): number {
  return parseGuard(bytes).functions.length - parseGuard(bytes).byName.size;
}

const BROKEN: Readonly<Record<string, readonly [text: string, said: RegExp]>> = {
  "a table": [guardWith("(table 1 funcref)"), /a section 4/],
  "a memory of its own": [guardWith("(memory 1)"), /a section 5/],
  "a global of its own": [guardWith("(global i32 (i32.const 1))"), /a section 6/],
  "a start function": [guardWith("(func $s) (start $s)"), /a section 8/],
  data: [guardWith(`(data (i32.const 0) "x")`), /a section 1[12]/],
  "an element segment": [guardWith("(func $f) (elem declare func $f)"), /a section 9/],
  "an import too many": [guardWith("", `${IMPORTS} (import "sumac" "more" (func))`), /its import 5/],
  "an import too few": [guardWith("", IMPORTS.replace(/\(import "sumac" "tick".*/, "")), /4 imports instead of 5/],
  "imports in another order": [
    guardWith("", IMPORTS.replace(`"me"`, `"x"`).replace(`"line"`, `"me"`).replace(`"x"`, `"line"`)),
    /its import 2, "sumac" "line"/,
  ],
  "a heap that is not shared": [guardWith("", IMPORTS.replace("65536 shared", "65536")), /its import 1/],
  "a mutable global": [guardWith("", IMPORTS.replace("$me i32", "$me (mut i32)")), /its import 2/],
  "a tick of another type": [guardWith("", IMPORTS.replace("$tick (result i32)", "$tick (param i32)")), /its import 4/],
  "a function missing": [guardWith("", IMPORTS, ALL.replace(`(export "copyIn")`, "")), /no function "copyIn"/],
  "a function of a wrong type": [
    guardWith("", IMPORTS, ALL.replace(`(export "load8") (param i32)`, `(export "load8") (param i64)`)),
    /"load8" has a wrong type/,
  ],
  "an export that is no function": [guardWith(`(export "m" (memory $own))`), /its export "m"/],
  "an export of the tick": [guardWith(`(export "t" (func $tick))`), /its export "t"/],
  "a block type by index": [
    guardWith("(type $t (func (param i32) (result i32 i32))) (func (result i32 i32) (i32.const 1) (block (type $t) (i32.const 2)))"),
    /has block/,
  ],
  "memory.grow": [guardWith("(func (drop (memory.grow $own (i32.const 1))))"), /has memory.grow/],
  "an atomic on the own memory": [guardWith("(func (drop (i32.atomic.load $own (i32.const 0))))"), /has i32.atomic.load/],
  "another atomic": [guardWith("(func (i32.atomic.store $heap (i32.const 0) (i32.const 0)))"), /has opcode 0xfe 0x17/],
  "a reference": [guardWith("(func (drop (ref.null func)))"), /has opcode 0xd0/],
  "an object of the collector": [guardWith("(type $a (array i8)) (func (drop (array.new_default $a (i32.const 9))))"), /./],
  "a cast": [guardWith("(func (drop (ref.test (ref i31) (ref.i31 (i32.const 0)))))"), /has opcode 0xfb/],
};
for (const [name, [text, said]] of Object.entries(BROKEN)) {
  test(`parseGuard: refuses a guard with ${name}`, async () => {
    const bytes = await wat(text);
    assert.throws(
      () => parseGuard(bytes),
      (error: unknown) => error instanceof SumacError && error.code === "build-failed" && said.test(error.message),
    );
  });
}

test("parseGuard: refuses bytes that are no module", () => {
  assert.throws(() => parseGuard(Uint8Array.of(1, 2, 3)), /no valid module/);
});

test.run();
