/**
 * Threads that wait for a time, in a binary heap: the next one is at hand, adding and removing take logarithmic time.
 * Threads of the same time wake in the order in which they went to sleep. Called by the scheduler only.
 */
import type { Thread } from "./thread.ts";

export class Sleepers {
  readonly #heap: Thread[] = [];
  #order = 0;

  /** When the first is due (ms, monotonic); undefined when nobody sleeps. */
  get nextMs(): number | undefined {
    return this.#heap[0]?.wakeAtMs;
  }

  add(thread: Thread): void {
    thread.sleepOrder = ++this.#order;
    this.#heap.push(thread);
    this.#rise(thread, this.#heap.length - 1);
  }

  remove(thread: Thread): void {
    const index = thread.sleepIndex;
    if (index < 0) return;
    thread.sleepIndex = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === thread) return;
    this.#rise(last, index);
    this.#sink(last, last.sleepIndex);
  }

  /** The first of those that are due. */
  takeDue(nowMs: number): Thread | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.wakeAtMs > nowMs) return undefined;
    this.remove(first);
    return first;
  }

  #rise(thread: Thread, from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = this.#heap[parent] as Thread;
      if (!isBefore(thread, above)) break;
      this.#put(above, index);
      index = parent;
    }
    this.#put(thread, index);
  }

  #sink(thread: Thread, from: number): void {
    let index = from;
    for (;;) {
      let child = 2 * index + 1;
      const left = this.#heap[child];
      if (left === undefined) break;
      const right = this.#heap[child + 1];
      let least = left;
      if (right !== undefined && isBefore(right, left)) {
        least = right;
        child++;
      }
      if (!isBefore(least, thread)) break;
      this.#put(least, index);
      index = child;
    }
    this.#put(thread, index);
  }

  #put(thread: Thread, index: number): void {
    this.#heap[index] = thread;
    thread.sleepIndex = index;
  }
}

function isBefore(a: Thread, b: Thread): boolean {
  return a.wakeAtMs < b.wakeAtMs || (a.wakeAtMs === b.wakeAtMs && a.sleepOrder < b.sleepOrder);
}
