/**
 * Where a thread gives way that has not asked to. The kernel asks at any safepoint, and the domain notes it: in the middle of this library or
 * of the runtime another thread would find lists half changed, and the collector would not see what is in nobody's variable yet. The
 * build puts a look at this note into every loop of the domain's own sources (`host/build/thread-turns.ts`); there, giving way is a call
 * like any other. A file of its own, since global names need a decorator where formatters accept none.
 */
import { park } from "./thread-imports";

const GIVE_WAY: u32 = 2;

/** The kernel has asked the thread that runs. */
@global
export let __threadIsAsked: bool = false;

@global
export function __threadGiveWay(): void {
  __threadIsAsked = false;
  park(GIVE_WAY, 0);
}

/** The kernel asks. */
export function ask(): void {
  __threadIsAsked = true;
}

/** Another thread runs. */
export function forget(): void {
  __threadIsAsked = false;
}
