/**
 * The statistics block: counts what the receive and transmit paths tell it, straight in the registers that software reads, and adds what
 * was counted on other CPUs (queues/engine-statistics.ts). Frame lengths come without CRC and are counted with it. Counters stay at their largest value.
 * Source: [82599] section 8.2.3.23.
 */
import { COUNT } from "./map-statistics.ts";
import { REG } from "./registers.ts";

const CRC_BYTES = 4;
const LARGEST = 0xffff_ffff;
const LARGEST_HIGH = 0xf;
const HALF = 0x1_0000_0000;
const SET_STRIDE = 0x40;
const BYTES_SENT_STRIDE = 8;

export class Statistics {
  readonly #regs: Uint32Array;

  constructor(regs: Uint32Array) {
    this.#regs = regs;
  }

  // HOT: several times a frame.
  count(offset: number): void {
    const regs = this.#regs;
    const value = regs[offset >>> 2] ?? 0;
    if (value !== LARGEST) regs[offset >>> 2] = value + 1;
  }

  /** What was counted elsewhere. */
  add(offset: number, by: number): void {
    const regs = this.#regs;
    regs[offset >>> 2] = Math.min(LARGEST, (regs[offset >>> 2] ?? 0) + by);
  }

  addBytes(offset: number, bytes: number): void {
    const regs = this.#regs;
    const word = offset >>> 2;
    const sum = Math.min((regs[word] ?? 0) + (regs[word + 1] ?? 0) * HALF + bytes, LARGEST_HIGH * HALF + LARGEST);
    regs[word] = sum % HALF;
    regs[word + 1] = Math.floor(sum / HALF);
  }

  // HOT
  bytes(offset: number, bytes: number): void {
    const regs = this.#regs;
    const word = offset >>> 2;
    const sum = (regs[word] ?? 0) + bytes;
    regs[word] = sum;
    if (sum <= LARGEST) return;
    const high = regs[word + 1] ?? 0;
    if (high < LARGEST_HIGH) regs[word + 1] = high + 1;
    else regs[word] = LARGEST;
  }

  /** Anything that came in over the wire, whatever becomes of it. */
  arrived(length: number): void {
    this.count(COUNT.received);
    this.bytes(COUNT.bytesReceived, length + CRC_BYTES);
  }

  /** A frame without errors, before the filters look at it. */
  intact(length: number): void {
    this.count(COUNT.notFiltered);
    this.bytes(COUNT.notFilteredBytes, length + CRC_BYTES);
  }

  // HOT
  /** A frame without errors that passed the filters. */
  accepted(length: number, isMulticast: boolean, isBroadcast: boolean): void {
    this.count(COUNT.goodReceived);
    this.bytes(COUNT.goodBytesReceived, length + CRC_BYTES);
    this.count(COUNT.receivedBySize + 4 * sizeClass(length + CRC_BYTES));
    if (isBroadcast) this.count(COUNT.broadcastReceived);
    else if (isMulticast) this.count(COUNT.multicastReceived);
  }

  // HOT
  /** A frame is in a ring's buffers. */
  delivered(queue: number, length: number): void {
    this.count(COUNT.dmaReceived);
    this.bytes(COUNT.dmaReceivedBytes, length + CRC_BYTES);
    const set = this.#setOf(REG.rqsmr, queue) * SET_STRIDE;
    this.count(COUNT.queueReceived + set);
    this.bytes(COUNT.queueBytesReceived + set, length + CRC_BYTES);
  }

  /** A frame was dropped for want of descriptors in its ring. */
  dropped(queue: number, length: number): void {
    this.count(COUNT.dmaDropped);
    this.bytes(COUNT.dmaDroppedBytes, length + CRC_BYTES);
    this.count(COUNT.queueDropped + this.#setOf(REG.rqsmr, queue) * SET_STRIDE);
  }

  // HOT
  /** A frame has left a ring. */
  fetched(queue: number, length: number): void {
    this.count(COUNT.dmaSent);
    this.bytes(COUNT.dmaSentBytes, length + CRC_BYTES);
    const set = this.#setOf(REG.tqsm, queue);
    this.count(COUNT.queueSent + set * SET_STRIDE);
    this.bytes(COUNT.queueBytesSent + set * BYTES_SENT_STRIDE, length + CRC_BYTES);
  }

  // HOT
  /** A frame has left the MAC. */
  sent(length: number, isMulticast: boolean, isBroadcast: boolean): void {
    this.count(COUNT.sent);
    this.count(COUNT.goodSent);
    this.bytes(COUNT.goodBytesSent, length + CRC_BYTES);
    this.count(COUNT.sentBySize + 4 * sizeClass(length + CRC_BYTES));
    if (isBroadcast) this.count(COUNT.broadcastSent);
    else if (isMulticast) this.count(COUNT.multicastSent);
  }

  #setOf(map: number, queue: number): number {
    return ((this.#regs[(map >>> 2) + (queue >>> 2)] ?? 0) >>> (8 * (queue & 3))) & 0xf;
  }
}

/** Which of the six ranges a length with CRC falls into; the last one has no upper end. */
function sizeClass(bytes: number): number {
  if (bytes <= 64) return 0;
  if (bytes <= 127) return 1;
  if (bytes <= 255) return 2;
  if (bytes <= 511) return 3;
  return bytes <= 1023 ? 4 : 5;
}
