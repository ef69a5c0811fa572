/**
 * A second CPU for the fuzzing of the 82599: a thread that writes random words into the rings, as fast as it can, until it is told to stop.
 * Its data: the shared memory, how many words of it are rings, a seed, and a flag.
 */
import { workerData } from "node:worker_threads";
import { FuzzRandom } from "./fuzz.ts";

interface Task {
  readonly memory: SharedArrayBuffer;
  readonly ringWords: number;
  readonly seed: number;
  readonly stop: SharedArrayBuffer;
}

const { memory, ringWords, seed, stop } = workerData as Task;
const words = new Uint32Array(memory, 0, ringWords);
const flag = new Int32Array(stop);
const random = new FuzzRandom(seed);

while (Atomics.load(flag, 0) === 0) {
  for (let i = 0; i < 1000; i++) {
    // The first descriptors of each ring: those in use.
    const at = (random.below(8) * 0x1000 + random.below(128)) % ringWords;
    words[at] = (words[at] ?? 0) ^ (1 << random.below(32));
  }
  // One core is enough for the rest of the machine to share.
  Atomics.wait(flag, 0, 0, 1);
}
