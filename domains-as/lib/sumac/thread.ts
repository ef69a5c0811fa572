/**
 * Threads of a domain. A thread runs until it waits, until its slice is over and another one is ready, or until its entry returns.
 * Only a thread waits, and only in the domain in which it began: a function that was called from outside cannot. Where a call into another
 * domain would have to wait, the kernel lets the calling thread wait and makes the call again.
 * Called by domain code; the functions that the kernel calls are in `thread-base.ts`.
 */
import { result } from "./guard";
import { writeText } from "./text";
import * as kernel from "./thread-imports";
import { Thread } from "./thread-object";

export { Thread } from "./thread-object";

/** 0 goes first, 7 last. */
export const NORMAL_PRIORITY: u32 = 4;
/** Microseconds: without end. */
export const FOREVER: u32 = u32.MAX_VALUE;

/** Kinds of waiting. */
const PARK: u32 = 0;
const SLEEP: u32 = 1;
const GIVE_WAY: u32 = 2;
/** The longest sleep that the kernel knows. */
const MOST_MICROS: u64 = 0xfffffffe;

const NAME_BYTES: u32 = 64;
const namePtr: usize = memory.data(64);

/** Why the last `create` gave nothing: the domain has as many threads as it may, or the CPU has. */
export let isCpuFull: bool = false;

/**
 * Starts a thread: `entry(argument)` runs soon, and what it returns is what `join` gives. Null when there may be no more threads.
 * The argument is a number, an object of the domain, or one of the shared heap that the domain owns.
 */
export function create<T>(entry: (argument: T) => i32, argument: T, name: string = "", priority: u32 = NORMAL_PRIORITY): Thread | null {
  const thread = new Thread();
  if (isManaged<T>()) thread.argument = changetype<Object | null>(argument);
  const word: u32 = isReference<T>() ? <u32>changetype<usize>(argument) : <u32>argument;
  const nameBytes = name.length == 0 ? 0 : writeText(name, namePtr, NAME_BYTES);
  const number = kernel.create(entry.index, word, 0, priority, namePtr, nameBytes);
  isCpuFull = number < -1;
  if (number > 0) thread.open(number, priority);
  return number > 0 ? thread : null;
}

/** Why the last `createOn` gave nothing: there is no such CPU, or it has no replica of this domain. */
export let hasNoReplica: bool = false;

/**
 * Starts a thread on that CPU, where it runs on the replica of this domain: `entry(argument)` sees that one's memory. It is joined and killed
 * here, as any other. Null also where it cannot be there.
 */
export function createOn(
  cpu: u32,
  entry: (argument: u32) => i32,
  argument: u32,
  name: string = "",
  priority: u32 = NORMAL_PRIORITY,
): Thread | null {
  const thread = new Thread();
  const nameBytes = name.length == 0 ? 0 : writeText(name, namePtr, NAME_BYTES);
  const number = kernel.createOn(cpu, entry.index, argument, 0, priority, namePtr, nameBytes);
  isCpuFull = number == -2;
  hasNoReplica = number == -3;
  if (number > 0) thread.open(number, priority);
  return number > 0 ? thread : null;
}

/** The thread that runs; outside of threads one that stands for the call, whose number is 0. O(1). */
export function current(): Thread {
  return Thread.current;
}

/** Lets others of the same priority run. */
export function giveWay(): void {
  kernel.park(GIVE_WAY, 0);
}

/** Waits until somebody unparks the thread, or the time is over: then it is true. It may also return for no reason. */
export function park(micros: u32 = FOREVER): bool {
  return kernel.park(PARK, micros) == 1;
}

export function sleep(micros: u64): void {
  for (let left = micros; left > 0; ) {
    const part = min(left, MOST_MICROS);
    kernel.park(SLEEP, <u32>part);
    left -= part;
  }
}

/** The thread goes on; one that is not parked will not park the next time. False: it has ended. */
export function unpark(thread: Thread): bool {
  return thread.number != 0 && kernel.unpark(thread.number) == 1;
}

/** Waits for the thread's end. What its entry returned is `thread.value` then, unless it was killed. Asked again, it answers the same. */
export function join(thread: Thread): bool {
  assert(thread !== Thread.current, "a thread waits for its own end");
  while (!hasEnded(thread)) kernel.park(PARK, FOREVER);
  return !thread.wasKilled;
}

/** Whether it has ended, without waiting. */
export function hasEnded(thread: Thread): bool {
  const number = thread.number;
  if (number == 0) return true;
  const state = kernel.join(number);
  if (state == 0) return false;
  thread.wasKilled = state != 1;
  if (state == 1) thread.value = result(0);
  thread.close();
  return true;
}

/** Nobody will ask for its end: its number is free when it ends. */
export function detach(thread: Thread): void {
  if (thread.number != 0) kernel.detach(thread.number);
}

/**
 * Ends another thread where it waits next, or at its next safepoint in this domain. Locks that it holds are given on, and their next holder
 * is told; everything else is as it left it.
 */
export function kill(thread: Thread): bool {
  return thread.number != 0 && kernel.kill(thread.number) == 1;
}

/** Ends the present entry's work: when it returns, the same thread goes on at another entry, on that CPU's replica of the domain. */
export function goOn(cpu: u32, entry: (argument: u32) => i32, argument: u32): void {
  kernel.migrate(cpu, entry.index, argument, 0);
}
