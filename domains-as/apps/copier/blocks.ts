/** How a file's bytes fall into blocks. Called by job.ts and passes.ts. */

export const BLOCK_BYTES: u32 = 4096;

export function blocksFor(bytes: u64): u64 {
  return bytes / BLOCK_BYTES + (bytes % BLOCK_BYTES > 0 ? 1 : 0);
}

/** How many bytes of the file the block that begins at `offset` holds: all 4096, or fewer in the last one. */
export function bytesAt(offset: u64, fileBytes: u64): u32 {
  return <u32>min<u64>(BLOCK_BYTES, fileBytes - offset);
}
