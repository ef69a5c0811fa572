/**
 * Shared types drawn by lot, of every kind and up to four types deep: a domain fills an object through what is generated, the host
 * reads it, and the domain that gets it back finds each value where it was.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FieldType, PlainType, SharedType } from "../../host/idl/idl.ts";
import { type FieldValue, readObject } from "../../host/kernel/host/object-fields.ts";
import { worldOf } from "../idl/compile-domain.ts";
import { type Random, randomOf } from "../idl/random-wit.ts";
import { addAs, compileAs } from "../support/as-domain.ts";
import { testSystem } from "../support/system.ts";

const test = suite("object fields");

const TYPES = 14;
const ITEMS = 3;
const SERVICE = "acme:kinds/service@0.1.0";
const SCALARS = "bool u8 u16 u32 u64 s8 s16 s32 s64 f32 f64 char".split(" ");

/** WIT of a type that is at most so deep; records are written to `records`. */
function randomType(random: Random, depth: number, records: string[]): string {
  const simple = [...SCALARS, "kind", "bits"];
  const kind = depth === 0 ? 0 : random(5);
  const inner = (): string => randomType(random, depth - 1, records);
  if (kind <= 1) return simple[random(simple.length)] ?? "u8";
  if (kind === 2) return `list<${inner()}, ${1 + random(4)}>`;
  if (kind === 3) return `tuple<${Array.from({ length: 1 + random(3) }, inner).join(", ")}>`;
  const fields = Array.from({ length: 1 + random(3) }, (_, n) => `f${n}: ${inner()}`).join(", ");
  return `p${records.push(`record p${records.length} { ${fields} }`) - 1}`;
}

function randomFields(random: Random, records: string[]): string {
  const fields: string[] = [];
  for (let n = 0; n < 2 + random(4); n++) {
    const kind = random(6);
    fields.push(`f${n}: ${kind === 0 ? "option<leaf>" : kind === 1 ? "list<option<leaf>, 4>" : randomType(random, 4, records)}`);
  }
  if (random(2) === 0) fields.push(`tail: list<${randomType(random, 3, records)}>`);
  return fields.join(", ");
}

function packageText(random: Random): string {
  const records: string[] = [];
  const resources = Array.from({ length: TYPES }, (_, n) => `resource t${n} { constructor(${randomFields(random, records)}); }`);
  // A list alone in its object has its members on the object itself.
  const alone = ["list<u16, 9>", "list<kind>", "list<tuple<u8, f64>>", "list<list<u8, 3>, 2>", "list<option<leaf>, 4>"];
  resources.push(...alone.map((type, n) => `resource t${TYPES + n} { constructor(f0: ${type}); }`));
  resources.push(`\n/// @deque\nresource t${TYPES + alone.length} { constructor(f0: list<option<leaf>, 4>); }`);
  const names = resources.map((_, n) => `t${n}`);
  return `package acme:kinds@0.1.0;
    interface types { enum kind { one, two, three } flags bits { x, y, z } resource leaf { constructor(n: u32); }
      ${records.join("\n")} ${resources.join("\n")} }
    interface service { use types.{leaf, ${names.join(", ")}};
      ${names.map((name, n) => `fill${n}: func(seed: u32) -> ${name}; check${n}: func(seed: u32, object: ${name}) -> bool;`).join("\n")} }
    world service-world { export service; }`;
}

/** Visits each value of an object in order: `path` is its AssemblyScript, for lists without the index. */
interface Visitor {
  value(type: PlainType & { readonly scalar: string }, path: string, index: number | undefined): FieldValue;
  child(path: string, verb: { readonly get: string; readonly put: string }, full: boolean): FieldValue;
}

function visit(type: FieldType, path: string, member: string, visitor: Visitor): FieldValue {
  const inside = member === "" ? path : `${path}.${member}`;
  const list = (item: PlainType, length: number): FieldValue => {
    const values = Array.from({ length }, (_, i) =>
      "scalar" in item ? visitor.value(item, inside, i) : visit(item, `${inside}.at(${i})`, "", visitor),
    );
    return item.kind === "scalar" && item.scalar === "u8" ? Uint8Array.from(values as number[]) : values;
  };
  switch (type.kind) {
    case "array":
      return list(type.item, type.length);
    case "vec":
      return list(type.item, ITEMS);
    case "record":
      return Object.fromEntries(type.fields.map((field) => [field.name, visit(field.type, inside, field.name, visitor)]));
    case "tuple":
      return type.fields.map((field) => visit(field.type, inside, field.name, visitor));
    case "owned": {
      const name = member.charAt(0).toUpperCase() + member.slice(1);
      return visitor.child(path, { get: `.${member}`, put: `.put${name}(` }, true);
    }
    case "slots":
      return Array.from({ length: type.length }, (_, i) => visitor.child(inside, { get: `.at(${i})`, put: `.put(${i}, ` }, i % 3 !== 1));
    case "deque":
      return Array.from({ length: 3 }, (_, i) => visitor.child(inside, { get: `.at(${i})`, put: ".pushBack(" }, true));
    default:
      return visitor.value(type, inside, undefined);
  }
}

function walk(type: SharedType, visitor: Visitor): Record<string, FieldValue> {
  const [only, ...others] = type.fields;
  const isAlone = others.length === 0 && only !== undefined && ["array", "vec", "slots", "deque"].includes(only.type.kind);
  return Object.fromEntries(type.fields.map(({ name, type: field }) => [name, visit(field, "o", isAlone ? "" : name, visitor)]));
}

/** AssemblyScript for the next value of a type. */
function drawn(type: PlainType & { readonly scalar: string }): string {
  if (type.kind === "enum") return "<Kind>(next() % 3)";
  if (type.kind === "flags") return "<Bits>(next() & 7)";
  if (type.scalar === "bool") return "(next() & 1) != 0";
  if (type.scalar === "char") return "next() % 0xd800";
  if (type.scalar === "f32" || type.scalar === "f64") return `<${type.scalar}>next() / 4`;
  const source = type.scalar.startsWith("s") ? `i${type.scalar.slice(1)}` : type.scalar;
  return type.scalar.endsWith("64") ? `<${source}>next() * 0x100010001` : `<${source}>next()`;
}

const filling: Visitor = {
  value: (type, path, index) => (index === undefined ? `${path} = ${drawn(type)};` : `${path}.setAt(${index}, ${drawn(type)});`),
  child: (path, { put }, full) => (full ? `${path}${put}leaf());` : ""),
};
const checking: Visitor = {
  value: (type, path, index) => `if (${path}${index === undefined ? "" : `.at(${index})`} != ${drawn(type)}) return false;`,
  child: (path, { get }, full) => (full ? `if (!isLeaf(${path}${get})) return false;` : `if (${path}${get} !== null) return false;`),
};

function statements(type: SharedType, visitor: Visitor): string {
  const found: string[] = [];
  const noting: Visitor = {
    value: (...args) => void found.push(String(visitor.value(...args))),
    child: (...args) => void found.push(String(visitor.child(...args))),
  };
  walk(type, noting);
  return found.join("\n    ");
}

function indexText(types: readonly SharedType[]): string {
  const functions = types.map((type) => {
    const name = type.name.toUpperCase();
    const n = type.name.slice(1);
    const items = type.fields.at(-1)?.type.kind === "vec" ? ITEMS : "";
    return `  export function fill${n}(seed: u32): ${name} {
    state = seed;
    const o = ${name}.create(${items});
    ${statements(type, filling)}
    return o;
  }
  export function check${n}(seed: u32, o: ${name}): bool {
    state = seed;
    ${statements(type, checking)}
    o.drop();
    return true;
  }`;
  });
  return `import { Bits, Kind, Leaf, ${types.map(({ name }) => name.toUpperCase()).join(", ")} } from "./gen/types";
let state: u32 = 0;
function next(): u32 { state = state * 1664525 + 1013904223; return state >> 3; }
function leaf(): Leaf { const one = Leaf.create(); one.n = next(); return one; }
function isLeaf(one: Leaf | null): bool { return one !== null && one.n == next(); }
export namespace service {
${functions.join("\n")}
}`;
}

/** What the host reads, by the same rule. */
function expected(type: SharedType, seed: number): Record<string, FieldValue> {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 3;
  };
  return walk(type, {
    child: (_path, _verb, full) => (full ? next() : undefined),
    value: (of) => {
      const n = next();
      if (of.kind === "enum") return of.type.cases[n % 3];
      if (of.kind === "flags") return n & 7;
      switch (of.scalar) {
        case "bool":
          return (n & 1) !== 0;
        case "char":
          return n % 0xd800;
        case "f32":
          return Math.fround(Math.fround(n) / 4);
        case "f64":
          return n / 4;
        case "u64":
          return BigInt.asUintN(64, BigInt(n) * 0x100010001n);
        case "s64":
          return BigInt.asIntN(64, BigInt(n) * 0x100010001n);
        case "u8":
          return n & 0xff;
        case "s8":
          return (n << 24) >> 24;
        case "u16":
          return n & 0xffff;
        case "s16":
          return (n << 16) >> 16;
        case "s32":
          return n | 0;
        default:
          return n;
      }
    },
  });
}

test("readObject sees what a domain wrote through generated accessors, for random types of every kind to depth four", async () => {
  for (const seed of [3, 4]) {
    const wit = packageText(randomOf(seed));
    const world = await worldOf(wit, "service-world");
    const types = world.sharedTypes.filter(({ name }) => name !== "leaf");
    const leaf = world.sharedTypes.find(({ name }) => name === "leaf");
    if (!leaf) throw new Error("no leaf");
    const t = await testSystem();
    await addAs(t, { name: "service", module: await compileAs(wit, "service-world", indexText(types)), limits: { callBudgetMs: 10_000 } });
    const { heap } = t.system.kernel;
    const service = t.system.export("service", SERVICE);
    for (const type of types) {
      const n = type.name.slice(1);
      for (let round = 1; round <= 5; round++) {
        const filled = service[`fill${n}`]?.(round);
        assert.ok(filled?.ok, `${type.name} of seed ${seed}: ${JSON.stringify(filled)}\n${wit}`);
        if (!filled?.ok) continue;
        const base = Number(filled.value);
        assert.is(heap.exports.typeOf(base) >>> 0, type.id);
        const read = withLeaves(readObject(heap, type, base), type, (child) => readObject(heap, leaf, child).n);
        assert.equal(read, expected(type, round), `${type.name} of seed ${seed}\n${wit}`);
        assert.equal(service[`check${n}`]?.(round, base), { ok: true, value: true }, `${type.name} of seed ${seed}\n${wit}`);
      }
    }
    await t.end();
  }
});

/** Children as what they hold. */
function withLeaves(
  read: Record<string, FieldValue>,
  type: SharedType,
  numberOf: (base: number) => FieldValue,
): Record<string, FieldValue> {
  const opened = (value: FieldValue): FieldValue => (typeof value === "number" ? numberOf(value) : value);
  return Object.fromEntries(
    type.fields.map(({ name, type: field }) => {
      const value = read[name];
      if (!("target" in field)) return [name, value];
      return [name, Array.isArray(value) ? value.map(opened) : opened(value)];
    }),
  );
}

test("readObject shows a child only where the heap knows one", async () => {
  const wit = `package acme:kinds@0.1.0; interface types { resource leaf { constructor(n: u32); } resource pair { constructor(a: option<leaf>, b: option<leaf>); } }
    interface service { use types.{pair}; give: func() -> pair; } world w { export service; }`;
  const t = await testSystem();
  const index = `import { Leaf, Pair } from "./gen/types";
    export namespace service { export function give(): Pair { const pair = Pair.create(); pair.putA(Leaf.create()); return pair; } }`;
  await addAs(t, { name: "service", module: await compileAs(wit, "w", index) });
  const { heap } = t.system.kernel;
  const given = t.system.export("service", SERVICE).give?.();
  assert.ok(given?.ok);
  const base = given?.ok ? Number(given.value) : 0;
  const type = t.system.kernel.types.get(heap.exports.typeOf(base) >>> 0);
  if (!type) throw new Error("no type");
  const { a } = readObject(heap, type, base);
  assert.type(a, "number");
  for (const forged of [Number(a) + 4, base, 64, 1, 0xffffffff, 0x7fffffc0]) {
    heap.u32[(base + 4) >>> 2] = forged;
    assert.equal(readObject(heap, type, base), { a, b: undefined }, String(forged));
  }
  heap.u32[(base + 4) >>> 2] = Number(a);
  assert.equal(readObject(heap, type, base), { a, b: a });
  heap.exports.free(base);
  await t.end();
});

test.run();
