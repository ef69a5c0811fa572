/**
 * A disk's blocks in memory: what a system without an image writes to, and what tests compare with.
 * Called by a disk model through the BlockStore port, which has checked the block numbers.
 */
import type { BlockStore } from "../../devices/ports.ts";

const BLOCK_BYTES = 4096;

export class MemoryStore implements BlockStore {
  readonly blockBytes: number = BLOCK_BYTES;
  readonly blocks: number;
  /** The whole medium, from block 0. */
  readonly bytes: Uint8Array;

  constructor(blocks: number) {
    this.blocks = blocks;
    this.bytes = new Uint8Array(blocks * BLOCK_BYTES);
  }

  read(lba: number, into: Uint8Array): void {
    const at = lba * BLOCK_BYTES;
    into.set(this.bytes.subarray(at, at + into.length));
  }

  write(lba: number, from: Uint8Array): void {
    this.bytes.set(from, lba * BLOCK_BYTES);
  }

  flush(): void {
    // Memory is as stable as it will ever be.
  }
}
