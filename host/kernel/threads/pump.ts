/**
 * Gives the threads of a kernel their turns where an application's event loop is the only one: while there are ready ones, every turn of the
 * loop for some milliseconds; else when the next sleeper is due. Timers, files and sockets of the application get their share between.
 * Made by a system; a CPU that is a worker has a loop of its own instead.
 */
import { nextTurn } from "../../platform/turn.ts";
import type { ThreadScheduler } from "./scheduler.ts";

/** How long the loop belongs to threads at a time. */
const TURN_MS = 4;
/** Timers of the platform take no more. */
const LONGEST_SLEEP_MS = 0x7fffffff;

export class ThreadPump {
  readonly #threads: ThreadScheduler;
  #isComing = false;
  #isStopped = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(threads: ThreadScheduler) {
    this.#threads = threads;
    threads.onReady = () => this.#comeSoon();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #comeSoon(): void {
    if (this.#isComing || this.#isStopped) return;
    this.#isComing = true;
    nextTurn(() => void this.#turn());
  }

  async #turn(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#threads.run(TURN_MS);
    this.#isComing = false;
    if (this.#isStopped) return;
    if (this.#threads.hasReady) {
      this.#comeSoon();
      return;
    }
    const wait = this.#threads.nextWakeMs();
    if (wait !== undefined) this.#timer = setTimeout(() => this.#comeSoon(), Math.min(Math.ceil(wait), LONGEST_SLEEP_MS));
  }
}
