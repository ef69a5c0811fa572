/**
 * The reader table: who may read an object that is lent. Layout and drawing in ../layout.ts.
 * Called by `ownership.ts`; never changes an owner word and never frees an object.
 *
 * The guard asks one question, in straight-line code: is cell (row of the object + slot of the domain) the domain's id?
 * Invariants that make the answer right:
 *   - every lent object has a row that no other object has; an object that is not lent has the null row, which stays zero;
 *   - a cell belongs to one object; all cells of an object hang on its row's list, the owner's among them (an orphan has
 *     no such cell);
 *   - a cell's reader is written last when it is taken and cleared first when it is given back.
 *
 * When several CPUs run domains: `relocate` clears the old row only after the entry names the new one, but a reader on
 * another CPU may already hold the old displacement; the old cells must then stay until that CPU has passed a safepoint.
 */
import { Cell, DOMAIN_SLOT_MASK, ENTRY_ORPHAN, Entry, FIRST_ROW, Header, LAST_ROW, MAX_BORROWS, OWNER_MASK, READER_CELL_SIZE, ROW_TRIES, cellAt, header } from "./layout";

export class Readers {
  @inline
  static rowOf(entry: Entry): u32 {
    return entry.readers / READER_CELL_SIZE;
  }

  @inline
  static index(row: u32, reader: u32): u32 {
    return row + (reader & DOMAIN_SLOT_MASK);
  }

  /** The guard's question. */
  @inline
  static has(entry: Entry, reader: u32): bool {
    return cellAt(Readers.index(Readers.rowOf(entry), reader)).reader == reader;
  }

  /** Whether the row is unused and its cells for two more ids and for all readers of the row `old` are free. */
  @inline
  static fits(row: u32, one: u32, two: u32, old: u32): bool {
    if (cellAt(row).rowFirst != 0) return false;
    if ((cellAt(Readers.index(row, one)).reader | cellAt(Readers.index(row, two)).reader) != 0) return false;
    let index: u32 = cellAt(old).rowFirst;
    while (index != 0) {
      const cell = cellAt(index);
      if (cellAt(Readers.index(row, cell.reader)).reader != 0) return false;
      index = cell.next;
    }
    return true;
  }

  /** A row that fits, 0 = none within ROW_TRIES. Starts where a row was given back last: its cells are still in the cache. */
  @inline
  static find(h: Header, one: u32, two: u32, old: u32): u32 {
    let row = h.rowHint;
    for (let tries: u32 = 0; tries < ROW_TRIES; tries++) {
      if (row > LAST_ROW) row = FIRST_ROW;
      if (Readers.fits(row, one, two, old)) {
        h.rowHint = row + 1;
        return row;
      }
      row += 1;
    }
    return 0;
  }

  /** Adds to the reader's cell of the row, taking it if it is free. */
  @inline
  static put(h: Header, row: u32, entry: Entry, reader: u32, count: u32): void {
    const index = Readers.index(row, reader);
    const cell = cellAt(index);
    if (cell.reader == reader) {
      cell.count += <u16>count;
      return;
    }
    if (index >= h.cellHigh) h.cellHigh = index + 1;
    const head = cellAt(row);
    cell.entry = <u32>changetype<usize>(entry);
    cell.count = <u16>count;
    cell.next = head.rowFirst;
    head.rowFirst = <u16>index;
    cell.reader = reader;
  }

  @inline
  static clear(cell: Cell): void {
    cell.reader = 0;
    cell.entry = 0;
    cell.count = 0;
    cell.next = 0;
  }

  /** Takes one from the reader's cell; gives the cell back when nothing is left. The cell must exist. */
  @inline
  static take(row: u32, reader: u32): void {
    const target = Readers.index(row, reader);
    const cell = cellAt(target);
    if (cell.count > 1) {
      cell.count -= 1;
      return;
    }
    const head = cellAt(row);
    const next = cell.next;
    Readers.clear(cell);
    if (head.rowFirst == target) {
      head.rowFirst = next;
      return;
    }
    let before = cellAt(head.rowFirst);
    while (before.next != target) before = cellAt(before.next);
    before.next = next;
  }

  /** Moves all cells of a lent object to another row, so that a cell that another object occupies does not matter. */
  @inline
  static relocate(h: Header, entry: Entry, old: u32, row: u32): void {
    let index: u32 = cellAt(old).rowFirst;
    while (index != 0) {
      const cell = cellAt(index);
      Readers.put(h, row, entry, cell.reader, cell.count);
      index = cell.next;
    }
    cellAt(row).rowBorrows = cellAt(old).rowBorrows;
    entry.readers = row * READER_CELL_SIZE;
    index = cellAt(old).rowFirst;
    while (index != 0) {
      const cell = cellAt(index);
      index = cell.next;
      Readers.clear(cell);
    }
    cellAt(old).rowFirst = 0;
    cellAt(old).rowBorrows = 0;
  }

  /** Records a borrow; false when the object has as many as can be counted or no row fits. */
  @inline
  static add(entry: Entry, reader: u32): bool {
    const h = header();
    let row = Readers.rowOf(entry);
    const owner = entry.owner & OWNER_MASK;
    if (row != 0 && cellAt(row).rowBorrows >= <u16>MAX_BORROWS) return false;
    const occupant = cellAt(Readers.index(row, reader)).reader;
    if (row == 0 || (occupant != 0 && occupant != reader)) {
      const old = row;
      row = Readers.find(h, reader, old == 0 ? owner : reader, old);
      if (row == 0) return false;
      if (old != 0) Readers.relocate(h, entry, old, row);
      else if (entry.link != ENTRY_ORPHAN) Readers.put(h, row, entry, owner, 1);
    }
    Readers.put(h, row, entry, reader, 1);
    cellAt(row).rowBorrows += 1;
    h.borrowsLive += 1;
    entry.readers = row * READER_CELL_SIZE;
    return true;
  }

  /** The owner's own cell goes: it died, or the last borrow ended. */
  @inline
  static forgetOwner(entry: Entry, owner: u32): void {
    Readers.take(Readers.rowOf(entry), owner);
  }

  /** Gives back the row of an object that has no cell left. */
  @inline
  static close(h: Header, entry: Entry): void {
    const row = Readers.rowOf(entry);
    entry.readers = 0;
    cellAt(row).rowFirst = 0;
    h.rowHint = row;
  }

  /** The entry of some object that the domain borrows, 0 = none. Walks the cells in use; only for a domain's end. */
  @inline
  static entryOf(reader: u32): u32 {
    const h = header();
    if (h.borrowsLive == 0) return 0;
    const end = h.cellHigh;
    for (let index = FIRST_ROW; index < end; index++) {
      const cell = cellAt(index);
      if (cell.reader == reader) {
        const entry = changetype<Entry>(cell.entry);
        if (Readers.borrowsOf(entry, reader) != 0) return cell.entry;
      }
    }
    return 0;
  }

  /** How often the reader borrows the object: its cell without the owner's share. */
  @inline
  static borrowsOf(entry: Entry, reader: u32): u32 {
    const cell = cellAt(Readers.index(Readers.rowOf(entry), reader));
    if (cell.reader != reader) return 0;
    return <u32>cell.count - (((entry.owner & OWNER_MASK) == reader && entry.link != ENTRY_ORPHAN) ? 1 : 0);
  }
}
