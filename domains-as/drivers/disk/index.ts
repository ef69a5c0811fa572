/** The disk driver's exports: its start, and the block device that it serves. */
import * as bdev from "./requests";

export { start as init, restart as recover } from "./device";
export { bdev };
