/**
 * Several CPUs on one heap: the lock that every change of the tables is made under but that of what hangs on what (see `trees.ts`), and when a
 * row may be used again.
 * Called by every export that changes something, and by `readers.ts`.
 *
 * Until `share` there is one CPU, and the lock costs a load and a branch. There is one lock and no other, so there is no order
 * of locks to keep; who has it is inside a leaf function that neither waits nor calls, so it is given back.
 *
 * The guard takes no lock. On another CPU it may stand between two of its loads, with an object's row in its hands, for as long
 * as that CPU is not inside an export. No domain's rights change but on its own CPU, so what was in its hands can still only
 * lead where it has a right, with one exception: an object whose row changes because it gets another reader. The row that it
 * leaves keeps its nodes, and a row that such an object left, or came to, is used again only when every CPU has been
 * inside an export since: then no guard can have it in its hands. Of two collections in a row the second proves that; the CPUs
 * that the first has seen may have called before the row was retired.
 *
 *   retire ──▶ now ──all CPUs seen──▶ before ──all CPUs seen──▶ free again
 */
import { BORROWS, borrowAt, CPU_MAX, Header, header, LOCK, RETIRED_ROW, ROW_LINKS, RowLink, STATUS_OK, STATUS_REFUSED } from "./layout";

/** The bit of the CPU that this instance works for, 0 = none: a thread that runs no domain. */
let cpuBit: u32 = 0;

export class Lock {
  @inline
  static take(): void {
    const h = header();
    if (h.isShared == 0) return;
    while (atomic.cmpxchg<u32>(LOCK, 0, 1) != 0) {
      while (atomic.load<u32>(LOCK) != 0) {}
    }
    // Written only where it changes: all CPUs read what lies beside it, at every put and take.
    if ((h.seen & cpuBit) != cpuBit) h.seen |= cpuBit;
  }

  @inline
  static give(): void {
    if (header().isShared != 0) atomic.store<u32>(LOCK, 0);
  }
}

export class Retired {
  /** A row that no entry names any more, with the nodes that guards may still look for in it. */
  @inline
  static row(h: Header, row: u32, nodes: u32): void {
    const link = Retired.linkOf(row);
    link.next = h.rowsNow;
    link.nodes = nodes;
    borrowAt(BORROWS + row).row = <u16>RETIRED_ROW;
    h.rowsNow = row;
  }

  @inline
  static linkOf(row: u32): RowLink {
    return changetype<RowLink>(ROW_LINKS + (row >> 1));
  }

  /** Called where a row is wanted: one step of what is retired towards being free, if every CPU has been seen. */
  @inline
  static collect(h: Header): void {
    if (h.isShared == 0 || (h.seen & h.cpus) != h.cpus) return;
    if ((h.rowsNow | h.rowsBefore) == 0) return;
    let row = h.rowsBefore;
    while (row != 0) {
      const link = Retired.linkOf(row);
      let nodeOff = link.nodes;
      while (nodeOff != 0) {
        const node = borrowAt(nodeOff);
        nodeOff = node.next;
        node.reader = 0;
        node.next = 0;
        node.entry = 0;
        node.count = 0;
      }
      borrowAt(BORROWS + row).row = 0;
      row = link.next;
      link.next = 0;
      link.nodes = 0;
    }
    h.rowsBefore = h.rowsNow;
    h.rowsNow = 0;
    h.seen = cpuBit;
  }
}

/** From now on other CPUs may call: before the memory is given to another thread, by the one that created the heap. */
export function share(): u32 {
  header().isShared = 1;
  return STATUS_OK;
}

/** This instance works for a CPU that runs domains from now on. Refused: not shared, no such CPU, one works for it. */
export function cpuEnter(cpu: u32): u32 {
  const h = header();
  if (h.isShared == 0 || cpu >= CPU_MAX || cpuBit != 0) return STATUS_REFUSED;
  let code = STATUS_REFUSED;
  Lock.take();
  if ((h.cpus & (1 << cpu)) == 0) {
    cpuBit = 1 << cpu;
    h.cpus |= cpuBit;
    h.seen |= cpuBit;
    code = STATUS_OK;
  }
  Lock.give();
  return code;
}

/** The CPU runs no domain until it enters again: nothing waits for it. */
export function cpuLeave(): u32 {
  const h = header();
  if (cpuBit == 0) return STATUS_REFUSED;
  Lock.take();
  h.cpus &= ~cpuBit;
  cpuBit = 0;
  Lock.give();
  return STATUS_OK;
}
