/**
 * Why the last `alloc` or `take` of this instance answered 0. Every CPU has an instance of its own, so this is the one thing
 * that is not in the shared memory: what one CPU was told must not be another's answer.
 */
let reason: u32 = 0;

export class Reason {
  @inline
  static set(code: u32): void {
    reason = code;
  }
}

/** A STATUS_ or ERROR_ code. */
export function lastError(): u32 {
  return reason;
}
