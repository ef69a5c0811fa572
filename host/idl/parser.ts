/**
 * The grammar of files, packages, interfaces and worlds: tokens to the tree of `ast.ts`.
 * Called by `idl.ts` for sources and for the world section of a module, so the text may be hostile.
 * Stops at the first error; resolves no name. Sources: [WIT] top-level items.
 */
import type {
  DocLine,
  ExternNode,
  IncludeNode,
  InterfaceItem,
  InterfaceNode,
  Leading,
  NestedPackage,
  PackageItem,
  PackageName,
  TopUse,
  UseNames,
  UsePath,
  WitFile,
  WorldItem,
  WorldNode,
} from "./ast.ts";
import { Cursor } from "./cursor.ts";
import { commaList, parseLeading, parseSignature, parseTypeDefinition } from "./parse-types.ts";

export function parseFile(text: string, fileName: string): WitFile {
  const cursor = new Cursor(text, fileName);
  const items: PackageItem[] = [];
  const nested: NestedPackage[] = [];
  let packageName: PackageName | undefined;
  let docs: readonly DocLine[] = [];
  while (!cursor.atEnd) {
    const leading = parseLeading(cursor);
    if (!cursor.take("package")) {
      items.push(parsePackageItem(cursor, leading));
      continue;
    }
    const name = parsePackageName(cursor);
    const first = packageName === undefined && items.length === 0 && nested.length === 0;
    if (first && cursor.take(";")) {
      packageName = name;
      docs = leading.docs;
      continue;
    }
    cursor.expect("{", first ? "end the package line with `;`" : "a further package has its items in braces");
    nested.push({ name, items: parsePackageBody(cursor), ...leading });
  }
  return { fileName, docs, package: packageName, items, nested };
}

function parsePackageBody(cursor: Cursor): PackageItem[] {
  const items: PackageItem[] = [];
  while (!cursor.take("}")) items.push(parsePackageItem(cursor, parseLeading(cursor)));
  return items;
}

function parsePackageName(cursor: Cursor): PackageName {
  const at = cursor.at;
  const namespace = cursor.identifier("a package's namespace");
  cursor.expect(":", "a package is `namespace:name@0.1.0`");
  const name = cursor.identifier("a package's name");
  return { namespace, name, version: cursor.versionAfter("@"), at };
}

function parsePackageItem(cursor: Cursor, leading: Leading): PackageItem {
  switch (cursor.keyword) {
    case "use":
      return parseTopUse(cursor, leading);
    case "interface": {
      cursor.take("interface");
      const name = cursor.identifier("an interface's name");
      return { kind: "interface", name, items: parseInterfaceBody(cursor), ...leading };
    }
    case "world": {
      cursor.take("world");
      const name = cursor.identifier("a world's name");
      return { kind: "world", name, items: parseWorldBody(cursor), ...leading } satisfies WorldNode;
    }
    default:
      return cursor.fail("`interface`, `world` or `use`", "a package holds nothing else");
  }
}

function parseTopUse(cursor: Cursor, leading: Leading): TopUse {
  cursor.take("use");
  const path = parseUsePath(cursor);
  const as = cursor.take("as") ? cursor.identifier("a name") : undefined;
  cursor.expect(";", "end the `use` with `;`");
  return { kind: "top-use", path, as, ...leading };
}

/** `name` or `namespace:package/name@version`; in a list of names it ends before `.{`. */
function parseUsePath(cursor: Cursor): UsePath {
  const at = cursor.at;
  const first = cursor.identifier("an interface");
  if (!cursor.take(":")) return { package: undefined, name: first, at };
  return parsePathAfterNamespace(cursor, first);
}

function parsePathAfterNamespace(cursor: Cursor, namespace: PackageName["namespace"]): UsePath {
  const packageName = cursor.identifier("a package's name");
  cursor.expect("/", "a package's interface is `namespace:package/interface`");
  const name = cursor.identifier("an interface");
  const version = cursor.versionAfter("@");
  return { package: { namespace, name: packageName, version, at: namespace.at }, name, at: namespace.at };
}

function parseInterfaceBody(cursor: Cursor): InterfaceItem[] {
  cursor.expect("{", "the body of an interface stands in braces");
  const items: InterfaceItem[] = [];
  while (!cursor.take("}")) {
    const leading = parseLeading(cursor);
    const definition = parseTypeDefinition(cursor, leading);
    if (definition) {
      items.push(definition);
    } else if (cursor.is("use")) {
      items.push(parseUseNames(cursor, leading));
    } else {
      const name = cursor.identifier("a type, a `use` or a function");
      cursor.expect(":", "a function is `name: func(…);`");
      const signature = parseSignature(cursor);
      cursor.expect(";", "end the function with `;`");
      items.push({ kind: "function", name, ...signature, ...leading });
    }
  }
  return items;
}

function parseUseNames(cursor: Cursor, leading: Leading): UseNames {
  cursor.take("use");
  const path = parseUsePath(cursor);
  cursor.expect(".", "name the types: `use types.{block};`");
  cursor.expect("{", "name the types: `use types.{block};`");
  const names = commaList(cursor, "}", () => {
    const name = cursor.identifier("a type");
    return { name, as: cursor.take("as") ? cursor.identifier("a name") : undefined };
  });
  cursor.expect(";", "end the `use` with `;`");
  return { kind: "use", path, names, ...leading };
}

function parseWorldBody(cursor: Cursor): WorldItem[] {
  cursor.expect("{", "the body of a world stands in braces");
  const items: WorldItem[] = [];
  while (!cursor.take("}")) {
    const leading = parseLeading(cursor);
    const definition = parseTypeDefinition(cursor, leading);
    if (definition) items.push(definition);
    else if (cursor.is("use")) items.push(parseUseNames(cursor, leading));
    else if (cursor.is("import") || cursor.is("export")) items.push(parseExtern(cursor, leading));
    else if (cursor.is("include")) items.push(parseInclude(cursor, leading));
    else cursor.fail("`import`, `export`, `include`, `use` or a type", "a world holds nothing else");
  }
  return items;
}

function parseExtern(cursor: Cursor, leading: Leading): ExternNode {
  const at = cursor.at;
  const kind = cursor.take("import") ? "import" : "export";
  if (kind === "export") cursor.take("export");
  const target = parseExternTarget(cursor);
  if (target.kind !== "interface") cursor.expect(";", `end the ${kind} with \`;\``);
  return { kind, at, target, ...leading };
}

function parseExternTarget(cursor: Cursor): ExternNode["target"] {
  const first = cursor.identifier("an interface or a name");
  const none = { docs: [], gates: [] };
  if (!cursor.take(":")) return { kind: "path", path: { package: undefined, name: first, at: first.at }, label: undefined };
  if (cursor.is("func") || cursor.is("async")) {
    return { kind: "function", function: { kind: "function", name: first, ...parseSignature(cursor), ...none } };
  }
  if (cursor.take("interface")) {
    const written: InterfaceNode = { kind: "interface", name: first, items: parseInterfaceBody(cursor), ...none };
    return { kind: "interface", interface: written };
  }
  // `a: b` is the interface b under the label a, `a:b/c` an interface of the package a:b.
  const second = cursor.identifier("an interface, `func` or `interface`");
  if (cursor.take("/")) {
    const name = cursor.identifier("an interface");
    const version = cursor.versionAfter("@");
    const packageName: PackageName = { namespace: first, name: second, version, at: first.at };
    return { kind: "path", path: { package: packageName, name, at: first.at }, label: undefined };
  }
  const path = cursor.take(":") ? parsePathAfterNamespace(cursor, second) : { package: undefined, name: second, at: second.at };
  return { kind: "path", path, label: first };
}

function parseInclude(cursor: Cursor, leading: Leading): IncludeNode {
  cursor.take("include");
  const path = parseUsePath(cursor);
  if (cursor.take(";")) return { kind: "include", path, renames: [], ...leading };
  cursor.expect("with", "end the `include` with `;` or rename: `with { a as b }`");
  cursor.expect("{", "renames stand in braces");
  const renames = commaList(cursor, "}", () => {
    const name = cursor.identifier("a name of the included world");
    cursor.expect("as", "rename with `old as new`");
    return { name, as: cursor.identifier("a name") };
  });
  return { kind: "include", path, renames, ...leading };
}
