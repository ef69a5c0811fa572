/**
 * Posts completions: into their queue if it has room, else into a list that the host's head doorbell empties.
 * Called by the engine with what a command came to. Memory of a queue that the bus refuses is fatal, as nothing could be reported
 * any more. Source: [NVME-1.4] sections 4.1.2, 4.6, 7.2.1.
 */
import type { Dma } from "../ports.ts";
import { CQE_BYTES, statusField } from "./codes.ts";
import type { Interrupts } from "./interrupts.ts";
import type { CompletionQueue, SubmissionQueue, Waiting } from "./queues.ts";

export class Completer {
  readonly #interrupts: Interrupts;
  readonly #fail: () => void;

  /** `fail`: queue memory was refused. */
  constructor(interrupts: Interrupts, fail: () => void) {
    this.#interrupts = interrupts;
    this.#fail = fail;
  }

  // HOT: posts a completion, or keeps it until the host makes room. `silent`: no interrupt for this one.
  post(dma: Dma, sq: SubmissionQueue, cid: number, status: number, result: number, silent: boolean): void {
    const { cq } = sq;
    if (cq.full || cq.waiting.length > 0) cq.waiting.push({ sqId: sq.id, sqHead: sq.head, cid, status, result, silent });
    else this.#write(dma, cq, sq.id, sq.head, cid, status, result, silent);
  }

  /** The host has moved the queue's head: what waited for room is posted. Ends early when a post was refused. */
  freed(dma: Dma, cq: CompletionQueue, goesOn: () => boolean): void {
    this.#interrupts.consumed(cq);
    while (cq.waiting.length > 0 && !cq.full && goesOn()) {
      const next = cq.waiting.shift() as Waiting;
      this.#write(dma, cq, next.sqId, next.sqHead, next.cid, next.status, next.result, next.silent);
    }
  }

  #write(dma: Dma, cq: CompletionQueue, sqId: number, sqHead: number, cid: number, status: number, result: number, silent: boolean): void {
    // The same question for each entry, so that a bus may keep the answer; a ring that lies in two objects is asked for entry by entry.
    const ring = dma.writable(cq.base, cq.entries * CQE_BYTES);
    const shared = ring ?? dma.writable(cq.base + cq.tail * CQE_BYTES, CQE_BYTES);
    if (shared === undefined) {
      this.#fail();
      return;
    }
    const at = ring === undefined ? 0 : cq.tail * CQE_BYTES;
    const word = statusField(status) << 1;
    store32(shared, at, result);
    store32(shared, at + 4, 0);
    store32(shared, at + 8, sqHead | (sqId << 16));
    shared[at + 12] = cid;
    shared[at + 13] = cid >>> 8;
    shared[at + 15] = word >>> 8;
    // Last the byte with the phase: whoever sees it, sees the rest.
    Atomics.store(shared, at + 14, (word & 0xfe) | cq.phase);
    cq.advance();
    if (!silent) this.#interrupts.posted(cq);
  }
}

function store32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}
