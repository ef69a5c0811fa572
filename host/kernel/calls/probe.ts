/**
 * The headroom probe: proves that enough stack is left before trusted code does anything.
 *
 * V8 checks the stack limit when a function is entered, against the size of its frame. A probe is a Wasm function
 * whose frame is large because thousands of values are alive on a path that is never taken. Where less is left, the
 * RangeError is thrown *before* any effect and unwinds the domain that used the stack up, not the one that would have
 * met the end of it.
 *
 *     capability   64 KiB    a function of the kernel and a safepoint's verdict: V8 wants 40 KiB for compiling a function
 *                            of the kernel that ran rarely or never, which can happen anywhere; the rest is for its frames
 *     crossing     104 KiB   into a domain that calls no other: a share of its own of 40 KiB, and the same 64 again
 *                  + 40 KiB  for each further domain that the callee may call through: every one on the way gets its share,
 *                            and none of them finds the stack used up because a caller before it did that
 *
 * After a probe, nothing that trusted code does can overflow, neither on the way in nor on the way out.
 */
import { i32Leb, section, u32Leb } from "./wasm-bytes.ts";

const KIB = 1024;
const CAPABILITY_BYTES: number = 64 * KIB;
/** What every callee may use of the stack, whatever its callers left. */
export const SHARE_BYTES: number = 40 * KIB;
/** Longer chains of grants share what is proved for this many: a stack of V8's usual size has not more to give. */
export const MAX_RANK = 8;

/** The module's name, by which its frames are told from a domain's in a stack trace. */
export const PROBE_NAME = "sumac-probe";

/** Calls that let V8 compile a probe with its optimising compiler: before that it zeroes every local. */
const WARM_UP_CALLS = 2_000;

export interface Probe {
  /** Before a function of the kernel that calls no domain. */
  readonly capability: (zero: 0) => void;
  /** Before a crossing into a callee whose rank is 0. */
  readonly crossing: (zero: 0) => void;
  /** Before a crossing into a callee of this rank, at least 1. */
  readonly deepCrossing: (rank: number) => void;
}

/** Builds the probes and warms them up; one set serves every kernel of a thread. */
export function makeProbe(): Probe {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(probeModule()));
  const probe = exports as unknown as Probe;
  for (let i = 0; i < WARM_UP_CALLS; i++) {
    probe.capability(0);
    probe.deepCrossing(1);
  }
  return probe;
}

const [LOCAL_GET, LOCAL_SET, GLOBAL_GET, GLOBAL_SET, CALL, IF, ELSE, END, I32_CONST] = [0x20, 0x21, 0x23, 0x24, 0x10, 4, 5, 11, 0x41];
const VOID = 0x40;
const SIMD = 0xfd;
const [V128, I32] = [0x7b, 0x7f];

/** Functions of the module. */
const [PAUSE, CAPABILITY, CROSSING, DEEP] = [0, 1, 2, 3];

/**
 * (func $pause) (func (export "capability") (param i32) …) (func (export "crossing") (param i32) …) and
 * (func (export "deepCrossing") (param $rank i32) … (if (i32.gt_s (local.get $rank) (i32.const 1)) (then (call $deepCrossing
 * (i32.sub (local.get $rank) (i32.const 1)))) (else (call $crossing (i32.const 0)))))
 */
function probeModule(): Uint8Array<ArrayBuffer> {
  const pause = [0, I32_CONST, 0, I32_CONST, 0, I32_CONST, 0, 0xfc, 11, 0, END]; // memory.fill, so that it is not inlined away
  const onward = [
    ...[LOCAL_GET, 0, I32_CONST, 1, 0x4a, IF, VOID], // i32.gt_s
    ...[LOCAL_GET, 0, I32_CONST, 1, 0x6b, CALL, DEEP, ELSE, I32_CONST, 0, CALL, CROSSING, END], // i32.sub
  ];
  const bodies = [
    pause,
    largeFrame(CAPABILITY_BYTES, [LOCAL_GET, 0], []),
    largeFrame(CAPABILITY_BYTES + SHARE_BYTES, [LOCAL_GET, 0], []),
    largeFrame(SHARE_BYTES, [LOCAL_GET, 0, I32_CONST, 0, 0x48], onward), // i32.lt_s
  ];
  const named = (name: string): number[] => [name.length, ...new TextEncoder().encode(name)];
  const exported = (name: string, index: number): number[] => [...named(name), 0, index];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [2, 0x60, 0, 0, 0x60, 1, I32, 0]),
    ...section(3, [4, 0, 1, 1, 1]),
    ...section(5, [1, 0, 2]),
    ...section(6, [1, V128, 1, SIMD, 12, ...new Array<number>(16).fill(0), END]),
    ...section(7, [3, ...exported("capability", CAPABILITY), ...exported("crossing", CROSSING), ...exported("deepCrossing", DEEP)]),
    ...section(10, [bodies.length, ...bodies.flatMap((body) => [...u32Leb(body.length), ...body])]),
    ...section(0, [...named("name"), ...section(0, named(PROBE_NAME))]),
  ]);
}

/** A body with one i32 parameter that, on the path where `isCold` leaves 1, keeps so many bytes of vectors alive across a call. */
function largeFrame(bytes: number, isCold: readonly number[], hot: readonly number[]): number[] {
  const slots = bytes / 16;
  const cold: number[] = [];
  for (let i = 1; i <= slots; i++) {
    // local i = v128.load offset=16i (i32.const 0)
    cold.push(I32_CONST, ...i32Leb(0), SIMD, 0, 4, ...u32Leb(16 * i), LOCAL_SET, ...u32Leb(i));
  }
  cold.push(CALL, PAUSE); // every local above stays alive across it
  for (let i = 1; i <= slots; i++) {
    // global = global xor local i
    cold.push(GLOBAL_GET, 0, LOCAL_GET, ...u32Leb(i), SIMD, 0x51, GLOBAL_SET, 0);
  }
  return [1, ...u32Leb(slots), V128, ...isCold, IF, VOID, ...cold, END, ...hot, END];
}
