/**
 * What the domain knows of each of its threads, and which of them runs. `thread.ts` is what domain code calls; `thread-base.ts` keeps this
 * up to date; `sync.ts` lets threads wait for each other by it.
 */
import * as kernel from "./thread-imports";
import { LocalBase } from "./thread-local-base";

/** What threads wait for. It may have served a thread that is no more before it could use that, and may belong to one. */
export abstract class Giver {
  /** The next one that the same thread holds. */
  nextHeld: Giver | null = null;

  /** The thread that was served is no more. */
  takeBack(): void {}

  /** The thread that held it is no more. */
  holderIsGone(): void {}

  /** A waiter's priority has changed. */
  reorder(_thread: Thread): void {}

  /** Of the first that waits; lower than any other if nobody does. */
  get firstPriority(): u32 {
    return u32.MAX_VALUE;
  }
}

@final
export class Thread {
  /** In its domain, from 1; 0: it has ended, or stands for calls from outside. */
  number: u32 = 0;
  /** What its entry returned, once it was joined. */
  value: i32 = 0;
  wasKilled: bool = false;
  /** What it was started with, while it is an object of the domain. */
  argument: Object | null = null;
  /** The shadow stack while it waits: place, bytes, room. Managed objects that are in use stand there. */
  stackPtr: usize = 0;
  stackBytes: u32 = 0;
  stackRoom: u32 = 0;
  /** As it was created with, and as waiters lift it. */
  ownPriority: u32 = 4;
  priority: u32 = 4;
  /** What it waits for, and its place among those that do. */
  waitsIn: WaitList | null = null;
  nextWaiter: Thread | null = null;
  lastWaiter: Thread | null = null;
  /** It has been given what it waited for, by whom. */
  isServed: bool = false;
  servedBy: Giver | null = null;
  /** The condition whose signal it was given, while it waits for the mutex without which it cannot use that. */
  signalledBy: Giver | null = null;
  /** Locks that it holds, as a list. */
  held: Giver | null = null;
  /** The lock that it waits for. */
  wants: Giver | null = null;

  /** Whose code runs. */
  static current: Thread = new Thread();
  /** Stands for calls from outside. */
  static readonly main: Thread = Thread.current;
  /** By number. */
  static readonly all: Array<Thread | null> = [null];

  open(number: u32, priority: u32): void {
    while (<u32>Thread.all.length <= number) Thread.all.push(null);
    // One that was detached has ended unseen: whoever still knows it must not reach this one by its number.
    const before = Thread.all[number];
    if (before !== null) before.number = 0;
    Thread.all[number] = this;
    this.number = number;
    this.ownPriority = this.priority = priority;
  }

  /** It has ended: others may have its number. */
  close(): void {
    const number = this.number;
    if (number == 0) return;
    if (Thread.all[number] === this) Thread.all[number] = null;
    this.number = 0;
    this.argument = null;
  }

  /** Its code has ended. */
  end(): void {
    LocalBase.clearAll(this.number);
    if (this.stackPtr != 0) heap.free(this.stackPtr);
    this.stackPtr = 0;
    this.stackBytes = this.stackRoom = 0;
    this.argument = null;
  }

  /** A higher priority than its own while it holds what others wait for; and its own again. */
  lift(priority: u32): void {
    if (priority == this.priority) return;
    this.priority = priority;
    if (this.number != 0) kernel.setPriority(this.number, priority);
  }
}

/** Threads that wait for the same, the one of the highest priority first, of equal ones the first that came. */
@final
export class WaitList {
  first: Thread | null = null;
  private last: Thread | null = null;

  add(thread: Thread): void {
    let before = this.last;
    while (before !== null && before.priority > thread.priority) before = before.lastWaiter;
    const after = before === null ? this.first : before.nextWaiter;
    thread.lastWaiter = before;
    thread.nextWaiter = after;
    if (before === null) this.first = thread;
    else before.nextWaiter = thread;
    if (after === null) this.last = thread;
    else after.lastWaiter = thread;
    thread.waitsIn = this;
  }

  remove(thread: Thread): void {
    if (thread.waitsIn !== this) return;
    const before = thread.lastWaiter;
    const after = thread.nextWaiter;
    if (before === null) this.first = after;
    else before.nextWaiter = after;
    if (after === null) this.last = before;
    else after.lastWaiter = before;
    thread.lastWaiter = thread.nextWaiter = null;
    thread.waitsIn = null;
  }

  /** Wakes the first, which has it from `giver`. Null: nobody waits. */
  serve(giver: Giver): Thread | null {
    const thread = this.first;
    if (thread === null) return null;
    this.remove(thread);
    thread.isServed = true;
    thread.servedBy = giver;
    kernel.unpark(thread.number);
    return thread;
  }
}
