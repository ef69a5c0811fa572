/**
 * The kernel's functions for threads. A file of their own, since a name with a dash needs a decorator where formatters accept none.
 * Called by the files about threads of this library only. Threads are known by their numbers in the domain, from 1.
 */

/** The number of a new thread; -1: the domain has as many as it may, -2: the CPU has. */
@external("kernel", "thread-create")
export declare function create(entry: u32, first: u32, second: u32, priority: u32, namePtr: usize, nameBytes: u32): i32;

/** The same on that CPU; -3: there is no such CPU, or no replica of the domain on it. */
@external("kernel", "thread-create-on")
export declare function createOn(
  cpu: u32,
  entry: u32,
  first: u32,
  second: u32,
  priority: u32,
  namePtr: usize,
  nameBytes: u32,
): i32;

/** The number of the thread that runs; 0 in a call. */
@external("kernel", "thread-self")
export declare function self(): u32;

/** Waits: 0 = somebody woke the thread, 1 = the time is over. Of a thread at its base only; anybody else ends the domain. */
@external("kernel", "thread-park")
export declare function park(kind: u32, micros: u32): u32;

/** 1 = the thread goes on, or will not park the next time; 0 = there is none. */
@external("kernel", "thread-unpark")
export declare function unpark(number: u32): u32;

/** 0 = it runs, and wakes the caller when it ends; 1 = it returned result(0); 2 = somebody ended it; 3 = there is none to wait for. */
@external("kernel", "thread-join")
export declare function join(number: u32): u32;

@external("kernel", "thread-detach")
export declare function detach(number: u32): u32;

@external("kernel", "thread-kill")
export declare function kill(number: u32): u32;

@external("kernel", "thread-priority")
export declare function setPriority(number: u32, priority: u32): u32;

/** When the present thread's entry returns, it goes on at another one on that CPU. */
@external("kernel", "thread-migrate")
export declare function migrate(cpu: u32, entry: u32, first: u32, second: u32): u32;
