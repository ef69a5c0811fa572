/**
 * Promises of the host's functions: the thread that called waits at its base, calls again, and is given what was promised.
 * Called by `host-functions.ts`. A function is not called twice for one answer, and an answer is nobody's but his who asked, in the name of
 * whichever thread: between two calls of a thread others may ask that function for something else.
 */
import type { Asked, Awaited } from "./thread.ts";
import type { Threads } from "./threads.ts";

/** @returns false: nobody can wait */
export function awaits(threads: Threads, asked: Asked, promise: PromiseLike<unknown>): boolean {
  const { thread } = threads.waits;
  if (thread === undefined) return false;
  const awaited: Awaited = { ...asked, outcome: undefined };
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

/** What was promised to the thread that asks again; given once it is known. Undefined: nothing. HOT: each call of a function by a thread. */
export function awaitedBy(threads: Threads, by: object, asks: () => Asked): Awaited | undefined {
  if (threads.current?.awaited?.by !== by) return undefined;
  const { thread } = threads.waits;
  const awaited = thread?.awaited;
  const { from, what } = asks();
  if (thread === undefined || awaited?.by !== by || awaited.from !== from || !isSame(awaited.what, what)) return undefined;
  if (awaited.outcome !== undefined) thread.awaited = undefined;
  return awaited;
}

/** Values of an application. Instances are made for each call, and say nothing about which one they stand for. */
function isSame(one: unknown, other: unknown): boolean {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return Object.is(one, other);
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
  const isPlain = Array.isArray(one) || ArrayBuffer.isView(one) || Object.getPrototypeOf(one) === Object.prototype;
  if (!isPlain) return true;
  const keys = Object.keys(one) as (keyof typeof one)[];
  return keys.length === Object.keys(other).length && keys.every((key) => isSame(one[key], other[key]));
}
