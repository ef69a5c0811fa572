/**
 * The kernel's two functions that every domain has: a line of log, and the reason for its own death.
 * Called by log.ts and abort.ts; domain code uses those.
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
