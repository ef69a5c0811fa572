/**
 * Runs a module twice, as it was built and hardened, for the tests of check and harden.
 *
 * The hardened one goes through check, harden, audit and V8 like any module, with the guard that Sumac ships.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { auditHardened } from "../../host/loader/audit/audit.ts";
import { check } from "../../host/loader/check.ts";
import { type GuardBodies, parseGuard } from "../../host/loader/guard-bodies.ts";
import { harden } from "../../host/loader/harden.ts";
import { START_EXPORT } from "../../host/loader/harden-names.ts";
import { type CheckedModule, typeOfFunction } from "../../host/loader/wasm/checked-module.ts";
import { wat } from "../support/wat.ts";

export const QUOTA_PAGES = 64;
export const HEAP_PAGES = 256;
/** Where the interrupt word of the test's CPU lies in the shared heap. */
export const LINE = 0x1000;
/** The domain that the module runs as. */
export const ME: number = 0x4000 | 7;

export const GUARD_BYTES: Uint8Array = await wat(await readFile(join(import.meta.dirname, "../../shared-heap/guard/guard.wat"), "utf8"));
export const GUARD: GuardBodies = parseGuard(GUARD_BYTES);

export type Exports = Readonly<Record<string, (...args: number[]) => number>>;

export interface Running {
  readonly call: Exports;
  readonly memory: WebAssembly.Memory;
  /** The CPU's interrupt word is `heap[LINE / 4]`. */
  readonly heap: Int32Array;
  /** How often the module asked for the verdict. */
  readonly ticks: () => number;
  /** Raises the interrupt word; the verdict is what the module is told when it asks. */
  readonly interrupt: (verdict: 0 | 1) => void;
}

/** Hardens, audits, and demands that V8 accepts the result. */
export function hardenAndAudit(module: CheckedModule): Uint8Array<ArrayBuffer> {
  const hardened = harden(module, { memoryMaxPages: QUOTA_PAGES, heapMaxPages: HEAP_PAGES, guard: GUARD });
  const grantedImports = module.imports.flatMap(({ module: from, field, isGuard }, i) =>
    isGuard ? [] : [{ module: from, name: field, ...typeOfFunction(module, i) }],
  );
  auditHardened(hardened, {
    guard: GUARD_BYTES,
    memoryMaxPages: QUOTA_PAGES,
    heapMaxPages: HEAP_PAGES,
    grantedImports,
    grantedExports: module.exports.map(({ name }) => name),
  });
  const bytes = new Uint8Array(hardened);
  if (!WebAssembly.validate(bytes)) {
    new WebAssembly.Module(bytes);
    throw new Error("V8 refuses a hardened module");
  }
  return bytes;
}

/**
 * Instantiates the hardened module and runs what was its start function, as the kernel does.
 *
 * @param verdict if given, the interrupt word is up from the beginning
 */
export function start(bytes: Uint8Array, imports: WebAssembly.Imports = {}, verdict?: 0 | 1): Running {
  const module = check(bytes, { maxMemoryPages: QUOTA_PAGES });
  const hardened = hardenAndAudit(module);
  const memory = new WebAssembly.Memory({ initial: module.memory?.minimum ?? 0, maximum: QUOTA_PAGES });
  const shared = new WebAssembly.Memory({ initial: HEAP_PAGES, maximum: HEAP_PAGES, shared: true });
  const heap = new Int32Array(shared.buffer);
  let ticks = 0;
  let told = verdict ?? 0;
  if (verdict !== undefined) heap[LINE / 4] = 1;
  const i32 = (value: number) => new WebAssembly.Global({ value: "i32", mutable: false }, value);
  const tick = () => {
    ticks++;
    return told;
  };
  const sumac = { memory, heap: shared, me: i32(ME), line: i32(LINE), tick };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(hardened), { ...imports, sumac });
  const interrupt = (next: 0 | 1) => {
    told = next;
    Atomics.store(heap, LINE / 4, 1);
  };
  const call = exports as Exports;
  call[START_EXPORT]?.();
  return { call, memory, heap, ticks: () => ticks, interrupt };
}

/** The module as it was built. It must not import from the guard. */
export function original(bytes: Uint8Array, imports: WebAssembly.Imports = {}): Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), imports).exports as Exports;
}

/** What a call returns, or which trap it ends in (the end of the stack among them). */
export function outcome(run: () => number): number | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) return error.message;
    throw error;
  }
}
