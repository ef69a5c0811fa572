/**
 * The headroom probe: proves that enough stack is left before trusted code does anything.
 *
 * V8 checks the stack limit when a function is entered, against the size of its frame. The probe is a Wasm
 * function whose frame is about 40 KiB because 5 000 values are alive on a path that is never taken. Every crossing calls
 * it first: where less is left, the RangeError is thrown *before* any effect and unwinds the domain that used
 * the stack up, not the callee that would have met the end of it. After the probe, nothing that the proxy does
 * can overflow, neither on the way in nor on the way out.
 */
import { i32Leb, section, u32Leb } from "./wasm-bytes.ts";

/** Locals alive across the call on the cold path; each takes an 8-byte slot of the frame. */
const SLOTS = 5_000;

/** Calls that let V8 compile the probe with its optimising compiler: before that it zeroes every local. */
const WARM_UP_CALLS = 20_000;

export type Probe = (takeColdPath: 0) => void;

/** Builds the probe and warms it up; one serves every kernel of a thread. */
export function makeProbe(): Probe {
  const { probe } = new WebAssembly.Instance(new WebAssembly.Module(probeModule())).exports as { probe: Probe };
  for (let i = 0; i < WARM_UP_CALLS; i++) probe(0);
  return probe;
}

/** `(module (memory 1) (global (mut i64)) (func $pause) (func (export "probe") (param i32) …))` */
function probeModule(): Uint8Array<ArrayBuffer> {
  const cold: number[] = [0x20, 0, 0x04, 0x40]; // local.get 0; if
  for (let i = 1; i <= SLOTS; i++) {
    // local i = i64.load offset=8i (i32.const 0)
    cold.push(0x41, 0, 0x29, 3, ...u32Leb(8 * i), 0x21, ...u32Leb(i));
  }
  cold.push(0x10, 0); // call $pause: every local above stays alive across it
  for (let i = 1; i <= SLOTS; i++) {
    // global = global + local i
    cold.push(0x23, 0, 0x20, ...u32Leb(i), 0x7c, 0x24, 0);
  }
  cold.push(0x0b, 0x0b); // end if, end
  const pause = [0, 0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 11, 0, 0x0b]; // memory.fill, so that it is not inlined away
  const probe = [1, ...u32Leb(SLOTS), 0x7e, ...cold];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [2, 0x60, 0, 0, 0x60, 1, 0x7f, 0]),
    ...section(3, [2, 0, 1]),
    ...section(5, [1, 0, 1]),
    ...section(6, [1, 0x7e, 1, 0x42, ...i32Leb(0), 0x0b]),
    ...section(7, [1, 5, ...new TextEncoder().encode("probe"), 0, 1]),
    ...section(10, [2, ...u32Leb(pause.length), ...pause, ...u32Leb(probe.length), ...probe]),
  ]);
}
