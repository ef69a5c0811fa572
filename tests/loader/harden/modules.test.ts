/** What hardening makes of a module around its code: imports, indices, segments, exports, custom sections. */
import { print } from "@bytecodealliance/jco-transpile/wasm-tools";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { check } from "../../../host/loader/check.ts";
import { HINT_SECTION } from "../../../host/loader/harden/hints.ts";
import { MAX_NESTING } from "../../../host/loader/limits.ts";
import { wat } from "../../support/wat.ts";
import { GUARD, HEAP_PAGES, hardenAndAudit, ME, original, outcome, QUOTA_PAGES, start } from "../hardened.ts";

async function hardened(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return hardenAndAudit(check(await wat(`(module ${text})`), { maxMemoryPages: QUOTA_PAGES }));
}

test("harden: imports are the five of the loader in order, then the module's own without the guard's", async () => {
  const bytes = await hardened(`(import "a" "x" (func)) (import "guard" "load8" (func $l (param i32) (result i32)))
    (import "a" "y" (func (param i64))) (memory 2 3) (func (drop (call $l (i32.const 0))))`);
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes)).map(({ module, name, kind }) => `${module} ${name} ${kind}`);
  assert.equal(imports, [
    "sumac memory memory",
    "sumac heap memory",
    "sumac me global",
    "sumac line global",
    "sumac tick function",
    "a x function",
    "a y function",
  ]);
  const text = await print(bytes);
  assert.ok(text.includes(`(import "sumac" "memory" (memory (;0;) 2 ${QUOTA_PAGES}))`));
  assert.ok(text.includes(`(import "sumac" "heap" (memory (;1;) 1 ${HEAP_PAGES} shared))`));
});

test("harden: a module without a memory gets one of no pages", async () => {
  assert.ok((await print(await hardened(""))).includes(`(import "sumac" "memory" (memory (;0;) 0 ${QUOTA_PAGES}))`));
});

test("harden: an empty module is hardened to its imports, fillers and the guard", async () => {
  const bytes = await hardened("");
  assert.equal(WebAssembly.Module.exports(new WebAssembly.Module(bytes)), []);
  const functions = functionsOf(await print(bytes));
  const fillers = functions.slice(0, -GUARD.functions.length);
  assert.ok(fillers.length > 0);
  assert.equal(new Set(fillers.map((text) => text.replace(/\(;\d+;\)/, ""))), new Set(["(func  (type 1))\n"]));
});

/** The defined functions as text, in order. */
function functionsOf(text: string): string[] {
  return [...text.matchAll(/^ {2}(\(func .*\n(?: {4}.*\n)*(?: {2}\)\n)?)/gm)].map(([, code = ""]) => code);
}

/** Bytes of each function's code. */
function sizesOf(bytes: Uint8Array): number[] {
  let at = 8;
  const u32 = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (bytes[at++] !== 10) {
    const size = u32();
    at += size;
  }
  u32();
  return Array.from({ length: u32() }, () => {
    const size = u32();
    at += size;
    return size;
  });
}

for (const [name, functions] of [
  ["none", 0],
  ["one", 1],
  ["a hundred", 100],
] as const) {
  test(`harden: V8 counts at least half of the functions as small with ${name} long functions of the author`, async () => {
    const sizes = sizesOf(await hardened(`(func ${"(drop (i32.const 1000))".repeat(40)})`.repeat(functions)));
    const small = sizes.filter((size) => size < 50).length;
    assert.ok(2 * small >= sizes.length && 2 * small <= sizes.length + 1, `${small} of ${sizes.length} are small`);
  });
}

test("harden: a module of nothing but small functions gets no more of them than make up for the guard", async () => {
  const sizes = sizesOf(await hardened("(func)".repeat(200)));
  assert.is(sizes.length, 200 + GUARD.functions.length);
});

test("harden: exports keep their names and the start function is exported under a reserved one", async () => {
  const bytes = await hardened(`(func $a (export "one") (export "sumac:block/bdev@0.1.0#read")) (func $s) (start $s) (memory 1)`);
  const names = WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map(({ name, kind }) => `${name} ${kind}`);
  assert.equal(names, ["one function", "sumac:block/bdev@0.1.0#read function", "sumac:start function"]);
});

test("harden: custom sections go, but for the branch hints", async () => {
  const bytes = await hardened(`(@custom "sumac:world" "package a:b;") (@custom "other" "x") (func $named (export "f") (call $named))`);
  const module = new WebAssembly.Module(bytes);
  assert.is(WebAssembly.Module.customSections(module, "sumac:world").length, 0);
  assert.is(WebAssembly.Module.customSections(module, "other").length, 0);
  assert.is(WebAssembly.Module.customSections(module, "name").length, 0);
  assert.is(WebAssembly.Module.customSections(module, HINT_SECTION).length, 1);
});

test("harden: hints stand at the countdown's br_if and at the ifs of safepoints, and nowhere else in the author's code", async () => {
  const text = await print(
    await hardened(`(func (param i32) (if (local.get 0) (then (loop (br_if 0 (local.get 0))))) (call $g)) (func) (func $g (loop (br 0)))`),
  );
  assert.equal(hintedIn(functionsOf(text).slice(0, 3).join("")), ["if", "if", "br_if 1", "if", "if", "br_if 1", "if", "if"]);
});

/** The instructions behind hints, as text. */
function hintedIn(text: string): string[] {
  return [...text.matchAll(/\(@metadata\.code\.branch_hint "\\00"\)\s+(\w+ ?\d*)/g)].map(([, next = ""]) => next.trim());
}

/** From a line with an `if` to the line that ends it, by indentation. */
function ifsOf(text: string): string[] {
  return [...text.matchAll(/^( *)if\b.*\n(?:\1 .*\n)*?\1end/gm)].map(([whole]) => whole);
}

test("harden: in the guard's code hints stand at the ifs that lead to a trap, and nowhere else", async () => {
  // So many functions that the guard's calls become longer than they are in guard.wasm.
  const functions = functionsOf(await print(await hardened("(func)".repeat(300)))).slice(-GUARD.functions.length);
  let hinted = 0;
  for (const text of functions) {
    const lines = text.split("\n");
    for (const [n, line] of lines.entries()) {
      if (!/^ *if\b/.test(line)) continue;
      const body = ifsOf(lines.slice(n).join("\n"))[0] ?? "";
      assert.is(lines[n - 1]?.includes("@metadata.code.branch_hint") ?? false, body.includes("unreachable"), body);
      hinted += body.includes("unreachable") ? 1 : 0;
    }
  }
  assert.is(hinted, hintedIn(functions.join("")).length);
  assert.ok(hinted > 30, `${hinted} hints`);
});

test("harden: globals keep their values and stay the module's own", async () => {
  const text = `(module (global $a i32 (i32.const 7)) (global $b (mut i64) (i64.const -3)) (global $c (mut i32) (global.get $a))
    (global $d f64 (f64.const 1.5)) (global $v v128 (v128.const i32x4 1 2 3 4))
    (func (export "f") (param i32) (result i32)
      (global.set $c (i32.add (global.get $c) (local.get 0)))
      (global.set $b (i64.add (global.get $b) (i64.const 1)))
      (i32.add (i32.add (global.get $c) (i32.wrap_i64 (global.get $b)))
        (i32.add (i32x4.extract_lane 2 (global.get $v)) (i32.trunc_f64_s (global.get $d))))))`;
  const before = original(await wat(text));
  const after = start(await wat(text)).call;
  for (const n of [1, 2, 30]) assert.is(after.f?.(n), before.f?.(n));
});

/** Each puts $h (of the host), $one and $two into table $t at 1, 2 and 3; `f(i)` calls entry i. */
const ELEMENTS: Readonly<Record<string, string>> = {
  "active, functions (0)": `(elem (i32.const 1) $h $one $two)`,
  "passive, functions (1)": `(elem $e func $h $one $two)`,
  "active with a table, functions (2)": `(table $x 1 funcref) (elem (table $x) (i32.const 0) func $two) (elem (table 0) (i32.const 1) func $h $one $two)`,
  "declared, functions (3)": `(elem declare func $one) (elem (i32.const 1) $h $one $two)`,
  "active, expressions (4)": `(elem (i32.const 1) funcref (ref.func $h) (ref.func $one) (item ref.func $two) (ref.null func))`,
  "passive, expressions (5)": `(elem $e funcref (ref.func $h) (ref.func $one) (ref.func $two) (ref.null func))`,
  "active with a table, expressions (6)": `(table $x 2 funcref) (elem (table $x) (i32.const 0) funcref (ref.null func) (ref.func $one)) (elem (i32.const 1) $h $one $two)`,
  "declared, expressions (7)": `(elem declare funcref (ref.func $one)) (elem (i32.const 1) $h $one $two)`,
  "active at a global": `(global $g i32 (i32.const 1)) (elem (global.get $g) $h $one $two)`,
};
for (const [name, segment] of Object.entries(ELEMENTS)) {
  test(`harden: element segment ${name} means the same functions`, async () => {
    const isPassive = segment.includes("$e ");
    const text = `(module (import "k" "h" (func $h (result i32))) (table $t 6 funcref) ${segment}
      (func $pad (result i32) (i32.const 0)) (func $one (result i32) (i32.const 11)) (func $two (result i32) (i32.const 22))
      (func (export "init") ${isPassive ? "(table.init $t $e (i32.const 1) (i32.const 0) (i32.const 3)) (elem.drop $e)" : ""})
      (func (export "move") (table.copy $t $t (i32.const 2) (i32.const 1) (i32.const 2)))
      (func (export "f") (param i32) (result i32) (call_indirect (result i32) (local.get 0))))`;
    const bytes = await wat(text);
    const imports = { k: { h: () => 99 } };
    const results = (call: ReturnType<typeof original>) => {
      call.init?.();
      const first = [0, 1, 2, 3, 4, 5, 6].map((i) => outcome(() => call.f?.(i) ?? -1));
      call.move?.();
      return [...first, ...[1, 2, 3].map((i) => outcome(() => call.f?.(i) ?? -1))];
    };
    const expected = results(original(bytes, imports));
    assert.equal(expected.slice(1, 4), [99, 11, 22]);
    assert.equal(results(start(bytes, imports).call), expected);
  });
}

test("harden: active and passive data segments arrive", async () => {
  const text = `(module (memory 1) (global $g i32 (i32.const 64)) (data (i32.const 16) "abcd") (data $p "efgh") (data (global.get $g) "ij")
    (data (memory 0) (i32.const 128) "kl") (data "")
    (func (export "init") (memory.init $p (i32.const 32) (i32.const 1) (i32.const 3)) (data.drop $p))
    (func (export "again") (memory.init $p (i32.const 32) (i32.const 1) (i32.const 3)))
    (func (export "f") (param i32) (result i32) (i32.load (local.get 0))))`;
  const bytes = await wat(text);
  const places = [12, 16, 30, 32, 64, 128, 65532, 65533];
  const results = (call: ReturnType<typeof original>) => {
    call.init?.();
    return [...places.map((at) => outcome(() => call.f?.(at) ?? -1)), outcome(() => call.again?.() ?? -1)];
  };
  assert.equal(results(start(bytes).call), results(original(bytes)));
});

const BULK: Readonly<Record<string, readonly [op: string, args: readonly (readonly [number, number, number])[]]>> = {
  "memory.copy": [
    "memory.copy",
    [
      [0, 100, 50],
      [100, 120, 70_000],
      [120, 100, 70_000],
      [0, 131_072, 0],
      [131_072, 0, 0],
      [131_073, 0, 0],
      [131_000, 0, 100],
      [0, 131_000, 100],
      [0, 65_536, 65_537],
      [1, 0, 131_072],
      [0, 0, 131_072],
      [0xffff_ffff, 0, 2],
      [0, 4, 0xffff_ffff],
    ],
  ],
  "memory.fill": [
    "memory.fill",
    [
      [0, 300, 5],
      [7, 1, 131_065],
      [7, 1, 131_066],
      [131_072, 0, 0],
      [131_073, 0, 0],
      [0, 9, 70_000],
      [0xffff_ff00, 3, 0x200],
    ],
  ],
};
for (const [name, [op, args]] of Object.entries(BULK)) {
  test(`harden: ${name} copies, fills and traps as the instruction does, and a trap leaves the memory as it was`, async () => {
    const text = `(module (memory 2) (data (i32.const 90) "some bytes that are not all the same, so that a shift is seen")
      (func (export "f") (param i32 i32 i32) (${op} (local.get 0) (local.get 1) (local.get 2)))
      (func (export "sum") (result i32) (local $i i32) (local $s i32)
        (loop $a (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31)) (i32.load (local.get $i))))
          (br_if $a (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 131072)))) (local.get $s)))`;
    const bytes = await wat(text);
    const before = original(bytes);
    const after = start(bytes).call;
    for (const [a, b, c] of args) {
      const traps = (call: typeof before) => typeof outcome(() => call.f?.(a, b, c) ?? -1) === "string";
      assert.is(traps(after), traps(before), `${a} ${b} ${c}`);
      assert.is(after.sum?.(), before.sum?.(), `${a} ${b} ${c}`);
    }
  });
}

test("harden: memory.grow stops at the quota, whatever maximum the module declares", async () => {
  for (const declared of ["1", "1 2", "1 1000"]) {
    const { call } = start(
      await wat(`(module (memory ${declared}) (func (export "f") (param i32) (result i32) (memory.grow (local.get 0))))`),
    );
    assert.is(call.f?.(QUOTA_PAGES), -1);
    assert.is(call.f?.(QUOTA_PAGES - 1), 1);
    assert.is(call.f?.(1), -1);
  }
});

test("harden: a guard import calls the guard, also through a table", async () => {
  const running = start(
    await wat(`(module (import "guard" "setResult" (func $set (param i32 i32))) (import "k" "h" (func $h))
      (import "guard" "result" (func $get (param i32) (result i32))) (table 2 funcref) (elem (i32.const 0) $get $h)
      (func (export "set") (param i32 i32) (call $set (local.get 0) (local.get 1)))
      (func (export "f") (param i32 i32) (result i32) (call_indirect (param i32) (result i32) (local.get 0) (local.get 1))))`),
    { k: { h() {} } },
  );
  running.call.set?.(3, 1234);
  assert.is(running.heap[(0x100000 + (ME & 0x3fff) * 128 + 64 + 12) / 4], 1234);
  assert.is(running.call.f?.(3, 0), 1234);
  assert.is(
    outcome(() => running.call.f?.(16, 0) ?? -1),
    "unreachable",
  );
  assert.match(String(outcome(() => running.call.f?.(3, 1) ?? -1)), "signature mismatch");
});

test("harden: nesting at the limit, all of it loops, still compiles", async () => {
  const body = `${"(loop (result i32) ".repeat(MAX_NESTING)} (local.get 0) ${")".repeat(MAX_NESTING)}`;
  assert.is(start(await wat(`(module (func (export "f") (param i32) (result i32) ${body}))`)).call.f?.(5), 5);
});

test("harden: a body of nothing but loops that would outgrow V8's limit is refused", async () => {
  const module = check(await wat(`(module (func ${"loop end ".repeat(200_000)}))`), { maxMemoryPages: QUOTA_PAGES });
  assert.throws(() => hardenAndAudit(module), /bytes in the hardened body of function 0, more than the limit/);
});

test("harden: the same input gives the same bytes", async () => {
  const text = `(memory 1) (func $f (export "f") (loop (br_if 0 (i32.const 0))) (call $f))`;
  assert.equal(await hardened(text), await hardened(text));
});

test.run();
