/**
 * Callers of this domain's functions that wait for something, on whatever CPU they are. A function that does not have it yet gives the call up:
 * the thread that called waits where it began, and calls again with the same arguments when it is woken. Nobody sleeps in here.
 * Called by domain code; needs no threads of its own. What one domain's threads wait for among each other is in sync.ts.
 */
import * as kernel from "./queue-imports";

@final
export class CallerQueue {
  private static count: u32 = 0;
  private readonly number: u32 = CallerQueue.count++;

  /**
   * Whether the call goes on. Where it does not, return at once: what is returned is nobody's, and what was passed as an argument of
   * its own is the caller's again. Callers that are no threads get `GAVE_UP`, and `status(3)` says `BLOCKED`.
   */
  admit(isReady: bool): bool {
    if (isReady) kernel.pass(this.number);
    else kernel.enter(this.number);
    return isReady;
  }

  /** The one that came first calls again. If it does not, since it is no more, the next one does. */
  wakeOne(): void {
    kernel.wake(this.number, 1);
  }

  wakeAll(): void {
    kernel.wake(this.number, u32.MAX_VALUE);
  }
}
