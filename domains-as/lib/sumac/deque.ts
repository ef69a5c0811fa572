/**
 * A ring of slots in a shared object: the index of the front, the number of children, then the slots. Called by generated deques.
 * Both words can be anything when the object comes from elsewhere: they are brought into range at each use, and what the kernel
 * does not know as a child is passed over.
 *
 *     base  +0 front   +4 count   +8 slot 0   +12 slot 1   …
 */
import { child, load32, store32 } from "./guard";
import { put, take } from "./owned";

/** How many children it has, as its last owner said. */
export function lengthOf(base: u32, slots: u32): u32 {
  const count = load32(base + 4);
  return count < slots ? count : slots;
}

function frontOf(base: u32, slots: u32): u32 {
  const front = load32(base);
  return front < slots ? front : 0;
}

function slotAt(base: u32, slots: u32, index: u32): u32 {
  const at = frontOf(base, slots) + index;
  return base + 8 + (at < slots ? at : at - slots) * 4;
}

/** The child at a place counted from the front; null beyond the last. */
export function at<T>(base: u32, slots: u32, type: u32, index: u32): T | null {
  if (index >= lengthOf(base, slots)) return null;
  return changetype<T | null>(<usize>child(slotAt(base, slots, index), type));
}

export function back<T>(base: u32, slots: u32, type: u32): T | null {
  const count = lengthOf(base, slots);
  return count == 0 ? null : at<T>(base, slots, type, count - 1);
}

/** False, and nothing changed, when the deque is full. */
export function pushBack<T>(base: u32, slots: u32, type: u32, value: T): bool {
  const length = lengthOf(base, slots);
  let count = length;
  // Children that the last owner's count left out are counted: where one was taken out there is room.
  for (; count < slots; count++) {
    const slotOff = slotAt(base, slots, count);
    if (child(slotOff, type) != 0) continue;
    put<T>(slotOff, type, value);
    store32(base + 4, count + 1);
    return true;
  }
  if (count != length) store32(base + 4, count);
  return false;
}

/** False, and nothing changed, when the deque is full. */
export function pushFront<T>(base: u32, slots: u32, type: u32, value: T): bool {
  const length = lengthOf(base, slots);
  let count = length;
  let front = frontOf(base, slots);
  while (count < slots) {
    front = front == 0 ? slots - 1 : front - 1;
    count++;
    const slotOff = base + 8 + front * 4;
    if (child(slotOff, type) != 0) continue;
    put<T>(slotOff, type, value);
    store32(base, front);
    store32(base + 4, count);
    return true;
  }
  if (count != length) {
    store32(base, front);
    store32(base + 4, count);
  }
  return false;
}

/** The first child, taken out; null when there is none. */
export function popFront<T>(base: u32, slots: u32, type: u32): T | null {
  let front = frontOf(base, slots);
  for (let count = lengthOf(base, slots); count > 0; count--) {
    const taken = take<T>(base + 8 + front * 4, type);
    front = front + 1 < slots ? front + 1 : 0;
    store32(base, front);
    store32(base + 4, count - 1);
    if (taken !== null) return taken;
  }
  return null;
}

/** The last child, taken out; null when there is none. */
export function popBack<T>(base: u32, slots: u32, type: u32): T | null {
  for (let count = lengthOf(base, slots); count > 0; count--) {
    const taken = take<T>(slotAt(base, slots, count - 1), type);
    store32(base + 4, count - 1);
    if (taken !== null) return taken;
  }
  return null;
}
