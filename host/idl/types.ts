/**
 * WIT after its names are resolved, and before anything is refused: the whole language, as a graph.
 * Made by `resolve.ts`; `lower.ts`, `layout.ts` and `canonical.ts` turn it into the model that others see.
 * Holds types and the two questions that everybody asks of them. Sources: [WIT].
 */
import type { DocLine, FunctionNode, Gate, InterfaceNode, Position, PrimitiveName, ResourceMember, TypeDefinition } from "./ast.ts";
import type { Package } from "./packages.ts";

export type WitType = { readonly at: Position } & (
  | { readonly kind: "primitive"; readonly name: PrimitiveName }
  | { readonly kind: "named"; readonly definition: Definition }
  | { readonly kind: "own" | "borrow"; readonly resource: Definition }
  | { readonly kind: "list"; readonly item: WitType; readonly length: number | undefined }
  | { readonly kind: "map"; readonly key: WitType; readonly value: WitType }
  | { readonly kind: "option"; readonly item: WitType }
  | { readonly kind: "tuple"; readonly items: readonly WitType[] }
  | { readonly kind: "result"; readonly ok: WitType | undefined; readonly error: WitType | undefined }
  | { readonly kind: "future" | "stream"; readonly item: WitType | undefined }
  /** Stands for a type that was reported already, so that it is reported once. */
  | { readonly kind: "broken" }
);

export interface ResolvedParam {
  readonly name: string;
  readonly type: WitType;
  readonly at: Position;
}

export interface ResolvedFunction {
  readonly name: string;
  readonly kind: "function" | ResourceMember["kind"];
  readonly node: FunctionNode | ResourceMember;
  readonly params: readonly ResolvedParam[];
  readonly result: WitType | undefined;
}

/** A named type. `body` is filled in once all names of its interface are known. */
export interface Definition {
  readonly name: string;
  /** The interface that defines it, or the world. */
  readonly ownerId: string;
  readonly node: TypeDefinition;
  body: Body;
}

export type Body =
  | { readonly kind: "record"; readonly fields: readonly ResolvedParam[] }
  | {
      readonly kind: "variant";
      readonly cases: readonly { readonly name: string; readonly type: WitType | undefined }[];
    }
  | { readonly kind: "enum"; readonly cases: readonly string[] }
  | { readonly kind: "flags"; readonly flags: readonly string[] }
  | { readonly kind: "alias"; readonly type: WitType }
  | { readonly kind: "resource"; readonly members: readonly ResolvedFunction[] }
  | { readonly kind: "pending" };

export interface ResolvedInterface {
  readonly id: string;
  readonly name: string;
  readonly package: Package;
  readonly node: InterfaceNode;
  /** Own and used types by the name that they have here. */
  readonly types: Map<string, Definition>;
  readonly functions: ResolvedFunction[];
  /** The interfaces whose types it uses, in order of first use. */
  readonly uses: { readonly target: ResolvedInterface; readonly names: readonly (readonly [string, string])[] }[];
}

/** A world with every `include` carried out. */
export interface ResolvedWorld {
  readonly name: string;
  readonly package: Package;
  readonly at: Position;
  readonly docs: readonly DocLine[];
  readonly types: Map<string, Definition>;
  readonly imports: Map<string, Extern>;
  readonly exports: Map<string, Extern>;
  readonly uses: ResolvedInterface["uses"];
}

export interface Extern {
  readonly name: string;
  readonly at: Position;
  readonly docs: readonly DocLine[];
  readonly gates: readonly Gate[];
  readonly target:
    | { readonly kind: "interface"; readonly interface: ResolvedInterface; readonly label: string | undefined }
    | { readonly kind: "inline"; readonly interface: ResolvedInterface }
    | { readonly kind: "function"; readonly function: ResolvedFunction };
}

/** The definition behind any chain of aliases; an alias of an unnamed type gives that type. */
export function throughAliases(type: WitType): WitType {
  let current = type;
  while (current.kind === "named" && current.definition.body.kind === "alias") current = current.definition.body.type;
  return current;
}

/** The resource that a value of this type is a handle of, if it is one: `block`, `own<block>` or `borrow<block>`. */
export function resourceOf(type: WitType): Definition | undefined {
  const named = type.kind === "own" || type.kind === "borrow" ? type.resource : undefined;
  const target = throughAliases(named ? { kind: "named", definition: named, at: type.at } : type);
  return target.kind === "named" && target.definition.body.kind === "resource" ? target.definition : undefined;
}

/** The types directly inside a type; for a name, those of its definition. A resource's own members are not inside it. */
export function innerTypes(type: WitType): readonly WitType[] {
  switch (type.kind) {
    case "primitive":
    case "own":
    case "borrow":
    case "broken":
      return [];
    case "list":
    case "option":
      return [type.item];
    case "map":
      return [type.key, type.value];
    case "tuple":
      return type.items;
    case "result":
      return [type.ok, type.error].filter((each) => each !== undefined);
    case "future":
    case "stream":
      return type.item ? [type.item] : [];
    case "named": {
      const body = type.definition.body;
      if (body.kind === "record") return body.fields.map((field) => field.type);
      if (body.kind === "variant") return body.cases.map((each) => each.type).filter((each) => each !== undefined);
      return body.kind === "alias" ? [body.type] : [];
    }
  }
}
