/**
 * What the kernel calls of a domain with threads: a thread's base, what is kept while it waits, and the end of one that was killed.
 *
 * All threads use one shadow stack, on which the collector finds objects in use. When a thread waits, its part is copied out, and copied
 * back to the same place when it goes on; so whoever runs has all of it, and the collector looks in one place. The copies are visited by
 * one object that is told of them, as its colour may be behind.
 *
 *     shadow stack   __data_end ········ [ the thread's that runs ]  __heap_base
 *     waiting        stackPtr → copy     stackPtr → copy     stackPtr → copy
 */
import { endHolder, stopWaiting } from "./sync";
import { Thread } from "./thread-object";
import { ask, forget } from "./thread-turn";

/** Whether objects are ever freed, so that it matters where they are in use. */
const isCollected: bool = ASC_RUNTIME != 0;
const FIRST_ROOM: u32 = 64;

/** Visits what waiting threads have in use. */
@final
class WaitingStacks {
  constructor(readonly threads: Array<Thread | null>) {}

  @unsafe private __visit(cookie: u32): void {
    __visit(changetype<usize>(this.threads), cookie);
    for (let i = 0; i < this.threads.length; i++) {
      const thread = unchecked(this.threads[i]);
      if (thread === null) continue;
      for (let at: u32 = 0; at < thread.stackBytes; at += sizeof<usize>()) __visit(load<usize>(thread.stackPtr + at), cookie);
    }
  }
}

const waiting = new WaitingStacks(Thread.all);

export function thread_run(number: i32, entry: i32, first: i32, second: i32): i32 {
  let thread = number < Thread.all.length ? Thread.all[number] : null;
  if (thread === null) {
    // It began on another CPU.
    thread = new Thread();
    thread.open(number, Thread.main.priority);
  }
  Thread.current = thread;
  const value = call_indirect<i32>(entry, first);
  endHolder(thread);
  thread.end();
  Thread.current = Thread.main;
  return value;
}

/** HOT: a change of threads. Uses no managed variable, whose place would be on the stack that it copies. */
export function thread_save(mayRefuse: i32): i32 {
  if (mayRefuse != 0) {
    ask();
    return 0;
  }
  const me = changetype<usize>(Thread.current);
  const number = load<i32>(me, offsetof<Thread>("number"));
  if (isCollected) keepStack(me);
  Thread.current = Thread.main;
  return number;
}

export function thread_restore(number: i32): void {
  const me = load<usize>(
    load<usize>(changetype<usize>(Thread.all), offsetof<Array<usize>>("dataStart")) + ((<usize>number) << alignof<usize>()),
  );
  Thread.current = changetype<Thread>(me);
  forget();
  if (isCollected) putStackBack(me);
}

export function thread_gone(number: i32): void {
  const thread = number < Thread.all.length ? Thread.all[number] : null;
  if (thread === null) return;
  stopWaiting(thread);
  endHolder(thread);
  thread.end();
  // It was ended while it ran: what runs next is no thread's, or is restored.
  if (Thread.current === thread) Thread.current = Thread.main;
}

function keepStack(me: usize): void {
  const from = __stack_pointer;
  const bytes = <u32>(__heap_base - from);
  let to = load<usize>(me, offsetof<Thread>("stackPtr"));
  if (bytes > load<u32>(me, offsetof<Thread>("stackRoom"))) {
    const room = max(bytes, FIRST_ROOM);
    to = to == 0 ? heap.alloc(room) : heap.realloc(to, room);
    store<usize>(me, to, offsetof<Thread>("stackPtr"));
    store<u32>(me, room, offsetof<Thread>("stackRoom"));
  }
  store<u32>(me, bytes, offsetof<Thread>("stackBytes"));
  for (let at: u32 = 0; at < bytes; at += sizeof<usize>()) {
    const object = load<usize>(from + at);
    store<usize>(to + at, object);
    __link(changetype<usize>(waiting), object, true);
  }
  __stack_pointer = __heap_base;
}

function putStackBack(me: usize): void {
  const bytes = load<u32>(me, offsetof<Thread>("stackBytes"));
  const from = load<usize>(me, offsetof<Thread>("stackPtr"));
  const to = __heap_base - bytes;
  for (let at: u32 = 0; at < bytes; at += sizeof<usize>()) store<usize>(to + at, load<usize>(from + at));
  store<u32>(me, 0, offsetof<Thread>("stackBytes"));
  __stack_pointer = to;
}
