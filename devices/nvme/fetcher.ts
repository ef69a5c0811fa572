/**
 * Private copies of submission queue entries: neighbours come by one question to the bus and one copy, up to the doorbell's tail.
 * Used by the engine, which says when what was copied is old. Only these copies are parsed, because their author may change the
 * entries meanwhile from another CPU. Source: [NVME-1.4] section 4.2.
 */
import type { Dma } from "../ports.ts";
import { SQE_BYTES } from "./codes.ts";
import type { SubmissionQueue } from "./queues.ts";

export const ENTRY_WORDS: number = SQE_BYTES / 4;
/** Entries at once. */
const MOST = 64;

export class Fetcher {
  readonly words: Uint32Array = new Uint32Array(MOST * ENTRY_WORDS);
  readonly #bytes: Uint8Array = new Uint8Array(this.words.buffer);
  /** Of which queue, from which place on, and how many. */
  #sq: SubmissionQueue | undefined = undefined;
  #first = 0;
  #count = 0;

  /** Whatever is asked for next is copied anew. */
  forget(): void {
    this.#sq = undefined;
  }

  // HOT: where in `words` the copy of the entry at the queue's head begins; undefined: the bus refuses it.
  head(sq: SubmissionQueue, most: number, dma: Dma): number | undefined {
    const index = sq.head - this.#first;
    if (sq === this.#sq && index >= 0 && index < this.#count) return index * ENTRY_WORDS;
    const inRow = (sq.tail > sq.head ? sq.tail : sq.entries) - sq.head;
    // Neighbours may be of two objects, and then each is asked for by itself.
    return this.#copy(sq, Math.min(inRow, most, MOST), dma) || this.#copy(sq, 1, dma) ? 0 : undefined;
  }

  #copy(sq: SubmissionQueue, count: number, dma: Dma): boolean {
    const shared = dma.readable(sq.base + sq.head * SQE_BYTES, count * SQE_BYTES);
    if (shared === undefined) return false;
    this.#bytes.set(shared);
    this.#sq = sq;
    this.#first = sq.head;
    this.#count = count;
    return true;
  }
}
