/**
 * One receive ring: buffers that the card fills, each an object that the driver owns meanwhile. Nothing is copied: the descriptor points
 * at the packet's data. Used by net.ts. Source: [82599] sections 7.1.5, 7.1.6, 7.1.8.
 *
 *   ┌──────┬───────────┬──────────────┬──────┐
 *   │ none │ filled    │ the card's   │ none │    empty: head == tail; full: tail + 1 == head
 *   └──────┴───────────┴──────────────┴──────┘
 *            ▲ head                     ▲ tail     `packets[i]` is the packet of descriptor i, from head up to tail
 */
import { objectAt } from "sumac/glue";
import { load16, load32, store64 } from "sumac/guard";
import { mmio } from "./gen/mmio";
import { Fate, Marks, Packet } from "./gen/types";
import { clearRing, createRing, descriptor, ENTRIES, next, programRing, statusOf, switchRing } from "./memory";
import { ENABLE, Reg, RING_STRIDE, Ring, RXDCTL_STRIP_VLAN, SRRCTL_ADVANCED } from "./registers";

/** Write-back (section 7.1.6.2): offsets in it. */
const HASH_AT: u32 = 4;
const STATUS_AT: u32 = 8;
const LENGTH_AT: u32 = 12;
const VLAN_AT: u32 = 14;

/** The word at STATUS_AT: status 19:0, errors 31:20. */
const DONE: u32 = 1;
const END_OF_PACKET: u32 = 1 << 1;
const VLAN_STRIPPED: u32 = 1 << 3;
const L4_CHECKED: u32 = 1 << 5;
const IP_CHECKED: u32 = 1 << 6;
const RECEIVE_ERROR: u32 = 1 << 29;
const L4_ERROR: u32 = 1 << 30;
const IP_ERROR: u32 = 1 << 31;

const DATA_BYTES: u32 = 2048;

@final
export class ReceiveQueue {
  private readonly packets: StaticArray<u32> = new StaticArray<u32>(ENTRIES);
  private readonly registers: u32;
  private startOff: u32 = 0;
  private head: u32 = 0;
  private tail: u32 = 0;
  /** Packets from head on that belong to one frame which is there, or to a bad one. */
  private whole: u32 = 0;
  /** What the card says of that frame. */
  private status: u32 = 0;
  isOpen: bool = false;

  constructor(private readonly index: u32) {
    this.registers = Reg.RX_RING + index * RING_STRIDE;
  }

  /** A ring of this generation, programmed and off (section 4.6.7). */
  prepare(): void {
    this.startOff = createRing();
    this.head = this.tail = this.whole = 0;
    this.isOpen = false;
    mmio.write32(this.registers + Ring.SPLIT, SRRCTL_ADVANCED);
  }

  /** The ring is enabled before its tail is moved (section 4.6.7.1). */
  open(): void {
    programRing(this.registers, this.startOff);
    switchRing(this.registers, ENABLE | RXDCTL_STRIP_VLAN);
    this.isOpen = true;
  }

  /** Off: what the card has filled is still there, the rest is the driver's again. */
  close(): void {
    switchRing(this.registers, 0);
    this.isOpen = false;
  }

  get hasRoom(): bool {
    return next(this.tail) != this.head;
  }

  get isEmpty(): bool {
    return this.head == this.tail;
  }

  /** HOT: the card may fill the packet, once `publish` has told it; there must be room. */
  post(packet: Packet): void {
    const at = descriptor(this.startOff, this.tail);
    store64(at, <u64>packet.base);
    // Header address, which is unused, and where DD will be.
    store64(at + STATUS_AT, 0);
    this.packets[this.tail] = packet.base;
    this.tail = next(this.tail);
  }

  publish(): void {
    mmio.write32(this.registers + Ring.TAIL, this.tail);
  }

  /** HOT: whether a frame is there as a whole. */
  @inline
  get hasFrame(): bool {
    if (this.whole != 0) return true;
    if (this.head == this.tail) return false;
    this.status = statusOf(descriptor(this.startOff, this.head), STATUS_AT);
    if ((this.status & DONE) == 0) return false;
    // Nearly every frame is in one buffer.
    if ((this.status & END_OF_PACKET) == 0) return this.findWhole();
    this.whole = 1;
    return true;
  }

  /** Whether a part of a frame is there, or all of it. */
  get hasPart(): bool {
    return this.isOpen && this.head != this.tail && (statusOf(descriptor(this.startOff, this.head), STATUS_AT) & DONE) != 0;
  }

  /** HOT: the next packet of a frame that is there as a whole, or null. */
  take(): Packet | null {
    if (!this.hasFrame) return null;
    this.whole -= 1;
    const at = descriptor(this.startOff, this.head);
    const packet = objectAt<Packet>(this.packets[this.head]);
    this.head = next(this.head);
    // A frame with an error has it in its last descriptor.
    if ((this.status & RECEIVE_ERROR) != 0) return blank(packet);
    packet.size = min(load16(at + LENGTH_AT), DATA_BYTES);
    packet.hash = load32(at + HASH_AT);
    packet.vlan = <u16>load16(at + VLAN_AT);
    packet.queue = <u16>this.index;
    packet.fate = Fate.received;
    packet.marks = this.whole == 0 ? marksOf(this.status) : (Marks.more as Marks);
    return packet;
  }

  /** Looks for the last packet of the next frame (section 7.1.7): a long one takes several buffers, and may not be there yet. */
  private findWhole(): bool {
    let count: u32 = 1;
    for (let at = this.head; at != this.tail; at = next(at)) {
      const status = statusOf(descriptor(this.startOff, at), STATUS_AT);
      if ((status & DONE) == 0) return false;
      if ((status & END_OF_PACKET) != 0) {
        this.whole = count;
        this.status = status;
        return true;
      }
      count += 1;
    }
    return false;
  }

  /** After `close`: the next packet that the card has not filled, or null. */
  takeBack(): Packet | null {
    if (this.head == this.tail) {
      // The ring begins anew when it is opened again.
      clearRing(this.startOff);
      this.head = this.tail = this.whole = 0;
      return null;
    }
    const packet = objectAt<Packet>(this.packets[this.head]);
    this.head = next(this.head);
    return blank(packet);
  }
}

/** A buffer without a frame. */
export function blank(packet: Packet): Packet {
  packet.size = 0;
  packet.fate = Fate.empty;
  packet.marks = 0 as Marks;
  return packet;
}

function marksOf(status: u32): Marks {
  let marks: u32 = 0;
  if ((status & IP_CHECKED) != 0) marks |= (status & IP_ERROR) == 0 ? Marks.ipGood : Marks.ipBad;
  if ((status & L4_CHECKED) != 0) marks |= (status & L4_ERROR) == 0 ? Marks.l4Good : Marks.l4Bad;
  if ((status & VLAN_STRIPPED) != 0) marks |= Marks.tagged;
  return marks as Marks;
}
