/** The shadow's export: the block device that survives its driver. */
import * as bdev from "./requests";

export { bdev };
