/**
 * The text of the custom section `sumac:world`: one world, every `include` carried out, and the interfaces that it needs,
 * those of other packages nested. Called by `lower-world.ts`; `idl.ts` reads it back like any other source.
 * Canonical: sorted, full paths, no comments besides attributes, so that equal worlds give equal bytes. Sources: [WIT].
 */

import type {
  FunctionNode,
  Identifier,
  InterfaceItem,
  InterfaceNode,
  Leading,
  NestedPackage,
  PackageItem,
  PackageName,
  Param,
  ResourceMember,
  TypeDefinition,
  UseNames,
  UsePath,
  WorldItem,
  WorldNode,
} from "./ast.ts";
import { printAttributes, readAttributes, readDequeMark } from "./attributes.ts";
import type { Package } from "./packages.ts";
import { printFile } from "./print.ts";
import { Problems } from "./problems.ts";
import type { Extern, ResolvedInterface, ResolvedWorld } from "./types.ts";

const noComments: Leading = { docs: [], gates: [] };

export function worldText(world: ResolvedWorld): string {
  const needed = new Map<string, ResolvedInterface>();
  const need = (resolved: ResolvedInterface): void => {
    if (needed.has(resolved.id)) return;
    needed.set(resolved.id, resolved);
    for (const { target } of resolved.uses) need(target);
  };
  for (const { target } of world.uses) need(target);
  for (const { target } of [...world.imports.values(), ...world.exports.values()]) {
    if (target.kind !== "function") need(target.interface);
  }
  const byPackage = new Map<Package, InterfaceNode[]>([[world.package, []]]);
  for (const id of [...needed.keys()].sort()) {
    const resolved = needed.get(id);
    if (!resolved) continue;
    byPackage.set(resolved.package, [...(byPackage.get(resolved.package) ?? []), interfaceNode(resolved)]);
  }
  const main: PackageItem[] = [worldNode(world), ...(byPackage.get(world.package) ?? [])];
  const nested: NestedPackage[] = [];
  for (const [owner, items] of byPackage) if (owner !== world.package) nested.push({ name: owner.name, items, ...noComments });
  return printFile({ fileName: "", docs: [], package: world.package.name, items: main, nested });
}

function worldNode(world: ResolvedWorld): WorldNode {
  const items: WorldItem[] = [];
  const byPath = world.uses.map(({ target, names }) => useNode(target, names, world.package));
  items.push(...sortedByPath(byPath));
  for (const kind of ["import", "export"] as const) {
    const externs = [...(kind === "import" ? world.imports : world.exports).values()];
    for (const extern of externs.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const docs = extern.target.kind === "function" ? attributeLines(extern.target.function.node) : [];
      items.push({ kind, at: extern.at, target: externTarget(extern, world.package), docs, gates: [] });
    }
  }
  return { kind: "world", name: { text: world.name, at: world.at }, items, ...noComments };
}

function externTarget({ name, at, target }: Extern, from: Package): Extract<WorldItem, { kind: "import" | "export" }>["target"] {
  const label = { text: name, at };
  switch (target.kind) {
    case "interface":
      return { kind: "path", path: pathTo(target.interface, from), label: target.label === undefined ? undefined : label };
    case "inline":
      return { kind: "interface", interface: { ...interfaceNode(target.interface), name: label } };
    case "function": {
      const { node } = target.function;
      return { kind: "function", function: { ...(node as FunctionNode), params: bareParams(node), name: label, ...noComments } };
    }
  }
}

function interfaceNode(resolved: ResolvedInterface): InterfaceNode {
  const uses = resolved.uses.map(({ target, names }) => useNode(target, names, resolved.package));
  const items: InterfaceItem[] = [...sortedByPath(uses)];
  for (const item of resolved.node.items) {
    if (item.kind === "function") items.push({ ...item, params: bareParams(item), docs: attributeLines(item), gates: [] });
    else if (item.kind !== "use") items.push(bare(item));
  }
  return { kind: "interface", name: resolved.node.name, items, ...noComments };
}

/** A definition without comments and gates, inside and out. */
function bare(item: TypeDefinition): TypeDefinition {
  const strip = <T extends Leading>(inner: T): T => ({ ...inner, ...noComments });
  switch (item.kind) {
    case "record":
      return { ...item, fields: item.fields.map(strip), ...noComments };
    case "variant":
      return { ...item, cases: item.cases.map(strip), ...noComments };
    case "enum":
      return { ...item, cases: item.cases.map(strip), ...noComments };
    case "flags":
      return { ...item, flags: item.flags.map(strip), ...noComments };
    case "resource":
      return {
        ...item,
        members: item.members.map((each) => ({ ...strip(each), params: bareParams(each), docs: attributeLines(each) })),
        docs: readDequeMark(item.docs, new Problems()) ? [{ text: "@deque", at: item.name.at }] : [],
        gates: [],
      };
    case "alias":
      return { ...item, ...noComments };
  }
}

function bareParams(node: FunctionNode | ResourceMember): Param[] {
  return node.params.map((param) => ({ ...param, docs: [] }));
}

function useNode(target: ResolvedInterface, names: readonly (readonly [string, string])[], from: Package): UseNames {
  const at = target.node.name.at;
  const sorted = names.toSorted((a, b) => (a.join() < b.join() ? -1 : 1));
  const list = sorted.map(([name, as]) => ({ name: { text: name, at }, as: name === as ? undefined : { text: as, at } }));
  return { kind: "use", path: pathTo(target, from), names: list, ...noComments };
}

function pathTo(target: ResolvedInterface, from: Package): UsePath {
  const name: Identifier = target.node.name;
  const owner: PackageName | undefined = target.package === from ? undefined : target.package.name;
  return { package: owner, name, at: name.at };
}

function sortedByPath(uses: readonly UseNames[]): UseNames[] {
  const key = ({ path, names }: UseNames): string =>
    [path.package?.namespace.text, path.package?.name.text, path.package?.version, path.name.text, names[0]?.name.text].join();
  return uses.filter((use) => use.names.length > 0).toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

function attributeLines(node: FunctionNode | ResourceMember): Leading["docs"] {
  return printAttributes(readAttributes(node.docs, new Problems())).map((text) => ({ text, at: node.name.at }));
}
