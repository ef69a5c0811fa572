/**
 * `sumac:block/bulk@0.1.0`: its types.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";

@external("sumac:block/bulk@0.1.0", "[constructor]extent")
declare function create_extent(): i32;
@external("sumac:block/bulk@0.1.0", "[resource-drop]extent")
declare function drop_extent(base: i32): void;

/** An object on the shared heap: 131072 bytes, type id 368098883. */
@unmanaged
@final
export class Extent {
  /** A new object, all zero; ends the domain when the heap has no room for it. */
  static create(): Extent {
    const base = create_extent();
    if (base == 0) glue.noRoom("no room for a extent on the shared heap");
    return glue.objectAt<Extent>(base);
  }

  /** Gives the object back, with all that it holds; the domain must own it. */
  drop(): void {
    drop_extent(glue.baseOf(this));
  }

  /** Its place on the shared heap, for devices and for functions of the guard. */
  get base(): u32 {
    return <u32>glue.baseOf(this);
  }

  get length(): u32 {
    return 131072;
  }

  at(index: u32): u8 {
    if (index >= 131072) glue.outOfRange();
    return <u8>guard.load8(this.base + index);
  }

  setAt(index: u32, value: u8): void {
    if (index >= 131072) glue.outOfRange();
    guard.store8(this.base + index, <u32>value);
  }

  /** Copies `count` bytes from `offset` on to the domain's own memory. */
  copyTo(offset: u32, dstPtr: usize, count: u32): void {
    if (offset > 131072 || count > 131072 - offset) glue.outOfRange();
    guard.copyIn(dstPtr, this.base + offset, count);
  }

  /** Copies `count` bytes from the domain's own memory to `offset`. */
  copyFrom(offset: u32, srcPtr: usize, count: u32): void {
    if (offset > 131072 || count > 131072 - offset) glue.outOfRange();
    guard.copyOut(this.base + offset, srcPtr, count);
  }

  /** Copies `count` bytes from another place on the shared heap to `offset`. */
  copyShared(offset: u32, srcOff: u32, count: u32): void {
    if (offset > 131072 || count > 131072 - offset) glue.outOfRange();
    guard.copyShared(this.base + offset, srcOff, count);
  }

  /** 16 items at once, from an index that is a multiple of 16. */
  vectorAt(index: u32): v128 {
    if ((index & 15) != 0 || 131072 < 16 || index > 131072 - 16) glue.outOfRange();
    return guard.loadv128(this.base + index);
  }

  setVectorAt(index: u32, value: v128): void {
    if ((index & 15) != 0 || 131072 < 16 || index > 131072 - 16) glue.outOfRange();
    guard.storev128(this.base + index, value);
  }
}
