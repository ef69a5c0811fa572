/**
 * Takes guard.wasm apart into functions that harden can append to any module.
 *
 * Called once when the loader starts. A guard that imports, defines or does anything beyond what appending allows is a broken
 * build of Sumac itself, and no module is loaded with it. It must not judge whether the guard is right: tests do that, and the
 * auditor compares what was appended with a decoding of its own.
 *
 * The guard's index space is that of a hardened module without imports of its own: memory 0 own, memory 1 the shared heap,
 * global 0 `me`, global 1 the CPU's line, function 0 the tick. So only `call` targets need to be moved.
 */
import { SumacError } from "../errors.ts";
import { GUARD_IMPORTS, GUARD_INTERNAL, sameTypes } from "./guard-imports.ts";
import type { FunctionType } from "./wasm/checked-module.ts";
import { Instructions } from "./wasm/instructions.ts";
import { ATOMIC, IMM, OP, opcodeName, TYPE } from "./wasm/opcodes.ts";
import { Reader } from "./wasm/reader.ts";

/** A call in a guard function: `start`..`end` is the instruction within `body`; target 0 is the tick, 1 + n is function n. */
export interface GuardCall {
  readonly start: number;
  readonly end: number;
  readonly target: number;
}

export interface GuardFunction {
  readonly type: FunctionType;
  /** From the local declarations to the last `end`. */
  readonly body: Uint8Array;
  readonly calls: readonly GuardCall[];
  /** Where in `body` an `if` stands that is entered only on the way to a trap or a verdict, ascending. */
  readonly unlikely: readonly number[];
}

export interface GuardBodies {
  /** All of them, exported or not, in the order of guard.wasm. */
  readonly functions: readonly GuardFunction[];
  /** Index into `functions` by export name. */
  readonly byName: ReadonlyMap<string, number>;
}

/** Everything a hardened module imports before its own functions, in this order; the guard imports nothing else. */
const IMPORTS: readonly (readonly [field: string, kind: number])[] = [
  ["memory", 2],
  ["heap", 2],
  ["me", 3],
  ["line", 3],
  ["tick", 0],
];
const SHARED = 2;

/** @throws SumacError "build-failed" */
export function parseGuard(bytes: Uint8Array): GuardBodies {
  if (!WebAssembly.validate(bytes as BufferSource)) throw broken("it is no valid module");
  const types: FunctionType[] = [];
  const declared: number[] = [];
  const byName = new Map<string, number>();
  const functions: GuardFunction[] = [];
  const file = new Reader(bytes, 8, bytes.length, "the guard");
  while (!file.atEnd) {
    const id = file.u8();
    const size = file.u32();
    const section = new Reader(bytes, file.position, file.position + size, "a section of the guard");
    file.skip(size);
    if (id === 1) readTypes(section, types);
    else if (id === 2) readImports(section, types);
    else if (id === 3) for (let n = section.u32(); n > 0; n--) declared.push(section.u32());
    else if (id === 7) readExports(section, byName);
    else if (id === 10) readBodies(section, types, declared, functions);
    else if (id !== 0) throw broken(`it has a section ${id}: only types, imports, functions, exports and code can be appended`);
  }
  for (const [name, signature] of [...GUARD_IMPORTS, ...GUARD_INTERNAL]) {
    const found = functions[byName.get(name) ?? -1];
    if (found === undefined) throw broken(`it exports no function "${name}"`);
    if (!sameTypes(found.type.params, signature.params) || !sameTypes(found.type.results, signature.results)) {
      throw broken(`its function "${name}" has a wrong type`);
    }
  }
  return { functions, byName };
}

function broken(problem: string): SumacError {
  return new SumacError("build-failed", `guard.wasm cannot be appended to modules: ${problem}; run npm run build:heap`);
}

function readTypes(section: Reader, types: FunctionType[]): void {
  for (let n = section.u32(); n > 0; n--) {
    if (section.u8() !== TYPE.func) throw broken("it has a type that is no function type");
    types.push({ params: readTypeList(section), results: readTypeList(section) });
  }
}

function readTypeList(section: Reader): number[] {
  const list: number[] = [];
  for (let n = section.u32(); n > 0; n--) list.push(section.u8());
  return list;
}

function readImports(section: Reader, types: readonly FunctionType[]): void {
  const count = section.u32();
  for (let i = 0; i < count; i++) {
    const module = section.name();
    const field = section.name();
    const kind = section.u8();
    const wanted = IMPORTS[i];
    const right = module === "sumac" && field === wanted?.[0] && kind === wanted[1] && hasRightType(section, types, field);
    if (!right) throw broken(`its import ${i}, "${module}" "${field}", is not what a hardened module has there`);
  }
  if (count !== IMPORTS.length) throw broken(`it has ${count} imports instead of ${IMPORTS.length}`);
}

function hasRightType(section: Reader, types: readonly FunctionType[], field: string): boolean {
  switch (field) {
    case "memory":
    case "heap": {
      const flags = section.u8();
      section.u32();
      if (flags & 1) section.u32();
      return (flags & ~1) === (field === "heap" ? SHARED : 0);
    }
    case "me":
    case "line":
      return section.u8() === TYPE.i32 && section.u8() === 0;
    default: {
      const type = types[section.u32()];
      return type !== undefined && sameTypes(type.params, []) && sameTypes(type.results, [TYPE.i32]);
    }
  }
}

function readExports(section: Reader, byName: Map<string, number>): void {
  for (let n = section.u32(); n > 0; n--) {
    const name = section.name();
    const kind = section.u8();
    const index = section.u32();
    if (kind !== 0 || index === 0) throw broken(`its export "${name}" is not a function of its own`);
    byName.set(name, index - 1);
  }
}

function readBodies(section: Reader, types: readonly FunctionType[], declared: readonly number[], into: GuardFunction[]): void {
  const count = section.u32();
  for (let i = 0; i < count; i++) {
    const type = types[declared[i] ?? -1];
    if (type === undefined) throw broken(`function ${i} has no type`);
    const size = section.u32();
    const body = section.bytes.slice(section.position, section.position + size);
    section.skip(size);
    into.push({ type, body, ...readCode(body, i) });
  }
}

/** Walks one body, refuses what cannot be appended, and finds its calls and its ways to a trap. */
function readCode(body: Uint8Array, index: number): Pick<GuardFunction, "calls" | "unlikely"> {
  const input = new Reader(body, 0, body.length, "a guard function");
  for (let groups = input.u32(); groups > 0; groups--) {
    input.u32();
    const type = input.u8();
    if (type > TYPE.i32 || type < TYPE.v128) throw broken(`function ${index} has a local that is no number`);
  }
  const calls: GuardCall[] = [];
  const unlikely = new Set<number>();
  /** Where the blocks around the instruction begin; -1 for what is no `if`, or its `else`. */
  const open: number[] = [];
  const code = new Instructions(input);
  while (!input.atEnd) {
    code.next();
    if (code.op === OP.gcPrefix && input.u32() === REF_I31) continue;
    if (!isAppendable(code)) {
      const prefix = code.op >= OP.gcPrefix && code.op <= OP.atomicPrefix ? code.op : 0;
      const name = opcodeName(prefix, prefix === 0 ? code.op : code.sub);
      throw broken(`function ${index} has ${name} at byte ${code.start} of its body`);
    }
    if (code.op === OP.call) calls.push({ start: code.start, end: input.position, target: code.a });
    if (code.op === OP.unreachable) for (const at of open) if (at >= 0) unlikely.add(at);
    if (code.immediate === IMM.blocktype) open.push(code.op === OP.if ? code.start : -1);
    else if (code.op === OP.else) open[open.length - 1] = -1;
    else if (code.op === OP.end) open.pop();
  }
  return { calls, unlikely: [...unlikely].sort((a, b) => a - b) };
}

/** Number of `ref.i31` behind the prefix: the one instruction of its proposal that the guard uses, for what V8 then does. */
const REF_I31 = 0x1c;

const NOT_APPENDABLE: ReadonlySet<number> = new Set([
  IMM.refused,
  IMM.call_indirect,
  IMM["memory.init"],
  IMM.data,
  IMM["table.init"],
  IMM["table.copy"],
  IMM.elem,
  IMM.select_t,
]);

function isAppendable(code: Instructions): boolean {
  if (NOT_APPENDABLE.has(code.immediate)) return false;
  // A type index would have to be moved, as would any global but the two that stand first in every hardened module.
  if (code.immediate === IMM.blocktype) return code.a < 0;
  if (code.op === OP.globalSet || code.op === OP.memoryGrow) return false;
  if (code.op === OP.atomicPrefix) return code.sub === ATOMIC.i32Load && code.b === 1;
  return true;
}
