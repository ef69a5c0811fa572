/**
 * Text for the kernel: UTF-8 written into a buffer of fixed size, cut where it is full. Allocates nothing.
 * Called by log.ts and abort.ts, each with a buffer of its own.
 */

/** A UTF-16 unit takes at most three bytes (a pair of them four). */
const BYTES_PER_UNIT: u32 = 3;

/** Writes as much of `text` as surely fits and returns the bytes written. */
export function writeText(text: string, dstPtr: usize, capacityBytes: u32): u32 {
  let units: u32 = min(<u32>text.length, capacityBytes / BYTES_PER_UNIT);
  // Do not cut a pair in half.
  if (units > 0 && units < <u32>text.length && (text.charCodeAt(units - 1) & 0xfc00) == 0xd800) units--;
  return <u32>String.UTF8.encodeUnsafe(changetype<usize>(text), units, dstPtr, false, String.UTF8.ErrorMode.REPLACE);
}

/** Writes a number in decimal; needs room for ten digits. */
export function writeDecimal(value: u32, dstPtr: usize): u32 {
  let digits: u32 = 1;
  for (let rest = value / 10; rest > 0; rest /= 10) digits++;
  for (let at = digits; at > 0; value /= 10) store<u8>(dstPtr + --at, <u8>(48 + (value % 10)));
  return digits;
}
