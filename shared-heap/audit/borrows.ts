/**
 * Borrow nodes: every lent object has a row of its own with a node per reader in the right place, a list of exactly these
 * nodes, and the LENT bit; nothing else is in the table. Called by ../audit.ts; reads only.
 */
import * as L from "../layout.ts";
import type { HeapView } from "./view.ts";

export function auditBorrows(view: HeapView, live: readonly number[]): void {
  const rows = new Set<number>();
  const nodes = new Set<number>();
  let borrows = 0;
  for (const entry of live) {
    const lent = view.word(entry + L.ENTRY_OWNER) >= L.LENT;
    const row = view.word(entry + L.ENTRY_ROW);
    const first = view.word(entry + L.ENTRY_READERS);
    view.expect(
      lent === (row !== 0) && lent === (first !== 0),
      entry,
      `lent: ${lent}, row 0x${row.toString(16)}, first node 0x${first.toString(16)}`,
    );
    if (row === 0 && first === 0) continue;
    const sound = row >= L.FIRST_ROW && row <= L.LAST_ROW && row % L.BORROW_SIZE === 0 && !rows.has(row);
    view.expect(sound, entry, `row 0x${row.toString(16)} is no row, or another object's too`);
    if (!sound) continue;
    rows.add(row);
    borrows += objectsReaders(view, entry, row, nodes);
  }
  retiredRows(view, rows, nodes);
  wholeTable(view, rows, nodes);
  view.expect(view.word(L.H_BORROWS_LIVE) === borrows, L.H_BORROWS_LIVE, `${borrows} borrows have not ended`);
}

/** Returns the number of the object's borrows. */
function objectsReaders(view: HeapView, entry: number, row: number, nodes: Set<number>): number {
  const orphan = view.word(entry + L.ENTRY_PINS) >= L.ORPHAN;
  const owner = (view.word(entry + L.ENTRY_OWNER) & L.OWNER_MASK) >>> 0;
  let count = 0;
  let ownersNode = false;
  for (let node = view.word(entry + L.ENTRY_READERS); node !== 0; node = view.word(node + L.BORROW_NEXT)) {
    if (node < L.BORROWS + row || node >= L.BORROW_END || node % L.BORROW_SIZE !== 0 || nodes.has(node)) {
      view.expect(false, entry, `its list of readers holds 0x${node.toString(16)}`);
      break;
    }
    nodes.add(node);
    const reader = view.word(node + L.BORROW_READER);
    const slot = reader & L.DOMAIN_SLOT_MASK;
    view.expect(node === L.BORROWS + row + slot * L.BORROW_SIZE, node, `not the place of reader 0x${reader.toString(16)}`);
    view.expect(view.word(node + L.BORROW_ENTRY) === entry, node, "names another object");
    view.expect(
      view.word(L.DOMAINS + slot * L.DOMAIN_SIZE + L.DOMAIN_ID) === reader && reader !== 0,
      node,
      `reader 0x${reader.toString(16)} does not exist`,
    );
    view.expect(view.half(node + L.BORROW_COUNT) > 0, node, "counts no borrow");
    count += view.half(node + L.BORROW_COUNT);
    if (reader === owner) ownersNode = true;
  }
  if (!orphan) {
    view.expect(ownersNode, entry, "the owner of a lent object has no node");
    count -= 1;
  }
  view.expect(view.half(L.BORROWS + row + L.BORROW_ROW) === count && count > 0, L.BORROWS + row, `row's object has ${count} borrows`);
  return count;
}

/** Rows that no object has any more and none may have yet, with the nodes that are kept for guards on other CPUs. */
function retiredRows(view: HeapView, rows: Set<number>, nodes: Set<number>): void {
  for (const head of [L.H_ROWS_NOW, L.H_ROWS_BEFORE]) {
    for (let row = view.word(head); row !== 0; row = view.word(linkOf(row) + L.ROW_LINK_NEXT)) {
      if (row < L.FIRST_ROW || row > L.LAST_ROW || row % L.BORROW_SIZE !== 0 || rows.has(row)) {
        view.expect(false, head, `the list of retired rows holds 0x${row.toString(16)}`);
        break;
      }
      rows.add(row);
      view.expect(view.half(L.BORROWS + row + L.BORROW_ROW) === L.RETIRED_ROW, L.BORROWS + row, "row is not marked as retired");
      for (let node = view.word(linkOf(row) + L.ROW_LINK_NODES); node !== 0; node = view.word(node + L.BORROW_NEXT)) {
        const slot = view.word(node + L.BORROW_READER) & L.DOMAIN_SLOT_MASK;
        if (node !== L.BORROWS + row + slot * L.BORROW_SIZE || nodes.has(node)) {
          view.expect(false, L.BORROWS + row, `the retired row's list of nodes holds 0x${node.toString(16)}`);
          break;
        }
        nodes.add(node);
      }
    }
  }
  const retired = view.word(L.H_ROWS_NOW) | view.word(L.H_ROWS_BEFORE);
  view.expect(retired === 0 || view.word(L.H_IS_SHARED) === 1, L.H_ROWS_NOW, "rows are retired and there is one CPU");
  if (view.usedOnly) return;
  for (let row = L.FIRST_ROW; row <= L.LAST_ROW; row += L.BORROW_SIZE) {
    if (view.half(L.BORROWS + row + L.BORROW_ROW) === L.RETIRED_ROW) continue;
    const link = view.word(linkOf(row) + L.ROW_LINK_NEXT) | view.word(linkOf(row) + L.ROW_LINK_NODES);
    view.expect(link === 0, linkOf(row), "link of a row that is not retired");
  }
}

function linkOf(row: number): number {
  return L.ROW_LINKS + (row / L.BORROW_SIZE) * L.ROW_LINK_SIZE;
}

/** Nothing in the table but the rows and nodes that objects use; the null row is a part of it. */
function wholeTable(view: HeapView, rows: ReadonlySet<number>, nodes: ReadonlySet<number>): void {
  const start = view.usedOnly ? L.BORROWS + L.FIRST_ROW : L.BORROWS;
  const end = view.usedOnly ? view.word(L.H_BORROW_HIGH) : L.BORROW_END;
  for (let node = start; node < end; node += L.BORROW_SIZE) {
    const contents =
      view.word(node) | view.word(node + L.BORROW_NEXT) | view.word(node + L.BORROW_ENTRY) | view.half(node + L.BORROW_COUNT);
    view.expect(contents === 0 || nodes.has(node), node, "node of no object");
    view.expect(view.half(node + L.BORROW_ROW) === 0 || rows.has(node - L.BORROWS), node, "row of no object");
    view.expect(!nodes.has(node) || node < view.word(L.H_BORROW_HIGH), node, "in use beyond the high mark");
  }
}
