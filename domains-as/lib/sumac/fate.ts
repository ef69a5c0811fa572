/**
 * What a call that did not answer means for its caller: did the callee die, and where are the objects that were moved?
 * Called right after an `Outcome` with `died`, before the next call overwrites the status.
 */
import { status } from "./guard";
import { lastStatus, Refusal, Status } from "./rpc";

/** True if the callee is dead, or has used up its quota and so can serve nobody: whoever supervises it may start it again. */
export function calleeDied(): bool {
  switch (lastStatus()) {
    case Status.TRAP:
    case Status.DEADLINE:
    case Status.KILLED:
    case Status.QUOTA:
    case Status.STACK:
    case Status.DEAD:
    case Status.INIT:
      return true;
    case Status.REFUSED:
      return status(3) == Refusal.CALLEE_FULL;
    default:
      return false;
  }
}

/**
 * True if the callee would have had to wait: whoever cannot go on without its answer ends its own call by `relay`, and the thread that began it all
 * waits. The objects among the arguments are back.
 */
export function calleeWaits(): bool {
  const last = lastStatus();
  return last == Status.BLOCKED || (last == Status.GAVE_UP && status(3) == Status.BLOCKED);
}

/**
 * True if the objects among the arguments are the caller's again, because the call was not made or the host gave them
 * back: the caller drops or reuses them. Otherwise they are gone with the call.
 */
export function objectsAreBack(): bool {
  switch (lastStatus()) {
    case Status.DEAD:
    case Status.DEPTH:
    case Status.REENTRANT:
    case Status.THROTTLED:
    case Status.HOST:
    case Status.BLOCKED:
      return true;
    case Status.GAVE_UP:
      return status(3) == Status.BLOCKED;
    case Status.REFUSED:
      return status(3) != Refusal.RESULT;
    default:
      return false;
  }
}
