/**
 * The host's TypeScript of interfaces: its text (golden; run with UPDATE_GOLDEN=1 after a wanted change), and what the
 * compiler makes of programs that use it rightly and wrongly.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseWit } from "../../host/idl/idl.ts";
import { full, generated, golden, ownInterfaces, root } from "./sample-packages.ts";

const test = suite("interface types");
/** Inside the package, so that its own name leads to it. */
const folder = join(root, "build", "interface-types-test");

test.before.each(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** Line numbers of `program.ts` that the compiler refuses; a complaint about any other file fails the test. */
async function refusedLines(files: ReadonlyMap<string, string>, program: string): Promise<number[]> {
  for (const [name, text] of files) await writeFile(join(folder, name), text);
  await writeFile(join(folder, "program.ts"), program);
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ extends: "../../tsconfig.json", include: ["*.ts"], exclude: [] }));
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const { stdout, stderr } = spawnSync(process.execPath, [compiler, "-p", folder, "--pretty", "false"], { cwd: folder, encoding: "utf8" });
  const complaints = stdout.split("\n").filter((line) => /^\S.*error TS/.test(line));
  assert.is(stderr, "");
  return complaints.map((line) => {
    const [, at] = /^program\.ts\((\d+),/.exec(line) ?? [];
    if (at === undefined) throw new Error(line);
    return Number(at);
  });
}

test("generatePackages writes the golden types", async () => {
  const { types } = await full();
  assert.equal([...types.keys()], ["full.ts", "interface-types.ts"]);
  for (const [name, text] of types) {
    const file = join(golden, `${name}.txt`);
    if (process.env.UPDATE_GOLDEN) await writeFile(file, text);
    assert.fixture(text, await readFile(file, "utf8"), name);
  }
});

test("a program that uses the types of everything rightly compiles, and each wrong use is refused", async () => {
  const { types } = await full();
  const right = `
import type { Calls, Counter, CounterImplementation, Entry, HeldImplementation, Kind, Mix, Point, Rights, ValuesImplementation } from "./full.ts";
import type { ImplementationTypes, InterfaceTypes } from "./interface-types.ts";
declare const calls: InterfaceTypes["acme:full/calls@0.2.0"];
declare const values: InterfaceTypes["acme:full/values@0.2.0"];
const entry: Entry = { key: "k", value: new Uint8Array(3), tags: ["a"], found: { tag: "place", val: point() } };
const put = values.put(entry, {});
export const found: string = put.ok && put.value.tag === "ok" && put.value.val?.tag === "name" ? put.value.val.val : "";
const numbers = values.numbers(new Uint16Array(1), new BigInt64Array(4), new Float32Array(0), [true], ["c"]);
export const first: number | undefined = numbers.ok ? numbers.value[1][0] : undefined;
values.nested.with({ deadlineMs: 5, signal: AbortSignal.abort() })({ tag: "some", val: undefined }, [[1, "x"]]);
const made = values.Counter.create(1);
if (made.ok) {
  using counter: Counter = made.value;
  const sum = counter.add(2);
  export_(sum.ok && sum.value.tag === "err" ? sum.value.val.length : 0);
  values.Counter.merge(counter, counter);
}
function export_(_: number): void {}
function point(): Point {
  return { x: 1, y: 2, ofKind: "big", on: true, letter: "c", rights: {}, stamp: 1n };
}
class MyCounter implements CounterImplementation {
  #sum = 0;
  add(n: number): { tag: "ok"; val: number } {
    this.#sum += n;
    return { tag: "ok", val: this.#sum };
  }
  entries(): Entry[] {
    return [];
  }
}
export const mine: ValuesImplementation = {
  put: (entry, rights) => (rights.read ? { tag: "ok", val: entry.found } : { tag: "err", val: entry.key }),
  numbers: (a) => [new Uint8Array(a.buffer), [undefined, 1]],
  nested: (a) => (a.tag === "some" ? { tag: "none" } : { tag: "some", val: undefined }),
  shapes: () => ({ tag: "ok", val: undefined }),
  hold: (what: HeldImplementation) => ({ tag: "ok", val: { by: what.by, what: new MyCounter() } }),
  bare: () => ({ tag: "ok", val: undefined }),
  Counter: { create: () => new MyCounter(), merge: (a) => a },
};
export const grants: Partial<ImplementationTypes> = { "acme:full/values@0.2.0": mine };
export const all: Calls = calls;
const read: Rights = { read: true };
calls.touch();
calls.takeAll(true, 1, -2, 3n, 4.5, 0.5, "small", read, "x", 9n);
calls.takeAll.with({ deadlineMs: 1 })(true, 1, -2, 3n, 4.5, 0.5, "small", read, "x", 9n);
const called = calls.tryPoint();
if (!called.ok) throw new Error(called.error.cause);
if (called.value.tag === "err") throw new Error(called.value.val === "failed" ? "a" : "b");
const place: Point = called.value.val;
export const kind: Kind = place.ofKind;
export const stamp: bigint = place.stamp;
export const letter: string = place.letter;
const tuple = calls.giveTuple();
export const second: bigint | undefined = tuple.ok ? tuple.value[1] : undefined;
const moved = calls.move(1, 128);
export const base: number = moved.ok && moved.value.tag === "ok" ? moved.value.val : 0;
const lent = calls.lend(base, base);
export const unavailable: boolean = lent.ok && lent.value.tag === "err" && lent.value.val === "unavailable";
export function fields(mix: Mix): [boolean, bigint, number, Uint8Array, readonly bigint[], readonly boolean[]] {
  return [mix.on, mix.big, mix.letter, mix.data, mix.wide, mix.bits];
}
`;
  assert.equal(await refusedLines(types, right), []);
  const wrong = [
    "calls.takeAll(true, 1, -2, 3, 4.5, 0.5, 'small', {}, 'x', 9n);",
    "calls.takeAll(true, 1, -2, 3n, 4.5, 0.5, 'huge', {}, 'x', 9n);",
    "calls.takeAll(true, 1, -2, 3n, 4.5, 0.5, 'small', { erase: true }, 'x', 9n);",
    "calls['take-all'];",
    "calls.touch(1);",
    "calls.move(1);",
    "calls.giveKind().value;",
    "calls.touch = () => ({ ok: true, value: undefined });",
    "{ const one = calls.tryKind(); if (one.ok) { const val: Kind = one.value.val; } }",
    "{ const one = calls.lend(1, 2); if (one.ok && one.value.tag === 'err' && one.value.val === 'failed') calls.touch(); }",
    "{ const one = calls.tryPoint(); if (one.ok && one.value.tag === 'ok') one.value.val.x = 1; }",
    "{ const id: keyof InterfaceTypes = 'acme:full/types@0.2.0'; }",
    "calls.touch.with({ deadline: 1 })();",
    "values.numbers([1], new BigInt64Array(4), new Float32Array(0), [true], ['c']);",
    "values.nested(undefined, []);",
    "values.put({ key: 'k', value: new Uint8Array(3), tags: [], found: { tag: 'name', val: 1 } }, {});",
    "values.Counter.merge({ add: () => 1 });",
    "{ const mine: CounterImplementation = { add: (n) => n, entries: () => [] }; }",
    "{ const mine: CounterImplementation = { entries: () => [] }; }",
  ];
  const head = `import type { CounterImplementation, Kind } from "./full.ts";\nimport type { InterfaceTypes } from "./interface-types.ts";\ndeclare const calls: InterfaceTypes["acme:full/calls@0.2.0"];\ndeclare const values: InterfaceTypes["acme:full/values@0.2.0"];\n`;
  const lines = await refusedLines(types, `${head}${wrong.join("\n")}\nexport {};\n`);
  assert.equal(
    [...new Set(lines)],
    wrong.map((_, index) => 5 + index),
  );
});

test("Sumac.export knows the types of Sumac's own interfaces, and any other id still works", async () => {
  const right = `
import { boot, type HostInterface, type InterfaceTypes } from "sumac-kernel";
const system = await boot();
const disk = system.export("disk", "sumac:block/bdev@0.1.0");
const called = disk.identify();
if (called.ok) console.log(called.value.blocks * BigInt(called.value.blockSize));
export const typed: InterfaceTypes["sumac:block/bdev@0.1.0"] = disk;
export const untyped: HostInterface = system.export("mine", "acme:mine/i@0.1.0");
console.log(untyped.anything?.(1, 2n, "c"));
interface Mine {
  readonly add: (a: number) => string;
}
export const named: string = system.export<Mine>("mine", "acme:mine/i@0.1.0").add(1);
await system.load("mine", "mine.wasm", { grants: { "acme:shop/kv@1.0.0": { get: () => 1 }, "sumac:device/clock@0.1.0": { nowMicros: () => 1n } } });
const id: string = process.argv[2] ?? "";
export const unknown: HostInterface = system.export("mine", id);
`;
  assert.equal(await refusedLines(new Map(), right), []);
  const wrong = `import { boot } from "sumac-kernel";
const system = await boot();
system.export("disk", "sumac:block/bdev@0.1.0").read(1, 128);
system.export("disk", "sumac:block/bdev@0.1.0").erase();
system.export("mine", "acme:mine/i@0.1.0").add(1, 2);
await system.load("mine", "mine.wasm", { grants: { "sumac:device/clock@0.1.0": { nowMicros: () => 1 } } });
`;
  assert.equal(await refusedLines(new Map(), wrong), [3, 4, 5, 6]);
});

test("packages that use each other's types import them, and never anything that runs", async () => {
  const { types } = generated(await ownInterfaces(), [], "sources");
  const text = [...types.values()].join("");
  assert.match(text, /^import type /m);
  assert.not.match(text, /^import (?!type )/m);
  assert.not.match(text, /^\s*(export )?(declare )?(const|let|var|class|function|enum|namespace)\b/m);
  const a = parseWit("package z:a@1.0.0; interface t { enum e { x, y } record r { of: e } }", "a.wit");
  const b = parseWit("package z:b@1.0.0; interface i { use z:a/t@1.0.0.{e, r}; f: func(e: e) -> r; g: func() -> result<u8, e>; }", "b.wit");
  const together = generated([a, b], []).types;
  assert.match(together.get("b.ts") ?? "", /import type \* as a from ".\/a\.ts";/);
  assert.match(together.get("b.ts") ?? "", /\(e: a\.E\) => Called<a\.R>/);
  const program = (file: string): string =>
    `import type { I } from "./${file}";\ndeclare const i: I;\nconst got = i.f("x");\nexport const e: "x" | "y" | 0 = got.ok ? got.value.of : 0;\ni.f("z");\n`;
  assert.equal(await refusedLines(together, program("b.ts")), [5]);
  // Without a file for z:a, the types are written out.
  const alone = generated([b], [a]).types;
  assert.equal([...alone.keys()], ["b.ts", "interface-types.ts"]);
  rmSync(join(folder, "a.ts"));
  assert.equal(await refusedLines(alone, program("b.ts")), [5]);
});

test("names that TypeScript or another type has already are told apart", async () => {
  const file = parseWit(
    `package a:names@0.1.0;
interface error { enum error { a } record called { class: u8, the-URL: u32 } f: func(class: u8, %import: u8) -> called; the-URL: func() -> result<_, error>; }
interface geometry { record geometry { x: u8 } resource array { constructor(%constructor: u8); } g: func() -> geometry; }
interface called { enum error { b } h: func() -> result<_, error>; }`,
    "names.wit",
  );
  const program = `import type { InterfaceTypes } from "./interface-types.ts";
declare const all: { [K in keyof InterfaceTypes]: InterfaceTypes[K] };
const f = all["a:names/error@0.1.0"].f(1, 2);
export const url: number = f.ok ? f.value["the-URL"] : 0;
const h = all["a:names/called@0.1.0"].h();
export const b: "b" | undefined = h.ok && h.value.tag === "err" ? h.value.val : undefined;
const u = all["a:names/error@0.1.0"]["the-URL"]();
export const a: "a" | undefined = u.ok && u.value.tag === "err" ? u.value.val : undefined;
`;
  assert.equal(await refusedLines(generated([file], []).types, program), []);
});

test.run();
