/** What the guard noted in a domain's record before it trapped, for the tests of the guard. */
import type { SharedHeap } from "../../shared-heap/heap.ts";
import * as L from "../../shared-heap/layout.ts";

export interface Refusal {
  /** 0 = none. */
  readonly kind: number;
  readonly address: number;
  readonly owner: number;
}

/** Reads the note and wipes it. */
export function takeRefusal(heap: SharedHeap, id: number): Refusal {
  const record = L.DOMAINS + (id & L.DOMAIN_SLOT_MASK) * L.DOMAIN_SIZE;
  const take = (offset: number): number => {
    const value = heap.u32[(record + offset) >>> 2] as number;
    heap.u32[(record + offset) >>> 2] = 0;
    return value;
  };
  return { kind: take(L.DOMAIN_REFUSED_KIND), address: take(L.DOMAIN_REFUSED_ADDRESS), owner: take(L.DOMAIN_REFUSED_OWNER) };
}
