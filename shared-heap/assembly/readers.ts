/**
 * Borrow nodes: who may read an object that is lent. Layout and drawing in ../layout.ts.
 * Called by `lending.ts` and `claims.ts`; never changes an owner word and never frees an object.
 *
 * The guard asks one question, in straight-line code: does the node at (row of the object + slot of the domain) hold the
 * domain's id? Invariants that make the answer right:
 *   - every lent object has a row that no other object has; everything else has the null row, which stays zero;
 *   - a node belongs to one object and lies in its row; all nodes of an object hang on its list, the owner's among them
 *     (an orphan has none for its owner);
 *   - a node's reader is written last when it is taken and cleared first when it is given back.
 *
 * When several CPUs run domains, a guard on another CPU may have read an object's row just before that changes: its old nodes
 * stay until no guard can look for them, and the rows that such objects come to are used for nothing else (`lock.ts`).
 */
import {
  BORROW_SIZE,
  BORROWS,
  borrowAt,
  DOMAIN_SLOT_MASK,
  Entry,
  entryAt,
  FIRST_ROW,
  Header,
  header,
  LAST_ROW,
  MAX_BORROWS,
  MOVED_ROW,
  ORPHAN,
  OWNER_MASK,
  ROW_TRIES,
} from "./layout";
import { Retired } from "./lock";

export class Readers {
  /** The reader's place in a row. */
  @inline
  static node(row: u32, reader: u32): u32 {
    return BORROWS + row + (reader & DOMAIN_SLOT_MASK) * BORROW_SIZE;
  }

  @inline
  static isFree(row: u32, reader: u32): bool {
    return borrowAt(Readers.node(row, reader)).reader == 0;
  }

  /** The guard's question. */
  @inline
  static has(entry: Entry, reader: u32): bool {
    return borrowAt(Readers.node(entry.row, reader)).reader == reader;
  }

  /** Whether no object has this row, and there is room in it for two more ids and for all readers of the list. */
  @inline
  static fits(row: u32, one: u32, two: u32, list: u32): bool {
    if (borrowAt(BORROWS + row).row != 0 || !Readers.isFree(row, one) || !Readers.isFree(row, two)) return false;
    for (let nodeOff = list; nodeOff != 0; nodeOff = borrowAt(nodeOff).next) {
      if (!Readers.isFree(row, borrowAt(nodeOff).reader)) return false;
    }
    return true;
  }

  /** A row that fits, 0 = none within ROW_TRIES from `start` on; after `last` comes `first`. */
  @inline
  static find(start: u32, first: u32, last: u32, one: u32, two: u32, list: u32): u32 {
    let row = start;
    for (let tries: u32 = 0; tries < ROW_TRIES; tries++) {
      if (row > last) row = first;
      if (Readers.fits(row, one, two, list)) return row;
      row += BORROW_SIZE;
    }
    return 0;
  }

  /** For an object that was not lent. Starts where a row was given back last: its nodes are still in the cache. */
  @inline
  static findFirst(h: Header, owner: u32, reader: u32): u32 {
    const last = h.isShared != 0 ? MOVED_ROW - BORROW_SIZE : LAST_ROW;
    const row = Readers.find(h.rowHint, FIRST_ROW, last, owner, reader, 0);
    if (row != 0) h.rowHint = row + BORROW_SIZE;
    return row;
  }

  /** For an object whose row has no place for one more reader. */
  @inline
  static findOther(h: Header, reader: u32, list: u32): u32 {
    const isShared = h.isShared != 0;
    if (isShared) Retired.collect(h);
    const first = isShared ? MOVED_ROW : FIRST_ROW;
    const row = Readers.find(isShared ? h.movedRowHint : h.rowHint, first, LAST_ROW, reader, reader, list);
    if (row == 0) return 0;
    if (isShared) h.movedRowHint = row + BORROW_SIZE;
    else h.rowHint = row + BORROW_SIZE;
    return row;
  }

  /** Adds to the reader's count in the row; takes the node if it is free. */
  @inline
  static put(h: Header, row: u32, entry: Entry, reader: u32, count: u32): void {
    const nodeOff = Readers.node(row, reader);
    const node = borrowAt(nodeOff);
    if (node.reader == reader) {
      node.count += <u16>count;
      return;
    }
    if (nodeOff >= h.borrowHigh) h.borrowHigh = nodeOff + BORROW_SIZE;
    node.entry = <u32>changetype<usize>(entry);
    node.count = <u16>count;
    node.next = entry.readers;
    node.reader = reader;
    entry.readers = nodeOff;
  }

  /** Gives a lent object another row, so that a node which another object occupies does not matter. */
  @inline
  static relocate(h: Header, entry: Entry, row: u32): void {
    const oldRow = entry.row;
    const oldList = entry.readers;
    entry.readers = 0;
    for (let nodeOff = oldList; nodeOff != 0; nodeOff = borrowAt(nodeOff).next) {
      Readers.put(h, row, entry, borrowAt(nodeOff).reader, borrowAt(nodeOff).count);
    }
    borrowAt(BORROWS + row).row = borrowAt(BORROWS + oldRow).row;
    // The nodes must be seen before the row that leads to them.
    atomic.store<u32>(changetype<usize>(entry), row, offsetof<Entry>("row"));
    if (h.isShared != 0) {
      Retired.row(h, oldRow, oldList);
      return;
    }
    borrowAt(BORROWS + oldRow).row = 0;
    let nodeOff = oldList;
    while (nodeOff != 0) {
      const next = borrowAt(nodeOff).next;
      Readers.clear(nodeOff);
      nodeOff = next;
    }
  }

  @inline
  static clear(nodeOff: u32): void {
    const node = borrowAt(nodeOff);
    node.reader = 0;
    node.next = 0;
    node.entry = 0;
    node.count = 0;
  }

  /** Records a borrow; false when the object has as many as can be counted or no row fits. */
  @inline
  static add(entry: Entry, reader: u32): bool {
    const h = header();
    let row = entry.row;
    if (row != 0 && borrowAt(BORROWS + row).row >= <u16>MAX_BORROWS) return false;
    if (row == 0) {
      const owner = entry.owner & OWNER_MASK;
      row = Readers.findFirst(h, owner, reader);
      if (row == 0) return false;
      if ((entry.pins & ORPHAN) == 0) Readers.put(h, row, entry, owner, 1);
    } else if (!Readers.isFree(row, reader) && !Readers.has(entry, reader)) {
      row = Readers.findOther(h, reader, entry.readers);
      if (row == 0) return false;
      Readers.relocate(h, entry, row);
    }
    Readers.put(h, row, entry, reader, 1);
    borrowAt(BORROWS + row).row += 1;
    h.borrowsLive += 1;
    entry.row = row;
    return true;
  }

  /** Takes one from the reader's count; gives the node back when nothing is left. The node must exist. */
  @inline
  static take(entry: Entry, reader: u32): void {
    const target = Readers.node(entry.row, reader);
    const node = borrowAt(target);
    if (node.count > 1) {
      node.count -= 1;
      return;
    }
    const next = node.next;
    Readers.clear(target);
    if (entry.readers == target) {
      entry.readers = next;
      return;
    }
    let before = borrowAt(entry.readers);
    while (before.next != target) before = borrowAt(before.next);
    before.next = next;
  }

  /** One borrow less; true when that was the object's last. */
  @inline
  static countDown(entry: Entry): bool {
    const row = borrowAt(BORROWS + entry.row);
    row.row -= 1;
    header().borrowsLive -= 1;
    return row.row == 0;
  }

  /** Forgets the row of an object that has no node left. */
  @inline
  static close(entry: Entry): void {
    const h = header();
    const row = entry.row;
    entry.row = 0;
    if (h.isShared != 0 && row >= MOVED_ROW) Retired.row(h, row, 0);
    else h.rowHint = row;
  }

  /** How often the reader borrows the object: its count without the owner's share. */
  @inline
  static borrowsOf(entry: Entry, reader: u32): u32 {
    const node = borrowAt(Readers.node(entry.row, reader));
    if (node.reader != reader) return 0;
    const owns = (entry.owner & OWNER_MASK) == reader && (entry.pins & ORPHAN) == 0;
    return <u32>node.count - (owns ? 1 : 0);
  }

  /** The entry of some object that the domain borrows, 0 = none. Walks the nodes in use; only for a domain's end. */
  @inline
  static entryOf(reader: u32): u32 {
    const h = header();
    if (h.borrowsLive == 0) return 0;
    const end = h.borrowHigh;
    for (let nodeOff = BORROWS + FIRST_ROW; nodeOff < end; nodeOff += BORROW_SIZE) {
      const node = borrowAt(nodeOff);
      if (node.reader == reader && Readers.borrowsOf(entryAt(node.entry), reader) != 0) return node.entry;
    }
    return 0;
  }
}
