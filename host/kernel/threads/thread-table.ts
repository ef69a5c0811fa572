/**
 * The threads that one kernel knows, by their ids: those of its CPU, and those that went elsewhere and are waited for here. Gives out ids.
 * Called by the scheduler and by whoever asks for threads by id. Runs nothing.
 */
import type { ThreadEnd } from "./scheduler.ts";
import type { Thread } from "./thread.ts";

/** Threads of one CPU. */
export const MOST_THREADS = 10_000;
/** Of all CPUs: a stack takes two memory maps, of which a process has 65 530, and memories take some too. */
export const MOST_IN_ALL = 24_000;
/** Ids of threads tell on which CPU they were made. */
const CPU_BITS = 5;
const LAST_SERIAL: number = 2 ** (31 - CPU_BITS) - 1;

export class ThreadTable {
  /** How many there may be on this CPU. */
  most: number;
  /** Ids are numbered up to here, and then from the first again. */
  lastSerial: number = LAST_SERIAL;
  readonly #cpu: number;
  readonly #byId: Map<number, Thread> = new Map();
  #serial = 0;

  /** @param cpus of the system, which share the process */
  constructor(cpu: number, cpus: number) {
    this.#cpu = cpu;
    this.most = Math.min(MOST_THREADS, Math.floor(MOST_IN_ALL / cpus));
  }

  get isFull(): boolean {
    return this.#byId.size >= this.most;
  }

  /** Threads that are not ended. */
  list(): Thread[] {
    return [...this.#byId.values()].filter(({ state }) => state !== "ended");
  }

  /** Of the domain of that name: also one that has ended, as long as nobody has joined it. */
  named(domain: string, name: string): Thread | undefined {
    for (const thread of this.#byId.values()) if (thread.name === name && thread.domain.name === domain) return thread;
    return undefined;
  }

  find(id: number): Thread | undefined {
    return this.#byId.get(id);
  }

  set(thread: Thread): void {
    this.#byId.set(thread.id, thread);
  }

  delete(id: number): void {
    this.#byId.delete(id);
  }

  /** A promise of a thread's end, for the host; undefined: there is no such thread here. */
  endOf(id: number): Promise<ThreadEnd> | undefined {
    const thread = this.#byId.get(id);
    if (thread === undefined) return undefined;
    if (thread.end !== undefined) return Promise.resolve(thread.end);
    return new Promise((resolve) => thread.watchers.push(resolve));
  }

  /** Of no thread that is known here: there are fewer threads than ids. */
  newId(): number {
    let id: number;
    do {
      this.#serial = this.#serial >= this.lastSerial ? 1 : this.#serial + 1;
      id = (this.#serial << CPU_BITS) | this.#cpu;
    } while (this.#byId.has(id));
    return id;
  }

  /** It was made on another CPU. */
  isVisitor({ id }: Thread): boolean {
    return (id & (2 ** CPU_BITS - 1)) !== this.#cpu;
  }
}
