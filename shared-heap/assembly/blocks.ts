/**
 * Birth and death of objects: entries, blocks and their granule words.
 * Called by `index.ts` and `claims.ts`; checks quotas but no rights.
 *
 * An entry belongs to a block, not to an object: a freed block keeps its entry and its granule words, so the next birth in
 * it writes neither. The owner word is written last at birth and cleared first at death: whoever looks an address up at any
 * moment finds either a complete object or none.
 */
import { charge, chargeOf, hasRoom, liveDomain, refund, Spread } from "./accounts";
import { classCapacity, classGranules, classOf, classStride } from "./classes";
import {
  Domain,
  domainOf,
  ENTRY_SIZE,
  Entry,
  ERROR_NO_MEMORY,
  ERROR_SIZE,
  entryAt,
  GRANULE_SHIFT,
  GRANULE_SIZE,
  GRANULES,
  H_CLASS_HEADS,
  Header,
  header,
  MAX_OBJECT_BYTES,
  MAX_SMALL_GRANULES,
  SPAN_BYTES,
  SPAN_LARGE,
  SPAN_RECORD_SIZE,
  SPAN_SHIFT,
  SPAN_SMALL,
  SPAN_TAIL,
  Span,
  STAGGER_BYTES,
  STAGGER_STEPS,
  STATUS_QUOTA,
  STATUS_REFUSED,
  spanAt,
} from "./layout";
import { Lock } from "./lock";
import { Reason } from "./reason";
import { Spans } from "./spans";

class Blocks {
  /** An entry without a block, 0 when the object table is full. */
  @inline
  static takeEntry(h: Header): u32 {
    let entryOff = h.entryFree;
    if (entryOff != 0) {
      h.entryFree = entryAt(entryOff).type;
      return entryOff;
    }
    entryOff = h.entryFresh;
    if (entryOff == h.spanTable) return 0;
    h.entryFresh = entryOff + ENTRY_SIZE;
    return entryOff;
  }

  /** Writes `word` for each granule from `base` on. */
  @inline
  static mark(base: u32, granules: u32, word: u32): void {
    let at = GRANULES + (base >> GRANULE_SHIFT) * 4;
    const end = at + granules * 4;
    const four = i32x4.splat(word);
    for (; at + 16 <= end; at += 16) v128.store(at, four);
    for (; at < end; at += 4) store<u32>(at, word);
  }

  /** Makes the taken span ready for blocks of the class; it starts as the class's spare span. */
  @inline
  static openSpan(h: Header, span: Span, sizeClass: u32, opener: u32): void {
    span.kind = SPAN_SMALL + sizeClass;
    span.blocks = 0;
    span.live = 0;
    span.cut = 0;
    span.opener = opener;
    span.capacity = classCapacity(sizeClass);
    Spans.link(span);
    h.spansEmpty += 1;
  }

  /** A block of the span that is free, or cut now; 0 when there is no entry left for a new one. */
  @inline
  static takeBlock(h: Header, span: Span, sizeClass: u32): u32 {
    let entryOff = span.blocks;
    if (entryOff != 0) {
      span.blocks = entryAt(entryOff).type;
    } else {
      entryOff = Blocks.takeEntry(h);
      if (entryOff == 0) return 0;
      const base = Spans.baseOf(h, span) + span.cut * classStride(sizeClass) * GRANULE_SIZE;
      entryAt(entryOff).base = base;
      Blocks.mark(base, classGranules(sizeClass), entryOff);
      span.cut += 1;
    }
    if (span.live == 0) h.spansEmpty -= 1;
    span.live += 1;
    if (span.blocks == 0 && span.cut == span.capacity) Spans.unlink(span);
    return entryOff;
  }

  /** One object over neighbouring spans. Its start is shifted by a rotating step, so that large objects are staggered too. */
  @inline
  static openLarge(h: Header, span: Span, granules: u32, count: u32, entryOff: u32): void {
    const base = Spans.baseOf(h, span) + ((h.stagger % STAGGER_STEPS) + 1) * STAGGER_BYTES;
    h.stagger += 1;
    span.kind = SPAN_LARGE;
    span.blocks = entryOff;
    span.live = 1;
    span.cut = 1;
    span.next = 0;
    span.prev = 0;
    span.opener = 0;
    span.capacity = count;
    for (let i: u32 = 1; i < count; i++) spanAt(<u32>changetype<usize>(span) + i * SPAN_RECORD_SIZE).kind = SPAN_TAIL;
    entryAt(entryOff).base = base;
    Blocks.mark(base, granules, entryOff);
  }
}

/** What `alloc` found: the entry, and how many granules of its block to clear. */
class Found {
  @inline
  static entry(h: Header, domain: Domain, granules: u32, opener: u32): u32 {
    const small = granules <= MAX_SMALL_GRANULES;
    const sizeClass = classOf(granules);
    let span = spanAt(small ? load<u32>(H_CLASS_HEADS + sizeClass * 4) : 0);
    if (changetype<usize>(span) == 0) {
      if (!Spread.allowed(domain, granules << GRANULE_SHIFT, small ? 1 : 0)) {
        Reason.set(STATUS_QUOTA);
        return 0;
      }
      const count = small
        ? 1
        : ((granules << GRANULE_SHIFT) + ((h.stagger % STAGGER_STEPS) + 1) * STAGGER_BYTES + (SPAN_BYTES - 1)) >> SPAN_SHIFT;
      span = Spans.take(h, count);
      if (changetype<usize>(span) == 0) {
        Reason.set(ERROR_NO_MEMORY);
        return 0;
      }
      if (!small) {
        const entryOff = Blocks.takeEntry(h);
        if (entryOff != 0) {
          Blocks.openLarge(h, span, granules, count, entryOff);
        } else {
          Spans.give(h, span, count);
          Reason.set(ERROR_NO_MEMORY);
        }
        return entryOff;
      }
      Blocks.openSpan(h, span, sizeClass, opener);
    }
    const entryOff = Blocks.takeBlock(h, span, sizeClass);
    if (entryOff == 0) Reason.set(ERROR_NO_MEMORY);
    return entryOff;
  }

  /** A block that is the owner's by the accounts and nobody's by its owner word, 0 with the reason when there is none. */
  @inline
  static reserve(owner: u32, type: u32, bytes: u32): u32 {
    const h = header();
    const domain = liveDomain(owner);
    if (changetype<usize>(domain) == 0) {
      Reason.set(STATUS_REFUSED);
      return 0;
    }
    if (bytes - 1 >= MAX_OBJECT_BYTES) {
      Reason.set(ERROR_SIZE);
      return 0;
    }
    const granules = (bytes + (GRANULE_SIZE - 1)) >> GRANULE_SHIFT;
    if (!hasRoom(domain, granules << GRANULE_SHIFT, 1)) {
      Reason.set(STATUS_QUOTA);
      return 0;
    }
    const entryOff = Found.entry(h, domain, granules, owner);
    if (entryOff == 0) return 0;
    const entry = entryAt(entryOff);
    entry.bytes = bytes;
    entry.type = type;
    entry.pins = 0;
    h.births += 1;
    entry.birth = h.births;
    charge(domain, granules << GRANULE_SHIFT, 1);
    h.liveObjects += 1;
    h.liveBytes += granules << GRANULE_SHIFT;
    return entryOff;
  }
}

/**
 * HOT: every object that a domain makes. Returns the base, or 0 with the reason in `lastError`.
 * The block is cleared outside the lock: it belongs to nobody until its owner word is written.
 */
export function alloc(owner: u32, type: u32, bytes: u32): u32 {
  Lock.take();
  const entryOff = Found.reserve(owner, type, bytes);
  Lock.give();
  if (entryOff == 0) return 0;
  const entry = entryAt(entryOff);
  const base = entry.base;
  const granules = (bytes + (GRANULE_SIZE - 1)) >> GRANULE_SHIFT;
  // Every granule that names the entry is the owner's to read.
  memory.fill(base, 0, (granules <= MAX_SMALL_GRANULES ? classGranules(classOf(granules)) : granules) << GRANULE_SHIFT);
  entry.owner = owner;
  return base;
}

export class Release {
  /** HOT: frees a live object that is neither lent nor pinned nor of a tree. The owner word goes first. */
  @inline
  static entry(entry: Entry): void {
    const h = header();
    const entryOff = <u32>changetype<usize>(entry);
    const domain = domainOf(entry.owner);
    entry.owner = 0;
    const bytes = chargeOf(entry);
    refund(domain, bytes, 1);
    h.liveObjects -= 1;
    h.liveBytes -= bytes;
    if (entry.pins != 0) h.orphans -= 1; // nothing but ORPHAN is left there
    entry.pins = 0;
    entry.generation += 1;
    const span = Spans.of(h, entry.base);
    if (span.kind == SPAN_LARGE) {
      Blocks.mark(entry.base, bytes >> GRANULE_SHIFT, 0);
      entry.base = 0;
      entry.type = h.entryFree;
      h.entryFree = entryOff;
      Spans.give(h, span, span.capacity);
      return;
    }
    if (span.blocks == 0 && span.cut == span.capacity) Spans.link(span);
    entry.type = span.blocks;
    span.blocks = entryOff;
    span.live -= 1;
    if (span.live == 0) {
      if ((span.next | span.prev) != 0) Spans.dissolve(h, span);
      else h.spansEmpty += 1;
    }
  }
}
