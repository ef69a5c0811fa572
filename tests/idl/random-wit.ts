/**
 * Random WIT files for property tests: any tree that the grammar can give, and worlds that are valid by construction.
 * The same seed gives the same text.
 */
import type {
  Identifier,
  InterfaceItem,
  Leading,
  PackageItem,
  Param,
  Position,
  ResourceMember,
  TypeDefinition,
  TypeNode,
  UsePath,
  WitFile,
  WorldItem,
} from "../../host/idl/ast.ts";
import { keywords } from "../../host/idl/tokenizer.ts";

export type Random = (below: number) => number;

/** Mulberry32. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const at: Position = { file: "", line: 0, column: 0 };
const primitives = "bool char u8 u16 u32 u64 s8 s16 s32 s64 f32 f64 string error-context".split(" ");

/** A file of any shape; it need not mean anything. */
export function randomFile(random: Random): WitFile {
  const some = <T>(count: number, item: () => T): T[] => Array.from({ length: random(count + 1) }, item);
  const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T;
  const maybe = <T>(item: () => T): T | undefined => (random(2) === 0 ? item() : undefined);
  const version = (): string => pick(["0.1.0", "1.2.3", "1.0.0-rc.1", "2.0.0+build.5", "10.20.30-a-b.0+x-y"]);
  const words = [...keywords].filter((word) => word !== "_");
  const name = (): Identifier => ({ text: pick(["a", "block-size", "x1", "URL", "get-URL-of", "b-2", pick(words)]), at });
  const leading = (): Leading => ({
    docs: some(2, () => ({ text: pick(["", "Text.", "@deadline 5ms", "A `code`; */ and // too"]), at })),
    gates: some(1, () =>
      pick([
        { kind: "since", version: version(), at } as const,
        { kind: "deprecated", version: version(), at } as const,
        { kind: "unstable", feature: "some-feature", at } as const,
        { kind: "external-id", value: 'a "b"'.replaceAll('"', '\\"'), at } as const,
      ]),
    ),
  });
  const docsOnly = (): Leading => ({ ...leading(), gates: [] });
  const path = (): UsePath => ({
    package: maybe(() => ({ namespace: name(), name: name(), version: maybe(version), at })),
    name: name(),
    at,
  });
  const type = (depth = 0): TypeNode => {
    const inner = (): TypeNode => type(depth + 1);
    switch (random(depth > 3 ? 4 : 11)) {
      case 0:
        return { kind: "primitive", name: pick(primitives) as "u8", at };
      case 1:
        return { kind: "name", name: name(), at };
      case 2:
        return { kind: "borrow", name: name(), at };
      case 3:
        return { kind: "own", name: name(), at };
      case 4:
        return { kind: "list", item: inner(), length: maybe(() => 1 + random(10000)), at };
      case 5:
        return { kind: "map", key: inner(), value: inner(), at };
      case 6:
        return { kind: "option", item: inner(), at };
      case 7:
        return { kind: "tuple", items: some(3, inner), at };
      case 8:
        return { kind: "result", ok: maybe(inner), error: maybe(inner), at };
      case 9:
        return { kind: "future", item: maybe(inner), at };
      default:
        return { kind: "stream", item: maybe(inner), at };
    }
  };
  const params = (): Param[] => some(3, () => ({ docs: docsOnly().docs, name: name(), type: type() }));
  const signature = () => ({ async: random(4) === 0, params: params(), result: maybe(type) });
  const member = (): ResourceMember =>
    random(3) === 0
      ? { kind: "constructor", name: { text: "constructor", at }, async: false, params: params(), result: maybe(type), ...leading() }
      : { kind: pick(["method", "static"] as const), name: name(), ...signature(), ...leading() };
  const definition = (): TypeDefinition => {
    const head = { name: name(), ...leading() };
    switch (random(6)) {
      case 0:
        return { kind: "record", ...head, fields: some(3, () => ({ ...docsOnly(), name: name(), type: type() })) };
      case 1:
        return { kind: "variant", ...head, cases: some(3, () => ({ ...docsOnly(), name: name(), type: maybe(type) })) };
      case 2:
        return { kind: "enum", ...head, cases: some(3, () => ({ ...docsOnly(), name: name() })) };
      case 3:
        return { kind: "flags", ...head, flags: some(3, () => ({ ...docsOnly(), name: name() })) };
      case 4:
        return { kind: "alias", ...head, type: type() };
      default:
        return { kind: "resource", ...head, members: some(3, member) };
    }
  };
  const use = () => ({ kind: "use" as const, path: path(), names: some(3, () => ({ name: name(), as: maybe(name) })), ...leading() });
  const interfaceItem = (): InterfaceItem =>
    pick<() => InterfaceItem>([use, definition, () => ({ kind: "function", name: name(), ...signature(), ...leading() })])();
  const noComments: Leading = { docs: [], gates: [] };
  const worldItem = (): WorldItem =>
    pick<() => WorldItem>([
      use,
      definition,
      () => ({ kind: "include", path: path(), renames: some(2, () => ({ name: name(), as: name() })), ...leading() }),
      () => ({ kind: pick(["import", "export"] as const), at, target: { kind: "path", path: path(), label: maybe(name) }, ...leading() }),
      () => ({
        kind: "import",
        at,
        target: { kind: "function", function: { kind: "function", name: name(), ...signature(), ...noComments } },
        ...leading(),
      }),
      () => ({
        kind: "export",
        at,
        target: { kind: "interface", interface: { kind: "interface", name: name(), items: some(3, interfaceItem), ...noComments } },
        ...leading(),
      }),
    ])();
  const packageItem = (): PackageItem =>
    pick<() => PackageItem>([
      () => ({ kind: "top-use", path: path(), as: maybe(name), ...leading() }),
      () => ({ kind: "interface", name: name(), items: some(4, interfaceItem), ...leading() }),
      () => ({ kind: "world", name: name(), items: some(4, worldItem), ...leading() }),
    ])();
  const packageName = () => ({ namespace: name(), name: name(), version: maybe(version), at });
  return {
    fileName: "",
    docs: docsOnly().docs,
    package: packageName(),
    items: some(4, packageItem),
    nested: some(2, () => ({ name: packageName(), items: some(3, packageItem), ...leading() })),
  };
}

/** A file with a world `w` that Sumac accepts. */
export function randomWorld(random: Random): string {
  const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T;
  const upTo = (count: number, item: (index: number) => string): string[] =>
    Array.from({ length: random(count + 1) }, (_, index) => item(index));
  const scalar = (): string => pick("bool char u8 u16 u32 u64 s8 s16 s32 s64 f32 f64".split(" "));
  const plain = (): string => pick([scalar(), scalar(), "mode", "rights"]);
  const field = (): string => pick([plain(), `list<${scalar()}, ${1 + random(5000)}>`]);
  const list = (count: number, item: () => string): string =>
    [`p: ${item()}`, ...upTo(count, (index) => `p${index}: ${item()}`)].join(", ");
  const attributes = (): string =>
    pick([
      "",
      "/// Text.\n",
      `/// @deadline ${1 + random(999)}${pick(["us", "ms", "s"])}\n`,
      "/// @idempotent\n",
      "/// @idempotent\n/// @reentrant\n",
    ]);
  const types = `interface types {
    enum mode { on, off, %type }
    flags rights { ${["read", ...upTo(20, (index) => `r${index}`)].join(", ")} }
    record pair { first: ${plain()}, second: ${plain()} }
    resource thing { constructor(${list(4, field)}); }
    resource other { constructor(${list(2, field)}); }
  }`;
  const result = (): string =>
    pick([
      "",
      `-> ${plain()}`,
      "-> pair",
      "-> thing",
      `-> tuple<${plain()}, ${plain()}>`,
      "-> result<_, error>",
      `-> result<${plain()}, error>`,
      "-> result<thing, error>",
      "-> result<pair, error>",
    ]);
  const param = (): string => pick([plain(), "thing", "borrow<thing>", "borrow<other>"]);
  const functions = upTo(5, (index) => `${attributes()}f${index}: func(${random(3) === 0 ? "" : list(4, param)}) ${result()};`);
  const service = (name: string, from: string): string =>
    `interface ${name} { use ${from}.{thing, other, pair, mode, rights}; enum error { no, maybe } ${functions.join("\n")} }`;
  const version = pick(["", "@0.1.0", "@1.0.0-rc.2"]);
  const items = [
    `import s:two/b${version};`,
    `export s:two/b${version};`,
    "import a;",
    "export a;",
    "import types;",
    "export init: func();",
    "use types.{thing};",
  ];
  const chosen = items.filter(() => random(2) === 0);
  return `package s:one@0.2.0; world w { ${chosen.join(" ")} } ${types} ${service("a", "types")}
    package s:two${version} { ${types} ${service("b", "types")} }`;
}
