/**
 * The index spaces of the hardened module: which function, type and global each original one becomes.
 *
 * Made once per module by harden, read by everything that writes indices.
 *
 *   functions:  tick | kept imports | the module's functions | the guard's functions
 *   globals:    me, line | the module's globals
 *   types:      the module's types | those of the tick and of the guard that it has not got
 */

import type { GuardBodies } from "../guard-bodies.ts";
import { sameTypes } from "../guard-imports.ts";
import type { CheckedModule, FunctionImport, FunctionType } from "../wasm/checked-module.ts";
import { TYPE } from "../wasm/opcodes.ts";

/** `me` and `line` come before the module's own. */
export const GLOBAL_SHIFT = 2;

export interface Indices {
  /** Imports that the hardened module still has, in the original order. */
  readonly keptImports: readonly FunctionImport[];
  /** New index of each original function. */
  readonly functions: Uint32Array;
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

export function assignIndices(module: CheckedModule, guard: GuardBodies): Indices {
  const keptImports = module.imports.filter((imported) => !imported.isGuard);
  const firstDefined = 1 + keptImports.length;
  const firstGuard = firstDefined + module.functions.length;
  const functions = new Uint32Array(module.imports.length + module.functions.length);
  let kept = 1;
  for (const [i, imported] of module.imports.entries()) {
    functions[i] = imported.isGuard ? firstGuard + guardFunction(guard, imported.field) : kept++;
  }
  for (let i = 0; i < module.functions.length; i++) functions[module.imports.length + i] = firstDefined + i;

  const types = [...module.types];
  const tickType = typeIndex(types, { params: [], results: [TYPE.i32] });
  const guardTypes = guard.functions.map(({ type }) => typeIndex(types, type));
  return { keptImports, functions, firstGuard, firstDefined, types, tickType, guardTypes };
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
