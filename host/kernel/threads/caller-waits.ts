/**
 * Queues in which the threads of callers wait, on whatever CPU those run: here such a thread is itself, or what stands for it.
 * Called by the kernel objects that keep callers waiting (interrupts, queues of domains), and by the scheduler for joiners. Runs nothing.
 */
import type { Kernel } from "../kernel.ts";
import { Thread } from "./thread.ts";
import type { Threads } from "./threads.ts";
import { type Waiter, WaitQueue } from "./wait-queue.ts";

export class CallerWaits {
  readonly #kernel: Kernel;
  readonly #threads: Threads;

  constructor(kernel: Kernel, threads: Threads) {
    this.#kernel = kernel;
    this.#threads = threads;
  }

  newQueue(): WaitQueue {
    return new WaitQueue((waiter) => (waiter instanceof Thread ? this.#threads.wake(waiter) : this.#kernel.cpus?.cpu.wakes.wake(waiter)));
  }

  /**
   * The present call cannot be answered yet: its thread, on whatever CPU, waits in the queue.
   * @param others of the same owner: who asks him again waits there no more, so that nobody stands in more than one of them
   */
  waitIn(queue: WaitQueue, others?: ReadonlySet<WaitQueue>): void {
    const waiter = this.#waiter;
    if (waiter === undefined) return;
    if (others !== undefined) for (const each of [...waiter.queues]) if (each !== queue && others.has(each)) each.leave(waiter);
    queue.enter(waiter);
    // What it was woken for elsewhere it does not ask for.
    const { owed } = waiter;
    waiter.owed = undefined;
    owed?.wakeOne();
    if (!(waiter instanceof Thread)) this.#kernel.cpus?.cpu.wakes.waits(waiter);
  }

  /** It has got what it waited for there. */
  passed(queue: WaitQueue): void {
    const waiter = this.#waiter;
    if (waiter === undefined) return;
    queue.asked(waiter);
    if (!(waiter instanceof Thread)) this.#kernel.cpus?.cpu.wakes.passed(waiter);
  }

  /** The thread of the present call, where it is one of this CPU. */
  get thread(): Thread | undefined {
    const { cpus } = this.#kernel;
    return cpus === undefined || cpus.cpu.level === 0 ? this.#threads.current : cpus.cpu.wakes.thread;
  }

  /** The same, or what stands for it here. */
  get #waiter(): Waiter | undefined {
    const { cpus } = this.#kernel;
    return cpus === undefined || cpus.cpu.level === 0 ? this.#threads.current : cpus.cpu.wakes.waiter();
  }
}
