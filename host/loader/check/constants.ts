/**
 * Checks the constant expressions of globals and segments: one `const`, or the value of an earlier immutable global.
 *
 * Called by the readers of globals, elements and data. It knows the value of every i32, because a segment's place must be known
 * before the module runs.
 *
 * Sources: [WASM-CORE] 3.4.13 and 5.4.9.
 */
import type { Constant, Global } from "../wasm/checked-module.ts";
import { Instructions } from "../wasm/instructions.ts";
import { OP, opcodeName, refusal, SIMD, TYPE } from "../wasm/opcodes.ts";
import type { Reader } from "../wasm/reader.ts";
import { malformed, refused } from "../wasm/reject.ts";
import { REMEDY } from "./types.ts";

/** i32, then i64, add, sub and mul: constant only under the extended constant expressions proposal. */
const EXTENDED: ReadonlySet<number> = new Set([0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e]);

export function readConstant(reader: Reader, globals: readonly Global[]): Constant {
  const code = new Instructions(reader);
  code.next();
  const { start } = code;
  const end = reader.position;
  const constant = constantOf(code, start, end, globals);
  code.next();
  if (code.op === OP.end) return constant;
  if (EXTENDED.has(code.op) || constTypeOf(code) !== undefined || code.op === OP.globalGet) {
    throw refused(start, "extended constant expressions", REMEDY);
  }
  throw notConstant(code);
}

function constantOf(code: Instructions, start: number, end: number, globals: readonly Global[]): Constant {
  const type = constTypeOf(code);
  if (type !== undefined) return { start, end, global: undefined, type, value: type === TYPE.i32 ? code.a : undefined };
  if (code.op !== OP.globalGet) throw notConstant(code);
  const global = globals[code.a];
  if (global === undefined) throw malformed(start, `global ${code.a} does not exist yet, there are ${globals.length}`);
  if (global.isMutable) throw malformed(start, `global ${code.a} is mutable, so its value is no constant`);
  return { start, end, global: code.a, type: global.type, value: global.init.value };
}

/** The value type that a `const` instruction leaves. */
function constTypeOf(code: Instructions): number | undefined {
  switch (code.op) {
    case OP.i32Const:
      return TYPE.i32;
    case OP.i64Const:
      return TYPE.i64;
    case OP.f32Const:
      return TYPE.f32;
    case OP.f64Const:
      return TYPE.f64;
    case OP.simdPrefix:
      return code.sub === SIMD.v128Const ? TYPE.v128 : undefined;
    default:
      return undefined;
  }
}

function notConstant(code: Instructions): Error {
  const prefix = code.op >= OP.gcPrefix ? code.op : 0;
  const number = prefix === 0 ? code.op : code.sub;
  const proposal = refusal(prefix, number);
  if (proposal !== undefined) return refused(code.start, proposal, REMEDY);
  return malformed(code.start, `${opcodeName(prefix, number)} stands in a constant expression`);
}
