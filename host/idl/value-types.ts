/**
 * WIT's types to the types of values that cross: what a parameter, a result or a part of one is. Called by `lower.ts` for
 * functions and by `lower-world.ts` for the types that an interface names. Refuses what has no meaning across a border.
 * Each definition is turned once, so a value's type is a graph of shared nodes; its size written out is bounded here, because
 * everybody else walks it as a tree.
 */
import { canonicalResource } from "./canonical.ts";
import { Layouts, layoutOf, typeId } from "./layout.ts";
import type { HostType, NamedType, RecordType, ResourceType, SharedType, VariantType } from "./model.ts";
import { describe, enumOf, flagsOf, isScalar } from "./plain-types.ts";
import { invalid, type Problems } from "./problems.ts";
import { type Definition, resourceOf, throughAliases, type WitType } from "./types.ts";

/** Parts that one value's type may have, written out; and all parameters of a function that cross in one message. */
export const MAX_PARTS = 1000;
/** Types inside each other. The kernel reads messages no deeper. */
export const MAX_TYPE_DEPTH = 64;
/** Canonical texts of all capabilities together: those that mention each other are in each other's. */
const MAX_RESOURCE_CHARACTERS = 4_000_000;
/** A list of fixed length is a value of so many parts, and nobody means more. */
const MAX_FIXED_LENGTH = 65536;

interface Extent {
  readonly parts: number;
  readonly depth: number;
}

export class ValueTypes {
  readonly layouts: Layouts;
  readonly #problems: Problems;
  readonly #named = new Map<Definition, NamedType | undefined>();
  readonly #resources = new Map<Definition, ResourceType>();
  readonly #extents = new Map<HostType, Extent>();
  #resourceCharacters = 0;

  constructor(problems: Problems) {
    this.#problems = problems;
    this.layouts = new Layouts(problems);
  }

  /** Undefined after a problem, which is reported. */
  of(written: WitType): HostType | undefined {
    const type = throughAliases(written);
    switch (type.kind) {
      case "primitive":
        if (type.name === "string") return this.#measured({ kind: "string" }, written);
        if (isScalar(type.name)) return this.#measured({ kind: "scalar", scalar: type.name }, written);
        return this.#refuse(written, "cannot cross a border", "name what the other side needs of it: a code, or a string");
      case "named":
        return type.definition.body.kind === "resource" ? this.#object(written, "own") : this.#namedValue(type.definition, written);
      case "own":
      case "borrow":
        return this.#object(written, type.kind);
      case "option": {
        const item = this.of(type.item);
        return item && this.#measured({ kind: "option", item }, written);
      }
      case "list": {
        const item = this.of(type.item);
        if (type.length !== undefined && type.length > MAX_FIXED_LENGTH) {
          return this.#refuse(written, `has ${type.length} items, at most ${MAX_FIXED_LENGTH} cross by copy`, "use a shared type");
        }
        return item && this.#measured({ kind: "list", item, length: type.length }, written);
      }
      case "tuple": {
        const items = type.items.map((item) => this.of(item));
        return items.every((item) => item !== undefined) ? this.#measured({ kind: "tuple", items }, written) : undefined;
      }
      case "result": {
        const ok = type.ok && this.of(type.ok);
        const error = type.error && this.of(type.error);
        if ((type.ok && !ok) || (type.error && !error)) return undefined;
        return this.#measured({ kind: "result", ok, error }, written);
      }
      case "map":
        return this.#refuse(written, "is not supported", "write a list of pairs: `list<tuple<key, value>>`");
      case "future":
      case "stream":
        return this.#refuse(written, "is not supported", "a call that would wait returns an error case, and the caller calls again");
      case "broken":
        return undefined;
    }
  }

  /** The model of a record, variant, enum or flags; undefined for everything else, and after a problem. */
  named(definition: Definition): NamedType | undefined {
    if (this.#named.has(definition)) return this.#named.get(definition);
    const built = this.#buildNamed(definition);
    this.#named.set(definition, built);
    return built;
  }

  /** Parts of a type that `of` gave, written out. */
  partsIn(type: HostType): number {
    return this.#extents.get(type)?.parts ?? 1;
  }

  /**
   * The capability behind a resource that is no shared type.
   * @throws SumacError "wit-invalid" where too many capabilities mention each other
   */
  resource(definition: Definition): ResourceType {
    const known = this.#resources.get(definition);
    if (known) return known;
    const canonical = canonicalResource(definition);
    this.#resourceCharacters += canonical.length;
    if (this.#resourceCharacters > MAX_RESOURCE_CHARACTERS) {
      const problem = `the capabilities, written out, are more than ${MAX_RESOURCE_CHARACTERS} characters`;
      throw invalid(definition.node.name.at, problem, "let fewer of them mention each other");
    }
    const built = { name: definition.name, interfaceId: definition.ownerId, id: typeId(canonical), canonical };
    this.#resources.set(definition, built);
    return built;
  }

  /** A resource is a shared type or a capability; undefined for what is no resource, and after a problem. */
  shared(definition: Definition): SharedType | undefined {
    return layoutOf(definition) ? this.layouts.of(definition) : undefined;
  }

  #object(written: WitType, mode: "own" | "borrow"): HostType | undefined {
    const resource = resourceOf(written);
    if (!resource) return undefined;
    if (!layoutOf(resource)) return this.#measured({ kind: "handle", mode, resource: this.resource(resource) }, written);
    const shared = this.layouts.of(resource);
    return shared && this.#measured({ kind: mode, shared }, written);
  }

  #namedValue(definition: Definition, written: WitType): HostType | undefined {
    const type = this.named(definition);
    return type && this.#measured(type, written);
  }

  #buildNamed(definition: Definition): NamedType | undefined {
    const { body, name, ownerId: interfaceId } = definition;
    if (body.kind === "record") {
      const fields: RecordType["fields"][number][] = [];
      for (const field of body.fields) {
        const type = this.of(field.type);
        if (!type) return undefined;
        fields.push({ name: field.name, type });
      }
      return { kind: "record", name, interfaceId, fields };
    }
    if (body.kind === "variant") {
      const cases: VariantType["cases"][number][] = [];
      for (const each of body.cases) {
        const type = each.type && this.of(each.type);
        if (each.type && !type) return undefined;
        cases.push({ name: each.name, type });
      }
      return { kind: "variant", name, interfaceId, cases };
    }
    return enumOf(definition, this.#problems) ?? flagsOf(definition, this.#problems);
  }

  /** Notes how large a type is, whose parts are known; refuses it when it is too large. */
  #measured(type: HostType, written: WitType): HostType | undefined {
    if (this.#extents.has(type)) return type;
    // Whoever reads a variant has a place to go on for each case, also for those without a value.
    let parts = type.kind === "variant" ? type.cases.length : 1;
    let depth = 0;
    for (const inner of partsOf(type)) {
      const extent = this.#extents.get(inner) ?? { parts: 1, depth: 1 };
      parts += extent.parts;
      depth = Math.max(depth, extent.depth);
    }
    if (parts > MAX_PARTS || depth >= MAX_TYPE_DEPTH) {
      const problem =
        parts > MAX_PARTS
          ? `has more than ${MAX_PARTS} parts, written out`
          : `holds types inside each other more than ${MAX_TYPE_DEPTH} deep`;
      return this.#refuse(written, problem, "pass some of it in a call of its own");
    }
    this.#extents.set(type, { parts, depth: depth + 1 });
    return type;
  }

  #refuse(written: WitType, problem: string, remedy: string): undefined {
    this.#problems.add(written.at, `${describe(throughAliases(written))} ${problem}`, remedy);
  }
}

/** The types directly inside a value's type. */
export function partsOf(type: HostType): readonly HostType[] {
  switch (type.kind) {
    case "record":
      return type.fields.map((field) => field.type);
    case "variant":
      return type.cases.map((each) => each.type).filter((each) => each !== undefined);
    case "tuple":
      return type.items;
    case "option":
    case "list":
      return [type.item];
    case "result":
      return [type.ok, type.error].filter((each) => each !== undefined);
    default:
      return [];
  }
}
