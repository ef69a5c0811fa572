/**
 * What `check` found in a module: the tables that harden rewrites and the loader compares with the world.
 *
 * All offsets are byte offsets into `bytes`, which nobody may change any more. Indices are those of the original module.
 */

export interface FunctionType {
  /** Codes of `TYPE`. */
  readonly params: readonly number[];
  readonly results: readonly number[];
}

export interface FunctionImport {
  readonly module: string;
  readonly field: string;
  /** Index into `types`. */
  readonly type: number;
  readonly offset: number;
  /** Imported from "guard": harden puts the guard's own function in its place, no host function is needed. */
  readonly isGuard: boolean;
}

/** The body runs from its local declarations to its last `end`. */
export interface DefinedFunction {
  readonly type: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

export interface Limits {
  readonly minimum: number;
  readonly maximum: number | undefined;
}

/** A constant expression: one `const` instruction (`start`..`end` without the final `end`), or the value of an earlier global. */
export interface Constant {
  readonly start: number;
  readonly end: number;
  /** Undefined for a `const` instruction. */
  readonly global: number | undefined;
  readonly type: number;
  /** Known for an i32, which is what a segment's place is. */
  readonly value: number | undefined;
}

export interface Global {
  readonly type: number;
  readonly isMutable: boolean;
  readonly init: Constant;
}

export interface FunctionExport {
  readonly name: string;
  /** In the function index space; always a defined function. */
  readonly function: number;
  readonly offset: number;
}

export interface ElementSegment {
  /** 0..7, as in the binary format: bit 0 not active, bit 1 explicit table or declared only, bit 2 items are expressions. */
  readonly flags: number;
  readonly table: number;
  readonly place: Constant | undefined;
  readonly itemCount: number;
  readonly itemsStart: number;
}

export interface DataSegment {
  /** Undefined for a passive segment. */
  readonly place: Constant | undefined;
  readonly start: number;
  readonly end: number;
}

export interface CustomSection {
  readonly name: string;
  /** Of the section's id byte. */
  readonly offset: number;
  /** The payload after the name. */
  readonly start: number;
  readonly end: number;
}

export interface CheckedModule {
  /** What messages call it. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly types: readonly FunctionType[];
  readonly imports: readonly FunctionImport[];
  readonly functions: readonly DefinedFunction[];
  readonly tables: readonly Limits[];
  /** Undefined when the module has none; harden then gives it one of no pages. */
  readonly memory: Limits | undefined;
  readonly globals: readonly Global[];
  readonly exports: readonly FunctionExport[];
  /** In the function index space; always a defined function of type () -> (). */
  readonly start: number | undefined;
  readonly elements: readonly ElementSegment[];
  readonly data: readonly DataSegment[];
  /** Whether the module has a data count section, without which no instruction may name a data segment. */
  readonly hasDataCount: boolean;
  readonly customSections: readonly CustomSection[];
  /** What of the module's state no snapshot can hold, if it has such; the rest is its memory and its mutable globals. */
  readonly beyondSnapshot: string | undefined;
  /** Contents of the custom section "sumac:world": the text of the WIT world that the module was built for. */
  readonly world: Uint8Array | undefined;
}

/** The type of a function by its index in the function index space. */
export function typeOfFunction(module: CheckedModule, index: number): FunctionType {
  const imported = module.imports[index];
  const type = imported?.type ?? module.functions[index - module.imports.length]?.type;
  const found = type === undefined ? undefined : module.types[type];
  if (found === undefined) throw new Error(`function ${index} is not in the checked module`);
  return found;
}
