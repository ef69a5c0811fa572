/**
 * Copies between the domain's own memory and objects on the shared heap, each in the way that is fastest for its size.
 * Called by domain code and by this library. Four kinds, by where the bytes lie; ranges of one kind may overlap.
 *
 * Which way is fastest was measured (decision 0015, bench rows memcpy/*). A bulk copy takes about 4 ns at any size up to 256 bytes,
 * and half of that where its size is a constant; nothing beats it above 64 bytes, and nothing that goes through the guard beats
 * it above 4. What is left is small copies within the own memory whose size is known only when the domain runs.
 */
import { copyIn, copyOut, copyShared } from "./guard";

const VECTOR: u32 = 16;
/** So many bytes fit into few enough vectors. */
const VECTORS: u32 = 64;
/** Up to so many bytes a loop is faster than a bulk copy. */
const LOOP: u32 = 4;

export class Copy {
  /** Within the own memory. For sizes that are mostly above 64, `memory.copy` itself spares the choice, a nanosecond. */
  @inline
  static ownToOwn(dstPtr: usize, srcPtr: usize, bytes: u32): void {
    if (isConstant(bytes)) memory.copy(dstPtr, srcPtr, bytes);
    else copyOwn(dstPtr, srcPtr, bytes);
  }

  /** Shared → own memory: for a domain that may read the object. */
  @inline
  static sharedToOwn(dstPtr: usize, srcOff: u32, bytes: u32): void {
    copyIn(dstPtr, srcOff, bytes);
  }

  /** Own memory → shared: for the owner of an object that is not lent. */
  @inline
  static ownToShared(dstOff: u32, srcPtr: usize, bytes: u32): void {
    copyOut(dstOff, srcPtr, bytes);
  }

  /** From object to object, or within one. */
  @inline
  static sharedToShared(dstOff: u32, srcOff: u32, bytes: u32): void {
    copyShared(dstOff, srcOff, bytes);
  }
}

function copyOwn(dstPtr: usize, srcPtr: usize, bytes: u32): void {
  // Front to back is right unless the target begins inside the source.
  if (bytes <= VECTORS && dstPtr - srcPtr >= <usize>bytes) {
    if (bytes >= VECTOR) {
      // The last vector overlaps the one before it, so it is read before anything is written.
      const last = v128.load(srcPtr + bytes - VECTOR);
      const lastPtr = dstPtr + bytes - VECTOR;
      for (let d = dstPtr, s = srcPtr; d < lastPtr; d += VECTOR, s += VECTOR) v128.store(d, v128.load(s));
      v128.store(lastPtr, last);
      return;
    }
    if (bytes <= LOOP) {
      for (let i: u32 = 0; i < bytes; i++) store<u8>(dstPtr + i, load<u8>(srcPtr + i));
      return;
    }
  }
  memory.copy(dstPtr, srcPtr, bytes);
}
