/**
 * One transmit ring: packets that the card sends from where they lie, each an object that the driver owns until the card has done.
 * Used by net.ts. Source: [82599] sections 7.2.1 to 7.2.3.
 *
 *   ┌──────┬──────────────────────┬──────┐
 *   │ free │ the card's           │ free │    empty: clean == tail; full: less than two free, since a packet takes up to two
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
import { headersOf, ipBytes, isTcp, isV4, macBytes } from "./offload";
import { ENABLE, Reg, RING_STRIDE, Ring } from "./registers";

/** Advanced data descriptor, third word (section 7.2.3.2.4): DTYP 3, IFCS, DEXT. */
const DATA: u32 = (3 << 20) | (1 << 25) | (1 << 29);
const END_OF_PACKET: u32 = 1 << 24;
const REPORT: u32 = 1 << 27;
const INSERT_VLAN: u32 = 1 << 30;
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
/** One less than the buffer, by the four bytes of a tag or a CRC. */
export const MOST_BYTES: u32 = 2044;

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

  /** Room for a packet and its context. */
  get hasRoom(): bool {
    return this.free >= 2;
  }

  get hasRoomForBatch(): bool {
    return this.free >= 64;
  }

  private get free(): u32 {
    return (this.clean - this.tail - 1) & (ENTRIES - 1);
  }

  /** HOT: puts a packet into the ring; there must be room. False, and nothing is done: it cannot be sent as it is. */
  post(packet: Packet): bool {
    const size = packet.size;
    if (size < LEAST_BYTES || size > MOST_BYTES) return false;
    const marks = <u32>packet.marks & (Marks.tagged | Marks.insertIp | Marks.insertL4);
    let command = DATA | END_OF_PACKET | size;
    let options = size << PAYLOAD_SHIFT;
    if (marks != 0) {
      if (!headersOf(packet, marks)) return false;
      this.postContext(packet, marks);
      if ((marks & Marks.tagged) != 0) command |= INSERT_VLAN;
      if ((marks & Marks.insertIp) != 0) options |= INSERT_IP;
      if ((marks & Marks.insertL4) != 0) options |= INSERT_L4;
      options |= CHECK_CONTEXT;
    }
    const at = descriptor(this.startOff, this.tail);
    store64(at, <u64>packet.base);
    store32(at + COMMAND_AT, command);
    store32(at + OPTIONS_AT, options);
    this.packets[this.tail] = packet.base;
    this.last = this.tail;
    this.lastCommand = command;
    this.tail = next(this.tail);
    return true;
  }

  /** Hands what was posted to the card. */
  publish(): void {
    if (this.published == this.tail) return;
    store32(descriptor(this.startOff, this.last) + COMMAND_AT, this.lastCommand | REPORT);
    this.report[this.published] = this.last;
    this.published = this.tail;
    mmio.write32(this.registers + Ring.TAIL, this.tail);
  }

  /** HOT: makes room of what the card has sent. */
  collect(): void {
    while (this.clean != this.published) {
      const last = this.report[this.clean];
      if ((statusOf(descriptor(this.startOff, last), OPTIONS_AT) & DONE) == 0) return;
      const end = next(last);
      for (; this.clean != end; this.clean = next(this.clean)) {
        const packet = this.packets[this.clean];
        this.packets[this.clean] = 0;
        if (packet != 0) this.done[(this.doneFirst + this.doneCount++) & (WAITING - 1)] = packet;
      }
    }
  }

  /** The next packet that is sent, or null. */
  take(): Packet | null {
    if (this.doneCount == 0) return null;
    const packet = this.done[this.doneFirst];
    this.doneFirst = (this.doneFirst + 1) & (WAITING - 1);
    this.doneCount -= 1;
    return objectAt<Packet>(packet);
  }

  private postContext(packet: Packet, marks: u32): void {
    const at = descriptor(this.startOff, this.tail);
    const kind = (isV4 ? CONTEXT_V4 : 0) | (isTcp ? CONTEXT_TCP : 0);
    const tag: u32 = (marks & Marks.tagged) != 0 ? packet.vlan : 0;
    store32(at, ipBytes | (macBytes << 9) | (tag << 16));
    store32(at + 4, 0);
    store32(at + COMMAND_AT, CONTEXT | kind);
    store32(at + OPTIONS_AT, 0);
    this.packets[this.tail] = 0;
    this.tail = next(this.tail);
  }
}
