/**
 * Whether a call to another CPU would wait for itself: who waits for whom, followed through the stacks of all CPUs.
 *
 * An activation waits for one thing at a time: for the one above it on its CPU, else for the activation that serves its request, else, where
 * that is deferred, for the activation that has the callee. So there is one way to follow. A circle closes only where a request is
 * deferred, and none of its members can move after that: whoever defers looks, and sees it whole.
 * Called by `cpu.ts`; reads words only.
 */
import { CPU_MAX } from "../../../shared-heap/layout.ts";
import { Activation, type Board, LEVELS, Place, SERIAL_MASK, SlotState, SlotWord, STATE_MASK } from "./board.ts";

/** `open`: somebody on the way waits for what he could do without, and will see that. */
export type Way = "ends" | "open" | "circle";

/** @param number slot of the request @param cpu with `level`: the activation that is in its way */
export function wayBack(board: Board, number: number, cpu: number, level: number): Way {
  const { i32 } = board;
  const asker = board.askerOf(number);
  if (asker.index >= LEVELS) return "ends";
  let at = { cpu, level };
  let found: Way = "circle";
  for (let steps = 0; steps < CPU_MAX * LEVELS; steps++) {
    if (at.cpu === asker.cpu && at.level === asker.index) return found;
    if (at.level + 1 < Atomics.load(i32, board.place(at.cpu, Place.depth))) {
      at = { cpu: at.cpu, level: at.level + 1 };
      continue;
    }
    const waits = Atomics.load(i32, board.activation(at.cpu, at.level) + Activation.waits);
    if (waits === 0) return "ends";
    const word = board.stateOf(waits - 1);
    const state = word & STATE_MASK;
    if (state === SlotState.postponed) found = "open";
    else if (state !== SlotState.served && state !== SlotState.deferred) return "ends";
    at = { cpu: i32[board.slot(waits - 1) + SlotWord.target] ?? 0, level: (word >>> 8) & 0xff };
    const serial = Atomics.load(i32, board.activation(at.cpu, at.level) + Activation.serial);
    if ((serial & SERIAL_MASK) !== word >>> 16) return "ends";
  }
  return "ends";
}

/** The levels of one CPU on which those wait who have led to this request, directly or not. */
export function levelsBehind(board: Board, number: number, cpu: number): ReadonlySet<number> {
  const levels = new Set<number>();
  for (let at = number, steps = 0; steps < CPU_MAX * LEVELS; steps++) {
    const asker = board.askerOf(at);
    if (asker.index >= LEVELS) break;
    if (asker.cpu === cpu) levels.add(asker.index);
    const serves = Atomics.load(board.i32, board.activation(asker.cpu, asker.index) + Activation.serves);
    if (serves === 0) break;
    at = serves - 1;
  }
  return levels;
}
