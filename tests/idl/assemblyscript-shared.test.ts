/**
 * The AssemblyScript of shared types: its text (golden files; run with UPDATE_GOLDEN=1 after a wanted change), and that it compiles
 * where names are most likely to clash. That values arrive is tested with real domains, in tests/kernel/object-fields.test.ts.
 */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { generateAssemblyScript } from "../../host/idl/idl.ts";
import { check } from "../../host/loader/check.ts";
import { matchWorld } from "../../host/loader/world-match.ts";
import { compileDomain, worldOf } from "./compile-domain.ts";

const test = suite("generated shared types");
const golden = join(import.meta.dirname, "golden/shared");
/** Keeps the checkers of TypeScript away from AssemblyScript. */
const SUFFIX = ".txt";

const WIT = `package acme:shared@0.1.0;
interface shapes {
  enum color { red, green }
  flags marks { bold, thin }
  record point { x: s32, y: f64 }
  record line { %from: point, to: point, color: color, marks: list<marks, 2>, width: tuple<u8, u16> }
}
interface types {
  use shapes.{line};
  resource leaf { constructor(n: u32); }
  resource node { constructor(value: u64, next: option<node>, leaf: option<leaf>); }
  resource shelf { constructor(leaves: list<option<leaf>, 8>); }
  resource drawing { constructor(title: list<u8, 32>, frame: line, grid: list<list<u16, 4>, 2>, leaves: list<option<leaf>, 3>, lines: list<line>); }
  /// @deque
  resource queue { constructor(leaves: list<option<leaf>, 32>); }
  resource samples { constructor(values: list<f32>); }
}
world shared { import types; export init: func(); }
`;

test("generateAssemblyScript writes the golden files of shared types", async () => {
  const { files } = generateAssemblyScript(await worldOf(WIT, "shared"));
  if (process.env.UPDATE_GOLDEN) {
    await rm(golden, { recursive: true, force: true });
    for (const [path, text] of files) {
      const file = join(golden, `${path}${SUFFIX}`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
  }
  const kept = (await readdir(golden, { recursive: true })).filter((path) => path.endsWith(SUFFIX)).sort();
  assert.equal([...files.keys()].map((path) => path + SUFFIX).sort(), kept);
  for (const path of kept) {
    assert.fixture(files.get(path.slice(0, -SUFFIX.length)) ?? "", await readFile(join(golden, path), "utf8"), path);
  }
});

test("generated members of shared types do not clash with fields that are called like them", async () => {
  const world = await worldOf(
    `package acme:clash@0.1.0;
interface one { record point { base: u8, copy-to: u16, length: u32 } resource view { constructor(point: point, points: list<point, 2>); } }
interface owned {
  use one.{point as other};
  record point { x: u8, other: other }
  resource deque { constructor(next: option<deque>, take-next: u8, put-next: u16, replace-next: bool, base: u32, create: u8, drop: u8); }
  resource mix { constructor(a: point, b: other, c: tuple<other, point>, item: list<tuple<u8>, 2>, view: list<u8, 3>, at: option<mix>); }
  f: func(a: deque, deque: mix, owned: u32) -> u32;
}
world w { import owned; export owned; }`,
    "w",
  );
  const index = `
import { Deque, Mix } from "./gen/owned";
export namespace owned_ {
  export function f(a: Deque, deque_: Mix, owned_: u32): u32 {
    a.takeNext_ = 1;
    a.putNext_ = 2;
    a.replaceNext_ = a.base_ == 0 && a.create_ == a.drop_;
    const next = a.takeNext();
    if (next !== null) a.putNext(a.replaceNext(next)!);
    deque_.a.x = <u8>deque_.b.length + deque_.c.item0.base_ + deque_.c.item1.other.base_;
    deque_.b.copyTo_ = deque_.item.at(1).item0 + deque_.view.at(2);
    if (deque_.at_ !== null) deque_.takeAt()!.drop();
    return 1;
  }
}
`;
  const module = check(await compileDomain(world, index), { maxMemoryPages: 16, name: "clash" });
  matchWorld(module, world, "clash");
});

test.run();
