/**
 * Checks element and data segments: every item exists, and an active segment stays within what the module itself declares.
 *
 * Called by `check`. The last point matters because a segment that ends in a trap has written the segments before it, and the
 * memory is one that the kernel lent.
 *
 * Sources: [WASM-CORE] 5.5.12, 5.5.14 and 5.5.16.
 */
import { MAX_ELEMENTS, MAX_SEGMENTS } from "../limits.ts";
import type { Constant, ElementSegment, Limits } from "../wasm/checked-module.ts";
import { OP, opcodeName, refusal, TYPE } from "../wasm/opcodes.ts";
import type { Reader } from "../wasm/reader.ts";
import { malformed, refused, tooMuch } from "../wasm/reject.ts";
import { readConstant } from "./constants.ts";
import { type Draft, functionCount, readIndex } from "./draft.ts";
import { badType, REMEDY, readFuncref } from "./types.ts";

const PAGE_BYTES = 65_536;
/** Bits of an element segment's flags. */
const NOT_ACTIVE = 1;
const EXPLICIT = 2;
const EXPRESSIONS = 4;

export function checkElementSection(reader: Reader, draft: Draft): void {
  const count = reader.count("element segments", MAX_SEGMENTS);
  let items = 0;
  for (let i = 0; i < count; i++) {
    const segment = readElements(reader, draft, i, items);
    items += segment.itemCount;
    draft.elements.push(segment);
  }
}

/** @param before items of the segments before this one */
function readElements(reader: Reader, draft: Draft, index: number, before: number): ElementSegment {
  const at = reader.position;
  const flags = reader.u32();
  if (flags > 7) throw malformed(at, `${flags} is no kind of element segment`);
  const isActive = (flags & NOT_ACTIVE) === 0;
  let table = 0;
  let place: Constant | undefined;
  if (isActive) {
    if (flags & EXPLICIT) table = readIndex(reader, "table", draft.tables.length);
    else if (draft.tables.length === 0) throw malformed(at, "table 0 does not exist, there are 0");
    place = readPlace(reader, draft);
  }
  const usesExpressions = (flags & EXPRESSIONS) !== 0;
  if (flags & (NOT_ACTIVE | EXPLICIT)) {
    if (usesExpressions) readFuncref(reader);
    else readElementKind(reader);
  }
  const itemCount = reader.count("elements", 0xffff_ffff);
  if (before + itemCount > MAX_ELEMENTS) throw tooMuch(at, "elements", before + itemCount, MAX_ELEMENTS);
  const itemsStart = reader.position;
  const functions = functionCount(draft);
  if (usesExpressions) for (let i = 0; i < itemCount; i++) readItem(reader, functions);
  else for (let i = 0; i < itemCount; i++) readIndex(reader, "function", functions);
  if (place !== undefined) {
    checkWithin(at, `element segment ${index}`, place, itemCount, (draft.tables[table] as Limits).minimum);
  }
  return { flags, table, place, itemCount, itemsStart };
}

function readElementKind(reader: Reader): void {
  const at = reader.position;
  const kind = reader.u8();
  if (kind === 0) return;
  throw kind >= 0x40 ? badType(at, kind) : malformed(at, `0x${kind.toString(16)} is no kind of elements`);
}

/**
 * Reads an item that is an expression: `ref.func` or `ref.null func`. The opcodes are not in the tables of instructions, since
 * no function body may use them.
 */
export function readItem(reader: Reader, functions: number): number | undefined {
  const at = reader.position;
  const op = reader.u8();
  let item: number | undefined;
  if (op === OP.refFunc) {
    item = readIndex(reader, "function", functions);
  } else if (op === OP.refNull) {
    readFuncref(reader);
  } else {
    const proposal = refusal(0, op) ?? (op === OP.globalGet ? "reference types (a global in an element segment)" : undefined);
    if (proposal !== undefined) throw refused(at, proposal, REMEDY);
    throw malformed(at, `${opcodeName(0, op)} stands in an element segment`);
  }
  if (reader.u8() !== OP.end) throw malformed(reader.position - 1, "an element is more than one reference");
  return item;
}

export function checkDataCountSection(reader: Reader, draft: Draft): void {
  draft.dataCount = reader.u32();
}

export function checkDataSection(reader: Reader, draft: Draft): void {
  const at = reader.position;
  const count = reader.count("data segments", MAX_SEGMENTS);
  if (draft.dataCount !== undefined && draft.dataCount !== count) {
    throw malformed(at, `${count} data segments, but the data count section says ${draft.dataCount}`);
  }
  for (let i = 0; i < count; i++) {
    const segmentAt = reader.position;
    const flags = reader.u32();
    if (flags > 2) throw malformed(segmentAt, `${flags} is no kind of data segment`);
    let place: Constant | undefined;
    if (flags !== 1) {
      const memoryAt = reader.position;
      const memory = flags === 2 ? reader.u32() : 0;
      if (memory !== 0) throw refused(memoryAt, "multiple memories (a data segment on another memory)", REMEDY);
      if (draft.memory === undefined) throw malformed(segmentAt, "memory 0 does not exist, there are 0");
      place = readPlace(reader, draft);
    }
    const size = reader.u32();
    const start = reader.position;
    reader.skip(size);
    if (place !== undefined && draft.memory !== undefined) {
      checkWithin(segmentAt, `data segment ${i}`, place, size, draft.memory.minimum * PAGE_BYTES);
    }
    draft.data.push({ place, start, end: reader.position });
  }
}

function readPlace(reader: Reader, draft: Draft): Constant {
  const place = readConstant(reader, draft.globals);
  if (place.type !== TYPE.i32) throw malformed(place.start, "the place of a segment is not an i32");
  return place;
}

function checkWithin(at: number, thing: string, place: Constant, size: number, declared: number): void {
  if (place.value === undefined) throw new Error("the value of an i32 constant is always known");
  const end = (place.value >>> 0) + size;
  if (end > declared) {
    throw refused(at, `${thing} ends at ${end}, beyond the declared minimum of ${declared}`, "declare a larger minimum");
  }
}
