/** The NVMe driver's exports: its start, and the devices that it serves. */
import * as bdev from "./bdev";
import * as bulk from "./bulk";
import * as nvme from "./nvme";

export { restart as recover, start as init } from "./controller";
export { bdev, bulk, nvme };
