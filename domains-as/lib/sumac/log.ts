/**
 * Prints a line through the kernel: for what a human should know, not for every request (the kernel limits the rate).
 * Called by domain code. Longer texts are cut.
 */
import { log as kernelLog } from "./kernel";
import { writeText } from "./text";

const BUFFER_BYTES: u32 = 768;
const bufferPtr: usize = memory.data(768);

export function log(text: string): void {
  kernelLog(bufferPtr, writeText(text, bufferPtr, BUFFER_BYTES));
}
