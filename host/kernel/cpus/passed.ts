/**
 * Objects that calls of this CPU have moved to another CPU's host, for the case that such a call fails: what the callee did not get goes back.
 *
 * That an object with this base belongs to that host says too little: the callee may have got and dropped it, and somebody else, on a third
 * CPU, may have been born in its place and wait there for a call of his own. So each object is remembered with the number of its birth.
 * While it waits its caller may be called back and fill its quota: what it has no room for any more is dropped, as nobody else would.
 * Called by the proxies of `remote-proxy.ts` in place of the heap's `move`, and by `host-calls-unwaited.ts`.
 */

import type { HeapExports } from "../../../shared-heap/heap.ts";
import {
  ENTRY_BIRTH,
  ENTRY_OWNER,
  GRANULE_SHIFT,
  GRANULES,
  H_HEAP_END,
  OWNER_MASK,
  STATUS_OK,
  STATUS_REFUSED,
} from "../../../shared-heap/layout.ts";
import type { HeapCalls } from "../calls/proxy.ts";

type PassedHeap = Pick<HeapCalls, "move"> & Pick<HeapExports, "drop">;

interface Object {
  readonly base: number;
  readonly birth: number;
}

/**
 * The birth number of the object with this base if it belongs to `owner`, else 0. The owner is read before the number: no number comes
 * again, so where it is the wanted one the owner was that object's. And what belongs to a host stays there until its asker takes it.
 */
export function birthAt(i32: Int32Array, base: number, owner: number): number {
  if (base >>> 0 >= (i32[H_HEAP_END >> 2] ?? 0) >>> 0) return 0;
  const entry = Atomics.load(i32, (GRANULES >> 2) + (base >>> GRANULE_SHIFT)) >>> 2;
  if ((Atomics.load(i32, entry + (ENTRY_OWNER >> 2)) & OWNER_MASK) !== owner) return 0;
  const low = Atomics.load(i32, entry + (ENTRY_BIRTH >> 2)) >>> 0;
  return low + (Atomics.load(i32, entry + (ENTRY_BIRTH >> 2) + 1) >>> 0) * 2 ** 32;
}

export class Passed {
  readonly #i32: Int32Array;
  readonly #heap: PassedHeap;
  readonly #receiver: number;
  /** Of the calls that are inside each other, outermost first. */
  readonly #objects: Object[] = [];
  /** Where those of the innermost call begin that is being made or under way. */
  #first = 0;

  constructor(i32: Int32Array, heap: PassedHeap, receiver: number) {
    this.#i32 = i32;
    this.#heap = heap;
    this.#receiver = receiver;
  }

  /** Type 0 is how a proxy gives back. */
  move(base: number, type: number, from: number, to: number): number {
    const receiver = this.#receiver;
    if (type === 0 && from === receiver) return this.#giveBack(base, to);
    const code = this.#heap.move(base, type, from, to);
    if (code === STATUS_OK && type !== 0 && to === receiver) this.#objects.push({ base, birth: birthAt(this.#i32, base, receiver) });
    return code;
  }

  /** The call is under way: what has been passed is its own. Where it fails, its proxy gives all of that back. */
  during(call: () => number): number {
    const before = this.#first;
    this.#first = this.#objects.length;
    try {
      const result = call();
      this.#objects.length = before;
      return result;
    } finally {
      this.#first = before;
    }
  }

  #giveBack(base: number, to: number): number {
    const at = this.#objects.findLastIndex((each) => each.base === base);
    const [object] = at < this.#first ? [] : this.#objects.splice(at, 1);
    if (object === undefined || object.birth === 0 || object.birth !== birthAt(this.#i32, base, this.#receiver)) return STATUS_REFUSED;
    const code = this.#heap.move(base, 0, this.#receiver, to);
    if (code !== STATUS_OK) this.#heap.drop(base, this.#receiver);
    return code;
  }
}
