/**
 * One transmit ring: fetches descriptors, gathers a frame's bytes into private memory, makes frames of them, and writes back what was
 * done. `run` is called when there may be work; what it hands out are finished frames. Rings do not meet: each has its own memory.
 * Source: [82599] sections 7.2.1 to 7.2.5, registers 8.2.3.9.
 *
 *   fetch ─▶ context: kept          data: bytes gathered ─ EOP ─▶ checksums, VLAN tag, padding ─▶ frame
 *                                                               └─ TSE ─▶ one frame per segment
 */
import { type Bus, copy } from "./bus.ts";
import { sum16 } from "./checksum.ts";
import { fits, insertIpChecksum, insertL4Checksum, put16 } from "./offload.ts";
import { BATCH, DESCRIPTOR_BYTES, NONE, Ring } from "./ring.ts";
import { canSegment, type FlagMasks, segment } from "./segment.ts";
import { TxContext } from "./tx-context.ts";

const COMMAND = {
  endOfPacket: 1 << 24,
  insertChecksum: 1 << 26,
  report: 1 << 27,
  extended: 1 << 29,
  vlan: 1 << 30,
  segment: 1 << 31,
} as const;
const TYPE = { shift: 20, mask: 0xf, context: 2, data: 3 } as const;
const OPTION = { ipChecksum: 1 << 8, l4Checksum: 1 << 9 } as const;
/** The slot of the context, in the last word of a data descriptor. */
const SLOT_SHIFT = 4;
const DONE = 1;
const DONE_AT = 12;
/** The hardware's limits for what it sends and what it cuts. */
const LARGEST_FRAME = 15_872;
const LARGEST_PACKET: number = 0x3_ffff + 512;
const SMALLEST_FRAME = 17;
const TAG_BYTES = 4;

/** What the ring needs of its surroundings. */
export interface TxSurroundings {
  /** Frames go back into the receive path, which has done with them when `emit` returns. */
  readonly loops: () => boolean;
  /** May a frame go out now: link, pause. */
  readonly isOpen: () => boolean;
  /** A finished frame; the bytes are used again. `queue` for statistics. */
  readonly emit: (frame: Uint8Array, length: number, queue: number) => void;
  /** The ring is stalled: its descriptors are malformed, or else the bus refused their data. */
  readonly failed: (isMalformed: boolean) => void;
  readonly pads: () => boolean;
  readonly vlanType: () => number;
  readonly flagMasks: () => FlagMasks;
  /** What is left of the work that one access may set off, in bytes. */
  budget: number;
}

/** What a descriptor and a frame count as beside their bytes. */
const DESCRIPTOR_WORK = 256;
const PADDED_BYTES = 60;

export class TxQueue {
  readonly ring: Ring;
  /** Head write-back, or 0. */
  headAddress = 0;
  /** Descriptors that asked for it were reported since the model last looked. */
  signals = false;
  readonly #bus: Bus;
  readonly #contexts: readonly [TxContext, TxContext] = [new TxContext(), new TxContext()];
  /** The frame that is being gathered. */
  #bytes: Uint8Array = new Uint8Array(2048);
  #length = 0;
  /** The first data descriptor of the frame has been seen; these are its command and its options. */
  #open = false;
  #command = 0;
  #options = 0;
  #legacyTag = 0;
  #legacyStart = 0;
  #legacyOffset = 0;
  /** The gathered packet is being cut: where the next segment's payload begins, and its number. */
  #cutting = false;
  #cutAt = 0;
  #cutNumber = 0;
  #segment: Uint8Array = new Uint8Array(0);
  /** Descriptors processed since the last write-back; a bit for each that asked for a report. */
  #backFirst = 0;
  #backCount = 0;
  #reports = 0;
  #isMalformed = false;
  /** Counts resets and disables: a frame that goes out may come back as one of them. */
  #epoch = 0;

  constructor(index: number, bus: Bus) {
    this.ring = new Ring(index, bus);
    this.#bus = bus;
  }

  reset(): void {
    this.#drop();
    for (const context of this.#contexts) context.clear();
    this.headAddress = 0;
    this.signals = false;
    this.ring.reset();
  }

  disable(): void {
    this.#drop();
    this.ring.disable();
  }

  /** Something is left to do here. */
  get hasWork(): boolean {
    return this.ring.enabled && !this.ring.stalled && (this.#cutting || this.ring.owned > 0);
  }

  // HOT: every tail write.
  run(around: TxSurroundings): void {
    const { ring } = this;
    while (ring.enabled && !ring.stalled && around.budget > 0 && around.isOpen()) {
      if (this.#cutting) {
        this.#cut(around);
        continue;
      }
      const word = ring.next();
      if (word === NONE) break;
      around.budget -= DESCRIPTOR_WORK;
      this.#isMalformed = false;
      if (!this.#process(word, around)) {
        ring.stalled = true;
        this.#length = 0;
        this.#open = false;
        around.failed(this.#isMalformed);
        break;
      }
    }
    this.writeBack();
  }

  // HOT
  /** Tells software what was done: the head, or the done bit of each descriptor that asked for it. */
  writeBack(): void {
    const count = this.#backCount;
    const reports = this.#reports;
    this.#backCount = this.#reports = 0;
    if (reports === 0) return;
    this.signals = true;
    if (this.headAddress !== 0) {
      const head = this.#bus.writable(this.headAddress, 4);
      if (head === undefined) this.ring.stalled = true;
      else for (let i = 0; i < 4; i++) head[i] = this.ring.head >>> (8 * i);
      return;
    }
    const shared = this.#bus.writable(this.ring.base + this.#backFirst * DESCRIPTOR_BYTES, count * DESCRIPTOR_BYTES);
    if (shared === undefined) {
      this.ring.stalled = true;
      return;
    }
    for (let i = 0; i < count; i++) if ((reports & (1 << i)) !== 0) Atomics.store(shared, i * DESCRIPTOR_BYTES + DONE_AT, DONE);
  }

  /** One descriptor, from its private copy; `false` if it is malformed or its data was refused: it stays at the head. */
  #process(word: number, around: TxSurroundings): boolean {
    const { words } = this.ring;
    const epoch = this.#epoch;
    const command = words[word + 2] ?? 0;
    const isExtended = (command & COMMAND.extended) !== 0;
    const type = (command >>> TYPE.shift) & TYPE.mask;
    if (isExtended && type === TYPE.context) {
      // A context in the middle of a frame belongs to the next one.
      this.#contexts[((words[word + 3] ?? 0) >>> SLOT_SHIFT) & 1]?.load(words, word);
    } else if (isExtended && type !== TYPE.data) {
      return this.#refuse();
    } else if (!this.#gather(word, command, isExtended, around)) return false;
    if (epoch === this.#epoch) this.#complete((command & COMMAND.report) !== 0);
    return true;
  }

  #refuse(): false {
    this.#isMalformed = true;
    return false;
  }

  #gather(word: number, command: number, isExtended: boolean, around: TxSurroundings): boolean {
    const { words } = this.ring;
    if (!this.#open) this.#begin(command, words[word + 3] ?? 0, isExtended);
    const bytes = command & 0xffff;
    const most = isExtended && (this.#command & COMMAND.segment) !== 0 ? LARGEST_PACKET : LARGEST_FRAME;
    if (this.#length + bytes > most) return this.#refuse();
    if (bytes > 0) {
      const data = this.#bus.readable(this.ring.address(word), bytes);
      if (data === undefined) return false;
      if (this.#length === 0 && bytes >= PADDED_BYTES && around.loops() && this.#isPlain(command, isExtended)) {
        // Software may change the bytes meanwhile, and the receive path is safe against that: a copy would only cost time.
        this.#open = false;
        around.budget -= bytes;
        around.emit(data, bytes, this.ring.index);
        return true;
      }
      this.#reserve(this.#length + bytes);
      copy(this.#bytes, this.#length, data, 0, bytes);
      this.#length += bytes;
      around.budget -= bytes;
    }
    return (command & COMMAND.endOfPacket) === 0 || this.#finish(around);
  }

  /** A whole frame that goes out as it is. */
  #isPlain(command: number, isExtended: boolean): boolean {
    if ((command & COMMAND.endOfPacket) === 0 || (this.#command & COMMAND.vlan) !== 0) return false;
    if (!isExtended) return (this.#command & COMMAND.insertChecksum) === 0;
    return (this.#command & COMMAND.segment) === 0 && (this.#options & (OPTION.ipChecksum | OPTION.l4Checksum)) === 0;
  }

  /** Command and options count from the first descriptor of a frame. */
  #begin(command: number, options: number, isExtended: boolean): void {
    this.#open = true;
    this.#length = 0;
    this.#command = command;
    this.#options = isExtended ? options : 0;
    this.#legacyTag = options >>> 16;
    this.#legacyStart = (options >>> 8) & 0xff;
    this.#legacyOffset = (command >>> 16) & 0xff;
  }

  /** The frame is complete: it goes out, or begins to be cut. */
  #finish(around: TxSurroundings): boolean {
    this.#open = false;
    // A descriptor without data sends nothing and is reported.
    if (this.#length === 0) return true;
    if (this.#length < SMALLEST_FRAME) {
      return this.#refuse();
    }
    if ((this.#command & COMMAND.extended) === 0) return this.#finishLegacy(around);
    const context = this.#context;
    if ((this.#command & COMMAND.segment) !== 0) {
      const payload = this.#options >>> 14;
      if (!canSegment(context, this.#length) || payload !== this.#length - context.headerBytes) {
        return this.#refuse();
      }
      this.#cutting = true;
      this.#cutAt = context.headerBytes;
      this.#cutNumber = 0;
      return true;
    }
    const needsIp = (this.#options & OPTION.ipChecksum) !== 0;
    const needsL4 = (this.#options & OPTION.l4Checksum) !== 0;
    if (!fits(context, this.#length, needsIp, needsL4)) {
      return this.#refuse();
    }
    // Behind the padding there is nothing that a checksum covers.
    if (needsIp) insertIpChecksum(this.#bytes, context);
    if (needsL4) insertL4Checksum(this.#bytes, this.#length, context);
    this.#emit(this.#bytes, this.#length, context.vlanTag, around);
    return true;
  }

  #finishLegacy(around: TxSurroundings): boolean {
    if ((this.#command & COMMAND.insertChecksum) !== 0) {
      const [start, offset] = [this.#legacyStart, this.#legacyOffset];
      if (start >= this.#length || offset + 2 > this.#length) {
        return this.#refuse();
      }
      insertPlain(this.#bytes, this.#length, start, offset);
    }
    this.#emit(this.#bytes, this.#length, this.#legacyTag, around);
    return true;
  }

  /** One segment of the packet that is being cut. */
  #cut(around: TxSurroundings): void {
    const context = this.#context;
    const needed = context.headerBytes + context.mss + TAG_BYTES;
    if (this.#segment.length < needed) this.#segment = new Uint8Array(needed + PADDED_BYTES);
    const bytes = segment(this.#segment, this.#bytes, this.#length, context, this.#cutAt, this.#cutNumber, around.flagMasks());
    this.#cutAt += context.mss;
    this.#cutNumber++;
    if (this.#cutAt >= this.#length) this.#cutting = false;
    around.budget -= bytes + DESCRIPTOR_WORK;
    this.#emit(this.#segment, bytes, context.vlanTag, around);
  }

  // HOT: every frame.
  #emit(bytes: Uint8Array, length: number, tag: number, around: TxSurroundings): void {
    let out = bytes;
    let outLength = length;
    if ((this.#command & COMMAND.vlan) !== 0) {
      if (out.length < length + TAG_BYTES) {
        out = new Uint8Array(length + PADDED_BYTES);
        out.set(bytes.subarray(0, length));
      }
      out.copyWithin(12 + TAG_BYTES, 12, length);
      put16(out, 12, around.vlanType());
      put16(out, 14, tag);
      outLength = length + TAG_BYTES;
    }
    if (outLength < PADDED_BYTES && around.pads()) {
      out.fill(0, outLength, PADDED_BYTES);
      outLength = PADDED_BYTES;
    }
    around.emit(out, outLength, this.ring.index);
  }

  // HOT
  #complete(reports: boolean): void {
    const { ring } = this;
    if (this.#backCount === 0) this.#backFirst = ring.head;
    if (reports) this.#reports |= 1 << this.#backCount;
    this.#backCount++;
    ring.advance();
    if (this.#backCount === BATCH || ring.head === 0) this.writeBack();
  }

  get #context(): TxContext {
    return this.#contexts[(this.#options >>> SLOT_SHIFT) & 1 ? 1 : 0];
  }

  /** Keeps what was gathered. */
  #reserve(bytes: number): void {
    if (this.#bytes.length >= bytes + TAG_BYTES) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, bytes + PADDED_BYTES));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }

  /** What was gathered and not sent is gone. */
  #drop(): void {
    this.#epoch++;
    this.#length = this.#backCount = this.#reports = 0;
    this.#open = this.#cutting = false;
  }
}

/** Legacy: the sum from `start` on, at `offset`, over whatever is there. */
function insertPlain(bytes: Uint8Array, length: number, start: number, offset: number): void {
  put16(bytes, offset, ~sum16(bytes, start, length, 0));
}
