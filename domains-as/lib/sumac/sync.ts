/**
 * What threads of one domain wait for each other with: Mutex, Condition, Semaphore, Channel. Called by domain code.
 *
 * Whoever has something to give gives it to the thread that waits first, by name: nobody takes it meanwhile, and a thread that dies before
 * it could use it gives it back. Nothing here is interrupted: a thread gives way in its domain's own sources only, or where it waits.
 * Threads wait in the order of their priorities. Only threads may wait; what can be had at once, calls from
 * outside may take as well.
 */
import * as kernel from "./thread-imports";
import { Giver, Thread, WaitList } from "./thread-object";

const FOREVER: u32 = u32.MAX_VALUE;
const PARK: u32 = 0;
/** Goes on with the last `PARK`, until the time that it was for. */
const PARK_ON: u32 = 3;
const TIMED_OUT: u32 = 1;

/** Waits until the present thread has been served.  False: the time is over. */
function waitIn(list: WaitList, micros: u32): bool {
  const me = Thread.current;
  assert(me.number != 0, "a call from outside would have to wait: only a thread can");
  me.isServed = false;
  list.add(me);
  for (let kind = PARK; ; kind = PARK_ON) {
    const answer = kernel.park(kind, micros);
    if (me.isServed) break;
    if (answer == TIMED_OUT && micros != FOREVER) {
      list.remove(me);
      return false;
    }
  }
  me.isServed = false;
  me.servedBy = null;
  return true;
}

/** The thread is no more: it waits for nothing, and what it was served and could not use is others'. */
export function stopWaiting(thread: Thread): void {
  const list = thread.waitsIn;
  if (list !== null) list.remove(thread);
  thread.wants = null;
  const giver = thread.servedBy;
  thread.servedBy = null;
  if (thread.isServed && giver !== null) giver.takeBack();
  thread.isServed = false;
  const condition = thread.signalledBy;
  thread.signalledBy = null;
  if (condition !== null) condition.takeBack();
}

/** The same for the locks that it holds. */
export function endHolder(thread: Thread): void {
  let lock = thread.held;
  while (lock !== null) {
    lock.holderIsGone();
    lock = thread.held;
  }
}

/**
 * One thread at a time. While somebody waits for it, whoever holds it runs with the waiter's priority, if that is higher (priority
 * inheritance): a thread of middle priority cannot keep both from running.
 */
@final
export class Mutex extends Giver {
  private holder: Thread | null = null;
  private readonly waiters: WaitList = new WaitList();
  /** Whoever held it last ended meanwhile: what it protects may be half done. */
  private isPoisoned: bool = false;

  /** False: the thread that held it before ended while it did. The lock is held all the same; `repaired` when that is dealt with. */
  lock(): bool {
    const me = Thread.current;
    const holder = this.holder;
    if (holder === null) {
      this.hold(me);
    } else {
      assert(holder !== me, "a thread waits for a lock that it holds");
      me.wants = this;
      liftTo(holder, me.priority);
      waitIn(this.waiters, FOREVER);
      me.wants = null;
    }
    const isWhole = !this.isPoisoned;
    return isWhole;
  }

  /** Takes it if nobody holds it. */
  tryLock(): bool {
    const isFree = this.holder === null;
    if (isFree) this.hold(Thread.current);
    return isFree;
  }

  unlock(): void {
    const me = Thread.current;
    assert(this.holder === me, "a thread gives up a lock that it does not hold");
    this.release(me);
  }

  get isLocked(): bool {
    return this.holder !== null;
  }

  /** What the lock protects is whole again. */
  repaired(): void {
    this.isPoisoned = false;
  }

  get wasAbandoned(): bool {
    return this.isPoisoned;
  }

  takeBack(): void {}

  holderIsGone(): void {
    const holder = this.holder;
    this.isPoisoned = true;
    if (holder !== null) this.release(holder);
  }

  get firstPriority(): u32 {
    const first = this.waiters.first;
    return first === null ? u32.MAX_VALUE : first.priority;
  }

  reorder(thread: Thread): void {
    this.waiters.remove(thread);
    this.waiters.add(thread);
    const holder = this.holder;
    if (holder !== null) liftTo(holder, thread.priority);
  }

  private hold(thread: Thread): void {
    this.holder = thread;
    this.nextHeld = thread.held;
    thread.held = this;
  }

  private release(holder: Thread): void {
    if (holder.held === this) holder.held = this.nextHeld;
    else {
      let before = holder.held;
      while (before !== null && before.nextHeld !== this) before = before.nextHeld;
      if (before !== null) before.nextHeld = this.nextHeld;
    }
    this.nextHeld = null;
    this.holder = null;
    // As high as those that wait for what it still holds, or as it was made.
    let priority = holder.ownPriority;
    let lock = holder.held;
    while (lock !== null) {
      priority = min(priority, lock.firstPriority);
      lock = lock.nextHeld;
    }
    holder.lift(priority);
    const next = this.waiters.serve(this);
    if (next === null) return;
    this.hold(next);
    // It has it, though it has not run yet: who comes now lifts it, and must not queue it again.
    next.wants = null;
    next.lift(min(next.priority, this.firstPriority));
  }
}

function liftTo(holder: Thread, priority: u32): void {
  if (holder.priority <= priority) return;
  holder.lift(priority);
  const wants = holder.wants;
  if (wants !== null) wants.reorder(holder);
}

/** Something that a thread waits for may have come to be; looked at under a mutex. */
@final
export class Condition extends Giver {
  private readonly waiters: WaitList = new WaitList();

  /** Gives the mutex up, waits for a signal, and takes the mutex again. False: the time is over; the mutex is held all the same. */
  wait(mutex: Mutex, micros: u32 = FOREVER): bool {
    mutex.unlock();
    const isSignalled = waitIn(this.waiters, micros);
    const me = Thread.current;
    if (isSignalled) me.signalledBy = this;
    mutex.lock();
    me.signalledBy = null;
    return isSignalled;
  }

  /** Wakes one. */
  signal(): void {
    this.waiters.serve(this);
  }

  broadcast(): void {
    while (this.waiters.serve(this) !== null) {}
  }

  takeBack(): void {
    this.waiters.serve(this);
  }
}

@final
export class Semaphore extends Giver {
  private readonly waiters: WaitList = new WaitList();

  constructor(private free: u32) {
    super();
  }

  get count(): u32 {
    return this.free;
  }

  /** False: the time is over. */
  acquire(micros: u32 = FOREVER): bool {
    let isHad = true;
    if (this.free > 0) this.free--;
    else isHad = waitIn(this.waiters, micros);
    return isHad;
  }

  tryAcquire(): bool {
    const isHad = this.free > 0;
    if (isHad) this.free--;
    return isHad;
  }

  release(): void {
    this.takeBack();
  }

  takeBack(): void {
    if (this.waiters.serve(this) === null) this.free++;
  }
}

/** Values from threads to threads of the domain, first in, first out; of numbers, objects of the domain, or shared objects that it owns. */
@final
export class Channel<T> {
  private readonly items: Array<T> = [];
  private head: i32 = 0;
  private readonly room: Semaphore;
  private readonly filled: Semaphore = new Semaphore(0);
  private isOver: bool = false;
  /** The last `recv` found it closed and empty. */
  hadNone: bool = false;

  /** @param capacity how many values may be in it before a sender waits */
  constructor(capacity: u32) {
    this.room = new Semaphore(capacity);
  }

  get length(): i32 {
    return this.items.length - this.head;
  }

  /** False: it is closed, and the value is still the caller's. */
  send(value: T): bool {
    if (this.isOver) return false;
    this.room.acquire();
    if (this.isOver) {
      // Others that wait are to see it, too.
      this.room.release();
      return false;
    }
    this.items.push(value);
    this.filled.release();
    return true;
  }

  /** Waits for a value. A channel that is closed and empty has none any more: then `hadNone` is true, until the next call. */
  recv(): T {
    this.filled.acquire();
    this.hadNone = this.length == 0;
    if (this.hadNone) {
      // Others that wait are to see it, too.
      this.filled.release();
      return isReference<T>() ? changetype<T>(<usize>0) : <T>0;
    }
    const value = this.items[this.head++];
    if (this.head > 64 && this.head * 2 > this.items.length) {
      this.items.splice(0, this.head);
      this.head = 0;
    }
    this.room.release();
    return value;
  }

  /** Nothing more is sent; what is in it can still be had. */
  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.room.release();
    this.filled.release();
  }
}
