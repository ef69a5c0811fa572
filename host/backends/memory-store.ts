/**
 * A disk's blocks in memory: what a system without an image writes to, and what tests compare with.
 * Called by a disk model through the BlockStore port, which has checked the block numbers.
 */
import type { BlockStore } from "../../devices/ports.ts";

const BLOCK_BYTES = 4096;

export class MemoryStore implements BlockStore {
  readonly blockBytes: number;
  readonly blocks: number;
  /** The whole medium, from block 0. */
  readonly bytes: Uint8Array;

  constructor(blocks: number, blockBytes: number = BLOCK_BYTES) {
    this.blocks = blocks;
    this.blockBytes = blockBytes;
    this.bytes = new Uint8Array(blocks * blockBytes);
  }

  read(lba: number, into: Uint8Array): void {
    const at = lba * this.blockBytes;
    into.set(this.bytes.subarray(at, at + into.length));
  }

  write(lba: number, from: Uint8Array): void {
    this.bytes.set(from, lba * this.blockBytes);
  }

  flush(): void {
    // Memory is as stable as it will ever be.
  }

  zero(lba: number, blocks: number): void {
    this.bytes.fill(0, lba * this.blockBytes, (lba + blocks) * this.blockBytes);
  }

  punch(lba: number, blocks: number): boolean {
    this.zero(lba, blocks);
    return true;
  }
}
