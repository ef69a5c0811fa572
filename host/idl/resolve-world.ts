/**
 * A world's imports and exports with every `include` carried out, still in the terms of WIT.
 * Called by `idl.ts`; what of it a domain may have is decided in `lower-world.ts`. Sources: [WIT] worlds, include.
 */
import type { ExternNode, Identifier, IncludeNode, Position, TypeDefinition, UseNames, WorldItem, WorldNode } from "./ast.ts";
import { checkGates } from "./gates.ts";
import type { Entry } from "./packages.ts";
import type { Names, Resolver } from "./resolve.ts";
import type { Extern, ResolvedWorld } from "./types.ts";

/** Of each world, includes carried out: each world may include others, so without a limit the work is the product of their sizes. */
const MAX_WORLD_ITEMS = 1000;

export class WorldResolver {
  readonly #resolver: Resolver;
  readonly #worlds = new Map<WorldNode, ResolvedWorld | "open">();

  constructor(resolver: Resolver) {
    this.#resolver = resolver;
  }

  world(entry: Entry<WorldNode>, at: Position): ResolvedWorld | undefined {
    const known = this.#worlds.get(entry.node);
    if (known === "open") {
      this.#problem(at, `the world \`${entry.node.name.text}\` includes itself`, "break the circle");
      return undefined;
    }
    return known ?? this.#resolve(entry);
  }

  #resolve({ node, scope }: Entry<WorldNode>): ResolvedWorld {
    this.#worlds.set(node, "open");
    checkGates(node.gates, scope.package.name, this.#resolver.problems);
    const world: ResolvedWorld = {
      name: node.name.text,
      package: scope.package,
      at: node.name.at,
      docs: node.docs,
      types: new Map(),
      imports: new Map(),
      exports: new Map(),
      uses: [],
    };
    const names: Names = { ownerId: world.name, package: scope.package, types: world.types, uses: world.uses, taken: new Map() };
    if (node.items.length > MAX_WORLD_ITEMS) {
      this.#problem(node.name.at, `a world has at most ${MAX_WORLD_ITEMS} items`, "split it");
      this.#worlds.set(node, world);
      return world;
    }
    const isType = (item: WorldItem): item is UseNames | TypeDefinition =>
      item.kind !== "import" && item.kind !== "export" && item.kind !== "include";
    this.#resolver.typesOf(node.items.filter(isType), scope, names);
    for (const item of node.items) {
      if (item.kind !== "import" && item.kind !== "export") continue;
      const extern = this.#extern(item, scope, names);
      if (extern) this.#add(item.kind === "import" ? world.imports : world.exports, extern, item.kind);
    }
    for (const item of node.items) if (item.kind === "include") this.#include(item, scope, world);
    this.#worlds.set(node, world);
    return world;
  }

  #extern(node: ExternNode, scope: Entry<WorldNode>["scope"], names: Names): Extern | undefined {
    checkGates(node.gates, names.package.name, this.#resolver.problems);
    const { target } = node;
    switch (target.kind) {
      case "path": {
        const entry = this.#resolver.packages.interface(target.path, scope);
        const resolved = entry && this.#resolver.interface(entry, target.path.at);
        if (!resolved) return undefined;
        const label = target.label?.text;
        return {
          name: label ?? resolved.id,
          at: node.at,
          docs: node.docs,
          gates: node.gates,
          target: { kind: "interface", interface: resolved, label },
        };
      }
      case "interface": {
        const { name } = target.interface;
        const resolved = this.#resolver.writtenInterface(target.interface, scope, name.text);
        return { name: name.text, at: name.at, docs: node.docs, gates: node.gates, target: { kind: "inline", interface: resolved } };
      }
      case "function": {
        // The world's docs and gates stand before `import`, where the function itself has none.
        const written = { ...target.function, docs: node.docs, gates: [] };
        const resolved = this.#resolver.function(written, "function", names);
        return {
          name: resolved.name,
          at: written.name.at,
          docs: node.docs,
          gates: node.gates,
          target: { kind: "function", function: resolved },
        };
      }
    }
  }

  #add(to: Map<string, Extern>, extern: Extern, kind: "import" | "export"): void {
    const key = extern.name.toLowerCase();
    if (to.has(key)) this.#problem(extern.at, `\`${extern.name}\` is ${kind}ed twice`, "remove one of the two");
    else to.set(key, extern);
  }

  #include(node: IncludeNode, scope: Entry<WorldNode>["scope"], into: ResolvedWorld): void {
    checkGates(node.gates, into.package.name, this.#resolver.problems);
    const entry = this.#resolver.packages.world(node.path, scope);
    const included = entry && this.world(entry, node.path.at);
    if (!included) return;
    const renames = new Map<string, Identifier>();
    for (const { name, as } of node.renames) {
      const plain = [...included.imports.values(), ...included.exports.values()].some((each) => each.name === name.text && isPlain(each));
      if (!plain)
        this.#problem(
          name.at,
          `the world \`${included.name}\` has no plain name \`${name.text}\` to rename`,
          "only functions, written interfaces and labels are renamed",
        );
      renames.set(name.text, as);
    }
    for (const kind of ["import", "export"] as const) {
      const to = kind === "import" ? into.imports : into.exports;
      for (const extern of (kind === "import" ? included.imports : included.exports).values()) {
        const renamed = isPlain(extern) ? renames.get(extern.name) : undefined;
        const name = renamed?.text ?? extern.name;
        if (!isPlain(extern) && to.has(name.toLowerCase())) continue;
        this.#add(to, { ...extern, name, at: renamed?.at ?? node.path.at }, kind);
      }
    }
    // A world that is included by two ways brings its uses once.
    const known = new Set(into.uses);
    for (const use of included.uses) if (!known.has(use)) into.uses.push(use);
    if (into.uses.length + into.imports.size + into.exports.size > MAX_WORLD_ITEMS) {
      this.#problem(node.path.at, `with this \`include\` the world has more than ${MAX_WORLD_ITEMS} items`, "leave out what is not needed");
      into.uses.length = 0;
    }
  }

  #problem(at: Position, problem: string, remedy: string): void {
    this.#resolver.problems.add(at, problem, remedy);
  }
}

/** Whether the name was given in a world, and is not the id of an interface. */
function isPlain(extern: Extern): boolean {
  return extern.target.kind !== "interface" || extern.target.label !== undefined;
}
