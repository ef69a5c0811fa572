/**
 * Promises of the host's functions: the thread that called waits at its base, calls again, and is given what was promised.
 * Called by `host-functions.ts`. A function is not called twice for one answer.
 */
import type { Awaited } from "./thread.ts";
import type { Threads } from "./threads.ts";

/** @param by the function. False: nobody can wait */
export function awaits(threads: Threads, by: object, promise: PromiseLike<unknown>): boolean {
  const thread = threads.current;
  if (thread === undefined) return false;
  const awaited: Awaited = { by, outcome: undefined };
  thread.awaited = awaited;
  const settle = (ok: boolean, value: unknown): void => {
    awaited.outcome = { ok, value };
    if (thread.awaited === awaited) threads.wake(thread);
  };
  promise.then(
    (value) => settle(true, value),
    (error) => settle(false, error),
  );
  return true;
}

/** What the function promised to the thread that runs, which asks again; given once it is known. Undefined: nothing. */
export function awaitedBy({ current }: Threads, by: object): Awaited | undefined {
  const awaited = current?.awaited;
  if (current === undefined || awaited?.by !== by) return undefined;
  if (awaited.outcome !== undefined) current.awaited = undefined;
  return awaited;
}
