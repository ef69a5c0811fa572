/** The NVMe driver's exports: its start, and the block devices that it serves. */
import * as bdev from "./bdev";
import * as bulk from "./bulk";

export { restart as recover, start as init } from "./controller";
export { bdev, bulk };
