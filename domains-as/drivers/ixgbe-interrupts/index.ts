/** The exports of the 82599 driver that waits for interrupts: those of the one that is polled, and a start with threads. */
import { start } from "./card";
import * as net from "./net";
import { startThreads } from "./threads";

export { net };

/** Threads are no part of a snapshot, so each generation begins here. */
export function init(): void {
  start();
  startThreads();
}
