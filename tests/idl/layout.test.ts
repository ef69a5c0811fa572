/** Where the fields of shared-heap types lie, and what their ids are. */
import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseWit, resolveWorld, type SharedType } from "../../host/idl/idl.ts";
import { sha256Hex } from "../../host/idl/sha256.ts";
import { randomOf } from "./random-wit.ts";

const test = suite("shared layouts");

function sharedType(params: string, others = ""): SharedType {
  const text = `package a:b@0.1.0; interface i { ${others} resource r { constructor(${params}); } } world w { import i; }`;
  const [first] = resolveWorld([parseWit(text, "t.wit")], "w").sharedTypes;
  if (!first) throw new Error("no shared type");
  return first;
}

test("Layouts places fields in order, each at its natural alignment, and ends with the last", () => {
  const table: readonly [params: string, offsets: readonly number[], size: number][] = [
    ["a: u8", [0], 1],
    ["a: u64", [0], 8],
    ["a: u8, b: u64", [0, 8], 16],
    ["a: u64, b: u8", [0, 8], 9],
    ["a: u8, b: u16, c: u8, d: u32", [0, 2, 4, 8], 12],
    ["a: bool, b: char, c: s8, d: s16, e: s32, f: s64, g: f32, h: f64", [0, 4, 8, 10, 12, 16, 24, 32], 40],
    ["data: list<u8, 4096>", [0], 4096],
    ["a: u8, b: list<u8, 3>, c: u8", [0, 1, 4], 5],
    ["a: u8, b: list<u16, 3>, c: u8", [0, 2, 8], 9],
    ["a: u8, b: list<f64, 2>", [0, 8], 24],
    ["a: list<bool, 5>, b: u32", [0, 8], 12],
    ["a: e, b: u16", [0, 2], 4],
    ["a: f8, b: f9, c: f17, d: u8", [0, 2, 4, 8], 9],
    ["a: alias, b: array", [0, 4], 12],
    ["data: list<u8, 16777216>", [0], 16777216],
  ];
  const flags = (name: string, count: number): string =>
    `flags ${name} { ${Array.from({ length: count }, (_, index) => `x${index}`).join(", ")} }`;
  const others = `enum e { a, b } ${flags("f8", 8)} ${flags("f9", 9)} ${flags("f17", 17)} type alias = u8; type array = list<u32, 2>;`;
  for (const [params, offsets, size] of table) {
    const { fields, sizeBytes } = sharedType(params, others);
    assert.equal(
      fields.map(({ offset }) => offset),
      offsets,
      params,
    );
    assert.is(sizeBytes, size, params);
  }
});

test("Layouts gives an enum of more than 256 cases two bytes", () => {
  const cases = (count: number): string => `enum e { ${Array.from({ length: count }, (_, index) => `c${index}`).join(", ")} }`;
  assert.is(sharedType("a: e", cases(256)).sizeBytes, 1);
  assert.is(sharedType("a: e", cases(257)).sizeBytes, 2);
});

test("Layouts derives the id from the canonical text, with every name resolved", () => {
  const { id, canonical } = sharedType("kind: k, rights: r2, data: d, at: u64", "enum k { a, b } flags r2 { x, y } type d = list<u8, 16>;");
  assert.is(canonical, "a:b/i@0.1.0#r{kind:enum{a,b},rights:flags{x,y},data:list<u8,16>,at:u64}");
  assert.is(id, createHash("sha256").update(canonical).digest().readUInt32LE(0));
});

test("Layouts gives different ids to types that differ in anything that matters", () => {
  const ids = ["a: u8", "b: u8", "a: u16", "a: list<u8, 1>", "a: list<u8, 2>", "a: u8, b: u8"].map((params) => sharedType(params).id);
  assert.is(new Set(ids).size, ids.length);
  assert.is(sharedType("a: t", "type t = u8;").id, sharedType("a: u8").id);
});

test("sha256Hex agrees with the platform's SHA-256", () => {
  const random = randomOf(5);
  for (let length = 0; length < 200; length++) {
    const text = Array.from({ length }, () => String.fromCodePoint(32 + random(0x2000))).join("");
    assert.is(sha256Hex(text), createHash("sha256").update(text).digest("hex"));
  }
});

test.run();
