/**
 * How threads end: they return, they are killed, or their domain dies. Joiners and watchers are told, what a thread had in queues is given on, and
 * a parked stack goes on once more, to its end. Called by the scheduler, and by travellers.ts through it; it runs nothing of a domain itself,
 * but lets stacks be unwound, and tells a domain which thread somebody killed.
 */
import type { ThreadGroup } from "./group.ts";
import type { ReadyQueue } from "./ready-queue.ts";
import type { ThreadEnd } from "./scheduler.ts";
import type { Sleepers } from "./sleepers.ts";
import { DIE, type Thread } from "./thread.ts";
import type { ThreadTable } from "./thread-table.ts";

/** What the scheduler tells, and does, for them. */
export interface EndingScheduler {
  readonly table: ThreadTable;
  readonly ready: ReadyQueue;
  readonly sleepers: Sleepers;
  isRunning(thread: Thread): boolean;
  /** It was taken from the ready ones, and does not run yet. */
  isComing(thread: Thread): boolean;
  /** It does not come. */
  holdBack(thread: Thread): void;
  /** Whoever runs looks, at its next safepoint, whether it is to end. */
  stopSoon(): void;
  next(): void;
  /** What it has on other CPUs is given back; `isOver`: also where it only waits. */
  leaves(thread: Thread, isOver: boolean): void;
  /** It is on another CPU and is to end there. */
  killAway(cpu: number, thread: Thread, detail: string): void;
  hasEnded(thread: Thread, end: ThreadEnd): void;
  changed(thread: Thread): void;
}

export class Endings {
  /** Threads that were ended and whose stacks come to their end in a microtask. */
  dying = 0;
  readonly #scheduler: EndingScheduler;

  constructor(scheduler: EndingScheduler) {
    this.#scheduler = scheduler;
  }

  /** Somebody kills it; it has not ended, and nobody has killed it before. */
  doom(thread: Thread, detail: string): void {
    const scheduler = this.#scheduler;
    thread.doom = detail;
    if (thread.awayOn !== undefined) {
      // Its end comes from there.
      scheduler.killAway(thread.awayOn, thread, detail);
      return;
    }
    if (scheduler.isRunning(thread)) {
      // At its next safepoint at its base, or when it parks.
      scheduler.stopSoon();
      return;
    }
    if (scheduler.isComing(thread)) return;
    this.#takeOut(thread);
    // It is in no list any more, whoever does something else with it before its end.
    thread.state = "parked";
    if (thread.hasStack) {
      this.unwind(thread);
      return;
    }
    this.dying++;
    queueMicrotask(() => {
      this.dying--;
      this.endKilled(thread);
      scheduler.next();
    });
  }

  /**
   * The domain is dead: its threads end, and their stacks are unwound as soon as the host has returned to its loop.
   * @param recycle what may be done only when no stack of it is left
   */
  bury(group: ThreadGroup, recycle: () => void): void {
    const { table } = this.#scheduler;
    for (const thread of group.threads) {
      if (thread === undefined || thread.state === "ended") continue;
      const detail = `its domain ${group.domain.name} died`;
      if (thread.awayOn !== undefined && thread.doom === undefined) this.#scheduler.killAway(thread.awayOn, thread, detail);
      thread.doom ??= detail;
      this.#takeOut(thread);
      this.finished(thread, { kind: "killed", detail: thread.doom });
      this.unwind(thread);
    }
    group.run = group.gone = undefined;
    if (group.stacks === 0) recycle();
    else group.onLastStack = recycle;
    for (const thread of group.threads) if (thread !== undefined) table.delete(thread.id);
  }

  /** Its stack goes on and comes to its end. */
  unwind(thread: Thread): void {
    if (thread.resume === undefined) return;
    this.dying++;
    thread.isDying = true;
    thread.resume(DIE);
    thread.resume = undefined;
  }

  /** Nothing of it is left; its domain is told before anybody can have its number. */
  endKilled(thread: Thread): void {
    if (thread.state === "ended") return;
    // It is in no list any more; its domain may give it another priority yet.
    thread.state = "parked";
    thread.domain.threads?.gone?.(thread.number);
    // Being told, the domain may have died.
    if (thread.end === undefined) this.finished(thread, { kind: "killed", detail: thread.doom ?? "its domain died" });
  }

  finished(thread: Thread, end: ThreadEnd): void {
    thread.state = "ended";
    this.leaveAll(thread);
    this.tellEnd(thread, end);
    this.#scheduler.hasEnded(thread, end);
  }

  /** On this CPU; others know it already. */
  tellEnd(thread: Thread, end: ThreadEnd): void {
    thread.state = "ended";
    thread.end = end;
    this.#scheduler.changed(thread);
    thread.joiners.wakeAll();
    for (const watcher of thread.watchers.splice(0)) watcher(end);
    if (thread.isDetached) this.forget(thread);
  }

  /** Nobody will ask for the end of this thread any more. */
  forget(thread: Thread): void {
    this.#scheduler.table.delete(thread.id);
    thread.domain.threads?.forget(thread);
  }

  /** It asks for nothing any more that it stood in a queue for. */
  leaveAll(thread: Thread): void {
    for (const queue of [...thread.queues]) queue.leave(thread);
    this.passOn(thread, true);
  }

  /** A wake that it had and did not use is another's. */
  passOn(thread: Thread, isOver: boolean): void {
    const { owed } = thread;
    thread.owed = undefined;
    owed?.wakeOne();
    if (thread.away !== undefined) this.#scheduler.leaves(thread, isOver);
  }

  /** Out of whatever it waits in. */
  #takeOut(thread: Thread): void {
    const { ready, sleepers } = this.#scheduler;
    const isListed = thread.state === "ready" || thread.state === "fresh";
    if (isListed && !this.#scheduler.isComing(thread)) ready.remove(thread);
    this.#scheduler.holdBack(thread);
    sleepers.remove(thread);
    for (const queue of [...thread.queues]) queue.leave(thread);
  }
}
