/**
 * The module while it is being checked: what the sections read so far have declared.
 *
 * Filled by the readers of the sections in this folder, in the order of the file; `check` turns it into a `CheckedModule`.
 */
import type {
  CustomSection,
  DataSegment,
  DefinedFunction,
  ElementSegment,
  FunctionExport,
  FunctionImport,
  FunctionType,
  Global,
  Limits,
} from "../wasm/checked-module.ts";
import type { Reader } from "../wasm/reader.ts";
import { malformed } from "../wasm/reject.ts";

export interface Draft {
  readonly types: FunctionType[];
  readonly imports: FunctionImport[];
  /** Type of each defined function, from the function section; the code section adds the bodies. */
  readonly declared: number[];
  readonly functions: DefinedFunction[];
  readonly tables: Limits[];
  memory: Limits | undefined;
  readonly globals: Global[];
  readonly exports: FunctionExport[];
  start: number | undefined;
  readonly elements: ElementSegment[];
  dataCount: number | undefined;
  readonly data: DataSegment[];
  readonly customSections: CustomSection[];
  world: Uint8Array | undefined;
  beyondSnapshot: string | undefined;
}

export function emptyDraft(): Draft {
  return {
    types: [],
    imports: [],
    declared: [],
    functions: [],
    tables: [],
    memory: undefined,
    globals: [],
    exports: [],
    start: undefined,
    elements: [],
    dataCount: undefined,
    data: [],
    customSections: [],
    world: undefined,
    beyondSnapshot: undefined,
  };
}

export function functionCount(draft: Draft): number {
  return draft.imports.length + draft.declared.length;
}

/** Reads an index that must be below `count`. */
export function readIndex(reader: Reader, thing: string, count: number): number {
  const at = reader.position;
  const index = reader.u32();
  if (index >= count) throw malformed(at, `${thing} ${index} does not exist, there are ${count}`);
  return index;
}
