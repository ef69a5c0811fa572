/**
 * The threads that could run now: a list for each priority, first in, first out. All operations take the same time at any length.
 * Called by the scheduler only. A thread is in at most one list, and only while its state is `ready` or `fresh`.
 */
import { PRIORITIES, type Thread } from "./thread.ts";

export class ReadyQueue {
  readonly #first: (Thread | undefined)[] = new Array<Thread | undefined>(PRIORITIES).fill(undefined);
  readonly #last: (Thread | undefined)[] = new Array<Thread | undefined>(PRIORITIES).fill(undefined);
  /** A bit for each list that is not empty. */
  #filled = 0;
  /** Which list had its turn last, whatever its priority. */
  #turn = 0;

  get isEmpty(): boolean {
    return this.#filled === 0;
  }

  /** The priority of the first thread; PRIORITIES where there is none. */
  get best(): number {
    return this.#filled === 0 ? PRIORITIES : 31 - Math.clz32(this.#filled & -this.#filled);
  }

  add(thread: Thread): void {
    const { priority } = thread;
    const last = this.#last[priority];
    thread.before = last;
    if (last === undefined) this.#first[priority] = thread;
    else last.after = thread;
    this.#last[priority] = thread;
    this.#filled |= 1 << priority;
  }

  take(): Thread | undefined {
    const first = this.#first[this.best];
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** The first thread of the next list that is not empty, so that each has its turn. */
  takeInTurn(): Thread | undefined {
    if (this.#filled === 0) return undefined;
    do this.#turn = (this.#turn + 1) % PRIORITIES;
    while (((this.#filled >>> this.#turn) & 1) === 0);
    const first = this.#first[this.#turn];
    if (first !== undefined) this.remove(first);
    return first;
  }

  remove(thread: Thread): void {
    const { priority, before, after } = thread;
    if (before === undefined) this.#first[priority] = after;
    else before.after = after;
    if (after === undefined) this.#last[priority] = before;
    else after.before = before;
    thread.before = thread.after = undefined;
    if (this.#first[priority] === undefined) this.#filled &= ~(1 << priority);
  }
}
