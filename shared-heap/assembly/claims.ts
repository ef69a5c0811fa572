/**
 * What becomes of objects whose owner is done with them: freed, or, while a reader or a device needs one, the kernel's.
 * Called by `ownership.ts` and `lending.ts`, which have checked who may ask.
 *
 * Each object of a tree is judged by itself: claimed (lent or pinned) or not. What nobody claims is freed; what is claimed
 * becomes an orphan. What is freed makes roots of its children and leaves its parent, and that is all: so an orphan stays its
 * parent's child exactly if that is claimed too, in whatever order a tree's objects are judged, and a reader who borrowed a
 * subtree finds it whole until he returns it.
 *
 * Invariant: an orphan is lent or pinned, and so is every object of its tree.
 */
import { charge, chargeOf, refund } from "./accounts";
import { Release } from "./blocks";
import { domainOf, Entry, entryAt, header, KERNEL_ID, LENT, ORPHAN, OWNER_MASK } from "./layout";
import { Readers } from "./readers";
import { Tree } from "./trees";

export class Claims {
  @inline
  static free(entry: Entry): void {
    if ((entry.parent | entry.first) != 0) Tree.detach(entry);
    Release.entry(entry);
  }

  /** After a borrow or pin ended: frees an orphan that nobody needs any more. */
  @inline
  static settle(entry: Entry): void {
    if (entry.pins == ORPHAN && entry.row == 0) Claims.free(entry);
  }

  /** HOT in dropAll: one object loses its owner. */
  @inline
  static drop(entry: Entry): void {
    if (entry.row == 0 && entry.pins == 0) {
      Claims.free(entry);
      return;
    }
    const bytes = chargeOf(entry);
    refund(domainOf(entry.owner), bytes, 1);
    charge(domainOf(KERNEL_ID), bytes, 1);
    if ((entry.pins & ORPHAN) == 0) {
      header().orphans += 1;
      if (entry.row != 0) Readers.take(entry, entry.owner & OWNER_MASK);
    }
    entry.pins |= ORPHAN;
    entry.owner = KERNEL_ID | (entry.owner & LENT);
  }

  /** A root and all that it owns. Children before parents: where the walk goes next, nothing has been freed yet. */
  @inline
  static dropTree(root: Entry): void {
    let at = Tree.deepest(root);
    let isLast = false;
    while (!isLast) {
      isLast = at == root;
      const next = at.next;
      const parent = at.parent;
      Claims.drop(at);
      at = next != 0 && !isLast ? Tree.deepest(entryAt(next)) : entryAt(parent);
    }
  }

  /** Ends one borrow, which must exist. With the last one the owner gets his right to write back and the row goes. */
  @inline
  static unborrow(entry: Entry, reader: u32): void {
    Readers.take(entry, reader);
    if (!Readers.countDown(entry)) return;
    const owner = entry.owner & OWNER_MASK;
    entry.owner = owner;
    if ((entry.pins & ORPHAN) == 0) Readers.take(entry, owner);
    Readers.close(entry);
    Claims.settle(entry);
  }
}
