/**
 * Spans: the heap proper in units of 64 KiB, one 32-byte record each.
 * Called by `blocks.ts`; of domains it knows only who opened a span.
 *
 *   SPAN_FREE ──take──▶ SPAN_SMALL+class   blocks of one size; in its class's list while it has a free block
 *                  └──▶ SPAN_LARGE, SPAN_TAIL…   one object over `capacity` spans
 *
 * A span counts with its opener exactly while it is in its class's list (`accounts.ts` says why).
 * Invariants: no span below header.spanHint is free; a class keeps at most one span without a live block (so that one object
 * born and freed in turn costs no span traffic); every other span without a live block is SPAN_FREE.
 */
import { Spread } from "./accounts";
import {
  Entry,
  entryAt,
  GRANULE_SHIFT,
  GRANULES,
  H_CLASS_HEADS,
  Header,
  header,
  SIZE_CLASSES,
  SPAN_BYTES,
  SPAN_FREE,
  SPAN_RECORD_SIZE,
  SPAN_SHIFT,
  SPAN_SMALL,
  Span,
  spanAt,
} from "./layout";
import { Lock } from "./lock";

export class Spans {
  @inline
  static of(h: Header, base: u32): Span {
    return spanAt(h.spanTable + ((base - h.heapBase) >> SPAN_SHIFT) * SPAN_RECORD_SIZE);
  }

  @inline
  static baseOf(h: Header, span: Span): u32 {
    return h.heapBase + ((<u32>changetype<usize>(span) - h.spanTable) / SPAN_RECORD_SIZE) * SPAN_BYTES;
  }

  /** The record of the first of `count` neighbouring free spans, lowest first; the null record when there are none. */
  @inline
  static find(h: Header, count: u32): Span {
    const end = h.spanTable + h.spanCount * SPAN_RECORD_SIZE;
    let run: u32 = 0;
    for (let at = h.spanTable + h.spanHint * SPAN_RECORD_SIZE; at < end; at += SPAN_RECORD_SIZE) {
      run = spanAt(at).kind == SPAN_FREE ? run + 1 : 0;
      if (run == count) return spanAt(at - (count - 1) * SPAN_RECORD_SIZE);
    }
    return spanAt(0);
  }

  /** Finds spans, giving up the classes' spare ones when there is no room otherwise. */
  @inline
  static take(h: Header, count: u32): Span {
    let span = spanAt(0);
    for (let attempt = 0; attempt < 2; attempt++) {
      span = Spans.find(h, count);
      if (changetype<usize>(span) != 0 || h.spansEmpty == 0) break;
      if (attempt == 0) Spans.trim(h);
    }
    if (changetype<usize>(span) == 0) return span;
    if (count == 1) h.spanHint = (<u32>changetype<usize>(span) - h.spanTable) / SPAN_RECORD_SIZE + 1;
    h.spansUsed += count;
    return span;
  }

  @inline
  static give(h: Header, span: Span, count: u32): void {
    for (let i: u32 = 0; i < count; i++) spanAt(<u32>changetype<usize>(span) + i * SPAN_RECORD_SIZE).kind = SPAN_FREE;
    const index = (<u32>changetype<usize>(span) - h.spanTable) / SPAN_RECORD_SIZE;
    if (index < h.spanHint) h.spanHint = index;
    h.spansUsed -= count;
  }

  /** Puts a span at the head of its class's list. */
  @inline
  static link(span: Span): void {
    const head = H_CLASS_HEADS + (span.kind - SPAN_SMALL) * 4;
    const next = load<u32>(head);
    span.next = next;
    span.prev = 0;
    if (next != 0) spanAt(next).prev = <u32>changetype<usize>(span);
    store<u32>(head, <u32>changetype<usize>(span));
    Spread.count(span.opener, 1);
  }

  @inline
  static unlink(span: Span): void {
    if (span.prev != 0) spanAt(span.prev).next = span.next;
    else store<u32>(H_CLASS_HEADS + (span.kind - SPAN_SMALL) * 4, span.next);
    if (span.next != 0) spanAt(span.next).prev = span.prev;
    span.next = 0;
    span.prev = 0;
    Spread.count(span.opener, -1);
  }

  /** Gives a span of blocks back: its free blocks lose their entries and granule words. Only for a span without live blocks. */
  @inline
  static dissolve(h: Header, span: Span): void {
    let entryOff = span.blocks;
    while (entryOff != 0) {
      const entry: Entry = entryAt(entryOff);
      const next = entry.type;
      entry.base = 0;
      entry.type = h.entryFree;
      h.entryFree = entryOff;
      entryOff = next;
    }
    const base = Spans.baseOf(h, span);
    memory.fill(GRANULES + (base >> GRANULE_SHIFT) * 4, 0, (SPAN_BYTES >> GRANULE_SHIFT) << 2);
    Spans.unlink(span);
    Spans.give(h, span, 1);
  }

  @inline
  static trim(h: Header): u32 {
    let count: u32 = 0;
    for (let sizeClass: u32 = 0; sizeClass < SIZE_CLASSES; sizeClass++) {
      let spanOff = load<u32>(H_CLASS_HEADS + sizeClass * 4);
      while (spanOff != 0) {
        const span = spanAt(spanOff);
        spanOff = span.next;
        if (span.live == 0) {
          Spans.dissolve(h, span);
          h.spansEmpty -= 1;
          count += 1;
        }
      }
    }
    return count;
  }
}

/** Gives back the spare span of each size class; returns how many. */
export function trim(): u32 {
  Lock.take();
  const answer = Spans.trim(header());
  Lock.give();
  return answer;
}
