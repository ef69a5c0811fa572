/**
 * `sumac:block/bdev`, forwarded: each request is repeated while the driver dies under it, so a caller sees latency and
 * no error. Repeating is safe because every method of the interface is idempotent.
 * Called through the kernel by the disk's users. A driver's own answer, good or bad, is passed on as it is.
 */
import { calleeDied, calleeWaits, objectsAreBack } from "sumac/fate";
import { relay } from "sumac/kernel";
import { Outcome } from "sumac/outcome";
import { lastStatus, Status } from "sumac/rpc";
import { BdevError, bdev as driver, Geometry } from "./gen/bdev";
import { supervisor } from "./gen/supervisor";
import { Block } from "./gen/types";

/** Tries per request; a driver that dies every time is broken, and somebody must be told. */
const MOST_ATTEMPTS: i32 = 8;

/** A geometry has no room for an error: nobody there is a device without blocks. */
export function identify(): Geometry {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const geometry = driver.identify();
    if (lastStatus() == Status.OK || waits()) return geometry;
    if (!revived()) break;
  }
  return Geometry.of(0, 0);
}

/** The block that the caller gets is not the one it gave if a driver took that one along. */
export function read(lba: u64, into: Block): Outcome<Block> {
  const given = into;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const outcome = driver.read(lba, into);
    if (!outcome.died) return outcome;
    const isLost = !objectsAreBack();
    // The call can be made again only with what the caller gave.
    if (into === given && waits()) return outcome;
    if (!revived()) {
      if (!isLost) into.drop();
      return Outcome.error<Block>(BdevError.io);
    }
    if (isLost) into = Block.create();
  }
  into.drop();
  return Outcome.error<Block>(BdevError.unavailable);
}

/** The block is lent to us, and by us to each driver in turn. */
export function write(lba: u64, data: Block): Outcome<void> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const outcome = driver.write(lba, data);
    if (!outcome.died || waits()) return outcome;
    if (!revived()) return Outcome.error<void>(BdevError.io);
  }
  return Outcome.error<void>(BdevError.unavailable);
}

export function flush(): Outcome<void> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const outcome = driver.flush();
    if (!outcome.died || waits()) return outcome;
    if (!revived()) return Outcome.error<void>(BdevError.io);
  }
  return Outcome.error<void>(BdevError.unavailable);
}

/** Whether the driver lets its callers wait: then this call ends here, and its thread makes it again. */
function waits(): bool {
  if (!calleeWaits()) return false;
  relay();
  return true;
}

/**
 * After a call without an answer: false if the driver lives and the call failed for another reason.
 * A restart that fails is not looked at: the next attempt finds the driver dead and tries once more.
 */
function revived(): bool {
  if (!calleeDied()) return false;
  supervisor.restart();
  return true;
}
