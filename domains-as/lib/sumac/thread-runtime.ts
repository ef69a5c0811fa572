/**
 * The runtime's functions for memory, each as one that is not interrupted by another thread of the domain. Takes their place in domains with
 * threads and a collector (`host/build/thread-runtime.ts` makes room for it). Called by the compiler's own code.
 */
import { __collect as innerCollect, __link as innerLink, __new as innerNew, __pin as innerPin, __renew as innerRenew, __unpin as innerUnpin } from "rt/itcms";
import { __alloc as innerAlloc, __free as innerFree, __realloc as innerRealloc } from "rt/tlsf";
import { enter, leave } from "./thread-critical";

@global @unsafe
export function __new(size: usize, id: i32): usize {
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
export function __link(parentPtr: usize, childPtr: usize, expectMultiple: bool): void {
  enter();
  innerLink(parentPtr, childPtr, expectMultiple);
  leave();
}

@global @unsafe
export function __pin(ptr: usize): usize {
  enter();
  innerPin(ptr);
  leave();
  return ptr;
}

@global @unsafe
export function __unpin(ptr: usize): void {
  enter();
  innerUnpin(ptr);
  leave();
}

@global @unsafe
export function __collect(): void {
  enter();
  innerCollect();
  leave();
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

@global @unsafe
export function __free(ptr: usize): void {
  enter();
  innerFree(ptr);
  leave();
}
