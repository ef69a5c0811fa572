/**
 * Decodes one instruction at a time, by the loader's opcode tables.
 *
 * Called for every instruction of a hardened module and of the guard. It knows no rule except that an opcode must be in the
 * tables and its immediates well-formed; which instruction may stand where is for body.ts and guard.ts.
 * Sources: [WASM-CORE] 5.4; the memory index in a memarg (bit 6 of the alignment) as in [WASM-CORE] 5.4.6.
 */
import { ATOMIC_IMMEDIATE, IMM, MISC_IMMEDIATE, OP, opcodeName, SIMD_IMMEDIATE, SINGLE_IMMEDIATE, TYPE } from "../wasm/opcodes.ts";
import type { Reader } from "./reader.ts";

/** One object is reused for all instructions; nothing in it outlives the next decode. */
export interface Instruction {
  /** Offset of its first byte. */
  at: number;
  /** The opcode, or prefix << 8 | number behind the prefix. */
  op: number;
  /** Code of its immediate (`IMM`). */
  immediate: number;
  /** Label depth, function, type, local, global, segment; of a block: its type (`BLOCK_VOID`, or a type index, or < 0). */
  index: number;
  /** The highest memory index that it names, 0 if none. */
  memory: number;
  /** Targets of br_table. */
  labels: number[];
}

/** `index` of a block type that is not a type index: -64 is void, the others are value types (as [WASM-CORE] numbers them). */
export const BLOCK_VOID = -64;

/** Exponent of 16 bytes. Bits above it and below bit 6 are other proposals' flags, with bytes behind them that nobody here reads. */
const MAX_ALIGN = 4;

export function newInstruction(): Instruction {
  return { at: 0, op: 0, immediate: 0, index: 0, memory: 0, labels: [] };
}

export function isValueType(byte: number): boolean {
  return byte >= TYPE.v128 && byte <= TYPE.i32;
}

// HOT: runs for every instruction of a module of up to 16 MiB.
export function decode(reader: Reader, into: Instruction): void {
  into.at = reader.pos;
  into.index = 0;
  into.memory = 0;
  let op = reader.u8();
  let immediate = SINGLE_IMMEDIATE[op] as number;
  if (op === OP.miscPrefix || op === OP.simdPrefix || op === OP.atomicPrefix) {
    const prefix = op;
    const code = reader.u32();
    const table = prefix === OP.miscPrefix ? MISC_IMMEDIATE : prefix === OP.simdPrefix ? SIMD_IMMEDIATE : ATOMIC_IMMEDIATE;
    immediate = table[code] ?? IMM.refused;
    if (immediate === IMM.refused) reader.fail("opcode", opcodeName(prefix, code), into.at);
    op = (prefix << 8) | code;
  }
  into.op = op;
  into.immediate = immediate;
  switch (immediate) {
    case IMM.none:
      return;
    case IMM.local:
    case IMM.label:
    case IMM.func:
    case IMM.global:
    case IMM.data:
    case IMM.elem:
      into.index = reader.u32();
      return;
    case IMM.call_indirect:
    case IMM["table.init"]:
    case IMM["table.copy"]:
      into.index = reader.u32();
      reader.u32();
      return;
    case IMM.memarg:
      readMemarg(reader, into);
      return;
    case IMM["memarg+lane"]:
      readMemarg(reader, into);
      reader.u8();
      return;
    case IMM.memory:
      into.memory = reader.u32();
      return;
    case IMM["memory.init"]:
      into.index = reader.u32();
      into.memory = reader.u32();
      return;
    case IMM["memory.copy"]:
      into.memory = Math.max(reader.u32(), reader.u32());
      return;
    case IMM.i32:
      reader.s32();
      return;
    case IMM.i64:
      reader.skipS64();
      return;
    case IMM.f32:
      reader.skip(4);
      return;
    case IMM.f64:
      reader.skip(8);
      return;
    case IMM.v128:
    case IMM.shuffle:
      reader.skip(16);
      return;
    case IMM.lane:
      reader.u8();
      return;
    case IMM.blocktype:
      into.index = readBlockType(reader);
      return;
    case IMM.br_table:
      into.labels.length = 0;
      for (let left = reader.u32(); left >= 0; left--) into.labels.push(reader.u32());
      return;
    case IMM.select_t:
      if (reader.u32() !== 1 || !isValueType(reader.u8())) reader.fail("opcode", "select of a type that is not accepted", into.at);
      return;
    default:
      reader.fail("opcode", opcodeName(0, op), into.at);
  }
}

function readMemarg(reader: Reader, into: Instruction): void {
  const flags = reader.u32();
  if ((flags & ~0x40) > MAX_ALIGN) reader.fail("encoding", "an alignment that no instruction has", into.at);
  if (flags & 0x40) into.memory = reader.u32();
  reader.u32();
}

function readBlockType(reader: Reader): number {
  const at = reader.pos;
  const type = reader.s33();
  const oneByte = reader.pos === at + 1;
  if (type < 0 && !(oneByte && (type === BLOCK_VOID || isValueType(type & 0x7f)))) {
    reader.fail("opcode", "a block type that is not accepted", at);
  }
  return type;
}
