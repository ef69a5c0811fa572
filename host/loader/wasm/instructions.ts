/**
 * Steps through the instructions of a function body or a constant expression.
 *
 * Used by check, harden and the guard's reader. It knows the shapes of immediates; indices, nesting, and which instructions are
 * refused are its callers' business. The auditor must not use it.
 *
 * Sources: [WASM-CORE] 5.4.
 */
import { ATOMIC_IMMEDIATE, IMM, MISC_IMMEDIATE, OP, SIMD_IMMEDIATE, SINGLE_IMMEDIATE } from "./opcodes.ts";
import type { Reader } from "./reader.ts";
import { malformed, refused } from "./reject.ts";

/** Set in a memarg's alignment field when a memory index follows it. */
const EXPLICIT_MEMORY = 0x40;
/** For vectors that only the bytes left in the body bound. */
const UNLIMITED = 0xffff_ffff;

export class Instructions {
  readonly input: Reader;
  /** Byte offset of the current instruction; the next one begins at `input.position`. */
  start = 0;
  /** First opcode byte, and the number after it when that byte is a prefix. */
  op = 0;
  sub = 0;
  /** One of `IMM`. */
  immediate = 0;
  /**
   * The immediate's numbers. label, func, local, global, data, elem, i32: `a`. blocktype: `a`, negative for a value type.
   * call_indirect: type, table. table.init: segment, table. table.copy: target, source. memory.init: segment, memory.
   * memory: `b`. memory.copy: target, source memory. memarg: alignment exponent, memory. br_table: `a` labels from byte
   * offset `b` on, and the default label after them. select_t: `a` types from byte offset `b` on.
   */
  a = 0;
  b = 0;

  constructor(input: Reader) {
    this.input = input;
  }

  // HOT: called for every instruction of a module, three times before its domain starts.
  next(): void {
    const input = this.input;
    this.start = input.position;
    const op = input.u8();
    this.op = op;
    this.sub = 0;
    let immediate = SINGLE_IMMEDIATE[op] as number;
    if (op >= OP.miscPrefix && op <= OP.atomicPrefix) {
      const sub = input.u32();
      this.sub = sub;
      const table = op === OP.miscPrefix ? MISC_IMMEDIATE : op === OP.simdPrefix ? SIMD_IMMEDIATE : ATOMIC_IMMEDIATE;
      immediate = sub < table.length ? (table[sub] as number) : IMM.refused;
    }
    this.immediate = immediate;
    if (immediate !== IMM.none && immediate !== IMM.refused) this.#immediates(immediate);
  }

  #immediates(immediate: number): void {
    const input = this.input;
    switch (immediate) {
      case IMM.local:
      case IMM.global:
      case IMM.label:
      case IMM.func:
      case IMM.data:
      case IMM.elem:
        this.a = input.u32();
        return;
      case IMM.i32:
        this.a = input.s32();
        return;
      case IMM.memarg:
        this.#memarg();
        return;
      case IMM["memarg+lane"]:
        this.#memarg();
        input.skip(1);
        return;
      case IMM.blocktype:
        this.a = input.s33();
        return;
      case IMM.memory:
        this.b = input.u32();
        return;
      case IMM.call_indirect:
      case IMM["table.init"]:
      case IMM["table.copy"]:
      case IMM["memory.init"]:
      case IMM["memory.copy"]:
        this.a = input.u32();
        this.b = input.u32();
        return;
      case IMM.i64:
        input.skipS64();
        return;
      case IMM.f32:
        input.skip(4);
        return;
      case IMM.f64:
        input.skip(8);
        return;
      case IMM.v128:
      case IMM.shuffle:
        input.skip(16);
        return;
      case IMM.lane:
        input.skip(1);
        return;
      case IMM.br_table:
        this.a = input.count("branch targets", UNLIMITED);
        this.b = input.position;
        for (let i = 0; i <= this.a; i++) input.u32();
        return;
      case IMM.select_t:
        this.a = input.count("types", UNLIMITED);
        this.b = input.position;
        input.skip(this.a);
        return;
      default:
        throw new Error(`no reader for immediate ${immediate}`);
    }
  }

  #memarg(): void {
    const input = this.input;
    const at = input.position;
    const flags = input.u32();
    this.a = flags & ~EXPLICIT_MEMORY;
    this.b = flags & EXPLICIT_MEMORY ? input.u32() : 0;
    if (this.a > 4) throw malformed(at, `an alignment of 2^${this.a} does not exist`);
    if (flags & EXPLICIT_MEMORY && this.b === 0) {
      // One encoding for one meaning: nothing later has to ask whether "memory 0, said aloud" is memory 0.
      throw refused(at, "multiple memories (a memory index in a memory access)", "use the one own memory of the module");
    }
    input.u32();
  }
}
