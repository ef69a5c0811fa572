/**
 * Host code that drives the 82599 without any domain: one ring pair in loopback at the MAC, frames of 64 bytes with their CRC, a batch at
 * a time, no checks but the done bits and the count. It is the most that a driver in the host could get out of the model.
 */
import { IxgbeModel } from "../../devices/ixgbe/model.ts";
import { HLREG0, REG, RX, TX } from "../../devices/ixgbe/registers.ts";
import type { Dma } from "../../devices/ports.ts";

const ENTRIES = 512;
const FRAME_BYTES = 60;
const BUFFER_BYTES = 2048;
const [RX_RING, TX_RING, DATA] = [0, 0x2000, 0x4000] as const;
const ENABLE = 1 << 25;
/** Advanced data: EOP, IFCS, RS, DEXT. */
const COMMAND = FRAME_BYTES | (3 << 20) | (0x2b << 24);
const SRRCTL_ADVANCED = 2 | (1 << 25);

export class IxgbeDirect {
  readonly #memory: Uint8Array = new Uint8Array(new SharedArrayBuffer(DATA + 2 * ENTRIES * BUFFER_BYTES));
  readonly #words: Uint32Array = new Uint32Array(this.#memory.buffer);
  readonly #model: IxgbeModel;
  #rx = 0;
  #tx = 0;

  constructor() {
    const memory = this.#memory;
    const view = (address: number, bytes: number): Uint8Array | undefined =>
      address + bytes <= memory.length ? memory.subarray(address, address + bytes) : undefined;
    const dma: Dma = { readable: view, writable: view, pin: () => true, unpin: () => {} };
    this.#model = new IxgbeModel({ wire: { up: true, send: () => {}, attach: () => {} } });
    const model = this.#model;
    model.start(dma);
    model.write32(REG.hlreg0, model.read32(REG.hlreg0) | HLREG0.loopback);
    for (const [ring, base] of [
      [REG.rxRing, RX_RING],
      [REG.txRing, TX_RING],
    ] as const) {
      model.write32(ring + RX.baseLow, base);
      model.write32(ring + RX.length, ENTRIES * 16);
    }
    model.write32(REG.rxRing + RX.splitControl, SRRCTL_ADVANCED);
    model.write32(REG.rxRing + RX.control, ENABLE);
    model.write32(REG.txRing + TX.control, ENABLE);
    model.write32(REG.rxctrl, 1);
    model.write32(REG.dmatxctl, 1);
    for (let i = 0; i < ENTRIES; i++) {
      this.#post(i);
      memory.set([0x02, 0x53, 0x75, 0x6d, 0x61, 0x63, 2, 0, 0, 0, 0, 1, 0x88, 0xb5], this.#txBuffer(i));
    }
    model.write32(REG.rxRing + RX.tail, ENTRIES - 1);
  }

  /** Sends so many frames with one doorbell, takes them in again, and gives the descriptors back with one more. */
  batch(frames: number): void {
    const words = this.#words;
    for (let i = 0; i < frames; i++) {
      const at = (TX_RING >>> 2) + 4 * this.#tx;
      words[at] = this.#txBuffer(this.#tx);
      words[at + 1] = 0;
      words[at + 2] = COMMAND;
      words[at + 3] = FRAME_BYTES << 14;
      this.#tx = (this.#tx + 1) % ENTRIES;
    }
    this.#model.write32(REG.txRing + TX.tail, this.#tx);
    let taken = 0;
    for (let at = (RX_RING >>> 2) + 4 * this.#rx; ((words[at + 2] ?? 0) & 1) !== 0; at = (RX_RING >>> 2) + 4 * this.#rx) {
      this.#post(this.#rx);
      this.#rx = (this.#rx + 1) % ENTRIES;
      taken++;
    }
    if (taken !== frames) throw new Error(`${frames} frames were sent and ${taken} came back`);
    this.#model.write32(REG.rxRing + RX.tail, (this.#rx + ENTRIES - 1) % ENTRIES);
  }

  #post(index: number): void {
    const at = (RX_RING >>> 2) + 4 * index;
    this.#words[at] = DATA + index * BUFFER_BYTES;
    this.#words[at + 1] = this.#words[at + 2] = this.#words[at + 3] = 0;
  }

  #txBuffer(index: number): number {
    return DATA + (ENTRIES + index) * BUFFER_BYTES;
  }
}
