/**
 * `sumac:ixgbe-interrupt-driver/structures@0.1.0`: its types.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";

@external("sumac:ixgbe-interrupt-driver/structures@0.1.0", "[constructor]ring")
declare function create_ring(): i32;
@external("sumac:ixgbe-interrupt-driver/structures@0.1.0", "[resource-drop]ring")
declare function drop_ring(base: i32): void;

/** An object on the shared heap: 8320 bytes, type id 1246709091. */
@unmanaged
@final
export class Ring {
  /** A new object, all zero; ends the domain when the heap has no room for it. */
  static create(): Ring {
    const base = create_ring();
    if (base == 0) glue.noRoom("no room for a ring on the shared heap");
    return glue.objectAt<Ring>(base);
  }

  /** Gives the object back, with all that it holds; the domain must own it. */
  drop(): void {
    drop_ring(glue.baseOf(this));
  }

  /** Its place on the shared heap, for devices and for functions of the guard. */
  get base(): u32 {
    return <u32>glue.baseOf(this);
  }

  get length(): u32 {
    return 8320;
  }

  at(index: u32): u8 {
    if (index >= 8320) glue.outOfRange();
    return <u8>guard.load8(this.base + index);
  }

  setAt(index: u32, value: u8): void {
    if (index >= 8320) glue.outOfRange();
    guard.store8(this.base + index, <u32>value);
  }

  /** Copies `count` bytes from `offset` on to the domain's own memory. */
  copyTo(offset: u32, dstPtr: usize, count: u32): void {
    if (offset > 8320 || count > 8320 - offset) glue.outOfRange();
    guard.copyIn(dstPtr, this.base + offset, count);
  }

  /** Copies `count` bytes from the domain's own memory to `offset`. */
  copyFrom(offset: u32, srcPtr: usize, count: u32): void {
    if (offset > 8320 || count > 8320 - offset) glue.outOfRange();
    guard.copyOut(this.base + offset, srcPtr, count);
  }

  /** Copies `count` bytes from another place on the shared heap to `offset`. */
  copyShared(offset: u32, srcOff: u32, count: u32): void {
    if (offset > 8320 || count > 8320 - offset) glue.outOfRange();
    guard.copyShared(this.base + offset, srcOff, count);
  }

  /** 16 items at once, from an index that is a multiple of 16. */
  vectorAt(index: u32): v128 {
    if ((index & 15) != 0 || 8320 < 16 || index > 8320 - 16) glue.outOfRange();
    return guard.loadv128(this.base + index);
  }

  setVectorAt(index: u32, value: v128): void {
    if ((index & 15) != 0 || 8320 < 16 || index > 8320 - 16) glue.outOfRange();
    guard.storev128(this.base + index, value);
  }
}
