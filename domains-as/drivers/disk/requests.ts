/**
 * `sumac:block/bdev` on top of the device: one request, one command.
 * Called through the kernel by whoever was granted the disk, normally the shadow.
 */
import { Outcome } from "sumac/outcome";
import { BLOCK_BYTES, capacity, execute } from "./device";
import { BdevError, Geometry } from "./gen/bdev";
import { Block } from "./gen/types";
import { Opcode, Status } from "./registers";

export function identify(): Geometry {
  return Geometry.of(capacity, BLOCK_BYTES);
}

/** On an error the block is given back to the heap: the caller moved it in, and an error carries none. */
export function read(lba: u64, into: Block): Outcome<Block> {
  const status = execute(Opcode.READ, lba, into.base, BLOCK_BYTES);
  if (status == Status.SUCCESS) return Outcome.ok<Block>(into);
  into.drop();
  return Outcome.error<Block>(errorOf(status));
}

export function write(lba: u64, data: Block): Outcome<void> {
  return settled(execute(Opcode.WRITE, lba, data.base, BLOCK_BYTES));
}

export function flush(): Outcome<void> {
  return settled(execute(Opcode.FLUSH, 0, 0, 0));
}

function settled(status: u32): Outcome<void> {
  return status == Status.SUCCESS ? Outcome.done() : Outcome.error<void>(errorOf(status));
}

function errorOf(status: u32): BdevError {
  return status == Status.BAD_LBA ? BdevError.outOfRange : BdevError.io;
}
