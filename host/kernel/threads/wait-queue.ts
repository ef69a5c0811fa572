/**
 * Threads that wait for something of the kernel: an end, a message in a channel, an interrupt.
 *
 * A thread enters a queue when what it asked for is not there, and goes on to park at its base. Whoever makes it there wakes one, which
 * asks again. A thread that was woken and does not ask again (it gave up, or died) passes the wake on when it parks the next time or
 * ends: no wake-up is lost. Called by the scheduler and by kernel objects. Runs nothing of a domain.
 */

/** A thread of this CPU, or what stands here for one of another (`host/kernel/cpus/wakes.ts`). */
export interface Waiter {
  /** Queues that it stands in, and the one that has woken it while it has not asked again for what it waited for. */
  readonly queues: Set<WaitQueue>;
  owed: WaitQueue | undefined;
}

export class WaitQueue {
  /** In the order in which they came. */
  readonly #waiting: Set<Waiter> = new Set();
  readonly #unpark: (waiter: Waiter) => void;

  constructor(unpark: (waiter: Waiter) => void) {
    this.#unpark = unpark;
  }

  get length(): number {
    return this.#waiting.size;
  }

  /** The thread asked, and what it asked for is not there. */
  enter(waiter: Waiter): void {
    this.asked(waiter);
    this.#waiting.add(waiter);
    waiter.queues.add(this);
  }

  /** The thread asked: no matter what it got, it has used the wake that it may have had from here. */
  asked(waiter: Waiter): void {
    if (waiter.owed === this) waiter.owed = undefined;
    this.leave(waiter);
  }

  leave(waiter: Waiter): void {
    if (this.#waiting.delete(waiter)) waiter.queues.delete(this);
  }

  wakeOne(): void {
    // A loop: a domain decides how long such a chain of queues is.
    for (let queue: WaitQueue | undefined = this.#wakeFirst(); queue !== undefined; ) queue = queue.#wakeFirst();
  }

  /** @returns the queue that the first one owed a question: it was on its way there, and that wake is its next one's */
  #wakeFirst(): WaitQueue | undefined {
    for (const waiter of this.#waiting) {
      this.leave(waiter);
      const { owed } = waiter;
      waiter.owed = this;
      this.#unpark(waiter);
      return owed;
    }
    return undefined;
  }

  wakeAll(): void {
    for (const waiter of [...this.#waiting]) {
      this.leave(waiter);
      this.#unpark(waiter);
    }
  }
}
