/**
 * What a module runs in, once as it was built and once hardened: memory, heap with objects that it owns, host functions whose answers
 * a seed decides. Two of the same seed behave alike as long as they are asked alike; all that they are asked is in `log`.
 */

import type { FunctionType } from "../../../host/loader/wasm/checked-module.ts";
import { TYPE } from "../../../host/loader/wasm/opcodes.ts";
import type { SharedHeap } from "../../../shared-heap/heap.ts";
import { CPU_LINES } from "../../../shared-heap/layout.ts";
import { Random } from "../../loader/random-program.ts";
import { emptyHeap } from "../../shared-heap/support.ts";
import { wat } from "../../support/wat.ts";
import { answerOf, text } from "./values.ts";

export const HEAP_PAGES = 256;
const PAGE = 65_536;
const ME = 0x4001;
const OBJECT_TYPE = 5;
const OBJECT_BYTES = 4096;
const HEAP_QUOTA = 8 << 20;
/** A domain that asks the host more often than this in one call is cut short, both forms at the same question. */
const MOST_QUESTIONS = 1000;
const MOST_DEPTH = 3;

/** Takes a vector to the host as two numbers, because JavaScript has no such value. */
const VECTOR: WebAssembly.Module = new WebAssembly.Module(
  (await wat(`(module (import "host" "log" (func $log (param i64 i64)))
    (func (export "log") (param v128)
      (call $log (i64x2.extract_lane 0 (local.get 0)) (i64x2.extract_lane 1 (local.get 0)))))`)) as Uint8Array<ArrayBuffer>,
);

/** Thrown through a module that goes on for too long, after so many safepoints. */
export class CutShort extends Error {}

/** Thrown through a module that asks for too long: in both forms at the same question, so that they can go on afterwards. */
export class AskedEnough extends Error {}

export interface HostFunction {
  readonly module: string;
  readonly name: string;
  readonly type: FunctionType;
}

export class Surroundings {
  readonly memory: WebAssembly.Memory;
  readonly heap: SharedHeap = emptyHeap(HEAP_PAGES * PAGE);
  /** Every question to the host since the last call began. */
  log: string[] = [];
  /** Functions that `call-export` may call, in the same order in both forms. */
  exports: readonly (() => unknown)[] = [];
  readonly #random: Random;
  readonly #small: readonly number[] | undefined;
  readonly #sumac: WebAssembly.ModuleImports;
  #depth = 0;
  #ticks = 0;

  /** @param isDomain answers are numbers that a domain can make sense of: objects of its own among them */
  constructor(seed: number, pages: { readonly minimum: number; readonly quota: number }, isDomain: boolean) {
    this.#random = new Random(seed);
    this.memory = new WebAssembly.Memory({ initial: pages.minimum, maximum: pages.quota });
    this.heap.exports.domainOpen(1, ME, HEAP_QUOTA, 1 << 16);
    if (isDomain) this.#small = [0, 0, 1, 1, 2, 5, 64, 100, ...Array.from({ length: 6 }, () => this.#object())];
    const i32 = (value: number): WebAssembly.Global => new WebAssembly.Global({ value: "i32" }, value);
    const tick = (): number => this.#tick();
    this.#sumac = { memory: this.memory, heap: this.heap.memory, me: i32(ME), line: i32(CPU_LINES), tick };
  }

  /** Numbers that are no nonsense for a domain; undefined where any will do. */
  get small(): readonly number[] | undefined {
    return this.#small;
  }

  /** Every safepoint asks from now on, and is told to go on until `most` of them have. */
  interrupt(most: number): void {
    this.#ticks = most;
    Atomics.store(new Int32Array(this.heap.memory.buffer), CPU_LINES / 4, 1);
  }

  #tick(): number {
    if (this.#ticks-- > 0) return 0;
    throw new CutShort();
  }

  #object(): number {
    return this.heap.exports.alloc(ME, OBJECT_TYPE, OBJECT_BYTES);
  }

  /** @param guard the guard's functions for the original, which cannot have them inside */
  imports(functions: readonly HostFunction[], guard?: WebAssembly.Module): WebAssembly.Imports {
    const imports: Record<string, WebAssembly.ModuleImports> = { sumac: this.#sumac };
    if (guard !== undefined) imports.guard = new WebAssembly.Instance(guard, { sumac: this.#sumac }).exports as WebAssembly.ModuleImports;
    for (const each of functions) {
      const module = imports[each.module] ?? {};
      imports[each.module] = module;
      module[each.name] = this.#host(each);
    }
    return imports;
  }

  #host({ name, type }: HostFunction): WebAssembly.ExportValue {
    const answer = (...args: readonly unknown[]): unknown => {
      this.log.push(`${name} ${args.map(text).join(" ")}`);
      if (this.log.length > MOST_QUESTIONS) throw new AskedEnough();
      if (name.startsWith("call-export")) return this.#reenter(Number(args[0]), name.endsWith("-catch"));
      if (name.startsWith("[constructor]") || name === "message-new") return this.#random.below(8) === 0 ? 0 : this.#object();
      return answerOf(type.results, this.#random, this.#small);
    };
    const isVector = type.params.length === 1 && type.params[0] === TYPE.v128 && type.results.length === 0;
    return isVector ? (new WebAssembly.Instance(VECTOR, { host: { log: answer } }).exports.log as WebAssembly.ExportValue) : answer;
  }

  #reenter(index: number, catches: boolean): number {
    const callee = this.exports[(index >>> 0) % Math.max(1, this.exports.length)];
    if (callee === undefined || this.#depth >= MOST_DEPTH) return 0;
    this.#depth++;
    try {
      callee();
      return 0;
    } catch (error) {
      if (!catches || !(error instanceof WebAssembly.RuntimeError)) throw error;
      return 1;
    } finally {
      this.#depth--;
    }
  }
}
