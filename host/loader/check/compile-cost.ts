/**
 * Estimates what a body costs V8's compilers, and refuses one that was made to be dear.
 *
 * Called by the code section's walker, after it has checked the instruction. V8 compiles a function when it is first called,
 * on the thread that all domains share, and no safepoint can stop it. For each branch and each block it copies the state of
 * every local and every value on the stack, so a body of 20 KB with many of both takes 20 seconds and 6 GB. What is bounded
 * is that product: slots (locals and values on the stack) times branches, weighed as they come out of hardening.
 *
 * The height of the stack is counted, not checked: types are V8's business, which validates the module afterwards.
 */
import { COMPILE_WEIGHT, MAX_FUNCTION_SLOTS, MAX_MODULE_SLOTS, MAX_NESTING } from "../limits.ts";
import type { FunctionType } from "../wasm/checked-module.ts";
import type { Instructions } from "../wasm/instructions.ts";
import { OP, opcodeName } from "../wasm/opcodes.ts";
import { tooMuch } from "../wasm/reject.ts";
import type { Draft } from "./draft.ts";

const UNARY =
  /^(eqz|clz|ctz|popcnt|abs|neg|ceil|floor|trunc|nearest|sqrt|convert|demote|promote|extend|wrap|reinterpret|splat|all_true|any_true|bitmask|not|extract_lane|extadd)/;
const NAMED: ReadonlyMap<string, number> = new Map([
  ["nop", 0],
  ["drop", -1],
  ["select", -2],
  ["br_if", -1],
  ["local.get", 1],
  ["local.set", -1],
  ["local.tee", 0],
  ["global.get", 1],
  ["global.set", -1],
  ["memory.size", 1],
  ["memory.grow", 0],
  ["memory.init", -3],
  ["memory.copy", -3],
  ["memory.fill", -3],
  ["table.init", -3],
  ["table.copy", -3],
  ["data.drop", 0],
  ["elem.drop", 0],
  ["v128.bitselect", -2],
]);

/** How many values an instruction without control flow leaves more than it takes. */
export function stackEffect(name: string): number {
  const named = NAMED.get(name);
  if (named !== undefined) return named;
  const operation = name.slice(name.indexOf(".") + 1);
  if (operation === "const") return 1;
  if (operation.startsWith("store")) return -2;
  if (operation.startsWith("load")) return operation.endsWith("_lane") ? -1 : 0;
  return UNARY.test(operation) ? 0 : -1;
}

function effects(prefix: number): Int8Array {
  return Int8Array.from({ length: 256 }, (_, code) => stackEffect(opcodeName(prefix, code)));
}

const SINGLE = effects(0);
const MISC = effects(OP.miscPrefix);
const SIMD = effects(OP.simdPrefix);
const NO_VALUES: FunctionType = { params: [], results: [] };
const VOID = -64;

export class CompileCost {
  readonly #draft: Draft;
  readonly #base: Int32Array = new Int32Array(MAX_NESTING + 2);
  readonly #params: Int32Array = new Int32Array(MAX_NESTING + 2);
  readonly #results: Int32Array = new Int32Array(MAX_NESTING + 2);
  #depth = 0;
  #locals = 0;
  /** Values on the stack now. */
  height = 0;
  #function = 0;
  #module = 0;

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  begin(type: FunctionType, locals: number): void {
    this.#locals = locals;
    this.#function = 0;
    this.#depth = -1;
    this.height = 0;
    this.#open(0, type.results.length);
  }

  // HOT: once for every instruction of a module. `code` was checked: its indices exist, its nesting is bounded.
  step(code: Instructions): void {
    switch (code.op) {
      case OP.block:
        this.#enter(code, COMPILE_WEIGHT.block);
        return;
      case OP.loop:
        this.#enter(code, COMPILE_WEIGHT.loop);
        return;
      case OP.if:
        this.#add(-1);
        this.#enter(code, COMPILE_WEIGHT.if);
        return;
      case OP.else:
        this.height = (this.#base[this.#depth] as number) + (this.#params[this.#depth] as number);
        return;
      case OP.end:
        this.height = (this.#base[this.#depth] as number) + (this.#results[this.#depth] as number);
        this.#depth--;
        return;
      case OP.br:
      case OP.return:
        this.#charge(COMPILE_WEIGHT.branch, code.start);
        this.#leave();
        return;
      case OP.brTable:
        this.#charge(COMPILE_WEIGHT.branch * (code.a + 1), code.start);
        this.#leave();
        return;
      case OP.unreachable:
        this.#leave();
        return;
      case OP.brIf:
        this.#charge(COMPILE_WEIGHT.branch, code.start);
        this.#add(-1);
        return;
      case OP.call:
        this.#call(this.#typeOf(code.a), code);
        return;
      case OP.callIndirect:
        this.#add(-1);
        this.#call(this.#draft.types[code.a] ?? NO_VALUES, code);
        return;
      case OP.miscPrefix:
        this.#add(MISC[code.sub] as number);
        return;
      case OP.simdPrefix:
        this.#add(SIMD[code.sub] as number);
        return;
      default:
        this.#add(SINGLE[code.op] as number);
    }
  }

  #enter(code: Instructions, weight: number): void {
    this.#charge(weight, code.start);
    const type = code.a >= 0 ? this.#draft.types[code.a] : undefined;
    const params = type?.params.length ?? 0;
    this.#add(-params);
    this.#open(params, type?.results.length ?? (code.a === VOID ? 0 : 1));
    this.height += params;
  }

  #open(params: number, results: number): void {
    this.#depth++;
    this.#base[this.#depth] = this.height;
    this.#params[this.#depth] = params;
    this.#results[this.#depth] = results;
  }

  #call(type: FunctionType, code: Instructions): void {
    // A very long function looks at the interrupt word before each of its calls.
    this.#charge(COMPILE_WEIGHT.call, code.start);
    this.#add(-type.params.length);
    this.height += type.results.length;
  }

  #typeOf(index: number): FunctionType {
    const { imports, declared, types } = this.#draft;
    const type = imports[index]?.type ?? declared[index - imports.length];
    return types[type ?? -1] ?? NO_VALUES;
  }

  /** Below the block's own values there is nothing to take: such code is unreachable, or V8 refuses it. */
  #add(effect: number): void {
    this.height = Math.max(this.height + effect, this.#base[this.#depth] as number);
  }

  /** What comes next in the block is unreachable; V8 compiles nothing for it. */
  #leave(): void {
    this.height = this.#base[this.#depth] as number;
  }

  #charge(weight: number, offset: number): void {
    const slots = weight * (this.#locals + this.height);
    this.#function += slots;
    this.#module += slots;
    if (this.#function > MAX_FUNCTION_SLOTS) {
      throw tooMuch(offset, "branches times locals and values on the stack in one function", this.#function, MAX_FUNCTION_SLOTS);
    }
    if (this.#module > MAX_MODULE_SLOTS) {
      throw tooMuch(offset, "branches times locals and values on the stack in the module", this.#module, MAX_MODULE_SLOTS);
    }
  }

  /** Of the body so far, for tests and for whoever sets the limits. */
  get ofFunction(): number {
    return this.#function;
  }

  get ofModule(): number {
    return this.#module;
  }
}
