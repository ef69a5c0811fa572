/**
 * `sumac:net/types@0.1.0`: its types.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as deque from "sumac/deque";
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";

/** One of these. */
export const enum Fate {
  empty = 0,
  unsent = 1,
  sent = 2,
  received = 3,
  lost = 4,
  refused = 5,
}

/** Any of these, joined with `|`. */
export const enum Marks {
  ipGood = 1,
  ipBad = 2,
  l4Good = 4,
  l4Bad = 8,
  tagged = 16,
  insertIp = 32,
  insertL4 = 64,
  more = 128,
}

@external("sumac:net/types@0.1.0", "[constructor]batch")
declare function create_batch(): i32;
@external("sumac:net/types@0.1.0", "[resource-drop]batch")
declare function drop_batch(base: i32): void;

/** An object on the shared heap: 136 bytes, type id 3427781992. */
@unmanaged
@final
export class Batch {
  /** A new object, all zero; ends the domain when the heap has no room for it. */
  static create(): Batch {
    const base = create_batch();
    if (base == 0) glue.noRoom("no room for a batch on the shared heap");
    return glue.objectAt<Batch>(base);
  }

  /** Gives the object back, with all that it holds; the domain must own it. */
  drop(): void {
    drop_batch(glue.baseOf(this));
  }

  /** Its place on the shared heap, for devices and for functions of the guard. */
  get base(): u32 {
    return <u32>glue.baseOf(this);
  }

  /** The number of children. */
  get length(): u32 {
    return deque.lengthOf(this.base, 32);
  }

  /** How many children it can have. */
  get capacity(): u32 {
    return 32;
  }

  get isFull(): bool {
    return deque.lengthOf(this.base, 32) == 32;
  }

  /** The child at a place counted from the front; null beyond the last. */
  at(index: u32): Packet | null {
    return deque.at<Packet>(this.base, 32, 3078096674, index);
  }

  get front(): Packet | null {
    return deque.at<Packet>(this.base, 32, 3078096674, 0);
  }

  get back(): Packet | null {
    return deque.back<Packet>(this.base, 32, 3078096674);
  }

  /** Puts a child at the back: it belongs to this object from now on. False, and nothing changed, when there is no room. */
  pushBack(child: Packet): bool {
    return deque.pushBack<Packet>(this.base, 32, 3078096674, child);
  }

  /** Puts a child at the front: it belongs to this object from now on. False, and nothing changed, when there is no room. */
  pushFront(child: Packet): bool {
    return deque.pushFront<Packet>(this.base, 32, 3078096674, child);
  }

  /** Takes the child at the front out; null when there is none. */
  popFront(): Packet | null {
    return deque.popFront<Packet>(this.base, 32, 3078096674);
  }

  /** Takes the child at the back out; null when there is none. */
  popBack(): Packet | null {
    return deque.popBack<Packet>(this.base, 32, 3078096674);
  }
}

@external("sumac:net/types@0.1.0", "[constructor]packet")
declare function create_packet(): i32;
@external("sumac:net/types@0.1.0", "[resource-drop]packet")
declare function drop_packet(base: i32): void;

/** 2048 items inside an object on the shared heap: 2048 bytes. */
@unmanaged
@final
export class Packet_Data {
  /** Its place on the shared heap. */
  get base(): u32 {
    return <u32>glue.baseOf(this);
  }

  get length(): u32 {
    return 2048;
  }

  at(index: u32): u8 {
    if (index >= 2048) glue.outOfRange();
    return <u8>guard.load8(this.base + index);
  }

  setAt(index: u32, value: u8): void {
    if (index >= 2048) glue.outOfRange();
    guard.store8(this.base + index, <u32>value);
  }

  /** Copies `count` bytes from `offset` on to the domain's own memory. */
  copyTo(offset: u32, dstPtr: usize, count: u32): void {
    if (offset > 2048 || count > 2048 - offset) glue.outOfRange();
    guard.copyIn(dstPtr, this.base + offset, count);
  }

  /** Copies `count` bytes from the domain's own memory to `offset`. */
  copyFrom(offset: u32, srcPtr: usize, count: u32): void {
    if (offset > 2048 || count > 2048 - offset) glue.outOfRange();
    guard.copyOut(this.base + offset, srcPtr, count);
  }

  /** Copies `count` bytes from another place on the shared heap to `offset`. */
  copyShared(offset: u32, srcOff: u32, count: u32): void {
    if (offset > 2048 || count > 2048 - offset) glue.outOfRange();
    guard.copyShared(this.base + offset, srcOff, count);
  }

  /** 16 items at once, from an index that is a multiple of 16. */
  vectorAt(index: u32): v128 {
    if ((index & 15) != 0 || 2048 < 16 || index > 2048 - 16) glue.outOfRange();
    return guard.loadv128(this.base + index);
  }

  setVectorAt(index: u32, value: v128): void {
    if ((index & 15) != 0 || 2048 < 16 || index > 2048 - 16) glue.outOfRange();
    guard.storev128(this.base + index, value);
  }
}

/** An object on the shared heap: 2064 bytes, type id 3078096674. */
@unmanaged
@final
export class Packet {
  /** A new object, all zero; ends the domain when the heap has no room for it. */
  static create(): Packet {
    const base = create_packet();
    if (base == 0) glue.noRoom("no room for a packet on the shared heap");
    return glue.objectAt<Packet>(base);
  }

  /** Gives the object back, with all that it holds; the domain must own it. */
  drop(): void {
    drop_packet(glue.baseOf(this));
  }

  /** Its place on the shared heap, for devices and for functions of the guard. */
  get base(): u32 {
    return <u32>glue.baseOf(this);
  }

  get data(): Packet_Data {
    return glue.partOf<Packet, Packet_Data>(this, 0);
  }

  get size(): u32 {
    return guard.load32(this.base + 2048);
  }

  set size(value: u32) {
    guard.store32(this.base + 2048, value);
  }

  get hash(): u32 {
    return guard.load32(this.base + 2052);
  }

  set hash(value: u32) {
    guard.store32(this.base + 2052, value);
  }

  get vlan(): u16 {
    return <u16>guard.load16(this.base + 2056);
  }

  set vlan(value: u16) {
    guard.store16(this.base + 2056, <u32>value);
  }

  get queue(): u16 {
    return <u16>guard.load16(this.base + 2058);
  }

  set queue(value: u16) {
    guard.store16(this.base + 2058, <u32>value);
  }

  get fate(): Fate {
    return <Fate>guard.load8(this.base + 2060);
  }

  set fate(value: Fate) {
    guard.store8(this.base + 2060, <u32>value);
  }

  get marks(): Marks {
    return <Marks>guard.load8(this.base + 2061);
  }

  set marks(value: Marks) {
    guard.store8(this.base + 2061, <u32>value);
  }

  get segment(): u16 {
    return <u16>guard.load16(this.base + 2062);
  }

  set segment(value: u16) {
    guard.store16(this.base + 2062, <u32>value);
  }
}
