/**
 * Why the last call failed. The kernel writes these words where no domain can reach them, so they cannot be forged.
 * Called by domain code after an `Outcome` that died, or after any call without an outcome.
 */
import { status } from "./guard";

export namespace Status {
  /** The call was made and returned. */
  export const OK: u32 = 0;
  export const TRAP: u32 = 1;
  /** The callee overran its own budget. */
  export const DEADLINE: u32 = 2;
  export const KILLED: u32 = 3;
  export const QUOTA: u32 = 4;
  export const STACK: u32 = 5;
  /** The call was not made: an argument is not owned, has the wrong type, or the receiver has no room for it. */
  export const REFUSED: u32 = 6;
  /** The callee was dead already. */
  export const DEAD: u32 = 7;
  /** The caller's own deadline passed; the callee lives. */
  export const LATE: u32 = 8;
  /** The callee failed to start. */
  export const INIT: u32 = 9;
  /** The chain of calls is too deep. */
  export const DEPTH: u32 = 10;
  /** A function of the host failed. */
  export const HOST: u32 = 11;
  /** The callee is in this chain already. */
  export const REENTRANT: u32 = 12;
  /** The callee lives, but its own calls failed and it gave up; `lastDomain` names the one that failed it. */
  export const GAVE_UP: u32 = 13;
  /** A function of the host would have had to wait; nothing was done, and calling again later is right. */
  export const BLOCKED: u32 = 14;
  /** The callee has used up its CPU time; it was not called. `status(3)` says how many milliseconds its window has at most. */
  export const THROTTLED: u32 = 15;
}

/** What `status(3)` says of a call that was refused; of one that was given up it says the status of the last failure. */
export namespace Refusal {
  /** An object argument does not belong to the caller or has another type. */
  export const ARGUMENT: u32 = 0;
  /** The call was made, and its result lies outside its type. */
  export const RESULT: u32 = 1;
  /** An object is lent or pinned, or the callee's quota has no room for it. */
  export const CALLEE_FULL: u32 = 4;
}

/** One of `Status`; OK unless the last call failed. */
export function lastStatus(): u32 {
  return status(0);
}

/** The id of the domain that failed, which need not be the one that was called. */
export function lastDomain(): u32 {
  return status(1);
}

export function lastGeneration(): u32 {
  return status(2);
}
