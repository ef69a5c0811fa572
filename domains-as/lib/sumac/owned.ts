/**
 * Children of shared objects: what a slot holds. Called by generated accessors, which know the slot's place and type.
 *
 * A slot is a word that whoever owned the object could scribble on. The kernel knows the children, so a word that names none
 * reads as empty; domains may take objects from anybody.
 */
import { PANIC_OWNERSHIP, panic } from "./abort";
import { child, load32, store32 } from "./guard";
import { put as kernelPut, take as kernelTake } from "./kernel";

/** The child, which stays where it is; null when the slot is empty. */
export function peek<T>(slotOff: u32, type: u32): T | null {
  return changetype<T | null>(<usize>child(slotOff, type));
}

/** Takes the child out: it is an object by itself, and the domain's. Null when the slot is empty. */
export function take<T>(slotOff: u32, type: u32): T | null {
  const base = child(slotOff, type);
  if (base != 0 && kernelTake(slotOff, type) != base) {
    panic(PANIC_OWNERSHIP, "a child was taken out of an object that is lent or belongs to another domain");
  }
  return changetype<T | null>(<usize>base);
}

/** Puts a child in. A slot that is full ends the domain. */
export function put<T>(slotOff: u32, type: u32, value: T): void {
  if (load32(slotOff) != 0) {
    if (child(slotOff, type) != 0) panic(PANIC_OWNERSHIP, "a child was put into a slot that is full");
    // No child of this slot's type; but it may name a child that is in another slot, and the kernel would refuse.
    store32(slotOff, 0);
  }
  if (kernelPut(slotOff, changetype<u32>(value)) != 0) {
    panic(PANIC_OWNERSHIP, "a child was put that is lent, pinned, another's, or above the object that it was put into");
  }
}

/** Puts a child in, and takes out what was there. */
export function replace<T>(slotOff: u32, type: u32, value: T): T | null {
  const old = take<T>(slotOff, type);
  put<T>(slotOff, type, value);
  return old;
}

/** The index of the first slot from `from` on that is full (or empty), of `length` in a row; `length` if there is none. */
export function find(slotsOff: u32, length: u32, type: u32, from: u32, full: bool): u32 {
  for (let index = from; index < length; index++) {
    if ((child(slotsOff + index * 4, type) != 0) == full) return index;
  }
  return length;
}
