/**
 * What a call that did not answer means for its caller: did the callee die, and where are the objects that were moved?
 * Called right after an `Outcome` with `died`, before the next call overwrites the status.
 */
import { status } from "./guard";
import { lastStatus, Status } from "./rpc";

/** True if the callee is dead, so that whoever supervises it may start it again. */
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
    default:
      return false;
  }
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
    case Status.HOST:
      return true;
    case Status.REFUSED:
      // The detail is 1 when the call was made and its result was refused.
      return status(3) == 0;
    default:
      return false;
  }
}
