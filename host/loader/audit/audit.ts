/**
 * The audit: re-reads a hardened module and refuses it unless it provably keeps every rule (rules.ts says which and why).
 *
 * The loader calls it after the hardener and before V8. It trusts neither the author's compiler nor the hardener, shares
 * with the hardener only the opcode tables and limits, and holds alone: its input is any bytes at all. What it leaves to V8
 * is validation (types, stack heights, indices that exist), so the very bytes that were audited must be what is compiled.
 * It runs in time linear in the bytes, without recursion; it changes nothing.
 *
 *   module.ts        bytes → sections as lists            instructions.ts   bytes → one instruction
 *   body.ts          the author's functions: safepoints   guard.ts          the guard's functions: unaltered
 */
import { MAX_TABLE_ENTRIES, MAX_TABLES } from "../limits.ts";
import { TYPE } from "../wasm/opcodes.ts";
import { BodyAudit, type CodeMap } from "./body.ts";
import { auditGuard, BULK_EXPORTS, type Guard, readGuard } from "./guard.ts";
import { type Custom, importName, limitsText, type Module, readModule, type Span, signatureOf } from "./module.ts";
import type { Reader } from "./reader.ts";

/** A function that the domain's world grants. Types are value type bytes: 0x7f = i32. */
export interface GrantedImport {
  readonly module: string;
  readonly name: string;
  readonly params: readonly number[];
  readonly results: readonly number[];
}

export interface AuditOptions {
  /** guard.wasm: the functions that must stand, unaltered, at the module's end. */
  readonly guard: Uint8Array;
  /** The quota: exactly this maximum must be declared for memory 0. */
  readonly memoryMaxPages: number;
  /** Exactly this maximum must be declared for memory 1. */
  readonly heapMaxPages: number;
  /** Exactly these must be imported, in this order, behind the kernel's own. */
  readonly grantedImports: readonly GrantedImport[];
  /** The names that may be exported ("sumac:start" always may). */
  readonly grantedExports: readonly string[];
  /** The kernel saves the module's state: all its mutable globals, each of them a number, must be exported, as "sumac:g0" and so on. */
  readonly savesGlobals?: boolean;
}

/** The former start function, to be run under the init deadline. */
const START_EXPORT = "sumac:start";
/** Followed by the global's number among the module's own. */
const GLOBAL_EXPORT = "sumac:g";
/** `me` and `line` come before the module's own. */
const FIRST_GLOBAL = 2;
const KIND = { func: 0, global: 3 } as const;
const BRANCH_HINTS = "metadata.code.branch_hint";

/** @throws SumacError "audit-failed" naming function, offset and rule */
export function auditHardened(bytes: Uint8Array, options: AuditOptions): void {
  const guard = readGuard(options.guard);
  const module = readModule(bytes, "module");
  auditImports(module, options);
  auditTables(module);
  const map = mapOfCode(module, guard);
  // First of all code: unless the last functions are the guard's, the map's indices mean something else.
  auditGuard(module, guard, map.firstGuard);
  auditExports(module, map, options);
  auditElements(module, map, guard);
  for (const data of module.data) {
    if (data.memory !== 0) module.reader.fail("segment", `a data segment on memory ${data.memory}`, data.at);
  }
  auditCustomSections(module);

  const body = new BodyAudit(module.reader, map);
  for (let index = map.firstAuthor; index < map.firstGuard; index++) {
    const type = module.types[module.functions[index] as number];
    body.run(index, type as (typeof module.types)[number], module.bodies[index - map.firstAuthor] as Span);
  }
  body.finish();
}

function auditImports(module: Module, options: AuditOptions): void {
  const reader: Reader = module.reader;
  const { imports } = module;
  const memory = imports[0]?.type.startsWith("memory ") ? Number(imports[0].type.split(" ")[2]) : 0;
  const expected = [
    // The minimum is the author's; the kernel's memory satisfies it or instantiation fails.
    { name: "memory", type: `memory ${limitsText({ flags: 1, min: memory, max: options.memoryMaxPages })}` },
    { name: "heap", type: `memory ${limitsText({ flags: 3, min: 1, max: options.heapMaxPages })}` },
    { name: "me", type: "global 7f 0" },
    { name: "line", type: "global 7f 0" },
    { name: "tick", type: `function ${signatureOf([], [0x7f])}` },
  ].map(({ name, type }) => ({ name: importName("sumac", name), type }));
  for (const granted of options.grantedImports) {
    const type = `function ${signatureOf(granted.params, granted.results)}`;
    expected.push({ name: importName(granted.module, granted.name), type });
  }
  reader.place = "imports";
  for (const [n, actual] of imports.entries()) {
    const want = expected[n];
    if (want === undefined) reader.fail("imports", `${actual.name} is imported and not granted`, actual.at);
    if (actual.name !== want.name) reader.fail("imports", `${actual.name} stands where ${want.name} belongs`, actual.at);
    if (actual.type !== want.type) {
      const rule = n < 2 && actual.type.startsWith("memory ") ? "quota" : "imports";
      reader.fail(rule, `${actual.name} is "${actual.type}" instead of "${want.type}"`, actual.at);
    }
  }
  const missing = expected[imports.length];
  if (missing !== undefined) reader.fail("imports", `${missing.name} is not imported`);
}

/** Tables cannot grow (table.grow is not accepted), but what a maximum promises is counted as if they did. */
function auditTables(module: Module): void {
  const { reader, tables } = module;
  reader.place = "tables";
  let entries = 0;
  for (const table of tables) {
    if (table.flags > 1) reader.fail("quota", "a shared table", table.at);
    entries += Math.max(table.min, table.max ?? 0);
    if (entries > MAX_TABLE_ENTRIES) reader.fail("quota", `more than ${MAX_TABLE_ENTRIES} table entries`, table.at);
  }
  if (tables.length > MAX_TABLES) reader.fail("quota", `${tables.length} tables`);
}

function mapOfCode(module: Module, guard: Guard): CodeMap {
  const { reader, types, functions, bodies } = module;
  const firstAuthor = functions.length - bodies.length;
  const firstGuard = functions.length - guard.count;
  if (firstGuard < firstAuthor) reader.fail("guard", `${bodies.length} functions, and the guard alone has ${guard.count}`);
  const callable = new Set<number>();
  const bulk = new Set<number>();
  for (const [name, n] of guard.exported) {
    callable.add(firstGuard + n);
    if (BULK_EXPORTS.includes(name)) bulk.add(firstGuard + n);
  }
  return { types, firstAuthor, firstGuard, callable, bulk };
}

function auditExports(module: Module, map: CodeMap, options: AuditOptions): void {
  const { reader } = module;
  reader.place = "exports";
  const granted = new Set(options.grantedExports);
  const seen = new Set<string>();
  const saved = options.savesGlobals === true ? savedGlobals(module) : new Map<string, number>();
  for (const e of module.exports) {
    if (seen.has(e.name)) reader.fail("exports", `"${e.name}" is exported twice`, e.at);
    seen.add(e.name);
    if (e.kind === KIND.global && saved.get(e.name) === e.index) {
      saved.delete(e.name);
      continue;
    }
    if (e.kind !== KIND.func) reader.fail("exports", `"${e.name}" is not a function`, e.at);
    if (e.index < map.firstAuthor || e.index >= map.firstGuard) {
      reader.fail("exports", `"${e.name}" is function ${e.index}, which the author did not define`, e.at);
    }
    if (e.name === START_EXPORT) {
      const type = module.types[module.functions[e.index] as number];
      if (type?.signature !== signatureOf([], [])) reader.fail("exports", `"${e.name}" takes or returns values`, e.at);
    } else if (!granted.has(e.name)) reader.fail("exports", `"${e.name}" is not granted`, e.at);
  }
  for (const name of saved.keys()) reader.fail("exports", `"${name}" is not exported, and would be lost`);
}

/** Where the globals are that the kernel saves, by the names that they must have: never `me` or `line`, nothing constant. */
function savedGlobals({ globals, reader }: Module): Map<string, number> {
  const saved = new Map<string, number>();
  for (const [n, { type, isMutable }] of globals.entries()) {
    if (!isMutable) continue;
    if (type === TYPE.v128) reader.fail("exports", `the kernel cannot save global ${n}, a vector`);
    saved.set(`${GLOBAL_EXPORT}${n}`, n + FIRST_GLOBAL);
  }
  return saved;
}

function auditElements(module: Module, map: CodeMap, guard: Guard): void {
  const { reader } = module;
  reader.place = "elements";
  const importable = new Set<number>();
  for (const [name, n] of guard.exported) if (!BULK_EXPORTS.includes(name)) importable.add(map.firstGuard + n);
  for (const [func, at] of module.elements) {
    if (func === 0) reader.fail("elements", "tick is put into a table", at);
    if (func >= map.firstGuard && !importable.has(func)) reader.fail("elements", `function ${func} is put into a table`, at);
  }
}

/** Branch hints are read by V8 only: once, well-formed, in order, each a plain 0 or 1. */
function auditCustomSections(module: Module): void {
  const { reader: r, customs } = module;
  for (const [n, custom] of customs.entries()) {
    r.enter(`custom section ${JSON.stringify(custom.name)}`, custom.start, custom.end);
    if (custom.name !== BRANCH_HINTS || n > 0) r.fail("custom", "it is not accepted");
    readBranchHints(r, module, custom);
  }
}

function readBranchHints(r: Reader, module: Module, custom: Custom): void {
  let previousFunction = module.functions.length - module.bodies.length - 1;
  for (let functions = r.u32(); functions > 0; functions--) {
    const func = r.u32();
    if (func <= previousFunction || func >= module.functions.length) r.fail("custom", `hints for function ${func}`);
    previousFunction = func;
    let previousOffset = -1;
    for (let hints = r.u32(); hints > 0; hints--) {
      const offset = r.u32();
      if (offset <= previousOffset || r.u8() !== 1 || r.u8() > 1) r.fail("custom", "a hint that is not one");
      previousOffset = offset;
    }
  }
  if (r.pos !== custom.end) r.fail("custom", "bytes behind the last hint");
}
