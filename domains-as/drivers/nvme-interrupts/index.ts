/** The exports of the NVMe driver that waits for interrupts: those of the one that polls, and a start with threads. */
import * as bdev from "./bdev";
import * as bulk from "./bulk";
import { start } from "./controller";
import * as nvme from "./nvme";
import { startThreads } from "./threads";

export { bdev, bulk, nvme };

/** Threads are no part of a snapshot, so each generation begins here. */
export function init(): void {
  start();
  startThreads();
}
