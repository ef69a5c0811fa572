/** The line that tells how far the job is, made without allocating: it is told for ever. Called by job.ts. */
import { log } from "sumac/kernel";
import { writeDecimal, writeText } from "sumac/text";

const bufferPtr: usize = memory.data(96);

export function tell(pass: u32, blocks: u32): void {
  let end = bufferPtr + writeText("pass ", bufferPtr, 32);
  end += writeDecimal(pass + 1, end);
  end += writeText(", block ", end, 32);
  end += writeDecimal(blocks, end);
  log(bufferPtr, <u32>(end - bufferPtr));
}
