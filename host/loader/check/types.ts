/**
 * Checks value types, limits, and the type section.
 *
 * Called by the other section readers of this folder. Accepted are numbers and v128; every other type is refused by the name
 * of its proposal, because a reference type that slips through is a heap without a quota.
 *
 * Sources: [WASM-CORE] 5.3 and 5.5.4.
 */
import { MAX_PARAMS, MAX_RESULTS, MAX_TYPES } from "../limits.ts";
import type { Limits } from "../wasm/checked-module.ts";
import { TYPE } from "../wasm/opcodes.ts";
import type { Reader } from "../wasm/reader.ts";
import { malformed, refused } from "../wasm/reject.ts";
import type { Draft } from "./draft.ts";

const REFUSED_TYPES: ReadonlyMap<number, string> = new Map([
  [0x78, "garbage collection (i8)"],
  [0x77, "garbage collection (i16)"],
  [0x75, "stack switching (nocont)"],
  [0x74, "exceptions (noexn)"],
  [0x73, "garbage collection (nofunc)"],
  [0x72, "garbage collection (noextern)"],
  [0x71, "garbage collection (none)"],
  [TYPE.funcref, "reference types (funcref as a value)"],
  [0x6f, "reference types (externref)"],
  [0x6e, "garbage collection (anyref)"],
  [0x6d, "garbage collection (eqref)"],
  [0x6c, "garbage collection (i31ref)"],
  [0x6b, "garbage collection (structref)"],
  [0x6a, "garbage collection (arrayref)"],
  [0x69, "exceptions (exnref)"],
  [0x68, "stack switching (contref)"],
  [0x67, "string references (stringref)"],
  [0x64, "typed function references (ref)"],
  [0x63, "typed function references (ref null)"],
]);
const REFUSED_FORMS: ReadonlyMap<number, string> = new Map([
  [0x5f, "garbage collection (struct)"],
  [0x5e, "garbage collection (array)"],
  [0x5d, "stack switching (cont)"],
  [0x50, "garbage collection (sub)"],
  [0x4f, "garbage collection (sub final)"],
  [0x4e, "garbage collection (rec)"],
]);
export const REMEDY = "compile the module without this feature";

export function isValueType(code: number): boolean {
  return code <= TYPE.i32 && code >= TYPE.v128;
}

/** Why a type code that is no value type is turned away. */
export function badType(at: number, code: number): Error {
  const proposal = REFUSED_TYPES.get(code);
  return proposal === undefined ? malformed(at, `0x${code.toString(16)} is no type`) : refused(at, proposal, REMEDY);
}

export function readValueType(reader: Reader): number {
  const at = reader.position;
  const code = reader.u8();
  if (!isValueType(code)) throw badType(at, code);
  return code;
}

/** Type of a table's or an element segment's items: funcref and nothing else. */
export function readFuncref(reader: Reader): void {
  const at = reader.position;
  const code = reader.u8();
  if (code === TYPE.funcref) return;
  if (isValueType(code)) throw malformed(at, "items of a table must be references");
  throw badType(at, code);
}

function readTypes(reader: Reader, thing: string, limit: number): number[] {
  const count = reader.count(thing, limit);
  const types: number[] = [];
  for (let i = 0; i < count; i++) types.push(readValueType(reader));
  return types;
}

export function checkTypeSection(reader: Reader, draft: Draft): void {
  const count = reader.count("types", MAX_TYPES);
  for (let i = 0; i < count; i++) {
    const at = reader.position;
    const form = reader.u8();
    if (form !== TYPE.func) {
      const proposal = REFUSED_FORMS.get(form);
      if (proposal === undefined) throw malformed(at, `0x${form.toString(16)} begins no type`);
      throw refused(at, proposal, REMEDY);
    }
    const params = readTypes(reader, "parameters of a function", MAX_PARAMS);
    draft.types.push({ params, results: readTypes(reader, "results of a function", MAX_RESULTS) });
  }
}

/** Limits of a table or a memory: bit 0 a maximum follows, the other bits belong to proposals. */
export function readLimits(reader: Reader, thing: string): Limits {
  const at = reader.position;
  const flags = reader.u8();
  if (flags & 0x02) throw refused(at, `threads (a shared ${thing})`, REMEDY);
  if (flags & 0x04) throw refused(at, `memory64 (a 64-bit ${thing})`, REMEDY);
  if (flags & 0x08) throw refused(at, `custom page sizes (${thing})`, REMEDY);
  if (flags > 1) throw malformed(at, `0x${flags.toString(16)} is no kind of limits`);
  const minimum = reader.u32();
  const maximumAt = reader.position;
  const maximum = flags & 1 ? reader.u32() : undefined;
  if (maximum !== undefined && maximum < minimum) {
    throw malformed(maximumAt, `the maximum of the ${thing}, ${maximum}, is below its minimum, ${minimum}`);
  }
  return { minimum, maximum };
}
