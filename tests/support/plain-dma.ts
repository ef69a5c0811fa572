/**
 * A bus over one plain array in which everything is allowed unless a test says no: for device tests with much memory.
 * It keeps a log of what was handed out, and of pins, so that a test can show an order or that nothing was touched.
 */
import type { Dma } from "../../devices/ports.ts";

export type DmaKind = "read" | "write" | "pin";

export class PlainDma implements Dma {
  readonly memory: Uint8Array;
  readonly fields: DataView;
  /** "read 4096+64", "write …", "pin …", "unpin …", in order. */
  readonly log: string[] = [];
  /** Pinned addresses and how often. */
  readonly pins: Map<number, number> = new Map();
  /** Says no to a range. */
  refuses: (kind: DmaKind, address: number, bytes: number) => boolean = () => false;

  constructor(bytes: number) {
    this.memory = new Uint8Array(bytes);
    this.fields = new DataView(this.memory.buffer);
  }

  readable(address: number, bytes: number): Uint8Array | undefined {
    return this.#view("read", address, bytes);
  }

  writable(address: number, bytes: number): Uint8Array | undefined {
    return this.#view("write", address, bytes);
  }

  pin(address: number, bytes: number): boolean {
    if (!this.#allows("pin", address, bytes)) return false;
    this.pins.set(address, (this.pins.get(address) ?? 0) + 1);
    return true;
  }

  unpin(address: number): void {
    const left = (this.pins.get(address) ?? 0) - 1;
    if (left < 0) throw new Error(`unpin of ${address}, which is not pinned`);
    this.log.push(`unpin ${address}`);
    if (left === 0) this.pins.delete(address);
    else this.pins.set(address, left);
  }

  #view(kind: DmaKind, address: number, bytes: number): Uint8Array | undefined {
    return this.#allows(kind, address, bytes) ? this.memory.subarray(address, address + bytes) : undefined;
  }

  #allows(kind: DmaKind, address: number, bytes: number): boolean {
    if (!(address >= 0 && bytes >= 0 && address + bytes <= this.memory.length) || this.refuses(kind, address, bytes)) return false;
    this.log.push(`${kind} ${address}+${bytes}`);
    return true;
  }
}
