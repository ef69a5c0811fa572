/**
 * What a CPU's loop, and whoever else gives threads their turns, sees of the scheduler of one kernel.
 *
 * Threads run in microtasks: `run` starts them and resolves when none is ready, or when its time is up. Nothing here waits; whoever
 * drives a kernel sleeps by itself, until `nextWakeMs` at most, and is told by `onReady` when a thread became ready meanwhile.
 * All of it is for the thread of the host on which the kernel lives.
 */

/** A thread as plain data: what another CPU needs to start it on its own replica of the domain. */
export interface SpawnRequest {
  /** Name of the domain, whose replica must be on the CPU that starts it. */
  readonly domain: string;
  /** Of the thread, on whatever CPU it is; 0 = a new one. */
  readonly id: number;
  readonly name: string;
  /** 0 (first) to 7 (last). */
  readonly priority: number;
  /** Index in the module's function table, as the domain's library knows its entries. */
  readonly entry: number;
  /** Argument words of the entry; the base of an object must belong to the domain in which the thread starts. */
  readonly words: readonly [number, number];
}

/** Why a thread is no more. */
export type ThreadEnd =
  | { readonly kind: "returned"; readonly value: number }
  /** By itself, or with its domain. */
  | { readonly kind: "killed"; readonly detail: string };

/** A thread goes on elsewhere: it has ended its entry here, and keeps its id. */
export type Migrate = (cpu: number, request: SpawnRequest) => void;

export interface ThreadScheduler {
  /** A thread could run now. */
  readonly hasReady: boolean;
  /** Runs threads until none is ready, or for about so many milliseconds; the promise never rejects. */
  run(forMs?: number): Promise<void>;
  /** Called when a thread became ready while `run` is not under way. */
  onReady: (() => void) | undefined;
  /** Milliseconds until the next sleeper is due, at least 0; undefined when nobody sleeps. Sleepers that are due wake in `run`. */
  nextWakeMs(): number | undefined;
  /** A thread that is parked goes on; one that is not will not park the next time. False: there is no such thread here. */
  unpark(threadId: number): boolean;
  /** Ends a thread; false: there is no such thread here. */
  kill(threadId: number, detail: string): boolean;
  /** Told of the end of threads that came from elsewhere, or were spawned by `spawn`. */
  onEnd: ((threadId: number, end: ThreadEnd) => void) | undefined;
}
