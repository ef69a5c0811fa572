/**
 * `sumac:block/bdev`: one block per request.
 * Called through the kernel by whoever was granted the driver, normally the shadow.
 */
import { Outcome } from "sumac/outcome";
import { Opcode } from "./commands";
import { attendEvents } from "./events";
import { Geometry } from "./gen/bdev";
import { Block } from "./gen/block-types";
import { BLOCK_BYTES } from "./identify";
import { admits } from "./patience";
import { errorOf, SUCCESS } from "./status";
import * as device from "./transfer";

export function identify(): Geometry {
  if (!admits()) return Geometry.of(0, 0);
  attendEvents();
  return Geometry.of(device.capacity(), BLOCK_BYTES);
}

/** On an error the block is given back to the heap: the caller moved it in, and an error carries none. */
export function read(lba: u64, into: Block): Outcome<Block> {
  if (!admits()) return Outcome.ok<Block>(into);
  attendEvents();
  const status = device.transfer(Opcode.READ, lba, 1, into.base);
  if (status == SUCCESS) return Outcome.ok<Block>(into);
  into.drop();
  return Outcome.error<Block>(errorOf(status));
}

export function write(lba: u64, data: Block): Outcome<void> {
  if (!admits()) return Outcome.done();
  attendEvents();
  return settled(device.transfer(Opcode.WRITE, lba, 1, data.base));
}

export function flush(): Outcome<void> {
  if (!admits()) return Outcome.done();
  attendEvents();
  return settled(device.flush());
}

function settled(status: u32): Outcome<void> {
  return status == SUCCESS ? Outcome.done() : Outcome.error<void>(errorOf(status));
}
