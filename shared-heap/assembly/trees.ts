/**
 * Objects that own objects: which entries hang on which, and the two operations by which a domain changes that.
 * Called by `index.ts`, `ownership.ts`, `lending.ts` and `claims.ts`; changes no owner word and frees nothing.
 *
 *            parent ◀──────┬─────────┬───────────┐
 *            first ──▶ child ◀─▶ child ◀─▶ … child ◀── last      the newest first; next and prev: neighbours, 0 at both ends
 *
 * The tree is what these words say. Slot words in a parent's payload are written here too, but a parent's owner can write
 * anything over them; so a slot's word counts only as far as it names an entry whose parent is the slot's object.
 * Invariants: no circle; one owner per tree; what is free has no tree words.
 * Every walk is a loop that keeps its place in the tree words themselves: a list of a million objects needs no stack.
 */
import { Entry, ERROR_EMPTY, entryAt, GRANULE_SHIFT, GRANULES, header, STATUS_OK, STATUS_REFUSED } from "./layout";
import { Objects } from "./objects";
import { Reason } from "./reason";

export class Tree {
  /** The next of the tree under `root`, parents before children; the null entry after the last. */
  @inline
  static after(entry: Entry, root: Entry): Entry {
    let at = entry;
    let next = at.first;
    while (next == 0 && at != root) {
      next = at.next;
      if (next == 0) at = entryAt(at.parent);
    }
    return entryAt(next);
  }

  /** Where a walk that takes children before parents begins. */
  @inline
  static deepest(entry: Entry): Entry {
    let at = entry;
    while (at.first != 0) at = entryAt(at.first);
    return at;
  }

  /** Makes a root the first child of `parent`. */
  @inline
  static link(parent: Entry, child: Entry): void {
    const childOff = <u32>changetype<usize>(child);
    const next = parent.first;
    child.parent = <u32>changetype<usize>(parent);
    child.next = next;
    if (next != 0) entryAt(next).prev = childOff;
    else parent.last = childOff;
    parent.first = childOff;
  }

  /** Makes a child a root. */
  @inline
  static unlink(child: Entry): void {
    const parent = entryAt(child.parent);
    const next = child.next;
    const prev = child.prev;
    if (prev != 0) entryAt(prev).next = next;
    else parent.first = next;
    if (next != 0) entryAt(next).prev = prev;
    else parent.last = prev;
    Tree.forget(child);
  }

  /** Before an object goes: nobody's child, and each of its children a root. */
  @inline
  static detach(entry: Entry): void {
    if (entry.parent != 0) Tree.unlink(entry);
    let next = entry.first;
    entry.first = 0;
    entry.last = 0;
    while (next != 0) {
      const child = entryAt(next);
      next = child.next;
      Tree.forget(child);
    }
  }

  @inline
  static forget(child: Entry): void {
    child.parent = 0;
    child.next = 0;
    child.prev = 0;
  }

  /** Whether `root`, which has no parent, is above `entry` or is it. A root without children is above nobody: no walk. */
  @inline
  static isAbove(root: Entry, entry: Entry): bool {
    let at = entry;
    if (root.first != 0) while (at.parent != 0) at = entryAt(at.parent);
    return at == root;
  }
}

class Slots {
  /** The object of which `slot` is an aligned word that `owner` may change now; the null entry for any other number. */
  @inline
  static holder(slot: u32, owner: u32): Entry {
    if (slot >= header().heapEnd || (slot & 3) != 0) return entryAt(0);
    const entry = entryAt(load<u32>(GRANULES + (slot >> GRANULE_SHIFT) * 4));
    // `owner` without the LENT bit equals the whole word: a lent object is refused by the same comparison.
    if (owner == 0 || entry.owner != owner || entry.pins != 0 || slot - entry.base + 4 > entry.bytes) return entryAt(0);
    return entry;
  }

  /** The child that the slot's word names, if it is one of the holder's. */
  @inline
  static child(slot: u32, holder: Entry): Entry {
    const entry = Objects.at(load<u32>(slot));
    return entry.parent == <u32>changetype<usize>(holder) ? entry : entryAt(0);
  }

  @inline
  static put(slot: u32, childBase: u32, owner: u32): u32 {
    const holder = Slots.holder(slot, owner);
    const child = Objects.at(childBase);
    if (!Objects.exists(holder) || !Objects.exists(child)) return STATUS_REFUSED;
    if (child.owner != owner || child.pins != 0 || child.parent != 0) return STATUS_REFUSED;
    if (Objects.exists(Slots.child(slot, holder)) || Tree.isAbove(child, holder)) return STATUS_REFUSED;
    Tree.link(holder, child);
    store<u32>(slot, childBase);
    return STATUS_OK;
  }

  @inline
  static take(slot: u32, type: u32, owner: u32): u32 {
    const holder = Slots.holder(slot, owner);
    if (!Objects.exists(holder)) {
      Reason.set(STATUS_REFUSED);
      return 0;
    }
    const child = Slots.child(slot, holder);
    if (!Objects.exists(child) || (type != 0 && child.type != type)) {
      Reason.set(ERROR_EMPTY);
      return 0;
    }
    Tree.unlink(child);
    store<u32>(slot, 0);
    return child.base;
  }
}

// Neither of the two takes the lock. Both objects are the caller's, not lent, and what hangs on what of them is changed only on the CPU on which he
// lives. Another CPU may walk over what he has lent: the holder and what is put are never that, and of a child that is lent and taken, such a walk
// begins at the child and reads none of the words that are written here.

/** HOT: hands a root to the object in which the slot lies, and notes its base in the slot. */
export function put(slot: u32, child: u32, owner: u32): u32 {
  return Slots.put(slot, child, owner);
}

/** HOT: the base of the slot's child, which is a root now, or 0 with the reason in `lastError`. */
export function take(slot: u32, type: u32, owner: u32): u32 {
  return Slots.take(slot, type, owner);
}
