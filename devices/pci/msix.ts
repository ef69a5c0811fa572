/**
 * The MSI-X structures of one function: a table with an entry per vector, and the pending bits. A message is what `Interrupt` raises:
 * address and data are kept for whoever reads them back, since no bus here carries messages as writes to memory.
 * Used by models, which map the two structures into a window of theirs and signal vectors. Source: [PCI-3.0] section 6.8.2.
 *
 *   entry   +0 address, low · +4 address, high · +8 data · +12 control: bit 0 masks the vector (after a reset: masked)
 *   signal  enabled and unmasked: the message goes out · else: the pending bit, and the message at the unmasking
 */
import type { Interrupt, MessageControl, PciCapability } from "../ports.ts";
import { CAPABILITY } from "./registers.ts";

export const MSIX_ENTRY_BYTES = 16;
const CONTROL = 3;
const MASKED = 1;

export class MsixTable implements MessageControl {
  readonly vectors: number;
  enabled = false;
  readonly #words: Uint32Array;
  readonly #pending: Uint32Array;
  #functionMasked = false;
  #messages: Interrupt | undefined = undefined;

  constructor(vectors: number) {
    this.vectors = vectors;
    this.#words = new Uint32Array(vectors * 4);
    this.#pending = new Uint32Array(Math.ceil(vectors / 32));
    this.reset();
  }

  /** The capability that says where in the window behind `bar` table and pending bits lie, each a multiple of 8. */
  capability(bar: number, tableOffset: number, pendingOffset: number): PciCapability {
    const word = (value: number): number[] => [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
    const body = [(this.vectors - 1) & 0xff, (this.vectors - 1) >>> 8, ...word(tableOffset | bar), ...word(pendingOffset | bar)];
    return { id: CAPABILITY.msix, body, writable: [0, 0xc0] };
  }

  connect(messages: Interrupt | undefined): void {
    this.#messages = messages;
  }

  /** As after power-on: every vector masked, nothing pending. The capability's control word is the function's. */
  reset(): void {
    this.#words.fill(0);
    for (let vector = 0; vector < this.vectors; vector++) this.#words[4 * vector + CONTROL] = MASKED;
    this.#pending.fill(0);
  }

  configure(enabled: boolean, masked: boolean): void {
    if (enabled === this.enabled && masked === this.#functionMasked) return;
    this.enabled = enabled;
    this.#functionMasked = masked;
    for (let vector = 0; vector < this.vectors; vector++) this.#deliver(vector);
  }

  /** `word` counts 32-bit words from the table's start; beyond its end reads 0. */
  readTable(word: number): number {
    return this.#words[word] ?? 0;
  }

  writeTable(word: number, value: number): void {
    if (word >= this.#words.length) return;
    const field = word % 4;
    // The low two bits of an address are 0; of the control word only the mask exists.
    this.#words[word] = field === 0 ? value & ~3 : field === CONTROL ? value & MASKED : value;
    if (field === CONTROL) this.#deliver(word >>> 2);
  }

  readPending(word: number): number {
    return this.#pending[word] ?? 0;
  }

  // HOT: after completions of a driver that uses interrupts.
  signal(vector: number): void {
    if (vector >= this.vectors || !this.enabled) return;
    this.#pending[vector >>> 5] = (this.#pending[vector >>> 5] ?? 0) | (1 << (vector & 31));
    this.#deliver(vector);
  }

  /** The reason is gone before the message went out. */
  withdraw(vector: number): void {
    this.#pending[vector >>> 5] = (this.#pending[vector >>> 5] ?? 0) & ~(1 << (vector & 31));
  }

  #deliver(vector: number): void {
    const pending = ((this.#pending[vector >>> 5] ?? 0) & (1 << (vector & 31))) !== 0;
    const masked = ((this.#words[4 * vector + CONTROL] ?? 0) & MASKED) !== 0 || this.#functionMasked;
    if (!pending || masked || !this.enabled) return;
    this.withdraw(vector);
    this.#messages?.raise(vector);
  }
}
