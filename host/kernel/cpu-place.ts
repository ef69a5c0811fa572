/**
 * Where a kernel stands among those that share one heap: each has domain slots of its own, and a slot that stands for the host on
 * its CPU, so that nobody's record, ids or return area is written by two of them.
 */
import type { SharedHeap } from "../../shared-heap/heap.ts";
import {
  CPU_MAX,
  DOMAIN_SIZE,
  DOMAIN_SLOT_BITS,
  DOMAIN_STATE,
  DOMAINS,
  KERNEL_ID,
  MAX_HEAP_BYTES,
  STATE_RUNNING,
  STATUS_OK,
} from "../../shared-heap/layout.ts";

export interface CpuPlace {
  /** 0 for the CPU that created the heap. */
  readonly index: number;
  /** How many CPUs there are, at most CPU_MAX. */
  readonly of: number;
}

export const ONLY_CPU: CpuPlace = { index: 0, of: 1 };

/** What the host owns on the first CPU is the kernel's, as everything is that the dead left behind. */
export function hostIdOf({ index }: CpuPlace): number {
  return index === 0 ? KERNEL_ID : (1 << DOMAIN_SLOT_BITS) | index;
}

/** Opens the record of the host on a further CPU; the heap has that of the first. */
export function openHost(heap: SharedHeap, place: CpuPlace): void {
  const { index } = place;
  if (index === 0) return;
  if (heap.exports.domainOpen(index, hostIdOf(place), MAX_HEAP_BYTES, MAX_HEAP_BYTES) !== STATUS_OK) {
    throw new Error(`CPU ${index} has a kernel already`);
  }
  heap.i32[(DOMAINS + index * DOMAIN_SIZE + DOMAIN_STATE) >> 2] = STATE_RUNNING;
}

/** The slots for domains: all but the kernel's where there is one CPU, otherwise a share of those that stand for no CPU's host. */
export function slotsOf({ index, of }: CpuPlace, end: number): { readonly first: number; readonly end: number } {
  if (of === 1) return { first: 1, end };
  const share = Math.floor((end - CPU_MAX) / of);
  const first = CPU_MAX + index * share;
  return { first, end: first + share };
}
