/**
 * Writes the sections of the hardened module around the code: types, imports, definitions, exports, segments.
 *
 * Called by harden, in the order of the file. Each function writes a whole section or nothing.
 *
 * Sources: [WASM-CORE] 5.5.
 */

import { readItem } from "../check/segments.ts";
import { GLOBAL_EXPORT, START_EXPORT } from "../harden-names.ts";
import type { CheckedModule, Constant, ElementSegment, FunctionType } from "../wasm/checked-module.ts";
import { OP, TYPE } from "../wasm/opcodes.ts";
import { Reader } from "../wasm/reader.ts";
import type { Writer } from "../wasm/writer.ts";
import { GLOBAL_SHIFT, type Indices, savedGlobalsOf } from "./indices.ts";

const LOADER_MODULE = "sumac";
const KIND = { func: 0, memory: 2, global: 3 } as const;

export function writeTypes(out: Writer, types: readonly FunctionType[]): void {
  const section = begin(out, 1);
  out.u32(types.length);
  for (const { params, results } of types) {
    out.u8(TYPE.func);
    for (const list of [params, results]) {
      out.u32(list.length);
      for (const type of list) out.u8(type);
    }
  }
  out.finish(section);
}

export interface MemoryMaxima {
  readonly memoryMaxPages: number;
  readonly heapMaxPages: number;
}

export function writeImports(out: Writer, module: CheckedModule, indices: Indices, maxima: MemoryMaxima): void {
  const section = begin(out, 2);
  out.u32(5 + indices.keptImports.length);
  writeImport(out, LOADER_MODULE, "memory", KIND.memory);
  out.u8(1);
  out.u32(module.memory?.minimum ?? 0);
  out.u32(maxima.memoryMaxPages);
  writeImport(out, LOADER_MODULE, "heap", KIND.memory);
  out.u8(3);
  out.u32(1);
  out.u32(maxima.heapMaxPages);
  for (const global of ["me", "line"]) {
    writeImport(out, LOADER_MODULE, global, KIND.global);
    out.u8(TYPE.i32);
    out.u8(0);
  }
  writeImport(out, LOADER_MODULE, "tick", KIND.func);
  out.u32(indices.tickType);
  for (const kept of indices.keptImports) {
    writeImport(out, kept.module, kept.field, KIND.func);
    out.u32(kept.type);
  }
  out.finish(section);
}

function writeImport(out: Writer, module: string, field: string, kind: number): void {
  out.name(module);
  out.name(field);
  out.u8(kind);
}

export function writeFunctions(out: Writer, module: CheckedModule, indices: Indices): void {
  const section = begin(out, 3);
  out.u32(module.functions.length + indices.fillerCount + indices.guardTypes.length);
  for (const { type } of module.functions) out.u32(type);
  for (let n = indices.fillerCount; n > 0; n--) out.u32(indices.fillerType);
  for (const type of indices.guardTypes) out.u32(type);
  out.finish(section);
}

export function writeTables(out: Writer, module: CheckedModule): void {
  if (module.tables.length === 0) return;
  const section = begin(out, 4);
  out.u32(module.tables.length);
  for (const { minimum, maximum } of module.tables) {
    out.u8(TYPE.funcref);
    out.u8(maximum === undefined ? 0 : 1);
    out.u32(minimum);
    if (maximum !== undefined) out.u32(maximum);
  }
  out.finish(section);
}

export function writeGlobals(out: Writer, module: CheckedModule): void {
  if (module.globals.length === 0) return;
  const section = begin(out, 6);
  out.u32(module.globals.length);
  for (const { type, isMutable, init } of module.globals) {
    out.u8(type);
    out.u8(isMutable ? 1 : 0);
    writeConstant(out, module.bytes, init);
  }
  out.finish(section);
}

export function writeExports(out: Writer, module: CheckedModule, indices: Indices, isMovable: boolean): void {
  const entries: (readonly [name: string, index: number])[] = module.exports.map((e) => [e.name, e.function]);
  if (module.start !== undefined) entries.push([START_EXPORT, module.start]);
  const globals = savedGlobalsOf(module, isMovable) ?? [];
  if (entries.length + globals.length === 0) return;
  const section = begin(out, 7);
  out.u32(entries.length + globals.length);
  for (const [name, index] of entries) {
    out.name(name);
    out.u8(KIND.func);
    out.u32(indices.functions[index] as number);
  }
  for (const index of globals) {
    out.name(`${GLOBAL_EXPORT}${index}`);
    out.u8(KIND.global);
    out.u32(index + GLOBAL_SHIFT);
  }
  out.finish(section);
}

export function writeElements(out: Writer, module: CheckedModule, indices: Indices): void {
  if (module.elements.length === 0) return;
  const section = begin(out, 9);
  out.u32(module.elements.length);
  for (const segment of module.elements) writeElementSegment(out, module, indices, segment);
  out.finish(section);
}

function writeElementSegment(out: Writer, module: CheckedModule, indices: Indices, segment: ElementSegment): void {
  const { flags, table, place, itemCount, itemsStart } = segment;
  const usesExpressions = (flags & 4) !== 0;
  out.u32(flags);
  if (place !== undefined) {
    if (flags & 2) out.u32(table);
    writeConstant(out, module.bytes, place);
  }
  // The kind of the items is left out only by the two oldest encodings, for table 0.
  if (flags & 3) out.u8(usesExpressions ? TYPE.funcref : 0);
  out.u32(itemCount);
  const items = new Reader(module.bytes, itemsStart, module.bytes.length, "a checked element segment");
  for (let i = 0; i < itemCount; i++) {
    if (!usesExpressions) {
      out.u32(indices.functions[items.u32()] as number);
      continue;
    }
    const item = readItem(items, indices.functions.length);
    out.u8(item === undefined ? OP.refNull : OP.refFunc);
    if (item === undefined) out.u8(TYPE.funcref);
    else out.u32(indices.functions[item] as number);
    out.u8(OP.end);
  }
}

export function writeDataCount(out: Writer, module: CheckedModule): void {
  if (!module.hasDataCount) return;
  const section = begin(out, 12);
  out.u32(module.data.length);
  out.finish(section);
}

export function writeData(out: Writer, module: CheckedModule): void {
  if (module.data.length === 0) return;
  const section = begin(out, 11);
  out.u32(module.data.length);
  for (const { place, start, end } of module.data) {
    out.u8(place === undefined ? 1 : 0);
    if (place !== undefined) writeConstant(out, module.bytes, place);
    out.u32(end - start);
    out.copy(module.bytes, start, end);
  }
  out.finish(section);
}

function writeConstant(out: Writer, bytes: Uint8Array, { start, end, global }: Constant): void {
  if (global === undefined) {
    out.copy(bytes, start, end);
  } else {
    out.u8(OP.globalGet);
    out.u32(global + GLOBAL_SHIFT);
  }
  out.u8(OP.end);
}

function begin(out: Writer, id: number): number {
  out.u8(id);
  return out.begin();
}
