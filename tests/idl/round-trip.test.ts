/** Printing and reading back: of any syntax tree, and of the world section that a module carries. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import { generateAssemblyScript, parseWit, readWorldSection, resolveWorld, writeWorldSection } from "../../host/idl/idl.ts";
import { printFile } from "../../host/idl/print.ts";
import { judged } from "./judge.ts";
import { randomFile, randomOf, randomWorld } from "./random-wit.ts";
import { accepted, rejected } from "./wit-tables.ts";

const test = suite("wit round trip");

/** The tree without positions. */
function shape(tree: unknown): unknown {
  return JSON.parse(JSON.stringify(tree, (key, value) => (key === "at" || key === "fileName" ? undefined : value)));
}

test("parseWit reads what printFile prints, for any tree", () => {
  for (let seed = 1; seed <= 400; seed++) {
    const file = randomFile(randomOf(seed));
    const text = printFile(file);
    assert.equal(shape(parseWit(text, "t.wit")), shape(file), `seed ${seed}\n${text}`);
  }
});

test("readWorldSection reads the world that writeWorldSection wrote", async () => {
  for (let seed = 1; seed <= 150; seed++) {
    const source = randomWorld(randomOf(seed));
    const world = resolveWorld([parseWit(source, "t.wit")], "w");
    const section = writeWorldSection(world);
    assert.equal(readWorldSection(section), world, `seed ${seed}`);
    assert.is(writeWorldSection(readWorldSection(section)), section, `seed ${seed}`);
    assert.is(await judged(section), undefined, `seed ${seed}\n${section}`);
    assert.equal(generateAssemblyScript(readWorldSection(section)), generateAssemblyScript(world));
  }
});

test("writeWorldSection does not depend on the order, the comments and the includes of the source", () => {
  const one = `package a:b@0.1.0; interface x { f: func(); } interface y { g: func(); } world w { import x; import y; export x; }`;
  const two = `package a:b@0.1.0;
    // A comment.
    world w { export x; include part; }
    world part { import y; import x; }
    /// Docs.
    interface y { /// More.
      g: func(); }
    interface x { @since(version = 0.1.0) f: func(); }`;
  const sectionOf = (text: string): string => writeWorldSection(resolveWorld([parseWit(text, "t.wit")], "w"));
  assert.is(sectionOf(two), sectionOf(one));
});

test("parseWit and readWorldSection fail cleanly on damaged text", () => {
  const random = randomOf(7);
  const texts = [...accepted, ...rejected, randomWorld(random), printFile(randomFile(random))];
  const scraps = ["{", "}", "<", ">", ",", ";", "@", "/*", "///", "%", '"', "list<", "package a:b {", "use ", "\0", "é", "0.1.0", "-"];
  for (let round = 0; round < 4000; round++) {
    const text = texts[random(texts.length)] ?? "";
    const from = random(text.length + 1);
    const damaged = text.slice(0, from) + (scraps[random(scraps.length)] ?? "") + text.slice(from + random(4));
    try {
      readWorldSection(damaged);
    } catch (error) {
      assert.instance(error, SumacError, `${String((error as Error).stack)}\n${damaged}`);
    }
  }
});

test("readWorldSection survives text that is deep, long or repetitive", () => {
  const count = 12_000;
  const many = (item: (index: number) => string): string => Array.from({ length: count }, (_, index) => item(index)).join("");
  const hostile = [
    `package a:b; interface i { ${many((n) => `type t${n} = t${n + 1};`).slice(0, 200_000)} } world w { import i; }`,
    `package a:b; interface i { ${Array.from({ length: 900 }, (_, n) => `type t${n} = t${n + 1};`).join("")} type t900 = u8; f: func(a: t0); } world w { import i; }`,
    `package a:b; interface i { ${Array.from({ length: 60 }, (_, n) => `record t${n} { a: t${n + 1}, b: t${n + 1} }`).join("")} record t60 { a: u8 } f: func() -> t0; } world w { import i; }`,
    `package a:b; interface i { ${Array.from({ length: 900 }, (_, n) => `resource r${n} { constructor(a: r${n + 1}, b: r${n + 1}); }`).join("")} resource r900 { constructor(a: u8); } } world w { import i; }`,
    `package a:b; world w { include w0; } ${Array.from({ length: 900 }, (_, n) => `world w${n} { include w${n + 1}; include w${n + 1}; }`).join("")} world w900 {}`,
    `package a:b; world w { import i0; } ${Array.from({ length: 900 }, (_, n) => `interface i${n} { use i${n + 1}.{t}; }`).join("")} interface i900 { type t = u8; }`,
    `package a:b; world w {} ${Array.from({ length: 5000 }, (_, n) => `interface i${n} {}`).join("")}`,
    `package a:b; ${"/*".repeat(100_000)}`,
    `package a:b; interface i { f: func(a: ${"list<".repeat(50_000)}`,
    `package a:b; interface i { f: func(${many((n) => `a${n}: u8,`).slice(0, 120_000)} a: u8); } world w { import i; }`,
    `package a:b; world w {} ${Array.from({ length: 900 }, (_, n) => `package p:p${n} { interface i { use p:p${n + 1}/i.{t}; } }`).join("")} package p:p900 { interface i { type t = u8; } }`,
  ];
  for (const text of hostile) {
    const started = performance.now();
    try {
      readWorldSection(text);
    } catch (error) {
      assert.instance(error, SumacError, `${String((error as Error).stack).slice(0, 400)}\n${text.slice(0, 120)}`);
    }
    const tookMs = performance.now() - started;
    assert.ok(tookMs < 2000, `${tookMs} ms for ${text.slice(0, 120)}`);
  }
});

test.run();
