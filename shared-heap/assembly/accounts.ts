/**
 * Who is charged for what: the accounting words of the domain records.
 * Called by allocation, free and move; never refuses anything but by quota, never looks at objects.
 *
 * Invariant: a record's bytesUsed and objectsUsed are the sums over the live entries whose owner word names its slot.
 * An object is charged with its size rounded up to whole granules. openSpans is the number of spans in the classes' lists
 * (those with a free block) whose opener is the domain; the spans of the dead are nobody's.
 */
import {
  DOMAIN_SIZE,
  DOMAIN_SLOT_BITS,
  DOMAIN_SLOT_MASK,
  DOMAIN_SLOTS,
  DOMAINS,
  Domain,
  domainOf,
  Entry,
  GRANULE_SIZE,
  header,
  SIZE_CLASSES,
  SPAN_SHIFT,
  STATE_FREE,
  STATE_STARTING,
  STATUS_OK,
  STATUS_REFUSED,
} from "./layout";
import { Lock } from "./lock";
import { Readers } from "./readers";

export function chargeOf(entry: Entry): u32 {
  return (entry.bytes + (GRANULE_SIZE - 1)) & ~(GRANULE_SIZE - 1);
}

/** The record that `owner` names, if the id is that of the domain that now lives in the slot; the null record otherwise. */
export function liveDomain(owner: u32): Domain {
  const domain = domainOf(owner);
  return owner != 0 && domain.id == owner ? domain : changetype<Domain>(0);
}

/** The kernel takes orphans above its quota, so `used` may exceed `max`. */
export function hasRoom(domain: Domain, bytes: u32, objects: u32): bool {
  const used = domain.bytesUsed;
  const max = domain.maxBytes;
  const count = domain.objectsUsed;
  const most = domain.maxObjects;
  return used <= max && bytes <= max - used && count <= most && objects <= most - count;
}

export class Spread {
  /**
   * Whether the domain may take spans for an object for which it has room: the spans with holes that it opened and the spans'
   * worth of what it owns are at most its quota in spans and one more per size class. Full spans do not count: their
   * owners pay for them by the byte. Who keeps what it makes is never refused by this; who makes holes is.
   */
  @inline
  static allowed(domain: Domain, bytes: u32, opened: u32): bool {
    // Both sums rounded up to spans, less one each; neither is 0, because the object has room.
    const owned = (domain.bytesUsed + bytes - 1) >> SPAN_SHIFT;
    return domain.openSpans + opened + owned <= ((domain.maxBytes - 1) >> SPAN_SHIFT) + SIZE_CLASSES;
  }

  /** A span with a free block more or less for its opener, if that lives. */
  @inline
  static count(opener: u32, difference: i32): void {
    const domain = domainOf(opener);
    if (domain.id == opener) domain.openSpans += difference;
  }
}

export function charge(domain: Domain, bytes: u32, objects: u32): void {
  domain.bytesUsed += bytes;
  domain.objectsUsed += objects;
}

export function refund(domain: Domain, bytes: u32, objects: u32): void {
  domain.bytesUsed -= bytes;
  domain.objectsUsed -= objects;
}

class Slots {
  @inline
  static open(slot: u32, id: u32, maxBytes: u32, maxObjects: u32): u32 {
    if (slot >= DOMAIN_SLOTS || (id & DOMAIN_SLOT_MASK) != slot || id >> DOMAIN_SLOT_BITS == 0 || id >> 31) return STATUS_REFUSED;
    const domain = changetype<Domain>(DOMAINS + slot * DOMAIN_SIZE);
    if (domain.id != 0) return STATUS_REFUSED;
    memory.fill(changetype<usize>(domain), 0, DOMAIN_SIZE);
    domain.state = STATE_STARTING;
    domain.maxBytes = maxBytes;
    domain.maxObjects = maxObjects;
    const h = header();
    if (slot >= h.slotHigh) h.slotHigh = slot + 1;
    domain.id = id;
    return STATUS_OK;
  }

  @inline
  static close(slot: u32): u32 {
    if (slot == 0 || slot >= DOMAIN_SLOTS) return STATUS_REFUSED;
    const domain = changetype<Domain>(DOMAINS + slot * DOMAIN_SIZE);
    const id = domain.id;
    if (id == 0 || domain.objectsUsed != 0 || Readers.entryOf(id) != 0) return STATUS_REFUSED;
    domain.id = 0;
    domain.openSpans = 0;
    domain.state = STATE_FREE;
    return STATUS_OK;
  }
}

/** Opens a slot for a domain. The id is written last: until then nothing can be allocated for or moved to it. */
export function domainOpen(slot: u32, id: u32, maxBytes: u32, maxObjects: u32): u32 {
  Lock.take();
  const answer = Slots.open(slot, id, maxBytes, maxObjects);
  Lock.give();
  return answer;
}

/** Closes a slot that owns nothing and reads nothing any more, so that no right outlives the id. */
export function domainClose(slot: u32): u32 {
  Lock.take();
  const answer = Slots.close(slot);
  Lock.give();
  return answer;
}
