/**
 * The syntax tree of a WIT file, as written: names are not resolved, nothing is checked beyond the grammar.
 * Made by `parser.ts`, read by `resolve.ts`. Holds types only. Sources: [WIT].
 */

/** Where something stands in its source; `line` and `column` count from 1, columns in UTF-16 units. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Identifier {
  /** Without the `%` that lets a keyword be a name. */
  readonly text: string;
  readonly at: Position;
}

/** One line of a doc comment, without its slashes or stars. */
export interface DocLine {
  readonly text: string;
  readonly at: Position;
}

export type Gate =
  | { readonly kind: "since"; readonly version: string; readonly at: Position }
  | { readonly kind: "deprecated"; readonly version: string; readonly at: Position }
  | { readonly kind: "unstable"; readonly feature: string; readonly at: Position }
  | { readonly kind: "external-id"; readonly value: string; readonly at: Position };

/** What may stand before any item. */
export interface Leading {
  readonly docs: readonly DocLine[];
  readonly gates: readonly Gate[];
}

export interface PackageName {
  readonly namespace: Identifier;
  readonly name: Identifier;
  readonly version: string | undefined;
  readonly at: Position;
}

/** `types` or `sumac:block/types@0.1.0`. */
export interface UsePath {
  readonly package: PackageName | undefined;
  readonly name: Identifier;
  readonly at: Position;
}

export type PrimitiveName =
  | "bool"
  | "char"
  | "u8"
  | "u16"
  | "u32"
  | "u64"
  | "s8"
  | "s16"
  | "s32"
  | "s64"
  | "f32"
  | "f64"
  | "string"
  | "error-context";

export type TypeNode =
  | { readonly kind: "primitive"; readonly name: PrimitiveName; readonly at: Position }
  | { readonly kind: "name"; readonly name: Identifier; readonly at: Position }
  | { readonly kind: "own"; readonly name: Identifier; readonly at: Position }
  | { readonly kind: "borrow"; readonly name: Identifier; readonly at: Position }
  | { readonly kind: "list"; readonly item: TypeNode; readonly length: number | undefined; readonly at: Position }
  | { readonly kind: "map"; readonly key: TypeNode; readonly value: TypeNode; readonly at: Position }
  | { readonly kind: "option"; readonly item: TypeNode; readonly at: Position }
  | { readonly kind: "tuple"; readonly items: readonly TypeNode[]; readonly at: Position }
  | {
      readonly kind: "result";
      readonly ok: TypeNode | undefined;
      readonly error: TypeNode | undefined;
      readonly at: Position;
    }
  | { readonly kind: "future"; readonly item: TypeNode | undefined; readonly at: Position }
  | { readonly kind: "stream"; readonly item: TypeNode | undefined; readonly at: Position };

export interface Param {
  readonly docs: readonly DocLine[];
  readonly name: Identifier;
  readonly type: TypeNode;
}

export interface FunctionNode extends Leading {
  readonly kind: "function";
  readonly name: Identifier;
  readonly async: boolean;
  readonly params: readonly Param[];
  readonly result: TypeNode | undefined;
}

export interface ResourceMember extends Leading {
  readonly kind: "constructor" | "method" | "static";
  /** For a constructor, the word `constructor` itself. */
  readonly name: Identifier;
  readonly async: boolean;
  readonly params: readonly Param[];
  readonly result: TypeNode | undefined;
}

export type TypeDefinition = Leading &
  (
    | { readonly kind: "record"; readonly name: Identifier; readonly fields: readonly (Leading & Param)[] }
    | {
        readonly kind: "variant";
        readonly name: Identifier;
        readonly cases: readonly (Leading & { readonly name: Identifier; readonly type: TypeNode | undefined })[];
      }
    | { readonly kind: "enum"; readonly name: Identifier; readonly cases: readonly (Leading & { readonly name: Identifier })[] }
    | { readonly kind: "flags"; readonly name: Identifier; readonly flags: readonly (Leading & { readonly name: Identifier })[] }
    | { readonly kind: "alias"; readonly name: Identifier; readonly type: TypeNode }
    | { readonly kind: "resource"; readonly name: Identifier; readonly members: readonly ResourceMember[] }
  );

export interface UseNames extends Leading {
  readonly kind: "use";
  readonly path: UsePath;
  readonly names: readonly { readonly name: Identifier; readonly as: Identifier | undefined }[];
}

export type InterfaceItem = UseNames | TypeDefinition | FunctionNode;

export interface InterfaceNode extends Leading {
  readonly kind: "interface";
  readonly name: Identifier;
  readonly items: readonly InterfaceItem[];
}

/** `import`/`export` of a named interface, or of a function or interface written in place. */
export interface ExternNode extends Leading {
  readonly kind: "import" | "export";
  readonly at: Position;
  readonly target:
    | { readonly kind: "path"; readonly path: UsePath; readonly label: Identifier | undefined }
    | { readonly kind: "function"; readonly function: FunctionNode }
    | { readonly kind: "interface"; readonly interface: InterfaceNode };
}

export interface IncludeNode extends Leading {
  readonly kind: "include";
  readonly path: UsePath;
  readonly renames: readonly { readonly name: Identifier; readonly as: Identifier }[];
}

export type WorldItem = UseNames | TypeDefinition | ExternNode | IncludeNode;

export interface WorldNode extends Leading {
  readonly kind: "world";
  readonly name: Identifier;
  readonly items: readonly WorldItem[];
}

/** `use a:b/c as d;` outside any interface: a name for an interface within its file. */
export interface TopUse extends Leading {
  readonly kind: "top-use";
  readonly path: UsePath;
  readonly as: Identifier | undefined;
}

export type PackageItem = TopUse | InterfaceNode | WorldNode;

export interface NestedPackage extends Leading {
  readonly name: PackageName;
  readonly items: readonly PackageItem[];
}

export interface WitFile {
  readonly fileName: string;
  /** What stands before the `package` line. */
  readonly docs: readonly DocLine[];
  readonly package: PackageName | undefined;
  readonly items: readonly PackageItem[];
  readonly nested: readonly NestedPackage[];
}
