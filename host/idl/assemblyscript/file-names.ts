/**
 * The names that one generated file uses, and AssemblyScript's names of types. Made by `generate.ts` per file; the emitters ask it,
 * and it notes what they mention, which becomes the file's import lines.
 */
import type { HostType, NamedType, PlainRecord, ResourceType, SharedType } from "../model.ts";
import { camel, identifier, interfaceName, typeName } from "./names.ts";
import type { Plan, Side } from "./plan.ts";

type Nameable = { readonly name: string; readonly interfaceId: string };

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
