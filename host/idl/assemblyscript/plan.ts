/**
 * What goes into which generated file, and how a type is called there. Called by `generate.ts`; the emitters ask it for
 * names and it notes what they mention, which becomes the file's import lines.
 */

import type { FieldType, HostType, Interface, NamedType, PlainRecord, ResourceType, SharedType, World } from "../model.ts";
import { partsOf } from "../value-types.ts";
import { needsCollector } from "./collector.ts";
import { camel, identifier, interfaceName, shortNames, typeName } from "./names.ts";

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

/** The names that one generated file uses, as it is written. */
export class FileNames {
  readonly plan: Plan;
  readonly side: Side;
  readonly #home: string | undefined;
  /** File (`./kv`, `../index`) to exported name to local name. */
  readonly #imports = new Map<string, Map<string, string>>();
  readonly #libraries = new Map<string, Set<string>>();
  #usesDomain = false;

  /**
   * @param home the interface that the file is of; undefined for those of the whole world
   * @param side whose functions' types it is about
   */
  constructor(plan: Plan, home: string | undefined, side: Side = "import") {
    this.plan = plan;
    this.#home = home;
    this.side = side;
  }

  /** The name of a type, which becomes an import if another file defines it. */
  type(type: Nameable | NamedType | SharedType | ResourceType): string {
    const own = typeName(type.name, interfaceName(type.interfaceId));
    const part = this.plan.parts.get(type.interfaceId);
    if (!part) return own;
    const isOwn = this.side === "export" && "kind" in type && this.plan.mentionsOwn(type);
    // Files of exported functions' types are at home in what differs only.
    if (type.interfaceId === this.#home && isOwn === (this.side === "export")) return own;
    return this.#import(`./${part.short}${isOwn ? "_own" : ""}`, own, part.short);
  }

  /** The class of a capability's instances: the domain's own, or handles. */
  resource(type: ResourceType): string {
    if (!this.plan.isOwn(type, this.side)) return this.type(type);
    this.#usesDomain = true;
    return `domain.${this.plan.parts.get(type.interfaceId)?.namespace}.${typeName(type.name, interfaceName(type.interfaceId))}`;
  }

  /** The table of the domain's own instances of a capability. */
  instances(type: ResourceType): string {
    const name = instancesName(type);
    const part = this.plan.parts.get(type.interfaceId);
    if (!part || type.interfaceId === this.#home) return name;
    return this.#import(`./${part.short}_own`, name, part.short);
  }

  tuple(arity: number): string {
    return this.#import("./tuples", `Tuple${arity}`, "tuples");
  }

  /** The class of a record inside shared objects; the underscore keeps it apart from all others. */
  view(type: PlainRecord): string {
    const own = `${typeName(type.name, interfaceName(type.interfaceId))}_View`;
    const part = this.plan.parts.get(type.interfaceId);
    return !part || type.interfaceId === this.#home ? own : this.#import(`./${part.short}`, own, part.short);
  }

  owned(name: string): string {
    return this.#namespace("owned", name);
  }

  deque(name: string): string {
    return this.#namespace("deque", name);
  }

  guard(name: string): string {
    return this.#namespace("guard", name);
  }

  glue(name: string): string {
    return this.#namespace("glue", name);
  }

  message(name: string): string {
    return this.#namespace("message", name);
  }

  /** What `domain` stands for in exported glue. */
  domain(): string {
    this.#usesDomain = true;
    return "domain";
  }

  /** A class of the domain library: `Outcome` of "sumac/outcome". */
  library(name: "Outcome" | "Option" | "Result" | "Reader" | "Writer" | "Slot" | "Instances"): string {
    this.#libraries.set(name.toLowerCase(), new Set([name]));
    return name;
  }

  /** The import lines for everything asked for so far. */
  imports(): string {
    const lines: string[] = [];
    if (this.#usesDomain) lines.push('import * as domain from "../index";\n');
    const named: string[] = [];
    for (const [file, names] of [...this.#libraries].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const [first = ""] = names;
      if (first === "*") lines.push(`import * as ${file} from "sumac/${file}";\n`);
      else named.push(`import { ${first} } from "sumac/${file}";\n`);
    }
    lines.push(...named);
    for (const file of [...this.#imports.keys()].sort()) {
      const names = [...(this.#imports.get(file) ?? [])].map(([own, local]) => (own === local ? own : `${own} as ${local}`));
      lines.push(`import { ${names.sort().join(", ")} } from "${file}";\n`);
    }
    return lines.join("");
  }

  #namespace(library: string, name: string): string {
    this.#libraries.set(library, new Set(["*"]));
    return `${library}.${name}`;
  }

  #import(file: string, own: string, short: string): string {
    const names = this.#imports.get(file) ?? new Map<string, string>();
    this.#imports.set(file, names);
    // Two files may define a name that this one needs of both: the underscore keeps the second apart from all others.
    const local = names.get(own) ?? (this.#isElsewhere(own) ? `${own}_${identifier(short)}` : own);
    names.set(own, local);
    return local;
  }

  #isElsewhere(name: string): boolean {
    const home = this.#home === undefined ? undefined : this.plan.parts.get(this.#home);
    const own = home
      ? [...home.shared.values(), ...(this.side === "export" ? home.ownNamed : home.named).values(), ...home.resources.values()]
      : [];
    if (own.some((type) => typeName(type.name, interfaceName(type.interfaceId)) === name)) return true;
    if (home && [...home.views.values()].some((type) => this.view(type) === name)) return true;
    return [...this.#imports.values()].some((names) => [...names.values()].includes(name));
  }
}

export function instancesName(type: ResourceType): string {
  return `instances__${camel(type.name)}`;
}

/** A list of these is a typed array. */
const arrays = {
  u8: "Uint8Array",
  s8: "Int8Array",
  u16: "Uint16Array",
  s16: "Int16Array",
  u32: "Uint32Array",
  s32: "Int32Array",
  u64: "Uint64Array",
  s64: "Int64Array",
  f32: "Float32Array",
  f64: "Float64Array",
} as const;

/** The typed array that holds a list's items; undefined where it is an array of objects, booleans or characters. */
export function typedArray(item: HostType): string | undefined {
  return item.kind === "scalar" && item.scalar !== "bool" && item.scalar !== "char" ? arrays[item.scalar] : undefined;
}

/** AssemblyScript's name for a type. */
export function sourceType(type: HostType, names: FileNames): string {
  switch (type.kind) {
    case "scalar":
      return type.scalar === "char" ? "u32" : signed(type.scalar);
    case "string":
      return "string";
    case "own":
    case "borrow":
      return names.type(type.shared);
    case "handle":
      return names.resource(type.resource);
    case "enum":
    case "flags":
    case "record":
    case "variant":
      return names.type(type);
    case "tuple":
      return `${names.tuple(type.items.length)}<${type.items.map((item) => sourceType(item, names)).join(", ")}>`;
    case "option":
      return `${names.library("Option")}<${sourceType(type.item, names)}>`;
    case "list":
      return typedArray(type.item) ?? `Array<${sourceType(type.item, names)}>`;
    case "result":
      return `${names.library("Result")}<${resultTypes(type, names)}>`;
  }
}

/** The type arguments of a result that is no outcome. */
export function resultTypes(type: HostType & { kind: "result" }, names: FileNames): string {
  return [type.ok, type.error].map((side) => (side ? sourceType(side, names) : "void")).join(", ");
}

/** WIT's s32 is AssemblyScript's i32. */
export function signed(scalar: string): string {
  return scalar.startsWith("s") ? `i${scalar.slice(1)}` : scalar;
}
