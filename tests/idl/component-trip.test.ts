/**
 * The world of every module can be read back from its binary, and means to the Component Model's own tools what it means to us:
 * `sumac inspect` → componentEmbed → componentNew → componentWit → the same interfaces, type by type.
 */
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildDomain } from "../../host/build/build.ts";
import { parseWit, readWorldSection, resolveWorld, type WitFile, writeWorldSection } from "../../host/idl/idl.ts";
import { WorldLowerer } from "../../host/idl/lower-world.ts";
import { Problems } from "../../host/idl/problems.ts";
import { resolveFiles } from "../../host/idl/resolve-files.ts";
import { lastJson, sumac } from "../cli/support.ts";
import { withWorld } from "../support/system.ts";
import { wat } from "../support/wat.ts";
import { functionsOf, throughComponent, worldsOf } from "./component-trip.ts";
import { randomOf, randomWorld } from "./random-wit.ts";
import { golden, ownInterfaces, root } from "./sample-packages.ts";

const test = suite("world read back");

const folder = mkdtempSync(join(tmpdir(), "sumac-world-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** What crosses by copy, and capabilities that hand on capabilities. */
const VALUES = `package acme:values@1.2.0;
interface types {
  variant shape { none, circle(f64), path(list<tuple<s32, s32>>) }
  record entry { key: string, tags: list<option<string>>, bytes: list<u8>, fixed: list<u64, 3> }
  resource page { constructor(data: list<u8, 64>); }
}
interface doors {
  use types.{shape, entry, page};
  enum error { shut }
  resource key;
  resource door {
    constructor(name: string);
    open: func(using: borrow<key>) -> result<list<entry>, error>;
    twin: func() -> door;
    join: static func(a: door, b: borrow<door>) -> option<door>;
  }
  draw: func(shapes: list<shape>, on: page) -> result<page, string>;
  nested: func(a: option<option<char>>, b: result<_, shape>, c: tuple<bool, list<list<s8>>>) -> result<tuple<u8, string>>;
}
world w { import types; import doors; export doors; export init: func() -> string; }`;

/** What `sumac inspect` reads from a module's bytes. */
function inspected(file: string): string {
  const run = sumac(root, "inspect", file, "--json");
  assert.is(run.status, 0, run.stderr);
  const { world } = lastJson<{ world: string | null }>(run);
  if (world === null) throw new Error(`${file}: carries no world`);
  return world;
}

/** Canonical text of each interface by id. Comments, and the promises in them, are no part of a component's binary. */
function meanings(file: WitFile): Map<string, readonly string[]> {
  const problems = new Problems();
  const { interfaces } = resolveFiles([file], problems);
  problems.throwFirst();
  const lowerer = new WorldLowerer(problems);
  return new Map(
    interfaces.map((each) => [each.id, lowerer.interface(each).canonical.split("\n")] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function withoutPromises(text: string): string {
  return text.replace(/^ *\/\/\/ *@.*\n/gm, "");
}

/** Fails on a world without imports and exports: nothing would be compared. */
async function assertReadBack(text: string): Promise<void> {
  const world = readWorldSection(text);
  const [source] = worldsOf(parseWit(text, "sumac:world"));
  assert.ok(world.imports.length + world.exports.length + world.functions.length > 0, "the world is empty");
  const trip = await throughComponent(text);
  const ids = (all: readonly { readonly id: string }[]): string[] => all.map(({ id }) => id).sort();
  assert.equal(trip.exports, ids(world.exports));
  assert.equal(trip.functions, functionsOf(source?.items ?? []));
  // Interfaces of types come along where something uses them.
  for (const { id } of world.imports) assert.ok(trip.imports.includes(id), `${id} is not among ${trip.imports}`);
  const ours = meanings(parseWit(withoutPromises(text), "sumac:world"));
  assert.ok(world.imports.length + world.exports.length === 0 || ours.size > 0);
  for (const id of [...trip.imports, ...trip.exports]) assert.ok(ours.has(id), `${id} is not in the section`);
  assert.equal(meanings(trip.interfaces), ours);
}

test("the world of every module of the project means the same to the component model's tools", async () => {
  const modules = globSync("build/domains/**/*.wasm", { cwd: root }).sort();
  assert.ok(modules.length >= 4, modules.join());
  for (const module of modules) await assertReadBack(inspected(join(root, module)));
});

test("the worlds of samples, with every kind of type and of nesting, mean the same to the component model's tools", async () => {
  cpSync(join(root, "tests/fixtures/domains/echo"), join(folder, "echo"), { recursive: true });
  const echo = join(folder, "echo.wasm");
  writeFileSync(echo, (await buildDomain(join(folder, "echo"), undefined)).wasm);
  await assertReadBack(inspected(echo));
  const full = readFileSync(join(golden, "full.wit"), "utf8");
  const names = [...full.matchAll(/^interface ([\w-]+)/gm)].map(([, name]) => name);
  const all = `${full}\nworld every { ${names.map((name) => `import ${name}; export ${name};`).join(" ")} }\n`;
  const worlds = [
    resolveWorld([parseWit(all, "full.wit"), ...(await ownInterfaces())], "every"),
    resolveWorld([parseWit(VALUES, "values.wit")], "w"),
  ];
  for (let seed = 1; seed <= 20; seed++) worlds.push(resolveWorld([parseWit(randomWorld(randomOf(seed)), "random.wit")], "w"));
  const empty = await wat("(module)");
  const file = join(folder, "sample.wasm");
  for (const [index, world] of worlds.entries()) {
    const text = writeWorldSection(world);
    writeFileSync(file, withWorld(empty, text));
    const found = index < 3 ? inspected(file) : text;
    assert.is(found, text);
    if (world.imports.length + world.exports.length + world.functions.length > 0) await assertReadBack(found);
  }
});

test("an empty world is not taken for one that was read back", async () => {
  const empty = writeWorldSection(resolveWorld([parseWit("package a:b@0.1.0; world w {}", "w.wit")], "w"));
  let refused = false;
  await assertReadBack(empty).catch(({ message }: Error) => {
    refused = message === "the world is empty";
  });
  assert.ok(refused);
});

test("a component that says something else is told apart", async () => {
  const text = (type: string): string =>
    `package a:b@0.1.0; world w { import i; } interface i { f: func(a: ${type}); record r { b: bool } }`;
  const section = (type: string): string => writeWorldSection(resolveWorld([parseWit(text(type), "w.wit")], "w"));
  const { interfaces } = await throughComponent(section("u32"));
  assert.equal(meanings(interfaces), meanings(parseWit(section("u32"), "w.wit")));
  assert.not.equal(meanings(interfaces), meanings(parseWit(section("s32"), "w.wit")));
});

test.run();
