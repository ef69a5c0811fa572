/**
 * When the host is told that completions wait: by the pin, or by messages once MSI-X is on; masking and coalescing.
 * Told by the completer and the doorbells whenever a queue was filled or emptied; it must never see a queue that was deleted.
 * Source: [NVME-1.4] sections 3.1.3, 3.1.4, 5.21.1.8, 5.21.1.9, 7.5; [PCI-3.0] section 6.8.
 *
 *   pin       a level: high while an unmasked queue holds entries that the host has not consumed
 *   messages  an edge: one when a queue of the vector is filled, the next not before the host has moved a head of that vector,
 *             and then at once if something is left, so that no completion goes unannounced
 *   coalescing: entries of a vector are announced when they are more than THR, or TIME after the first of them
 */
import type { MsixTable } from "../pci/msix.ts";
import type { InterruptLine } from "../ports.ts";
import type { CompletionQueue } from "./queues.ts";

/** With a pin every queue has vector 0, and only bit 0 of the mask means anything. */
const PIN_VECTOR_BIT = 1;
const COALESCING_UNIT_MICROS = 100;

export class Interrupts {
  /** INTMS and INTMC read this. */
  mask = 0;
  /** Feature 08h: entries of a vector that may wait together, and for how long; 0 = announced at once. */
  threshold = 0;
  timeMicros = 0;
  /** The earliest reading of the clock at which `tick` has something to do. */
  deadlineMicros: number = Number.POSITIVE_INFINITY;
  readonly msix: MsixTable;
  readonly #nowMicros: (() => number) | undefined;
  readonly #onDeadline: (micros: number) => void;
  #line: InterruptLine | undefined = undefined;
  /** Queues with interrupts that hold entries. */
  readonly #filled: Set<CompletionQueue> = new Set();
  #level = false;
  /** By vector: feature 09h says not to coalesce · a message is out and no head has moved since · entries that wait · since when. */
  readonly #exempt: Uint8Array;
  readonly #announced: Uint8Array;
  readonly #waiting: Uint32Array;
  readonly #since: Float64Array;

  /** Without a clock nothing is coalesced, since nobody could tell when the time is up. */
  constructor(msix: MsixTable, nowMicros: (() => number) | undefined, onDeadline: (micros: number) => void) {
    this.msix = msix;
    this.#nowMicros = nowMicros;
    this.#onDeadline = onDeadline;
    this.#exempt = new Uint8Array(msix.vectors);
    this.#announced = new Uint8Array(msix.vectors);
    this.#waiting = new Uint32Array(msix.vectors);
    this.#since = new Float64Array(msix.vectors);
  }

  /** How many vectors the host may name: with a pin there is one. */
  get vectors(): number {
    return this.msix.enabled ? this.msix.vectors : 1;
  }

  connect(line: InterruptLine | undefined): void {
    this.#line = line;
  }

  /** Feature 08h, dword 11. */
  coalesce(value: number): void {
    this.threshold = value & 0xff;
    this.timeMicros = ((value >>> 8) & 0xff) * COALESCING_UNIT_MICROS;
    if (!this.#coalesces)
      for (let vector = 0; vector < this.msix.vectors; vector++) if (this.#waiting[vector] !== 0) this.#announce(vector);
  }

  /** Feature 09h: dword 11 names the vector, bit 16 exempts it from coalescing. */
  configureVector(value: number): void {
    const vector = value & 0xffff;
    this.#exempt[vector] = (value >>> 16) & 1;
    if (this.#exempt[vector] !== 0 && this.#waiting[vector] !== 0) this.#announce(vector);
  }

  vectorConfiguration(vector: number): number {
    return vector | ((this.#exempt[vector] ?? 0) << 16);
  }

  // HOT: after every completion; a polling driver has its queues without interrupts.
  posted(cq: CompletionQueue): void {
    if (!cq.interrupts) return;
    this.#filled.add(cq);
    const { vector } = cq;
    if (cq.id === 0 || !this.#coalesces || this.#exempt[vector] !== 0) {
      this.#announce(vector);
      return;
    }
    const waiting = (this.#waiting[vector] ?? 0) + 1;
    if (waiting > this.threshold) {
      this.#announce(vector);
      return;
    }
    this.#waiting[vector] = waiting;
    if (waiting > 1) return;
    this.#since[vector] = this.#nowMicros?.() ?? 0;
    const due = (this.#since[vector] ?? 0) + this.timeMicros;
    if (due >= this.deadlineMicros) return;
    this.deadlineMicros = due;
    this.#onDeadline(due);
  }

  // HOT: at every head doorbell.
  consumed(cq: CompletionQueue): void {
    if (!cq.interrupts) return;
    if (cq.empty) this.#empty(cq);
    const { vector } = cq;
    this.#announced[vector] = 0;
    if (this.msix.enabled && this.#waiting[vector] === 0 && this.#anyFilled(vector)) this.#announce(vector);
    this.#settlePin();
  }

  /** The queue does not exist any more. */
  forget(cq: CompletionQueue): void {
    this.#empty(cq);
    this.#settlePin();
  }

  setMask(mask: number): void {
    this.mask = mask >>> 0;
    this.#settlePin();
  }

  /** The capability's control word has changed: with MSI-X the pin is silent, and what waits is announced the other way. */
  configured(): void {
    this.#settlePin();
    if (!this.msix.enabled) return;
    for (const cq of this.#filled) this.#announce(cq.vector);
  }

  /** Time has passed: what has waited long enough is announced. */
  tick(nowMicros: number): void {
    if (nowMicros < this.deadlineMicros) return;
    this.deadlineMicros = Number.POSITIVE_INFINITY;
    for (let vector = 0; vector < this.msix.vectors; vector++) {
      if (this.#waiting[vector] === 0) continue;
      const due = (this.#since[vector] ?? 0) + this.timeMicros;
      if (due <= nowMicros) this.#announce(vector);
      else this.deadlineMicros = Math.min(this.deadlineMicros, due);
    }
    if (this.deadlineMicros !== Number.POSITIVE_INFINITY) this.#onDeadline(this.deadlineMicros);
  }

  reset(): void {
    this.#filled.clear();
    this.#waiting.fill(0);
    this.#announced.fill(0);
    this.#exempt.fill(0);
    this.deadlineMicros = Number.POSITIVE_INFINITY;
    this.setMask(0);
  }

  get #coalesces(): boolean {
    return this.threshold !== 0 && this.timeMicros !== 0 && this.#nowMicros !== undefined;
  }

  #announce(vector: number): void {
    this.#waiting[vector] = 0;
    if (!this.msix.enabled) {
      this.#settlePin();
      return;
    }
    if (this.#announced[vector] !== 0) return;
    this.#announced[vector] = 1;
    this.msix.signal(vector);
  }

  #empty(cq: CompletionQueue): void {
    this.#filled.delete(cq);
    if (this.#anyFilled(cq.vector)) return;
    this.#waiting[cq.vector] = 0;
    this.msix.withdraw(cq.vector);
  }

  #anyFilled(vector: number): boolean {
    for (const cq of this.#filled) if (cq.vector === vector) return true;
    return false;
  }

  #adminFilled(): boolean {
    for (const cq of this.#filled) if (cq.id === 0) return true;
    return false;
  }

  /** Everything is on the pin's vector, number 0, so what waits to be announced there holds it low. */
  #settlePin(): void {
    const wanted = this.#filled.size > 0 && !this.msix.enabled && (this.mask & PIN_VECTOR_BIT) === 0;
    const level = wanted && (this.#waiting[0] === 0 || this.#adminFilled());
    if (level === this.#level) return;
    this.#level = level;
    this.#line?.set(level);
  }
}
