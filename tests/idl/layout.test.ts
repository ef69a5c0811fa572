/** Where the fields of shared-heap types lie, and what their ids are. */
import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import {
  parseWit,
  problemsOf,
  readWorldSection,
  resolveWorld,
  type SharedType,
  type World,
  writeWorldSection,
} from "../../host/idl/idl.ts";
import { sha256Hex } from "../../host/idl/sha256.ts";
import { randomOf } from "./random-wit.ts";

const test = suite("shared layouts");

function worldOf(body: string): World {
  return resolveWorld([parseWit(`package a:b@0.1.0; interface i { ${body} } world w { import i; }`, "t.wit")], "w");
}

function sharedType(params: string, others = ""): SharedType {
  const [first] = worldOf(`${others} resource r { constructor(${params}); }`).sharedTypes;
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

test("Layouts lays records, tuples and lists inside each other out as C does, padded to their widest part", () => {
  const others =
    "record p { x: u8, y: u32 } record q { a: u8, p: p, b: u8 } type pair = tuple<u8, u16, u8>; record deep { q: list<q, 2>, t: pair } enum e { a }";
  const table: readonly [params: string, offsets: readonly number[], size: number][] = [
    ["a: u8, p: p, b: u8", [0, 4, 12], 13],
    ["q: q, b: u8", [0, 16], 17],
    ["a: u8, t: pair, b: u8", [0, 2, 8], 9],
    ["a: u8, ps: list<p, 3>, b: u16", [0, 4, 28], 30],
    ["a: u8, d: deep, b: u64", [0, 4, 48], 56],
    ["a: list<list<list<u16, 2>, 3>, 5>, b: u8", [0, 60], 61],
    ["a: list<tuple<u8, f64>, 2>, b: list<e, 3>", [0, 32], 35],
    ["a: u8, t: tuple<tuple<tuple<u8, u64>>>", [0, 8], 24],
  ];
  for (const [params, offsets, size] of table) {
    const { fields, sizeBytes } = sharedType(params, others);
    assert.equal([fields.map(({ offset }) => offset), sizeBytes], [offsets, size], params);
  }
  const [field] = sharedType("d: deep", others).fields;
  assert.is(field?.type.kind, "record");
  if (field?.type.kind !== "record") return;
  assert.equal(
    field.type.fields.map(({ offset }) => offset),
    [0, 32],
  );
  assert.equal([field.type.sizeBytes, field.type.alignment], [40, 4]);
});

test("Layouts gives children slots of four bytes, a deque its two words, and a list at the end no bytes of its own", () => {
  const others = "resource s { constructor(n: u8); } record p { x: u8, y: u32 } type t = s; type maybe = option<own<t>>;";
  const table: readonly [params: string, offsets: readonly number[], size: number][] = [
    ["a: u8, next: option<r>, b: u8, c: option<s>", [0, 4, 8, 12], 16],
    ["a: u8, all: list<option<s>, 5>, b: u8", [0, 4, 24], 25],
    ["a: maybe, b: list<maybe, 2>", [0, 4], 12],
    ["a: u8, items: list<p>", [0, 4], 4],
    ["items: list<u64>", [0], 0],
    ["a: u8, items: list<list<u16, 3>>", [0, 2], 2],
  ];
  for (const [params, offsets, size] of table) {
    const { fields, sizeBytes } = sharedType(params, others);
    assert.equal([fields.map(({ offset }) => offset), sizeBytes], [offsets, size], params);
  }
  const world = worldOf("resource r { constructor(n: u8); } \n/// Some.\n/// @deque\nresource q { constructor(all: list<option<r>, 5>); }");
  const [deque, item] = world.sharedTypes;
  assert.equal(deque?.fields, [
    { name: "all", type: { kind: "deque", length: 5, target: { name: "r", interfaceId: "a:b/i@0.1.0", id: item?.id } }, offset: 0 },
  ]);
  assert.is(deque?.sizeBytes, 28);
  assert.is(deque?.canonical, "a:b/i@0.1.0#q{all:deque<option<a:b/i@0.1.0#r>,5>};a:b/i@0.1.0#r{n:u8}");
});

test("Layouts gives types that hold each other ids that differ when anything within reach does", () => {
  const ids = (a: string, b: string): number[] =>
    worldOf(
      `resource a { constructor(x: u8, b: option<b>); } resource b { constructor(${b}, a: option<a>); } resource c { constructor(${a}); }`,
    ).sharedTypes.map(({ id }) => id);
  const [one, other] = [ids("x: u8", "y: u8"), ids("x: u8", "y: u16")];
  assert.is.not(one[0], other[0]);
  assert.is.not(one[1], other[1]);
  assert.is(one[2], other[2]);
  assert.is.not(ids("x: option<a>", "y: u8")[2], ids("x: option<a>", "y: u16")[2]);
  const canonical = worldOf("resource chain { constructor(first: option<node>); } resource node { constructor(next: option<node>); }");
  assert.equal(
    canonical.sharedTypes.map((type) => type.canonical),
    [
      "a:b/i@0.1.0#chain{first:option<a:b/i@0.1.0#node>};a:b/i@0.1.0#node{next:option<a:b/i@0.1.0#node>}",
      "a:b/i@0.1.0#node{next:option<a:b/i@0.1.0#node>}",
    ],
  );
});

test("a world's shared types hold those of children that it does not name itself", () => {
  const text = `package a:b@0.1.0;
    interface deep { resource leaf { constructor(n: u8); } resource node { constructor(leaf: option<leaf>); } }
    interface i { use deep.{node as nodes}; f: func(a: nodes); }
    world w { import i; }`;
  const world = resolveWorld([parseWit(text, "t.wit")], "w");
  assert.equal(
    world.sharedTypes.map(({ name }) => name),
    ["leaf", "node"],
  );
  assert.equal(readWorldSection(writeWorldSection(world)), world);
});

test("a world section keeps the mark of a deque, and a type without it is another one to its partners", () => {
  const text = (mark: string): string =>
    `package a:b@0.1.0; interface i { resource r { constructor(n: u8); }\n/// ${mark}\nresource q { constructor(all: list<option<r>, 5>); } f: func(a: q); } world w { import i; }`;
  const deque = resolveWorld([parseWit(text("@deque"), "t.wit")], "w");
  const array = resolveWorld([parseWit(text("deque"), "t.wit")], "w");
  assert.equal(readWorldSection(writeWorldSection(deque)), deque);
  assert.is.not(deque.imports[0]?.hash, array.imports[0]?.hash);
  assert.equal([deque.sharedTypes[0]?.fields[0]?.type.kind, array.sharedTypes[0]?.fields[0]?.type.kind], ["deque", "slots"]);
});

test("Layouts answers soon where types are many, deep, or doubled at each step", () => {
  const many = (count: number, item: (n: number) => string): string => Array.from({ length: count }, (_, n) => item(n)).join(" ");
  const hostile = [
    `${many(60, (n) => `record t${n} { a: t${n + 1}, b: t${n + 1} }`)} record t60 { a: u8 } resource r { constructor(a: t0); }`,
    `${many(900, (n) => `record t${n} { a: t${n + 1} }`)} record t900 { a: u8 } resource r { constructor(a: t0); }`,
    `${many(900, (n) => `type t${n} = list<t${n + 1}, 4000000000>;`)} type t900 = u8; resource r { constructor(a: t0); }`,
    `${many(900, (n) => `type t${n} = option<t${n + 1}>;`)} type t900 = r; resource r { constructor(a: t0); }`,
    `${many(900, (n) => `type t${n} = t${n + 1};`)} type t900 = r; resource r { constructor(a: option<t0>, b: list<option<t0>, 9>); }`,
    `${many(900, (n) => `resource r${n} { constructor(a: option<r${n + 1}>, b: option<r${n + 1}>); }`)} resource r900 { constructor(a: u8); }`,
    many(3000, (n) => `resource r${n} { constructor(a: option<r${(n + 1) % 3000}>, b: option<r${(n * 7) % 3000}>); }`),
    `${many(2000, (n) => `enum e${n} { ${many(10, (k) => `c${k},`)} }`)} resource r { constructor(${many(2000, (n) => `a${n}: list<e${n}, 2>,`)}); }`,
  ];
  for (const text of hostile) {
    const started = performance.now();
    try {
      problemsOf([parseWit(`package a:b@0.1.0; interface i { ${text} } world w { import i; }`, "t.wit")]);
    } catch (error) {
      assert.instance(error, SumacError);
    }
    const tookMs = performance.now() - started;
    assert.ok(tookMs < 2000, `${tookMs} ms for ${text.slice(0, 80)}`);
  }
});

test("sha256Hex agrees with the platform's SHA-256", () => {
  const random = randomOf(5);
  for (let length = 0; length < 200; length++) {
    const text = Array.from({ length }, () => String.fromCodePoint(32 + random(0x2000))).join("");
    assert.is(sha256Hex(text), createHash("sha256").update(text).digest("hex"));
  }
});

test.run();
