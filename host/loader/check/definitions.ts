/**
 * Checks the sections that define things: functions' types, tables, the memory, globals, exports, the start function.
 *
 * Called by `check`, in the order of the file.
 *
 * Sources: [WASM-CORE] 5.5.6 to 5.5.11.
 */
import { MAX_EXPORTS, MAX_FUNCTIONS, MAX_GLOBALS, MAX_PAGES, MAX_SAVED_GLOBALS, MAX_TABLE_ENTRIES, MAX_TABLES } from "../limits.ts";
import type { FunctionType } from "../wasm/checked-module.ts";
import { TYPE } from "../wasm/opcodes.ts";
import type { Reader } from "../wasm/reader.ts";
import { malformed, refused, tooMuch } from "../wasm/reject.ts";
import { readConstant } from "./constants.ts";
import { type Draft, functionCount, readIndex } from "./draft.ts";
import { REMEDY, readFuncref, readLimits, readValueType } from "./types.ts";

export function checkFunctionSection(reader: Reader, draft: Draft): void {
  const count = reader.count("functions", MAX_FUNCTIONS);
  for (let i = 0; i < count; i++) draft.declared.push(readIndex(reader, "type", draft.types.length));
}

export function checkTableSection(reader: Reader, draft: Draft): void {
  const count = reader.count("tables", MAX_TABLES);
  let entries = 0;
  for (let i = 0; i < count; i++) {
    const at = reader.position;
    // 0x40 in place of a type: the table has an initial value.
    if (reader.bytes[at] === 0x40) throw refused(at, "typed function references (a table's initial value)", REMEDY);
    readFuncref(reader);
    const limits = readLimits(reader, "table");
    entries += limits.maximum ?? limits.minimum;
    if (entries > MAX_TABLE_ENTRIES) throw tooMuch(at, "table entries", entries, MAX_TABLE_ENTRIES);
    draft.tables.push(limits);
  }
}

export function checkMemorySection(reader: Reader, draft: Draft, maxMemoryPages: number): void {
  const at = reader.position;
  const count = reader.count("memories", 0xffff_ffff);
  if (count > 1) throw refused(at, `multiple memories (${count})`, REMEDY);
  if (count === 0) return;
  const limitsAt = reader.position;
  const memory = readLimits(reader, "memory");
  const largest = memory.maximum ?? memory.minimum;
  if (largest > MAX_PAGES) {
    throw malformed(limitsAt, `a memory of ${largest} pages cannot exist, the largest is ${MAX_PAGES}`);
  }
  if (memory.minimum > maxMemoryPages) {
    throw refused(
      limitsAt,
      `a memory of at least ${memory.minimum} pages, more than the quota of ${maxMemoryPages}`,
      "raise the domain's memory quota in the manifest",
    );
  }
  draft.memory = memory;
}

export function checkGlobalSection(reader: Reader, draft: Draft): void {
  const count = reader.count("globals", MAX_GLOBALS);
  for (let i = 0; i < count; i++) {
    const type = readValueType(reader);
    const at = reader.position;
    const flags = reader.u8();
    if (flags & 0x02) throw refused(at, "threads (a shared global)", REMEDY);
    if (flags > 1) throw malformed(at, `0x${flags.toString(16)} is no mutability of a global`);
    const init = readConstant(reader, draft.globals);
    if (init.type !== type) throw malformed(init.start, `global ${i} is initialised with a value of another type`);
    draft.globals.push({ type, isMutable: flags === 1, init });
    // JavaScript, which the kernel is, can neither read nor write such a global.
    if (flags === 1 && type === TYPE.v128) draft.beyondSnapshot ??= "a mutable global of type v128";
  }
  const mutable = draft.globals.filter(({ isMutable }) => isMutable).length;
  if (mutable > MAX_SAVED_GLOBALS) draft.beyondSnapshot ??= `more than ${MAX_SAVED_GLOBALS} mutable globals`;
}

const NO_FUNCTION: ReadonlyMap<number, string> = new Map([
  [1, "table"],
  [2, "memory"],
  [3, "global"],
  [4, "tag"],
]);
/** "sumac:start" and kin are harden's; "sumac:block/bdev@0.1.0#read" is a method of an interface. */
const RESERVED_EXPORT = /^sumac:[^/#@]*$/;

export function checkExportSection(reader: Reader, draft: Draft): void {
  const count = reader.count("exports", MAX_EXPORTS);
  const seen = new Set<string>();
  for (let i = 0; i < count; i++) {
    const offset = reader.position;
    const name = reader.name();
    const kindAt = reader.position;
    const kind = reader.u8();
    if (kind !== 0) {
      const thing = NO_FUNCTION.get(kind);
      if (thing === undefined) throw malformed(kindAt, `0x${kind.toString(16)} is no kind of export`);
      const flag = thing === "memory" ? " (asc: --noExportMemory)" : "";
      throw refused(offset, `export "${name}" is a ${thing}`, `export functions only${flag}`);
    }
    const index = readIndex(reader, "function", functionCount(draft));
    if (seen.has(name)) throw malformed(offset, `two exports are named "${name}"`);
    if (RESERVED_EXPORT.test(name)) throw refused(offset, `export name "${name}" is reserved`, "rename the export");
    if (index < draft.imports.length) {
      throw refused(offset, `export "${name}" is an imported function`, "export a function of the module that calls it");
    }
    seen.add(name);
    draft.exports.push({ name, function: index, offset });
  }
}

export function checkStartSection(reader: Reader, draft: Draft): void {
  const at = reader.position;
  const index = readIndex(reader, "function", functionCount(draft));
  const declared = draft.declared[index - draft.imports.length];
  if (declared === undefined) {
    throw refused(at, "the start function is an imported function", "start with a function of the module that calls it");
  }
  const type = draft.types[declared] as FunctionType;
  if (type.params.length > 0 || type.results.length > 0) {
    throw malformed(at, "the start function takes parameters or returns results");
  }
  draft.start = index;
}
