/**
 * `sumac:nvme-interrupt-driver/structures@0.1.0`: its types.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";

@external("sumac:nvme-interrupt-driver/structures@0.1.0", "[constructor]prp-list")
declare function create_prpList(count: u32): i32;
@external("sumac:nvme-interrupt-driver/structures@0.1.0", "[resource-drop]prp-list")
declare function drop_prpList(base: i32): void;

/** An object on the shared heap: 0 bytes and 8 for each item, type id 1345952061. */
@unmanaged
@final
export class PrpList {
  /** A new object with so many items, at least one, all zero; ends the domain when the heap has no room for it. */
  static create(count: u32): PrpList {
    const base = create_prpList(count);
    if (base == 0) glue.noRoom(count == 0 ? "a prp-list has at least one item" : "no room for a prp-list of so many items on the shared heap");
    return glue.objectAt<PrpList>(base);
  }

  /** Gives the object back, with all that it holds; the domain must own it. */
  drop(): void {
    drop_prpList(glue.baseOf(this));
  }

  /** Its place on the shared heap, for devices and for functions of the guard. */
  get base(): u32 {
    return <u32>glue.baseOf(this);
  }

  get length(): u32 {
    return guard.sizeOf(this.base) / 8;
  }

  at(index: u32): u64 {
    if (index >= this.length) glue.outOfRange();
    return guard.load64(this.base + index * 8);
  }

  setAt(index: u32, value: u64): void {
    if (index >= this.length) glue.outOfRange();
    guard.store64(this.base + index * 8, value);
  }

  /** Copies `count` items of 8 bytes from `offset` on to the domain's own memory. */
  copyTo(offset: u32, dstPtr: usize, count: u32): void {
    const length = this.length;
    if (offset > length || count > length - offset) glue.outOfRange();
    guard.copyIn(dstPtr, this.base + offset * 8, count * 8);
  }

  /** Copies `count` items of 8 bytes from the domain's own memory to `offset`. */
  copyFrom(offset: u32, srcPtr: usize, count: u32): void {
    const length = this.length;
    if (offset > length || count > length - offset) glue.outOfRange();
    guard.copyOut(this.base + offset * 8, srcPtr, count * 8);
  }

  /** Copies `count` items of 8 bytes from another place on the shared heap to `offset`. */
  copyShared(offset: u32, srcOff: u32, count: u32): void {
    const length = this.length;
    if (offset > length || count > length - offset) glue.outOfRange();
    guard.copyShared(this.base + offset * 8, srcOff, count * 8);
  }

  /** 2 items at once, from an index that is a multiple of 2. */
  vectorAt(index: u32): v128 {
    if ((index & 1) != 0 || this.length < 2 || index > this.length - 2) glue.outOfRange();
    return guard.loadv128(this.base + index * 8);
  }

  setVectorAt(index: u32, value: v128): void {
    if ((index & 1) != 0 || this.length < 2 || index > this.length - 2) glue.outOfRange();
    guard.storev128(this.base + index * 8, value);
  }
}

@external("sumac:nvme-interrupt-driver/structures@0.1.0", "[constructor]queues")
declare function create_queues(count: u32): i32;
@external("sumac:nvme-interrupt-driver/structures@0.1.0", "[resource-drop]queues")
declare function drop_queues(base: i32): void;

/** An object on the shared heap: 0 bytes and 1 for each item, type id 1395961001. */
@unmanaged
@final
export class Queues {
  /** A new object with so many items, at least one, all zero; ends the domain when the heap has no room for it. */
  static create(count: u32): Queues {
    const base = create_queues(count);
    if (base == 0) glue.noRoom(count == 0 ? "a queues has at least one item" : "no room for a queues of so many items on the shared heap");
    return glue.objectAt<Queues>(base);
  }

  /** Gives the object back, with all that it holds; the domain must own it. */
  drop(): void {
    drop_queues(glue.baseOf(this));
  }

  /** Its place on the shared heap, for devices and for functions of the guard. */
  get base(): u32 {
    return <u32>glue.baseOf(this);
  }

  get length(): u32 {
    return guard.sizeOf(this.base);
  }

  at(index: u32): u8 {
    if (index >= this.length) glue.outOfRange();
    return <u8>guard.load8(this.base + index);
  }

  setAt(index: u32, value: u8): void {
    if (index >= this.length) glue.outOfRange();
    guard.store8(this.base + index, <u32>value);
  }

  /** Copies `count` bytes from `offset` on to the domain's own memory. */
  copyTo(offset: u32, dstPtr: usize, count: u32): void {
    const length = this.length;
    if (offset > length || count > length - offset) glue.outOfRange();
    guard.copyIn(dstPtr, this.base + offset, count);
  }

  /** Copies `count` bytes from the domain's own memory to `offset`. */
  copyFrom(offset: u32, srcPtr: usize, count: u32): void {
    const length = this.length;
    if (offset > length || count > length - offset) glue.outOfRange();
    guard.copyOut(this.base + offset, srcPtr, count);
  }

  /** Copies `count` bytes from another place on the shared heap to `offset`. */
  copyShared(offset: u32, srcOff: u32, count: u32): void {
    const length = this.length;
    if (offset > length || count > length - offset) glue.outOfRange();
    guard.copyShared(this.base + offset, srcOff, count);
  }

  /** 16 items at once, from an index that is a multiple of 16. */
  vectorAt(index: u32): v128 {
    if ((index & 15) != 0 || this.length < 16 || index > this.length - 16) glue.outOfRange();
    return guard.loadv128(this.base + index);
  }

  setVectorAt(index: u32, value: v128): void {
    if ((index & 15) != 0 || this.length < 16 || index > this.length - 16) glue.outOfRange();
    guard.storev128(this.base + index, value);
  }
}
