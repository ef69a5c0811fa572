/** A short slice of the fuzzing campaign of the 82599: alone, and with a second CPU that changes descriptors while they are parsed. */
import { Worker } from "node:worker_threads";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Fuzz } from "./fuzz.ts";
import { FuzzMemory, OBJECT_BYTES, OBJECTS, RIGHTS, RING_OBJECTS } from "./fuzz-memory.ts";

const test = suite("82599 fuzzing");
const OPERATIONS = 15_000;

for (const seed of [1, 2, 3]) {
  test(`82599 random operations, seed ${seed}: every frame is accounted for, nothing crashes, nothing foreign is touched`, () => {
    const fuzz = new Fuzz(seed);
    fuzz.run(OPERATIONS);
    assert.ok(fuzz.model.ledger.delivered > 100, "frames were delivered");
    assert.ok(fuzz.model.ledger.framesOut > 100, "frames were sent");
  });
}

test("82599 random operations while a second CPU changes descriptors", async () => {
  const buffer = new SharedArrayBuffer(OBJECTS * OBJECT_BYTES);
  const stop = new SharedArrayBuffer(4);
  const workerData = { memory: buffer, ringWords: (RING_OBJECTS * OBJECT_BYTES) / 4, seed: 7, stop };
  const worker = new Worker(new URL("second-cpu.ts", import.meta.url), { workerData });
  const fuzz = new Fuzz(11, buffer, { ringsStayOwned: true });
  try {
    for (let i = 0; i < 20; i++) {
      fuzz.run(OPERATIONS / 20);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    Atomics.store(new Int32Array(stop), 0, 1);
    Atomics.notify(new Int32Array(stop), 0);
    await worker.terminate();
  }
  assert.ok(fuzz.model.ledger.framesIn > 100);
});

test("FuzzMemory finds a write to what is not the owner's", () => {
  const memory = new FuzzMemory();
  const view = memory.writable(OBJECT_BYTES, 16);
  memory.setRights(1, RIGHTS.readable);
  view?.fill(1);
  assert.throws(() => memory.check(), /wrote to byte 0 of object 1/);
});

test.run();
