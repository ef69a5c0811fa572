/**
 * What generated code is made of where AssemblyScript has no word for it: base ↔ object, 64 bits ↔ two words of the
 * return area, the places of records. Called by files in `gen/` only, which are compiled without unsafe features.
 */
import { PANIC_HEAP_QUOTA, panic } from "./abort";
import { result, setResult } from "./guard";

export function baseOf<T>(object: T): i32 {
  return changetype<i32>(object);
}

/** The object of type T at a base, or the record at an address. */
export function objectAt<T>(base: i32): T {
  return changetype<T>(<usize>base);
}

/** A view of the part of a shared object that begins `offset` bytes after its base. */
export function partOf<T, V>(object: T, offset: u32): V {
  return changetype<V>(changetype<usize>(object) + offset);
}

/** Ends the domain: the kernel refused it an object. */
export function noRoom(text: string): void {
  panic(PANIC_HEAP_QUOTA, text);
}

/**
 * Ends the domain: an index lies outside its list.
 * HOT: inlines to a bare trap in every access. An assertion would put a call there, and a function or loop that calls
 * needs more safepoints than one that does not.
 */
export function outOfRange(): void {
  unreachable();
}

/** A 64-bit parameter from its two words. */
export function join(lo: i32, hi: i32): u64 {
  return <u64>(<u32>lo) | ((<u64>(<u32>hi)) << 32);
}

export function word64(index: u32): u64 {
  return <u64>result(index) | ((<u64>result(index + 1)) << 32);
}

export function setWord64(index: u32, value: u64): void {
  setResult(index, <u32>value);
  setResult(index + 1, <u32>(value >> 32));
}

/** The one place of a record type: records cross by value, and nothing is allocated for them. */
export function recordPlace<T>(): T {
  return changetype<T>(memory.data(offsetof<T>(), 8));
}

/** The one place of a number type, for an outcome that carries one. */
export function scalarPlace<T>(): usize {
  return memory.data(sizeof<T>(), 8);
}
