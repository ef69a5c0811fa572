/**
 * The checker of the heap for a system whose other CPUs have nothing to do: one that goes to sleep or wakes up just then holds the lock for a
 * moment. Called by tests and campaigns on two CPUs between their operations.
 */
import { auditHeap, type HeapAudit } from "../../shared-heap/audit.ts";
import { LOCK } from "../../shared-heap/layout.ts";

const TRIES = 50;

/** What it finds with the lock free before and after; what it finds last where that never comes: a lock that is never given back is a problem. */
export function auditAtRest(heap: { readonly u32: Uint32Array }): HeapAudit {
  const i32 = new Int32Array(heap.u32.buffer);
  const isTaken = (): boolean => Atomics.load(i32, LOCK >> 2) !== 0;
  let audit = auditHeap(heap);
  for (let i = 0; i < TRIES && !audit.ok; i++) {
    for (let naps = 0; naps < TRIES && isTaken(); naps++) Atomics.wait(i32, LOCK >> 2, 1, 1);
    audit = auditHeap(heap);
  }
  return audit;
}
