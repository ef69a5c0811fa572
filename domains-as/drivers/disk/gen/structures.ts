/**
 * `sumac:disk-driver/structures@0.1.0`: its types.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";

@external("sumac:disk-driver/structures@0.1.0", "[constructor]descriptor")
declare function create_descriptor(): i32;
@external("sumac:disk-driver/structures@0.1.0", "[resource-drop]descriptor")
declare function drop_descriptor(base: i32): void;

/** 36 items inside an object on the shared heap: 36 bytes. */
@unmanaged
@final
export class Descriptor_Reserved {
  /** Its place on the shared heap. */
  get base(): u32 {
    return <u32>glue.baseOf(this);
  }

  get length(): u32 {
    return 36;
  }

  at(index: u32): u8 {
    if (index >= 36) glue.outOfRange();
    return <u8>guard.load8(this.base + index);
  }

  setAt(index: u32, value: u8): void {
    if (index >= 36) glue.outOfRange();
    guard.store8(this.base + index, <u32>value);
  }

  /** Copies `count` bytes from `offset` on to the domain's own memory. */
  copyTo(offset: u32, dstPtr: usize, count: u32): void {
    if (offset > 36 || count > 36 - offset) glue.outOfRange();
    guard.copyIn(dstPtr, this.base + offset, count);
  }

  /** Copies `count` bytes from the domain's own memory to `offset`. */
  copyFrom(offset: u32, srcPtr: usize, count: u32): void {
    if (offset > 36 || count > 36 - offset) glue.outOfRange();
    guard.copyOut(this.base + offset, srcPtr, count);
  }

  /** Copies `count` bytes from another place on the shared heap to `offset`. */
  copyShared(offset: u32, srcOff: u32, count: u32): void {
    if (offset > 36 || count > 36 - offset) glue.outOfRange();
    guard.copyShared(this.base + offset, srcOff, count);
  }
}

/** An object on the shared heap: 64 bytes, type id 2782979192. */
@unmanaged
@final
export class Descriptor {
  /** A new object, all zero; ends the domain when the heap has no room for it. */
  static create(): Descriptor {
    const base = create_descriptor();
    if (base == 0) glue.noRoom("no room for a descriptor on the shared heap");
    return glue.objectAt<Descriptor>(base);
  }

  /** Gives the object back, with all that it holds; the domain must own it. */
  drop(): void {
    drop_descriptor(glue.baseOf(this));
  }

  /** Its place on the shared heap, for devices and for functions of the guard. */
  get base(): u32 {
    return <u32>glue.baseOf(this);
  }

  get opcode(): u32 {
    return guard.load32(this.base);
  }

  set opcode(value: u32) {
    guard.store32(this.base, value);
  }

  get command(): u32 {
    return guard.load32(this.base + 4);
  }

  set command(value: u32) {
    guard.store32(this.base + 4, value);
  }

  get lba(): u64 {
    return guard.load64(this.base + 8);
  }

  set lba(value: u64) {
    guard.store64(this.base + 8, value);
  }

  get buffer(): u32 {
    return guard.load32(this.base + 16);
  }

  set buffer(value: u32) {
    guard.store32(this.base + 16, value);
  }

  get bytes(): u32 {
    return guard.load32(this.base + 20);
  }

  set bytes(value: u32) {
    guard.store32(this.base + 20, value);
  }

  get status(): u32 {
    return guard.load32(this.base + 24);
  }

  set status(value: u32) {
    guard.store32(this.base + 24, value);
  }

  get reserved(): Descriptor_Reserved {
    return glue.partOf<Descriptor, Descriptor_Reserved>(this, 28);
  }
}
