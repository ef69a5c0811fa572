/**
 * Who may touch an object: move, borrow, pin, and what becomes of objects when their owner dies.
 * Called by `index.ts`; every function checks all it needs before its first effect and answers with a code.
 *
 *   owned by A ──move──▶ owned by B                    one store of the owner word
 *   owned by A ──borrow──▶ lent: A and readers read, nobody writes, moves or frees ──last endBorrow──▶ owned by A
 *   owned by A ──pin──▶ readable and writable, not movable, not freeable ──last unpin──▶ owned by A
 *   A dies while it is lent or pinned ──▶ orphan: owned by the kernel, freed at the last endBorrow and unpin
 *
 * Invariants: LENT is set exactly while the entry has a row in the reader table; an orphan is lent or pinned.
 */
import { charge, chargeOf, hasRoom, liveDomain, refund } from "./accounts";
import { Release } from "./blocks";
import {
  domainOf,
  ENTRY_SIZE,
  Entry,
  entryAt,
  GRANULE_SHIFT,
  GRANULES,
  header,
  KERNEL_ID,
  LENT,
  ORPHAN,
  OWNER_MASK,
  STATUS_OK,
  STATUS_REFUSED,
} from "./layout";
import { Objects } from "./objects";
import { Readers } from "./readers";

class Claims {
  /** After a borrow or pin ended: frees an orphan that nobody needs any more. */
  @inline
  static settle(entry: Entry): void {
    if (entry.pins == ORPHAN && entry.row == 0) Release.entry(entry);
  }

  /** HOT in dropAll: frees, or hands to the kernel what a reader or a device still needs. */
  @inline
  static drop(entry: Entry): void {
    if (entry.row == 0 && entry.pins == 0) {
      Release.entry(entry);
      return;
    }
    const bytes = chargeOf(entry);
    refund(domainOf(entry.owner), bytes);
    charge(domainOf(KERNEL_ID), bytes);
    if ((entry.pins & ORPHAN) == 0) {
      header().orphans += 1;
      if (entry.row != 0) Readers.take(entry, entry.owner & OWNER_MASK);
    }
    entry.pins |= ORPHAN;
    entry.owner = KERNEL_ID | (entry.owner & LENT);
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

/** HOT: every object that crosses a domain border. */
export function move(base: u32, type: u32, from: u32, to: u32): u32 {
  const entry = Objects.at(base);
  // `from` without the LENT bit equals the whole word: a lent object is refused by the same comparison.
  if (!Objects.exists(entry) || entry.owner != from || entry.pins != 0) return STATUS_REFUSED;
  if (type != 0 && entry.type != type) return STATUS_REFUSED;
  if (from == to) return STATUS_OK;
  const target = liveDomain(to);
  const bytes = chargeOf(entry);
  if (changetype<usize>(target) == 0 || !hasRoom(target, bytes)) return STATUS_REFUSED;
  charge(target, bytes);
  refund(domainOf(from), bytes);
  entry.owner = to;
  return STATUS_OK;
}

/** HOT: every borrowed argument. The reader starts after this returns, so nobody writes what somebody reads. */
export function borrow(base: u32, type: u32, lender: u32, reader: u32): u32 {
  const entry = Objects.at(base);
  if (!Objects.exists(entry) || lender == 0 || changetype<usize>(liveDomain(reader)) == 0) return STATUS_REFUSED;
  if (type != 0 && entry.type != type) return STATUS_REFUSED;
  if ((entry.owner & OWNER_MASK) != lender && !Readers.has(entry, lender)) return STATUS_REFUSED;
  if (!Readers.add(entry, reader)) return STATUS_REFUSED;
  entry.owner |= LENT;
  return STATUS_OK;
}

export function endBorrow(base: u32, reader: u32): u32 {
  const entry = Objects.at(base);
  if (!Objects.exists(entry) || reader == 0 || Readers.borrowsOf(entry, reader) == 0) return STATUS_REFUSED;
  Claims.unborrow(entry, reader);
  return STATUS_OK;
}

/** Ends every borrow of a dead reader; returns how many. */
export function endAllBorrows(reader: u32): u32 {
  if (reader == 0) return 0;
  let count: u32 = 0;
  let entryOff = Readers.entryOf(reader);
  while (entryOff != 0) {
    Claims.unborrow(entryAt(entryOff), reader);
    count += 1;
    entryOff = Readers.entryOf(reader);
  }
  return count;
}

/**
 * Its owner is done with it: freed, or, while a device needs it, the kernel's until the last unpin. Not refused for a pin,
 * because whoever once borrowed the object could have left one, and its owner must not be the one who suffers.
 */
export function drop(base: u32, owner: u32): u32 {
  const entry = Objects.at(base);
  // `owner` without the LENT bit equals the whole word: a lent object is refused by the same comparison.
  if (!Objects.exists(entry) || entry.owner != owner) return STATUS_REFUSED;
  Claims.drop(entry);
  return STATUS_OK;
}

/** A device needs the object to stay. `owner` 0 = whoever owns it. */
export function pin(base: u32, owner: u32): u32 {
  const entry = Objects.at(base);
  if (!Objects.exists(entry) || (owner != 0 && (entry.owner & OWNER_MASK) != owner)) return STATUS_REFUSED;
  entry.pins += 1;
  return STATUS_OK;
}

export function unpin(base: u32): u32 {
  const entry = Objects.at(base);
  if (!Objects.exists(entry) || (entry.pins & ~ORPHAN) == 0) return STATUS_REFUSED;
  entry.pins -= 1;
  Claims.settle(entry);
  return STATUS_OK;
}

/**
 * The base of the owner's next object in table order after that of `afterBase` (0 = the first), 0 = no more.
 * An `afterBase` whose block is gone meanwhile starts again from the first.
 */
export function nextOwned(owner: u32, afterBase: u32): u32 {
  const h = header();
  if (owner == 0 || domainOf(owner).objectsUsed == 0) return 0;
  let entryOff = h.objectTable;
  if (afterBase != 0 && afterBase < h.heapEnd) {
    const after = load<u32>(GRANULES + (afterBase >> GRANULE_SHIFT) * 4);
    if (after != 0) entryOff = after + ENTRY_SIZE;
  }
  const end = h.entryFresh;
  for (; entryOff < end; entryOff += ENTRY_SIZE) {
    const entry = entryAt(entryOff);
    if ((entry.owner & OWNER_MASK) == owner) return entry.base;
  }
  return 0;
}

/** Drops every object of a dead owner; the walk ends when its account says that nothing is left. Returns how many. */
export function dropAll(owner: u32): u32 {
  const h = header();
  const domain = liveDomain(owner);
  if (changetype<usize>(domain) == 0) return 0;
  let count: u32 = 0;
  const end = h.entryFresh;
  for (let entryOff = h.objectTable; entryOff < end && domain.objectsUsed != 0; entryOff += ENTRY_SIZE) {
    const entry = entryAt(entryOff);
    if ((entry.owner & OWNER_MASK) != owner) continue;
    Claims.drop(entry);
    count += 1;
  }
  return count;
}
