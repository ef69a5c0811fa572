/** Frames from one CPU to another: order, room, the end of the ring, and two threads at once. */
import { Worker } from "node:worker_threads";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CHANNEL_BYTES, FOR_WIRE, FrameChannel } from "../../../../devices/ixgbe/queues/frame-channel.ts";
import { seededRandom } from "../../../../host/platform/seeded-random.ts";

const test = suite("frames between CPUs");
const LARGEST = 16_384;

function channel(): FrameChannel {
  return new FrameChannel(new SharedArrayBuffer(CHANNEL_BYTES), 0);
}

/** Any length, and bytes that say which it is. */
function numbered(i: number, length: number): Uint8Array {
  return new Uint8Array(length).map((_, at) => (i * 7 + at) & 0xff);
}

test("write, drain: what goes in comes out, in order and whole, round the ring many times", () => {
  const random = seededRandom(1);
  const frames = channel();
  const waiting: { readonly length: number; readonly i: number }[] = [];
  let taken = 0;
  for (let i = 0; i < 3000; i++) {
    const length = 17 + Math.floor(random() * (i % 5 === 0 ? LARGEST : 200));
    if (frames.write(numbered(i, length), length, i & 15, i)) waiting.push({ length, i });
    if (random() > 0.1) continue;
    frames.drain((frame, size, what, marks) => {
      const { length: expected, i: number } = waiting.shift() ?? { length: -1, i: -1 };
      assert.equal([size, what, marks], [expected, number & 15, number]);
      assert.equal(frame, numbered(number, expected));
      taken++;
    });
    assert.is(waiting.length, 0);
    assert.ok(frames.isEmpty);
  }
  assert.ok(taken > 2000);
});

test("write: a full ring refuses, and holds what it held; hasRoom says so before", () => {
  const frames = channel();
  let written = 0;
  while (frames.hasRoom(LARGEST)) {
    assert.ok(frames.write(numbered(written, LARGEST), LARGEST, 1, 0));
    written++;
  }
  while (frames.write(numbered(written, 1000), 1000, 1, 0)) written++;
  assert.not.ok(frames.write(numbered(0, 1000), 1000, 1, 0));
  let seen = 0;
  frames.drain((frame, length) => {
    assert.equal(frame, numbered(seen++, length));
  });
  assert.is(seen, written);
});

test("waiting: counts frames for queues, and no others", () => {
  const frames = channel();
  frames.write(numbered(0, 60), 60, 3, 0);
  frames.write(numbered(0, 60), 60, FOR_WIRE, 0);
  frames.write(numbered(0, 60), 60, 15, 0);
  assert.is(frames.waiting, 2);
  frames.drain(() => {});
  assert.is(frames.waiting, 0);
});

test("drain: two threads at once see each frame once, whole and in order", async () => {
  const buffer = new SharedArrayBuffer(CHANNEL_BYTES);
  const frames = new FrameChannel(buffer, 0);
  const COUNT = 30_000;
  const source = `
    import { parentPort, workerData } from "node:worker_threads";
    const { FrameChannel } = await import(workerData.file);
    const frames = new FrameChannel(workerData.buffer, 0);
    for (let i = 0; i < workerData.count; ) {
      const length = 17 + (i * 131) % 700;
      if (frames.write(new Uint8Array(length).fill(i & 0xff), length, i & 15, i)) i++;
    }
    parentPort.postMessage("done");`;
  const file = new URL("../../../../devices/ixgbe/queues/frame-channel.ts", import.meta.url).href;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { workerData: { file, buffer, count: COUNT } });
  const ended = new Promise((resolve, reject) => {
    worker.once("exit", resolve);
    worker.once("error", reject);
  });
  let seen = 0;
  while (seen < COUNT) {
    frames.drain((frame, length, what, marks) => {
      const i = seen++;
      if (length !== 17 + ((i * 131) % 700) || what !== (i & 15) || marks !== i || frame.some((byte) => byte !== (i & 0xff)))
        assert.unreachable(`frame ${i} came as ${marks}, ${length} bytes`);
    });
    await new Promise((resolve) => setImmediate(resolve));
  }
  await ended;
  assert.is(seen, COUNT);
});

test.run();
