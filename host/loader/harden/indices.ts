/**
 * The index spaces of the hardened module: which function, type and global each original one becomes.
 *
 * Made once per module by harden, read by everything that writes indices.
 *
 *   functions:  tick | kept imports | the module's functions | fillers | the guard's functions
 *   globals:    me, line | the module's globals
 *   types:      the module's types | those of the tick and of the guard that it has not got
 */

import type { GuardBodies } from "../guard-bodies.ts";
import { sameTypes } from "../guard-imports.ts";
import { RECOVER_EXPORT } from "../harden-names.ts";
import { MAX_FUNCTIONS } from "../limits.ts";
import { type CheckedModule, type FunctionImport, type FunctionType, typeOfFunction } from "../wasm/checked-module.ts";
import { TYPE } from "../wasm/opcodes.ts";

/** `me` and `line` come before the module's own. */
export const GLOBAL_SHIFT = 2;

export interface Indices {
  /** Imports that the hardened module still has, in the original order. */
  readonly keptImports: readonly FunctionImport[];
  /** New index of each original function. */
  readonly functions: Uint32Array;
  /** Functions that do nothing, between the module's and the guard's. */
  readonly fillerCount: number;
  readonly fillerType: number;
  /** Index of the first guard function. */
  readonly firstGuard: number;
  /** Index of the module's first defined function. */
  readonly firstDefined: number;
  /** All types, the original ones first, so that their indices stay. */
  readonly types: readonly FunctionType[];
  readonly tickType: number;
  /** Type index of each guard function. */
  readonly guardTypes: readonly number[];
}

/** Whether the module has what a domain exports that starts again from a snapshot. */
export function hasRecover(module: CheckedModule): boolean {
  const found = module.exports.find(({ name }) => name === RECOVER_EXPORT);
  if (found === undefined) return false;
  const { params, results } = typeOfFunction(module, found.function);
  return params.length + results.length === 0;
}

/**
 * The globals that the kernel saves, if its state can be saved at all and anybody wants that: the module itself, which has a `recover`, or a
 * system in which it may go to another CPU.
 */
export function savedGlobalsOf(module: CheckedModule, isMovable = false): readonly number[] | undefined {
  if (module.beyondSnapshot !== undefined || !(isMovable || hasRecover(module))) return undefined;
  return module.globals.flatMap(({ isMutable }, index) => (isMutable ? [index] : []));
}

export function assignIndices(module: CheckedModule, guard: GuardBodies): Indices {
  const keptImports = module.imports.filter((imported) => !imported.isGuard);
  const firstDefined = 1 + keptImports.length;
  const fillerCount = countFillers(module, guard);
  const firstGuard = firstDefined + module.functions.length + fillerCount;
  const functions = new Uint32Array(module.imports.length + module.functions.length);
  let kept = 1;
  for (const [i, imported] of module.imports.entries()) {
    functions[i] = imported.isGuard ? firstGuard + guardFunction(guard, imported.field) : kept++;
  }
  for (let i = 0; i < module.functions.length; i++) functions[module.imports.length + i] = firstDefined + i;

  const types = [...module.types];
  const tickType = typeIndex(types, { params: [], results: [TYPE.i32] });
  const fillerType = fillerCount > 0 ? typeIndex(types, { params: [], results: [] }) : 0;
  const guardTypes = guard.functions.map(({ type }) => typeIndex(types, type));
  return { keptImports, functions, fillerCount, fillerType, firstGuard, firstDefined, types, tickType, guardTypes };
}

/** Below so many bytes V8 calls a function small. */
const SMALL_BYTES = 50;
/** What a safepoint may add to one that was small. */
const GROWTH_BYTES = 18;

/**
 * V8 inlines more freely where at least half of a module's functions are small, because then no compiler has done it before.
 * Guard functions and functions with safepoints are rarely small, and are called to be inlined: so as many empty ones
 * make up for them. With too few, accesses in longer functions remain calls (0011 in docs/decisions).
 */
function countFillers(module: CheckedModule, guard: GuardBodies): number {
  let small = 0;
  for (const { bodyStart, bodyEnd } of module.functions) if (bodyEnd - bodyStart < SMALL_BYTES - GROWTH_BYTES) small++;
  for (const { body } of guard.functions) if (body.length < SMALL_BYTES) small++;
  const count = module.functions.length + guard.functions.length;
  return Math.max(0, Math.min(count - 2 * small, MAX_FUNCTIONS - count));
}

/** Position of a guard function among the guard's; `check` and `parseGuard` both know its name. */
export function guardFunction(guard: GuardBodies, name: string): number {
  const found = guard.byName.get(name);
  if (found === undefined) throw new Error(`the guard has no function "${name}"`);
  return found;
}

function typeIndex(types: FunctionType[], wanted: FunctionType): number {
  const found = types.findIndex((type) => sameTypes(type.params, wanted.params) && sameTypes(type.results, wanted.results));
  return found >= 0 ? found : types.push(wanted) - 1;
}
