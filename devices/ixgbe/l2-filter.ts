/**
 * The first filters a frame meets: station addresses, hash tables, promiscuous modes, broadcast, VLAN table.
 * Asked once per frame by the receive path; reads its registers directly, and keeps only how many addresses are worth comparing.
 * Source: [82599] section 7.1.1, registers FCTRL, RAL/RAH, MTA, UTA, MCSTCTRL, VLNCTRL, VFTA (8.2.3.7).
 */
import { le32 } from "./frame.ts";
import { ADDRESS_VALID, FCTRL, MCSTCTRL, REG, VLNCTRL } from "./registers.ts";

const ADDRESSES = 128;

/** How a destination address was accepted; software need not look again at an exact match. */
export const MATCH = { none: 0, exact: 1, inexact: 2 } as const;

export class L2Filter {
  readonly #regs: Uint32Array;
  /** One more than the last valid address. */
  #addresses = 0;
  #stale = true;

  constructor(regs: Uint32Array) {
    this.#regs = regs;
  }

  addressWritten(): void {
    this.#stale = true;
  }

  // HOT: every received frame.
  /** One of MATCH. */
  acceptsAddress(frame: Uint8Array): number {
    const low = le32(frame, 0);
    const high = (frame[4] ?? 0) | ((frame[5] ?? 0) << 8);
    const control = this.#regs[REG.fctrl >>> 2] ?? 0;
    if (this.#matchesStation(low, high)) return MATCH.exact;
    if (low === 0xffff_ffff && high === 0xffff) return (control & FCTRL.broadcast) !== 0 ? MATCH.exact : MATCH.none;
    return ((low & 1) === 0 ? this.#acceptsUnicast(control, high) : this.#acceptsMulticast(control, high)) ? MATCH.inexact : MATCH.none;
  }

  #acceptsUnicast(control: number, high: number): boolean {
    return (control & FCTRL.allUnicast) !== 0 || this.#inTable(REG.uta, high);
  }

  #acceptsMulticast(control: number, high: number): boolean {
    if ((control & FCTRL.allMulticast) !== 0) return true;
    return ((this.#regs[REG.mcstctrl >>> 2] ?? 0) & MCSTCTRL.enable) !== 0 && this.#inTable(REG.mta, high);
  }

  /** `tagged`: the frame carries a tag of VLNCTRL's type. */
  acceptsVlan(tagged: boolean, tag: number): boolean {
    const control = this.#regs[REG.vlnctrl >>> 2] ?? 0;
    if (!tagged || (control & VLNCTRL.filter) === 0) return true;
    const id = tag & 0xfff;
    if (((this.#regs[(REG.vfta >>> 2) + (id >>> 5)] ?? 0) & (1 << (id & 31))) === 0) return false;
    if ((control & VLNCTRL.cfiEnable) === 0) return true;
    return ((tag & 0x1000) !== 0) === ((control & VLNCTRL.cfi) !== 0);
  }

  /** Compares the address in a frame with the first station address. */
  isStation(frame: Uint8Array): boolean {
    const regs = this.#regs;
    const word = REG.ral >>> 2;
    return regs[word] === le32(frame, 0) && ((regs[word + 1] ?? 0) & 0xffff) === ((frame[4] ?? 0) | ((frame[5] ?? 0) << 8));
  }

  #matchesStation(low: number, high: number): boolean {
    if (this.#stale) this.#recount();
    const regs = this.#regs;
    const valid = (high | ADDRESS_VALID) >>> 0;
    for (let i = 0, word = REG.ral >>> 2; i < this.#addresses; i++, word += 2) {
      if (regs[word] === low && regs[word + 1] === valid) return true;
    }
    return false;
  }

  #inTable(table: number, high: number): boolean {
    const offset = (this.#regs[REG.mcstctrl >>> 2] ?? 0) & MCSTCTRL.offsetMask;
    // Bits 47:36, 46:35, 45:34 or 43:32 of the address.
    const index = (high >>> (offset === 3 ? 0 : 4 - offset)) & 0xfff;
    return ((this.#regs[(table >>> 2) + (index >>> 5)] ?? 0) & (1 << (index & 31))) !== 0;
  }

  #recount(): void {
    this.#stale = false;
    this.#addresses = 0;
    for (let i = 0; i < ADDRESSES; i++) {
      if (((this.#regs[(REG.ral >>> 2) + 2 * i + 1] ?? 0) & ADDRESS_VALID) !== 0) this.#addresses = i + 1;
    }
  }
}
