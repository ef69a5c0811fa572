/**
 * The interfaces that test domains speak, each with one function `run`, and the text of a world that uses some of them.
 * One function per interface, so that a module in WAT implements no more than its test is about.
 */

export const BLOCK_BYTES = 4096;
/** Neither a whole number of granules nor of words of 8 bytes. */
export const NOTE_BYTES = 100;
/** Large enough for spans of its own and for several chunks of a bulk copy. */
export const SLAB_BYTES = 200_000;

export const BELT_SLOTS = 4;

/** Every interface of the package "test:api@0.1.0" by name. */
const INTERFACES = {
  call: "run: func(n: u32) -> u32;",
  quick: "/// @deadline 40ms\n run: func(n: u32) -> u32;",
  circle: "/// @reentrant\n run: func(n: u32) -> u32;",
  take: "use types.{block}; run: func(b: block);",
  look: "use types.{block}; run: func(b: borrow<block>) -> u32;",
  give: "use types.{block}; run: func() -> block;",
  swap: "use types.{block}; enum error { full, broken } run: func(b: block) -> result<block, error>;",
  attempt: "enum error { full, broken } run: func(n: u32) -> result<_, error>;",
  count: "enum error { full, broken } run: func(n: u32) -> result<u64, error>;",
  pair: "use types.{block}; run: func(a: block, b: block);",
  mixed: "use types.{block}; run: func(a: block, b: borrow<block>);",
  restart: "enum error { give-up } run: func() -> result<_, error>;",
  notes: "use types.{note}; run: func(n: note);",
  plant: "use types.{tree}; run: func(t: tree);",
  gaze: "use types.{tree}; run: func(t: borrow<tree>) -> u32;",
  prune: "use types.{tree}; enum error { full, broken } run: func(t: tree) -> result<tree, error>;",
  convey: "use types.{belt}; enum error { full, broken } run: func(b: belt) -> result<belt, error>;",
} as const;

export type InterfaceName = keyof typeof INTERFACES;

const PACKAGE: string = [
  "package test:api@0.1.0 {",
  "interface types {",
  `resource block { constructor(data: list<u8, ${BLOCK_BYTES}>); }`,
  `resource note { constructor(text: list<u8, ${NOTE_BYTES}>); }`,
  `resource slab { constructor(data: list<u8, ${SLAB_BYTES}>); }`,
  // Slots at 4 and 8.
  "resource tree { constructor(value: u32, left: option<tree>, right: option<tree>); }",
  `resource belt { constructor(slots: list<option<block>, ${BELT_SLOTS}>); }`,
  "}",
  ...Object.entries(INTERFACES).map(([name, body]) => `interface ${name} { ${body} }`),
  "}",
].join("\n");

export interface WorldParts {
  readonly imports?: readonly InterfaceName[];
  readonly exports?: readonly InterfaceName[];
  /** The domain has an `init`, a `recover`. */
  readonly init?: boolean;
  readonly recover?: boolean;
}

/** The world's text as the section "sumac:world" holds it; every world reaches the types `block`, `note`, `slab`, `tree` and `belt`. */
export function world({ imports = [], exports = [], init = false, recover = false }: WorldParts): string {
  const items = [
    "import test:api/types@0.1.0;",
    ...imports.map((name) => `import ${id(name)};`),
    ...exports.map((name) => `export ${id(name)};`),
    ...(init ? ["export init: func();"] : []),
    ...(recover ? ["export recover: func();"] : []),
  ];
  return `package test:domain@0.1.0;\nworld domain { ${items.join(" ")} }\n${PACKAGE}`;
}

/** The interface's id: import module, and what grants are keyed by. */
export function id(name: InterfaceName | "types"): string {
  return `test:api/${name}@0.1.0`;
}

/** Core export name of the interface's function. */
export function exportName(name: InterfaceName): string {
  return `${id(name)}#run`;
}
