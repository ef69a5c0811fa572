/**
 * The guard functions by name and type: what a domain may import from module "guard", and what only harden may call.
 *
 * Read by check (imports of a module) and by guard-bodies (exports of guard.wasm).
 */
import { TYPE } from "./wasm/opcodes.ts";

export interface GuardSignature {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

const { i32, i64, v128 } = TYPE;
const load: GuardSignature = { params: [i32], results: [i32] };
const store: GuardSignature = { params: [i32, i32], results: [] };
const bulk: GuardSignature = { params: [i32, i32, i32], results: [] };

/** Import module of a domain's guard functions. */
export const GUARD_MODULE = "guard";

export const GUARD_IMPORTS: ReadonlyMap<string, GuardSignature> = new Map([
  ["load8", load],
  ["load16", load],
  ["load32", load],
  ["load64", { params: [i32], results: [i64] }],
  ["loadv128", { params: [i32], results: [v128] }],
  ["store8", store],
  ["store16", store],
  ["store32", store],
  ["store64", { params: [i32, i64], results: [] }],
  ["storev128", { params: [i32, v128], results: [] }],
  ["copyIn", bulk],
  ["copyOut", bulk],
  ["copyShared", bulk],
  ["fill", bulk],
  ["sizeOf", load],
  ["typeOf", load],
  ["child", { params: [i32, i32], results: [i32] }],
  ["status", load],
  ["result", load],
  ["setResult", store],
]);

/** In place of memory.copy and memory.fill on the module's own memory. */
export const BULK_COPY = "bulkCopy";
export const BULK_FILL = "bulkFill";
export const GUARD_INTERNAL: ReadonlyMap<string, GuardSignature> = new Map([
  [BULK_COPY, bulk],
  [BULK_FILL, bulk],
]);

export function sameTypes(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((type, i) => type === b[i]);
}
