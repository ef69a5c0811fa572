/**
 * Borrows: who may read what another owns, for how long.
 * Called by `index.ts`; every function checks all it needs before its first effect, or undoes what it did.
 *
 *   owned by A ──borrow──▶ lent: A and readers read, nobody writes, moves or frees ──last endBorrow──▶ owned by A
 *
 * A borrow is of an object and of all that it owns, directly or not: each of them gets the reader. Nothing can be put into a
 * lent object nor taken out of it, so when the borrow ends these are still the same.
 *
 * Invariant: LENT is set exactly while the entry has a row in the reader table.
 */
import { liveDomain } from "./accounts";
import { Claims } from "./claims";
import {
  BORROW_SIZE,
  BORROWS,
  borrowAt,
  Entry,
  entryAt,
  FIRST_ROW,
  header,
  LENT,
  ORPHAN,
  OWNER_MASK,
  STATUS_OK,
  STATUS_REFUSED,
} from "./layout";
import { Lock } from "./lock";
import { Objects } from "./objects";
import { Readers } from "./readers";
import { Tree } from "./trees";

class Lending {
  @inline
  static begin(base: u32, type: u32, lender: u32, reader: u32): u32 {
    const root = Objects.at(base);
    if (!Objects.exists(root) || lender == 0 || changetype<usize>(liveDomain(reader)) == 0) return STATUS_REFUSED;
    if (type != 0 && root.type != type) return STATUS_REFUSED;
    let at = root;
    do {
      if (((at.owner & OWNER_MASK) != lender && !Readers.has(at, lender)) || !Readers.add(at, reader)) {
        Lending.undo(root, at, reader);
        return STATUS_REFUSED;
      }
      at.owner |= LENT;
      at = Tree.after(at, root);
    } while (Objects.exists(at));
    return STATUS_OK;
  }

  /** Takes the borrow from those of the tree that come before `end`. */
  @inline
  static undo(root: Entry, end: Entry, reader: u32): void {
    for (let at = root; at != end; at = Tree.after(at, root)) {
      Readers.take(at, reader);
      if (!Readers.countDown(at)) continue;
      const owner = at.owner & OWNER_MASK;
      at.owner = owner;
      if ((at.pins & ORPHAN) == 0) Readers.take(at, owner);
      Readers.close(at);
    }
  }

  /** Children before parents, because an orphan that nobody needs any more goes at once. */
  @inline
  static end(base: u32, reader: u32): u32 {
    const root = Objects.at(base);
    if (!Objects.exists(root) || reader == 0 || Readers.borrowsOf(root, reader) == 0) return STATUS_REFUSED;
    let at = Tree.deepest(root);
    let isLast = false;
    while (!isLast) {
      isLast = at == root;
      const next = at.next;
      const parent = at.parent;
      if (Readers.borrowsOf(at, reader) != 0) Claims.unborrow(at, reader);
      at = next != 0 && !isLast ? Tree.deepest(entryAt(next)) : entryAt(parent);
    }
    return STATUS_OK;
  }

  @inline
  static endAll(reader: u32): u32 {
    const h = header();
    if (reader == 0 || h.borrowsLive == 0) return 0;
    let count: u32 = 0;
    const end = h.borrowHigh;
    for (let nodeOff = BORROWS + FIRST_ROW; nodeOff < end; nodeOff += BORROW_SIZE) {
      const node = borrowAt(nodeOff);
      if (node.reader != reader) continue;
      const entry = entryAt(node.entry);
      for (let left = Readers.borrowsOf(entry, reader); left != 0; left--) {
        Claims.unborrow(entry, reader);
        count += 1;
      }
    }
    return count;
  }
}

/** HOT: every borrowed argument. The reader starts after this returns, so nobody writes what somebody reads. */
export function borrow(base: u32, type: u32, lender: u32, reader: u32): u32 {
  Lock.take();
  const answer = Lending.begin(base, type, lender, reader);
  Lock.give();
  return answer;
}

export function endBorrow(base: u32, reader: u32): u32 {
  Lock.take();
  const answer = Lending.end(base, reader);
  Lock.give();
  return answer;
}

/** Ends every borrow of a dead reader, object by object; returns how many. */
export function endAllBorrows(reader: u32): u32 {
  Lock.take();
  const answer = Lending.endAll(reader);
  Lock.give();
  return answer;
}
