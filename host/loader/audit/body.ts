/**
 * Audits the body of one function of the module's author: no way to memory 1, and no way to run long without a safepoint.
 *
 * Called by audit.ts for every function before the guard's. It reads the body once, front to back, and treats code that
 * nothing reaches like any other: what V8 would not run today it may be made to run tomorrow. It must not trust types or
 * stack heights (V8 validates them afterwards), only the sequence of instructions and the nesting of blocks.
 *
 * The safepoint P asks whether the kernel raised the interrupt word, takes the verdict, and dies here if it says so. A loop
 *
 *     block bt                        S   the loop's results leave here
 *       loop                          O   once around per BUDGET of weight
 *         block                       D   the countdown has run out
 *           loop bt                   L   the author's loop
 *             cc = cc - w; if cc < 0 br D
 *             BODY                        may name L, and labels outside S, but not S, O, D
 *           end
 *           br S
 *         end
 *         cc = BUDGET
 *         P
 *         br O
 *       end
 *       unreachable
 *     end
 */
import { BUDGET, ENTRY_WEIGHT, GIANT_WEIGHT, MAX_HARDENED_BODY_BYTES, MAX_LOCALS, WEIGHT } from "../limits.ts";
import { MISC, OP, opcodeName } from "../wasm/opcodes.ts";
import { decode, type Instruction, isValueType, newInstruction } from "./instructions.ts";
import type { FunctionType, Span } from "./module.ts";
import type { Reader } from "./reader.ts";

/** Where the functions of each kind lie in the index space: tick, granted imports, author's functions, guard functions. */
export interface CodeMap {
  readonly types: readonly FunctionType[];
  readonly firstAuthor: number;
  readonly firstGuard: number;
  /** Indices of the guard functions that author's code may call. */
  readonly callable: ReadonlySet<number>;
  /** Those among them that do the work of memory.copy and memory.fill. */
  readonly bulk: ReadonlySet<number>;
}

/** global.get line; i32.atomic.load memory 1 align 4 offset 0; if; call tick; if; unreachable; end; end. */
export const SAFEPOINT: readonly number[] = [...[0x23, 1, 0xfe, 0x10, 0x42, 1, 0, 0x04, 0x40, 0x10, 0, 0x04, 0x40, 0x00, 0x0b, 0x0b]];
const HEAD = [0x03, 0x40, 0x02, 0x40, 0x03]; // loop; block; loop …
const REFILL = [0x41, ...signedLeb(BUDGET), 0x21]; // i32.const BUDGET; local.set …

const MEMORY_INIT = misc(MISC.memoryInit);
const MEMORY_COPY = misc(MISC.memoryCopy);
const MEMORY_FILL = misc(MISC.memoryFill);
const TABLE_INIT = misc(MISC.tableInit);
const TABLE_COPY = misc(MISC.tableCopy);

/** What a label belongs to. `frame` is S, O or D. */
type Label = "function" | "block" | "if" | "else" | "frame" | "loop" | "loop with parameters";
/** A loop around the current instruction. */
interface OpenLoop {
  readonly at: number;
  /** What it counts down by; Infinity if it has a safepoint on every turn. */
  readonly declared: number;
  /** Of its body so far, without the bodies of the loops in it. */
  weight: number;
}

export class BodyAudit {
  readonly #r: Reader;
  readonly #map: CodeMap;
  readonly #instruction: Instruction = newInstruction();
  #labels: Label[] = [];
  #loops: OpenLoop[] = [];
  /** LEB128 of the index of the last local, which is the countdown where there is one. */
  #counter: number[] = [];
  #counterIndex = 0;
  #hasCounter = false;
  /** Offset behind the latest safepoint. */
  #safepointEnd = 0;
  #totalWeight = 0;
  #callsAuthor = false;
  /** Where the author's code named the countdown, where a call stands without a safepoint before it; -1 = nowhere. */
  #counterNamedAt = -1;
  #bareCallAt = -1;
  /** Functions that begin with a safepoint, and those that must because a call of them needs none, with where it stands. */
  readonly #withEntry: Set<number> = new Set();
  readonly #coldCallees: Map<number, number> = new Map();

  constructor(reader: Reader, map: CodeMap) {
    this.#r = reader;
    this.#map = map;
  }

  run(index: number, type: FunctionType, body: Span): void {
    const r = this.#r;
    r.enter(`function ${index}`, body.start, body.end);
    if (body.end - body.start > MAX_HARDENED_BODY_BYTES) r.fail("quota", `a body of ${body.end - body.start} bytes`);
    const declared = readLocals(r);
    this.#counterIndex = type.params + declared - 1;
    this.#counter = unsignedLeb(Math.max(0, this.#counterIndex));
    this.#labels = ["function"];
    this.#loops = [];
    this.#hasCounter = false;
    this.#totalWeight = 0;
    this.#callsAuthor = false;
    this.#counterNamedAt = -1;
    this.#bareCallAt = -1;

    const start = r.pos;
    const entrySafepoint = this.#safepoint();
    if (entrySafepoint) this.#withEntry.add(index);
    const countdownSet = declared > 0 && r.accept([...REFILL, ...this.#counter]);
    while (this.#labels.length > 0) {
      decode(r, this.#instruction);
      this.#step(this.#instruction);
    }
    r.leave();

    if (this.#hasCounter && !countdownSet) r.fail("counter", "the countdown is not set up", start);
    if (this.#hasCounter && this.#counterNamedAt >= 0) {
      r.fail("counter", `local ${this.#counterIndex} is the countdown and is named`, this.#counterNamedAt);
    }
    if (!entrySafepoint && this.#callsAuthor) r.fail("entry", "it calls without a safepoint at its start", start);
    if (!entrySafepoint && this.#totalWeight > ENTRY_WEIGHT) {
      r.fail("entry", `it weighs ${this.#totalWeight} and has no safepoint at its start`, start);
    }
    if (this.#totalWeight > GIANT_WEIGHT && this.#bareCallAt >= 0) {
      r.fail("giant", `it weighs ${this.#totalWeight} and calls without a safepoint right before`, this.#bareCallAt);
    }
  }

  /** To be called after the last function: every cycle of calls must pass a safepoint. */
  finish(): void {
    for (const [callee, at] of this.#coldCallees) {
      if (this.#withEntry.has(callee)) continue;
      this.#r.fail("entry", `function ${callee} is called right before unreachable and has no safepoint at its start`, at);
    }
  }

  // HOT: runs for every instruction.
  #step(i: Instruction): void {
    const r = this.#r;
    if (i.memory !== 0) r.fail("heap", `memory ${i.memory} is named`, i.at);
    if (i.op >> 8 === OP.atomicPrefix) r.fail("heap", "an atomic instruction outside a safepoint", i.at);
    let weight: number = WEIGHT.default;
    switch (i.op) {
      case OP.block:
        this.#weigh(weight);
        this.#block(i);
        return;
      case OP.loop:
        this.#weigh(weight);
        this.#loopWithParameters(i);
        return;
      case OP.else:
        if (this.#labels.at(-1) !== "if") r.fail("encoding", "else without if", i.at);
        this.#labels[this.#labels.length - 1] = "else";
        break;
      case OP.end:
        this.#end(i);
        if (this.#labels.length === 0) return;
        break;
      case OP.if:
        this.#labels.push("if");
        break;
      case OP.br:
      case OP.brIf:
        this.#branch(i.index, i.at);
        break;
      case OP.brTable:
        for (const depth of i.labels) this.#branch(depth, i.at);
        break;
      case OP.call:
        weight = this.#call(i);
        break;
      case OP.callIndirect:
        weight = this.#callOfAuthor(i);
        break;
      case OP.localGet:
      case OP.localSet:
      case OP.localTee:
        if (i.index === this.#counterIndex) this.#counterNamedAt = i.at;
        break;
      case OP.globalGet:
        if (i.index === 1) {
          // Only a safepoint reads `line`; it is recognised as a whole, so nothing can branch into it.
          r.pos = i.at;
          if (!this.#safepoint()) r.fail("safepoint", "line is read by something else", i.at);
          return;
        }
        if (i.index === 0) r.fail("globals", "me is read", i.at);
        break;
      case OP.globalSet:
        if (i.index < 2) r.fail("globals", "me or line is set", i.at);
        break;
      case MEMORY_COPY:
      case MEMORY_FILL:
        r.fail("bulk", `a plain ${opcodeName(OP.miscPrefix, i.op & 0xff)}`, i.at);
        break;
      case OP.memoryGrow:
      case MEMORY_INIT:
      case TABLE_INIT:
      case TABLE_COPY:
        if (i.at !== this.#safepointEnd) r.fail("heavy", "no safepoint right before it", i.at);
        weight = WEIGHT.heavy;
        break;
    }
    this.#weigh(weight);
  }

  /** Block, loop and end count for what encloses them: a nested loop weighs two, its body nothing. */
  #weigh(weight: number): void {
    this.#totalWeight += weight;
    const loop = this.#loops.at(-1);
    if (loop !== undefined) loop.weight += weight;
  }

  #safepoint(): boolean {
    const found = this.#r.accept(SAFEPOINT);
    if (found) this.#safepointEnd = this.#r.pos;
    return found;
  }

  /** A block of the author's, or the outermost block of a loop's shape; the shape is then read up to BODY. */
  #block(i: Instruction): void {
    const behindBlock = this.#r.pos;
    const declared = this.#loopHead(i);
    if (declared === undefined) {
      this.#r.pos = behindBlock; // a loop in it will be refused when its turn comes
      this.#labels.push("block");
      return;
    }
    if (this.#paramsOf(i) !== 0) this.#r.fail("loop", "a loop with parameters in the shape for loops without", i.at);
    if (declared < 1 || declared > BUDGET) this.#r.fail("weight", `it counts down by ${declared}, not by 1 to ${BUDGET}`, i.at);
    this.#hasCounter = true;
    this.#labels.push("frame", "frame", "frame", "loop");
    this.#loops.push({ at: i.at, declared, weight: 0 });
  }

  /** Reads from behind `block bt` up to BODY. @returns w, or undefined if this is not a loop's shape */
  #loopHead(i: Instruction): number | undefined {
    const r = this.#r;
    const blockType = [...r.bytes.subarray(i.at + 1, r.pos)];
    if (!r.accept(HEAD) || !r.accept([...blockType, OP.localGet, ...this.#counter, OP.i32Const])) return undefined;
    const declared = r.s32();
    return r.accept([OP.i32Sub, OP.localTee, ...this.#counter, OP.i32Const, 0, OP.i32LtS, OP.brIf, 1]) ? declared : undefined;
  }

  /** Any other loop. One that takes parameters cannot be restarted from outside, so it has a safepoint on every turn. */
  #loopWithParameters(i: Instruction): void {
    if (this.#paramsOf(i) === 0 || !this.#safepoint()) this.#r.fail("loop", "a loop that has not the agreed shape", i.at);
    this.#labels.push("loop with parameters");
    this.#loops.push({ at: i.at, declared: Infinity, weight: 0 });
  }

  #paramsOf(i: Instruction): number {
    if (i.index < 0) return 0;
    const type = this.#map.types[i.index];
    if (type === undefined) this.#r.fail("encoding", `type ${i.index} does not exist`, i.at);
    return type.params;
  }

  #end(i: Instruction): void {
    const r = this.#r;
    const label = this.#labels.pop();
    if (label !== "loop" && label !== "loop with parameters") return;
    const loop = this.#loops.pop() as OpenLoop;
    const weight = Math.max(1, Math.min(loop.weight, BUDGET));
    if (loop.declared < weight) r.fail("weight", `the loop counts down by ${loop.declared} and weighs ${weight}`, loop.at);
    if (label === "loop with parameters") return;
    const closed =
      r.accept([OP.br, 2, OP.end, ...REFILL, ...this.#counter]) &&
      this.#safepoint() &&
      r.accept([OP.br, 0, OP.end, OP.unreachable, OP.end]);
    if (!closed) r.fail("loop", "the loop does not end in the agreed shape", i.at);
    this.#labels.length -= 3;
  }

  #branch(depth: number, at: number): void {
    const label = this.#labels[this.#labels.length - 1 - depth];
    if (label === undefined) this.#r.fail("encoding", `there is no label ${depth}`, at);
    if (label === "frame") this.#r.fail("label", `label ${depth} belongs to a loop's safepoint frame`, at);
  }

  #call(i: Instruction): number {
    const map = this.#map;
    if (i.index === 0) this.#r.fail("tick", "tick is called", i.at);
    if (i.index < map.firstAuthor) return WEIGHT.callOutside;
    if (i.index < map.firstGuard) {
      if (this.#r.bytes[this.#r.pos] !== OP.unreachable) return this.#callOfAuthor(i);
      // The last thing before a trap: not a step of a loop, and its callee looks for itself.
      if (!this.#coldCallees.has(i.index)) this.#coldCallees.set(i.index, i.at);
      this.#noteBareCall(i);
      return WEIGHT.default;
    }
    if (!map.callable.has(i.index)) this.#r.fail("guard-call", `function ${i.index} is internal to the guard`, i.at);
    return map.bulk.has(i.index) ? WEIGHT.heavy : WEIGHT.callOutside;
  }

  /** A call that may lead back here: to the author's own function, or to whatever a table holds. */
  #callOfAuthor(i: Instruction): number {
    this.#callsAuthor = true;
    this.#noteBareCall(i);
    return WEIGHT.callDefined;
  }

  #noteBareCall(i: Instruction): void {
    if (i.at !== this.#safepointEnd && this.#bareCallAt < 0) this.#bareCallAt = i.at;
  }
}

/** @returns how many locals there are besides the parameters */
function readLocals(r: Reader): number {
  let count = 0;
  for (let groups = r.u32(); groups > 0; groups--) {
    count += r.u32();
    // One more than the author may have: the countdown. Large frames would let a recursion end far from any safepoint.
    if (count > MAX_LOCALS + 1) r.fail("quota", "too many locals");
    if (!isValueType(r.u8())) r.fail("encoding", "a local of a type that is not accepted", r.pos - 1);
  }
  return count;
}

function misc(code: number): number {
  return (OP.miscPrefix << 8) | code;
}

function unsignedLeb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsignedLeb(value >>> 7)];
}

/** For positive numbers: a sixth bit that is set needs one more byte, or it would be read as the sign. */
function signedLeb(value: number): number[] {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signedLeb(value >>> 7)];
}
