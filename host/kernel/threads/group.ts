/**
 * The threads of one generation of a domain: how many there may be, which there are, and the functions of the domain that run and
 * save them. Made by birth; the scheduler and the domain's own imports work on it. An ended thread counts until somebody has asked for
 * its end.
 */
import type { CoreFunction } from "../calls/link.ts";
import type { Domain } from "../domain.ts";
import type { Thread } from "./thread.ts";

/** A thread's base as a function that answers with a promise: it is broken when the stack was unwound. */
export type RunBase = (number: number, entry: number, first: number, second: number) => Promise<unknown>;

export class ThreadGroup {
  readonly domain: Domain;
  /** By number; place 0 stays empty. */
  readonly threads: (Thread | undefined)[] = [undefined];
  /** Set when the domain has its instance. */
  run: RunBase | undefined = undefined;
  /** Tells the domain that a thread of its own was ended by somebody. */
  gone: CoreFunction | undefined = undefined;
  /** Stacks that have not been unwound yet. */
  stacks = 0;
  /** What waits for the last of them, once the domain is buried. */
  onLastStack: (() => void) | undefined = undefined;
  readonly #free: number[] = [];
  #count = 0;

  constructor(domain: Domain) {
    this.domain = domain;
  }

  get hasRoom(): boolean {
    return this.#count < this.domain.spec.limits.threads;
  }

  /** Those that are not ended, and those whose end nobody has asked for. */
  get count(): number {
    return this.#count;
  }

  find(number: number): Thread | undefined {
    return this.threads[number >>> 0];
  }

  /** Only after `hasRoom`. */
  takeNumber(): number {
    this.#count++;
    return this.#free.pop() ?? this.threads.length;
  }

  forget({ number }: Thread): void {
    this.threads[number] = undefined;
    this.#free.push(number);
    this.#count--;
  }
}
