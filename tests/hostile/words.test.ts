/** Hostile domains that pass and return words which are no values of their types. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Cause, Refusal } from "../../host/kernel/status.ts";
import { deaths } from "../support/domain.ts";
import { calls, testSystem } from "../support/system.ts";

const test = suite("hostile words");

const REFUSED: number = Cause.refused * 1000 + Refusal.argument;

test("words outside their types are refused in both directions, and integers are taken modulo their width", async () => {
  const id = "test:words/w@0.1.0";
  const world = (items: string): string => `package test:domain@0.1.0;\nworld domain { ${items} }
    package test:words@0.1.0 { interface w { enum e { a, b, c } flags f { x, y }
      flip: func(v: bool) -> bool; choose: func(v: e) -> e; mark: func(v: f) -> f; letter: func(v: char) -> char; small: func(v: u8) -> u8;
      both: func(v: tuple<bool, e>) -> tuple<bool, e>; }
      interface run { run: func(which: u32, word: u32) -> u32; } }`;
  const functions = ["flip", "choose", "mark", "letter", "small"];
  const t = await testSystem();
  const echo = await t.add({
    name: "echo",
    world: world(`export ${id};`),
    wat: `(module (import "guard" "setResult" (func $setResult (param i32 i32)))
      ${functions.map((name) => `(func (export "${id}#${name}") (param i32) (result i32) (local.get 0))`).join("\n")}
      (func (export "${id}#both") (param i32 i32)
        (call $setResult (i32.const 0) (local.get 0)) (call $setResult (i32.const 1) (local.get 1))))`,
  });
  const sender = `(module (import "guard" "status" (func $status (param i32) (result i32)))
    ${functions.map((name) => `(import "${id}" "${name}" (func $${name} (param i32) (result i32)))`).join("\n")} (import "${id}" "both" (func $both (param i32 i32)))
    (func (export "test:words/run@0.1.0#run") (param $which i32) (param $word i32) (result i32)
      ${functions.map((name, i) => `(if (i32.eq (local.get $which) (i32.const ${i})) (then (drop (call $${name} (local.get $word)))))`).join("\n")}
      (if (i32.eq (local.get $which) (i32.const 5)) (then (call $both (i32.const 1) (local.get $word))))
      (i32.add (i32.mul (call $status (i32.const 0)) (i32.const 1000)) (call $status (i32.const 3)))))`;
  await t.add({ name: "sender", world: world(`import ${id}; export test:words/run@0.1.0;`), wat: sender, grants: { [id]: calls(echo) } });
  const { run } = t.system.export("sender", "test:words/run@0.1.0");
  const cases: readonly (readonly [which: number, word: number, isValue: boolean])[] = [
    ...[0, 1].map((word) => [0, word, true] as const),
    ...[2, 0x100, 0xffffffff].map((word) => [0, word, false] as const),
    ...[0, 2].map((word) => [1, word, true] as const),
    ...[3, 0x80000000, 0xffffffff].map((word) => [1, word, false] as const),
    ...[0, 3].map((word) => [2, word, true] as const),
    ...[4, 0xffffffff].map((word) => [2, word, false] as const),
    ...[0, 0xd7ff, 0xe000, 0x10ffff].map((word) => [3, word, true] as const),
    ...[0xd800, 0xdfff, 0x110000, 0xffffffff].map((word) => [3, word, false] as const),
    ...[0, 0xff, 0x100, 0xffffffff].map((word) => [4, word, true] as const),
    ...[2].map((word) => [5, word, true] as const),
    ...[3].map((word) => [5, word, false] as const),
  ];
  for (const [which, word, isValue] of cases) {
    assert.equal(run?.(which, word), { ok: true, value: isValue ? 0 : REFUSED }, `${which}: ${word}`);
  }
  assert.equal(deaths(t), []);
  await t.end();
});

test("words of a result outside their types are refused, also behind a packed result", async () => {
  const id = "test:words/w@0.1.0";
  const bodies: Readonly<Record<string, readonly [signature: string, bad: string, good: string]>> = {
    flip: ["-> bool", "(result i32) (i32.const 2)", "(result i32) (i32.const 1)"],
    letter: ["-> char", "(result i32) (i32.const 0xd800)", "(result i32) (i32.const 0xe000)"],
    choose: ["-> e", "(result i32) (i32.const 3)", "(result i32) (i32.const 2)"],
    mark: ["-> f", "(result i32) (i32.const 4)", "(result i32) (i32.const 3)"],
    both: ["-> tuple<u64, bool>", "(call $setResult (i32.const 2) (i32.const 7))", "(call $setResult (i32.const 2) (i32.const 1))"],
    packed: [
      "-> result<tuple<u8, e>, e>",
      "(result i32) (call $setResult (i32.const 1) (i32.const 3)) (i32.const 64)",
      "(result i32) (call $setResult (i32.const 1) (i32.const 2)) (i32.const 64)",
    ],
    single: [
      "-> result<bool, e>",
      "(result i32) (call $setResult (i32.const 0) (i32.const 3)) (i32.const 64)",
      "(result i32) (call $setResult (i32.const 0) (i32.const 3)) (i32.const 2)",
    ],
    untyped: ["-> result<u8>", "(result i32) (i32.const 2)", "(result i32) (i32.const 1)"],
  };
  const world = `package test:domain@0.1.0;\nworld domain { export ${id}; }
    package test:words@0.1.0 { interface w { enum e { a, b, c } flags f { x, y }
    ${Object.entries(bodies)
      .map(([name, [signature]]) => `${name}: func() ${signature};`)
      .join("\n")} } }`;
  const t = await testSystem();
  for (const [index, name] of [
    [1, "bad"],
    [2, "good"],
  ] as const) {
    await t.add({
      name,
      world,
      wat: `(module (import "guard" "setResult" (func $setResult (param i32 i32)))
        ${Object.entries(bodies)
          .map(([method, body]) => `(func (export "${id}#${method}") ${body[index]})`)
          .join("\n")})`,
    });
    for (const [method, call] of Object.entries(t.system.export(name, id))) {
      const called = call();
      assert.is(
        called.ok,
        name === "good",
        `${name} ${method}: ${JSON.stringify(called, (_, v) => (typeof v === "bigint" ? String(v) : v))}`,
      );
      if (!called.ok) assert.is(called.error.cause, "refused", method);
    }
  }
  assert.equal(deaths(t), []);
  await t.end();
});

test.run();
