/**
 * The two passes over the data. One block object makes the whole way: moved to whoever fills it and back, lent to whoever
 * stores it. Called by job.ts. A pass that fails leaves no block behind.
 */
import { objectsAreBack } from "sumac/fate";
import { Outcome } from "sumac/outcome";
import { Sha256 } from "sumac/sha256";
import { BLOCK_BYTES, bytesAt } from "./blocks";
import { bdev } from "./gen/bdev";
import { CopyError } from "./gen/copy";
import { FileError, file } from "./gen/file";
import { progress } from "./gen/progress";
import { Block } from "./gen/types";

/** What a pass returns when it has gone well; else it is a `CopyError`. */
export const PASSED: i32 = -1;

/** Who watches wants to see movement, not every block. */
const REPORT_EVERY_BYTES: u64 = 1 << 20;

const PHASE_WRITE: u32 = 0;
const PHASE_READ_BACK: u32 = 1;

/** HOT: per block one read of the file and one write, and the hash if there is one. */
export function fileToDisk(bytes: u64, hash: Sha256 | null): i32 {
  if (hash !== null) hash.init();
  let block = Block.create();
  for (let offset: u64 = 0; offset < bytes; offset += BLOCK_BYTES) {
    tell(PHASE_WRITE, offset, bytes);
    const filled = file.readAt(offset, block);
    if (!filled.isOk) {
      dropIfBack(filled, block);
      return filled.error == FileError.shrank ? CopyError.inputShrank : CopyError.input;
    }
    block = filled.value;
    if (hash !== null) hash.updateShared(block.base, bytesAt(offset, bytes));
    if (!bdev.write(offset / BLOCK_BYTES, block).isOk) {
      block.drop();
      return CopyError.disk;
    }
  }
  block.drop();
  if (!bdev.flush().isOk) return CopyError.disk;
  progress.report(PHASE_WRITE, bytes, bytes);
  return PASSED;
}

/** HOT: per block one read, and the hash if there is one. */
export function readBack(bytes: u64, hash: Sha256 | null): i32 {
  if (hash !== null) hash.init();
  let block = Block.create();
  for (let offset: u64 = 0; offset < bytes; offset += BLOCK_BYTES) {
    tell(PHASE_READ_BACK, offset, bytes);
    const filled = bdev.read(offset / BLOCK_BYTES, block);
    if (!filled.isOk) {
      dropIfBack(filled, block);
      return CopyError.disk;
    }
    block = filled.value;
    if (hash !== null) hash.updateShared(block.base, bytesAt(offset, bytes));
  }
  block.drop();
  progress.report(PHASE_READ_BACK, bytes, bytes);
  return PASSED;
}

function tell(phase: u32, done: u64, total: u64): void {
  if (done % REPORT_EVERY_BYTES == 0) progress.report(phase, done, total);
}

/** A block moved into a call that came to nothing is gone, unless the call was never made. */
function dropIfBack(outcome: Outcome<Block>, block: Block): void {
  if (outcome.died && objectsAreBack()) block.drop();
}
