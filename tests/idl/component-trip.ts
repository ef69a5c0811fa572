/**
 * A world through the Component Model's own tools and back: embedded into a dummy module (ours have other core signatures than the
 * canonical ABI), made a component, and printed from its binary. Used by the tests here.
 *
 * The tools print what a component imports and exports by name, and the bodies only of interfaces that have none. So each interface
 * makes a second trip as an unnamed export of a component of its own, which keeps every type of it, used or not.
 */
import { componentEmbed, componentNew, componentWit } from "@bytecodealliance/jco-transpile/wasm-tools";
import type { InterfaceNode, NestedPackage, PackageItem, PackageName, UsePath, WitFile, WorldItem } from "../../host/idl/ast.ts";
import { parseWit } from "../../host/idl/idl.ts";
import { printFile } from "../../host/idl/print.ts";

export interface Trip {
  /** The world as the component shows it: ids of interfaces, and functions as they are written. */
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  readonly functions: readonly string[];
  /** Every interface of the text, as its component shows it, in the packages that it came from. */
  readonly interfaces: WitFile;
}

/** @param text of the section `sumac:world` */
export async function throughComponent(text: string): Promise<Trip> {
  const source = parseWit(text, "sumac:world");
  const { items } = only(worldsOf(await shown(text)), "world");
  const packages = packagesOf(source);
  const nested: NestedPackage[] = [];
  for (const { name, items: own } of packages) {
    const bodies: PackageItem[] = [];
    for (const item of own) if (item.kind === "interface") bodies.push(await bodyShown(item, name, packages));
    nested.push({ name, items: bodies, docs: [], gates: [] });
  }
  const paths = (kind: "import" | "export"): string[] =>
    items.flatMap((item) => (item.kind === kind && item.target.kind === "path" ? [pathText(item.target.path)] : [])).sort();
  return {
    imports: paths("import"),
    exports: paths("export"),
    functions: functionsOf(items),
    interfaces: { fileName: "component", docs: [], package: undefined, items: [], nested },
  };
}

/** The functions that a world exports itself, without comments. */
export function functionsOf(items: readonly WorldItem[]): string[] {
  const file = (item: WorldItem): string =>
    printFile({
      fileName: "",
      docs: [],
      package: undefined,
      items: [{ kind: "world", name: { text: "w", at: START }, items: [{ ...item, docs: [] }], docs: [], gates: [] }],
      nested: [],
    });
  return items.flatMap((item) => (item.kind === "export" && item.target.kind === "function" ? [file(item)] : [])).sort();
}

export function worldsOf(file: WitFile): { readonly items: readonly WorldItem[] }[] {
  return file.items.flatMap((item) => (item.kind === "world" ? [item] : []));
}

const START = { file: "", line: 1, column: 1 };
const PROBE: PackageName = { namespace: { text: "probe", at: START }, name: { text: "probe", at: START }, version: undefined, at: START };

async function shown(text: string, world?: string): Promise<WitFile> {
  const core = await componentEmbed({ witSource: text, dummy: true, ...(world === undefined ? {} : { world }) });
  return parseWit(await componentWit(await componentNew(core)), "component");
}

/** The interface as the component shows it that exports it without a name of its own. */
async function bodyShown(node: InterfaceNode, owner: PackageName, packages: readonly NestedPackage[]): Promise<InterfaceNode> {
  const items = node.items.map((item) =>
    item.kind === "use" && item.path.package === undefined ? { ...item, path: { ...item.path, package: owner } } : item,
  );
  const target = { kind: "interface", interface: { ...node, items } } as const;
  const world: WorldItem = { kind: "export", at: START, target, docs: [], gates: [] };
  const text = printFile({
    fileName: "",
    docs: [],
    package: PROBE,
    items: [{ kind: "world", name: { text: "w", at: START }, items: [world], docs: [], gates: [] }],
    nested: packages.map((each) => ({ ...each, items: each.items.filter(({ kind }) => kind === "interface") })),
  });
  const { items: found } = only(worldsOf(await shown(text, "w")), "world");
  const inline = found.flatMap((item) => (item.kind === "export" && item.target.kind === "interface" ? [item.target.interface] : []));
  const body = only(inline, `export of ${node.name.text}`);
  // Within a package the tools write the whole path, and WIT wants the short one.
  const short = (path: UsePath): UsePath =>
    pathText(path) === pathText({ ...path, package: owner }) ? { ...path, package: undefined } : path;
  return { ...body, name: node.name, items: body.items.map((item) => (item.kind === "use" ? { ...item, path: short(item.path) } : item)) };
}

/** The packages of a file, each as if it were nested in it. */
function packagesOf({ package: name, items, nested }: WitFile): NestedPackage[] {
  return [...(name === undefined ? [] : [{ name, items, docs: [], gates: [] }]), ...nested];
}

function pathText({ package: owner, name }: UsePath): string {
  if (owner === undefined) return name.text;
  return `${owner.namespace.text}:${owner.name.text}/${name.text}${owner.version === undefined ? "" : `@${owner.version}`}`;
}

function only<T>(found: readonly T[], what: string): T {
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} of what should be one: ${what}`);
  return first;
}
