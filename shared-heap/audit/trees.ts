/**
 * Trees: every child is in its parent's list exactly once and is of the same owner, every list is sound in both directions,
 * and nobody is his own ancestor. Called by ../audit.ts; reads only.
 */
import * as L from "../layout.ts";
import type { HeapView } from "./view.ts";

/** The words that are 0 in an entry without an object. */
export const TREE_WORDS: readonly number[] = [L.ENTRY_PARENT, L.ENTRY_FIRST, L.ENTRY_LAST, L.ENTRY_NEXT, L.ENTRY_PREV];

export function auditTrees(view: HeapView, live: readonly number[]): void {
  const alive = new Set(live);
  const listed = new Set<number>();
  for (const entry of live) {
    const first = view.word(entry + L.ENTRY_FIRST);
    if (first !== 0) children(view, entry, first, alive, listed);
    else view.expect(view.word(entry + L.ENTRY_LAST) === 0, entry, "has a last child and no first");
  }
  for (const entry of live) {
    const isChild = view.word(entry + L.ENTRY_PARENT) !== 0;
    view.expect(isChild === listed.has(entry), entry, isChild ? "is not in its parent's list" : "a root in a list of children");
    const neighbours = view.word(entry + L.ENTRY_NEXT) | view.word(entry + L.ENTRY_PREV);
    view.expect(isChild || neighbours === 0, entry, "a root with neighbours");
  }
  circles(view, live, alive);
}

function children(view: HeapView, parent: number, first: number, alive: ReadonlySet<number>, listed: Set<number>): void {
  const owner = (view.word(parent + L.ENTRY_OWNER) & L.OWNER_MASK) >>> 0;
  let prev = 0;
  for (let entry = first; entry !== 0; prev = entry, entry = view.word(entry + L.ENTRY_NEXT)) {
    if (!alive.has(entry) || listed.has(entry)) {
      view.expect(false, parent, `its list of children holds 0x${entry.toString(16)}`);
      return;
    }
    listed.add(entry);
    view.expect(view.word(entry + L.ENTRY_PARENT) === parent, entry, `not a child of 0x${parent.toString(16)}, which lists it`);
    view.expect(view.word(entry + L.ENTRY_PREV) === prev, entry, "names another neighbour before it");
    view.expect((view.word(entry + L.ENTRY_OWNER) & L.OWNER_MASK) >>> 0 === owner, entry, "child of another owner's object");
  }
  view.expect(view.word(parent + L.ENTRY_LAST) === prev, parent, `its last child is not 0x${prev.toString(16)}`);
}

/** Every way up ends at a root, or at an entry of which that is known. */
function circles(view: HeapView, live: readonly number[], alive: ReadonlySet<number>): void {
  const ends = new Set<number>();
  for (const start of live) {
    const way: number[] = [];
    const passed = new Set<number>();
    for (let entry = start; !ends.has(entry); entry = view.word(entry + L.ENTRY_PARENT)) {
      if (entry === 0 || !alive.has(entry)) break;
      if (passed.has(entry)) {
        view.expect(false, entry, "is its own ancestor");
        break;
      }
      passed.add(entry);
      way.push(entry);
      if (view.word(entry + L.ENTRY_PARENT) === 0) break;
    }
    for (const entry of way) ends.add(entry);
  }
}
