/**
 * The same as `thread-runtime.ts` for domains in which nothing is ever freed: there is less to interrupt.
 */
import { __alloc as innerAlloc, __new as innerNew, __realloc as innerRealloc, __renew as innerRenew } from "rt/stub";
import { enter, leave } from "./thread-critical";

@global @unsafe
export function __new(size: usize, id: u32): usize {
  enter();
  const ptr = innerNew(size, id);
  leave();
  return ptr;
}

@global @unsafe
export function __renew(oldPtr: usize, size: usize): usize {
  enter();
  const ptr = innerRenew(oldPtr, size);
  leave();
  return ptr;
}

@global @unsafe
export function __alloc(size: usize): usize {
  enter();
  const ptr = innerAlloc(size);
  leave();
  return ptr;
}

@global @unsafe
export function __realloc(ptr: usize, size: usize): usize {
  enter();
  const moved = innerRealloc(ptr, size);
  leave();
  return moved;
}
