/**
 * Entries and accounts: every entry is exactly one of a live object, a free block or a spare entry; owners exist; each
 * domain's account is the sum of what it owns. Called by ../audit.ts; reads only.
 */
import * as L from "../layout.ts";
import { type Block, type Blocks, CLASS_GRANULES } from "./blocks.ts";
import { TREE_WORDS } from "./trees.ts";
import type { HeapView } from "./view.ts";

interface Account {
  objects: number;
  bytes: number;
}

export interface Objects {
  /** Entries of live objects. */
  readonly live: readonly number[];
  readonly byOwner: ReadonlyMap<number, Readonly<Account>>;
}

export function auditObjects(view: HeapView, { blocks, free, liveOf, openedBy }: Blocks): Objects {
  const live: number[] = [];
  const seen = new Set<number>();
  const byOwner = new Map<number, Account>();
  const liveIn = new Map<number, number>();
  let bytes = 0;
  let orphans = 0;
  for (const block of blocks) {
    const { entry, span } = block;
    if (!view.isEntry(entry)) continue; // reported with the granules
    view.expect(!seen.has(entry), entry, "names two blocks");
    seen.add(entry);
    view.expect(view.word(entry + L.ENTRY_BASE) === block.base, entry, `base is not 0x${block.base.toString(16)}`);
    const owner = (view.word(entry + L.ENTRY_OWNER) & L.OWNER_MASK) >>> 0;
    if (view.word(entry + L.ENTRY_OWNER) === 0) {
      freeBlock(view, entry, free);
      continue;
    }
    live.push(entry);
    liveIn.set(span, (liveIn.get(span) ?? 0) + 1);
    const charge = liveBlock(view, block, owner, free);
    if (view.word(entry + L.ENTRY_PINS) >= L.ORPHAN) orphans += 1;
    const account = byOwner.get(owner) ?? { objects: 0, bytes: 0 };
    account.objects += 1;
    account.bytes += charge;
    bytes += charge;
    byOwner.set(owner, account);
  }
  for (const [span, count] of liveOf)
    view.expect((liveIn.get(span) ?? 0) === count, span, `has ${liveIn.get(span) ?? 0} live blocks, not ${count}`);
  spareEntries(view, seen);
  accounts(view, byOwner, openedBy);
  view.expect(view.word(L.H_LIVE_OBJECTS) === live.length, L.H_LIVE_OBJECTS, `${live.length} objects live`);
  view.expect(view.word(L.H_LIVE_BYTES) === bytes, L.H_LIVE_BYTES, `objects of ${bytes} bytes live`);
  view.expect(view.word(L.H_ORPHANS) === orphans, L.H_ORPHANS, `${orphans} orphans live`);
  return { live, byOwner };
}

function freeBlock(view: HeapView, entry: number, free: ReadonlySet<number>): void {
  view.expect(free.has(entry), entry, "has no owner and is in no free list");
  const claims = view.word(entry + L.ENTRY_READERS) | view.word(entry + L.ENTRY_PINS) | view.word(entry + L.ENTRY_ROW);
  view.expect(claims === 0, entry, "free, and still borrowed or pinned");
  noTree(view, entry);
}

function noTree(view: HeapView, entry: number): void {
  const words = TREE_WORDS.reduce((all, offset) => all | view.word(entry + offset), 0);
  view.expect(words === 0, entry, "no object, and still in a tree");
}

/** Returns what the owner is charged. */
function liveBlock(view: HeapView, block: Block, owner: number, free: ReadonlySet<number>): number {
  const { entry, granules, sizeClass } = block;
  view.expect(!free.has(entry), entry, "has an owner and is in a free list");
  const record = L.DOMAINS + (owner & L.DOMAIN_SLOT_MASK) * L.DOMAIN_SIZE;
  view.expect(view.word(record + L.DOMAIN_ID) === owner, entry, `owner 0x${owner.toString(16)} does not exist`);
  const size = view.word(entry + L.ENTRY_BYTES);
  const needed = Math.ceil(size / L.GRANULE_SIZE);
  const smaller = sizeClass === undefined ? L.MAX_SMALL_GRANULES : (CLASS_GRANULES[sizeClass - 1] ?? 0);
  view.expect(
    size <= L.MAX_OBJECT_BYTES && needed <= granules && needed > smaller,
    entry,
    `size ${size} in a block of ${granules} granules`,
  );
  const birth = view.long(entry + L.ENTRY_BIRTH);
  view.expect(birth > 0 && birth <= view.long(L.H_BIRTHS), entry, `birth ${birth} has not been`);
  const pins = view.word(entry + L.ENTRY_PINS);
  if (pins >= L.ORPHAN) {
    const claimed = pins > L.ORPHAN || view.word(entry + L.ENTRY_ROW) !== 0;
    view.expect(owner === L.KERNEL_ID && claimed, entry, "an orphan that is not the kernel's, or that nobody needs");
  }
  return needed * L.GRANULE_SIZE;
}

/** Entries that no block names must be exactly those of the header's list. */
function spareEntries(view: HeapView, seen: ReadonlySet<number>): void {
  const spare = new Set<number>();
  for (let entry = view.word(L.H_ENTRY_FREE); entry !== 0; entry = view.word(entry + L.ENTRY_TYPE)) {
    if (!view.isEntry(entry) || spare.has(entry) || seen.has(entry)) {
      view.expect(false, L.H_ENTRY_FREE, `the list of spare entries holds 0x${entry.toString(16)}`);
      break;
    }
    spare.add(entry);
    const words = view.word(entry + L.ENTRY_OWNER) | view.word(entry + L.ENTRY_BASE) | view.word(entry + L.ENTRY_READERS);
    const claims = view.word(entry + L.ENTRY_PINS) | view.word(entry + L.ENTRY_ROW);
    view.expect((words | claims) === 0, entry, "spare entry with an owner, a block or a reader");
    noTree(view, entry);
  }
  const total = (view.entryFresh - view.objectTable) / L.ENTRY_SIZE;
  const known = spare.size + seen.size;
  view.expect(known === total, view.objectTable, `${total} entries in use, ${known} of them known`);
}

function accounts(view: HeapView, byOwner: ReadonlyMap<number, Account>, openedBy: ReadonlyMap<number, number>): void {
  const high = view.word(L.H_SLOT_HIGH);
  for (let slot = 0; slot < (view.usedOnly ? high : L.DOMAIN_SLOTS); slot++) {
    const record = L.DOMAINS + slot * L.DOMAIN_SIZE;
    const id = view.word(record + L.DOMAIN_ID);
    const objects = view.word(record + L.DOMAIN_OBJECTS_USED);
    const bytes = view.word(record + L.DOMAIN_BYTES_USED);
    const openSpans = view.word(record + L.DOMAIN_OPEN_SPANS);
    if (id === 0) {
      view.expect(objects === 0 && bytes === 0 && openSpans === 0, record, "closed account is not empty");
      continue;
    }
    view.expect(slot < high, record, `slot ${slot} is open, and the mark says ${high}`);
    view.expect((id & L.DOMAIN_SLOT_MASK) === slot && id < L.LENT, record, `id 0x${id.toString(16)} in slot ${slot}`);
    const account = byOwner.get(id) ?? { objects: 0, bytes: 0 };
    view.expect(account.objects === objects, record, `account says ${objects} objects, it owns ${account.objects}`);
    view.expect(account.bytes === bytes, record, `account says ${bytes} bytes, it owns ${account.bytes}`);
    const opened = openedBy.get(id) ?? 0;
    view.expect(opened === openSpans, record, `account says ${openSpans} spans with a free block, it opened ${opened}`);
    const within = objects <= view.word(record + L.DOMAIN_MAX_OBJECTS) && bytes <= view.word(record + L.DOMAIN_MAX_BYTES);
    view.expect(within, record, "owns more than its quota");
  }
}
