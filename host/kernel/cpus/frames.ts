/**
 * The kernel's frames where several CPUs are concerned: which domains a request names as those that led to it, and whose time is not
 * counted while a CPU serves somebody else. Called by `cpu.ts`.
 */
import type { Kernel } from "../kernel.ts";
import { FRAME_WORDS, FrameWord } from "../words.ts";
import { type Board, MOST_CHAIN, SlotWord } from "./board.ts";

/** A word of a frame, and what it was before. */
export interface Paused {
  readonly word: number;
  readonly before: number;
}

/** Owner words, of which names are made only where somebody asks. @param before those of other CPUs @param base where this one's begin */
export function writeChain(board: Board, at: number, before: readonly number[], { i32, cpu, depth: top }: Kernel, base: number): void {
  const chain = [...before];
  for (let depth = base; depth < top; depth++) chain.push(i32[cpu.frames + depth * FRAME_WORDS + FrameWord.callee] ?? 0);
  // The innermost say more than the outermost.
  const kept = chain.slice(-MOST_CHAIN);
  board.i32[at + SlotWord.chainLength] = kept.length;
  board.i32.set(kept, at + SlotWord.chain);
}

/**
 * Who waits here and has nothing to do with what is served is not charged for its time.
 * @param behind levels of those who have led to it @returns what to undo after it
 */
export function pauseOthers({ i32, cpu, depth: top }: Kernel, behind: ReadonlySet<number>, levelOf: (depth: number) => number): Paused[] {
  const paused: Paused[] = [];
  for (let depth = 0; depth < top; depth++) {
    if (behind.has(levelOf(depth))) continue;
    const word = cpu.frames + depth * FRAME_WORDS + FrameWord.paused;
    paused.push({ word, before: i32[word] ?? 0 });
    i32[word] = 1;
  }
  return paused;
}
