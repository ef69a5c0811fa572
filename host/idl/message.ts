/**
 * How values cross that are more than a few words: as one object on the shared heap, a *message*, which holds them one behind
 * the other. The sender writes it, the kernel checks it while nobody can write it, the receiver copies its content out.
 * Holds the encoding's constants; called by the lowering, by generators and by the kernel.
 *
 *     bool u8 s8                 1 byte (a bool is 0 or 1)           little endian, no alignment, no padding
 *     u16 s16                    2 bytes
 *     u32 s32 char f32           4 bytes
 *     u64 s64 f64                8 bytes
 *     enum, a variant's case     1 byte, 2 where there are more than 256 cases
 *     flags                      1, 2 or 4 bytes for up to 8, 16 or 32 flags
 *     option                     1 byte, 0 or 1, then the value
 *     result                     1 byte, 0 = ok or 1 = error, then that side's value if it has one
 *     variant                    the case, then its value if it has one
 *     record, tuple, list<T, N>  the parts, in order
 *     string                     length in bytes, 4 bytes, then UTF-8
 *     list<T>                    number of items, 4 bytes, then the items
 *     own or borrow              4 bytes: the base of a shared object, or a capability's handle
 */
import { typeId } from "./layout.ts";

/** Type id of messages on the shared heap; no type of an interface may have it. */
export const MESSAGE_TYPE: number = typeId("sumac:message");

/** A message is one object, and this is the largest. */
export const MAX_MESSAGE_BYTES: number = 16 << 20;

/** Bytes of an enum's value and of a variant's case. */
export function caseBytes(cases: number): 1 | 2 {
  return cases > 256 ? 2 : 1;
}

export function flagsBytes(flags: number): 1 | 2 | 4 {
  return flags > 16 ? 4 : flags > 8 ? 2 : 1;
}
