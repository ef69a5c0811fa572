/**
 * Who has what on the shared heap: plain numbers for a person or a file, read from the tables at one moment.
 * Called at a run's end, at a domain's death and by tools, between operations. Must never write, nor call an export: a report of
 * a broken heap is wanted most of all, so every walk is bounded and nothing is believed to be consistent (`audit.ts` judges that).
 */
import * as L from "./layout.ts";

export interface ObjectReport {
  readonly base: number;
  readonly owner: number;
  readonly type: number;
  readonly bytes: number;
  /** How many objects had been born when this one was, itself included. */
  readonly birth: number;
}

export interface TypeReport {
  readonly type: number;
  readonly objects: number;
  /** What the owner is charged: sizes rounded up to 64 bytes. */
  readonly bytes: number;
}

export interface DomainReport {
  readonly id: number;
  readonly objects: number;
  readonly bytes: number;
  /** Absent for the kernel, whose quota is above any heap. */
  readonly quota?: { readonly objects: number; readonly bytes: number };
  /** Objects that no other object owns. */
  readonly roots: number;
  readonly pinned: number;
  /** Largest share of bytes first. */
  readonly types: readonly TypeReport[];
  readonly oldest?: ObjectReport;
}

export interface LentReport extends ObjectReport {
  /** The owner is dead; the object goes with the last of these. */
  readonly isOrphan: boolean;
  readonly readers: readonly { readonly id: number; readonly borrows: number }[];
}

export interface FragmentationReport {
  /** Spans of 64 KiB: all, those of a size class or a large object, and of these those without a live object. */
  readonly spans: number;
  readonly spansUsed: number;
  readonly spansSpare: number;
  /** Of the bytes in used spans, the share that no object was charged with: 0 = none. */
  readonly unusedShare: number;
  /** The largest object that finds neighbouring free spans now. */
  readonly largestFreeBytes: number;
}

export interface HeapReport {
  readonly memoryBytes: number;
  /** For objects: what the tables leave. */
  readonly heapBytes: number;
  readonly objects: number;
  readonly bytes: number;
  /** Objects born so far. */
  readonly births: number;
  readonly orphans: number;
  /** Those that own something or live; largest share of bytes first. */
  readonly domains: readonly DomainReport[];
  readonly borrows: { readonly outstanding: number; readonly lent: readonly LentReport[] };
  readonly fragmentation: FragmentationReport;
  readonly oldest?: ObjectReport;
}

interface Holdings {
  objects: number;
  bytes: number;
  roots: number;
  pinned: number;
  readonly types: Map<number, { objects: number; bytes: number }>;
  oldest: ObjectReport | undefined;
}

type Words = (offset: number) => number;

export function heapReport({ u32 }: { readonly u32: Uint32Array }): HeapReport {
  const word: Words = (offset) => u32[offset >>> 2] ?? 0;
  const holdings = new Map<number, Holdings>();
  const lent: LentReport[] = [];
  const readers = readersByEntry(word);
  for (let entry = word(L.H_OBJECT_TABLE); entry < Math.min(word(L.H_ENTRY_FRESH), u32.byteLength); entry += L.ENTRY_SIZE) {
    const owner = word(entry + L.ENTRY_OWNER);
    if (owner === 0) continue;
    const object = objectOf(word, entry);
    add(holdings, word, entry, object);
    if (owner >= L.LENT) lent.push({ ...object, isOrphan: word(entry + L.ENTRY_PINS) >= L.ORPHAN, readers: readers.get(entry) ?? [] });
  }
  for (let slot = 0; slot < Math.min(word(L.H_SLOT_HIGH), L.DOMAIN_SLOTS); slot++) {
    const id = word(L.DOMAINS + slot * L.DOMAIN_SIZE + L.DOMAIN_ID);
    if (id !== 0 && !holdings.has(id)) holdings.set(id, nothing());
  }
  const domains = [...holdings].map(([id, held]) => domainReport(word, id, held)).toSorted((a, b) => b.bytes - a.bytes || a.id - b.id);
  return {
    memoryBytes: u32.byteLength,
    heapBytes: word(L.H_HEAP_END) - word(L.H_HEAP_BASE),
    objects: domains.reduce((sum, { objects }) => sum + objects, 0),
    bytes: domains.reduce((sum, { bytes }) => sum + bytes, 0),
    births: long(word, L.H_BIRTHS),
    orphans: word(L.H_ORPHANS),
    domains,
    borrows: { outstanding: word(L.H_BORROWS_LIVE), lent },
    fragmentation: fragmentation(word),
    ...withOldest(domains.map((domain) => domain.oldest)),
  };
}

function nothing(): Holdings {
  return { objects: 0, bytes: 0, roots: 0, pinned: 0, types: new Map(), oldest: undefined };
}

function objectOf(word: Words, entry: number): ObjectReport {
  return {
    base: word(entry + L.ENTRY_BASE),
    owner: (word(entry + L.ENTRY_OWNER) & L.OWNER_MASK) >>> 0,
    type: word(entry + L.ENTRY_TYPE),
    bytes: word(entry + L.ENTRY_BYTES),
    birth: long(word, entry + L.ENTRY_BIRTH),
  };
}

function add(holdings: Map<number, Holdings>, word: Words, entry: number, object: ObjectReport): void {
  const held = holdings.get(object.owner) ?? nothing();
  holdings.set(object.owner, held);
  const bytes = Math.ceil(object.bytes / L.GRANULE_SIZE) * L.GRANULE_SIZE;
  const ofType = held.types.get(object.type) ?? { objects: 0, bytes: 0 };
  held.types.set(object.type, { objects: ofType.objects + 1, bytes: ofType.bytes + bytes });
  held.objects += 1;
  held.bytes += bytes;
  if (word(entry + L.ENTRY_PARENT) === 0) held.roots += 1;
  if ((word(entry + L.ENTRY_PINS) & ~L.ORPHAN) !== 0) held.pinned += 1;
  if (held.oldest === undefined || object.birth < held.oldest.birth) held.oldest = object;
}

function domainReport(word: Words, id: number, { objects, bytes, roots, pinned, types, oldest }: Holdings): DomainReport {
  const record = L.DOMAINS + (id & L.DOMAIN_SLOT_MASK) * L.DOMAIN_SIZE;
  const quota = { objects: word(record + L.DOMAIN_MAX_OBJECTS), bytes: word(record + L.DOMAIN_MAX_BYTES) };
  return {
    id,
    objects,
    bytes,
    ...(id === L.KERNEL_ID ? {} : { quota }),
    roots,
    pinned,
    types: [...types].map(([type, sums]) => ({ type, ...sums })).toSorted((a, b) => b.bytes - a.bytes || a.type - b.type),
    ...withOldest([oldest]),
  };
}

/** Who borrows what, by entry. An owner's own node counts one borrow more than he has. */
function readersByEntry(word: Words): Map<number, { id: number; borrows: number }[]> {
  const all = new Map<number, { id: number; borrows: number }[]>();
  for (let node = L.BORROWS; node < Math.min(word(L.H_BORROW_HIGH), L.BORROW_END); node += L.BORROW_SIZE) {
    const id = word(node + L.BORROW_READER);
    if (id === 0) continue;
    const entry = word(node + L.BORROW_ENTRY);
    const isOwner = (word(entry + L.ENTRY_OWNER) & L.OWNER_MASK) >>> 0 === id && word(entry + L.ENTRY_PINS) < L.ORPHAN;
    const borrows = (word(node + L.BORROW_COUNT) & 0xffff) - (isOwner ? 1 : 0);
    const readers = all.get(entry) ?? [];
    if (borrows > 0) readers.push({ id, borrows });
    all.set(entry, readers);
  }
  return all;
}

function fragmentation(word: Words): FragmentationReport {
  const spans = Math.min(word(L.H_SPAN_COUNT), L.MAX_HEAP_BYTES / L.SPAN_BYTES);
  const spansUsed = word(L.H_SPANS_USED);
  let [run, longest] = [0, 0];
  for (let i = 0; i < spans; i++) {
    run = word(word(L.H_SPAN_TABLE) + i * L.SPAN_RECORD_SIZE + L.SPAN_KIND) === L.SPAN_FREE ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  // A large object's start is shifted by at most STAGGER_STEPS steps.
  const largest = longest * L.SPAN_BYTES - L.STAGGER_STEPS * L.STAGGER_BYTES;
  return {
    spans,
    spansUsed,
    spansSpare: word(L.H_SPANS_EMPTY),
    unusedShare: spansUsed === 0 ? 0 : 1 - word(L.H_LIVE_BYTES) / (spansUsed * L.SPAN_BYTES),
    largestFreeBytes: Math.max(0, Math.min(largest, L.MAX_OBJECT_BYTES)),
  };
}

function withOldest(objects: readonly (ObjectReport | undefined)[]): { readonly oldest?: ObjectReport } {
  let oldest: ObjectReport | undefined;
  for (const object of objects) if (object !== undefined && (oldest === undefined || object.birth < oldest.birth)) oldest = object;
  return oldest === undefined ? {} : { oldest };
}

function long(word: Words, offset: number): number {
  return word(offset) + word(offset + 4) * 0x100000000;
}
