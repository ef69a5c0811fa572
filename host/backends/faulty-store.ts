/**
 * A store whose medium fails now and then, by chance from a seed or at blocks that a test names: reads, writes and flushes throw and
 * change nothing. Wraps another store; called by a disk model through the BlockStore port, which reports a throw as a media error.
 */
import type { BlockStore } from "../../devices/ports.ts";

export interface FaultyOptions {
  /** A whole number below its argument; one seed, one sequence of faults. */
  readonly pick: (below: number) => number;
  /** One operation in so many fails; 0 = none does by chance. */
  readonly oneIn: number;
}

export class FaultyStore implements BlockStore {
  readonly blockBytes: number;
  readonly blocks: number;
  /** Blocks that fail whenever they are touched. */
  readonly bad: Set<number> = new Set();
  /** How many operations have failed. */
  failures = 0;
  readonly #store: BlockStore;
  readonly #options: FaultyOptions;

  constructor(store: BlockStore, options: FaultyOptions) {
    this.#store = store;
    this.#options = options;
    this.blockBytes = store.blockBytes;
    this.blocks = store.blocks;
  }

  read(lba: number, into: Uint8Array): void {
    this.#meetFault("read", lba, into.length);
    this.#store.read(lba, into);
  }

  write(lba: number, from: Uint8Array): void {
    this.#meetFault("write", lba, from.length);
    this.#store.write(lba, from);
  }

  writeThrough(lba: number, from: Uint8Array): void {
    this.write(lba, from);
    this.flush();
  }

  flush(): void {
    this.#meetFault("flush", 0, 0);
    this.#store.flush();
  }

  cutPower(): void {
    this.#store.cutPower?.();
  }

  #meetFault(operation: string, lba: number, bytes: number): void {
    const { oneIn, pick } = this.#options;
    let fails = oneIn > 0 && pick(oneIn) === 0;
    for (let i = 0; i * this.blockBytes < bytes; i++) fails ||= this.bad.has(lba + i);
    if (!fails) return;
    this.failures++;
    throw new Error(`the medium failed at a ${operation} of block ${lba}`);
  }
}
