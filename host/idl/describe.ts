/**
 * Packages with everything that a reader of their interfaces needs: the model, and the comments beside it.
 * Called by `idl.ts` for the generators of pages and of TypeScript. Domains never see comments, so the model has none.
 */
import type { FunctionNode, Leading, ResourceMember, TypeDefinition, WitFile } from "./ast.ts";
import { layoutOf } from "./layout.ts";
import { WorldLowerer } from "./lower-world.ts";
import type { Interface, MethodDescription, NamedType, ResourceType, SharedType } from "./model.ts";
import { printPackageName } from "./print.ts";
import { Problems } from "./problems.ts";
import { resolveFiles } from "./resolve-files.ts";
import type { ResolvedInterface } from "./types.ts";

export interface PackageDescription {
  /** For example `sumac:block@0.1.0`. */
  readonly id: string;
  /** How its generated files are called, without an extension; no other package described with it has the same. */
  readonly fileStem: string;
  /** The files that define it, as they were named when they were parsed. */
  readonly sources: readonly string[];
  readonly comment: Comment;
  readonly interfaces: readonly InterfaceDescription[];
}

/** What stands before an item, without the attributes that the kernel acts on. */
export interface Comment {
  readonly lines: readonly string[];
  readonly since: string | undefined;
  readonly deprecated: string | undefined;
}

export interface InterfaceDescription {
  readonly model: Interface;
  readonly name: string;
  readonly comment: Comment;
  readonly uses: readonly { readonly id: string; readonly names: readonly string[] }[];
  /** In the order of the source. */
  readonly types: readonly TypeDescription[];
  readonly functions: readonly FunctionDescription[];
}

export interface FunctionDescription {
  readonly method: MethodDescription;
  readonly node: FunctionNode | ResourceMember;
  readonly comment: Comment;
  /** By parameter. */
  readonly parts: Parts;
}

/** Comments of fields, cases, flags or parameters by their WIT names; only where there are any. */
export type Parts = ReadonlyMap<string, readonly string[]>;

export type TypeDescription = { readonly comment: Comment; readonly parts: Parts } & (
  | { readonly kind: "named"; readonly type: NamedType }
  | { readonly kind: "shared"; readonly type: SharedType }
  /** A capability, with its members. */
  | { readonly kind: "resource"; readonly type: ResourceType; readonly functions: readonly FunctionDescription[] }
  | { readonly kind: "alias"; readonly node: TypeDefinition & { kind: "alias" } }
);

/**
 * Throws the first problem.
 * @param files those to describe
 * @param others files whose types they may use
 */
export function describePackages(files: readonly WitFile[], others: readonly WitFile[]): PackageDescription[] {
  const problems = new Problems();
  const { interfaces } = resolveFiles([...files, ...others], problems);
  problems.throwFirst();
  const lowerer = new WorldLowerer(problems);
  const sources = sourcesOf(files);
  const described = interfaces
    .filter((each) => sources.has(each.package.id))
    .map((resolved) => ({ owner: resolved.package.id, resolved, model: lowerer.interface(resolved) }));
  problems.throwFirst();
  const stems = fileStems([...sources.keys()]);
  return [...sources.keys()].sort().map((id) => ({
    id,
    fileStem: stems.get(id) ?? id,
    sources: (sources.get(id) ?? []).map(({ fileName }) => fileName),
    comment: commentOf({ docs: (sources.get(id) ?? []).flatMap(({ docs }) => docs), gates: [] }),
    interfaces: described.filter(({ owner }) => owner === id).map(({ resolved, model }) => describeInterface(resolved, model)),
  }));
}

function describeInterface(resolved: ResolvedInterface, model: Interface): InterfaceDescription {
  const types: TypeDescription[] = [];
  const functions: FunctionDescription[] = [];
  for (const item of resolved.node.items) {
    if (item.kind === "use") continue;
    const comment = commentOf(item);
    const named = <T extends { readonly name: string }>(all: readonly T[]): T | undefined =>
      all.find(({ name }) => name === item.name.text);
    if (item.kind === "function") {
      const method = named(model.functions);
      if (method) functions.push({ method, node: item, comment, parts: partsOf(item.params) });
      continue;
    }
    const resource = named(model.resources);
    if (item.kind === "resource" && resource) {
      types.push({
        kind: "resource",
        type: resource,
        functions: describeMembers(resource, item.members, model),
        comment,
        parts: new Map(),
      });
      continue;
    }
    const parts = partsOf(partNodes(resolved, item));
    const shared = named(model.sharedTypes);
    const plain = named(model.namedTypes);
    if (shared) types.push({ kind: "shared", type: shared, comment, parts });
    else if (plain) types.push({ kind: "named", type: plain, comment, parts });
    else if (item.kind === "alias") types.push({ kind: "alias", node: item, comment, parts });
  }
  const uses = resolved.uses.map(({ target, names }) => ({
    id: target.id,
    names: names.map(([name, as]) => (name === as ? name : `${name} as ${as}`)),
  }));
  return { model, name: resolved.name, comment: commentOf(resolved.node), uses, types, functions };
}

function describeMembers(resource: ResourceType, members: readonly ResourceMember[], model: Interface): FunctionDescription[] {
  return members.flatMap((node) => {
    const method = model.functions.find(
      ({ role }) =>
        role?.resource === resource && role.kind === node.kind && (node.kind === "constructor" || role.member === node.name.text),
    );
    return method ? [{ method, node, comment: commentOf(node), parts: partsOf(node.params) }] : [];
  });
}

type Part = Pick<Leading, "docs"> & { readonly name: { readonly text: string } };

function partNodes(resolved: ResolvedInterface, item: TypeDefinition): readonly Part[] {
  switch (item.kind) {
    case "record":
      return item.fields;
    case "variant":
    case "enum":
      return item.cases;
    case "flags":
      return item.flags;
    case "resource": {
      const definition = resolved.types.get(item.name.text);
      return (definition && layoutOf(definition)?.node.params) ?? [];
    }
    case "alias":
      return [];
  }
}

function partsOf(parts: readonly Part[]): Parts {
  return new Map(
    parts.filter(({ docs }) => docs.length > 0).map(({ name, docs }) => [name.text, commentOf({ docs, gates: [] }).lines] as const),
  );
}

function commentOf({ docs, gates }: Leading): Comment {
  const lines = docs.map(({ text }) => text).filter((text) => !/^@[A-Za-z]/.test(text));
  while (lines[0] === "") lines.shift();
  while (lines.at(-1) === "") lines.pop();
  const version = (kind: "since" | "deprecated"): string | undefined => {
    const gate = gates.find((each) => each.kind === kind);
    return gate && "version" in gate ? gate.version : undefined;
  };
  return { lines, since: version("since"), deprecated: version("deprecated") };
}

/** Package ids to what defines them: whole files, and packages nested in files. */
function sourcesOf(files: readonly WitFile[]): Map<string, { readonly fileName: string; readonly docs: Leading["docs"] }[]> {
  const sources = new Map<string, { fileName: string; docs: Leading["docs"] }[]>();
  const add = (id: string, fileName: string, docs: Leading["docs"]): void => {
    sources.set(id, [...(sources.get(id) ?? []), { fileName, docs }]);
  };
  for (const { fileName, docs, package: name, nested } of files) {
    if (name) add(printPackageName(name), fileName, docs);
    for (const inner of nested) add(printPackageName(inner.name), fileName, inner.docs);
  }
  return sources;
}

/** For what is generated from all packages together: `interfaces/*.wit`. */
export function sourceFolders(packages: readonly PackageDescription[]): string[] {
  const folders = packages.flatMap(({ sources }) => sources.map((file) => file.replace(/[^/]*$/, "*.wit")));
  return [...new Set(folders)].sort();
}

/** `block` where no other package is called so, otherwise with its namespace, otherwise with its version too. */
function fileStems(ids: readonly string[]): Map<string, string> {
  const short = (id: string): string => id.replace(/^.*:/, "").replace(/@.*$/, "");
  const long = (id: string): string => id.replace(/@.*$/, "").replace(":", "-");
  const stems = new Map<string, string>();
  const taken = new Set(["interface-types", "readme"]);
  for (const id of ids.toSorted()) {
    const full = id.replace(/[^0-9A-Za-z.]+/g, "-");
    const alone = [short, long].find((name) => ids.every((other) => other === id || name(other) !== name(id)) && !taken.has(name(id)));
    const stem = alone?.(id) ?? full;
    stems.set(id, stem);
    taken.add(stem.toLowerCase());
  }
  return stems;
}
