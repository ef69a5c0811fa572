/**
 * Shared-heap types: which resources they are, where their fields lie, and the id that the heap stores per object.
 * Called by `lower.ts`. A resource with nothing but a constructor of plain data is such a type; its parameters are the
 * fields, in order, each at its natural alignment:
 *
 *     constructor(done: bool, total: u64, name: list<u8, 3>)
 *     offset 0     1       8                16      19
 *            ├done─┤ hole  ├─────total──────┤─name──┤      size 19: nothing is added at the end
 */
import type { Position } from "./ast.ts";
import type { EnumType, FieldType, FlagsType, Scalar, SharedType } from "./model.ts";
import type { Problems } from "./problems.ts";
import { sha256 } from "./sha256.ts";
import { type Definition, type ResolvedFunction, type ResolvedParam, resourceOf, throughAliases, type WitType } from "./types.ts";

export const MAX_OBJECT_BYTES: number = 16 * 1024 * 1024;
export const MAX_FLAGS = 32;
const MAX_ENUM_CASES = 65536;
/** Of the text that a type's id is made from. Each field spells its enum out, so two short lists could make a long text. */
const MAX_CANONICAL_CHARACTERS = 65536;

export const scalarBytes: Readonly<Record<Scalar, number>> = {
  bool: 1,
  char: 4,
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  s8: 1,
  s16: 2,
  s32: 4,
  s64: 8,
  f32: 4,
  f64: 8,
};

/** The constructor that is the layout, if the resource is a shared-heap type and not a capability. */
export function layoutOf(resource: Definition): ResolvedFunction | undefined {
  if (resource.body.kind !== "resource") return undefined;
  const [first, ...others] = resource.body.members;
  return first?.kind === "constructor" && first.result === undefined && others.length === 0 ? first : undefined;
}

export function enumOf(definition: Definition, problems: Problems): EnumType | undefined {
  if (definition.body.kind !== "enum") return undefined;
  const { cases } = definition.body;
  if (cases.length > MAX_ENUM_CASES) {
    problems.add(definition.node.name.at, `an enum has at most ${MAX_ENUM_CASES} cases`, "use a number");
  }
  return { kind: "enum", name: definition.name, interfaceId: definition.ownerId, cases };
}

export function flagsOf(definition: Definition, problems: Problems): FlagsType | undefined {
  if (definition.body.kind !== "flags") return undefined;
  const { flags } = definition.body;
  if (flags.length > MAX_FLAGS) {
    problems.add(definition.node.name.at, `flags are at most ${MAX_FLAGS}, here are ${flags.length}`, "split them into two types");
  }
  return { kind: "flags", name: definition.name, interfaceId: definition.ownerId, flags };
}

export class Layouts {
  readonly #problems: Problems;
  readonly #known = new Map<Definition, SharedType | undefined>();

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  /** The layout of a resource that `layoutOf` accepts; undefined after a problem, which is reported once. */
  of(resource: Definition): SharedType | undefined {
    if (this.#known.has(resource)) return this.#known.get(resource);
    const layout = layoutOf(resource);
    const built = layout && !this.#containsItself(resource) ? this.#build(resource, layout) : undefined;
    this.#known.set(resource, built);
    return built;
  }

  #build(resource: Definition, layout: ResolvedFunction): SharedType | undefined {
    const { name, ownerId: interfaceId } = resource;
    const fields: { name: string; type: FieldType; offset: number }[] = [];
    let sizeBytes = 0;
    let characters = 0;
    for (const param of layout.params) {
      const type = this.#field(param);
      if (!type) return undefined;
      characters += param.name.length + canonicalLength(type);
      if (characters > MAX_CANONICAL_CHARACTERS) {
        this.#problems.add(
          param.at,
          `the fields of \`${name}\` and their cases take more than ${MAX_CANONICAL_CHARACTERS} characters`,
          "use numbers for large enums",
        );
        return undefined;
      }
      const item = scalarBytes[type.kind === "array" ? type.item : type.scalar];
      const offset = Math.ceil(sizeBytes / item) * item;
      sizeBytes = offset + item * (type.kind === "array" ? type.length : 1);
      if (sizeBytes > MAX_OBJECT_BYTES) {
        this.#problems.add(
          param.at,
          `the layout of \`${name}\` ends at ${sizeBytes} bytes, over the limit of ${MAX_OBJECT_BYTES}`,
          "use several objects",
        );
        return undefined;
      }
      fields.push({ name: param.name, type, offset });
    }
    if (fields.length === 0) {
      this.#problems.add(resource.node.name.at, `the shared type \`${name}\` has no field`, "give its constructor a parameter");
      return undefined;
    }
    const canonical = `${interfaceId}#${name}{${fields.map((field) => `${field.name}:${canonicalField(field.type)}`).join(",")}}`;
    return { id: typeId(canonical), name, interfaceId, sizeBytes, fields, canonical };
  }

  #field({ name, type: written }: ResolvedParam): FieldType | undefined {
    const type = throughAliases(written);
    const refuse = (problem: string, remedy: string): undefined => {
      this.#problems.add(written.at, `the field \`${name}\` ${problem}`, remedy);
    };
    if (type.kind === "primitive" && isScalar(type.name)) return { kind: "scalar", scalar: type.name };
    if (type.kind === "list") return this.#array(type, refuse);
    if (type.kind === "borrow")
      return refuse("is a borrow, which would outlive its call", "keep the data itself, or pass the borrow as a parameter");
    const resource = resourceOf(type);
    if (resource) {
      return layoutOf(resource)
        ? refuse(`is another object (\`${resource.name}\`), which is not supported yet`, "pass the two side by side")
        : refuse(`is a capability (\`${resource.name}\`)`, "a shared type holds plain data; pass capabilities as parameters");
    }
    if (type.kind === "named" && type.definition.body.kind === "enum") {
      const found = enumOf(type.definition, this.#problems);
      return found && { kind: "enum", scalar: found.cases.length > 256 ? "u16" : "u8", type: found };
    }
    if (type.kind === "named" && type.definition.body.kind === "flags") {
      const found = flagsOf(type.definition, this.#problems);
      const count = found?.flags.length ?? 0;
      return found && { kind: "flags", scalar: count > 16 ? "u32" : count > 8 ? "u16" : "u8", type: found };
    }
    if (type.kind === "broken") return undefined;
    return refuse(
      `is ${describe(type)}, which is not supported yet in a shared type`,
      "use scalars, enums, flags and lists of fixed length",
    );
  }

  #array(type: WitType & { kind: "list" }, refuse: (problem: string, remedy: string) => undefined): FieldType | undefined {
    if (type.length === undefined) return refuse("is a list of any length", "give it a length: `list<u8, 4096>`");
    const item = throughAliases(type.item);
    if (item.kind === "primitive" && isScalar(item.name)) return { kind: "array", item: item.name, length: type.length };
    if (item.kind === "borrow") return refuse("holds borrows, which would outlive their call", "keep the data itself");
    return refuse(`is a list of ${describe(item)}, which is not supported yet`, "use a list of scalars");
  }

  /** Whether objects of the type would have to hold objects of the type without end. */
  #containsItself(start: Definition): boolean {
    const seen = new Set<Definition>();
    const open: { readonly resource: Definition; readonly via: Position }[] = [{ resource: start, via: start.node.name.at }];
    for (let next = open.pop(); next; next = open.pop()) {
      for (const field of layoutOf(next.resource)?.params ?? []) {
        const inner = field.type.kind === "borrow" ? undefined : resourceOf(field.type);
        if (inner === start) {
          this.#problems.add(
            field.type.at,
            `the layout of \`${start.name}\` contains itself`,
            "name the other object by a number, or pass it beside",
          );
          return true;
        }
        if (inner && !seen.has(inner)) open.push({ resource: inner, via: field.at });
        if (inner) seen.add(inner);
      }
    }
    return false;
  }
}

export function isScalar(name: string): name is Scalar {
  return Object.hasOwn(scalarBytes, name);
}

/** How a type is called in a message. */
export function describe(type: WitType): string {
  switch (type.kind) {
    case "primitive":
      return type.name === "string" ? "a `string`" : `\`${type.name}\``;
    case "named":
      return `the ${type.definition.body.kind} \`${type.definition.name}\``;
    case "own":
    case "borrow":
      return `\`${type.kind}<${type.resource.name}>\``;
    case "broken":
      return "an unknown type";
    default:
      return `${type.kind === "option" ? "an" : "a"} \`${type.kind}\``;
  }
}

/** At least as long as what `canonicalField` writes, without writing it. */
function canonicalLength(type: FieldType): number {
  const names = type.kind === "enum" ? type.type.cases : type.kind === "flags" ? type.type.flags : [];
  return names.reduce((sum, name) => sum + name.length + 1, 32);
}

function canonicalField(type: FieldType): string {
  switch (type.kind) {
    case "scalar":
      return type.scalar;
    case "array":
      return `list<${type.item},${type.length}>`;
    case "enum":
      return `enum{${type.type.cases.join(",")}}`;
    case "flags":
      return `flags{${type.type.flags.join(",")}}`;
  }
}

/** 0 would mean "any type" to the heap, so it is not an id. */
export function typeId(canonical: string): number {
  return new DataView(sha256(canonical).buffer).getUint32(0, true) || 1;
}
