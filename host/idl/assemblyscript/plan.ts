/**
 * What goes into which generated file, and how a type is called there. Called by `generate.ts`; the emitters ask it for
 * names and it notes what they mention, which becomes the file's import lines.
 */
import type { EnumType, FlagsType, HostType, Interface, MethodDescription, NamedType, RecordType, SharedType, World } from "../model.ts";
import { identifier, interfaceName, shortNames, typeName } from "./names.ts";

/** Everything of one interface that the world's domain can mention. */
export interface Part {
  readonly id: string;
  /** `bdev`: the file is `gen/bdev.ts`. */
  readonly short: string;
  /** The namespace of its client, and of its implementation in the domain's `index.ts`. */
  readonly namespace: string;
  readonly shared: Map<string, SharedType>;
  readonly named: Map<string, NamedType>;
  imported: Interface | undefined;
}

type Nameable = { readonly name: string; readonly interfaceId: string };

export class Plan {
  readonly parts: Map<string, Part> = new Map<string, Part>();
  readonly #tuples = new Map<MethodDescription, RecordType>();

  constructor(world: World) {
    const shared = new Map<string, SharedType>();
    const named = new Map<string, NamedType>();
    const addShared = (type: SharedType): void => {
      shared.set(`${type.interfaceId}#${type.name}`, type);
      for (const field of type.fields) {
        if (field.type.kind === "enum" || field.type.kind === "flags") addNamed(field.type.type);
      }
    };
    const addNamed = (type: NamedType): void => {
      named.set(`${type.interfaceId}#${type.name}`, type);
      if (type.kind === "record") for (const field of type.fields) add(field.type);
    };
    const add = (type: HostType): void => {
      if (type.kind === "own" || type.kind === "borrow") addShared(type.shared);
      else if (type.kind === "enum" || type.kind === "flags" || type.kind === "record") addNamed(type);
      else if (type.kind === "tuple") type.items.forEach(add);
      else if (type.kind === "result") {
        if (type.error) add(type.error);
        if (type.ok) add(type.ok);
      }
    };
    const interfaces = [...world.imports, ...world.exports];
    for (const type of world.sharedTypes) addShared(type);
    for (const each of interfaces) {
      each.sharedTypes.forEach(addShared);
      each.namedTypes.forEach(addNamed);
    }
    for (const method of [...world.functions, ...interfaces.flatMap(({ functions }) => functions)]) {
      for (const param of method.sourceParams) add(param.type);
      if (method.sourceResult) add(method.sourceResult);
    }
    const ids = new Set(interfaces.map(({ id }) => id));
    for (const type of [...shared.values(), ...named.values()]) ids.add(type.interfaceId);
    for (const [id, short] of shortNames(ids)) {
      this.parts.set(id, { id, short, namespace: identifier(short), shared: new Map(), named: new Map(), imported: undefined });
    }
    for (const type of shared.values()) this.parts.get(type.interfaceId)?.shared.set(type.name, type);
    for (const type of named.values()) this.parts.get(type.interfaceId)?.named.set(type.name, type);
    for (const each of interfaces) {
      const part = this.parts.get(each.id);
      if (part && world.imports.includes(each)) part.imported = each;
      for (const method of part ? each.functions : []) this.#nameTuple(method, part?.named ?? new Map(), each.id);
    }
  }

  /** What a method returns when all is well; a tuple as the record that is generated for it. */
  payload(method: MethodDescription): HostType | undefined {
    const type = method.sourceResult?.kind === "result" ? method.sourceResult.ok : method.sourceResult;
    return type?.kind === "tuple" ? this.#tuples.get(method) : type;
  }

  /** AssemblyScript has no tuples: `divide` returns a record `divide-tuple { item0, item1 }`. */
  #nameTuple(method: MethodDescription, named: Map<string, NamedType>, interfaceId: string): void {
    const type = method.sourceResult?.kind === "result" ? method.sourceResult.ok : method.sourceResult;
    if (type?.kind !== "tuple") return;
    const fields = type.items.map((item, index) => ({ name: `item${index}`, type: item }));
    let name = `${method.name}-tuple`;
    // An interface that is imported and exported has each method twice, with one record for both.
    while (named.has(name) && JSON.stringify(named.get(name)) !== JSON.stringify({ kind: "record", name, interfaceId, fields }))
      name += "-x";
    const record: RecordType = { kind: "record", name, interfaceId, fields };
    named.set(name, record);
    this.#tuples.set(method, record);
  }
}

/** The names that one generated file uses, as it is written. */
export class FileNames {
  readonly #plan: Plan;
  readonly #home: string | undefined;
  readonly #imports = new Map<string, Map<string, string>>();
  readonly #libraries = new Set<string>();

  /** @param home the interface that the file is of; undefined for `world.ts` */
  constructor(plan: Plan, home: string | undefined) {
    this.#plan = plan;
    this.#home = home;
  }

  /** The name of a type, which becomes an import if another file defines it. */
  type(type: Nameable): string {
    const own = typeName(type.name, interfaceName(type.interfaceId));
    const part = this.#plan.parts.get(type.interfaceId);
    if (!part || type.interfaceId === this.#home) return own;
    const names = this.#imports.get(part.short) ?? new Map<string, string>();
    this.#imports.set(part.short, names);
    // Two files may define a name that this one needs of both: the underscore keeps the second apart from all others.
    const local = names.get(own) ?? (this.#isElsewhere(own) ? `${own}_${identifier(part.short)}` : own);
    names.set(own, local);
    return local;
  }

  guard(name: string): string {
    this.#libraries.add("guard");
    return `guard.${name}`;
  }

  glue(name: string): string {
    this.#libraries.add("glue");
    return `glue.${name}`;
  }

  outcome(): string {
    this.#libraries.add("outcome");
    return "Outcome";
  }

  /** The import lines for everything asked for so far. */
  imports(): string {
    const lines: string[] = [];
    for (const name of ["glue", "guard"]) {
      if (this.#libraries.has(name)) lines.push(`import * as ${name} from "sumac/${name}";\n`);
    }
    if (this.#libraries.has("outcome")) lines.push('import { Outcome } from "sumac/outcome";\n');
    for (const short of [...this.#imports.keys()].sort()) {
      const names = [...(this.#imports.get(short) ?? [])].map(([own, local]) => (own === local ? own : `${own} as ${local}`));
      lines.push(`import { ${names.sort().join(", ")} } from "./${short}";\n`);
    }
    return lines.join("");
  }

  #isElsewhere(name: string): boolean {
    const home = this.#home === undefined ? undefined : this.#plan.parts.get(this.#home);
    const own = [...(home?.shared.values() ?? []), ...(home?.named.values() ?? [])];
    if (own.some((type) => typeName(type.name, interfaceName(type.interfaceId)) === name)) return true;
    return [...this.#imports.values()].some((names) => [...names.values()].includes(name));
  }
}

/** AssemblyScript's name for a type; a number type for everything that is not an object or a record. */
export function sourceType(type: HostType, names: FileNames): string {
  switch (type.kind) {
    case "scalar":
      return type.scalar === "char" ? "u32" : signed(type.scalar);
    case "own":
    case "borrow":
      return names.type(type.shared);
    case "enum":
    case "flags":
    case "record":
      return names.type(type satisfies EnumType | FlagsType | RecordType);
    case "result":
      throw new Error("a result is its payload and an outcome: ask `resultType`");
    case "tuple":
      throw new Error("a tuple is planned as a record: ask `payload`");
    default:
      throw new Error(`no AssemblyScript for a ${type.kind}`);
  }
}

/** What a method returns in AssemblyScript. */
export function resultType(method: MethodDescription, plan: Plan, names: FileNames): string {
  const payload = plan.payload(method);
  const type = payload ? sourceType(payload, names) : "void";
  return method.sourceResult?.kind === "result" ? `${names.outcome()}<${type}>` : type;
}

/** WIT's s32 is AssemblyScript's i32. */
export function signed(scalar: string): string {
  return scalar.startsWith("s") ? `i${scalar.slice(1)}` : scalar;
}
