/**
 * The generated AssemblyScript: its text (golden files; run with UPDATE_GOLDEN=1 after a wanted change), the modules that
 * it compiles to, and that values cross it unchanged.
 */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { print } from "@bytecodealliance/jco-transpile/wasm-tools";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readDomainFolder } from "../../host/build/domain-folder.ts";
import { generateAssemblyScript, type MethodDescription } from "../../host/idl/idl.ts";
import { check } from "../../host/loader/check.ts";
import { matchWorld } from "../../host/loader/world-match.ts";
import { compileDomain, root, worldOf } from "./compile-domain.ts";
import { FakeKernel } from "./fake-kernel.ts";
import { randomOf } from "./random-wit.ts";
import { capabilities, copier, everything, messages, type SampleDomain, shadow } from "./sample-domains.ts";

const test = suite("generated assemblyscript");
const samples = [shadow, copier, everything, messages, capabilities];
const golden = join(import.meta.dirname, "golden");
/** Keeps the checkers of TypeScript away from AssemblyScript. */
const SUFFIX = ".txt";

async function generatedFiles(sample: SampleDomain): Promise<ReadonlyMap<string, string>> {
  return generateAssemblyScript(await worldOf(sample.world, sample.name)).files;
}

test("generateAssemblyScript writes the golden files, and no others", async () => {
  for (const sample of samples) {
    const folder = join(golden, sample.name);
    const files = await generatedFiles(sample);
    if (process.env.UPDATE_GOLDEN) {
      await rm(folder, { recursive: true, force: true });
      for (const [path, text] of files) {
        const file = join(folder, `${path}${SUFFIX}`);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text);
      }
    }
    const kept = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith(SUFFIX)).sort();
    assert.equal([...files.keys()].map((path) => path + SUFFIX).sort(), kept);
    for (const path of kept)
      assert.fixture(files.get(path.slice(0, -SUFFIX.length)) ?? "", await readFile(join(folder, path), "utf8"), `${sample.name}/${path}`);
  }
});

test("gen/ of every domain holds what generateAssemblyScript writes, and nothing else", async () => {
  const worlds = (await readdir(join(root, "domains-as"), { recursive: true })).filter((path) => path.endsWith("world.wit"));
  assert.ok(worlds.length >= 3);
  for (const path of worlds) {
    const folder = dirname(join(root, "domains-as", path));
    const { files } = generateAssemblyScript((await readDomainFolder(folder)).world);
    const kept = await readdir(join(folder, "gen"));
    assert.equal(kept.map((file) => `gen/${file}`).sort(), [...files.keys()].sort(), path);
    for (const [file, text] of files) assert.fixture(await readFile(join(folder, file), "utf8"), text, `${path}: ${file}`);
  }
});

test("generateAssemblyScript gives a module whose imports and exports are exactly those of its world", async () => {
  for (const sample of samples) {
    const world = await worldOf(sample.world, sample.name);
    const module = check(await compileDomain(world, sample.index), { maxMemoryPages: 16, name: sample.name });
    matchWorld(module, world, sample.name);
  }
});

test("generateAssemblyScript allocates nothing, and a forwarding method is the bare core call", async () => {
  const wat = await print(await compileDomain(await worldOf(shadow.world, shadow.name), shadow.index));
  assert.not.match(wat, /memory\.grow/);
  assert.not.match(wat, /\(global/);
  const write = bodyOf(wat, "sumac:block/bdev@0.1.0#write");
  assert.is(write.match(/call /g)?.length, 1, write);
  assert.not.match(write, /\bif\b|\bloop\b|load|store/);
});

test("generateAssemblyScript lets the compiler report what index.ts lacks or gets wrong", async () => {
  const world = await worldOf(shadow.world, shadow.name);
  const without = (part: string, by = ""): Promise<unknown> => compileDomain(world, shadow.index.replace(part, by));
  const cases: readonly [() => Promise<unknown>, RegExp][] = [
    [
      () => without("export function flush", "function other"),
      /t\/gen\/world\.ts:\d+:\d+: AS2339: Property 'flush' does not exist on type 'index\/bdev'/,
    ],
    [() => without("export function init(): void {}"), /t\/gen\/world\.ts:\d+:\d+: .*'init' does not exist/],
    [() => without("lba: u64, data: Block", "data: Block"), /t\/gen\/world\.ts:\d+:\d+: AS2554: Expected 1 arguments, but got 2/],
    [() => without("export namespace bdev", "export namespace disk"), /t\/gen\/world\.ts:\d+:\d+: .*'bdev' does not exist/],
  ];
  for (const [built, message] of cases) {
    const outcome = await built().then(
      () => "built",
      (error: Error) => error.message,
    );
    assert.match(outcome, message);
  }
});

test("generated clients and exports carry every word of every type unchanged", async () => {
  const world = await worldOf(everything.world, everything.name);
  const kernel = new FakeKernel(await compileDomain(world, everything.index), world);
  const random = randomOf(11);
  const [service] = world.exports;
  const own = new Set(["swap", "is-alive", "peek", "poke", "bulk"]);
  const forwarded = (service?.functions ?? []).filter(({ name }) => !own.has(name));
  assert.ok(forwarded.length > 45);
  for (const method of forwarded) {
    for (let round = 0; round < 20; round++) {
      const args = kernel.randomArguments(method, random);
      const answer = kernel.randomAnswer(method, random);
      const { received, core, words } = kernel.forward(service?.id ?? "", method, args, answer);
      const what = `${method.name} ${JSON.stringify({ args, answer, received, core, words })}`;
      assert.equal(received, args, what);
      assert.is(core, answer.core, what);
      if (!isError(method, answer.core)) assert.equal(words, answer.words, what);
    }
  }
  assert.equal(kernel.call("world", [-1, 0]), undefined);
  assert.equal(kernel.results.slice(0, 2), [0, 1]);
});

test("generated results are zero when the call failed, whatever lies in the return area", async () => {
  const world = await worldOf(everything.world, everything.name);
  const kernel = new FakeKernel(await compileDomain(world, everything.index), world);
  const [service] = world.exports;
  for (const method of service?.functions ?? []) {
    if (method.resultWords === 0 || method.result === "packed") continue;
    const answer = { core: undefined, words: Array.from({ length: method.resultWords }, () => 0x1234) };
    const { words } = kernel.forward(service?.id ?? "", method, [], answer, 2);
    assert.equal(
      words,
      answer.words.map(() => 0),
      method.name,
    );
  }
});

test("generated shared types read and write each field at its place", async () => {
  const world = await worldOf(everything.world, everything.name);
  const kernel = new FakeKernel(await compileDomain(world, everything.index), world);
  const id = "acme:everything/calls@0.1.0";
  const [method] = world.exports[0]?.functions.filter(({ name }) => name === "swap") ?? [];
  if (!method) throw new Error("no swap");
  assert.is(kernel.call(`${id}#swap`, [128, 128]), 2);
  const { core } = kernel.forward(id, method, [128, 1024], { core: 128, words: [] });
  assert.is(core, 128);
  const [mix] = world.sharedTypes;
  const at = (base: number, field: string): number => base + (mix?.fields.find(({ name }) => name === field)?.offset ?? 0);
  const { heap } = kernel;
  assert.equal(
    [
      heap.getUint8(at(128, "on")),
      heap.getBigUint64(at(128, "big"), true),
      heap.getInt8(at(128, "small")),
      heap.getFloat32(at(128, "half"), true),
      heap.getFloat64(at(128, "whole"), true),
    ],
    [1, 0x1122334455667788n, -2, 1.5, -2.5],
  );
  assert.equal(
    [
      heap.getUint32(at(128, "letter"), true),
      heap.getUint16(at(128, "numbers") + 12, true),
      heap.getFloat64(at(128, "reals") + 16, true),
      heap.getUint8(at(128, "kind")),
      heap.getUint8(at(128, "rights")),
    ],
    [0x1f600, 0xabcd, 0.25, 2, 5],
  );
  assert.equal(
    [
      heap.getUint32(at(128, "base"), true),
      heap.getUint8(at(128, "bits") + 1),
      heap.getInt8(at(128, "signed")),
      heap.getBigInt64(at(128, "wide") + 8, true),
      heap.getUint32(at(128, "letters"), true),
    ],
    [128, 1, -1, -1n, 0x41],
  );
  const copy = 1024;
  assert.equal(
    [
      heap.getUint8(at(copy, "on")),
      heap.getBigUint64(at(copy, "big"), true),
      heap.getInt8(at(copy, "small")),
      heap.getFloat32(at(copy, "half"), true),
      heap.getFloat64(at(copy, "whole"), true),
    ],
    [0, 0x1122334455667789n, -1, 3, -5],
  );
  assert.equal(
    [
      heap.getUint32(at(copy, "letter"), true),
      heap.getUint16(at(copy, "numbers"), true),
      heap.getFloat64(at(copy, "reals"), true),
      heap.getUint8(at(copy, "kind")),
      heap.getUint8(at(copy, "rights")),
    ],
    [0x1f601, 0xabce, 0.5, 1, 4],
  );
  assert.equal(
    [
      heap.getUint32(at(copy, "base"), true),
      heap.getUint8(at(copy, "bits")),
      heap.getInt8(at(copy, "signed") + 1),
      heap.getBigInt64(at(copy, "wide"), true),
      heap.getUint32(at(copy, "letters") + 4, true),
    ],
    [129, 1, -2, -2n, 0x43],
  );
});

test("generated lists trap at an index outside, also where the sum of offset and count wraps", async () => {
  const world = await worldOf(everything.world, everything.name);
  const kernel = new FakeKernel(await compileDomain(world, everything.index), world);
  const call = (name: string, ...args: number[]): unknown => kernel.call(`acme:everything/calls@0.1.0#${name}`, [128, ...args]);
  const start = 128 + (world.sharedTypes[0]?.fields.find(({ name }) => name === "numbers")?.offset ?? 0);
  call("poke", 6, 7);
  assert.is(call("peek", 6), 7);
  assert.is(kernel.heap.getUint16(start + 12, true), 7);
  for (const index of [7, 8, 4096, -1, 0x7fffffff, 0x80000000]) {
    assert.throws(() => call("peek", index), /unreachable/);
    assert.throws(() => call("poke", index, 1), /unreachable/);
  }
  for (const [offset, count] of [
    [0, 0],
    [0, 7],
    [7, 0],
    [3, 4],
  ] as const) {
    kernel.copies.length = 0;
    call("bulk", offset, count);
    assert.equal(kernel.copies, [
      [start + offset * 2, count * 2],
      [start + offset * 2, count * 2],
    ]);
  }
  for (const [offset, count] of [
    [0, 8],
    [8, 0],
    [7, 1],
    [1, -1],
    [-1, 1],
    [-1, 2],
    [4, 0x80000000],
  ] as const) {
    assert.throws(() => call("bulk", offset, count), /unreachable/);
  }
});

test("generated names do not clash where interfaces share a name, or a name is the compiler's own", async () => {
  const world = await worldOf(
    `package acme:clash@0.1.0;
interface set { enum error { %if, %else, new } resource array { constructor(length: u32, at: u8); } }
interface date { use set.{array, error}; use c:d/date@1.0.0.{array as other}; f: func(a: array, b: other, class: u8) -> result<array, error>; }
world w { import date; export date; import c:d/date@1.0.0; export c:d/date@1.0.0; import c:d/date@2.0.0; export %world: func(); }
package c:d@1.0.0 { interface date { resource array { constructor(x: u64); } f: func(a: array); } }
package c:d@2.0.0 { interface date { resource array { constructor(x: u64); } f: func(a: array); } }`,
    "w",
  );
  const index = `
import { Outcome } from "sumac/outcome";
import { clashDate as one } from "./gen/clash-date";
import { DateArray, cDDate100 as two } from "./gen/c-d-date-1-0-0";
import { DateArray as V2, cDDate200 as three } from "./gen/c-d-date-2-0-0";
import { SetArray, SetError } from "./gen/set";
export function world_(): void { three.f(V2.create()); }
export namespace clashDate {
  export function f(a: SetArray, b: DateArray, class_: u8): Outcome<SetArray> {
    return a.length_ == a.at_ ? Outcome.error<SetArray>(SetError.new_) : one.f(a, b, class_);
  }
}
export namespace cDDate100 {
  export function f(a: DateArray): void { two.f(a); }
}
`;
  const module = check(await compileDomain(world, index), { maxMemoryPages: 16, name: "clash" });
  matchWorld(module, world, "clash");
});

test("generated names of values and capabilities hide nothing that generated code needs", async () => {
  const world = await worldOf(
    `package acme:clash@0.1.0;
interface tuples {
  record %option { reader: u8, value: string, %constructor: tuple<u8, u8>, %from-words: option<u8> }
  variant %result { writer(string), new, tag(%option), NONE, take(list<string>) }
  record tuple2 { a: string }
  resource slot {
    constructor(message: string, guard: u8);
    self: func(instance: string) -> string;
    handle: func();
    create: static func(glue: string) -> slot;
    drop: func(sent: string);
  }
  f: func(message: string, sent: string, reader: list<string>, writer: list<%option>, value: %result, got: tuple2, packed: u8) -> tuple<%option, %result>;
  outcome: func(self: list<slot>) -> option<slot>;
}
interface instances { resource reader { constructor(); read: func(); } record writer { r: reader } g: func(w: writer) -> writer; reader-of: func(); }
world w { import tuples; export tuples; import instances; export instances; }`,
    "w",
  );
  const index = `
import { Option as Maybe } from "sumac/option";
import { clashTuples as below, TuplesOption, TuplesResult, TuplesSlot, TuplesTuple2 } from "./gen/clash-tuples";
import { instances as other } from "./gen/instances";
import { InstancesWriter } from "./gen/instances_own";
import { Tuple2 } from "./gen/tuples";
export namespace clashTuples {
  export class TuplesSlot {
    constructor(public message: string, guard: u8) {}
    self(instance: string): string { return instance + this.message; }
    handle(): void {}
    static create_(glue: string): TuplesSlot { return new TuplesSlot(glue, 1); }
    drop_(sent: string): void {}
  }
  export function f(message: string, sent: string, reader: string[], writer: TuplesOption[], value: TuplesResult, got: TuplesTuple2, packed: u8): Tuple2<TuplesOption, TuplesResult> {
    return value.tag == TuplesResult.TAG ? new Tuple2<TuplesOption, TuplesResult>(value.tag_, TuplesResult.none()) : below.f(message, sent, reader, writer, value, got, packed);
  }
  export function outcome(v: TuplesSlot[]): Maybe<TuplesSlot> { return v.length > 0 ? Maybe.some<TuplesSlot>(v[0]) : Maybe.none<TuplesSlot>(); }
}
export namespace instances {
  export class InstancesReader { read(): void {} }
  export function g(w: InstancesWriter): InstancesWriter { return w; }
  export function readerOf(): void { other.readerOf(); }
}
`;
  const module = check(await compileDomain(world, index), { maxMemoryPages: 16, name: "clash" });
  matchWorld(module, world, "clash");
});

/** The printed body of the function that is exported under this name. */
function bodyOf(wat: string, name: string): string {
  const shown = new RegExp(`\\(export "${name.replace(/[.#/]/g, "\\$&")}" \\(func ([^)]+)\\)`).exec(wat)?.[1] ?? "?";
  // By its name where the module has names, otherwise by its index.
  const start = wat.indexOf(shown.startsWith("$") ? `  (func ${shown} ` : `  (func (;${shown};) `, wat.indexOf("(memory"));
  return wat.slice(start, wat.indexOf("\n  (", start + 1));
}

function isError(method: MethodDescription, core: number | undefined): boolean {
  return method.result === "packed" && core !== undefined && core >>> 0 < 64;
}

test.run();
