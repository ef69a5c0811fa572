/**
 * A disk's volatile write cache: what was written is in it until a flush, and a power cut loses it, or all but a part by chance, as with
 * real disks that write back in any order. Wraps another store, which it treats as the medium.
 * Called by a disk model through the BlockStore port; for tests of crashes, not for speed.
 */
import type { BlockStore } from "../../devices/ports.ts";

export interface VolatileOptions {
  /** For each block in the cache at a power cut: whether it had reached the medium all the same. Default: none had. */
  readonly survives?: (lba: number) => boolean;
}

export class VolatileStore implements BlockStore {
  readonly blockBytes: number;
  readonly blocks: number;
  readonly #medium: BlockStore;
  readonly #survives: (lba: number) => boolean;
  /** Blocks that the medium does not have yet, by number, in the order of their last writing. */
  readonly #cached: Map<number, Uint8Array> = new Map();

  constructor(medium: BlockStore, { survives = () => false }: VolatileOptions = {}) {
    this.blockBytes = medium.blockBytes;
    this.blocks = medium.blocks;
    this.#medium = medium;
    this.#survives = survives;
  }

  /** Blocks that a power cut would lose now. */
  get dirty(): number {
    return this.#cached.size;
  }

  read(lba: number, into: Uint8Array): void {
    this.#medium.read(lba, into);
    if (this.#cached.size === 0) return;
    for (let i = 0; i * this.blockBytes < into.length; i++) {
      const block = this.#cached.get(lba + i);
      if (block !== undefined) into.set(block, i * this.blockBytes);
    }
  }

  write(lba: number, from: Uint8Array): void {
    for (let i = 0; i * this.blockBytes < from.length; i++) this.#put(lba + i, from.slice(i * this.blockBytes, (i + 1) * this.blockBytes));
  }

  /** These blocks alone: what else is in the cache stays volatile. */
  writeThrough(lba: number, from: Uint8Array): void {
    if (this.#medium.writeThrough !== undefined) this.#medium.writeThrough(lba, from);
    else {
      this.#medium.write(lba, from);
      this.#medium.flush();
    }
    for (let i = 0; i * this.blockBytes < from.length; i++) this.#cached.delete(lba + i);
  }

  zero(lba: number, blocks: number): void {
    for (let i = 0; i < blocks; i++) this.#put(lba + i, new Uint8Array(this.blockBytes));
  }

  /** Kept as zeros until a flush, so that a power cut may bring the old content back, as with real disks. */
  punch(lba: number, blocks: number): boolean {
    this.zero(lba, blocks);
    return true;
  }

  flush(): void {
    for (const [lba, bytes] of this.#cached) this.#medium.write(lba, bytes);
    this.#cached.clear();
    this.#medium.flush();
  }

  cutPower(): void {
    for (const [lba, bytes] of this.#cached) if (this.#survives(lba)) this.#medium.write(lba, bytes);
    this.#cached.clear();
    this.#medium.cutPower?.();
  }

  #put(lba: number, bytes: Uint8Array): void {
    this.#cached.delete(lba);
    this.#cached.set(lba, bytes);
  }
}
