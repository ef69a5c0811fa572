/**
 * Runs a module as it was built and as it was hardened, on the same inputs, and says where the two part.
 *
 * Compared are results, the kind of a trap, every question to the host with its arguments, and after each call the memory. What may
 * differ: how deep the stack is when it ends, and how long something takes; a call that ends so ends the comparison of its module.
 */
import { readFileSync } from "node:fs";
import { auditHardened } from "../../../host/loader/audit/audit.ts";
import { check } from "../../../host/loader/check.ts";
import { parseGuard } from "../../../host/loader/guard-bodies.ts";
import { savedGlobalsOf } from "../../../host/loader/harden/indices.ts";
import { harden } from "../../../host/loader/harden.ts";
import { START_EXPORT } from "../../../host/loader/harden-names.ts";
import { type CheckedModule, type FunctionType, typeOfFunction } from "../../../host/loader/wasm/checked-module.ts";
import { TYPE } from "../../../host/loader/wasm/opcodes.ts";
import { Random } from "../../loader/random-program.ts";
import { acceptable, bare } from "./module-edit.ts";
import { AskedEnough, CutShort, HEAP_PAGES, type HostFunction, Surroundings } from "./surroundings.ts";
import { numberOf, text } from "./values.ts";

const GUARD_BYTES: Uint8Array<ArrayBuffer> = new Uint8Array(
  readFileSync(new URL("../../../build/shared-heap/guard.wasm", import.meta.url)),
);
const GUARD = parseGuard(GUARD_BYTES);
const GUARD_MODULE: WebAssembly.Module = new WebAssembly.Module(GUARD_BYTES);
const MOST_PAGES = 64;
/** So many safepoints may ask in one call. */
const MOST_TICKS = 200_000;

export interface TwinOptions {
  readonly seed: number;
  readonly isDomain?: boolean;
  /** Calls of each export. */
  readonly rounds?: number;
  /** Changes what was hardened and audited: to see that a difference would be found. */
  readonly alter?: (hardened: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
}

export interface Comparison {
  readonly calls: number;
  readonly traps: number;
  readonly questions: number;
  /** Why the rest of the module was not compared, if so. */
  readonly ended: string | undefined;
  /** Where original and hardened parted; undefined when they did not. */
  readonly difference: string | undefined;
}

/** @throws SumacError when `check` refuses the module; any other error is a fault of harden or audit */
export function compareTwins(module: Uint8Array, { seed, isDomain = false, rounds = 3, alter = (same) => same }: TwinOptions): Comparison {
  const { bytes, quota } = acceptable(module, MOST_PAGES);
  const checked = check(bytes, { maxMemoryPages: quota, name: `seed ${seed}` });
  const functions = hostFunctions(checked);
  const pages = { minimum: checked.memory?.minimum ?? 0, quota };
  const [built, hardened] = [new Surroundings(seed, pages, isDomain), new Surroundings(seed, pages, isDomain)];
  // Asked at every safepoint, or at none. A domain has no bound of its own, so it is always asked.
  const isAsked = isDomain || seed % 2 === 1;
  if (isAsked) hardened.interrupt(MOST_TICKS);

  const originalModule = new WebAssembly.Module(bare(bytes, quota));
  const hardenedModule = new WebAssembly.Module(alter(hardenedBytes(checked, quota, functions)));
  let calls = 0;
  let traps = 0;
  let questions = 0;
  const ended = (why: string | undefined, difference?: string): Comparison => ({ calls, traps, questions, ended: why, difference });

  let exports: WebAssembly.Exports = {};
  let originals: WebAssembly.Exports = {};
  const birth = [
    outcome(() => {
      exports = new WebAssembly.Instance(hardenedModule, hardened.imports(functions)).exports;
      (exports[START_EXPORT] as (() => void) | undefined)?.();
    }),
    outcome(() => {
      originals = new WebAssembly.Instance(originalModule, built.imports(functions, GUARD_MODULE)).exports;
    }),
  ] as const;
  if (birth.some(isLimit)) return ended(birth.find(isLimit));
  if (birth[0] !== birth[1]) return ended(undefined, `start: "${birth[1]}" became "${birth[0]}"`);
  // Without exports there is nothing to call: a start function that traps leaves no instance of the original.
  if (birth[0] !== "undefined") return ended("start trapped");
  hardened.exports = reentrant(exports, checked);
  built.exports = reentrant(originals, checked);

  const random = new Random(seed + 1);
  for (let round = 0; round < rounds; round++) {
    for (const { name, function: index } of checked.exports) {
      const type = typeOfFunction(checked, index);
      if ([...type.params, ...type.results].includes(TYPE.v128)) continue;
      const args = type.params.map((param) => numberOf(param, random, built.small));
      [built.log, hardened.log] = [[], []];
      if (isAsked) hardened.interrupt(MOST_TICKS);
      const after = outcome(() => (exports[name] as Callee)(...args));
      if (isLimit(after)) return ended(after);
      const before = outcome(() => (originals[name] as Callee)(...args));
      if (isLimit(before)) return ended(before);
      calls++;
      questions += built.log.length;
      if (before.startsWith("trap")) traps++;
      const what = `round ${round}, ${name}(${args.map(text).join(", ")})`;
      if (before !== after) return ended(undefined, `${what}: "${before}" became "${after}"`);
      const asked = built.log.findIndex((question, n) => question !== hardened.log[n]);
      if (asked >= 0 || built.log.length !== hardened.log.length) {
        return ended(undefined, `${what}: question ${asked}: "${built.log[asked]}" became "${hardened.log[asked]}"`);
      }
      const at = memoryDifference(built.memory, hardened.memory);
      if (at !== undefined) return ended(undefined, `${what}: memory at ${at}`);
    }
  }
  return ended(undefined);
}

type Callee = (...args: readonly (number | bigint)[]) => unknown;

function hostFunctions(checked: CheckedModule): HostFunction[] {
  return checked.imports.flatMap(({ module, field, isGuard }, i) =>
    isGuard ? [] : [{ module, name: field, type: typeOfFunction(checked, i) }],
  );
}

function hardenedBytes(checked: CheckedModule, quota: number, functions: readonly HostFunction[]): Uint8Array<ArrayBuffer> {
  const hardened = harden(checked, { memoryMaxPages: quota, heapMaxPages: HEAP_PAGES, guard: GUARD });
  auditHardened(hardened, {
    guard: GUARD_BYTES,
    memoryMaxPages: quota,
    heapMaxPages: HEAP_PAGES,
    grantedImports: functions.map(({ module, name, type }) => ({ module, name, ...type })),
    grantedExports: checked.exports.map(({ name }) => name),
    savesGlobals: savedGlobalsOf(checked) !== undefined,
  });
  return new Uint8Array(hardened);
}

/** With zeros for parameters: what `call-export` calls. */
function reentrant(exports: WebAssembly.Exports, checked: CheckedModule): (() => unknown)[] {
  return checked.exports.flatMap(({ name, function: index }) => {
    const { params, results }: FunctionType = typeOfFunction(checked, index);
    if ([...params, ...results].includes(TYPE.v128)) return [];
    const zeros = params.map((type) => (type === TYPE.i64 ? 0n : 0));
    return [() => (exports[name] as Callee)(...zeros)];
  });
}

const STACK = "limit: the stack ended";
const TIME = "limit: too long";

/** The value, the trap's kind, or which limit it came up against. */
function outcome(run: () => unknown): string {
  try {
    return text(run());
  } catch (error) {
    if (error instanceof CutShort) return TIME;
    if (error instanceof AskedEnough) return "asked enough";
    if (error instanceof RangeError) return STACK;
    if (error instanceof WebAssembly.RuntimeError || error instanceof TypeError) return `trap ${error.message}`;
    throw error;
  }
}

function isLimit(outcome: string): boolean {
  return outcome === STACK || outcome === TIME;
}

/** The first place at which two memories differ; words that are NaN in both are alike. */
function memoryDifference(a: WebAssembly.Memory, b: WebAssembly.Memory): number | undefined {
  if (a.buffer.byteLength !== b.buffer.byteLength) return a.buffer.byteLength;
  const [before, after] = [Buffer.from(a.buffer), Buffer.from(b.buffer)];
  if (before.equals(after)) return undefined;
  const [left, right] = [new DataView(a.buffer), new DataView(b.buffer)];
  for (let at = 0; at < before.length; at++) {
    if (before[at] === after[at] || isNaNAround(left, right, at)) continue;
    return at;
  }
  return undefined;
}

/** Whether the byte belongs to a float, at any place that covers it, that is NaN on both sides. */
function isNaNAround(left: DataView, right: DataView, at: number): boolean {
  for (const size of [4, 8]) {
    for (let start = Math.max(0, at - size + 1); start <= at && start + size <= left.byteLength; start++) {
      const read = (view: DataView): number => (size === 4 ? view.getFloat32(start, true) : view.getFloat64(start, true));
      if (Number.isNaN(read(left)) && Number.isNaN(read(right))) return true;
    }
  }
  return false;
}
