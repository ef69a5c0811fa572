/**
 * The objects on the shared heap in which values cross that are more than a few words, and the two views on them: what is
 * sent is written to private memory first and copied out at once; what arrives is read where it lies, since nobody can write
 * it any more. Called by generated code only.
 *
 * A message that was lent for a call, and one that came with a result, is kept for the next to be sent: two are at most. So a
 * domain that hands calls on, and one that calls often, asks the kernel for no more messages.
 */
import { PANIC_HEAP_QUOTA, panic } from "./abort";
import { copyOut, sizeOf } from "./guard";
import { messageDrop, messageNew } from "./message-imports";
import { Reader } from "./reader";
import { Writer } from "./writer";

/** A larger object is given back instead of kept: it counts against the domain's quota. */
const KEPT_BYTES: u32 = 65536;
/** The heap's blocks are no smaller. */
const SMALLEST_BYTES: u32 = 64;

/** The larger one first; 0 where there is none. */
let spareBase: u32 = 0;
let spareBytes: u32 = 0;
let secondBase: u32 = 0;
let secondBytes: u32 = 0;

/** For the values of the next message; what was written before and not sent is forgotten. */
export function writer(): Writer {
  return Writer.start();
}

/**
 * Puts what was written into a message that the domain lends for a call and takes back with `keep`; 0 when it cannot be sent,
 * which makes the kernel refuse the call.
 */
export function lend(from: Writer): i32 {
  if (from.hasFailed) return 0;
  const bytes = from.length;
  const base = spareBase != 0 && spareBytes >= bytes ? takeSpare() : create(roundUp(bytes));
  copyOut(base, from.startPtr, bytes);
  return base;
}

/** Puts what was written into a message that becomes the caller's, about as large as it must be, since it counts for him; or 0. */
export function give(from: Writer): i32 {
  if (from.hasFailed) return 0;
  const bytes = from.length;
  const most = max(bytes, SMALLEST_BYTES) * 2;
  const base =
    secondBase != 0 && secondBytes >= bytes && secondBytes <= most
      ? takeSecond()
      : spareBase != 0 && spareBytes >= bytes && spareBytes <= most
        ? takeSpare()
        : create(bytes);
  copyOut(base, from.startPtr, bytes);
  return base;
}

/** Reads a message from its start. Of base 0, the answer of a call that failed, all values are zero or empty. */
export function read(base: i32): Reader {
  return Reader.start(base);
}

/** A message that is the domain's and done with: the next to be sent, or the heap's. */
export function keep(base: i32): void {
  if (base == 0) return;
  const bytes = sizeOf(base);
  if (bytes > KEPT_BYTES || (secondBase != 0 && bytes <= secondBytes)) {
    messageDrop(base);
    return;
  }
  if (secondBase != 0) messageDrop(secondBase);
  if (bytes > spareBytes || spareBase == 0) {
    secondBase = spareBase;
    secondBytes = spareBytes;
    spareBase = base;
    spareBytes = bytes;
  } else {
    secondBase = base;
    secondBytes = bytes;
  }
}

function takeSpare(): u32 {
  const base = spareBase;
  spareBase = secondBase;
  spareBytes = secondBytes;
  secondBase = 0;
  return base;
}

function takeSecond(): u32 {
  const base = secondBase;
  secondBase = 0;
  return base;
}

function create(bytes: u32): u32 {
  const base = messageNew(max(bytes, SMALLEST_BYTES));
  if (base == 0) panic(PANIC_HEAP_QUOTA, "no room for a message on the shared heap");
  return base;
}

/** Messages to the same callee differ in length: the next one shall fit, too. */
function roundUp(bytes: u32): u32 {
  return bytes <= SMALLEST_BYTES || bytes > KEPT_BYTES ? bytes : (<u32>1) << (32 - clz(bytes - 1));
}
