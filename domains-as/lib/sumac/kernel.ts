/**
 * The kernel's functions that every domain has: a line of log, the reason for its own death, a deadline, giving up, and
 * children of objects. Called by log.ts, abort.ts and owned.ts, which domain code uses instead, and by shadows.
 */

/** Prints a line of UTF-8 from the domain's own memory; rate limited by the kernel. */
export declare function log(textPtr: usize, bytes: u32): void;
/** Notes why the domain is about to die. It returns: the domain ends itself with `unreachable` right after. */
export declare function panic(code: u32, textPtr: usize, bytes: u32): void;
/**
 * Gives the next call into another domain a deadline of its own, in microseconds; 0 takes it back. A call that is refused
 * was not made, and leaves the deadline for the next one.
 */
export declare function deadline(micros: u32): void;
/**
 * Ends the present call, once it returns, as one that was given up: the caller gets `Status.GAVE_UP` with the causes for which
 * this domain's own calls failed since it was called, and nothing of what is returned. A call in which none failed cannot be
 * given up, and whoever calls another domain after this ends itself.
 */
export declare function relay(): void;
/**
 * Makes an object the child of the one in which the slot lies; both must belong to the domain, and neither be lent. 0 = done.
 * Called by owned.ts.
 */
export declare function put(slotOff: u32, childOff: u32): u32;
/** Makes the slot's child an object by itself again: its base, or 0 when the slot names no child of that type (0 = any). */
export declare function take(slotOff: u32, type: u32): u32;
