/**
 * What goes into which generated file. Called by `generate.ts`; the emitters ask it through `file-names.ts`.
 */

import type { FieldType, HostType, Interface, NamedType, PlainRecord, ResourceType, SharedType, World } from "../model.ts";
import { partsOf } from "../value-types.ts";
import { needsCollector } from "./collector.ts";
import { identifier, shortNames } from "./names.ts";

/**
 * Where a function comes from. A capability that the domain serves is a class of its own in the functions that it exports, and
 * a handle in those that it imports; types that mention one are generated for each side.
 */
export type Side = "import" | "export";

/** Everything of one interface that the world's domain can mention. */
export interface Part {
  readonly id: string;
  /** `bdev`: the file is `gen/bdev.ts`. */
  readonly short: string;
  /** The namespace of its client, and of its implementation in the domain's `index.ts`. */
  readonly namespace: string;
  readonly shared: Map<string, SharedType>;
  /** Records that lie inside shared objects. */
  readonly views: Map<string, PlainRecord>;
  readonly named: Map<string, NamedType>;
  /** Types that mention a capability of the domain's own, as exported functions see them: `gen/bdev_own.ts`. */
  readonly ownNamed: Map<string, NamedType>;
  /** Capabilities of others. */
  readonly resources: Map<string, ResourceType>;
  imported: Interface | undefined;
  exported: Interface | undefined;
}

type Nameable = { readonly name: string; readonly interfaceId: string };

export class Plan {
  readonly parts: Map<string, Part> = new Map<string, Part>();
  /** Values are objects of AssemblyScript, which a collector frees. */
  readonly isCollected: boolean;
  /** Of tuples. */
  readonly arities: Set<number> = new Set<number>();
  readonly #served: ReadonlySet<string>;
  readonly #mentionsOwn = new Map<HostType, boolean>();

  constructor(world: World) {
    this.isCollected = needsCollector(world);
    this.#served = new Set(world.exports.flatMap(({ resources }) => resources.map(keyOf)));
    const found = { shared: new Map<string, SharedType>(), named: new Map<string, NamedType>(), own: new Map<string, NamedType>() };
    const resources = new Map<string, ResourceType>();
    const views = new Map<string, PlainRecord>();
    const addShared = (type: SharedType): void => {
      found.shared.set(keyOf(type), type);
      for (const field of type.fields) {
        for (const number of numbersIn(field.type)) found.named.set(keyOf(number), number);
        for (const record of recordsIn(field.type)) views.set(keyOf(record), record);
      }
    };
    const add = (type: HostType, side: Side): void => {
      if (type.kind === "own" || type.kind === "borrow") addShared(type.shared);
      if (type.kind === "tuple") this.arities.add(type.items.length);
      if (type.kind === "handle" && !this.isOwn(type.resource, side)) resources.set(keyOf(type.resource), type.resource);
      if (isNamed(type)) {
        const named = side === "export" && this.mentionsOwn(type) ? found.own : found.named;
        if (named.has(keyOf(type))) return;
        named.set(keyOf(type), type);
      }
      for (const part of partsOf(type)) add(part, side);
    };
    const interfaces = [...world.imports, ...world.exports];
    for (const type of world.sharedTypes) addShared(type);
    for (const each of interfaces) {
      each.sharedTypes.forEach(addShared);
      for (const type of each.namedTypes) if (type.kind === "enum" || type.kind === "flags") add(type, "import");
    }
    for (const each of world.imports) for (const type of each.resources) resources.set(keyOf(type), type);
    const addFunctions = (functions: Interface["functions"], side: Side): void => {
      for (const { sourceParams, sourceResult } of functions) {
        for (const param of sourceParams) add(param.type, side);
        if (sourceResult) add(sourceResult, side);
      }
    };
    for (const { functions } of world.imports) addFunctions(functions, "import");
    for (const { functions } of world.exports) addFunctions(functions, "export");
    addFunctions(world.functions, "export");

    const ids = new Set(interfaces.map(({ id }) => id));
    for (const types of [...Object.values(found), resources, views]) for (const { interfaceId } of types.values()) ids.add(interfaceId);
    for (const [id, short] of shortNames(ids)) this.parts.set(id, newPart(id, short));
    for (const type of found.shared.values()) this.parts.get(type.interfaceId)?.shared.set(type.name, type);
    for (const type of views.values()) this.parts.get(type.interfaceId)?.views.set(type.name, type);
    for (const type of found.named.values()) this.parts.get(type.interfaceId)?.named.set(type.name, type);
    for (const type of found.own.values()) this.parts.get(type.interfaceId)?.ownNamed.set(type.name, type);
    for (const type of resources.values()) this.parts.get(type.interfaceId)?.resources.set(type.name, type);
    for (const each of world.imports) this.#part(each).imported = each;
    for (const each of world.exports) this.#part(each).exported = each;
  }

  /** Whether a capability is the domain's own in functions of this side. */
  isOwn(resource: ResourceType, side: Side): boolean {
    return side === "export" && this.#served.has(keyOf(resource));
  }

  #part({ id }: Interface): Part {
    const part = this.parts.get(id);
    if (!part) throw new Error(`no part for ${id}`);
    return part;
  }

  /** Whether a type differs between the functions that the domain imports and those that it exports. */
  mentionsOwn(type: HostType): boolean {
    const known = this.#mentionsOwn.get(type);
    if (known !== undefined) return known;
    const found =
      type.kind === "handle" ? this.isOwn(type.resource, "export") : partsOf(type).some((part: HostType) => this.mentionsOwn(part));
    this.#mentionsOwn.set(type, found);
    return found;
  }
}

function newPart(id: string, short: string): Part {
  return {
    id,
    short,
    namespace: identifier(short),
    shared: new Map(),
    views: new Map(),
    named: new Map(),
    ownNamed: new Map(),
    resources: new Map(),
    imported: undefined,
    exported: undefined,
  };
}

function keyOf({ name, interfaceId }: Nameable): string {
  return `${interfaceId}#${name}`;
}

function isNamed(type: HostType): type is NamedType {
  return type.kind === "enum" || type.kind === "flags" || type.kind === "record" || type.kind === "variant";
}

/** The records in a field. */
function recordsIn(type: FieldType): PlainRecord[] {
  switch (type.kind) {
    case "array":
    case "vec":
      return recordsIn(type.item);
    case "record":
      return [...type.fields.flatMap((field) => recordsIn(field.type)), type];
    case "tuple":
      return type.fields.flatMap((field) => recordsIn(field.type));
    default:
      return [];
  }
}

/** The enums and flags in a field. */
function numbersIn(type: FieldType): NamedType[] {
  switch (type.kind) {
    case "enum":
    case "flags":
      return [type.type];
    case "array":
    case "vec":
      return numbersIn(type.item);
    case "record":
    case "tuple":
      return type.fields.flatMap((field) => numbersIn(field.type));
    default:
      return [];
  }
}
