/**
 * Which packages the files define, and what a path such as `types` or `sumac:block/types@0.1.0` means in one of them.
 * First stage after parsing, called by `resolve.ts`; looks at names of interfaces and worlds only, not inside them.
 * Sources: [WIT] packages and use.
 */
import type { InterfaceNode, PackageItem, PackageName, Position, TopUse, UsePath, WitFile, WorldNode } from "./ast.ts";
import { printPackageName } from "./print.ts";
import { listOf, type Problems } from "./problems.ts";

/** A package's header in one file: where its paths are looked up. */
export interface Scope {
  readonly package: Package;
  /** Names that this file alone gives to interfaces with a top-level `use`. */
  readonly uses: Map<string, TopUse>;
}

export interface Entry<Node extends InterfaceNode | WorldNode> {
  readonly node: Node;
  readonly scope: Scope;
}

export interface Package {
  readonly id: string;
  readonly name: PackageName;
  readonly interfaces: Map<string, Entry<InterfaceNode>>;
  readonly worlds: Map<string, Entry<WorldNode>>;
  /** Packages that its paths name, for the check against circles. */
  readonly mentions: Map<string, Position>;
}

/** `sumac:block/bdev@0.1.0` from `sumac:block@0.1.0` and `bdev`. */
export function interfaceIdOf(owner: PackageName, name: string): string {
  const version = owner.version === undefined ? "" : `@${owner.version}`;
  return `${owner.namespace.text}:${owner.name.text}/${name}${version}`;
}

export class Packages {
  readonly all: Map<string, Package> = new Map<string, Package>();
  readonly #problems: Problems;
  readonly #scopes: Scope[] = [];

  constructor(files: readonly WitFile[], problems: Problems) {
    this.#problems = problems;
    for (const file of files) {
      if (file.package) {
        this.#addItems(this.#package(file.package), file.items);
      } else if (file.items.length > 0 || file.nested.length === 0) {
        const at = { file: file.fileName, line: 1, column: 1 };
        problems.add(at, "the file names no package", "begin it with a line such as `package acme:shop@0.1.0;`");
      }
    }
    for (const nested of files.flatMap((file) => file.nested)) {
      const id = printPackageName(nested.name);
      const earlier = this.all.get(id);
      if (earlier) {
        const { file, line } = earlier.name.at;
        problems.add(nested.name.at, `the package \`${id}\` is defined a second time (first in ${file}:${line})`, "merge the two");
      } else {
        this.#addItems(this.#package(nested.name), nested.items);
      }
    }
  }

  interface(path: UsePath, scope: Scope): Entry<InterfaceNode> | undefined {
    const found = this.#find(path, scope, "interface");
    if (found?.node.kind === "world") {
      this.#problems.add(path.at, `\`${path.name.text}\` is a world`, "name an interface here, or `include` the world");
    }
    return found?.node.kind === "interface" ? (found as Entry<InterfaceNode>) : undefined;
  }

  world(path: UsePath, scope: Scope): Entry<WorldNode> | undefined {
    const found = this.#find(path, scope, "world");
    if (found?.node.kind === "interface") {
      this.#problems.add(path.at, `\`${path.name.text}\` is an interface`, "`import` or `export` it; only worlds are included");
    }
    return found?.node.kind === "world" ? (found as Entry<WorldNode>) : undefined;
  }

  /** Adds a problem for each top-level `use` that names nothing, used or not. */
  checkUses(): void {
    for (const scope of this.#scopes) {
      for (const { path } of scope.uses.values()) this.#find(path, { package: scope.package, uses: new Map() }, "interface");
    }
  }

  /** Adds a problem for each package that needs itself through others. */
  checkCircles(): void {
    const finished = new Set<string>();
    const visit = (id: string, chain: readonly string[]): void => {
      if (finished.has(id)) return;
      for (const [next, at] of this.all.get(id)?.mentions ?? []) {
        if (next === id || chain.includes(next)) {
          this.#problems.add(
            at,
            `the packages ${[...chain, id, next].join(" → ")} need each other`,
            "move what both need into a third package; within a package use the short name",
          );
        } else {
          visit(next, [...chain, id]);
        }
      }
      finished.add(id);
    };
    for (const id of this.all.keys()) visit(id, []);
  }

  #package(name: PackageName): Package {
    const id = printPackageName(name);
    const known = this.all.get(id);
    if (known) return known;
    const created = { id, name, interfaces: new Map(), worlds: new Map(), mentions: new Map() };
    this.all.set(id, created);
    return created;
  }

  #addItems(owner: Package, items: readonly PackageItem[]): void {
    const scope: Scope = { package: owner, uses: new Map() };
    this.#scopes.push(scope);
    const here = new Map<string, Position>();
    for (const item of items) {
      const name = item.kind === "top-use" ? (item.as ?? item.path.name) : item.name;
      const earlier =
        here.get(name.text) ??
        (item.kind === "top-use" ? undefined : (owner.interfaces.get(name.text) ?? owner.worlds.get(name.text))?.node.name.at);
      if (earlier) {
        this.#problems.add(name.at, `\`${name.text}\` is already defined (${earlier.file}:${earlier.line})`, "rename one of the two");
        continue;
      }
      here.set(name.text, name.at);
      if (item.kind === "top-use") scope.uses.set(name.text, item);
      else if (item.kind === "interface") owner.interfaces.set(name.text, { node: item, scope });
      else owner.worlds.set(name.text, { node: item, scope });
    }
  }

  #find(path: UsePath, scope: Scope, what: string): Entry<InterfaceNode | WorldNode> | undefined {
    const name = path.name.text;
    if (!path.package) {
      const renamed = scope.uses.get(name);
      // A top-level use names its own package's interface only to rename it: look past the renaming.
      if (renamed) return this.#find(renamed.path, { package: scope.package, uses: new Map() }, what);
      const own = scope.package.interfaces.get(name) ?? scope.package.worlds.get(name);
      if (!own) {
        const near = listOf([...scope.package.interfaces.keys(), ...scope.package.worlds.keys()]);
        this.#problems.add(
          path.at,
          `the package \`${scope.package.id}\` has no ${what} \`${name}\``,
          near === "" ? "define it, or write `namespace:package/name@version`" : `it has: ${near}`,
        );
      }
      return own;
    }
    const id = printPackageName(path.package);
    scope.package.mentions.set(id, path.at);
    const owner = this.all.get(id);
    if (!owner) {
      const family = `${path.package.namespace.text}:${path.package.name.text}`;
      const versions = [...this.all.keys()].filter((other) => other === family || other.startsWith(`${family}@`));
      const remedy = versions.length > 0 ? `known is ${listOf(versions)}` : "add its .wit file or correct the name";
      this.#problems.add(path.at, `the package \`${id}\` is not known`, remedy);
      return undefined;
    }
    const found = owner.interfaces.get(name) ?? owner.worlds.get(name);
    if (!found) {
      const near = listOf([...owner.interfaces.keys(), ...owner.worlds.keys()]);
      this.#problems.add(path.at, `the package \`${id}\` has no ${what} \`${name}\``, near === "" ? "it is empty" : `it has: ${near}`);
    }
    return found;
  }
}
