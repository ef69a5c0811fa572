/**
 * Bytes of a message to values. There is one reader: values are taken out of a message before anything else happens.
 * It reads through a small window of private memory, and what is long straight from the shared heap. The kernel has checked
 * the message, and nobody can write it; a read behind its end traps all the same. Called by generated code and message.ts.
 */
import { copyIn, sizeOf } from "./guard";
import { decode } from "./utf8";

const FIRST_WINDOW_BYTES: u32 = 256;
const WINDOW_BYTES: u32 = 2048;
const windowPtr: usize = memory.data(2048);

@unmanaged
@final
export class Reader {
  /** 0: there is no message, since the call failed. All its values are zero or empty. */
  private base: u32;
  private size: u32;
  /** Of the next byte; below, like this, counted from the start of the message. */
  private at: u32;
  private windowStart: u32;
  private windowEnd: u32;

  static start(base: u32): Reader {
    const one = changetype<Reader>(memory.data(offsetof<Reader>(), 8));
    one.base = base;
    one.size = base == 0 ? u32.MAX_VALUE : sizeOf(base);
    one.at = one.windowStart = one.windowEnd = 0;
    return one;
  }

  get isMissing(): bool {
    return this.base == 0;
  }

  bool(): bool {
    return load<u8>(this.take(1)) != 0;
  }

  u8(): u32 {
    return load<u8>(this.take(1));
  }

  u16(): u32 {
    return load<u16>(this.take(2));
  }

  u32(): u32 {
    return load<u32>(this.take(4));
  }

  u64(): u64 {
    return load<u64>(this.take(8));
  }

  f32(): f32 {
    return load<f32>(this.take(4));
  }

  f64(): f64 {
    return load<f64>(this.take(8));
  }

  object<T>(): T {
    return changetype<T>(<usize>this.u32());
  }

  /** How many items follow. Each takes a byte at least, so that a number that is not true cannot ask for all memory. */
  count(): i32 {
    const count = this.u32();
    if (count > this.size - this.at) unreachable();
    return count;
  }

  string(): string {
    const bytes = this.u32();
    if (bytes <= WINDOW_BYTES) return decode(this.take(bytes), bytes);
    this.checkLeft(bytes);
    const ptr = heap.alloc(bytes);
    this.copyTo(ptr, bytes);
    const text = decode(ptr, bytes);
    heap.free(ptr);
    return text;
  }

  /** A list of numbers of any length. */
  numbers<A extends ArrayBufferView>(): A {
    return this.exactly<A>(this.u32());
  }

  /** So many numbers. */
  exactly<A extends ArrayBufferView>(length: u32): A {
    const itemBytes = <u32>sizeof<valueof<A>>();
    if (length > this.size / itemBytes) unreachable();
    const bytes = length * itemBytes;
    this.checkLeft(bytes);
    const values = instantiate<A>(length);
    this.copyTo(values.dataStart, bytes);
    return values;
  }

  private checkLeft(bytes: u32): void {
    if (bytes > this.size - this.at) unreachable();
  }

  private copyTo(ptr: usize, bytes: u32): void {
    if (bytes <= WINDOW_BYTES) {
      memory.copy(ptr, this.take(bytes), bytes);
      return;
    }
    if (this.base == 0) memory.fill(ptr, 0, bytes);
    else copyIn(ptr, this.base + this.at, bytes);
    this.at += bytes;
    this.windowStart = this.windowEnd = this.at;
  }

  /** Where the next `bytes` bytes lie in private memory, until the next call; at most a window. */
  private take(bytes: u32): usize {
    const at = this.at;
    if (this.windowEnd - at < bytes) this.fill(bytes);
    this.at = at + bytes;
    return windowPtr + (at - this.windowStart);
  }

  /** Moves the window to the next byte. */
  private fill(bytes: u32): void {
    this.checkLeft(bytes);
    const at = this.at;
    const length = min(max(bytes, at == 0 ? FIRST_WINDOW_BYTES : WINDOW_BYTES), this.size - at);
    if (this.base == 0) memory.fill(windowPtr, 0, length);
    else copyIn(windowPtr, this.base + at, length);
    this.windowStart = at;
    this.windowEnd = at + length;
  }
}
