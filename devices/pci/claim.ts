/**
 * An exclusive claim on one function: its first window, its configuration space, and when it may do DMA.
 * It is what the kernel grants to a driver, so it looks like a device with one window; it can be started and stopped
 * again and again, for one generation of the driver after the other, until it is released.
 */
import type { Dma, Interrupt, InterruptLine, PciConfiguration } from "../ports.ts";
import type { PciFunction } from "./function.ts";

/** What a bus reads where no device answers. */
const NOBODY = 0xffff_ffff;

export class PciClaim {
  /** Who has it, for messages. */
  readonly holder: string;
  readonly function: PciFunction;
  readonly #bar: number;
  readonly #released: (claim: PciClaim) => void;
  #valid = true;

  constructor(holder: string, fn: PciFunction, released: (claim: PciClaim) => void) {
    this.holder = holder;
    this.function = fn;
    this.#bar = fn.model.identity.bars[0]?.index ?? 0;
    this.#released = released;
  }

  get configuration(): PciConfiguration {
    return this.function.configuration;
  }

  start(dma: Dma, line?: InterruptLine, messages?: Interrupt): void {
    if (!this.#valid) throw new Error(`slot ${this.function.slot}: the claim of ${this.holder} was released`);
    this.function.start(dma, line, messages);
  }

  stop(): void {
    if (this.#valid) this.function.stop();
  }

  // HOT: every register access of a driver.
  read32(offset: number): number {
    return this.#valid ? (this.function.window(this.#bar)?.read32(offset) ?? NOBODY) : NOBODY;
  }

  write32(offset: number, value: number): void {
    if (this.#valid) this.function.window(this.#bar)?.write32(offset, value);
  }

  /** Stops the function and lets somebody else claim it. */
  release(): void {
    if (!this.#valid) return;
    this.function.stop();
    this.#valid = false;
    this.#released(this);
  }
}
