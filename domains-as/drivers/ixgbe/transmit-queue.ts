/**
 * One transmit ring: packets that the card sends from where they lie, each an object that the driver owns until the card has done.
 * Used by net.ts. Source: [82599] sections 7.2.1 to 7.2.3.
 *
 *   ┌──────┬──────────────────────┬──────┐
 *   │ free │ the card's           │ free │    empty: clean == tail; full: less free than the next frame takes
 *   └──────┴──────────────────────┴──────┘
 *            ▲ clean                ▲ tail
 *
 *   The card reports the last descriptor of each `publish` only (RS). `report[i]`, i the first descriptor of such a group, is its last.
 *   `packets[i]` is the packet of data descriptor i, 0 for a context descriptor. What is done waits in `done` until it is taken.
 */
import { objectAt } from "sumac/glue";
import { store32, store64 } from "sumac/guard";
import { mmio } from "./gen/mmio";
import { Marks, Packet } from "./gen/types";
import { createRing, descriptor, ENTRIES, next, programRing, statusOf, switchRing } from "./memory";
import { headersOf, ipBytes, isTcp, isV4, l4Bytes, macBytes } from "./offload";
import { ENABLE, Reg, RING_STRIDE, Ring } from "./registers";

/** Advanced data descriptor, third word (section 7.2.3.2.4): DTYP 3, IFCS, DEXT. */
const DATA: u32 = (3 << 20) | (1 << 25) | (1 << 29);
const END_OF_PACKET: u32 = 1 << 24;
const REPORT: u32 = 1 << 27;
const INSERT_VLAN: u32 = 1 << 30;
const SEGMENT: u32 = 1 << 31;
/** Fourth word: check context (CC), POPTS and the payload's length. */
const CHECK_CONTEXT: u32 = 1 << 7;
const INSERT_IP: u32 = 1 << 8;
const INSERT_L4: u32 = 1 << 9;
const PAYLOAD_SHIFT: u32 = 14;
const OPTIONS_AT: u32 = 12;
const COMMAND_AT: u32 = 8;
const DONE: u32 = 1;

/** Context descriptor (section 7.2.3.2.3): DTYP 2, DEXT; TUCMD. */
const CONTEXT: u32 = (2 << 20) | (1 << 29);
const CONTEXT_V4: u32 = 1 << 10;
const CONTEXT_TCP: u32 = 1 << 11;

/** More than are ever in the driver at a time: what does not fit into the ring stays outside. */
const WAITING: u32 = 2 * ENTRIES;
const LEAST_BYTES: u32 = 17;
/** 9000 bytes of payload. */
export const MOST_BYTES: u32 = 9014;
const PACKET_BYTES: u32 = 2048;
/** MSS and L4LEN in a context's last word. */
const MSS_SHIFT: u32 = 16;
const L4_BYTES_SHIFT: u32 = 8;

@final
export class TransmitQueue {
  private readonly packets: StaticArray<u32> = new StaticArray<u32>(ENTRIES);
  private readonly report: StaticArray<u32> = new StaticArray<u32>(ENTRIES);
  private readonly done: StaticArray<u32> = new StaticArray<u32>(WAITING);
  private doneFirst: u32 = 0;
  private doneCount: u32 = 0;
  private readonly registers: u32;
  private startOff: u32 = 0;
  private clean: u32 = 0;
  private tail: u32 = 0;
  /** The first descriptor that the card was not told of. */
  private published: u32 = 0;
  /** The last data descriptor. */
  private last: u32 = 0;
  private lastCommand: u32 = 0;

  constructor(index: u32) {
    this.registers = Reg.TX_RING + index * RING_STRIDE;
  }

  /** A ring of this generation (section 4.6.8.1); DMATXCTL.TE must be set. */
  open(): void {
    this.startOff = createRing();
    this.clean = this.tail = this.published = 0;
    this.doneFirst = this.doneCount = 0;
    programRing(this.registers, this.startOff);
    switchRing(this.registers, ENABLE);
  }

  /** Room for a frame of so many packets, and its context. */
  hasRoom(packets: u32): bool {
    return this.free > packets;
  }

  get hasRoomForBatch(): bool {
    return this.free >= 64;
  }

  private get free(): u32 {
    return (this.clean - this.tail - 1) & (ENTRIES - 1);
  }

  /** HOT: puts a frame of `count` packets into the ring; there must be room. False, and nothing is done: it cannot be sent as it is. */
  post(frame: StaticArray<Packet | null>, count: u32): bool {
    const first = frame[0]!;
    const size = count == 1 ? first.size : sizeOf(frame, count);
    if (size < LEAST_BYTES || (count == 1 && size > PACKET_BYTES)) return false;
    const segment: u32 = first.segment;
    const marks = <u32>first.marks & (Marks.tagged | Marks.insertIp | Marks.insertL4);
    let command = DATA;
    let options = size << PAYLOAD_SHIFT;
    if (marks != 0) {
      if (!headersOf(first, size, marks, segment)) return false;
      if ((marks & Marks.tagged) != 0) command |= INSERT_VLAN;
      if ((marks & Marks.insertIp) != 0) options |= INSERT_IP;
      if ((marks & Marks.insertL4) != 0) options |= INSERT_L4;
    }
    if (segment != 0) {
      const headers = macBytes + ipBytes + l4Bytes;
      if ((marks & Marks.insertL4) == 0 || headers + segment > MOST_BYTES) return false;
      command |= SEGMENT;
      options = ((size - headers) << PAYLOAD_SHIFT) | INSERT_L4 | (isV4 ? INSERT_IP : 0);
    } else if (size > MOST_BYTES) {
      return false;
    }
    if (marks != 0) {
      this.postContext(first, marks, segment);
      options |= CHECK_CONTEXT;
    }
    for (let i: u32 = 0; i < count; i++) this.postData(frame[i]!, i == count - 1 ? command | END_OF_PACKET : command, options);
    return true;
  }

  /** HOT */
  private postData(packet: Packet, command: u32, options: u32): void {
    const at = descriptor(this.startOff, this.tail);
    const whole = command | packet.size;
    store64(at, <u64>packet.base);
    store32(at + COMMAND_AT, whole);
    store32(at + OPTIONS_AT, options);
    this.packets[this.tail] = packet.base;
    this.last = this.tail;
    this.lastCommand = whole;
    this.tail = next(this.tail);
  }

  /** Hands what was posted to the card. */
  publish(): void {
    if (this.published == this.tail) return;
    store32(descriptor(this.startOff, this.last) + COMMAND_AT, this.lastCommand | REPORT);
    this.report[this.published] = this.last;
    this.published = this.tail;
    mmio.write32(this.registers + Ring.TAIL, this.tail);
  }

  /** Whether packets are sent, collected or not. */
  get hasEnded(): bool {
    return this.doneCount != 0 || (this.clean != this.published && this.isDone(this.report[this.clean]));
  }

  /** HOT: makes room of what the card has sent. Only in calls: a thread would give way in the middle. */
  collect(): void {
    while (this.clean != this.published) {
      const last = this.report[this.clean];
      if (!this.isDone(last)) return;
      const end = next(last);
      for (; this.clean != end; this.clean = next(this.clean)) {
        const packet = this.packets[this.clean];
        this.packets[this.clean] = 0;
        if (packet != 0) this.done[(this.doneFirst + this.doneCount++) & (WAITING - 1)] = packet;
      }
    }
  }

  /** Whether `take` has something to give. */
  get hasSent(): bool {
    return this.doneCount != 0;
  }

  /** Whether packets are with the card. */
  get isSending(): bool {
    return this.clean != this.published;
  }

  /** The next packet that is sent, or null. */
  take(): Packet | null {
    if (this.doneCount == 0) return null;
    const packet = this.done[this.doneFirst];
    this.doneFirst = (this.doneFirst + 1) & (WAITING - 1);
    this.doneCount -= 1;
    return objectAt<Packet>(packet);
  }

  @inline
  private isDone(last: u32): bool {
    return (statusOf(descriptor(this.startOff, last), OPTIONS_AT) & DONE) != 0;
  }

  private postContext(packet: Packet, marks: u32, segment: u32): void {
    const at = descriptor(this.startOff, this.tail);
    const kind = (isV4 ? CONTEXT_V4 : 0) | (isTcp ? CONTEXT_TCP : 0);
    const tag: u32 = (marks & Marks.tagged) != 0 ? packet.vlan : 0;
    store32(at, ipBytes | (macBytes << 9) | (tag << 16));
    store32(at + 4, 0);
    store32(at + COMMAND_AT, CONTEXT | kind);
    store32(at + OPTIONS_AT, segment == 0 ? 0 : (segment << MSS_SHIFT) | (l4Bytes << L4_BYTES_SHIFT));
    this.packets[this.tail] = 0;
    this.tail = next(this.tail);
  }
}

/** 0: a part of it is empty, or says that it is longer than it can be. */
function sizeOf(frame: StaticArray<Packet | null>, count: u32): u32 {
  let size: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const part = frame[i]!.size;
    if (part == 0 || part > PACKET_BYTES) return 0;
    size += part;
  }
  return size;
}
