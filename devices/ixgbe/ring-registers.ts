/**
 * The registers of the rings, receive and transmit: what a write means for the ring behind it, and what a read shows of it.
 * Called by the model for offsets inside the ring blocks. Source: [82599] sections 8.2.3.8, 8.2.3.9.
 */
import type { Receiver } from "./receive.ts";
import { DCTL, REG, RX, TX } from "./registers.ts";
import { DESCRIPTOR_BYTES, type Ring } from "./ring.ts";
import type { RxQueue } from "./rx-queue.ts";
import type { Transmitter } from "./transmit.ts";
import type { TxQueue } from "./tx-queue.ts";

const RING_BYTES = 0x40;
const LOW_RINGS = 64;

export class RingRegisters {
  readonly #regs: Uint32Array;
  readonly #receiver: Receiver;
  readonly #transmitter: Transmitter;

  constructor(regs: Uint32Array, receiver: Receiver, transmitter: Transmitter) {
    this.#regs = regs;
    this.#receiver = receiver;
    this.#transmitter = transmitter;
  }

  /** Whether the ring blocks hold that offset. */
  holds(offset: number): boolean {
    return isReceive(offset) || (offset >= REG.txRing && offset < REG.txRing + 128 * RING_BYTES);
  }

  // HOT: drivers read head and tail.
  read(offset: number): number {
    const at = offset & (RING_BYTES - 1);
    if (at !== RX.head && at !== RX.tail) return this.#regs[offset >>> 2] ?? 0;
    const ring = this.#ringAt(offset);
    return (at === RX.head ? ring?.head : ring?.tail) ?? 0;
  }

  // HOT: every tail write.
  /** `value` is masked already. */
  write(offset: number, value: number): void {
    const at = offset & (RING_BYTES - 1);
    if (isReceive(offset)) {
      const queue = this.#receiver.queues[receiveIndex(offset)];
      if (queue !== undefined) this.#writeReceive(queue, offset, at, value);
    } else {
      const queue = this.#transmitter.queues[(offset - REG.txRing) >>> 6];
      if (queue !== undefined) this.#writeTransmit(queue, offset, at, value);
    }
  }

  #writeReceive(queue: RxQueue, offset: number, at: number, value: number): void {
    const { ring } = queue;
    switch (at) {
      case RX.tail:
        ring.tail = value;
        this.#receiver.drain();
        break;
      case RX.head:
        if (!ring.enabled) ring.head = value;
        break;
      case RX.control:
        this.#regs[offset >>> 2] = value;
        queue.stripVlan = (value & DCTL.stripVlan) !== 0;
        if ((value & DCTL.enable) !== 0) ring.enable();
        else if (ring.enabled) {
          queue.disable();
          this.#receiver.drain();
        }
        break;
      case RX.splitControl:
        this.#regs[offset >>> 2] = value;
        queue.configure(value);
        break;
      default:
        queue.flush();
        this.#place(ring, offset, at, value);
    }
  }

  #writeTransmit(queue: TxQueue, offset: number, at: number, value: number): void {
    const { ring } = queue;
    switch (at) {
      case TX.tail:
        ring.tail = value;
        this.#transmitter.kick(ring.index);
        break;
      case TX.head:
        if (!ring.enabled) ring.head = value;
        break;
      case TX.control:
        this.#regs[offset >>> 2] = value;
        if ((value & DCTL.enable) !== 0) ring.enable();
        else if (ring.enabled) queue.disable();
        break;
      case TX.headAddressLow:
      case TX.headAddressHigh: {
        this.#regs[offset >>> 2] = value;
        const block = offset - at;
        const low = this.#regs[(block + TX.headAddressLow) >>> 2] ?? 0;
        const high = this.#regs[(block + TX.headAddressHigh) >>> 2] ?? 0;
        queue.headAddress = (low & 1) !== 0 ? ((low & ~3) >>> 0) + high * 0x1_0000_0000 : 0;
        break;
      }
      default:
        queue.writeBack();
        this.#place(ring, offset, at, value);
    }
  }

  #place(ring: Ring, offset: number, at: number, value: number): void {
    this.#regs[offset >>> 2] = value;
    const block = offset - at;
    const low = this.#regs[(block + RX.baseLow) >>> 2] ?? 0;
    const high = this.#regs[(block + RX.baseHigh) >>> 2] ?? 0;
    ring.place(low + high * 0x1_0000_0000, (this.#regs[(block + RX.length) >>> 2] ?? 0) / DESCRIPTOR_BYTES);
  }

  #ringAt(offset: number): Ring | undefined {
    if (isReceive(offset)) return this.#receiver.queues[receiveIndex(offset)]?.ring;
    return this.#transmitter.queues[(offset - REG.txRing) >>> 6]?.ring;
  }
}

function isReceive(offset: number): boolean {
  return (
    (offset >= REG.rxRing && offset < REG.rxRing + LOW_RINGS * RING_BYTES) ||
    (offset >= REG.rxRingHigh && offset < REG.rxRingHigh + LOW_RINGS * RING_BYTES)
  );
}

function receiveIndex(offset: number): number {
  return offset < REG.rxRingHigh ? (offset - REG.rxRing) >>> 6 : LOW_RINGS + ((offset - REG.rxRingHigh) >>> 6);
}
