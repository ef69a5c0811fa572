/**
 * `sumac:block/types@0.1.0`: its types.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";

@external("sumac:block/types@0.1.0", "[constructor]block")
declare function create_block(): i32;
@external("sumac:block/types@0.1.0", "[resource-drop]block")
declare function drop_block(base: i32): void;

/** An object on the shared heap: 4096 bytes, type id 615171343. */
@unmanaged
@final
export class Block {
  /** A new object, all zero; ends the domain when the heap has no room for it. */
  static create(): Block {
    const base = create_block();
    if (base == 0) glue.noRoom("no room for a block on the shared heap");
    return glue.objectAt<Block>(base);
  }

  /** Gives the object back, with all that it holds; the domain must own it. */
  drop(): void {
    drop_block(glue.baseOf(this));
  }

  /** Its place on the shared heap, for devices and for functions of the guard. */
  get base(): u32 {
    return <u32>glue.baseOf(this);
  }

  get length(): u32 {
    return 4096;
  }

  at(index: u32): u8 {
    if (index >= 4096) glue.outOfRange();
    return <u8>guard.load8(this.base + index);
  }

  setAt(index: u32, value: u8): void {
    if (index >= 4096) glue.outOfRange();
    guard.store8(this.base + index, <u32>value);
  }

  /** Copies `count` bytes from `offset` on to the domain's own memory. */
  copyTo(offset: u32, dstPtr: usize, count: u32): void {
    if (offset > 4096 || count > 4096 - offset) glue.outOfRange();
    guard.copyIn(dstPtr, this.base + offset, count);
  }

  /** Copies `count` bytes from the domain's own memory to `offset`. */
  copyFrom(offset: u32, srcPtr: usize, count: u32): void {
    if (offset > 4096 || count > 4096 - offset) glue.outOfRange();
    guard.copyOut(this.base + offset, srcPtr, count);
  }

  /** Copies `count` bytes from another place on the shared heap to `offset`. */
  copyShared(offset: u32, srcOff: u32, count: u32): void {
    if (offset > 4096 || count > 4096 - offset) glue.outOfRange();
    guard.copyShared(this.base + offset, srcOff, count);
  }

  /** 16 items at once, from an index that is a multiple of 16. */
  vectorAt(index: u32): v128 {
    if ((index & 15) != 0 || 4096 < 16 || index > 4096 - 16) glue.outOfRange();
    return guard.loadv128(this.base + index);
  }

  setVectorAt(index: u32, value: v128): void {
    if ((index & 15) != 0 || 4096 < 16 || index > 4096 - 16) glue.outOfRange();
    guard.storev128(this.base + index, value);
  }
}
