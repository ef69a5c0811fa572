/**
 * `sumac:job/copy@0.1.0`: its types.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";

/** One of these. */
export const enum CopyError {
  input = 0,
  inputShrank = 1,
  disk = 2,
  tooSmall = 3,
  mismatch = 4,
}

@external("sumac:job/copy@0.1.0", "[constructor]report")
declare function create_report(): i32;
@external("sumac:job/copy@0.1.0", "[resource-drop]report")
declare function drop_report(base: i32): void;

/** 32 items inside an object on the shared heap: 32 bytes. */
@unmanaged
@final
export class Report_Sha256Input {
  /** Its place on the shared heap. */
  get base(): u32 {
    return <u32>glue.baseOf(this);
  }

  get length(): u32 {
    return 32;
  }

  at(index: u32): u8 {
    if (index >= 32) glue.outOfRange();
    return <u8>guard.load8(this.base + index);
  }

  setAt(index: u32, value: u8): void {
    if (index >= 32) glue.outOfRange();
    guard.store8(this.base + index, <u32>value);
  }

  /** Copies `count` bytes from `offset` on to the domain's own memory. */
  copyTo(offset: u32, dstPtr: usize, count: u32): void {
    if (offset > 32 || count > 32 - offset) glue.outOfRange();
    guard.copyIn(dstPtr, this.base + offset, count);
  }

  /** Copies `count` bytes from the domain's own memory to `offset`. */
  copyFrom(offset: u32, srcPtr: usize, count: u32): void {
    if (offset > 32 || count > 32 - offset) glue.outOfRange();
    guard.copyOut(this.base + offset, srcPtr, count);
  }

  /** Copies `count` bytes from another place on the shared heap to `offset`. */
  copyShared(offset: u32, srcOff: u32, count: u32): void {
    if (offset > 32 || count > 32 - offset) glue.outOfRange();
    guard.copyShared(this.base + offset, srcOff, count);
  }
}

/** 32 items inside an object on the shared heap: 32 bytes. */
@unmanaged
@final
export class Report_Sha256ReadBack {
  /** Its place on the shared heap. */
  get base(): u32 {
    return <u32>glue.baseOf(this);
  }

  get length(): u32 {
    return 32;
  }

  at(index: u32): u8 {
    if (index >= 32) glue.outOfRange();
    return <u8>guard.load8(this.base + index);
  }

  setAt(index: u32, value: u8): void {
    if (index >= 32) glue.outOfRange();
    guard.store8(this.base + index, <u32>value);
  }

  /** Copies `count` bytes from `offset` on to the domain's own memory. */
  copyTo(offset: u32, dstPtr: usize, count: u32): void {
    if (offset > 32 || count > 32 - offset) glue.outOfRange();
    guard.copyIn(dstPtr, this.base + offset, count);
  }

  /** Copies `count` bytes from the domain's own memory to `offset`. */
  copyFrom(offset: u32, srcPtr: usize, count: u32): void {
    if (offset > 32 || count > 32 - offset) glue.outOfRange();
    guard.copyOut(this.base + offset, srcPtr, count);
  }

  /** Copies `count` bytes from another place on the shared heap to `offset`. */
  copyShared(offset: u32, srcOff: u32, count: u32): void {
    if (offset > 32 || count > 32 - offset) glue.outOfRange();
    guard.copyShared(this.base + offset, srcOff, count);
  }
}

/** An object on the shared heap: 72 bytes, type id 1612404457. */
@unmanaged
@final
export class Report {
  /** A new object, all zero; ends the domain when the heap has no room for it. */
  static create(): Report {
    const base = create_report();
    if (base == 0) glue.noRoom("no room for a report on the shared heap");
    return glue.objectAt<Report>(base);
  }

  /** Gives the object back, with all that it holds; the domain must own it. */
  drop(): void {
    drop_report(glue.baseOf(this));
  }

  /** Its place on the shared heap, for devices and for functions of the guard. */
  get base(): u32 {
    return <u32>glue.baseOf(this);
  }

  get bytes(): u64 {
    return guard.load64(this.base);
  }

  set bytes(value: u64) {
    guard.store64(this.base, value);
  }

  get sha256Input(): Report_Sha256Input {
    return glue.partOf<Report, Report_Sha256Input>(this, 8);
  }

  get sha256ReadBack(): Report_Sha256ReadBack {
    return glue.partOf<Report, Report_Sha256ReadBack>(this, 40);
  }
}
