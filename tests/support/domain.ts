/**
 * Test domains in a few lines: bodies in WAT for the functions that a domain exports; imports, grants and world follow.
 *
 * Every domain has `$new`, `$drop` (a block), the same for `Note`, `Slab`, `Tree` and `Belt`, the functions of the interfaces in `imports` under their
 * names (`$call`, `$take`, …), the guard functions in `guard` (`$load32`, …) and those of the kernel in `kernel` (its `take` as `$pick`).
 */

import type { DomainLimits } from "../../host/kernel/domain.ts";
import type { HostValue } from "../../host/kernel/host/host-values.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import type { Called } from "../../host/kernel/status.ts";
import { GUARD_IMPORTS } from "../../host/loader/guard-imports.ts";
import type { TestDomain, TestSystem } from "./system.ts";
import { exportName, type InterfaceName, id, world } from "./world.ts";

export interface Parts {
  readonly imports?: Partial<Record<InterfaceName, Provider>>;
  /** Bodies; parameters are `$n` (a number), `$b` (a block or note) or `$a` and `$b`. */
  readonly exports?: Partial<Record<InterfaceName, string>>;
  readonly guard?: readonly string[];
  readonly kernel?: readonly (keyof typeof KERNEL)[];
  /** Body of `init`. */
  readonly init?: string;
  /** Body of `recover`. */
  readonly recover?: string;
  /** Body of the start function. */
  readonly start?: string;
  /** Whatever else the module holds. */
  readonly code?: string;
  readonly limits?: Partial<DomainLimits>;
}

const SIGNATURES: Readonly<Record<InterfaceName, string>> = {
  call: "(param $n i32) (result i32)",
  quick: "(param $n i32) (result i32)",
  circle: "(param $n i32) (result i32)",
  take: "(param $b i32)",
  look: "(param $b i32) (result i32)",
  give: "(result i32)",
  swap: "(param $b i32) (result i32)",
  attempt: "(param $n i32) (result i32)",
  count: "(param $n i32) (result i32)",
  pair: "(param $a i32) (param $b i32)",
  mixed: "(param $a i32) (param $b i32)",
  restart: "(result i32)",
  notes: "(param $b i32)",
  plant: "(param $b i32)",
  gaze: "(param $b i32) (result i32)",
  prune: "(param $b i32) (result i32)",
  convey: "(param $b i32) (result i32)",
};

const KERNEL = {
  log: "(param i32 i32)",
  panic: "(param i32 i32 i32)",
  deadline: "(param i32)",
  relay: "",
  put: "(param i32 i32) (result i32)",
  take: "(param i32 i32) (result i32)",
  "message-new": "(param i32) (result i32)",
  "queue-enter": "(param i32) (result i32)",
  "queue-wake": "(param i32 i32) (result i32)",
} as const;

const TYPES: string = [
  ["block", ""],
  ["note", "Note"],
  ["slab", "Slab"],
  ["tree", "Tree"],
  ["belt", "Belt"],
]
  .map(([type, suffix]) => {
    return `(import "${id("types")}" "[constructor]${type}" (func $new${suffix} (result i32)))
      (import "${id("types")}" "[resource-drop]${type}" (func $drop${suffix} (param i32)))`;
  })
  .join("\n");

export function domain(name: string, parts: Parts = {}): TestDomain {
  const imports = keys(parts.imports ?? {});
  const exports = keys(parts.exports ?? {});
  const { init, recover, start, guard = [], kernel = [], code = "", limits } = parts;
  const functions = [
    TYPES,
    ...imports.map((each) => `(import "${id(each)}" "run" (func $${each} ${SIGNATURES[each]}))`),
    ...guard.map((each) => `(import "guard" "${each}" (func $${each} ${guardSignature(each)}))`),
    ...kernel.map((each) => `(import "kernel" "${each}" (func $${each === "take" ? "pick" : each} ${KERNEL[each]}))`),
    code.includes("(memory") ? "" : "(memory 1)",
    code,
    ...exports.map((each) => `(func (export "${exportName(each)}") ${SIGNATURES[each]} ${parts.exports?.[each]})`),
    init === undefined ? "" : `(func (export "init") ${init})`,
    recover === undefined ? "" : `(func (export "recover") ${recover})`,
    start === undefined ? "" : `(func $start ${start}) (start $start)`,
  ];
  const grants = Object.fromEntries(imports.map((each) => [id(each), parts.imports?.[each] as Provider]));
  const text = world({ imports, exports, init: init !== undefined, recover: recover !== undefined });
  return { name, world: text, wat: `(module ${functions.join("\n")})`, grants, ...(limits === undefined ? {} : { limits }) };
}

function keys<T extends string>(record: Partial<Record<T, unknown>>): T[] {
  return Object.keys(record) as T[];
}

function guardSignature(name: string): string {
  const found = GUARD_IMPORTS.get(name);
  if (found === undefined) throw new Error(`no guard function ${name}`);
  const types = (codes: readonly number[]): string => codes.map((code) => ({ 127: "i32", 126: "i64", 123: "v128" })[code]).join(" ");
  return `(param ${types(found.params)}) (result ${types(found.results)})`;
}

/** Calls the function that a domain exports through one of the interfaces. */
export function call(t: TestSystem, name: string, through: InterfaceName, ...args: HostValue[]): Called<HostValue> {
  const { run } = t.system.export(name, id(through));
  if (run === undefined) throw new Error(`${name} has no ${through}`);
  return run(...args);
}

/** `ok 7`, or cause, domain and generation: `trap evil#1`. */
export function outcome(called: Called<HostValue>): string {
  if (!called.ok) return `${called.error.cause} ${called.error.domain}#${called.error.generation}`;
  return called.value === undefined ? "ok" : `ok ${text(called.value)}`;
}

function text(value: HostValue): string {
  if (typeof value !== "object") return String(value);
  return Object.values(value)
    .map((each: HostValue) => String(each))
    .join(" ");
}

/** Calls and says how it went. */
export function attempt(t: TestSystem, name: string, through: InterfaceName, ...args: HostValue[]): string {
  return outcome(call(t, name, through, ...args));
}

/** Deaths so far, oldest first: `trap evil#1`. */
export function deaths(t: TestSystem): string[] {
  return t.events.flatMap((event) =>
    event.kind === "death" ? [`${event.death.cause} ${event.death.domain}#${event.death.generation}`] : [],
  );
}
