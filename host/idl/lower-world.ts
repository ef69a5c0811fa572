/**
 * A resolved world to the model that loader, kernel and generators see: which capabilities it needs, what it serves,
 * which shared types are within its reach. Called by `idl.ts`. Refuses what Sumac has no meaning for (yet).
 * A `use` brings in types and never functions: a capability is always an import that the world writes out.
 */

import type { Gate, Leading, TypeDefinition, UseNames } from "./ast.ts";
import { refuseAttributes } from "./attributes.ts";
import { canonicalInterface } from "./canonical.ts";
import { checkClashes } from "./clashes.ts";
import { layoutOf } from "./layout.ts";
import { Lowerer } from "./lower.ts";
import { MESSAGE_TYPE } from "./message.ts";
import type { Interface, MethodDescription, NamedType, ResourceType, SharedType, World } from "./model.ts";
import { invalid, type Problems } from "./problems.ts";
import { sha256Hex } from "./sha256.ts";
import { type Definition, type Extern, type ResolvedInterface, type ResolvedWorld, resourceOf } from "./types.ts";
import { worldText } from "./world-text.ts";

/** Canonical texts of all interfaces together. */
const MAX_CANONICAL_CHARACTERS = 8_000_000;

export class WorldLowerer {
  readonly #problems: Problems;
  readonly #lowerer: Lowerer;
  readonly #interfaces = new Map<string, Interface>();
  #canonicalCharacters = 0;

  constructor(problems: Problems) {
    this.#problems = problems;
    this.#lowerer = new Lowerer(problems);
  }

  interface(resolved: ResolvedInterface): Interface {
    const known = this.#interfaces.get(resolved.id);
    if (known) return known;
    const { node, id } = resolved;
    this.#checkGates(node.gates);
    refuseAttributes(node.docs, "an interface", this.#problems);
    for (const item of node.items) {
      this.#checkGates(item.gates);
      if (item.kind === "function") continue;
      const definition = item.kind === "resource" ? resolved.types.get(item.name.text) : undefined;
      const isShared = definition !== undefined && layoutOf(definition) !== undefined;
      refuseAttributes(item.docs, item.kind === "use" ? "a use" : "a type", this.#problems, isShared ? "deque" : undefined);
      for (const { docs } of innerItems(item)) refuseAttributes(docs, "a part of a type", this.#problems);
    }
    checkClashes(resolved, this.#problems);
    const own = [...resolved.types.values()].filter((definition) => definition.ownerId === id);
    const canonical = canonicalInterface(resolved);
    this.#canonicalCharacters += canonical.length;
    if (this.#canonicalCharacters > MAX_CANONICAL_CHARACTERS) {
      throw invalid(node.name.at, `the interfaces, written out, are more than ${MAX_CANONICAL_CHARACTERS} characters`, "share fewer types");
    }
    const lowered: Interface = {
      id,
      functions: [...resolved.functions.map((each) => this.#lowerer.function(each)), ...own.flatMap((each) => this.#members(each))].filter(
        (each) => each !== undefined,
      ),
      sharedTypes: own.map((each) => this.#lowerer.values.shared(each)).filter((each) => each !== undefined),
      namedTypes: own.map((each) => this.#namedType(each)).filter((each) => each !== undefined),
      resources: own.filter(isCapability).map((each) => this.#lowerer.values.resource(each)),
      canonical,
      hash: sha256Hex(canonical),
    };
    this.#interfaces.set(id, lowered);
    return lowered;
  }

  world(resolved: ResolvedWorld): World {
    const reach: Map<string, Definition>[] = [resolved.types];
    refuseAttributes(resolved.docs, "a world", this.#problems);
    for (const [name, definition] of resolved.types) {
      if (definition.ownerId === resolved.name) {
        this.#problems.add(
          definition.node.name.at,
          `the world defines the type \`${name}\` itself, which is not supported yet`,
          "define it in an interface and `use` it",
        );
      }
    }
    const lowerAll = (externs: Iterable<Extern>): Interface[] => {
      const lowered: Interface[] = [];
      for (const { target } of externs) {
        if (target.kind !== "interface" || target.label !== undefined) continue;
        reach.push(target.interface.types);
        lowered.push(this.interface(target.interface));
      }
      return lowered.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    };
    for (const extern of resolved.imports.values()) this.#checkExtern(extern, "import");
    for (const extern of resolved.exports.values()) this.#checkExtern(extern, "export");
    const imports = lowerAll(resolved.imports.values()).filter((each) => each.functions.length > 0);
    const exports = lowerAll(resolved.exports.values());
    const functions = [...resolved.exports.values()].map((each) => this.#function(each)).filter((each) => each !== undefined);
    const sharedTypes = this.#within(reach, resolved);
    return {
      packageId: resolved.package.id,
      name: resolved.name,
      imports,
      exports,
      functions,
      sharedTypes,
      resources: this.#capabilities(reach),
      text: worldText(resolved),
    };
  }

  #within(reach: readonly Map<string, Definition>[], resolved: ResolvedWorld): SharedType[] {
    const found = new Map<number, SharedType>();
    const resources = new Set<Definition>();
    for (const definition of reach.flatMap((types) => [...types.values()])) {
      const resource = resourceOf({ kind: "named", definition, at: definition.node.name.at });
      if (resource && layoutOf(resource)) for (const each of this.#lowerer.values.layouts.reachOf(resource)) resources.add(each);
    }
    for (const resource of resources) {
      const shared = this.#lowerer.values.shared(resource);
      if (!shared) continue;
      if (shared.id === MESSAGE_TYPE) {
        this.#problems.add(resolved.at, `the id of ${shared.canonical} is that of messages by accident`, "rename a field of it");
      }
      const other = found.get(shared.id);
      if (other && other.canonical !== shared.canonical) {
        this.#problems.add(
          resolved.at,
          `the ids of ${other.canonical} and ${shared.canonical} are equal by accident`,
          "rename a field of one of them",
        );
      }
      found.set(shared.id, shared);
    }
    const key = (type: SharedType): string => `${type.interfaceId}#${type.name}`;
    return [...found.values()].toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  }

  #capabilities(reach: readonly Map<string, Definition>[]): ResourceType[] {
    const found = new Set<ResourceType>();
    for (const definition of reach.flatMap((types) => [...types.values()])) {
      const resource = resourceOf({ kind: "named", definition, at: definition.node.name.at });
      if (resource && isCapability(resource)) found.add(this.#lowerer.values.resource(resource));
    }
    const key = (type: ResourceType): string => `${type.interfaceId}#${type.name}`;
    return [...found].toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  }

  #members(definition: Definition): (MethodDescription | undefined)[] {
    if (definition.body.kind !== "resource" || !isCapability(definition)) return [];
    return definition.body.members.map((member) => this.#lowerer.function(member, definition));
  }

  #namedType(definition: Definition): NamedType | undefined {
    return definition.body.kind === "alias" ? undefined : this.#lowerer.values.named(definition);
  }

  #function({ name, target }: Extern): MethodDescription | undefined {
    if (target.kind !== "function") return undefined;
    const lowered = this.#lowerer.function(target.function);
    return lowered && { ...lowered, name };
  }

  #checkExtern({ at, name, docs, gates, target }: Extern, kind: "import" | "export"): void {
    this.#checkGates(gates);
    if (target.kind !== "function") refuseAttributes(docs, `an ${kind}`, this.#problems);
    if (target.kind === "inline") {
      this.#problems.add(
        at,
        `the interface \`${name}\` written inside a world is not supported yet`,
        "define it in a package and name it here",
      );
    } else if (target.kind === "interface" && target.label !== undefined) {
      this.#problems.add(at, `the label \`${name}\` is not supported yet`, `write \`${kind} ${target.interface.id};\``);
    } else if (target.kind === "function" && kind === "import") {
      this.#problems.add(
        at,
        `the imported function \`${name}\` belongs to no interface, which is not supported yet`,
        "define it in an interface and import that",
      );
    }
  }

  #checkGates(gates: readonly Gate[]): void {
    for (const gate of gates) {
      if (gate.kind === "unstable")
        this.#problems.add(gate.at, "`@unstable` means nothing here: Sumac has no feature switches", "remove it");
      if (gate.kind === "external-id") this.#problems.add(gate.at, "`@external-id` means nothing here", "remove it");
    }
  }
}

function isCapability(definition: Definition): boolean {
  return definition.body.kind === "resource" && layoutOf(definition) === undefined;
}

/** What has doc comments of its own inside a definition. */
function innerItems(item: TypeDefinition | UseNames): readonly Leading[] {
  switch (item.kind) {
    case "record":
      return item.fields;
    case "variant":
    case "enum":
      return item.cases;
    case "flags":
      return item.flags;
    default:
      return [];
  }
}
