/**
 * Values to bytes, as the interface language lays them down: little endian, one behind the other, without padding.
 * There is one writer, over a private buffer that grows. Called by generated code and message.ts.
 */
import { PANIC_HEAP_QUOTA, PANIC_VALUE, panic } from "./abort";
import { encode } from "./utf8";

/** No object on the shared heap is larger. */
const MAX_BYTES: u32 = 16 << 20;
const FIRST_BYTES: u32 = 1024;
/** A larger buffer goes back when the next message begins. */
const KEPT_BYTES: u32 = 65536;

@unmanaged
@final
export class Writer {
  private start: usize;
  private next: usize;
  private end: usize;
  /** A value was written that stands for a call that failed. It cannot be sent: what should have sent it fails, too. */
  hasFailed: bool;

  static start(): Writer {
    const one = changetype<Writer>(memory.data(offsetof<Writer>(), 8));
    if (one.end - one.start > KEPT_BYTES) {
      heap.free(one.start);
      one.start = one.end = 0;
    }
    one.next = one.start;
    one.hasFailed = false;
    return one;
  }

  /** Where it lies in the domain's own memory. */
  get startPtr(): usize {
    return this.start;
  }

  /** Bytes written. */
  get length(): u32 {
    return <u32>(this.next - this.start);
  }

  fail(): void {
    this.hasFailed = true;
  }

  u8(value: u32): void {
    store<u8>(this.room(1), <u8>value);
  }

  u16(value: u32): void {
    store<u16>(this.room(2), <u16>value);
  }

  u32(value: u32): void {
    store<u32>(this.room(4), value);
  }

  u64(value: u64): void {
    store<u64>(this.room(8), value);
  }

  f32(value: f32): void {
    store<f32>(this.room(4), value);
  }

  f64(value: f64): void {
    store<f64>(this.room(8), value);
  }

  /** The object of a shared type, or the instance of a capability that another domain serves. */
  object<T>(value: T): void {
    store<u32>(this.room(4), <u32>changetype<usize>(value));
  }

  /** A surrogate without its other half becomes U+FFFD. */
  string(value: string): void {
    const units = <u32>value.length;
    // Three bytes per unit at most, four for two of them. The length is bounded before it is multiplied.
    if (units > MAX_BYTES) tooLarge();
    const at = this.room(4 + units * 3);
    const bytes = encode(value, at + 4);
    store<u32>(at, bytes);
    this.next = at + 4 + bytes;
  }

  /** The items of a typed array, behind their number. */
  numbers<A extends ArrayBufferView>(values: A): void {
    this.u32(values.length);
    this.bytes(values.dataStart, values.byteLength);
  }

  /** The items of a typed array that must have so many. */
  exactly<A extends ArrayBufferView>(values: A, length: u32): void {
    this.expect(values.length, length);
    this.bytes(values.dataStart, values.byteLength);
  }

  /** Ends the domain where a list of fixed length has another. */
  expect(length: u32, expected: u32): void {
    if (length != expected) panic(PANIC_VALUE, "a list of fixed length has another length");
  }

  private bytes(fromPtr: usize, bytes: u32): void {
    memory.copy(this.room(bytes), fromPtr, bytes);
  }

  /** The place of the next `bytes` bytes. */
  private room(bytes: u32): usize {
    if (this.end - this.next < bytes) this.grow(bytes);
    const at = this.next;
    this.next = at + bytes;
    return at;
  }

  private grow(bytes: u32): void {
    const used = this.length;
    // A string takes three times its length until it is written, so the buffer may be larger than any message.
    if (used > MAX_BYTES || bytes > 3 * MAX_BYTES + 4) tooLarge();
    const capacity = max(max(<u32>(this.end - this.start) * 2, FIRST_BYTES), used + bytes);
    this.start = this.start == 0 ? heap.alloc(capacity) : heap.realloc(this.start, capacity);
    this.next = this.start + used;
    this.end = this.start + capacity;
  }
}

function tooLarge(): void {
  panic(PANIC_HEAP_QUOTA, "a message is larger than any object on the shared heap");
}
