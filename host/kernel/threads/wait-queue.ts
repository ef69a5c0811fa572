/**
 * Threads that wait for something of the kernel: an end, a message in a channel, an interrupt.
 *
 * A thread enters a queue when what it asked for is not there, and goes on to park at its base. Whoever makes it there wakes one, which
 * asks again. A thread that was woken and does not ask again (it gave up, or died) passes the wake on when it parks the next time or
 * ends: no wake-up is lost. Called by the scheduler and by kernel objects. Runs nothing of a domain.
 */
import type { Thread } from "./thread.ts";

export class WaitQueue {
  /** In the order in which they came. */
  readonly #waiting: Set<Thread> = new Set();
  readonly #unpark: (thread: Thread) => void;

  constructor(unpark: (thread: Thread) => void) {
    this.#unpark = unpark;
  }

  get length(): number {
    return this.#waiting.size;
  }

  /** The thread asked, and what it asked for is not there. */
  enter(thread: Thread): void {
    this.asked(thread);
    this.#waiting.add(thread);
    thread.queues.add(this);
  }

  /** The thread asked: no matter what it got, it has used the wake that it may have had from here. */
  asked(thread: Thread): void {
    if (thread.owed === this) thread.owed = undefined;
    this.leave(thread);
  }

  leave(thread: Thread): void {
    if (this.#waiting.delete(thread)) thread.queues.delete(this);
  }

  wakeOne(): void {
    for (const thread of this.#waiting) {
      this.leave(thread);
      // Woken by another queue already, and still on its way there: that wake is its own to pass on.
      thread.owed?.wakeOne();
      thread.owed = this;
      this.#unpark(thread);
      return;
    }
  }

  wakeAll(): void {
    for (const thread of [...this.#waiting]) {
      this.leave(thread);
      this.#unpark(thread);
    }
  }
}
