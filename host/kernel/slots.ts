/**
 * Domain slots and the ids made of them: `reuse << 14 | slot`, so that an owner word of a dead generation never equals
 * that of a later one. A freed slot waits behind the others before it is used again.
 */
import { DOMAIN_SLOT_BITS, DOMAIN_SLOT_MASK } from "../../shared-heap/layout.ts";
import { SumacError } from "../errors.ts";

const MAX_REUSE = (1 << (31 - DOMAIN_SLOT_BITS)) - 1;
/** Freed slots that must be waiting before one is used again. */
const REUSE_DELAY = 64;

export class SlotTable {
  readonly #end: number;
  readonly #reuses: number[] = [];
  readonly #waiting: number[] = [];
  readonly #first: number;
  #fresh: number;
  #head = 0;

  /**
   * @param end first slot that is not given out
   * @param first the first one that is; slot 0 is the kernel's
   */
  constructor(end: number, first = 1) {
    this.#end = end;
    this.#first = first;
    this.#fresh = first;
  }

  take(): { readonly id: number; readonly slot: number } {
    const waiting = this.#waiting.length - this.#head;
    let slot: number | undefined;
    if (waiting > REUSE_DELAY || (waiting > 0 && this.#fresh >= this.#end)) slot = this.#shift();
    else if (this.#fresh < this.#end) slot = this.#fresh++;
    if (slot === undefined) {
      throw new SumacError("quota-invalid", `all ${this.#end - this.#first} domain slots are in use: destroy domains before creating more`);
    }
    const reuse = (this.#reuses[slot] ?? 0) + 1;
    this.#reuses[slot] = reuse;
    return { id: (reuse << DOMAIN_SLOT_BITS) | slot, slot };
  }

  /** The slot of a domain that has come from another CPU: when it dies, the slot is given out here. */
  adopt(id: number): void {
    this.#reuses[id & DOMAIN_SLOT_MASK] = id >>> DOMAIN_SLOT_BITS;
  }

  /** A slot whose ids are used up is not given out again. */
  give(slot: number): void {
    if ((this.#reuses[slot] ?? 0) < MAX_REUSE) this.#waiting.push(slot);
  }

  #shift(): number | undefined {
    const slot = this.#waiting[this.#head++];
    if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) {
      this.#waiting.splice(0, this.#head);
      this.#head = 0;
    }
    return slot;
  }
}
