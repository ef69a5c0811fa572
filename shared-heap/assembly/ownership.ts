/**
 * Who owns an object: move, pin, and what becomes of objects when their owner is done with them or dies.
 * Called by `index.ts`; every function checks all it needs before its first effect, or undoes what it did, and answers with a code.
 *
 *   owned by A ──move──▶ owned by B                    one store of the owner word for each object of the tree
 *   owned by A ──pin──▶ readable and writable, not movable, not freeable ──last unpin──▶ owned by A
 *   A dies while it is lent or pinned ──▶ orphan: owned by the kernel, freed at the last endBorrow and unpin (`claims.ts`)
 *
 * A child goes where its parent goes; by itself it can be neither moved nor dropped (`take` makes it a root).
 */
import { charge, chargeOf, hasRoom, liveDomain, refund } from "./accounts";
import { Release } from "./blocks";
import { Claims } from "./claims";
import {
  domainOf,
  ENTRY_SIZE,
  Entry,
  entryAt,
  GRANULE_SHIFT,
  GRANULES,
  header,
  ORPHAN,
  OWNER_MASK,
  STATUS_OK,
  STATUS_REFUSED,
} from "./layout";
import { Lock } from "./lock";
import { Objects } from "./objects";
import { Tree } from "./trees";

class Moves {
  @inline
  static move(base: u32, type: u32, from: u32, to: u32): u32 {
    const entry = Objects.at(base);
    // `from` without the LENT bit equals the whole word: a lent object is refused by the same comparison.
    if (!Objects.exists(entry) || entry.owner != from || (entry.pins | entry.parent) != 0) return STATUS_REFUSED;
    if (type != 0 && entry.type != type) return STATUS_REFUSED;
    const target = liveDomain(to);
    if (changetype<usize>(target) == 0) return STATUS_REFUSED;
    if (entry.first != 0) return Moves.tree(entry, from, to);
    if (from == to) return STATUS_OK;
    const bytes = chargeOf(entry);
    if (!hasRoom(target, bytes, 1)) return STATUS_REFUSED;
    charge(target, bytes, 1);
    refund(domainOf(from), bytes, 1);
    entry.owner = to;
    return STATUS_OK;
  }

  /**
   * HOT: a root and its children, of which none has children: an array or a deque. Checks, counts and moves in one pass that
   * comes from both ends: two chains of loads take half the time of one. Anything else is refused, whatever the reason.
   */
  @inline
  static family(root: Entry, from: u32, to: u32): u32 {
    let bytes = chargeOf(root);
    let objects: u32 = 1;
    let frontOff = root.first;
    let backOff = root.last;
    root.owner = to;
    for (;;) {
      const front = entryAt(frontOff);
      const back = entryAt(backOff);
      const claims = front.pins | front.first | (front.owner ^ from) | back.pins | back.first | (back.owner ^ from);
      if (claims != 0) return Moves.undoFamily(root, from, to);
      front.owner = to;
      bytes += chargeOf(front);
      objects += 1;
      if (frontOff == backOff) break;
      back.owner = to;
      bytes += chargeOf(back);
      objects += 1;
      frontOff = front.next;
      if (frontOff == backOff) break;
      backOff = back.prev;
    }
    return Moves.account(bytes, objects, from, to) ? STATUS_OK : Moves.undoFamily(root, from, to);
  }

  @inline
  static undoFamily(root: Entry, from: u32, to: u32): u32 {
    root.owner = from;
    for (let at = root.first; at != 0; at = entryAt(at).next) if (entryAt(at).owner == to) entryAt(at).owner = from;
    return STATUS_REFUSED;
  }

  @inline
  static tree(root: Entry, from: u32, to: u32): u32 {
    if (Moves.family(root, from, to) == STATUS_OK) return STATUS_OK;
    let bytes: u32 = 0;
    let objects: u32 = 0;
    let at = root;
    do {
      if (at.owner != from || at.pins != 0) {
        Moves.undo(root, at, from);
        return STATUS_REFUSED;
      }
      at.owner = to;
      bytes += chargeOf(at);
      objects += 1;
      at = Tree.after(at, root);
    } while (Objects.exists(at));
    if (Moves.account(bytes, objects, from, to)) return STATUS_OK;
    Moves.undo(root, at, from);
    return STATUS_REFUSED;
  }

  /** False, and nothing changed, when the receiver has no room. */
  @inline
  static account(bytes: u32, objects: u32, from: u32, to: u32): bool {
    if (from == to) return true;
    const target = domainOf(to);
    if (!hasRoom(target, bytes, objects)) return false;
    charge(target, bytes, objects);
    refund(domainOf(from), bytes, objects);
    return true;
  }

  /** Gives those of the tree that come before `end` back. */
  @inline
  static undo(root: Entry, end: Entry, from: u32): void {
    for (let at = root; at != end; at = Tree.after(at, root)) at.owner = from;
  }

  @inline
  static drop(base: u32, owner: u32): u32 {
    const entry = Objects.at(base);
    if (!Objects.exists(entry) || entry.owner != owner || entry.parent != 0) return STATUS_REFUSED;
    Claims.dropTree(entry);
    return STATUS_OK;
  }

  @inline
  static free(base: u32): u32 {
    const entry = Objects.at(base);
    if (!Objects.exists(entry) || (entry.row | entry.pins | entry.parent) != 0) return STATUS_REFUSED;
    if (entry.first == 0) Release.entry(entry);
    else Claims.dropTree(entry);
    return STATUS_OK;
  }

  @inline
  static pin(base: u32, owner: u32): u32 {
    const entry = Objects.at(base);
    if (!Objects.exists(entry) || (owner != 0 && (entry.owner & OWNER_MASK) != owner)) return STATUS_REFUSED;
    entry.pins += 1;
    return STATUS_OK;
  }

  @inline
  static unpin(base: u32): u32 {
    const entry = Objects.at(base);
    if (!Objects.exists(entry) || (entry.pins & ~ORPHAN) == 0) return STATUS_REFUSED;
    entry.pins -= 1;
    Claims.settle(entry);
    return STATUS_OK;
  }

  @inline
  static dropAll(owner: u32): u32 {
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
}

/** HOT: every object that crosses a domain border. The whole tree or nothing. */
export function move(base: u32, type: u32, from: u32, to: u32): u32 {
  Lock.take();
  const answer = Moves.move(base, type, from, to);
  Lock.give();
  return answer;
}

/**
 * Its owner is done with it and with all that it owns: freed, or, while a reader or a device needs one, the kernel's until
 * the last of them is done. Not refused for a pin, because whoever once borrowed the object could have left one, and its
 * owner must not be the one who suffers. A root that is lent itself is refused.
 */
export function drop(base: u32, owner: u32): u32 {
  Lock.take();
  const answer = Moves.drop(base, owner);
  Lock.give();
  return answer;
}

/** HOT: like `drop` for whoever owns it; a root that is pinned itself is refused too. */
export function free(base: u32): u32 {
  Lock.take();
  const answer = Moves.free(base);
  Lock.give();
  return answer;
}

/** A device needs the object to stay. `owner` 0 = whoever owns it. */
export function pin(base: u32, owner: u32): u32 {
  Lock.take();
  const answer = Moves.pin(base, owner);
  Lock.give();
  return answer;
}

export function unpin(base: u32): u32 {
  Lock.take();
  const answer = Moves.unpin(base);
  Lock.give();
  return answer;
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
  Lock.take();
  const answer = Moves.dropAll(owner);
  Lock.give();
  return answer;
}
