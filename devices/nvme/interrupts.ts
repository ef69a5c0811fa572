/**
 * The interrupt pin: asserted while an unmasked completion queue with interrupts enabled holds entries that the host has not
 * consumed. Told by the engine and the doorbells whenever a queue may have become empty or not empty.
 * Source: [NVME-1.4] sections 3.1.3, 3.1.4, 7.5.1.
 */
import type { InterruptLine } from "../ports.ts";
import type { CompletionQueue } from "./queues.ts";

/** With a pin every queue has vector 0, and only bit 0 of the mask means anything. */
const PIN_VECTOR_BIT = 1;

export class Interrupts {
  /** INTMS and INTMC read this. */
  mask = 0;
  #line: InterruptLine | undefined = undefined;
  readonly #signalling: Set<CompletionQueue> = new Set();
  #level = false;

  connect(line: InterruptLine | undefined): void {
    this.#line = line;
  }

  // HOT: after every completion; a polling driver has its queues without interrupts.
  changed(cq: CompletionQueue): void {
    if (!cq.interrupts) return;
    if (cq.empty) this.#signalling.delete(cq);
    else this.#signalling.add(cq);
    this.#settle();
  }

  /** The queue does not exist any more. */
  forget(cq: CompletionQueue): void {
    this.#signalling.delete(cq);
    this.#settle();
  }

  setMask(mask: number): void {
    this.mask = mask >>> 0;
    this.#settle();
  }

  reset(): void {
    this.#signalling.clear();
    this.setMask(0);
  }

  #settle(): void {
    const level = this.#signalling.size > 0 && (this.mask & PIN_VECTOR_BIT) === 0;
    if (level === this.#level) return;
    this.#level = level;
    this.#line?.set(level);
  }
}
