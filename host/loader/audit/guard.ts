/**
 * Compares the last functions of a hardened module with the functions of guard.wasm, instruction by instruction.
 *
 * Called by audit.ts. guard.wasm is the project's own and trusted; what stands in a module is believed only if it is the
 * same code in the same surroundings. So the guard may contain no index that means something else elsewhere (type of a
 * block, table, segment, a global of its own), except calls, which are compared by the function that they lead to.
 */
import { IMM, OP } from "../wasm/opcodes.ts";
import { decode, newInstruction } from "./instructions.ts";
import { type FunctionType, type Module, readModule, type Span } from "./module.ts";
import type { Reader } from "./reader.ts";

export interface Guard {
  readonly module: Module;
  /** How many functions it defines. Function 0 is tick, the rest follow. */
  readonly count: number;
  /** Exported: safe for any argument, by the number of the function in the guard (0 = the first defined). */
  readonly exported: ReadonlyMap<string, number>;
}

/** Exported for the hardener, not importable by domains: they do the work of memory.copy and memory.fill. */
export const BULK_EXPORTS: readonly string[] = ["bulkCopy", "bulkFill"];

export function readGuard(bytes: Uint8Array): Guard {
  const module = readModule(bytes, "guard.wasm");
  const exported = new Map<string, number>();
  for (const e of module.exports) {
    if (e.kind !== 0 || e.index === 0) module.reader.fail("guard", `export "${e.name}" is not a function of the guard`, e.at);
    exported.set(e.name, e.index - 1);
  }
  const expected = ["memory", "memory", "global 7f 0", "global 7f 0", "function 0,7f"];
  const fits = module.imports.length === expected.length && module.imports.every((it, n) => it.type.startsWith(expected[n] as string));
  if (!fits) module.reader.fail("guard", "it does not import what the audit resolves its indices by");
  for (const name of BULK_EXPORTS) {
    if (!exported.has(name)) module.reader.fail("guard", `it does not export "${name}"`);
  }
  return { module, count: module.bodies.length, exported };
}

/** Demands that function `first + n` of `module` is function n of the guard, for each n. */
export function auditGuard(module: Module, guard: Guard, first: number): void {
  const imported = module.functions.length - module.bodies.length;
  for (let n = 0; n < guard.count; n++) {
    module.reader.place = `function ${first + n}`;
    const body = module.bodies[first + n - imported] as Span;
    if (typeOf(module, first + n).signature !== typeOf(guard.module, n + 1).signature) {
      module.reader.fail("guard", `its type is not that of the guard's function ${n}`, body.start);
    }
    compareBodies(module, body, guard, n, first);
  }
}

function typeOf(module: Module, func: number): FunctionType {
  return module.types[module.functions[func] as number] as FunctionType;
}

function compareBodies(module: Module, body: Span, guard: Guard, n: number, first: number): void {
  const actual = module.reader;
  const trusted = guard.module.reader;
  const span = guard.module.bodies[n] as Span;
  actual.enter(actual.place, body.start, body.end);
  trusted.enter(`guard.wasm, function ${n + 1}`, span.start, span.end);
  const a = newInstruction();
  const t = newInstruction();

  skipLocals(trusted);
  if (!actual.accept([...trusted.bytes.subarray(span.start, trusted.pos)])) {
    actual.fail("guard", `its locals are not those of the guard's function ${n}`);
  }
  while (trusted.pos < trusted.end) {
    if (trusted.accept(REF_I31)) {
      if (!actual.accept(REF_I31)) actual.fail("guard", `it differs from the guard's function ${n}`);
      continue;
    }
    decode(trusted, t);
    decode(actual, a);
    const dependsOnModule =
      (t.immediate === IMM.blocktype && t.index >= 0) || (t.immediate === IMM.global && t.index > 1) || MODULE_BOUND.has(t.immediate);
    if (dependsOnModule) trusted.fail("guard", "an instruction that would mean something else in another module", t.at);
    const same =
      t.op === OP.call
        ? a.op === OP.call && a.index === (t.index === 0 ? 0 : first + t.index - 1)
        : sameBytes(actual.bytes.subarray(a.at, actual.pos), trusted.bytes.subarray(t.at, trusted.pos));
    if (!same) actual.fail("guard", `it differs from the guard's function ${n}`, a.at);
  }
  actual.leave();
}

/** `ref.i31`, which only the guard may use: it makes no object, and V8 compiles loops better where it stands. */
const REF_I31: readonly number[] = [0xfb, 0x1c];

/** Immediates that are indices into what only one module has. */
const MODULE_BOUND: ReadonlySet<number> = new Set([
  IMM.call_indirect,
  IMM["memory.init"],
  IMM.data,
  IMM["table.init"],
  IMM["table.copy"],
  IMM.elem,
]);

function skipLocals(r: Reader): void {
  for (let groups = r.u32(); groups > 0; groups--) {
    r.u32();
    r.u8();
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
