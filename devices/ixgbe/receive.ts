/**
 * The receive path: one frame from the MAC to a ring, or to the place where it is counted as lost.
 *
 *   MAC (length, CRC, pause) ─▶ L2 filter ─▶ parse, verify ─▶ queue ─▶ ring ─▶ memory
 *                                                                └─ no descriptor ─▶ packet buffer, or dropped
 *
 * The model calls `receive` for each frame and `settle` when an access or frame is done. Nothing is allocated per frame.
 * Source: [82599] section 7.1.
 */
import type { Bus } from "./bus.ts";
import { crc32 } from "./checksum.ts";
import type { FlowControl } from "./flow-control.ts";
import { FLOW_DROPPED, type FlowDirector } from "./flow-director.ts";
import { be16, Frame, PROTOCOL } from "./frame.ts";
import { headerLengthOf } from "./header-split.ts";
import type { Interrupts } from "./interrupts.ts";
import { L2Filter, MATCH } from "./l2-filter.ts";
import type { Ledger } from "./ledger.ts";
import { COUNT } from "./map-statistics.ts";
import { PacketBuffer } from "./packet-buffer.ts";
import { PACKET_TYPE, packetType } from "./packet-type.ts";
import type { Elsewhere } from "./queues/elsewhere.ts";
import { Received } from "./received.ts";
import { CAUSE, CTRL_EXT, DESCRIPTORS, FCTRL, HLREG0, PACKET_BUFFERS, QUEUES, REG, RXCSUM, RXCTRL_ENABLE } from "./registers.ts";
import { Rss } from "./rss.ts";
import { fragmentSum, verify } from "./rx-checks.ts";
import { REFUSED, RX_ERROR, RX_STATUS, RxQueue } from "./rx-queue.ts";
import type { Statistics } from "./statistics.ts";
import { NO_QUEUE, TupleFilters } from "./tuple-filters.ts";

const MIN_BYTES = 60;
const CRC_BYTES = 4;
const TAG_BYTES = 4;
const STANDARD_BYTES = 1518;
/** The payload of a frame of 60 bytes. */
const PADDED_PAYLOAD = 46;
/** The MAC's own limit, whatever MAXFRS says. */
const LARGEST_FRAME: number = 0x10000;
const ETHER_FILTER_SHIFT = 4;

export interface ReceiveParts {
  readonly regs: Uint32Array;
  readonly bus: Bus;
  readonly statistics: Statistics;
  readonly interrupts: Interrupts;
  readonly ledger: Ledger;
  readonly flowControl: Pick<FlowControl, "receive" | "filled" | "drained">;
  readonly director: Pick<FlowDirector, "isOn" | "match">;
  readonly elsewhere: Elsewhere | undefined;
}

export class Receiver {
  readonly queues: readonly RxQueue[];
  readonly filter: L2Filter;
  readonly rss: Rss;
  readonly tuples: TupleFilters;
  readonly buffers: readonly PacketBuffer[] = Array.from({ length: PACKET_BUFFERS }, () => new PacketBuffer());
  readonly #parts: ReceiveParts;
  readonly #regs: Uint32Array;
  readonly #frame: Frame = new Frame();
  readonly #received: Received = new Received();
  /** A frame without its tag, or with its CRC. */
  #scratch: Uint8Array = new Uint8Array(2048);
  /** Rings with something to write back. */
  readonly #dirty: Uint8Array = new Uint8Array(QUEUES);
  readonly #dirtyList: Uint8Array = new Uint8Array(QUEUES);
  #dirtyCount = 0;

  constructor(parts: ReceiveParts) {
    this.#parts = parts;
    this.#regs = parts.regs;
    this.queues = Array.from({ length: QUEUES }, (_, i) => new RxQueue(i, parts.bus));
    this.filter = new L2Filter(parts.regs);
    this.rss = new Rss(parts.regs);
    this.tuples = new TupleFilters(parts.regs);
  }

  /** Frames that wait for descriptors. */
  get waiting(): number {
    return this.buffers.reduce((sum, buffer) => sum + buffer.waiting, 0);
  }

  reset(): void {
    this.settle();
    for (const buffer of this.buffers) {
      this.#parts.ledger.discarded += buffer.waiting;
      buffer.clear();
    }
    for (const queue of this.queues) queue.reset();
    this.filter.addressWritten();
    this.rss.keyWritten();
    this.tuples.filterWritten();
  }

  // HOT: every frame from the wire or the loopback.
  receive(bytes: Uint8Array, length: number, damaged: boolean): void {
    const { ledger, statistics, flowControl } = this.#parts;
    ledger.framesIn++;
    if ((this.#reg(REG.rxctrl) & RXCTRL_ENABLE) === 0 || this.#parts.bus.dma === undefined || length === 0 || length > LARGEST_FRAME) {
      ledger.ignored++;
      return;
    }
    statistics.arrived(length);
    const frame = this.#frame;
    this.#parse(bytes, length);
    const isBad = this.#isBad(length, damaged);
    if (isBad && (this.#reg(REG.fctrl) & FCTRL.storeBad) === 0) {
      ledger.damaged++;
      return;
    }
    if (!isBad) {
      statistics.intact(length);
      if (flowControl.receive(bytes, frame)) {
        ledger.control++;
        return;
      }
    }
    const match = this.filter.acceptsAddress(bytes);
    if (match === MATCH.none || !this.filter.acceptsVlan(frame.vlanAt !== 0, frame.tag)) {
      ledger.filtered++;
      return;
    }
    const isMulticast = ((bytes[0] ?? 0) & 1) !== 0;
    if (!isBad) statistics.accepted(length, isMulticast, isMulticast && isBroadcast(bytes));
    const { elsewhere } = this.#parts;
    const queue = this.#classify(bytes, isBad, match, true);
    if (queue === FLOW_DROPPED) {
      ledger.dropped++;
      return;
    }
    if (elsewhere !== undefined && !elsewhere.isMine(queue)) this.#hand(elsewhere, bytes, length, queue, isBad, match);
    else this.#deliver(bytes, length, queue);
  }

  /** A frame that another CPU received for a queue of this one; there it was counted as received. */
  deliver(bytes: Uint8Array, length: number, queue: number, isBad: boolean, match: number): void {
    this.#parse(bytes, length);
    this.#classify(bytes, isBad, match, false);
    this.#deliver(bytes, length, queue);
  }

  /** A frame that came too fast to be looked at. */
  miss(length: number): void {
    const { ledger, statistics } = this.#parts;
    ledger.framesIn++;
    statistics.arrived(length);
    this.#missed(0);
  }

  #parse(bytes: Uint8Array, length: number): void {
    const tagType = this.#reg(REG.vlnctrl) & 0xffff;
    const outer = (this.#reg(REG.ctrlExt) & CTRL_EXT.extendedVlan) !== 0 ? this.#reg(REG.exvet) >>> 16 : 0;
    this.#frame.parse(bytes, length, tagType, outer);
  }

  #hand(elsewhere: Elsewhere, bytes: Uint8Array, length: number, queue: number, isBad: boolean, match: number): void {
    const { ledger, statistics } = this.#parts;
    if (!elsewhere.runs(queue)) {
      ledger.noDescriptor++;
      statistics.dropped(queue, length);
    } else if (!elsewhere.hand(queue, bytes, length, isBad, match)) this.#missed(0);
  }

  /** MAC errors, each with its counter. */
  #isBad(length: number, damaged: boolean): boolean {
    const { statistics } = this.#parts;
    const tagged = this.#frame.vlanAt === 0 ? 0 : TAG_BYTES;
    const most = (this.#reg(REG.hlreg0) & HLREG0.jumbo) !== 0 ? this.#reg(REG.maxfrs) >>> 16 : STANDARD_BYTES;
    if (length < MIN_BYTES) statistics.count(damaged ? COUNT.fragments : COUNT.undersize);
    else if (length + CRC_BYTES > most + tagged) statistics.count(damaged ? COUNT.jabber : COUNT.oversize);
    else if (damaged) statistics.count(COUNT.crcErrors);
    else if (this.#isLengthWrong()) statistics.count(COUNT.lengthErrors);
    else return false;
    return true;
  }

  /** A length field says more than follows, or less in a frame that is too long to be padded. */
  #isLengthWrong(): boolean {
    const { lengthField, followed } = this.#frame;
    if (lengthField < 0 || lengthField === followed || (this.#reg(REG.hlreg0) & HLREG0.lengthErrors) === 0) return false;
    return lengthField > followed || followed > PADDED_PAYLOAD;
  }

  // HOT
  /** Finds out what is to be known. @returns the queue, or FLOW_DROPPED */
  #classify(bytes: Uint8Array, isBad: boolean, match: number, counts: boolean): number {
    const { statistics, director } = this.#parts;
    const frame = this.#frame;
    const received = this.#received;
    received.status = match === MATCH.inexact ? RX_STATUS.inexact : 0;
    received.errors = isBad ? RX_ERROR.receive : 0;
    received.sum = received.tag = received.hash = received.info = received.headerLength = 0;
    if (verify(bytes, frame, received) && !isBad && counts) statistics.count(COUNT.checksumErrors);
    return this.#steer(bytes, director);
  }

  // HOT
  #deliver(bytes: Uint8Array, length: number, queue: number): void {
    const frame = this.#frame;
    const received = this.#received;
    received.queue = queue;
    received.urgent = this.tuples.urgent;
    const target = this.queues[queue];
    if (target === undefined) return;
    this.#setInfo(bytes, target);
    if (frame.vlanAt !== 0) {
      received.status |= RX_STATUS.vlan;
      received.tag = frame.tag;
    }
    const stored = this.#shape(bytes, length, target);
    this.#store(stored, target);
  }

  #steer(bytes: Uint8Array, director: Pick<FlowDirector, "isOn" | "match">): number {
    const received = this.#received;
    const named = this.tuples.classify(bytes, this.#frame);
    const hashed = this.rss.isOn ? this.rss.classify(bytes, this.#frame) : 0;
    const showsHash = (this.#reg(REG.rxcsum) & RXCSUM.hashNotSum) !== 0;
    if (this.rss.isOn && showsHash) {
      received.info = this.rss.type;
      received.hash = this.rss.hash;
    }
    if (named !== NO_QUEUE) return named;
    if (!director.isOn) return hashed;
    const directed = director.match(bytes, this.#frame, received);
    return directed === NO_QUEUE ? hashed : directed;
  }

  #setInfo(bytes: Uint8Array, target: RxQueue): void {
    const frame = this.#frame;
    const received = this.#received;
    received.info |= this.tuples.etherFilter < 0 ? packetType(frame) : PACKET_TYPE.ether | (this.tuples.etherFilter << ETHER_FILTER_SHIFT);
    if ((this.#reg(REG.rxcsum) & RXCSUM.hashNotSum) === 0 && frame.ip === 4) {
      const isSummed = (this.#reg(REG.rxcsum) & RXCSUM.ipPayload) !== 0 && frame.isFragment && frame.ipProtocol === PROTOCOL.udp;
      received.sum = isSummed ? fragmentSum(bytes, frame) : 0;
      if (isSummed) received.status |= RX_STATUS.udpSum;
      if ((received.status & RX_STATUS.flowDirector) === 0) received.hash = be16(bytes, frame.ipAt + 4) | (received.sum << 16);
    }
    if (target.format === DESCRIPTORS.split || target.format === DESCRIPTORS.splitAlways)
      received.headerLength = headerLengthOf(bytes, frame, this.#reg(REG.psrtype));
  }

  /** The bytes that go to memory: without the tag if the ring wants it stripped, with CRC if it is kept. */
  #shape(bytes: Uint8Array, length: number, target: RxQueue): Uint8Array {
    const { vlanAt } = this.#frame;
    const strips = target.stripVlan && vlanAt !== 0;
    const keepsCrc = (this.#reg(REG.hlreg0) & HLREG0.crcStrip) === 0;
    const received = this.#received;
    received.length = length;
    if (!strips && !keepsCrc) return bytes;
    if (this.#scratch.length < length + CRC_BYTES) this.#scratch = new Uint8Array(length + CRC_BYTES);
    const scratch = this.#scratch;
    const removed = strips ? TAG_BYTES : 0;
    scratch.set(bytes.subarray(0, strips ? vlanAt : length));
    if (strips) scratch.set(bytes.subarray(vlanAt + TAG_BYTES, length), vlanAt);
    if (strips && received.headerLength > vlanAt) received.headerLength -= TAG_BYTES;
    received.length = length - removed;
    if (!keepsCrc) return scratch;
    const crc = crc32(bytes, 0, length);
    for (let i = 0; i < CRC_BYTES; i++) scratch[received.length + i] = crc >>> (8 * i);
    received.length += CRC_BYTES;
    return scratch;
  }

  // HOT
  #store(bytes: Uint8Array, target: RxQueue): void {
    const { ledger, statistics } = this.#parts;
    const received = this.#received;
    const { ring } = target;
    if (!ring.enabled || ring.stalled) {
      if (ring.enabled) ledger.refused++;
      else ledger.noDescriptor++;
      statistics.dropped(ring.index, received.length);
      return;
    }
    const which = this.#bufferOf();
    const buffer = this.buffers[which];
    if (buffer === undefined) return;
    if (buffer.isEmpty && this.#parts.bus.isOpen) {
      if (target.dropEnable && ring.owned < target.needs(received.length)) {
        ledger.noDescriptor++;
        statistics.dropped(ring.index, received.length);
        return;
      }
      const end = target.put(bytes, 0, received);
      this.#mark(ring.index);
      if (end === received.length) {
        statistics.delivered(ring.index, received.length);
        return;
      }
      if (end === REFUSED) {
        this.#refused();
        return;
      }
      statistics.count(COUNT.noBuffers + 4 * which);
      this.#wait(buffer, which, bytes, end);
      return;
    }
    this.#wait(buffer, which, bytes, 0);
  }

  #wait(buffer: PacketBuffer, which: number, bytes: Uint8Array, placed: number): void {
    const { flowControl } = this.#parts;
    const capacity = this.#reg(REG.rxpbsize + 4 * which) & 0xf_fc00;
    if (buffer.push(bytes, this.#received, placed, capacity)) {
      flowControl.filled(which, buffer.used);
      return;
    }
    this.#missed(which);
  }

  #missed(which: number): void {
    const { ledger, statistics, interrupts } = this.#parts;
    ledger.missed++;
    statistics.count(COUNT.missed + 4 * which);
    interrupts.other(CAUSE.receiveMiss);
  }

  /** Descriptors have come, or a ring has gone: what waits goes on. */
  drain(): void {
    for (let which = 0; which < this.buffers.length; which++) this.#drainOne(which);
  }

  #drainOne(which: number): void {
    const { ledger, statistics, flowControl, bus } = this.#parts;
    const buffer = this.buffers[which];
    if (buffer === undefined || buffer.isEmpty) return;
    for (let head = buffer.head; head !== undefined && bus.isOpen; head = buffer.head) {
      const { received } = head;
      const target = this.queues[received.queue];
      if (target === undefined) return;
      const { ring } = target;
      if (!ring.enabled || ring.stalled) {
        if (ring.enabled) ledger.refused++;
        else ledger.discarded++;
        statistics.dropped(ring.index, received.length);
      } else {
        const end = target.put(head.bytes, head.placed, received);
        this.#mark(ring.index);
        if (end === REFUSED) this.#refused();
        else if (end < received.length) {
          head.placed = end;
          break;
        } else statistics.delivered(ring.index, received.length);
      }
      buffer.shift();
    }
    flowControl.drained(which, buffer.used);
  }

  #refused(): void {
    this.#parts.ledger.refused++;
  }

  /** The packet buffer of a frame: its priority's traffic class where there are several, else the first. */
  #bufferOf(): number {
    const mode = this.#reg(REG.mrqc) & 0xf;
    if (mode < 2 || mode > 5 || this.#frame.vlanAt === 0) return 0;
    return (this.#reg(REG.rtrup2tc) >>> (3 * (this.#frame.tag >>> 13))) & 7;
  }

  // HOT
  #mark(index: number): void {
    if (this.#dirty[index] !== 0) return;
    this.#dirty[index] = 1;
    this.#dirtyList[this.#dirtyCount++] = index;
  }

  // HOT: after each access and each frame.
  /** Writes descriptors back and tells the interrupt unit; returns whether there was something to do. */
  settle(): boolean {
    if (this.#dirtyCount === 0) return false;
    const { ledger, interrupts } = this.#parts;
    for (let i = 0; i < this.#dirtyCount; i++) {
      const index = this.#dirtyList[i] ?? 0;
      this.#dirty[index] = 0;
      const queue = this.queues[index];
      if (queue === undefined) continue;
      queue.flush();
      ledger.delivered += queue.delivered;
      ledger.refused += queue.lost;
      queue.delivered = queue.lost = 0;
      if (!queue.signals) continue;
      queue.signals = false;
      interrupts.queue(this.#reg(REG.ivar + 4 * (index >>> 1)) >>> (16 * (index & 1)), queue.urgent);
      queue.urgent = false;
    }
    this.#dirtyCount = 0;
    return true;
  }

  #reg(offset: number): number {
    return this.#regs[offset >>> 2] ?? 0;
  }
}

function isBroadcast(bytes: Uint8Array): boolean {
  for (let i = 0; i < 6; i++) if (bytes[i] !== 0xff) return false;
  return true;
}
