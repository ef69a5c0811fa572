/** A second thread that stops a shared card, and says so: where an engine is left inside an access, it never can. */
import { parentPort, workerData } from "node:worker_threads";
import { SharedCard } from "../../../../devices/ixgbe/queues/shared-card.ts";

SharedCard.attach(workerData as SharedArrayBuffer).halt();
parentPort?.postMessage("halted");
