/**
 * The shared heap as the host sees it: one shared memory, views over all of it, and the trusted module's exports.
 * Called by the kernel, by device models and by tests. Must never write an entry, a granule word or an account itself: every change of
 * an object goes through `exports`. The one exception is the kernel's `object-text.ts`, which a test holds against `move`.
 *
 * The memory is created at its maximum size, so its buffer never changes and the views stay valid for good. That is free:
 * the operating system provides a page when it is first touched (256 MiB: 3 ms to create, no resident memory).
 */
import * as L from "./layout.ts";

/**
 * The trusted module's exports, for hot paths. Everything is an integer; a base below 2 GiB is never negative.
 * Codes: 0 = done, STATUS_REFUSED = nothing was changed.
 */
export interface HeapExports {
  init(maxBytes: number): number;
  /** Opens a slot with its quotas; state = starting. Refused: id does not fit the slot, slot taken. */
  domainOpen(slot: number, id: number, maxBytes: number, maxObjects: number): number;
  /** Refused while the domain owns an object or reads one; `dropAll` and `endAllBorrows` come first. */
  domainClose(slot: number): number;
  /** A zeroed object's base, or 0: `lastError` says STATUS_QUOTA (bytes, objects, spans with holes), STATUS_REFUSED (no such owner) or an ERROR_. */
  alloc(owner: number, type: number, bytes: number): number;
  /** Why this instance's last `alloc` or `take` answered 0. */
  lastError(): number;
  /**
   * Frees an object and all that it owns; what is lent or pinned below it becomes the kernel's until the last reader and pin end.
   * Refused: no live object starts there, lent, pinned, a child.
   */
  free(base: number): number;
  /** Like `free` for its owner, but a pinned root is not refused: it becomes the kernel's too. Refused: no live object starts there, other owner, lent, a child. */
  drop(base: number, owner: number): number;
  /**
   * Moves an object and all that it owns, or nothing. Refused: no live object starts there, `from` is not its owner, a child, other type
   * (0 = any), no such receiver, its quota; it or what it owns is lent or pinned.
   */
  move(base: number, type: number, from: number, to: number): number;
  /**
   * Lends an object and all that it owns, or nothing. Refused: the lender neither owns nor reads all of it, other type (0 = any), no such
   * reader, no borrow node left.
   */
  borrow(base: number, type: number, lender: number, reader: number): number;
  /** Ends one borrow of the reader, of the object and of all that it owns. Frees orphans that nobody else reads or pins. */
  endBorrow(base: number, reader: number): number;
  /**
   * Makes a root the child of the object in which `slot`, an aligned address, lies, and writes its base there.
   * Refused: `owner` does not own both, one is lent or pinned, the slot names a child of that object already, the child has a parent or
   * is one of that object's ancestors. What else stood in the slot is overwritten.
   */
  put(slot: number, child: number, owner: number): number;
  /**
   * Makes the child that the slot names a root, clears the slot, and answers with the child's base. 0, and nothing changed: `lastError`
   * says STATUS_REFUSED (the slot is no word of an object that `owner` owns, or that is lent or pinned) or ERROR_EMPTY (it names no
   * child of that object of the type; 0 = any).
   */
  take(slot: number, type: number, owner: number): number;
  /** Ends every borrow of a dead reader; returns how many. */
  endAllBorrows(reader: number): number;
  /** `owner` 0 = whoever owns it. Refused: no live object starts there, other owner. */
  pin(base: number, owner: number): number;
  unpin(base: number): number;
  /** Frees all objects of a dead owner; lent or pinned ones become the kernel's until the last reader and pin end. Returns how many. */
  dropAll(owner: number): number;
  /** Iterates what an owner has: `for (let b = nextOwned(id, 0); b !== 0; b = nextOwned(id, b))`. */
  nextOwned(owner: number, afterBase: number): number;
  ownerOf(base: number): number;
  typeOf(base: number): number;
  sizeOf(base: number): number;
  /** Base of the live object that holds the address, 0 = none. */
  objectAt(address: number): number;
  /** 1 when the guard would let the reader read the object. */
  canRead(base: number, reader: number): number;
  trim(): number;
  /** Several CPUs may call from now on. Before the memory is given to another thread; `attach` refuses otherwise. */
  share(): number;
  /**
   * This instance works for a CPU that runs domains: rows of borrow nodes that guards on it may still know are not used again before it
   * has called. Refused: not shared, no such CPU, another instance works for it, this one works for a CPU already.
   */
  cpuEnter(cpu: number): number;
  /** The CPU runs no domain until it enters again: nothing waits for it. Refused: this instance works for none. */
  cpuLeave(): number;
}

export interface HeapStats {
  readonly liveObjects: number;
  /** What domains are charged for: sizes rounded up to granules. */
  readonly liveBytes: number;
  readonly orphans: number;
  readonly borrows: number;
  readonly spansUsed: number;
  /** Of those in use: spans without a live object, kept for the next allocation (at most one per size class). */
  readonly spansSpare: number;
  readonly spansTotal: number;
}

export interface SharedHeapOptions {
  /** Size of the memory, a multiple of 64 KiB, MIN_HEAP_BYTES..MAX_HEAP_BYTES; default 256 MiB. */
  readonly maxBytes?: number;
  /** build/shared-heap/heap.wasm */
  readonly heapWasm: Uint8Array | WebAssembly.Module;
}

export class SharedHeap {
  readonly memory: WebAssembly.Memory;
  readonly maxBytes: number;
  readonly u8: Uint8Array<SharedArrayBuffer>;
  readonly i32: Int32Array<SharedArrayBuffer>;
  readonly u32: Uint32Array<SharedArrayBuffer>;
  readonly exports: HeapExports;

  private constructor(memory: WebAssembly.Memory, module: WebAssembly.Module) {
    const buffer = memory.buffer as unknown as SharedArrayBuffer;
    this.memory = memory;
    this.maxBytes = buffer.byteLength;
    this.u8 = new Uint8Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    this.exports = instance.exports as unknown as HeapExports;
  }

  /** A new heap in a memory of its own. */
  static create(options: SharedHeapOptions): SharedHeap {
    const maxBytes = options.maxBytes ?? 0x10000000;
    if (maxBytes % L.SPAN_BYTES !== 0 || maxBytes < L.MIN_HEAP_BYTES || maxBytes > L.MAX_HEAP_BYTES) {
      throw new RangeError(`shared heap: ${maxBytes} bytes; use a multiple of 65536 from ${L.MIN_HEAP_BYTES} to ${L.MAX_HEAP_BYTES}`);
    }
    const pages = maxBytes / L.SPAN_BYTES;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    const heap = new SharedHeap(memory, moduleOf(options.heapWasm));
    if (heap.exports.init(maxBytes) !== L.STATUS_OK) throw new Error("shared heap: the module refused its fresh memory");
    return heap;
  }

  /** A further view, with exports of its own, of a heap that another thread created and shared. */
  static attach(memory: WebAssembly.Memory, heapWasm: Uint8Array | WebAssembly.Module): SharedHeap {
    const heap = new SharedHeap(memory, moduleOf(heapWasm));
    if (heap.u32[L.H_MAGIC >>> 2] !== L.MAGIC || heap.u32[L.H_VERSION >>> 2] !== L.LAYOUT_VERSION) {
      throw new Error("shared heap: the memory holds no heap of this version");
    }
    if (heap.u32[L.H_IS_SHARED >>> 2] !== 1) throw new Error("shared heap: call share() on the thread that created it first");
    return heap;
  }

  stats(): HeapStats {
    const word = (offset: number): number => this.u32[offset >>> 2] ?? 0;
    return {
      liveObjects: word(L.H_LIVE_OBJECTS),
      liveBytes: word(L.H_LIVE_BYTES),
      orphans: word(L.H_ORPHANS),
      borrows: word(L.H_BORROWS_LIVE),
      spansUsed: word(L.H_SPANS_USED),
      spansSpare: word(L.H_SPANS_EMPTY),
      spansTotal: word(L.H_SPAN_COUNT),
    };
  }
}

function moduleOf(code: Uint8Array | WebAssembly.Module): WebAssembly.Module {
  return code instanceof WebAssembly.Module ? code : new WebAssembly.Module(code as Uint8Array<ArrayBuffer>);
}
