/**
 * Gives every name in an interface its meaning and checks the rules of WIT; what Sumac adds is in `lower.ts`.
 * Called by `idl.ts` and `resolve-world.ts`. Reports into `Problems` and goes on, with `broken` in place of what failed.
 * Text may be hostile: recursion here is bounded by the limits below. Sources: [WIT].
 */
import type {
  FunctionNode,
  Identifier,
  InterfaceNode,
  Param,
  Position,
  ResourceMember,
  TypeDefinition,
  TypeNode,
  UseNames,
} from "./ast.ts";
import { checkGates } from "./gates.ts";
import { type Entry, interfaceIdOf, type Package, type Packages, type Scope } from "./packages.ts";
import { listOf, type Problems } from "./problems.ts";
import {
  type Body,
  type Definition,
  innerTypes,
  type ResolvedFunction,
  type ResolvedInterface,
  type ResolvedParam,
  resourceOf,
  throughAliases,
  type WitType,
} from "./types.ts";

const MAX_NAMES_PER_INTERFACE = 1000;
/** Types that an alias may stand for when the aliases in it are written out: each step could double them. */
const MAX_ALIAS_PARTS = 256;
const mapKeys: ReadonlySet<string> = new Set("bool char u8 u16 u32 u64 s8 s16 s32 s64 string".split(" "));

/** What names mean inside one interface or world. */
export interface Names {
  readonly ownerId: string;
  readonly package: Package;
  readonly types: Map<string, Definition>;
  readonly uses: ResolvedInterface["uses"];
  /** Lower-case name to where it was defined: names that differ only in case are one name. */
  readonly taken: Map<string, Position>;
}

export class Resolver {
  readonly packages: Packages;
  readonly problems: Problems;
  readonly #interfaces = new Map<InterfaceNode, ResolvedInterface | "open">();
  /** Finished definitions: whether a value of the type can hold a borrow. */
  readonly #holdsBorrow = new Map<Definition, boolean>();
  readonly #aliasParts = new Map<Definition, number>();

  constructor(packages: Packages, problems: Problems) {
    this.packages = packages;
    this.problems = problems;
  }

  interface(entry: Entry<InterfaceNode>, at: Position): ResolvedInterface | undefined {
    const known = this.#interfaces.get(entry.node);
    const id = interfaceIdOf(entry.scope.package.name, entry.node.name.text);
    if (known === "open") {
      this.problems.add(
        at,
        `the interface \`${id}\` uses itself, directly or through others`,
        "move the shared types into an interface of their own",
      );
      return undefined;
    }
    return known ?? this.writtenInterface(entry.node, entry.scope, id);
  }

  /** Resolves the body of an interface, be it of a package or written inside a world. */
  writtenInterface(node: InterfaceNode, scope: Scope, id: string): ResolvedInterface {
    this.#interfaces.set(node, "open");
    checkGates(node.gates, scope.package.name, this.problems);
    const resolved: ResolvedInterface = {
      id,
      name: node.name.text,
      package: scope.package,
      node,
      types: new Map(),
      functions: [],
      uses: [],
    };
    const names: Names = { ownerId: id, package: scope.package, types: resolved.types, uses: resolved.uses, taken: new Map() };
    if (node.items.length > MAX_NAMES_PER_INTERFACE) {
      this.problems.add(node.name.at, `an interface has at most ${MAX_NAMES_PER_INTERFACE} items`, "split it");
    } else {
      this.typesOf(
        node.items.filter((item) => item.kind !== "function"),
        scope,
        names,
      );
      for (const item of node.items) {
        if (item.kind !== "function") continue;
        this.claim(names, item.name);
        resolved.functions.push(this.function(item, "function", names));
      }
    }
    this.#interfaces.set(node, resolved);
    return resolved;
  }

  /** Takes in the `use`d and own types of an interface or world. */
  typesOf(items: readonly (UseNames | TypeDefinition)[], scope: Scope, names: Names): void {
    const own: Definition[] = [];
    for (const item of items) {
      if (item.kind === "use") {
        this.#use(item, scope, names);
      } else if (this.claim(names, item.name)) {
        const definition: Definition = { name: item.name.text, ownerId: names.ownerId, node: item, body: { kind: "pending" } };
        names.types.set(definition.name, definition);
        own.push(definition);
      }
    }
    for (const definition of own) definition.body = this.#body(definition, names);
    for (const definition of own) this.#checkFinite(definition, []);
    for (const definition of own) if (definition.body.kind === "alias") this.#partsOf(definition, definition.body.type);
    for (const definition of own) this.#checkHandles(definition);
  }

  function(node: FunctionNode | ResourceMember, kind: ResolvedFunction["kind"], names: Names): ResolvedFunction {
    checkGates(node.gates, names.package.name, this.problems);
    const params = this.#fields(node.params, names, "parameter", kind === "method" ? ["self"] : []);
    const result = node.result && this.type(node.result, names);
    for (const param of params) this.#checkType(param.type);
    if (result) {
      this.#checkType(result);
      if (this.#canHoldBorrow(result)) {
        this.problems.add(
          result.at,
          "a result holds a `borrow`, which would outlive the call",
          "return the object itself (own), or nothing",
        );
      }
    }
    return { name: node.name.text, kind, node, params, result };
  }

  /** Reserves a name; false and a problem when it is taken. */
  claim(names: Names, name: Identifier): boolean {
    const earlier = names.taken.get(name.text.toLowerCase());
    if (earlier) {
      this.problems.add(
        name.at,
        `\`${name.text}\` is already defined (line ${earlier.line})`,
        "rename one of the two; case does not tell names apart",
      );
      return false;
    }
    names.taken.set(name.text.toLowerCase(), name.at);
    return true;
  }

  type(node: TypeNode, names: Names): WitType {
    const { at } = node;
    const inner = (each: TypeNode): WitType => this.type(each, names);
    switch (node.kind) {
      case "primitive":
        return node;
      case "name":
      case "own":
      case "borrow": {
        const definition = names.types.get(node.name.text);
        if (!definition) {
          this.problems.add(node.name.at, `the type \`${node.name.text}\` is not defined`, "define it, or bring it in with `use`");
          return { kind: "broken", at };
        }
        return node.kind === "name" ? { kind: "named", definition, at } : { kind: node.kind, resource: definition, at };
      }
      case "list":
        return { kind: "list", item: inner(node.item), length: node.length, at };
      case "map": {
        if (node.key.kind !== "primitive" || !mapKeys.has(node.key.name)) {
          this.problems.add(node.key.at, "this type cannot be the key of a map", "use an integer, `bool`, `char` or `string`");
        }
        return { kind: "map", key: inner(node.key), value: inner(node.value), at };
      }
      case "option":
        return { kind: "option", item: inner(node.item), at };
      case "tuple":
        if (node.items.length === 0) this.problems.add(at, "a tuple has at least one item", "leave the type out");
        return { kind: "tuple", items: node.items.map(inner), at };
      case "result":
        return { kind: "result", ok: node.ok && inner(node.ok), error: node.error && inner(node.error), at };
      case "future":
      case "stream":
        return { kind: node.kind, item: node.item && inner(node.item), at };
    }
  }

  #use(item: UseNames, scope: Scope, names: Names): void {
    checkGates(item.gates, names.package.name, this.problems);
    const entry = this.packages.interface(item.path, scope);
    const target = entry && this.interface(entry, item.path.at);
    if (!target) {
      // Claimed all the same: otherwise each mention would be a problem of its own.
      for (const { name, as } of item.names) this.#placeholder(as ?? name, names);
      return;
    }
    const taken: [string, string][] = [];
    for (const { name, as } of item.names) {
      const definition = target.types.get(name.text);
      if (!definition) {
        const isFunction = target.functions.some((each) => each.name === name.text);
        const near = listOf(target.types.keys());
        const remedy = isFunction
          ? "only types can be used; `import` the interface to call it"
          : near === ""
            ? "it defines no type"
            : `it has: ${near}`;
        this.problems.add(name.at, `\`${target.id}\` has no type \`${name.text}\``, remedy);
        this.#placeholder(as ?? name, names);
      } else if (this.claim(names, as ?? name)) {
        names.types.set((as ?? name).text, definition);
        taken.push([name.text, (as ?? name).text]);
      }
    }
    names.uses.push({ target, names: taken });
  }

  #placeholder(name: Identifier, names: Names): void {
    if (!this.claim(names, name)) return;
    const body: Body = { kind: "alias", type: { kind: "broken", at: name.at } };
    const node: TypeDefinition = { kind: "flags", name, flags: [], docs: [], gates: [] };
    names.types.set(name.text, { name: name.text, ownerId: names.ownerId, node, body });
  }

  #body(definition: Definition, names: Names): Body {
    const { node } = definition;
    checkGates(node.gates, names.package.name, this.problems);
    switch (node.kind) {
      case "record":
        this.#notEmpty(node.fields, node, "field");
        return { kind: "record", fields: this.#fields(node.fields, names, "field") };
      case "variant": {
        this.#notEmpty(node.cases, node, "case");
        this.#distinct(node.cases, "case");
        const cases = node.cases.map(({ name, type }) => ({ name: name.text, type: type && this.type(type, names) }));
        return { kind: "variant", cases };
      }
      case "enum":
        this.#notEmpty(node.cases, node, "case");
        this.#distinct(node.cases, "case");
        return { kind: "enum", cases: node.cases.map(({ name }) => name.text) };
      case "flags":
        this.#notEmpty(node.flags, node, "flag");
        this.#distinct(node.flags, "flag");
        return { kind: "flags", flags: node.flags.map(({ name }) => name.text) };
      case "alias":
        return { kind: "alias", type: this.type(node.type, names) };
      case "resource":
        return { kind: "resource", members: this.#members(node.members, definition, names) };
    }
  }

  #members(members: readonly ResourceMember[], owner: Definition, names: Names): ResolvedFunction[] {
    this.#distinct(members, "method");
    return members.map((member) => {
      // The members' types are checked with the definition, when every body is known.
      const params = this.#fields(member.params, names, "parameter", member.kind === "method" ? ["self"] : []);
      const result = member.result && this.type(member.result, names);
      checkGates(member.gates, names.package.name, this.problems);
      const built = result?.kind === "result" ? result.ok : undefined;
      const fits = built?.kind === "named" && built.definition === owner;
      if (member.kind === "constructor" && result && result.kind !== "broken" && !fits) {
        this.problems.add(
          result.at,
          "a constructor returns nothing written, or a `result` of its resource",
          `write \`-> result<${owner.name}, …>\` or leave it out`,
        );
      }
      return { name: member.name.text, kind: member.kind, node: member, params, result };
    });
  }

  #fields(fields: readonly Param[], names: Names, what: string, taken: readonly string[] = []): ResolvedParam[] {
    this.#distinct(fields, what, taken);
    return fields.map(({ name, type }) => ({ name: name.text, type: this.type(type, names), at: name.at }));
  }

  #notEmpty(items: readonly unknown[], node: TypeDefinition, what: string): void {
    if (items.length > 0) return;
    this.problems.add(node.name.at, `the ${node.kind} \`${node.name.text}\` has no ${what}`, `give it one, or remove it`);
  }

  #distinct(items: readonly { readonly name: Identifier }[], what: string, taken: readonly string[] = []): void {
    const seen = new Set(taken);
    for (const { name } of items) {
      if (seen.has(name.text.toLowerCase()))
        this.problems.add(name.at, `there is a ${what} \`${name.text}\` already`, "rename one of the two");
      seen.add(name.text.toLowerCase());
    }
  }

  /** Reports a definition that contains itself and makes it harmless; learns on the way which types hold borrows. */
  #checkFinite(definition: Definition, chain: readonly Definition[]): boolean {
    const known = this.#holdsBorrow.get(definition);
    if (known !== undefined) return known;
    if (chain.includes(definition)) {
      const path = [...chain.slice(chain.indexOf(definition)), definition].map((each) => each.name).join(" → ");
      this.problems.add(definition.node.name.at, `the type contains itself (${path})`, "break the circle");
      definition.body = { kind: "alias", type: { kind: "broken", at: definition.node.name.at } };
      return false;
    }
    const longer = [...chain, definition];
    const visit = (type: WitType): boolean => {
      if (type.kind === "named") return this.#checkFinite(type.definition, longer);
      return innerTypes(type).map(visit).includes(true) || type.kind === "borrow";
    };
    const holds = innerTypes({ kind: "named", definition, at: definition.node.name.at }).map(visit).includes(true);
    this.#holdsBorrow.set(definition, holds);
    return holds;
  }

  /** How many types an alias stands for; one that stands for too many is reported and made harmless. Only for finite types. */
  #partsOf(alias: Definition, type: WitType): number {
    const known = this.#aliasParts.get(alias);
    if (known !== undefined) return known;
    const count = (each: WitType): number => {
      if (each.kind !== "named") return innerTypes(each).reduce((sum, inner) => sum + count(inner), 1);
      const { body } = each.definition;
      return body.kind === "alias" ? this.#partsOf(each.definition, body.type) : 1;
    };
    let parts = count(type);
    if (parts > MAX_ALIAS_PARTS) {
      this.problems.add(
        alias.node.name.at,
        `\`${alias.name}\` stands for ${parts} types, at most ${MAX_ALIAS_PARTS} are read`,
        "make a record of some of them",
      );
      alias.body = { kind: "alias", type: { kind: "broken", at: type.at } };
      parts = 1;
    }
    this.#aliasParts.set(alias, parts);
    return parts;
  }

  #canHoldBorrow(type: WitType): boolean {
    if (type.kind === "borrow") return true;
    if (type.kind === "named") return this.#holdsBorrow.get(type.definition) ?? false;
    return innerTypes(type).some((inner) => this.#canHoldBorrow(inner));
  }

  /** The handles inside a definition, and inside the members of a resource, name resources. */
  #checkHandles(definition: Definition): void {
    const { body } = definition;
    if (body.kind !== "resource") {
      for (const inner of innerTypes({ kind: "named", definition, at: definition.node.name.at })) this.#checkType(inner);
      return;
    }
    for (const { params, result } of body.members) {
      for (const param of params) this.#checkType(param.type);
      if (!result) continue;
      this.#checkType(result);
      if (this.#canHoldBorrow(result)) {
        this.problems.add(
          result.at,
          "a result holds a `borrow`, which would outlive the call",
          "return the object itself (own), or nothing",
        );
      }
    }
  }

  #checkType(type: WitType): void {
    if (type.kind === "own" || type.kind === "borrow") {
      const target = throughAliases({ kind: "named", definition: type.resource, at: type.at });
      if (!resourceOf(type) && target.kind !== "broken") {
        this.problems.add(
          type.at,
          `\`${type.resource.name}\` is not a resource`,
          `only resources are owned or borrowed; write \`${type.resource.name}\``,
        );
      }
    } else if (type.kind !== "named") {
      for (const inner of innerTypes(type)) this.#checkType(inner);
    }
  }
}
