/**
 * Size classes: which block an object of so many granules gets. Arithmetic only, no tables (the module carries no data).
 * Called by `blocks.ts`; never touches memory.
 *
 *   granules   1 2 3 4 5 6 7 8 | 10 12 14 16 | 20 24 28 32 | 40 48 56 64 | … | 320 384 448      (1 granule = 64 bytes)
 *   class      0 1 2 3 4 5 6 7 |  8  9 10 11 | 12 13 14 15 | 16 17 18 19 | … |  28  29  30
 *
 * Four steps per doubling: at most a quarter of a block is unused.
 */
import { GRANULE_SIZE, SPAN_BYTES, STAGGER_BYTES } from "./layout";

export function classOf(granules: u32): u32 {
  const last = granules - 1;
  if (last < 8) return last;
  const shift = 29 - clz(last);
  return (last >> shift) + shift * 4;
}

export function classGranules(sizeClass: u32): u32 {
  if (sizeClass < 8) return sizeClass + 1;
  const step = sizeClass - 8;
  return ((step & 3) + 5) << ((step >> 2) + 1);
}

/**
 * Granules from one block to the next. Blocks whose size is a multiple of 2048 lie 320 bytes further apart: copies between
 * buffers with equal low address bits run 14 times slower, because stores and loads seem to hit the same cache set.
 * The padding has no granule table words, so nobody can reach it.
 */
export function classStride(sizeClass: u32): u32 {
  const granules = classGranules(sizeClass);
  return granules & 31 ? granules : granules + STAGGER_BYTES / GRANULE_SIZE;
}

export function classCapacity(sizeClass: u32): u32 {
  return SPAN_BYTES / GRANULE_SIZE / classStride(sizeClass);
}
