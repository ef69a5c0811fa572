/**
 * Is the shared heap consistent? Reads every table itself, from the layout alone, and shares no code with the allocator.
 * Called by tests after every few operations and by the host at the end of a run, between operations (never during one).
 * Must never write, and must come to an end on any contents: every walk is bounded by the size of its table.
 *
 *   header and spans ──▶ which blocks exist and what the granule table must hold      audit/blocks.ts
 *   entries          ──▶ what each is: live, free block, spare; owners' accounts      audit/objects.ts
 *   borrow nodes     ──▶ rows, lists, LENT bits                                       audit/borrows.ts
 *   tree words       ──▶ lists of children, one owner per tree, no circles             audit/trees.ts
 */
import { auditBlocks } from "./audit/blocks.ts";
import { auditBorrows } from "./audit/borrows.ts";
import { auditObjects } from "./audit/objects.ts";
import { auditTrees } from "./audit/trees.ts";
import { HeapView } from "./audit/view.ts";
import * as L from "./layout.ts";

export interface HeapAudit {
  readonly ok: boolean;
  /** One line each, with the byte offset of what is wrong; the first hundred. */
  readonly problems: readonly string[];
  readonly liveObjects: number;
  /** By owner id: how many objects, and the bytes that they are charged with. */
  readonly byOwner: ReadonlyMap<number, { readonly objects: number; readonly bytes: number }>;
}

export interface AuditOptions {
  /**
   * Leaves out what was never used, by the heap's own marks: a fraction of the time, for tests that audit after every operation and
   * look at everything now and then.
   */
  readonly usedOnly?: boolean;
}

export function auditHeap(heap: { readonly u32: Uint32Array }, options: AuditOptions = {}): HeapAudit {
  const view = new HeapView(heap.u32, options.usedOnly ?? false);
  if (!auditHeader(view)) return { ok: false, problems: view.problems, liveObjects: 0, byOwner: new Map() };
  const blocks = auditBlocks(view);
  const { live, byOwner } = auditObjects(view, blocks);
  auditBorrows(view, live);
  auditTrees(view, live);
  return { ok: view.problems.length === 0, problems: view.problems, liveObjects: live.length, byOwner };
}

/** The bounds that everything else relies on; without them there is nothing to audit. */
function auditHeader(view: HeapView): boolean {
  const { bytes, heapBase, heapEnd, objectTable, spanTable, spanCount, maxObjects } = view;
  view.expect(view.word(L.H_MAGIC) === L.MAGIC, L.H_MAGIC, "no heap here: wrong magic");
  view.expect(view.word(L.H_VERSION) === L.LAYOUT_VERSION, L.H_VERSION, "layout of another version");
  view.expect(heapEnd === bytes, L.H_HEAP_END, `heap ends at ${heapEnd}, the memory at ${bytes}`);
  view.expect(
    objectTable === L.GRANULES + (bytes / L.GRANULE_SIZE) * 4,
    L.H_OBJECT_TABLE,
    "object table does not follow the granule table",
  );
  view.expect(maxObjects === bytes / L.BYTES_PER_ENTRY, L.H_MAX_OBJECTS, "object table of another size");
  view.expect(spanTable === objectTable + maxObjects * L.ENTRY_SIZE, L.H_SPAN_TABLE, "span table does not follow the object table");
  view.expect(
    heapBase % L.SPAN_BYTES === 0 && heapBase >= spanTable + spanCount * L.SPAN_RECORD_SIZE,
    L.H_HEAP_BASE,
    "objects overlap the tables",
  );
  view.expect(heapBase + spanCount * L.SPAN_BYTES === heapEnd, L.H_SPAN_COUNT, "spans do not fill the heap");
  view.expect(view.word(L.LOCK) === 0, L.LOCK, "a CPU is changing the tables, or ended while it did");
  const fresh = view.word(L.H_ENTRY_FRESH);
  view.expect(fresh >= objectTable && fresh <= spanTable && fresh % L.ENTRY_SIZE === 0, L.H_ENTRY_FRESH, "outside the object table");
  const sound = view.problems.length === 0;
  for (let offset = 0; offset < L.H_MAGIC; offset += 4) {
    view.expect(view.word(offset) === 0, offset, "the null entry is not zero");
  }
  return sound;
}
