/**
 * Spans, blocks and the granule table: what every span is, which blocks were cut from it, and that each granule word of the
 * whole memory is exactly what follows from that. Called by ../audit.ts; reads only.
 */
import * as L from "../layout.ts";
import type { HeapView } from "./view.ts";

export interface Block {
  readonly entry: number;
  readonly base: number;
  /** Granules of which the entry is the name. */
  readonly granules: number;
  /** Index of the size class, or undefined for a large object. */
  readonly sizeClass: number | undefined;
  readonly span: number;
}

export interface Blocks {
  readonly blocks: readonly Block[];
  /** Entries of free blocks, as their spans list them. */
  readonly free: ReadonlySet<number>;
  /** Span record offset to the number of live blocks that it claims. */
  readonly liveOf: ReadonlyMap<number, number>;
  /** Opener's id to the number of spans with a free block that it opened. */
  readonly openedBy: ReadonlyMap<number, number>;
}

/** Payload granules of each size class: 1..8, then four steps per doubling. */
export const CLASS_GRANULES: readonly number[] = classGranules();

function classGranules(): number[] {
  const sizes: number[] = [];
  for (let granules = 1, step = 1; granules <= L.MAX_SMALL_GRANULES; granules += step) {
    sizes.push(granules);
    if (granules >= 8 && Math.log2(granules) % 1 === 0) step = granules / 4;
  }
  return sizes;
}

/** Granules from block to block: sizes that are multiples of 2048 bytes are set apart by the stagger. */
export function strideOf(granules: number): number {
  return (granules * L.GRANULE_SIZE) % 2048 === 0 ? granules + L.STAGGER_BYTES / L.GRANULE_SIZE : granules;
}

export function auditBlocks(view: HeapView): Blocks {
  const blocks: Block[] = [];
  const free = new Set<number>();
  const liveOf = new Map<number, number>();
  const listed = classLists(view);
  const spare = new Map<number, number>();
  const openedBy = new Map<number, number>();
  let used = 0;
  if (!view.usedOnly) expectNoGranules(view, 0, view.heapBase);
  for (let index = 0; index < view.spanCount; ) {
    const span = view.spanTable + index * L.SPAN_RECORD_SIZE;
    const base = view.heapBase + index * L.SPAN_BYTES;
    const kind = view.word(span + L.SPAN_KIND);
    let run = 1;
    if (kind === L.SPAN_FREE) {
      view.expect(index >= view.word(L.H_SPAN_HINT), span, "free span below the hint");
      expectNoGranules(view, base, base + L.SPAN_BYTES);
    } else if (kind === L.SPAN_LARGE) {
      run = largeSpans(view, index, span, blocks);
      liveOf.set(span, 1);
      used += run;
    } else if (kind >= L.SPAN_SMALL && kind < L.SPAN_SMALL + L.SIZE_CLASSES) {
      smallSpan(view, span, base, kind - L.SPAN_SMALL, blocks, free);
      const live = view.word(span + L.SPAN_LIVE);
      liveOf.set(span, live);
      if (live === 0) spare.set(kind, (spare.get(kind) ?? 0) + 1);
      const room = live < view.word(span + L.SPAN_CAPACITY);
      view.expect(room === listed.has(span), span, room ? "has a free block and is in no list" : "is full and in its class's list");
      const opener = view.word(span + L.SPAN_OPENER);
      if (room) openedBy.set(opener, (openedBy.get(opener) ?? 0) + 1);
      used += 1;
    } else {
      view.expect(false, span, `unknown kind ${kind}`);
    }
    index += run;
  }
  for (const [kind, count] of spare)
    view.expect(count === 1, L.H_CLASS_HEADS + (kind - L.SPAN_SMALL) * 4, `${count} spare spans in one class`);
  view.expect(used === view.word(L.H_SPANS_USED), L.H_SPANS_USED, `${used} spans are in use`);
  const spares = [...spare.values()].reduce((sum, count) => sum + count, 0);
  view.expect(spares === view.word(L.H_SPANS_EMPTY), L.H_SPANS_EMPTY, `${spares} spans are spare`);
  return { blocks, free, liveOf, openedBy };
}

/** All spans that stand in their class's list. */
function classLists(view: HeapView): Set<number> {
  const listed = new Set<number>();
  const end = view.spanTable + view.spanCount * L.SPAN_RECORD_SIZE;
  for (let sizeClass = 0; sizeClass < L.SIZE_CLASSES; sizeClass++) {
    let before = 0;
    let span = view.word(L.H_CLASS_HEADS + sizeClass * 4);
    while (span !== 0) {
      if (listed.has(span) || span < view.spanTable || span >= end || (span - view.spanTable) % L.SPAN_RECORD_SIZE !== 0) {
        view.expect(false, span, `broken list of size class ${sizeClass}`);
        break;
      }
      listed.add(span);
      view.expect(view.word(span + L.SPAN_KIND) === L.SPAN_SMALL + sizeClass, span, `in the list of size class ${sizeClass}`);
      view.expect(view.word(span + L.SPAN_PREV) === before, span, "previous span in the list is another");
      before = span;
      span = view.word(span + L.SPAN_NEXT);
    }
  }
  return listed;
}

function smallSpan(view: HeapView, span: number, base: number, sizeClass: number, blocks: Block[], free: Set<number>): void {
  const granules = CLASS_GRANULES[sizeClass] ?? 0;
  const stride = strideOf(granules) * L.GRANULE_SIZE;
  const capacity = Math.floor(L.SPAN_BYTES / stride);
  const cut = view.word(span + L.SPAN_CUT);
  const live = view.word(span + L.SPAN_LIVE);
  view.expect(view.word(span + L.SPAN_CAPACITY) === capacity, span, `capacity is not ${capacity}`);
  view.expect(cut <= capacity && live <= cut, span, `${live} live of ${cut} cut of ${capacity} blocks`);
  const own = new Set<number>();
  for (let i = 0; i < Math.min(cut, capacity); i++) {
    const start = base + i * stride;
    const entry = view.granule(start);
    own.add(entry);
    blocks.push({ entry, base: start, granules, sizeClass, span });
    expectGranules(view, start, granules, entry);
    expectNoGranules(view, start + granules * L.GRANULE_SIZE, start + stride);
  }
  expectNoGranules(view, base + Math.min(cut, capacity) * stride, base + L.SPAN_BYTES);
  let count = 0;
  for (let entry = view.word(span + L.SPAN_BLOCKS); entry !== 0; entry = view.word(entry + L.ENTRY_TYPE)) {
    if (!own.has(entry) || free.has(entry)) {
      view.expect(false, span, `its free list holds 0x${entry.toString(16)}`);
      break;
    }
    free.add(entry);
    count += 1;
  }
  view.expect(count === cut - live, span, `${count} free blocks in the list, ${cut - live} by the counters`);
}

/** Returns the number of spans that the object covers. */
function largeSpans(view: HeapView, index: number, span: number, blocks: Block[]): number {
  const run = view.word(span + L.SPAN_CAPACITY);
  const entry = view.word(span + L.SPAN_BLOCKS);
  const start = view.heapBase + index * L.SPAN_BYTES;
  if (run === 0 || index + run > view.spanCount || !view.isEntry(entry)) {
    view.expect(false, span, `large object of ${run} spans with entry 0x${entry.toString(16)}`);
    return 1;
  }
  for (let i = 1; i < run; i++) {
    const tail = span + i * L.SPAN_RECORD_SIZE;
    view.expect(view.word(tail + L.SPAN_KIND) === L.SPAN_TAIL, tail, "not marked as part of the large object before it");
  }
  const base = view.word(entry + L.ENTRY_BASE);
  const granules = Math.ceil(view.word(entry + L.ENTRY_BYTES) / L.GRANULE_SIZE);
  const end = base + granules * L.GRANULE_SIZE;
  const fits = base > start && base % L.GRANULE_SIZE === 0 && end <= start + run * L.SPAN_BYTES && granules > L.MAX_SMALL_GRANULES;
  view.expect(fits, entry, "large object outside its spans");
  if (!fits) return run;
  blocks.push({ entry, base, granules, sizeClass: undefined, span });
  expectNoGranules(view, start, base);
  expectGranules(view, base, granules, entry);
  expectNoGranules(view, end, start + run * L.SPAN_BYTES);
  return run;
}

function expectGranules(view: HeapView, base: number, granules: number, entry: number): void {
  view.expect(view.isEntry(entry), base, `granule table names 0x${entry.toString(16)}, which is no entry`);
  const first = (L.GRANULES >>> 2) + (base >>> L.GRANULE_SHIFT);
  for (let i = first; i < first + granules; i++) {
    if (view.u32[i] !== entry) view.expect(false, i * 4, `granule of 0x${entry.toString(16)} names another entry`);
  }
}

function expectNoGranules(view: HeapView, from: number, to: number): void {
  const first = (L.GRANULES >>> 2) + (from >>> L.GRANULE_SHIFT);
  const end = (L.GRANULES >>> 2) + (to >>> L.GRANULE_SHIFT);
  for (let i = first; i < end; i++) {
    if (view.u32[i] !== 0) view.expect(false, i * 4, "granule without an object names an entry");
  }
}
