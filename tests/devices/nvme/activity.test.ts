/** What the host is shown of a controller: counts, depths of queues, and how long a sample of the commands took. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { IO } from "../../../devices/nvme/codes.ts";
import { LATENCY_BUCKETS, Latency } from "../../../devices/nvme/latency.ts";
import { NvmeHost, PAGE, transfer } from "../../support/nvme-host.ts";

const test = suite("NVMe activity");
const DATA = 0x10_0000;

test("activity: commands and bytes are counted, a queue's depth is what was rung for and has not completed", () => {
  const host = NvmeHost.ready({ deferred: {} }, 16);
  for (let i = 0; i < 5; i++) host.submit(1, transfer(i < 3 ? IO.read : IO.write, i, 1, DATA + i * PAGE));
  assert.equal(host.model.activity.queues, [{ id: 1, depth: 5, entries: 16 }]);
  host.model.advance(5);
  const { readCommands, writeCommands, readBytes, writtenBytes, errors, queues } = host.model.activity;
  assert.equal([readCommands, writeCommands, readBytes, writtenBytes, errors], [3, 2, 3 * PAGE, 2 * PAGE, 0]);
  assert.equal(queues, [{ id: 1, depth: 0, entries: 16 }]);
});

test("activity: one command in 64 is timed, from its fetch to its completion", () => {
  let now = 0;
  const host = NvmeHost.ready({ deferred: {}, clock: { nowMicros: () => now } });
  for (let i = 0; i < 192; i++) {
    host.submit(1, transfer(IO.read, 3, 1, DATA));
    now += 100;
    host.model.advance(1);
    host.takeAll(1);
  }
  const { latency } = host.model.activity;
  assert.is(latency.length, LATENCY_BUCKETS);
  // 100 µs are in the bucket from 64 on.
  assert.equal(
    latency.flatMap((count, i) => (count === 0 ? [] : [[i, count]])),
    [[7, 3]],
  );
});

test("Latency: buckets are powers of two, and the first and the last have no lower and no upper end", () => {
  const latency = new Latency();
  for (const micros of [0, 0.9, 1, 1.9, 2, 3, 4, 1024, 1e12, -1]) latency.add(micros);
  const filled = [...latency.buckets].flatMap((count, i) => (count === 0 ? [] : [[i, count]]));
  assert.equal(filled, [
    [0, 3],
    [1, 2],
    [2, 2],
    [3, 1],
    [11, 1],
    [LATENCY_BUCKETS - 1, 1],
  ]);
});

test.run();
