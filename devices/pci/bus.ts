/**
 * The PCI bus: functions in slots, their enumeration, addresses for their windows, and who has claimed which.
 * Firmware's part (sizing, assignment) goes through configuration space only, so it would do the same on real functions.
 * One function per device, one bus, no bridges. Source: [PCI-3.0] sections 6.1, 6.2.5.1.
 */
import type { Interrupt, InterruptLine, Mmio, PciConfiguration, PciModel } from "../ports.ts";
import { PciClaim } from "./claim.ts";
import { PciFunction } from "./function.ts";
import { matches, type PciMatch } from "./match.ts";
import { BAR_KIND, BARS, PCI } from "./registers.ts";

export const SLOTS = 32;
const NO_VENDOR = 0xffff;

export interface PciBusOptions {
  /** Where windows are put; a power of two above 1 MiB keeps them apart from memory. Default 0xe0000000. */
  readonly windowBase?: number;
  /** Default 256 MiB. */
  readonly windowBytes?: number;
}

/** What enumeration finds in one slot. */
export interface PciFound {
  readonly slot: number;
  readonly vendor: number;
  readonly device: number;
  readonly classCode: number;
  readonly revision: number;
}

/** A base address register as sizing sees it. */
export interface PciSized {
  readonly bar: number;
  readonly bytes: number;
  readonly is64: boolean;
}

export type ClaimResult =
  | { readonly kind: "claimed"; readonly claim: PciClaim }
  /** Functions match, and all of them are taken. */
  | { readonly kind: "taken"; readonly slot: number; readonly by: string }
  | { readonly kind: "none" };

/** What answers where no function is. */
const EMPTY: PciConfiguration = {
  read8: () => 0xff,
  read16: () => 0xffff,
  read32: () => 0xffff_ffff,
  write8: () => {},
  write16: () => {},
  write32: () => {},
};

export class PciBus {
  readonly #functions: (PciFunction | undefined)[] = new Array(SLOTS).fill(undefined);
  readonly #claims: Map<number, PciClaim> = new Map();
  readonly #end: number;
  #next: number;

  constructor({ windowBase = 0xe000_0000, windowBytes = 0x1000_0000 }: PciBusOptions = {}) {
    this.#next = windowBase;
    this.#end = windowBase + windowBytes;
  }

  /** Puts a model into an empty slot, 0..31; `line` is where its interrupt pin leads, `messages` where its messages go. */
  plug(slot: number, model: PciModel, line?: InterruptLine, messages?: Interrupt): PciFunction {
    if (!(Number.isInteger(slot) && slot >= 0 && slot < SLOTS)) throw new Error(`a PCI bus has slots 0 to ${SLOTS - 1}, not ${slot}`);
    if (this.#functions[slot] !== undefined) throw new Error(`PCI slot ${slot} is taken`);
    const fn = new PciFunction(slot, model, line, messages);
    this.#functions[slot] = fn;
    return fn;
  }

  /** A slot's configuration space; an empty slot reads as all ones. */
  configuration(slot: number): PciConfiguration {
    return this.#functions[slot]?.configuration ?? EMPTY;
  }

  enumerate(): PciFound[] {
    const found: PciFound[] = [];
    for (let slot = 0; slot < SLOTS; slot++) {
      const configuration = this.configuration(slot);
      const vendor = configuration.read16(PCI.vendor);
      if (vendor === NO_VENDOR) continue;
      const word = configuration.read32(PCI.revision);
      found.push({ slot, vendor, device: configuration.read16(PCI.device), classCode: word >>> 8, revision: word & 0xff });
    }
    return found;
  }

  /** Gives every window an address. A second call gives new ones to functions that have none. */
  assign(): void {
    for (const { slot } of this.enumerate()) {
      const configuration = this.configuration(slot);
      for (const { bar, bytes, is64 } of size(configuration)) {
        const at = PCI.bar0 + 4 * bar;
        if ((configuration.read32(at) & ~0xf) !== 0 || (is64 && configuration.read32(at + 4) !== 0)) continue;
        const address = Math.ceil(this.#next / bytes) * bytes;
        if (address + bytes > this.#end) throw new Error(`PCI slot ${slot}: no room for BAR ${bar} of ${bytes} bytes`);
        configuration.write32(at, address % 2 ** 32);
        if (is64) configuration.write32(at + 4, Math.floor(address / 2 ** 32));
        this.#next = address + bytes;
      }
    }
  }

  /** The window that decodes an address, and the offset in it; `undefined` where nobody answers. */
  decode(address: number): { readonly window: Mmio; readonly offset: number } | undefined {
    for (const fn of this.#functions) {
      for (const { index, bytes } of fn?.model.identity.bars ?? []) {
        const base = fn?.address(index);
        if (base === undefined || address < base || address >= base + bytes) continue;
        const window = fn?.window(index);
        return window && { window, offset: address - base };
      }
    }
    return undefined;
  }

  /** The first free function that matches, for one holder alone until he releases it. */
  claim(wanted: PciMatch, holder: string): ClaimResult {
    let taken: PciClaim | undefined;
    for (const fn of this.#functions) {
      if (fn === undefined || !matches(fn.configuration, wanted)) continue;
      const current = this.#claims.get(fn.slot);
      taken ??= current;
      if (current !== undefined) continue;
      const claim = new PciClaim(holder, fn, () => this.#claims.delete(fn.slot));
      this.#claims.set(fn.slot, claim);
      return { kind: "claimed", claim };
    }
    return taken === undefined ? { kind: "none" } : { kind: "taken", slot: taken.function.slot, by: taken.holder };
  }
}

/** Finds out what a function's base address registers are for: writes all ones, reads back, restores. */
export function size(configuration: PciConfiguration): PciSized[] {
  const sized: PciSized[] = [];
  for (let bar = 0; bar < BARS; bar++) {
    const at = PCI.bar0 + 4 * bar;
    const old = configuration.read32(at);
    configuration.write32(at, 0xffff_ffff);
    const answer = configuration.read32(at);
    configuration.write32(at, old);
    const mask = answer & ~0xf;
    const is64 = (answer & BAR_KIND.memory64) !== 0;
    if (mask !== 0) sized.push({ bar, bytes: -mask >>> 0, is64 });
    if (is64) bar++;
  }
  return sized;
}
