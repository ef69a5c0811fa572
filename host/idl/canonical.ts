/**
 * The canonical text of an interface: one line per function and per type within reach, sorted, so that two texts are
 * equal if and only if importer and exporter mean the same. Called by `lower-world.ts`; its hash is compared at link time.
 * `@deadline` is left out: it is the exporter's policy. `@idempotent`, `@fills` and `@reentrant` are promises, and stay.
 */
import { readAttributes, readDequeMark } from "./attributes.ts";
import { invalid, Problems } from "./problems.ts";
import { type Definition, innerTypes, type ResolvedFunction, type ResolvedInterface, throughAliases, type WitType } from "./types.ts";

/** Every type within reach is spelled out, so many interfaces over the same types make far more text than their source. */
const MAX_CANONICAL_CHARACTERS = 1_000_000;

/** @throws SumacError "wit-invalid" where the text would be longer than any that is meant well */
export function canonicalInterface(resolved: ResolvedInterface): string {
  const lines = new Set<string>();
  let characters = 0;
  const write = (line: string): void => {
    lines.add(line);
    characters += line.length;
    if (characters <= MAX_CANONICAL_CHARACTERS) return;
    throw invalid(
      resolved.node.name.at,
      `the types of \`${resolved.id}\`, written out, are more than ${MAX_CANONICAL_CHARACTERS} characters`,
      "split it",
    );
  };
  const reached = new Set<Definition>();
  const reach = (type: WitType): void => {
    const target = throughAliases(type);
    const definition = target.kind === "named" ? target.definition : "resource" in target ? ofHandle(target) : undefined;
    if (definition) define(definition);
    else for (const inner of innerTypes(target)) reach(inner);
  };
  const define = (definition: Definition): void => {
    if (reached.has(definition)) return;
    reached.add(definition);
    write(`type ${idOf(definition)} = ${bodyOf(definition)}`);
    const { body } = definition;
    if (body.kind === "resource") body.members.forEach(reachFunction);
    else for (const inner of innerTypes({ kind: "named", definition, at: definition.node.name.at })) reach(inner);
  };
  const reachFunction = (source: ResolvedFunction): void => {
    for (const param of source.params) reach(param.type);
    if (source.result) reach(source.result);
  };
  for (const [name, definition] of resolved.types) {
    const type: WitType = { kind: "named", definition, at: definition.node.name.at };
    reach(type);
    if (definition.ownerId !== resolved.id || definition.name !== name || definition.body.kind === "alias") {
      write(`name ${name} = ${textOf(type)}`);
    }
  }
  for (const source of resolved.functions) {
    reachFunction(source);
    write(`func ${source.name}${signatureOf(source)}${promisesOf(source)}`);
  }
  return [`interface ${resolved.id}`, ...[...lines].sort()].join("\n");
}

/** The canonical text of a resource: its members and every type within their reach. */
export function canonicalResource(definition: Definition): string {
  const reached = new Set<Definition>();
  const lines: string[] = [];
  const open: Definition[] = [definition];
  for (let next = open.pop(); next; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    lines.push(`type ${idOf(next)} = ${bodyOf(next)}`);
    const { body } = next;
    const types =
      body.kind === "resource"
        ? body.members.flatMap(({ params, result }) => [...params.map(({ type }) => type), ...(result ? [result] : [])])
        : innerTypes({ kind: "named", definition: next, at: next.node.name.at });
    for (const type of types) open.push(...definitionsIn(type));
  }
  return [`resource ${idOf(definition)}`, ...lines.sort()].join("\n");
}

/** The definitions that a type mentions itself, through any number of unnamed types. */
function definitionsIn(type: WitType): Definition[] {
  const target = throughAliases(type);
  const definition = target.kind === "named" ? target.definition : "resource" in target ? ofHandle(target) : undefined;
  return definition ? [definition] : innerTypes(target).flatMap(definitionsIn);
}

/** What tells two canonical texts of one interface apart, or undefined: `only here: …; only there: …`. */
export function differenceOf(importer: string, exporter: string): string | undefined {
  if (importer === exporter) return undefined;
  const here = new Set(importer.split("\n"));
  const there = new Set(exporter.split("\n"));
  const only = (in_: Set<string>, notIn: Set<string>): string => [...in_].filter((line) => !notIn.has(line)).join("; ") || "nothing";
  return `the importer alone has: ${only(here, there)}; the exporter alone has: ${only(there, here)}`;
}

function ofHandle(type: WitType & { readonly resource: Definition }): Definition | undefined {
  const target = throughAliases({ kind: "named", definition: type.resource, at: type.at });
  return target.kind === "named" ? target.definition : undefined;
}

function idOf(definition: Definition): string {
  return `${definition.ownerId}#${definition.name}`;
}

function bodyOf({ body, node }: Definition): string {
  switch (body.kind) {
    case "record":
      return `record{${body.fields.map(({ name, type }) => `${name}:${textOf(type)}`).join(",")}}`;
    case "variant":
      return `variant{${body.cases.map(({ name, type }) => (type ? `${name}(${textOf(type)})` : name)).join(",")}}`;
    case "enum":
      return `enum{${body.cases.join(",")}}`;
    case "flags":
      return `flags{${body.flags.join(",")}}`;
    case "resource":
      return `${readDequeMark(node.docs, new Problems()) ? "deque " : ""}resource{${body.members.map((member) => `${member.kind} ${member.name}${signatureOf(member)}${promisesOf(member)}`).join(",")}}`;
    default:
      return body.kind;
  }
}

/** What importer and exporter must agree on besides types. */
function promisesOf({ node }: ResolvedFunction): string {
  const { idempotent, fills, reentrant } = readAttributes(node.docs, new Problems());
  const filled = fills.length > 0 ? ` fills ${fills.join(",")}` : "";
  return `${idempotent ? " idempotent" : ""}${filled}${reentrant ? " reentrant" : ""}`;
}

function signatureOf({ node, params, result }: ResolvedFunction): string {
  const list = params.map(({ name, type }) => `${name}:${textOf(type)}`).join(",");
  return `${node.async ? " async" : ""}(${list})${result ? `->${textOf(result)}` : ""}`;
}

function textOf(written: WitType): string {
  const type = throughAliases(written);
  const optional = (inner: WitType | undefined): string => (inner ? textOf(inner) : "_");
  switch (type.kind) {
    case "primitive":
      return type.name;
    case "named":
      return type.definition.body.kind === "resource" ? `own<${idOf(type.definition)}>` : idOf(type.definition);
    case "own":
    case "borrow": {
      const definition = ofHandle(type);
      return `${type.kind}<${definition ? idOf(definition) : "?"}>`;
    }
    case "list":
      return `list<${textOf(type.item)}${type.length === undefined ? "" : `,${type.length}`}>`;
    case "map":
      return `map<${textOf(type.key)},${textOf(type.value)}>`;
    case "option":
      return `option<${textOf(type.item)}>`;
    case "tuple":
      return `tuple<${type.items.map(textOf).join(",")}>`;
    case "result":
      return `result<${optional(type.ok)},${optional(type.error)}>`;
    case "future":
    case "stream":
      return `${type.kind}<${optional(type.item)}>`;
    case "broken":
      return "?";
  }
}
