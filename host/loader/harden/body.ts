/**
 * Rewrites function bodies: indices, safepoints, countdowns in loops, bulk instructions.
 *
 * Called by harden for each of the module's own functions, in order. One pass over the bytes after the weighing; what need not
 * change is copied in runs. It relies on `check`: a body that it has not seen must never come here.
 *
 * A loop without parameters becomes this, so that the inner loop, which is the original one, neither calls nor touches memory:
 *
 *   block bt                       ;; left with the loop's results
 *     loop
 *       block                      ;; left when the countdown runs out
 *         loop bt
 *           cc -= weight; br_if 1 (cc < 0)
 *           the original body
 *         end
 *         br 2
 *       end
 *       cc = BUDGET; safepoint; br 0
 *     end
 *     unreachable
 *   end
 */
import type { GuardBodies } from "../guard-bodies.ts";
import { BULK_COPY, BULK_FILL } from "../guard-imports.ts";
import { BUDGET, ENTRY_WEIGHT, GIANT_WEIGHT, MAX_HARDENED_BODY_BYTES, MAX_NESTING } from "../limits.ts";
import { type CheckedModule, type DefinedFunction, typeOfFunction } from "../wasm/checked-module.ts";
import { Instructions } from "../wasm/instructions.ts";
import { MISC, OP, TYPE } from "../wasm/opcodes.ts";
import { Reader } from "../wasm/reader.ts";
import { tooMuch } from "../wasm/reject.ts";
import type { Writer } from "../wasm/writer.ts";
import { findColdCallees } from "./cold.ts";
import type { BranchHints } from "./hints.ts";
import { GLOBAL_SHIFT, guardFunction, type Indices } from "./indices.ts";
import type { Positions } from "./positions.ts";
import { SAFEPOINT, SAFEPOINT_BRANCHES } from "./safepoint.ts";
import { BodyWeight, isHeavy, takesParameters } from "./weigh.ts";

/** Levels that a loop with a countdown has more than the original one. */
const EXTRA_LEVELS = 3;
const PLAIN = 0;
const COUNTED = 1;

export class BodyRewriter {
  readonly #module: CheckedModule;
  readonly #indices: Indices;
  readonly #out: Writer;
  readonly #hints: BranchHints;
  /** Set only to explain a death. */
  readonly #positions: Positions | undefined;
  readonly #input: Reader;
  readonly #code: Instructions;
  readonly #weight: BodyWeight = new BodyWeight();
  readonly #coldCallees: Uint8Array;
  readonly #bulkCopy: number;
  readonly #bulkFill: number;
  /** By original nesting: levels around the inside of the block in the hardened body, and whether it is a counted loop. */
  readonly #level: Int32Array = new Int32Array(MAX_NESTING + 2);
  readonly #kind: Uint8Array = new Uint8Array(MAX_NESTING + 2);
  #depth = 0;
  #nextLoop = 0;
  /** Input from here on is not written yet. */
  #copied = 0;
  /** Index of the function that is being written, and where its contents begin in the output. */
  #function = 0;
  #contents = 0;
  /** Index of the countdown's local. */
  #countdown = 0;
  #isGiant = false;

  constructor(module: CheckedModule, indices: Indices, guard: GuardBodies, out: Writer, hints: BranchHints, positions?: Positions) {
    this.#module = module;
    this.#indices = indices;
    this.#out = out;
    this.#hints = hints;
    this.#positions = positions;
    this.#input = new Reader(module.bytes, 0, 0, "a checked body");
    this.#code = new Instructions(this.#input);
    this.#coldCallees = findColdCallees(module);
    this.#bulkCopy = indices.firstGuard + guardFunction(guard, BULK_COPY);
    this.#bulkFill = indices.firstGuard + guardFunction(guard, BULK_FILL);
  }

  /** @param index of the function among those that the module defines */
  rewrite(index: number, body: DefinedFunction): void {
    const input = this.#input;
    input.position = body.bodyStart;
    input.end = body.bodyEnd;
    this.#function = this.#indices.firstDefined + index;
    this.#contents = this.#out.begin();

    const groupCount = input.u32();
    const groupsStart = input.position;
    const locals = this.#skipLocals(groupCount);
    const codeStart = input.position;
    this.#weight.measure(this.#module, this.#code);
    input.position = codeStart;
    this.#copied = codeStart;
    this.#countdown = typeOfFunction(this.#module, this.#module.imports.length + index).params.length + locals;
    this.#isGiant = this.#weight.total > GIANT_WEIGHT;
    this.#positions?.beginFunction();
    this.#positions?.mark(0, codeStart, false);

    this.#out.u32(groupCount + (this.#weight.hasCountdown ? 1 : 0));
    this.#out.copy(input.bytes, groupsStart, codeStart);
    if (this.#weight.hasCountdown) {
      this.#out.u8(1);
      this.#out.u8(TYPE.i32);
    }
    if (this.#coldCallees[index] === 1 || this.#weight.callsDefined || this.#weight.total > ENTRY_WEIGHT) this.#safepoint();
    if (this.#weight.hasCountdown) this.#refill();

    this.#level[0] = 0;
    this.#kind[0] = PLAIN;
    this.#depth = 1;
    this.#nextLoop = 0;
    while (this.#depth > 0) {
      this.#code.next();
      this.#instruction();
    }
    this.#flush(input.position);
    const size = this.#out.length - this.#contents;
    if (size > MAX_HARDENED_BODY_BYTES) {
      throw tooMuch(body.bodyStart, `bytes in the hardened body of function ${index}`, size, MAX_HARDENED_BODY_BYTES);
    }
    this.#out.finish(this.#contents);
  }

  #skipLocals(groupCount: number): number {
    let locals = 0;
    for (let i = 0; i < groupCount; i++) {
      locals += this.#input.u32();
      this.#input.skip(1);
    }
    return locals;
  }

  // HOT: once for every instruction of a module.
  #instruction(): void {
    const code = this.#code;
    switch (code.op) {
      case OP.block:
      case OP.if:
        this.#enter(PLAIN, 1);
        return;
      case OP.loop:
        this.#loop();
        return;
      case OP.end:
        this.#end();
        return;
      case OP.br:
      case OP.brIf: {
        const label = this.#label(code.a);
        if (label !== code.a) this.#replace(code.op, label);
        return;
      }
      case OP.brTable:
        this.#branchTable();
        return;
      case OP.call:
        if (this.#isGiant && code.a >= this.#module.imports.length) this.#safepointBefore();
        this.#replace(OP.call, this.#indices.functions[code.a] as number);
        return;
      case OP.callIndirect:
        if (this.#isGiant) this.#safepointBefore();
        return;
      case OP.globalGet:
      case OP.globalSet:
        this.#replace(code.op, code.a + GLOBAL_SHIFT);
        return;
      case OP.memoryGrow:
      case OP.miscPrefix:
        if (isHeavy(code)) this.#heavy();
        return;
      default:
    }
  }

  #enter(kind: number, levels: number): void {
    this.#level[this.#depth] = (this.#level[this.#depth - 1] as number) + levels;
    this.#kind[this.#depth++] = kind;
  }

  #loop(): void {
    const code = this.#code;
    const weight = this.#weight.loops[this.#nextLoop++] as number;
    if (takesParameters(this.#module, code.a)) {
      this.#enter(PLAIN, 1);
      this.#flush(this.#input.position);
      this.#safepoint();
      return;
    }
    this.#enter(COUNTED, 1 + EXTRA_LEVELS);
    this.#flush(code.start);
    this.#copied = this.#input.position;
    const out = this.#out;
    this.#open(OP.block);
    out.u8(OP.loop);
    out.u8(TYPE.empty);
    out.u8(OP.block);
    out.u8(TYPE.empty);
    this.#open(OP.loop);
    this.#local(OP.localGet);
    this.#const(weight);
    out.u8(OP.i32Sub);
    this.#local(OP.localTee);
    this.#const(0);
    out.u8(OP.i32LtS);
    this.#hints.unlikely(this.#function, out.length - this.#contents);
    out.u8(OP.brIf);
    out.u8(1);
  }

  /** Opens a block of the current instruction's type. */
  #open(op: number): void {
    this.#out.u8(op);
    this.#out.copy(this.#input.bytes, this.#code.start + 1, this.#input.position);
  }

  #end(): void {
    this.#depth--;
    if (this.#kind[this.#depth] !== COUNTED) return;
    this.#flush(this.#input.position);
    const out = this.#out;
    out.u8(OP.br);
    out.u8(2);
    out.u8(OP.end);
    this.#refill();
    this.#safepoint();
    out.u8(OP.br);
    out.u8(0);
    out.u8(OP.end);
    out.u8(OP.unreachable);
    out.u8(OP.end);
  }

  #label(original: number): number {
    const level = this.#level[this.#depth - 1] as number;
    return level - (this.#level[this.#depth - 1 - original] as number);
  }

  #branchTable(): void {
    const { a: count, b: from, start } = this.#code;
    const input = this.#input;
    const end = input.position;
    this.#flush(start);
    this.#out.u8(OP.brTable);
    this.#out.u32(count);
    input.position = from;
    for (let i = 0; i <= count; i++) this.#out.u32(this.#label(input.u32()));
    input.position = end;
    this.#copied = end;
  }

  #heavy(): void {
    const { op, sub } = this.#code;
    if (op === OP.miscPrefix && sub === MISC.memoryCopy) this.#replace(OP.call, this.#bulkCopy);
    else if (op === OP.miscPrefix && sub === MISC.memoryFill) this.#replace(OP.call, this.#bulkFill);
    else this.#safepointBefore();
  }

  /** Puts an instruction with one index in place of the current one. */
  #replace(op: number, index: number): void {
    this.#flush(this.#code.start);
    this.#copied = this.#input.position;
    this.#out.u8(op);
    this.#out.u32(index);
  }

  #safepointBefore(): void {
    this.#flush(this.#code.start);
    this.#safepoint();
  }

  #safepoint(): void {
    const at = this.#out.length - this.#contents;
    for (const branch of SAFEPOINT_BRANCHES) this.#hints.unlikely(this.#function, at + branch);
    this.#out.append(SAFEPOINT);
  }

  #refill(): void {
    this.#const(BUDGET);
    this.#local(OP.localSet);
  }

  #const(value: number): void {
    this.#out.u8(OP.i32Const);
    this.#out.s32(value);
  }

  #local(op: number): void {
    this.#out.u8(op);
    this.#out.u32(this.#countdown);
  }

  #flush(end: number): void {
    if (end > this.#copied) {
      this.#positions?.mark(this.#out.length - this.#contents, this.#copied, true);
      this.#out.copy(this.#input.bytes, this.#copied, end);
    }
    this.#copied = end;
    // What comes next, if anything, stands for the current instruction.
    this.#positions?.mark(this.#out.length - this.#contents, this.#code.start, false);
  }
}
