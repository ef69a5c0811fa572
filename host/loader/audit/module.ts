/**
 * Reads the sections of a module into plain lists: what the audit compares, with offsets for its messages.
 *
 * Reads the hardened module and guard.wasm alike. It refuses only what neither may contain (a memory of its own, a start
 * section, tags, any type but functions of numbers); what a list must hold is for audit.ts, code for body.ts and guard.ts.
 * Source: [WASM-CORE] 5.5 (modules).
 */
import {
  MAX_ELEMENTS,
  MAX_EXPORTS,
  MAX_FUNCTIONS,
  MAX_GLOBALS,
  MAX_HARDENED_BYTES,
  MAX_IMPORTS,
  MAX_SAVED_GLOBALS,
  MAX_SEGMENTS,
  MAX_TABLES,
  MAX_TYPES,
} from "../limits.ts";
import { OP, SIMD, TYPE } from "../wasm/opcodes.ts";
import { isValueType } from "./instructions.ts";
import { Reader } from "./reader.ts";

export interface FunctionType {
  readonly params: number;
  /** Equal for equal types: valtypes of parameters, 0, valtypes of results. */
  readonly signature: string;
}
export interface Limits {
  /** Bit 0: has a maximum; bit 1: shared; others are proposals that Sumac does not accept. */
  readonly flags: number;
  readonly min: number;
  readonly max: number | undefined;
}
export interface Import {
  readonly at: number;
  readonly name: string;
  /** Kind and type in one comparable text: "function 7f,0,7f", "memory 1 1 256", "global 7f 0". */
  readonly type: string;
}
export interface Table extends Limits {
  readonly at: number;
}
export interface Export {
  readonly at: number;
  readonly name: string;
  readonly kind: number;
  readonly index: number;
}
export interface Global {
  readonly type: number;
  readonly isMutable: boolean;
}
export interface Data {
  readonly at: number;
  readonly memory: number;
}
export interface Span {
  readonly start: number;
  readonly end: number;
}
export interface Custom extends Span {
  readonly name: string;
}

export interface Module {
  readonly reader: Reader;
  readonly types: FunctionType[];
  readonly imports: Import[];
  /** Type index of each function, the imported ones first. */
  readonly functions: number[];
  readonly tables: Table[];
  /** The defined ones. */
  readonly globals: Global[];
  readonly exports: Export[];
  /** The functions that element segments mention, and where they do so first. */
  readonly elements: Map<number, number>;
  /** Items of all element segments. */
  elementItems: number;
  readonly data: Data[];
  /** How many data segments the data count section promises, if there is one. */
  dataCount: number | undefined;
  /** One for each function that is not imported. */
  readonly bodies: Span[];
  readonly customs: Custom[];
}

/** Section ids in the order in which they must stand; 5 (memory), 8 (start), 13 (tags) and unknown ones are not among them. */
const ORDER = [1, 2, 3, 4, 6, 7, 9, 12, 10, 11];
/** How many entries a section may have in the author's module, and how many the loader may add to it (the guard, mostly). */
const MOST: { readonly [section: number]: number } = {
  1: MAX_TYPES,
  2: MAX_IMPORTS,
  3: MAX_FUNCTIONS,
  4: MAX_TABLES,
  6: MAX_GLOBALS,
  7: MAX_EXPORTS + MAX_SAVED_GLOBALS,
  9: MAX_SEGMENTS,
  10: MAX_FUNCTIONS,
  11: MAX_SEGMENTS,
};
const ADDED = 128;
const KIND = { func: 0, table: 1, memory: 2, global: 3 } as const;

export function readModule(bytes: Uint8Array, place: string): Module {
  const r = new Reader(bytes, place);
  const module: Module = {
    reader: r,
    types: [],
    imports: [],
    functions: [],
    tables: [],
    globals: [],
    exports: [],
    elements: new Map(),
    elementItems: 0,
    data: [],
    dataCount: undefined,
    bodies: [],
    customs: [],
  };
  if (bytes.length > MAX_HARDENED_BYTES) r.fail("quota", `${bytes.length} bytes`);
  if (!r.accept([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00])) r.fail("encoding", "it does not begin as a module does");
  let last = -1;
  while (r.pos < bytes.length) {
    r.enter(place, r.pos, bytes.length);
    const at = r.pos;
    const id = r.u8();
    const size = r.u32();
    const start = r.skip(size);
    r.enter(`${place}, section ${id}`, start, start + size);
    if (id === 0) {
      const name = r.name();
      module.customs.push({ name, start: r.pos, end: r.end });
      r.pos = r.end;
      continue;
    }
    if (id === 8) r.fail("start", "a start section", at);
    if (id === 5) r.fail("imports", "a memory of its own", at);
    const rank = ORDER.indexOf(id);
    if (rank < 0) r.fail("encoding", "a section that is not accepted", at);
    if (rank <= last) r.fail("encoding", "a section that stands twice or out of order", at);
    last = rank;
    readSection(id, r, module);
    r.leave();
  }
  r.enter(place, bytes.length, bytes.length);
  const defined = module.functions.length - module.imports.filter((i) => i.type.startsWith("function")).length;
  if (module.bodies.length !== defined) r.fail("encoding", `${defined} functions are declared, ${module.bodies.length} have a body`);
  const promised = module.dataCount ?? module.data.length;
  if (promised !== module.data.length) r.fail("encoding", `${promised} data segments are declared, ${module.data.length} are there`);
  return module;
}

function readSection(id: number, r: Reader, module: Module): void {
  if (id === 12) {
    module.dataCount = r.u32();
    return;
  }
  const count = r.u32();
  if (count > (MOST[id] ?? 0) + ADDED) r.fail("quota", `${count} entries`, r.pos);
  for (let left = count; left > 0; left--) {
    if (id === 1) module.types.push(readType(r));
    else if (id === 2) readImport(r, module);
    else if (id === 3) module.functions.push(typeIndex(r, module));
    else if (id === 4) readTable(r, module);
    else if (id === 6) module.globals.push(readGlobal(r));
    else if (id === 7) module.exports.push({ at: r.pos, name: r.name(), kind: r.u8(), index: r.u32() });
    else if (id === 9) readElements(r, module);
    else if (id === 10) module.bodies.push(readSpan(r));
    else readData(r, module);
  }
}

function readType(r: Reader): FunctionType {
  if (r.u8() !== TYPE.func) r.fail("encoding", "a type that is not a function's", r.pos - 1);
  const params = readValueTypes(r);
  return { params: params.length, signature: signatureOf(params, readValueTypes(r)) };
}

function readValueTypes(r: Reader): number[] {
  const types: number[] = [];
  for (let left = r.u32(); left > 0; left--) types.push(valueType(r));
  return types;
}

export function signatureOf(params: readonly number[], results: readonly number[]): string {
  return [...params, 0, ...results].map((type) => type.toString(16)).join();
}

function valueType(r: Reader): number {
  const type = r.u8();
  if (!isValueType(type)) r.fail("encoding", "a value type that is not accepted", r.pos - 1);
  return type;
}

function typeIndex(r: Reader, module: Module): number {
  const index = r.u32();
  if (index >= module.types.length) r.fail("encoding", `type ${index} does not exist`);
  return index;
}

function readLimits(r: Reader): Limits {
  const flags = r.u8();
  if (flags > 3) r.fail("encoding", "limits of a kind that is not accepted", r.pos - 1);
  return { flags, min: r.u32(), max: flags & 1 ? r.u32() : undefined };
}

export function limitsText(limits: Limits): string {
  return `${limits.flags} ${limits.min} ${limits.max}`;
}

function readImport(r: Reader, module: Module): void {
  const at = r.pos;
  const name = importName(r.name(), r.name());
  const kind = r.u8();
  let type: string;
  if (kind === KIND.func) {
    const index = typeIndex(r, module);
    module.functions.push(index);
    type = `function ${(module.types[index] as FunctionType).signature}`;
  } else if (kind === KIND.memory) {
    type = `memory ${limitsText(readLimits(r))}`;
  } else if (kind === KIND.global) {
    type = `global ${valueType(r).toString(16)} ${r.u8()}`;
  } else {
    r.fail("imports", "an import that is neither function, memory nor global", at);
  }
  module.imports.push({ at, name, type });
}

/** Both names in one text that no other pair has. */
export function importName(module: string, name: string): string {
  return JSON.stringify([module, name]);
}

function readTable(r: Reader, module: Module): void {
  const at = r.pos;
  if (r.u8() !== TYPE.funcref) r.fail("quota", "a table that is not of funcref", at);
  module.tables.push({ at, ...readLimits(r) });
}

function readGlobal(r: Reader): Global {
  const type = valueType(r);
  const mutability = r.u8();
  if (mutability > 1) r.fail("encoding", "a global that is neither mutable nor constant", r.pos - 1);
  skipConstant(r);
  return { type, isMutable: mutability === 1 };
}

/** An initial value or the offset of a segment. */
function skipConstant(r: Reader): void {
  const at = r.pos;
  const op = r.u8();
  if (op === OP.i32Const) r.s32();
  else if (op === OP.i64Const) r.skipS64();
  else if (op === OP.f32Const) r.skip(4);
  else if (op === OP.f64Const) r.skip(8);
  else if (op === OP.simdPrefix && r.u32() === SIMD.v128Const) r.skip(16);
  else if (op === OP.globalGet) {
    if (r.u32() < 2) r.fail("globals", "a constant made of me or line", at);
  } else r.fail("opcode", "a constant expression that is not one constant", at);
  if (r.u8() !== OP.end) r.fail("opcode", "a constant expression that is not one constant", at);
}

function readElements(r: Reader, module: Module): void {
  const at = r.pos;
  const flags = r.u32();
  if (flags > 7) r.fail("encoding", "an element segment of unknown form", at);
  const active = (flags & 1) === 0;
  const explicit = (flags & 2) !== 0;
  const expressions = (flags & 4) !== 0;
  if (active && explicit) r.u32(); // which table: all are funcref tables of the module's own
  if (active) skipConstant(r);
  if ((!active || explicit) && r.u8() !== (expressions ? TYPE.funcref : 0)) {
    r.fail("elements", "a segment of something else than functions", r.pos - 1);
  }
  const count = r.u32();
  module.elementItems += count;
  if (module.elementItems > MAX_ELEMENTS) r.fail("quota", `${module.elementItems} items of element segments`, at);
  for (let left = count; left > 0; left--) {
    const item = r.pos;
    const op = expressions ? r.u8() : OP.refFunc;
    if (op === OP.refFunc) {
      const func = r.u32();
      if (!module.elements.has(func)) module.elements.set(func, item);
    } else if (op !== OP.refNull || r.u8() !== TYPE.funcref) r.fail("elements", "an item that is not a function", item);
    if (expressions && r.u8() !== OP.end) r.fail("elements", "an item that is not a function", item);
  }
}

function readData(r: Reader, module: Module): void {
  const at = r.pos;
  const flags = r.u32();
  if (flags > 2) r.fail("encoding", "a data segment of unknown form", at);
  // A passive segment (1) names its memory only in memory.init, which is checked there.
  module.data.push({ at, memory: flags === 2 ? r.u32() : 0 });
  if (flags !== 1) skipConstant(r);
  r.skip(r.u32());
}

/** Something that begins with its own size. */
function readSpan(r: Reader): Span {
  const size = r.u32();
  const start = r.skip(size);
  return { start, end: start + size };
}
