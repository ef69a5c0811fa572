/**
 * Records every change of a store with the flushes between them, and gives back every state that the medium could be in after a power
 * cut: what was flushed is there, of the rest any part, block by block.
 * Wraps a store whose content when it was wrapped is the start; called by a disk model through the BlockStore port, by tests for states.
 * A write of several blocks may be torn between them, never within one.
 *
 *   w w │flush│ w w w │flush│ w w ✂      certain: the first five · possible: any of the last two's blocks
 */
import type { BlockStore } from "../../devices/ports.ts";

export type RecordedChange =
  /** A block that was written; `epoch` counts the flushes before it. `through`: stable at once. */
  | { readonly kind: "write"; readonly lba: number; readonly bytes: Uint8Array; readonly epoch: number; readonly through: boolean }
  | { readonly kind: "flush"; readonly epoch: number };

export class RecordingStore implements BlockStore {
  readonly blockBytes: number;
  readonly blocks: number;
  readonly log: RecordedChange[] = [];
  readonly #store: BlockStore;
  readonly #start: Uint8Array;
  #epoch = 0;

  constructor(store: BlockStore) {
    this.#store = store;
    this.blockBytes = store.blockBytes;
    this.blocks = store.blocks;
    this.#start = new Uint8Array(store.blocks * store.blockBytes);
    store.read(0, this.#start);
  }

  read(lba: number, into: Uint8Array): void {
    this.#store.read(lba, into);
  }

  write(lba: number, from: Uint8Array): void {
    this.#store.write(lba, from);
    this.#record(lba, from, false);
  }

  writeThrough(lba: number, from: Uint8Array): void {
    this.#store.write(lba, from);
    this.#record(lba, from, true);
  }

  /** A flush counts when the store below has done it: one that throws makes nothing certain. */
  flush(): void {
    this.#store.flush();
    this.log.push({ kind: "flush", epoch: this.#epoch++ });
  }

  /** What is certain at a cut after so many changes: the last content of each block that was flushed or written through. */
  certain(cut: number = this.log.length): Uint8Array {
    const image = this.#start.slice();
    const flushed = this.#flushedBefore(cut);
    for (const [i, change] of this.log.slice(0, cut).entries())
      if (change.kind === "write" && (i < flushed || change.through)) image.set(change.bytes, change.lba * this.blockBytes);
    return image;
  }

  /**
   * States after a cut: with none and with all of what is not certain, with each first part of it, and `random` more with any part.
   * @param pick a whole number below its argument
   */
  *statesAfter(cut: number, random = 0, pick: (below: number) => number = () => 0): Generator<Uint8Array> {
    const open = this.#uncertain(cut);
    for (let count = 0; count <= open.length; count++) yield this.#state(cut, (i) => (open.indexOf(i) < count ? 1 : 0));
    for (let n = 0; n < random; n++) yield this.#state(cut, () => pick(2));
  }

  /** Indices of the changes that a cut there may lose. */
  #uncertain(cut: number): number[] {
    const flushed = this.#flushedBefore(cut);
    const open: number[] = [];
    for (let i = flushed; i < cut; i++) {
      const change = this.log[i];
      if (change?.kind === "write" && !change.through) open.push(i);
    }
    return open;
  }

  #state(cut: number, takes: (index: number) => number): Uint8Array {
    const image = this.#start.slice();
    const open = new Set(this.#uncertain(cut));
    for (let i = 0; i < cut; i++) {
      const change = this.log[i];
      if (change?.kind === "write" && (!open.has(i) || takes(i) === 1)) image.set(change.bytes, change.lba * this.blockBytes);
    }
    return image;
  }

  /** How many changes the last flush before the cut has made certain. */
  #flushedBefore(cut: number): number {
    for (let i = cut - 1; i >= 0; i--) if (this.log[i]?.kind === "flush") return i;
    return 0;
  }

  #record(lba: number, from: Uint8Array, through: boolean): void {
    for (let i = 0; i * this.blockBytes < from.length; i++) {
      const bytes = from.slice(i * this.blockBytes, (i + 1) * this.blockBytes);
      this.log.push({ kind: "write", lba: lba + i, bytes, epoch: this.#epoch, through });
    }
  }
}
