/**
 * Checks the import section: functions only, none of the loader's own, and guard functions with the types that they have.
 *
 * Called by `check`. Whether the world grants an import is decided elsewhere, from the list that this leaves in the draft.
 *
 * Sources: [WASM-CORE] 5.5.5.
 */
import { GUARD_IMPORTS, GUARD_INTERNAL, GUARD_MODULE, sameTypes } from "../guard-imports.ts";
import { MAX_IMPORTS } from "../limits.ts";
import type { FunctionType } from "../wasm/checked-module.ts";
import type { Reader } from "../wasm/reader.ts";
import { malformed, refused } from "../wasm/reject.ts";
import { type Draft, readIndex } from "./draft.ts";
import { REMEDY } from "./types.ts";

/** Harden imports memories, globals and the tick from here; nobody else may. */
const RESERVED_MODULE = "sumac";

const NO_FUNCTION: ReadonlyMap<number, readonly [feature: string, remedy: string]> = new Map([
  [1, ["an imported table", "define the table in the module"]],
  [2, ["an imported memory", "define the memory in the module (asc: leave out --importMemory)"]],
  [3, ["an imported global", "pass the value as a function's result"]],
  [4, ["exceptions (an imported tag)", REMEDY]],
]);

export function checkImportSection(reader: Reader, draft: Draft): void {
  const count = reader.count("imports", MAX_IMPORTS);
  const seen = new Set<string>();
  for (let i = 0; i < count; i++) {
    const offset = reader.position;
    const module = reader.name();
    const field = reader.name();
    const kindAt = reader.position;
    const kind = reader.u8();
    if (kind !== 0) {
      const known = NO_FUNCTION.get(kind);
      if (known === undefined) throw malformed(kindAt, `0x${kind.toString(16)} is no kind of import`);
      throw refused(offset, `${known[0]} "${module}" "${field}"`, known[1]);
    }
    const type = readIndex(reader, "type", draft.types.length);
    const isGuard = module === GUARD_MODULE;
    if (module === RESERVED_MODULE) {
      throw refused(offset, `an import from the reserved module "sumac" ("${field}")`, "import from another module");
    }
    if (isGuard) checkGuardImport(offset, field, draft.types[type] as FunctionType);
    const key = `${module.length}:${module}${field}`;
    // A guard function may come twice: nobody has to grant it. Of the others the world grants each once.
    if (!isGuard && seen.has(key)) throw refused(offset, `"${module}" "${field}" is imported twice`, "import it once");
    seen.add(key);
    draft.imports.push({ module, field, type, offset, isGuard });
  }
}

function checkGuardImport(offset: number, field: string, type: FunctionType): void {
  const wanted = GUARD_IMPORTS.get(field);
  if (wanted === undefined) {
    const why = GUARD_INTERNAL.has(field) ? "is for the loader only" : "does not exist";
    throw refused(offset, `guard function "${field}" ${why}`, "import a function that the domain library declares");
  }
  if (!sameTypes(wanted.params, type.params) || !sameTypes(wanted.results, type.results)) {
    throw refused(offset, `guard function "${field}" is imported with a wrong type`, "declare it as the domain library does");
  }
}
