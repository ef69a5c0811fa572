/**
 * A heap with a few domains, the guard as one of them sees it, and seeded random numbers, for the tests of this folder.
 * The binaries are those of build/shared-heap, as everything else uses them.
 */
import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { auditHeap } from "../../shared-heap/audit.ts";
import { SharedHeap } from "../../shared-heap/heap.ts";
import { CPU_LINES } from "../../shared-heap/layout.ts";
import { wat } from "../support/wat.ts";

function build(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`../../build/shared-heap/${name}`, import.meta.url)));
}

export const HEAP: WebAssembly.Module = new WebAssembly.Module(build("heap.wasm"));
const GUARD: WebAssembly.Module = new WebAssembly.Module(build("guard.wasm"));
const GUARD_DEBUG: WebAssembly.Module = new WebAssembly.Module(build("guard-debug.wasm"));

export const MIB: number = 1 << 20;
/** Domains of the tests: slots 1..4, first use. */
export const ALICE = 0x4001;
export const BOB = 0x4002;
export const CAROL = 0x4003;
export const DAVE = 0x4004;

/** Without any domain but the kernel. */
export function emptyHeap(maxBytes: number): SharedHeap {
  return SharedHeap.create({ maxBytes, heapWasm: HEAP });
}

export function newHeap(maxBytes: number = 32 * MIB): SharedHeap {
  const heap = emptyHeap(maxBytes);
  for (const [i, id] of [ALICE, BOB, CAROL, DAVE].entries()) {
    assert.is(heap.exports.domainOpen(i + 1, id, maxBytes, 1 << 20), 0);
  }
  return heap;
}

export function expectClean(heap: SharedHeap): void {
  const { ok, problems } = auditHeap(heap);
  assert.ok(ok, problems.join("\n"));
}

/** The guard's functions, callable from JavaScript; 128-bit values travel as two 64-bit halves. */
export interface GuardExports {
  load8(p: number): number;
  load16(p: number): number;
  load32(p: number): number;
  load64(p: number): bigint;
  store8(p: number, value: number): void;
  store16(p: number, value: number): void;
  store32(p: number, value: number): void;
  store64(p: number, value: bigint): void;
  copyIn(dst: number, src: number, n: number): void;
  copyOut(dst: number, src: number, n: number): void;
  copyShared(dst: number, src: number, n: number): void;
  fill(dst: number, value: number, n: number): void;
  sizeOf(p: number): number;
  typeOf(p: number): number;
  status(i: number): number;
  result(i: number): number;
  setResult(i: number, value: number): void;
  bulkCopy(dst: number, src: number, n: number): void;
  bulkFill(dst: number, value: number, n: number): void;
}

export interface Guard extends GuardExports {
  loadv128(p: number): [bigint, bigint];
  storev128(p: number, low: bigint, high: bigint): void;
  readonly own: Uint8Array<ArrayBuffer>;
  readonly ticks: () => number;
}

export interface GuardOptions {
  readonly debug?: boolean;
  readonly ownPages?: number;
  readonly cpu?: number;
  /** The kernel's answer to a safepoint's question: other than 0 = die. */
  readonly verdict?: () => number;
}

const V128: WebAssembly.Module = new WebAssembly.Module(
  (await wat(`(module
    (import "guard" "loadv128" (func $load (param i32) (result v128)))
    (import "guard" "storev128" (func $store (param i32 v128)))
    (func (export "load") (param i32) (result i64 i64) (local v128)
      (local.set 1 (call $load (local.get 0)))
      (i64x2.extract_lane 0 (local.get 1)) (i64x2.extract_lane 1 (local.get 1)))
    (func (export "store") (param i32 i64 i64)
      (call $store (local.get 0) (i64x2.replace_lane 1 (i64x2.splat (local.get 1)) (local.get 2)))))`)) as Uint8Array<ArrayBuffer>,
);

export function guardOf(heap: SharedHeap, id: number, options: GuardOptions = {}): Guard {
  const memory = new WebAssembly.Memory({ initial: options.ownPages ?? 2 });
  let ticks = 0;
  const tick = (): number => {
    ticks += 1;
    return options.verdict?.() ?? 0;
  };
  const me = new WebAssembly.Global({ value: "i32" }, id);
  const line = new WebAssembly.Global({ value: "i32" }, CPU_LINES + (options.cpu ?? 0) * 128);
  const module = options.debug === true ? GUARD_DEBUG : GUARD;
  const { exports } = new WebAssembly.Instance(module, { sumac: { memory, heap: heap.memory, me, line, tick } });
  const wide = new WebAssembly.Instance(V128, { guard: exports }).exports as {
    load: (p: number) => [bigint, bigint];
    store: (p: number, low: bigint, high: bigint) => void;
  };
  return {
    ...(exports as unknown as GuardExports),
    loadv128: wide.load,
    storev128: wide.store,
    own: new Uint8Array(memory.buffer),
    ticks: () => ticks,
  };
}

/** The access must end as the domain's death, and as that only. */
export function traps(access: () => unknown, what: string = "must trap"): void {
  try {
    access();
  } catch (error) {
    assert.ok(error instanceof WebAssembly.RuntimeError, `${what}: ${String(error)}`);
    return;
  }
  assert.unreachable(what);
}

/** xorshift32: the same numbers on every machine. */
export function random(seed: number): (below: number) => number {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
