/**
 * What the audit's steps share: words by byte offset, the bounds from the header, and the list of problems.
 * Used by the files of this folder only; reads and never writes the heap.
 */
import * as L from "../layout.ts";

const MAX_PROBLEMS = 100;

export class HeapView {
  readonly problems: string[] = [];
  readonly u32: Uint32Array;
  /** Whether to leave out what was never used. */
  readonly usedOnly: boolean;
  readonly bytes: number;
  readonly heapBase: number;
  readonly heapEnd: number;
  readonly objectTable: number;
  readonly maxObjects: number;
  readonly entryFresh: number;
  readonly spanTable: number;
  readonly spanCount: number;

  constructor(u32: Uint32Array, usedOnly: boolean) {
    this.u32 = u32;
    this.usedOnly = usedOnly;
    this.bytes = u32.byteLength;
    this.heapBase = this.word(L.H_HEAP_BASE);
    this.heapEnd = this.word(L.H_HEAP_END);
    this.objectTable = this.word(L.H_OBJECT_TABLE);
    this.maxObjects = this.word(L.H_MAX_OBJECTS);
    this.entryFresh = this.word(L.H_ENTRY_FRESH);
    this.spanTable = this.word(L.H_SPAN_TABLE);
    this.spanCount = this.word(L.H_SPAN_COUNT);
  }

  word(offset: number): number {
    return this.u32[offset >>> 2] ?? 0;
  }

  half(offset: number): number {
    const word = this.word(offset & ~3);
    return offset & 2 ? word >>> 16 : word & 0xffff;
  }

  /** A 64-bit count; exact below 2^53, which no heap reaches. */
  long(offset: number): number {
    return this.word(offset) + this.word(offset + 4) * 0x100000000;
  }

  granule(address: number): number {
    return this.word(L.GRANULES + (address >>> L.GRANULE_SHIFT) * 4);
  }

  isEntry(offset: number): boolean {
    return offset >= this.objectTable && offset < this.entryFresh && (offset - this.objectTable) % L.ENTRY_SIZE === 0;
  }

  expect(condition: boolean, offset: number, problem: string): void {
    if (!condition && this.problems.length < MAX_PROBLEMS) this.problems.push(`0x${offset.toString(16)}: ${problem}`);
  }
}
