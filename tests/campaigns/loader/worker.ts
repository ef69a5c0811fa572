/** One thread of the campaign: takes its part of the inputs, and marks the one that it is at where the first thread can see it. */
import { parentPort, workerData } from "node:worker_threads";
import { fuzzReaders } from "./run.ts";

export interface Part {
  readonly seed: number;
  readonly first: number;
  readonly count: number;
  /** One number: the input at hand. */
  readonly at: SharedArrayBuffer;
}

const { seed, first, count, at } = workerData as Part;
const words = new Int32Array(at);
parentPort?.postMessage(await fuzzReaders(seed, first, count, (input) => Atomics.store(words, 0, input)));
