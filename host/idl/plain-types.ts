/**
 * WIT's types to plain data in shared objects: where each part lies. Called by `layout.ts`. Refuses everything that is no plain data.
 * Each record is laid out once, so a type is a graph of shared nodes; `textLength` bounds its size written out, because everybody
 * else walks it as a tree.
 */
import { alignmentOf, bytesOf, MAX_OBJECT_BYTES } from "./field-sizes.ts";
import type { EnumType, FlagsType, PlainField, PlainType, Scalar } from "./model.ts";
import type { Problems } from "./problems.ts";
import { type Definition, resourceOf, throughAliases, type WitType } from "./types.ts";

export const MAX_FLAGS = 32;
const MAX_ENUM_CASES = 65536;
/** Of the text that a type's id is made from. Each mention of an enum or record spells it out, so a short text could make a long one. */
export const MAX_TEXT = 65536;
const MAX_DEPTH = 64;

const scalarNames: ReadonlySet<string> = new Set("bool char u8 u16 u32 u64 s8 s16 s32 s64 f32 f64".split(" "));

export function isScalar(name: string): name is Scalar {
  return scalarNames.has(name);
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

interface Extent {
  /** Characters of `plainText`. */
  readonly text: number;
  readonly depth: number;
}

export class PlainTypes {
  readonly #problems: Problems;
  readonly #named = new Map<Definition, PlainType | undefined>();
  readonly #extents = new Map<PlainType, Extent>();

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  /**
   * Undefined after a problem, which is reported.
   * @param where the field that holds it, for messages
   */
  of(written: WitType, where: string): PlainType | undefined {
    const type = throughAliases(written);
    switch (type.kind) {
      case "primitive":
        if (isScalar(type.name)) return this.#measured({ kind: "scalar", scalar: type.name }, written, where);
        if (type.name === "string") return this.#refuse(written, where, "a `string`, whose length is not known", "write `list<u8, 64>`");
        break;
      case "list": {
        if (type.length === undefined) return this.#refuse(written, where, "a list of any length", "give it a length: `list<u8, 4096>`");
        const item = this.of(type.item, where);
        return item && this.#measured({ kind: "array", item, length: type.length }, written, where);
      }
      case "tuple": {
        const parts = type.items.map((item, index) => ({ name: `item${index}`, type: this.of(item, where) }));
        const placed = place(parts);
        return placed && this.#measured({ kind: "tuple", ...placed }, written, where);
      }
      case "named": {
        const { definition } = type;
        if (this.#named.has(definition)) return this.#named.get(definition);
        const built = this.#buildNamed(definition, written, where);
        if (built === "other") break;
        this.#named.set(definition, built);
        return built;
      }
      case "broken":
        return undefined;
      default:
    }
    return this.#refuse(written, where, ...whyNot(type));
  }

  /** Characters of `plainText`, without writing it. */
  textLength(type: PlainType): number {
    return this.#extents.get(type)?.text ?? 0;
  }

  #buildNamed(definition: Definition, written: WitType, where: string): PlainType | undefined | "other" {
    const { body, name, ownerId: interfaceId } = definition;
    if (body.kind === "enum") {
      const type = enumOf(definition, this.#problems);
      return type && this.#measured({ kind: "enum", scalar: type.cases.length > 256 ? "u16" : "u8", type }, written, where);
    }
    if (body.kind === "flags") {
      const type = flagsOf(definition, this.#problems);
      const count = type?.flags.length ?? 0;
      return type && this.#measured({ kind: "flags", scalar: count > 16 ? "u32" : count > 8 ? "u16" : "u8", type }, written, where);
    }
    if (body.kind !== "record") return "other";
    const placed = place(body.fields.map((field) => ({ name: field.name, type: this.of(field.type, `${name}.${field.name}`) })));
    return placed && this.#measured({ kind: "record", name, interfaceId, ...placed }, written, where);
  }

  /** Notes how large a type is, whose parts are known; refuses it when it is too large. */
  #measured(type: PlainType, written: WitType, where: string): PlainType | undefined {
    let text = ownText(type);
    let depth = 0;
    for (const inner of partsOf(type)) {
      const extent = this.#extents.get(inner) ?? { text: 0, depth: 1 };
      text += extent.text;
      depth = Math.max(depth, extent.depth);
    }
    if (depth >= MAX_DEPTH) {
      return this.#refuse(written, where, `types inside each other more than ${MAX_DEPTH} deep`, "flatten it");
    }
    if (text > MAX_TEXT) {
      return this.#refuse(written, where, `a type of more than ${MAX_TEXT} characters, written out`, "use numbers for large enums");
    }
    if (bytesOf(type) > MAX_OBJECT_BYTES) {
      const problem = `${bytesOf(type)} bytes, over the limit of ${MAX_OBJECT_BYTES}`;
      return this.#refuse(written, where, problem, "use several objects");
    }
    this.#extents.set(type, { text, depth: depth + 1 });
    return type;
  }

  #refuse(written: WitType, where: string, problem: string, remedy: string): undefined {
    this.#problems.add(written.at, `the field \`${where}\` holds ${problem}`, remedy);
  }
}

/** Canonical: equal texts are equal layouts with equal names. */
export function plainText(type: PlainType): string {
  const list = (fields: readonly PlainField[], text: (field: PlainField) => string): string => fields.map(text).join(",");
  switch (type.kind) {
    case "scalar":
      return type.scalar;
    case "array":
      return `list<${plainText(type.item)},${type.length}>`;
    case "enum":
      return `enum{${type.type.cases.join(",")}}`;
    case "flags":
      return `flags{${type.type.flags.join(",")}}`;
    case "record":
      return `record{${list(type.fields, (field) => `${field.name}:${plainText(field.type)}`)}}`;
    case "tuple":
      return `tuple<${list(type.fields, (field) => plainText(field.type))}>`;
  }
}

/** At least what `plainText` writes of the type itself, without its parts. */
function ownText(type: PlainType): number {
  const names =
    type.kind === "enum"
      ? type.type.cases
      : type.kind === "flags"
        ? type.type.flags
        : type.kind === "record" || type.kind === "tuple"
          ? type.fields.map((field) => field.name)
          : [];
  return names.reduce((sum, name) => sum + name.length + 2, 18);
}

function partsOf(type: PlainType): readonly PlainType[] {
  if (type.kind === "array") return [type.item];
  return type.kind === "record" || type.kind === "tuple" ? type.fields.map((field) => field.type) : [];
}

function place(
  parts: readonly { readonly name: string; readonly type: PlainType | undefined }[],
): { readonly fields: PlainField[]; readonly sizeBytes: number; readonly alignment: number } | undefined {
  const fields: PlainField[] = [];
  let end = 0;
  let alignment = 1;
  for (const { name, type } of parts) {
    if (!type) return undefined;
    const offset = roundUp(end, alignmentOf(type));
    fields.push({ name, type, offset });
    end = offset + bytesOf(type);
    alignment = Math.max(alignment, alignmentOf(type));
  }
  return { fields, sizeBytes: roundUp(end, alignment), alignment };
}

export function roundUp(bytes: number, alignment: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/** What a type is that is no plain data, and what to do about it. */
function whyNot(type: WitType): [problem: string, remedy: string] {
  if (type.kind === "borrow") return ["a borrow, which would outlive its call", "keep the data itself, or pass the borrow as a parameter"];
  const resource = resourceOf(type.kind === "option" ? throughAliases(type.item) : type);
  if (resource && type.kind === "option") {
    return [
      `the child \`${resource.name}\` inside a record or list`,
      "children stand among the fields themselves: `option<t>` or `list<option<t>, 8>`",
    ];
  }
  if (resource) return [`another object (\`${resource.name}\`)`, "children stand among the fields themselves, as `option<t>`"];
  if (type.kind === "option") return ["an `option` of plain data", "put a `bool` beside it"];
  return [describe(type), "use scalars, enums, flags, records, tuples, and lists of fixed length"];
}
