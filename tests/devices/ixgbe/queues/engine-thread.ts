/** The second CPU of halt.test.ts: sends to itself as fast as it can, until the card is taken from it; then says so and begins anew. */
import { parentPort, workerData } from "node:worker_threads";
import { QueueEngine } from "../../../../devices/ixgbe/queues/queue-engine.ts";
import { SharedCard } from "../../../../devices/ixgbe/queues/shared-card.ts";
import { REG, RX, TX } from "../../../../devices/ixgbe/registers.ts";
import type { Dma } from "../../../../devices/ports.ts";
import { Card, ENABLE } from "../card.ts";

interface Start {
  readonly share: SharedArrayBuffer;
  readonly memory: SharedArrayBuffer;
  /** Words: how many grants have begun, how many are to begin. */
  readonly grants: Int32Array;
  readonly frame: Uint8Array;
}

const { share, memory, grants, frame } = workerData as Start;
const bytes = new Uint8Array(memory);
const fields = new DataView(memory);
const ENTRIES = 128;
const [RX_RING, TX_RING, SENT, BUFFERS] = [0, 0x1000, 0x2000, 0x4000] as const;
const NOBODY = 0xffff_ffff;
const view = (at: number, length: number): Uint8Array | undefined =>
  at + length <= bytes.length ? bytes.subarray(at, at + length) : undefined;
const dma: Dma = { readable: view, writable: view, pin: () => true, unpin: () => {} };
const engine = new QueueEngine(SharedCard.attach(share), 1);
bytes.set(frame, SENT);

for (let grant = 1; grant <= Atomics.load(grants, 1); grant++) {
  engine.start(dma);
  for (const [ring, base] of [
    [Card.rx(0, 0), RX_RING],
    [Card.tx(0, 0), TX_RING],
  ] as const) {
    engine.write32(ring + RX.baseLow, base);
    engine.write32(ring + RX.length, ENTRIES * 16);
    engine.write32(ring + RX.control, ENABLE);
  }
  Atomics.store(grants, 0, grant);
  Atomics.notify(grants, 0);
  for (let at = 0; engine.read32(REG.status) !== NOBODY; at = (at + 32) % ENTRIES) {
    for (let i = at; i < at + 32; i++) {
      fields.setUint32(RX_RING + 16 * i, BUFFERS + 0x800 * i, true);
      fields.setUint32(TX_RING + 16 * i, SENT, true);
      fields.setUint32(TX_RING + 16 * i + 8, frame.length | (0x0b << 24), true);
    }
    engine.write32(Card.rx(0, RX.tail), (at + 31) % ENTRIES);
    engine.write32(Card.tx(0, TX.tail), (at + 31) % ENTRIES);
  }
  // What the driver itself wrote, it wrote before this.
  engine.stop();
  Atomics.store(grants, 2, grant);
  Atomics.notify(grants, 2);
  Atomics.wait(grants, 3, grant - 1);
}
parentPort?.postMessage(engine.ledger.delivered);
