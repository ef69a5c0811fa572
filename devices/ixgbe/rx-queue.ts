/**
 * One receive ring: takes frames into the buffers of its descriptors and writes the descriptors back, many at once.
 * The receive path calls `put` with what it found out about a frame; the model calls `flush` when an access or a frame is done.
 * Owns its ring and the private copies of its descriptors only, so rings do not meet.
 * Source: [82599] sections 7.1.5 (legacy), 7.1.6 (advanced), 7.1.10 (header split), registers 8.2.3.8.
 */
import { type Bus, copy } from "./bus.ts";
import type { Received } from "./received.ts";
import { DESCRIPTORS, SRRCTL } from "./registers.ts";
import { BATCH, DESCRIPTOR_BYTES, DESCRIPTOR_WORDS, NONE, Ring } from "./ring.ts";

export const RX_STATUS = {
  done: 1,
  endOfPacket: 2,
  flowDirector: 4,
  vlan: 8,
  udpSum: 0x10,
  l4Sum: 0x20,
  ipSum: 0x40,
  inexact: 0x80,
} as const;
/** In the advanced write-back; legacy has them in a byte. */
export const RX_ERROR = { headerOverflow: 0x80_0000, receive: 0x2000_0000, l4: 0x4000_0000, ip: -0x8000_0000 } as const;
const SPLIT_HEADER = 1 << 31;
const HEADER_SHIFT = 21;
const HEADER_MASK = 0x3ff;
/** From so many descriptors on one call that copies is faster than a loop. */
const BULK = 8;
const LEGACY_ERRORS_SHIFT = 24;

/** What `put` answers instead of an offset: the bus refused a buffer, or a ring. */
export const REFUSED = -1;

export class RxQueue {
  readonly ring: Ring;
  readonly #bus: Bus;
  bufferBytes = 2048;
  headerBytes = 0;
  /** SRRCTL.DESCTYPE. */
  format = 0;
  dropEnable = false;
  stripVlan = false;
  /** A frame that asked for an immediate interrupt was written back. */
  urgent = false;
  /** Since the model last looked: frames that ended in descriptors written back, and those that the bus has lost. */
  delivered = 0;
  lost = 0;
  /** Descriptors were written back since the model last looked. */
  signals = false;
  /** Descriptors [#backFirst, #backFirst + #backCount) are to be written back; `#backFrames` frames ended in them. */
  readonly #back: Uint32Array = new Uint32Array(BATCH * DESCRIPTOR_WORDS);
  readonly #backBytes: Uint8Array = new Uint8Array(this.#back.buffer);
  /** Their bytes with the done bits, meanwhile. */
  readonly #states: Uint8Array = new Uint8Array(BATCH);
  #backFirst = 0;
  #backCount = 0;
  #backFrames = 0;

  constructor(index: number, bus: Bus) {
    this.ring = new Ring(index, bus);
    this.#bus = bus;
  }

  /** SRRCTL. A packet buffer size of 0 is taken for the smallest. */
  configure(control: number): void {
    this.flush();
    this.bufferBytes = Math.max(1, control & 0x1f) << 10;
    this.headerBytes = ((control >>> 8) & 0x3f) << 6;
    this.format = (control >>> 25) & 7;
    this.dropEnable = (control & SRRCTL.dropEnable) !== 0;
  }

  reset(): void {
    this.#backCount = this.#backFrames = this.delivered = this.lost = 0;
    this.urgent = this.signals = this.stripVlan = false;
    this.ring.reset();
  }

  /** What was received stays received. */
  disable(): void {
    this.flush();
    this.ring.disable();
  }

  /** How many descriptors a frame needs. */
  needs(length: number): number {
    return length <= this.bufferBytes ? 1 : Math.ceil(length / this.bufferBytes);
  }

  // HOT: every delivered frame.
  /**
   * Puts a frame, from `at` on, into as many descriptors as it needs. Returns how far it came: the frame's length, or less when
   * descriptors ran out; or REFUSED, when the frame is lost and its descriptor is back with an error.
   */
  put(frame: Uint8Array, at: number, received: Received): number {
    const { length } = received;
    let from = at;
    while (from < length) {
      const word = this.ring.enabled && !this.ring.stalled ? this.ring.next() : NONE;
      if (word === NONE) return this.ring.stalled ? REFUSED : from;
      const end =
        from === 0 && this.#splits(received) ? this.#putSplit(frame, received, word) : this.#putWhole(frame, from, received, word);
      if (end === REFUSED) {
        this.#complete(word, 0, 0, 0, 0, 0, RX_STATUS.endOfPacket, RX_ERROR.receive);
        return REFUSED;
      }
      from = end;
    }
    return from;
  }

  // HOT: once per access or frame.
  /** Writes back what was completed. If the bus refuses, the ring is stalled and its frames are lost. */
  flush(): void {
    const count = this.#backCount;
    if (count === 0) return;
    const frames = this.#backFrames;
    this.#backCount = this.#backFrames = 0;
    const shared = this.#bus.writable(this.ring.base + this.#backFirst * DESCRIPTOR_BYTES, count * DESCRIPTOR_BYTES);
    if (shared === undefined) {
      this.ring.stalled = true;
      this.lost += frames;
      return;
    }
    this.delivered += frames;
    this.signals = true;
    const bytes = this.#backBytes;
    const done = this.format === DESCRIPTORS.legacy ? 12 : 8;
    // Whoever sees a done bit sees the rest of the descriptor, so these bytes come last.
    const states = this.#states;
    for (let i = 0, at = done; i < count; i++, at += DESCRIPTOR_BYTES) {
      states[i] = bytes[at] ?? 0;
      bytes[at] = 0;
    }
    if (count < BULK) for (let b = 0; b < count * DESCRIPTOR_BYTES; b++) shared[b] = bytes[b] ?? 0;
    else shared.set(count === BATCH ? bytes : bytes.subarray(0, count * DESCRIPTOR_BYTES));
    for (let i = 0, at = done; i < count; i++, at += DESCRIPTOR_BYTES) Atomics.store(shared, at, states[i] ?? 0);
  }

  #putWhole(frame: Uint8Array, from: number, received: Received, word: number): number {
    const { length } = received;
    const bytes = Math.min(this.bufferBytes, length - from);
    const buffer = this.#bus.writable(this.ring.address(word), bytes);
    if (buffer === undefined) return REFUSED;
    copy(buffer, 0, frame, from, bytes);
    this.#finish(word, bytes, from + bytes === length, received, 0);
    return from + bytes;
  }

  #splits(received: Received): boolean {
    const { format } = this;
    return (format === DESCRIPTORS.split || format === DESCRIPTORS.splitAlways) && this.headerBytes > 0 && received.length > 0;
  }

  /**
   * The header goes to the header buffer, the rest to the packet buffer. A header that does not fit, or none: with `split` all goes to
   * the packet buffer; with `splitAlways` the header buffer is filled first.
   */
  #putSplit(frame: Uint8Array, received: Received, word: number): number {
    const { length, headerLength } = received;
    const fits = headerLength > 0 && headerLength <= this.headerBytes;
    const overflow = headerLength > this.headerBytes ? RX_ERROR.headerOverflow : 0;
    if (!fits && this.format === DESCRIPTORS.split) {
      const bytes = Math.min(this.bufferBytes, length);
      const buffer = this.#bus.writable(this.ring.address(word), bytes);
      if (buffer === undefined) return REFUSED;
      copy(buffer, 0, frame, 0, bytes);
      this.#finish(word, bytes, bytes === length, received, overflow, headerLength);
      return bytes;
    }
    const head = Math.min(length, fits ? headerLength : this.headerBytes);
    const rest = Math.min(this.bufferBytes, length - head);
    // Both buffers are asked for before either is touched; the header's address is the second half of the descriptor.
    const header = this.#bus.writable(this.ring.address(word + 2), head);
    const buffer = rest === 0 ? header : this.#bus.writable(this.ring.address(word), rest);
    if (header === undefined || buffer === undefined) return REFUSED;
    copy(header, 0, frame, 0, head);
    if (rest > 0) copy(buffer, 0, frame, head, rest);
    this.#finish(word, rest, head + rest === length, received, overflow, head, SPLIT_HEADER);
    return head + rest;
  }

  #finish(word: number, bytes: number, isLast: boolean, received: Received, error: number, header = 0, split = 0): void {
    const info = received.info | ((header & HEADER_MASK) << HEADER_SHIFT) | split;
    if (!isLast) {
      this.#complete(word, bytes, info, received.hash, 0, 0, 0, error);
      return;
    }
    if (received.urgent) this.urgent = true;
    this.#backFrames++;
    const status = received.status | RX_STATUS.endOfPacket;
    this.#complete(word, bytes, info, received.hash, received.sum, received.tag, status, received.errors | error);
  }

  // HOT
  #complete(word: number, bytes: number, info: number, hash: number, sum: number, tag: number, status: number, errors: number): void {
    const { head, words } = this.ring;
    const back = this.#back;
    const at = this.#backCount * DESCRIPTOR_WORDS;
    if (this.#backCount === 0) this.#backFirst = head;
    if (this.format === DESCRIPTORS.legacy) {
      back[at] = words[word] ?? 0;
      back[at + 1] = words[word + 1] ?? 0;
      back[at + 2] = bytes | (sum << 16);
      back[at + 3] = (status & 0xff) | RX_STATUS.done | (legacyErrors(errors) << 8) | (tag << 16);
    } else {
      back[at] = info;
      back[at + 1] = hash;
      back[at + 2] = status | RX_STATUS.done | errors;
      back[at + 3] = bytes | (tag << 16);
    }
    this.#backCount++;
    this.ring.advance();
    if (this.#backCount === BATCH || this.ring.head === 0) this.flush();
  }
}

/** IPE 7, L4E 6, RXE 0. */
function legacyErrors(errors: number): number {
  return ((errors >>> LEGACY_ERRORS_SHIFT) & 0xc0) | ((errors & RX_ERROR.receive) !== 0 ? 1 : 0);
}
