/**
 * `sumac:nvme/types@0.1.0`: its types.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as deque from "sumac/deque";
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";
import * as owned from "sumac/owned";

/** One of these. */
export const enum Operation {
  read = 0,
  write = 1,
  flush = 2,
  writeZeroes = 3,
}

/** One of these. */
export const enum State {
  fresh = 0,
  done = 1,
  failed = 2,
  refused = 3,
  lost = 4,
  inFlight = 5,
}

@external("sumac:nvme/types@0.1.0", "[constructor]batch")
declare function create_batch(): i32;
@external("sumac:nvme/types@0.1.0", "[resource-drop]batch")
declare function drop_batch(base: i32): void;

/** An object on the shared heap: 136 bytes, type id 3572995677. */
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
  at(index: u32): Request | null {
    return deque.at<Request>(this.base, 32, 1557473141, index);
  }

  get front(): Request | null {
    return deque.at<Request>(this.base, 32, 1557473141, 0);
  }

  get back(): Request | null {
    return deque.back<Request>(this.base, 32, 1557473141);
  }

  /** Puts a child at the back: it belongs to this object from now on. False, and nothing changed, when there is no room. */
  pushBack(child: Request): bool {
    return deque.pushBack<Request>(this.base, 32, 1557473141, child);
  }

  /** Puts a child at the front: it belongs to this object from now on. False, and nothing changed, when there is no room. */
  pushFront(child: Request): bool {
    return deque.pushFront<Request>(this.base, 32, 1557473141, child);
  }

  /** Takes the child at the front out; null when there is none. */
  popFront(): Request | null {
    return deque.popFront<Request>(this.base, 32, 1557473141);
  }

  /** Takes the child at the back out; null when there is none. */
  popBack(): Request | null {
    return deque.popBack<Request>(this.base, 32, 1557473141);
  }
}

@external("sumac:nvme/types@0.1.0", "[constructor]buffer")
declare function create_buffer(count: u32): i32;
@external("sumac:nvme/types@0.1.0", "[resource-drop]buffer")
declare function drop_buffer(base: i32): void;

/** An object on the shared heap: 0 bytes and 1 for each item, type id 328318361. */
@unmanaged
@final
export class Buffer {
  /** A new object with so many items, at least one, all zero; ends the domain when the heap has no room for it. */
  static create(count: u32): Buffer {
    const base = create_buffer(count);
    if (base == 0) glue.noRoom(count == 0 ? "a buffer has at least one item" : "no room for a buffer of so many items on the shared heap");
    return glue.objectAt<Buffer>(base);
  }

  /** Gives the object back, with all that it holds; the domain must own it. */
  drop(): void {
    drop_buffer(glue.baseOf(this));
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

@external("sumac:nvme/types@0.1.0", "[constructor]request")
declare function create_request(): i32;
@external("sumac:nvme/types@0.1.0", "[resource-drop]request")
declare function drop_request(base: i32): void;

/** An object on the shared heap: 32 bytes, type id 1557473141. */
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

  get lba(): u64 {
    return guard.load64(this.base);
  }

  set lba(value: u64) {
    guard.store64(this.base, value);
  }

  get tag(): u64 {
    return guard.load64(this.base + 8);
  }

  set tag(value: u64) {
    guard.store64(this.base + 8, value);
  }

  get nsid(): u32 {
    return guard.load32(this.base + 16);
  }

  set nsid(value: u32) {
    guard.store32(this.base + 16, value);
  }

  get blocks(): u32 {
    return guard.load32(this.base + 20);
  }

  set blocks(value: u32) {
    guard.store32(this.base + 20, value);
  }

  /** The child, which stays where it is; null when there is none. */
  get data(): Buffer | null {
    return owned.peek<Buffer>(this.base + 24, 328318361);
  }

  /** Takes the child out; null when there is none. */
  takeData(): Buffer | null {
    return owned.take<Buffer>(this.base + 24, 328318361);
  }

  /** Puts in a child where there is none: it belongs to this object from now on. */
  putData(child: Buffer): void {
    owned.put<Buffer>(this.base + 24, 328318361, child);
  }

  /** Puts in a child, and takes out what was there. */
  replaceData(child: Buffer): Buffer | null {
    return owned.replace<Buffer>(this.base + 24, 328318361, child);
  }

  get status(): u16 {
    return <u16>guard.load16(this.base + 28);
  }

  set status(value: u16) {
    guard.store16(this.base + 28, <u32>value);
  }

  get operation(): Operation {
    return <Operation>guard.load8(this.base + 30);
  }

  set operation(value: Operation) {
    guard.store8(this.base + 30, <u32>value);
  }

  get state(): State {
    return <State>guard.load8(this.base + 31);
  }

  set state(value: State) {
    guard.store8(this.base + 31, <u32>value);
  }
}
