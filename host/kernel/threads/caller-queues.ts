/**
 * What a domain may ask of the kernel about those who call it: that they wait. A function that does not have yet what its caller wants
 * ends the call as one that would have to wait; the caller's thread, on whatever CPU, parks at its base and calls again when the domain says so.
 * Nobody sleeps inside the domain. Made for each generation that imports `queue-…` from "kernel".
 *
 * Queues are numbers that the domain chooses. To enter and to be given up is one step, and the domain runs nothing between its look and that, so
 * no wake-up is lost; what happens with those that come late is the queues' business (`wait-queue.ts`).
 */

import type { CoreFunction } from "../calls/link.ts";
import { type Note, relay } from "../calls/relay.ts";
import type { Domain } from "../domain.ts";
import type { Kernel } from "../kernel.ts";
import { Cause } from "../status.ts";
import type { WaitQueue } from "./wait-queue.ts";

/** Numbers of queues that a domain may use. */
const MOST_QUEUES = 4096;

/**
 * @param fault ends the domain for a misuse
 * @param settle every kernel function ends with it
 */
export function callerQueueImports(
  kernel: Kernel,
  domain: Domain,
  fault: (detail: string) => never,
  settle: (result: number) => number,
): Record<string, CoreFunction> {
  const { threads } = kernel;
  const queues: Map<number, WaitQueue> = new Map();
  const own: Set<WaitQueue> = new Set();
  const { id, name, generation } = domain;
  const note: Note = { code: Cause.blocked, blamed: { id, name, generation }, detail: `${name} did not have yet what was asked for` };
  const queueAt = (number: number): WaitQueue => {
    const known = queues.get(number);
    if (known !== undefined) return known;
    if (queues.size === MOST_QUEUES) fault(`keeps callers waiting in more than ${MOST_QUEUES} queues`);
    const made = threads.waits.newQueue();
    queues.set(number, made);
    own.add(made);
    return made;
  };
  // Who waited for it asks again, and is told that it is dead, or reaches the next generation.
  domain.releases.push(() => {
    for (const queue of queues.values()) queue.wakeAll();
  });

  return {
    /** The present call ends, once it returns, as one that would have to wait. A caller that is a thread waits in that queue. */
    "queue-enter"(number = 0) {
      kernel.probe.capability(0);
      const queue = queueAt(number);
      kernel.noteFailure(id, note);
      const misuse = relay(kernel, domain);
      if (misuse !== undefined) fault(misuse);
      threads.waits.waitIn(queue, own);
      return settle(0);
    },
    /** The present call's thread has got what it waited for there. */
    "queue-pass"(number = 0) {
      const queue = queues.get(number);
      if (queue !== undefined) threads.waits.passed(queue);
      return settle(0);
    },
    /** Up to so many of those that wait there call again, in the order in which they came; how many. */
    "queue-wake"(number = 0, most = 0) {
      kernel.probe.capability(0);
      const queue = queues.get(number);
      const count = Math.min(queue?.length ?? 0, most >>> 0);
      if (count === queue?.length) queue.wakeAll();
      else for (let i = 0; i < count; i++) queue?.wakeOne();
      return settle(count);
    },
  };
}
