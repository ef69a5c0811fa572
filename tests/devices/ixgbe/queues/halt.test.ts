/** A card that is reset while a second thread drives queues of it: from the moment at which the reset returns, nothing of it moves any more. */
import { Worker } from "node:worker_threads";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { REG, TX } from "../../../../devices/ixgbe/registers.ts";
import { Card } from "../card.ts";
import { flow, type SecondCard, spread, twoCpus } from "./two-cpus.ts";

const test = suite("82599 queues on two threads");
const GRANTS = 60;
const MEMORY = 1 << 20;
const BUFFERS = 0x4000;

test("a reset on the first CPU: when it returns, no engine writes memory, counts a frame or has one on its way", async () => {
  const first = new Card({ cpus: 2 });
  const memory = new SharedArrayBuffer(MEMORY);
  const grants = new Int32Array(new SharedArrayBuffer(16));
  Atomics.store(grants, 1, GRANTS);
  const setUp = (): void => {
    spread(first);
    first.openReceive();
    first.openTransmit();
    first.loop();
  };
  setUp();
  const share = first.model.sharedQueues?.share;
  const worker = new Worker(new URL("./engine-thread.ts", import.meta.url), { workerData: { share, memory, grants, frame: flow(1) } });
  const delivered = new Promise<number>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  const buffers = new Uint8Array(memory, BUFFERS);
  try {
    for (let grant = 1; grant <= GRANTS; grant++) {
      while (Atomics.load(grants, 0) < grant) Atomics.wait(grants, 0, grant - 1, 1000);
      for (let i = (grant * 37) % 200; i > 0; i--) first.arrive(flow(i & 1));
      first.set(REG.ctrl, 0x0400_0000);
      // Whatever the card would still write differs from this.
      buffers.fill(0xee);
      const before = first.model.total.ledger.delivered;
      while (Atomics.load(grants, 2) < grant) Atomics.wait(grants, 2, grant - 1, 1000);
      assert.ok(
        buffers.every((byte) => byte === 0xee),
        `grant ${grant}: memory was written after the reset`,
      );
      assert.is(first.model.total.ledger.delivered, before);
      const { ledger, waiting } = first.model.total;
      assert.is(ledger.framesIn, ledger.accounted + waiting, `grant ${grant}`);
      setUp();
      Atomics.store(grants, 3, grant);
      Atomics.notify(grants, 3);
    }
    assert.ok((await delivered) > 1000, "frames were delivered meanwhile");
  } finally {
    await worker.terminate();
  }
});

for (const [what, access] of [
  ["write", (second: SecondCard): void => second.write(Card.tx(0, TX.tail), 1)],
  ["look", (second: SecondCard): void => second.engine.attend()],
] as const) {
  test(`a failure of the host in the middle of an engine's ${what} is told, and the card can be stopped all the same`, async () => {
    const { first, second } = twoCpus();
    second.putLegacy(flow(1));
    first.arrive(flow(1));
    second.dma.readable = second.dma.writable = () => {
      throw new RangeError("no memory is left");
    };
    assert.throws(() => access(second), /no memory is left/);
    const worker = new Worker(new URL("./halting.ts", import.meta.url), { workerData: first.model.sharedQueues?.share });
    const halted = new Promise((resolve) => worker.once("message", resolve));
    const patience = new Promise((resolve) => setTimeout(resolve, 5000, "waits for ever"));
    const ended = await Promise.race([halted, patience]);
    await worker.terminate();
    assert.is(ended, "halted");
  });
}

test.run();
