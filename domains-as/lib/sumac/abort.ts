/**
 * How a domain ends itself: it tells the kernel why, then executes `unreachable`. Its caller gets an RpcError.
 * `abort` is what failed assertions and the runtime's own checks call (asc: `--use abort=~lib/sumac/abort/abort`, which needs an import of this file);
 * `panic` is for domain code that cannot go on. Neither returns, and neither allocates: memory may be what ran out.
 */
import { panic as kernelPanic } from "./kernel";
import { writeDecimal, writeText } from "./text";

/** The first argument of `panic`, shown to whoever looks at the death. */
export const PANIC_ASSERTION: u32 = 1;
/** An object was refused: the heap quota, or the heap itself, is used up. */
export const PANIC_HEAP_QUOTA: u32 = 2;
/** A device answered in a way that its specification rules out. */
export const PANIC_DEVICE: u32 = 3;
/** The domain passes a value that is none of its type. */
export const PANIC_VALUE: u32 = 4;
/** A child was put where one is already, or taken from or put into an object that is lent or belongs to another domain. */
export const PANIC_OWNERSHIP: u32 = 4;

const TEXT_BYTES: u32 = 384;
/** " (file:line:column)" behind the text. */
const bufferPtr: usize = memory.data(800);

export function panic(code: u32, text: string): void {
  kernelPanic(code, bufferPtr, writeText(text, bufferPtr, TEXT_BYTES));
  unreachable();
}

export function abort(message: string | null, fileName: string | null, line: u32, column: u32): void {
  let at: u32 = writeText(message === null ? "assertion failed" : message, bufferPtr, TEXT_BYTES);
  if (fileName !== null) {
    at += writeText(" (", bufferPtr + at, 6);
    at += writeText(fileName, bufferPtr + at, TEXT_BYTES);
    store<u8>(bufferPtr + at++, 0x3a);
    at += writeDecimal(line, bufferPtr + at);
    store<u8>(bufferPtr + at++, 0x3a);
    at += writeDecimal(column, bufferPtr + at);
    store<u8>(bufferPtr + at++, 0x29);
  }
  kernelPanic(PANIC_ASSERTION, bufferPtr, at);
  unreachable();
}
