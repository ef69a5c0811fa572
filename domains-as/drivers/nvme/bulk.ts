/**
 * `sumac:block/bulk`: up to 32 blocks per request.
 * Called through the kernel by whoever was granted the driver.
 */
import { Outcome } from "sumac/outcome";
import { Opcode } from "./commands";
import { attendEvents } from "./events";
import { BdevError } from "./gen/bdev";
import { Extent } from "./gen/bulk";
import { admits } from "./patience";
import { errorOf, SUCCESS } from "./status";
import { transfer } from "./transfer";

/** On an error the extent is given back to the heap. */
export function readMany(lba: u64, blocks: u32, into: Extent): Outcome<Extent> {
  if (!admits()) return Outcome.ok<Extent>(into);
  attendEvents();
  const error = failureOf(Opcode.READ, lba, blocks, into.base);
  if (error == NONE) return Outcome.ok<Extent>(into);
  into.drop();
  return Outcome.error<Extent>(error);
}

export function writeMany(lba: u64, blocks: u32, data: Extent): Outcome<void> {
  if (!admits()) return Outcome.done();
  attendEvents();
  const error = failureOf(Opcode.WRITE, lba, blocks, data.base);
  return error == NONE ? Outcome.done() : Outcome.error<void>(error);
}

const NONE: i32 = -1;
const MOST_BLOCKS_PER_REQUEST: u32 = 32;

/** A `BdevError`, or `NONE`. */
function failureOf(opcode: u32, lba: u64, blocks: u32, dataOff: u32): i32 {
  if (blocks == 0 || blocks > MOST_BLOCKS_PER_REQUEST) return BdevError.outOfRange;
  const status = transfer(opcode, lba, blocks, dataOff);
  return status == SUCCESS ? NONE : errorOf(status);
}
