/**
 * `sumac:nvme-driver/structures@0.1.0`: its types.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";

@external("sumac:nvme-driver/structures@0.1.0", "[constructor]prp-list")
declare function create_prpList(): i32;
@external("sumac:nvme-driver/structures@0.1.0", "[resource-drop]prp-list")
declare function drop_prpList(base: i32): void;

/** An object on the shared heap: 264 bytes, type id 3611044791. */
@unmanaged
@final
export class PrpList {
  /** A new object, all zero; ends the domain when the heap has no room for it. */
  static create(): PrpList {
    const base = create_prpList();
    if (base == 0) glue.noRoom("no room for a prp-list on the shared heap");
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
    return 33;
  }

  at(index: u32): u64 {
    if (index >= 33) glue.outOfRange();
    return guard.load64(this.base + index * 8);
  }

  setAt(index: u32, value: u64): void {
    if (index >= 33) glue.outOfRange();
    guard.store64(this.base + index * 8, value);
  }

  /** Copies `count` items of 8 bytes from `offset` on to the domain's own memory. */
  copyTo(offset: u32, dstPtr: usize, count: u32): void {
    if (offset > 33 || count > 33 - offset) glue.outOfRange();
    guard.copyIn(dstPtr, this.base + offset * 8, count * 8);
  }

  /** Copies `count` items of 8 bytes from the domain's own memory to `offset`. */
  copyFrom(offset: u32, srcPtr: usize, count: u32): void {
    if (offset > 33 || count > 33 - offset) glue.outOfRange();
    guard.copyOut(this.base + offset * 8, srcPtr, count * 8);
  }

  /** Copies `count` items of 8 bytes from another place on the shared heap to `offset`. */
  copyShared(offset: u32, srcOff: u32, count: u32): void {
    if (offset > 33 || count > 33 - offset) glue.outOfRange();
    guard.copyShared(this.base + offset * 8, srcOff, count * 8);
  }

  /** 2 items at once, from an index that is a multiple of 2. */
  vectorAt(index: u32): v128 {
    if ((index & 1) != 0 || 33 < 2 || index > 33 - 2) glue.outOfRange();
    return guard.loadv128(this.base + index * 8);
  }

  setVectorAt(index: u32, value: v128): void {
    if ((index & 1) != 0 || 33 < 2 || index > 33 - 2) glue.outOfRange();
    guard.storev128(this.base + index * 8, value);
  }
}

@external("sumac:nvme-driver/structures@0.1.0", "[constructor]queues")
declare function create_queues(): i32;
@external("sumac:nvme-driver/structures@0.1.0", "[resource-drop]queues")
declare function drop_queues(base: i32): void;

/** An object on the shared heap: 20480 bytes, type id 293858238. */
@unmanaged
@final
export class Queues {
  /** A new object, all zero; ends the domain when the heap has no room for it. */
  static create(): Queues {
    const base = create_queues();
    if (base == 0) glue.noRoom("no room for a queues on the shared heap");
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
    return 20480;
  }

  at(index: u32): u8 {
    if (index >= 20480) glue.outOfRange();
    return <u8>guard.load8(this.base + index);
  }

  setAt(index: u32, value: u8): void {
    if (index >= 20480) glue.outOfRange();
    guard.store8(this.base + index, <u32>value);
  }

  /** Copies `count` bytes from `offset` on to the domain's own memory. */
  copyTo(offset: u32, dstPtr: usize, count: u32): void {
    if (offset > 20480 || count > 20480 - offset) glue.outOfRange();
    guard.copyIn(dstPtr, this.base + offset, count);
  }

  /** Copies `count` bytes from the domain's own memory to `offset`. */
  copyFrom(offset: u32, srcPtr: usize, count: u32): void {
    if (offset > 20480 || count > 20480 - offset) glue.outOfRange();
    guard.copyOut(this.base + offset, srcPtr, count);
  }

  /** Copies `count` bytes from another place on the shared heap to `offset`. */
  copyShared(offset: u32, srcOff: u32, count: u32): void {
    if (offset > 20480 || count > 20480 - offset) glue.outOfRange();
    guard.copyShared(this.base + offset, srcOff, count);
  }

  /** 16 items at once, from an index that is a multiple of 16. */
  vectorAt(index: u32): v128 {
    if ((index & 15) != 0 || 20480 < 16 || index > 20480 - 16) glue.outOfRange();
    return guard.loadv128(this.base + index);
  }

  setVectorAt(index: u32, value: v128): void {
    if ((index & 15) != 0 || 20480 < 16 || index > 20480 - 16) glue.outOfRange();
    guard.storev128(this.base + index, value);
  }
}

@external("sumac:nvme-driver/structures@0.1.0", "[constructor]request")
declare function create_request(): i32;
@external("sumac:nvme-driver/structures@0.1.0", "[resource-drop]request")
declare function drop_request(base: i32): void;

/** An object on the shared heap: 64 bytes, type id 2064690358. */
@unmanaged
@final
export class Request {
  /** A new object, all zero; ends the domain when the heap has no room for it. */
  static create(): Request {
    const base = create_request();
    if (base == 0) glue.noRoom("no room for a request on the shared heap");
    return glue.objectAt<Request>(base);
  }

  /** Gives the object back, with all that it holds; the domain must own it. */
  drop(): void {
    drop_request(glue.baseOf(this));
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

  get nsid(): u32 {
    return guard.load32(this.base + 4);
  }

  set nsid(value: u32) {
    guard.store32(this.base + 4, value);
  }

  get prp1(): u64 {
    return guard.load64(this.base + 8);
  }

  set prp1(value: u64) {
    guard.store64(this.base + 8, value);
  }

  get prp2(): u64 {
    return guard.load64(this.base + 16);
  }

  set prp2(value: u64) {
    guard.store64(this.base + 16, value);
  }

  get cdw10(): u32 {
    return guard.load32(this.base + 24);
  }

  set cdw10(value: u32) {
    guard.store32(this.base + 24, value);
  }

  get cdw11(): u32 {
    return guard.load32(this.base + 28);
  }

  set cdw11(value: u32) {
    guard.store32(this.base + 28, value);
  }

  get cdw12(): u32 {
    return guard.load32(this.base + 32);
  }

  set cdw12(value: u32) {
    guard.store32(this.base + 32, value);
  }

  get listBase(): u32 {
    return guard.load32(this.base + 36);
  }

  set listBase(value: u32) {
    guard.store32(this.base + 36, value);
  }

  get deadlineMicros(): u64 {
    return guard.load64(this.base + 40);
  }

  set deadlineMicros(value: u64) {
    guard.store64(this.base + 40, value);
  }

  get command(): u32 {
    return guard.load32(this.base + 48);
  }

  set command(value: u32) {
    guard.store32(this.base + 48, value);
  }

  get tries(): u32 {
    return guard.load32(this.base + 52);
  }

  set tries(value: u32) {
    guard.store32(this.base + 52, value);
  }

  get dword0(): u32 {
    return guard.load32(this.base + 56);
  }

  set dword0(value: u32) {
    guard.store32(this.base + 56, value);
  }

  get status(): u32 {
    return guard.load32(this.base + 60);
  }

  set status(value: u32) {
    guard.store32(this.base + 60, value);
  }
}
