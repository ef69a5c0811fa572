/** The disk driver's exports: its start, and the block device that it serves. */
import * as bdev from "./requests";

export { restart as recover, start as init } from "./device";
export { bdev };
