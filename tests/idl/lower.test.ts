/** How functions cross: words, moves, borrows, results; and the core functions of a whole world. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  coreExportsOf,
  coreImportsOf,
  explainMismatch,
  exportNameOf,
  type Interface,
  type MethodDescription,
  parseWit,
  resolveWorld,
  type World,
} from "../../host/idl/idl.ts";

const test = suite("lowering");

const types = `enum error { no, never } enum mode { on, off } flags rights { read, write } record pair { first: u64, second: mode }
  resource thing { constructor(a: u8); } resource other { constructor(a: u16); } type alias = thing;`;

function worldOf(functions: string): World {
  const text = `package a:b@0.1.0; interface i { ${types} ${functions} } world w { import i; export i; export init: func(); }`;
  return resolveWorld([parseWit(text, "t.wit")], "w");
}

function lowered(signature: string, docs = ""): MethodDescription {
  const [method] = worldOf(`${docs}\nf: func${signature};`).imports[0]?.functions ?? [];
  if (!method) throw new Error("not lowered");
  return method;
}

const { sharedTypes } = worldOf("f: func();");
const idOf = (name: string): number => sharedTypes.find((type) => type.name === name)?.id ?? 0;

test("Lowerer gives each parameter its words, moves owned objects and lends borrowed ones", () => {
  const thing = idOf("thing");
  const other = idOf("other");
  const table: readonly [signature: string, params: number, at: readonly number[], moves: readonly object[], borrows: readonly object[]][] =
    [
      ["()", 0, [], [], []],
      ["(a: u8, b: s32, c: bool, d: char, e: f32)", 5, [0, 1, 2, 3, 4], [], []],
      ["(a: u64, b: u8, c: s64, d: f64, e: u8)", 8, [0, 2, 3, 5, 7], [], []],
      ["(a: mode, b: rights)", 2, [0, 1], [], []],
      ["(a: thing)", 1, [0], [{ param: 0, type: thing }], []],
      [
        "(a: own<thing>, b: alias)",
        2,
        [0, 1],
        [
          { param: 0, type: thing },
          { param: 1, type: thing },
        ],
        [],
      ],
      ["(a: u64, b: thing, c: borrow<other>)", 4, [0, 2, 3], [{ param: 2, type: thing }], [{ param: 3, type: other }]],
      [
        "(a: borrow<alias>, b: borrow<thing>)",
        2,
        [0, 1],
        [],
        [
          { param: 0, type: thing },
          { param: 1, type: thing },
        ],
      ],
    ];
  for (const [signature, params, at, moves, borrows] of table) {
    const method = lowered(signature);
    assert.is(method.params, params, signature);
    assert.equal(
      method.sourceParams.map(({ param }) => param),
      at,
      signature,
    );
    assert.equal(method.moves, moves, signature);
    assert.equal(method.borrows, borrows, signature);
  }
});

test("Lowerer returns one word directly, more through the return area, and packs outcomes", () => {
  const thing = idOf("thing");
  type Row = readonly [result: string, kind: string, words: number, move: number | undefined];
  const oneWord = ["bool", "char", "u8", "u16", "u32", "s8", "s16", "s32", "f32", "mode", "rights"];
  const table: readonly Row[] = [
    ["", "none", 0, undefined],
    ...oneWord.map((type): Row => [`-> ${type}`, "i32", 0, undefined]),
    ["-> thing", "i32", 0, thing],
    ["-> alias", "i32", 0, thing],
    ["-> u64", "none", 2, undefined],
    ["-> s64", "none", 2, undefined],
    ["-> f64", "none", 2, undefined],
    ["-> pair", "none", 3, undefined],
    ["-> tuple<u8, u64, f32>", "none", 4, undefined],
    ["-> tuple<u8>", "none", 1, undefined],
    ["-> result<_, error>", "packed", 0, undefined],
    ["-> result<thing, error>", "packed", 0, thing],
    ["-> result<u8, error>", "packed", 1, undefined],
    ["-> result<mode, error>", "packed", 1, undefined],
    ["-> result<u64, error>", "packed", 2, undefined],
    ["-> result<pair, error>", "packed", 3, undefined],
    ["-> result<tuple<u64, u64>, error>", "packed", 4, undefined],
  ];
  for (const [result, kind, words, move] of table) {
    const method = lowered(`() ${result}`);
    assert.is(method.result, kind, result);
    assert.is(method.resultWords, words, result);
    assert.is(method.resultMove, move, result);
  }
});

test("Lowerer keeps the source types of parameters and results", () => {
  const { sourceParams, sourceResult } = lowered("(a: u64, m: mode, t: borrow<thing>) -> result<pair, error>");
  assert.equal(
    sourceParams.map(({ name, type }) => [name, type.kind]),
    [
      ["a", "scalar"],
      ["m", "enum"],
      ["t", "borrow"],
    ],
  );
  const mode = { kind: "enum", name: "mode", interfaceId: "a:b/i@0.1.0", cases: ["on", "off"] };
  const fields = [
    { name: "first", type: { kind: "scalar", scalar: "u64" } },
    { name: "second", type: mode },
  ];
  assert.equal(sourceResult, {
    kind: "result",
    ok: { kind: "record", name: "pair", interfaceId: "a:b/i@0.1.0", fields },
    error: { kind: "enum", name: "error", interfaceId: "a:b/i@0.1.0", cases: ["no", "never"] },
  });
});

test("readAttributes takes deadlines, idempotence and reentrance from doc comments", () => {
  const table: readonly [docs: string, budgetMicros: number | undefined, idempotent: boolean, reentrant: boolean][] = [
    ["", undefined, false, false],
    ["/// Text with @deadline 5ms inside.", undefined, false, false],
    ["// @idempotent", undefined, false, false],
    ["/// @deadline 5ms", 5000, false, false],
    ["/// Text.\n///   @deadline   500us  \n/// @idempotent", 500, true, false],
    ["/// @deadline 2s\n/// @reentrant", 2_000_000, false, true],
    ["/** Text.\n * @idempotent\n * @deadline 3600s */", 3_600_000_000, true, false],
  ];
  for (const [docs, budgetMicros, idempotent, reentrant] of table) {
    const method = lowered("()", docs);
    assert.equal([method.budgetMicros, method.idempotent, method.reentrant], [budgetMicros, idempotent, reentrant], docs);
  }
});

test("readAttributes takes what a method only fills from doc comments; the parameters must be there and move", () => {
  const types = "resource thing { constructor(a: u8); }";
  const parse = (text: string): readonly string[] =>
    resolveWorld([parseWit(`package a:b; interface i { ${types} ${text} } world w { import i; }`, "t.wit")], "w").imports[0]?.functions[0]
      ?.fills ?? [];
  assert.equal(parse("f: func(a: thing, b: thing);"), []);
  assert.equal(parse("\n/// @fills b , a\nf: func(a: thing, b: thing);"), ["a", "b"]);
  for (const [text, message] of [
    ["/// @fills c\nf: func(a: thing);", /t\.wit:2:1: `@fills c` names no parameter/],
    ["/// @fills a\nf: func(a: borrow<thing>);", /`@fills a` names no parameter/],
    ["/// @fills a\nf: func(a: u32);", /`@fills a` names no parameter/],
    ["/// @fills\nf: func(a: thing);", /`` is not a list of parameters/],
  ] as const) {
    assert.throws(() => parse(text), message);
  }
});

test("coreImportsOf and coreExportsOf list exactly the core functions of a world", () => {
  const world = worldOf("read-at: func(a: u64, t: thing) -> result<thing, error>; size: func() -> u64;");
  const show = (list: ReturnType<typeof coreImportsOf>): string[] =>
    list.map(({ module, name, params, results }) => `${module} ${name} ${params.length}→${results.length}`);
  const id = "a:b/i@0.1.0";
  assert.equal(show(coreImportsOf(world)), [
    `${id} read-at 3→1`,
    `${id} size 0→0`,
    `${id} [alive] 0→1`,
    `${id} [constructor]other 0→1`,
    `${id} [resource-drop]other 1→0`,
    `${id} [constructor]thing 0→1`,
    `${id} [resource-drop]thing 1→0`,
  ]);
  assert.equal(show(coreExportsOf(world)), [" init 0→0", ` ${id}#read-at 3→1`, ` ${id}#size 0→0`]);
  const [service] = world.exports;
  const [method] = service?.functions ?? [];
  assert.is(service && method && exportNameOf(service, method), `${id}#read-at`);
});

test("coreImportsOf reaches the shared types that exports and uses mention, and grants no function by a use", () => {
  const text = `package a:b; interface types { resource r { constructor(a: u8); } secret: func(); }
    interface service { use types.{r}; f: func(a: r); } world w { export service; } world v { use types.{r}; } world u { import types; }`;
  const importsOf = (name: string): string[] => coreImportsOf(resolveWorld([parseWit(text, "t.wit")], name)).map((each) => each.name);
  assert.equal(importsOf("w"), ["[constructor]r", "[resource-drop]r"]);
  assert.equal(importsOf("v"), ["[constructor]r", "[resource-drop]r"]);
  assert.equal(importsOf("u"), ["secret", "[alive]", "[constructor]r", "[resource-drop]r"]);
});

test("World.imports holds capabilities only, sorted, and not interfaces of types", () => {
  const text =
    "package a:b; interface t { resource r { constructor(a: u8); } } interface z { f: func(); } interface y { g: func(); } world w { import z; import t; import y; }";
  const world = resolveWorld([parseWit(text, "t.wit")], "w");
  assert.equal(
    world.imports.map(({ id }) => id),
    ["a:b/y", "a:b/z"],
  );
  assert.equal(
    world.sharedTypes.map(({ name }) => name),
    ["r"],
  );
});

/** The interface `a:b/service`, compiled from a text of its own, as importer and exporter each do. */
function service(types: string, functions: string): Interface {
  const text = `package a:b; interface types { ${types} } interface service { use types.{t}; ${functions} } world w { import service; }`;
  const [found] = resolveWorld([parseWit(text, "t.wit")], "w").imports;
  if (!found) throw new Error("no interface");
  return found;
}

test("explainMismatch finds no difference in order, comments, aliases and deadlines", () => {
  const a = service("enum t { x, y }", "f: func(a: t); g: func() -> u8;");
  const b = service("type u = u8; enum t { x, y }", "/// @deadline 5ms\n/// Text.\ng: func() -> u8; // g\n f: func(a: t);");
  assert.is(explainMismatch(a, b), undefined);
  assert.is(a.hash, b.hash);
});

test("explainMismatch spells out what differs, also in a used type and in a promise", () => {
  const a = service("enum t { x, y }", "f: func(a: t);");
  const table: readonly [Interface, string][] = [
    [service("enum t { x, y, z }", "f: func(a: t);"), "the exporter alone has: type a:b/types#t = enum{x,y,z}"],
    [service("enum t { y, x }", "f: func(a: t);"), "the importer alone has: type a:b/types#t = enum{x,y}"],
    [service("enum t { x, y }", "f: func(b: t);"), "the exporter alone has: func f(b:a:b/types#t)"],
    [service("enum t { x, y }", "f: func(a: t) -> u8;"), "the exporter alone has: func f(a:a:b/types#t)->u8"],
    [service("enum t { x, y }", "f: func(a: t); g: func();"), "the importer alone has: nothing; the exporter alone has: func g()"],
    [service("enum t { x, y }", "/// @idempotent\nf: func(a: t);"), "the exporter alone has: func f(a:a:b/types#t) idempotent"],
    [service("resource t { constructor(a: u8); }", "f: func(a: t);"), "type a:b/types#t = resource{constructor constructor(a:u8)}"],
  ];
  for (const [b, difference] of table) {
    assert.is.not(a.hash, b.hash);
    assert.ok(explainMismatch(a, b)?.includes(difference), explainMismatch(a, b));
  }
});

test.run();
