/**
 * A disk's blocks in memory: what a system without an image writes to, and what tests compare with.
 * Called by a disk model through the BlockStore port, which has checked the block numbers.
 */
import type { BlockStore } from "../../devices/ports.ts";
import { type MemoryCopy, memoryCopyBetween } from "./memory-copy.ts";

const BLOCK_BYTES = 4096;
const PAGE_BYTES = 65_536;
const MOST_PAGES = 65_536;

/** Undefined where the process has no room for one more: an engine reserves gigabytes of addresses for each. */
function memoryOf(pages: number): WebAssembly.Memory | undefined {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch {
    return undefined;
  }
}

export class MemoryStore implements BlockStore {
  readonly blockBytes: number;
  readonly blocks: number;
  #bytes: Uint8Array;
  #beside: { readonly buffer: ArrayBufferLike; readonly copy: MemoryCopy } | undefined = undefined;

  constructor(blocks: number, blockBytes: number = BLOCK_BYTES) {
    this.blocks = blocks;
    this.blockBytes = blockBytes;
    this.#bytes = new Uint8Array(blocks * blockBytes);
  }

  /** The whole medium, from block 0. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /**
   * Most transfers go to and come from that shared memory: the medium moves into one of its own, from which they are cheaper.
   * Views of `bytes` that were taken before are of the old medium.
   */
  lieBeside(shared: WebAssembly.Memory): void {
    const pages = Math.ceil(this.#bytes.length / PAGE_BYTES);
    if (pages > MOST_PAGES) return;
    const own = memoryOf(pages);
    if (own === undefined) return;
    const bytes = new Uint8Array(own.buffer, 0, this.#bytes.length);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    this.#beside = { buffer: shared.buffer, copy: memoryCopyBetween(own, shared) };
  }

  // HOT: a block for each command.
  read(lba: number, into: Uint8Array): void {
    const at = lba * this.blockBytes;
    const copy = this.#copyFor(lba, into);
    if (copy !== undefined) copy.give(into.byteOffset, at, into.length);
    else into.set(this.#bytes.subarray(at, at + into.length));
  }

  // HOT
  write(lba: number, from: Uint8Array): void {
    const at = lba * this.blockBytes;
    const copy = this.#copyFor(lba, from);
    if (copy !== undefined) copy.take(at, from.byteOffset, from.length);
    else this.#bytes.set(from, at);
  }

  /** Undefined for what does not lie in the memory beside it. The medium may end before its own memory does, so its end is looked for here. */
  #copyFor(lba: number, blocks: Uint8Array): MemoryCopy | undefined {
    const beside = this.#beside;
    if (beside === undefined || blocks.buffer !== beside.buffer) return undefined;
    if (lba * this.blockBytes + blocks.length > this.#bytes.length)
      throw new RangeError(`block ${lba} and those behind it are not on the medium`);
    return beside.copy;
  }

  flush(): void {
    // Memory is as stable as it will ever be.
  }

  zero(lba: number, blocks: number): void {
    this.#bytes.fill(0, lba * this.blockBytes, (lba + blocks) * this.blockBytes);
  }

  punch(lba: number, blocks: number): boolean {
    this.zero(lba, blocks);
    return true;
  }
}
