/**
 * The kernel's functions for callers that wait. A file of its own, since a name with a dash needs a decorator where formatters accept none.
 * Called by caller-queue.ts only. Queues are numbers that the domain chooses.
 */

/** The present call ends, once it returns, as one that would have to wait; the caller's thread waits in the queue, and calls again. */
@external("kernel", "queue-enter")
export declare function enter(queue: u32): u32;

/** The present call's thread has what it waited for there. */
@external("kernel", "queue-pass")
export declare function pass(queue: u32): u32;

/** Up to so many of those that wait there call again; how many. */
@external("kernel", "queue-wake")
export declare function wake(queue: u32, most: u32): u32;
