/** Run by thread-wire.test.ts as the thread of a wire that has trouble: it begins late, or fails before or after it has begun. */
import { workerData } from "node:worker_threads";
import { FrameRing } from "../../../host/backends/net/frame-ring.ts";
import { begin } from "../../../host/backends/net/thread-wire.ts";

export interface TroubledStart {
  readonly arriving: SharedArrayBuffer;
  /** One word: set when it has begun. */
  readonly begun: SharedArrayBuffer;
  readonly fails: "never" | "at first" | "later";
}

const { arriving, begun, fails } = workerData as TroubledStart;
if (fails === "at first") throw new Error("no good");
if (begin(new FrameRing(arriving))) Atomics.store(new Int32Array(begun), 0, 1);
if (fails === "later") setTimeout(() => Promise.reject(new Error("no good")), 20);
else setTimeout(() => {}, 60_000);
