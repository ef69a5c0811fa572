/**
 * The byte sequences that make a module stop when asked to: the safepoint and the countdown of a loop.
 *
 * Used by the body rewriter. The auditor knows the same shapes by itself and must not read them from here.
 *
 *   safepoint:  global.get line; i32.atomic.load heap; if; call tick; if; unreachable; end; end
 */
import { ATOMIC, OP, TYPE } from "../wasm/opcodes.ts";

/** Index of the imports that every hardened module begins with. */
export const HEAP_MEMORY = 1;
export const LINE_GLOBAL = 1;
export const TICK_FUNCTION = 0;

const NATURAL_ALIGNMENT = 2;
const EXPLICIT_MEMORY = 0x40;

export const SAFEPOINT: Uint8Array = Uint8Array.of(
  ...[OP.globalGet, LINE_GLOBAL],
  ...[OP.atomicPrefix, ATOMIC.i32Load, NATURAL_ALIGNMENT | EXPLICIT_MEMORY, HEAP_MEMORY, 0],
  ...[OP.if, TYPE.empty],
  ...[OP.call, TICK_FUNCTION],
  ...[OP.if, TYPE.empty],
  OP.unreachable,
  OP.end,
  OP.end,
);
/** Where in it the two branches stand that are almost never taken. */
export const SAFEPOINT_BRANCHES: readonly number[] = [7, 11];
