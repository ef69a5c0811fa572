/**
 * Holds a module against its world: it may import what the world grants and nothing else, and must export what the world
 * promises and nothing else, with exactly the signatures that the interfaces lower to.
 */
import { SumacError } from "../errors.ts";
import { needsCollector } from "../idl/assemblyscript/collector.ts";
import { type CoreFunction, coreExportsOf, coreImportsOf, type World } from "../idl/idl.ts";
import { THREAD_EXPORTS } from "./thread-exports.ts";
import { type CheckedModule, type FunctionType, typeOfFunction } from "./wasm/checked-module.ts";

/** What every domain may import from "kernel", with the numbers of i32 parameters and results. */
const KERNEL_FUNCTIONS: ReadonlyMap<string, readonly [params: number, results: 0 | 1]> = new Map([
  ["log", [2, 0]],
  ["panic", [3, 0]],
  ["deadline", [1, 0]],
  ["relay", [0, 0]],
  ["put", [2, 1]],
  ["take", [2, 1]],
  ["message-new", [1, 1]],
  ["message-drop", [1, 0]],
  ["queue-enter", [1, 1]],
  ["queue-pass", [1, 1]],
  ["queue-wake", [2, 1]],
  ["thread-create", [6, 1]],
  ["thread-create-on", [7, 1]],
  ["thread-self", [0, 1]],
  ["thread-park", [2, 1]],
  ["thread-unpark", [1, 1]],
  ["thread-join", [1, 1]],
  ["thread-detach", [1, 1]],
  ["thread-kill", [1, 1]],
  ["thread-priority", [2, 1]],
  ["thread-migrate", [4, 1]],
]);

const I32 = 0x7f;

/** An import or export as the audit wants it: value types as bytes. */
export interface GrantedImport {
  readonly module: string;
  readonly name: string;
  readonly params: readonly number[];
  readonly results: readonly number[];
}

/** @throws SumacError "import-not-granted", "export-missing" or "interface-mismatch", naming the function and the remedy */
export function matchWorld(module: CheckedModule, world: World, name: string): void {
  const granted = new Map(coreImportsOf(world).map((f) => [`${f.module}\n${f.name}`, f]));
  for (const [index, { module: from, field, isGuard, offset }] of module.imports.entries()) {
    if (isGuard) continue;
    const wanted = wantedImport(from, field, granted);
    if (wanted === undefined) {
      throw new SumacError(
        "import-not-granted",
        `${name}: offset 0x${offset.toString(16)}: imports "${from}" "${field}", which its world ${world.packageId}/${world.name} does not grant: add the interface to world.wit or remove the import`,
      );
    }
    requireType(typeOfFunction(module, index), wanted, `${name}: offset 0x${offset.toString(16)}: import "${from}" "${field}"`);
  }
  const exported = new Map(module.exports.map((e) => [e.name, e]));
  for (const wanted of coreExportsOf(world)) {
    const found = exported.get(wanted.name);
    if (found === undefined) {
      throw new SumacError(
        "export-missing",
        `${name}: does not export "${wanted.name}", which its world ${world.packageId}/${world.name} promises: implement it`,
      );
    }
    exported.delete(wanted.name);
    requireType(typeOfFunction(module, found.function), signature(wanted), `${name}: export "${wanted.name}"`);
  }
  const threads = threadExportsOf(module);
  for (const { name: hook, params, results } of threads) {
    const found = exported.get(hook);
    exported.delete(hook);
    if (found !== undefined) requireType(typeOfFunction(module, found.function), words(params, results), `${name}: export "${hook}"`);
  }
  for (const [extra, { offset }] of exported) {
    throw new SumacError(
      "module-refused",
      `${name}: offset 0x${offset.toString(16)}: exports "${extra}", which its world ${world.packageId}/${world.name} does not have: add it to world.wit or remove it`,
    );
  }
}

/** The lists that the audit holds the hardened module against. */
export function grantedFunctions(
  module: CheckedModule,
  world: World,
): { readonly imports: readonly GrantedImport[]; readonly exports: readonly string[] } {
  const imports = module.imports.flatMap(({ module: from, field, isGuard }, index) => {
    if (isGuard) return [];
    return [{ module: from, name: field, ...typeOfFunction(module, index) }];
  });
  return { imports, exports: [...coreExportsOf(world), ...threadExportsOf(module)].map(({ name }) => name) };
}

/** Those that the module has, of the functions by which a domain runs threads. */
export function threadExportsOf(module: CheckedModule): (typeof THREAD_EXPORTS)[keyof typeof THREAD_EXPORTS][] {
  const names = new Set(module.exports.map(({ name }) => name));
  return Object.values(THREAD_EXPORTS).filter(({ name }) => names.has(name));
}

/**
 * @param has the module's exports for threads
 * @param most how many threads the domain may have
 * @throws SumacError "module-refused" where the module cannot run them
 */
export function matchThreads(has: ReadonlySet<string>, world: World, most: number, name: string): void {
  if (most === 0) return;
  const { run, save, restore } = THREAD_EXPORTS;
  if (!has.has(run.name)) {
    throw new SumacError(
      "module-refused",
      `${name}: cannot run threads, of which limits.threads allows ${most}: it does not export "${run.name}": import "sumac/thread" and build it again, or remove the limit`,
    );
  }
  if (most === 1 || !needsCollector(world) || (has.has(save.name) && has.has(restore.name))) return;
  throw new SumacError(
    "module-refused",
    `${name}: cannot run more than one thread, of which limits.threads allows ${most}: its collector sees only the stack that runs, and it does not export "${save.name}" and "${restore.name}" to show it the others: import "sumac/thread" and build it again, or set limits.threads to 1`,
  );
}

function wantedImport(from: string, field: string, granted: ReadonlyMap<string, CoreFunction>): FunctionType | undefined {
  if (from === "kernel") {
    const counts = KERNEL_FUNCTIONS.get(field);
    return counts && words(...counts);
  }
  const found = granted.get(`${from}\n${field}`);
  return found === undefined ? undefined : signature(found);
}

function words(params: number, results: number): FunctionType {
  return { params: new Array<number>(params).fill(I32), results: new Array<number>(results).fill(I32) };
}

function signature({ params, results }: CoreFunction): FunctionType {
  return { params: params.map(() => I32), results: results.map(() => I32) };
}

function requireType(found: FunctionType, wanted: FunctionType, what: string): void {
  if (text(found) === text(wanted)) return;
  throw new SumacError(
    "interface-mismatch",
    `${what} has type ${text(found)}, its interface wants ${text(wanted)}: generate the bindings again with "sumac build"`,
  );
}

const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x7b, "v128"],
]);

function text({ params, results }: FunctionType): string {
  const list = (types: readonly number[]): string => types.map((type) => TYPE_NAMES.get(type) ?? `0x${type.toString(16)}`).join(" ");
  return `(${list(params)}) -> (${list(results)})`;
}
