/**
 * WIT's names in the host's TypeScript: what each type is called, and in which generated file it is.
 * Called by the emitters here. The same packages give the same names.
 */
import { identifier, interfaceName, pascal, typeName } from "../assemblyscript/names.ts";
import type { PackageDescription } from "../describe.ts";
import type { NamedType } from "../model.ts";

/** Types of the host that generated files import, in the order of their names. */
const HOST_TYPES = ["Called", "HostCall", "HostOption", "HostResult"] as const;

export type HostTypeName = (typeof HOST_TYPES)[number];

/** Imported by the generated files or their own, so that no type may hide them. */
const IMPORTED: ReadonlySet<string> = new Set([...HOST_TYPES, "ImplementationTypes", "InterfaceTypes"]);

/** Key of an interface: its id; of a type: `id#name`. */
export type TypeNames = ReadonlyMap<string, string>;

export function typeKey(type: { readonly interfaceId: string; readonly name: string }): string {
  return `${type.interfaceId}#${type.name}`;
}

/** `Bdev` for an interface, `Geometry` for a type, `BdevError` where that alone would be another's name. */
export function namesIn(owner: PackageDescription): TypeNames {
  const types = owner.interfaces.flatMap(({ types: all, name }) =>
    all.flatMap((each) => (each.kind === "alias" ? [] : [{ key: typeKey(each.type), short: typeName(each.type.name, name), owner: name }])),
  );
  const interfaces = owner.interfaces.filter(({ model }) => model.functions.length > 0);
  const shorts = [...types.map(({ short }) => short), ...interfaces.map(({ name }) => pascal(name))];
  const names = new Map<string, string>();
  const taken = new Set<string>(IMPORTED);
  const give = (key: string, wanted: string): void => {
    let name = wanted;
    while (taken.has(name) || taken.has(`${name}Implementation`)) name += "_";
    taken.add(name);
    // What an application implements stands beside what it calls.
    taken.add(`${name}Implementation`);
    names.set(key, name);
  };
  for (const { model, name } of interfaces) give(model.id, pascal(name));
  for (const { key, short, owner: name } of types) {
    const shared = shorts.filter((other) => other === short).length > 1;
    give(key, shared && !short.startsWith(pascal(name)) ? pascal(name) + short : short);
  }
  return names;
}

/** What one file mentions of others; collected while it is written, printed at its head. */
export class FileScope {
  readonly #owner: PackageDescription;
  readonly #packages: ReadonlyMap<string, { readonly description: PackageDescription; readonly names: TypeNames }>;
  readonly #imports = new Map<string, string>();
  readonly #foreign = new Map<string, NamedType>();
  readonly #used = new Set<HostTypeName>();

  /** @param all every package that gets a file, by id */
  constructor(owner: PackageDescription, all: readonly PackageDescription[]) {
    this.#owner = owner;
    this.#packages = new Map(all.map((description) => [description.id, { description, names: namesIn(description) }]));
  }

  interface(id: string): string {
    return this.#packages.get(this.#owner.id)?.names.get(id) ?? pascal(interfaceName(id));
  }

  type(type: { readonly interfaceId: string; readonly name: string; readonly kind?: string }): string {
    const key = typeKey(type);
    const packageId = type.interfaceId.replace(/\/[^@]*/, "");
    const found = this.#packages.get(packageId);
    const name = found?.names.get(key);
    if (found && name !== undefined) {
      if (packageId === this.#owner.id) return name;
      const space = moduleName(found.description);
      this.#imports.set(space, `import type * as ${space} from "./${found.description.fileStem}.ts";\n`);
      return `${space}.${name}`;
    }
    // An instance of what has no file here can be held and handed on; its methods are not known.
    if (type.kind === "resource") return "Disposable";
    // No file of its own here: TypeScript compares structures, so a copy is the same type.
    this.#foreign.set(key, type as NamedType);
    const own = packageId.replace(/@.*$/, "").replace(":", "-");
    return `${pascal(own)}_${pascal(interfaceName(type.interfaceId))}_${pascal(type.name)}`;
  }

  /** Notes that the file mentions a type of the host. */
  uses(name: HostTypeName): void {
    this.#used.add(name);
  }

  used(): HostTypeName[] {
    return HOST_TYPES.filter((name) => this.#used.has(name));
  }

  imports(): string {
    return [...this.#imports.keys()]
      .sort()
      .map((space) => this.#imports.get(space))
      .join("");
  }

  foreign(): readonly NamedType[] {
    return [...this.#foreign.values()];
  }
}

/** The namespace under which another file's types are imported. */
export function moduleName({ fileStem }: PackageDescription): string {
  return identifier(fileStem.replace(/[^0-9A-Za-z]+/g, "-"));
}
