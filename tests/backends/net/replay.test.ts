/** Captures that arrive once more, and wires with a limited rate. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CaptureFile, readCapture } from "../../../host/backends/net/capture-file.ts";
import { FaultyWire } from "../../../host/backends/net/faulty-wire.ts";
import { Loopback } from "../../../host/backends/net/loopback.ts";
import { captureBlock, captureHeader } from "../../../host/backends/net/pcapng.ts";
import type { CapturedFrame } from "../../../host/backends/net/pcapng-reader.ts";
import { ReplayWire } from "../../../host/backends/net/replay.ts";

const CAPTURED: readonly CapturedFrame[] = [7000, 7500, 9000].map((micros, i) => ({ micros, bytes: new Uint8Array(60 + i).fill(i) }));

function heard(wire: ReplayWire): number[] {
  const frames: number[] = [];
  wire.attach({ receive: (frame, length) => void frames.push(length * 1000 + (frame[0] ?? 0)), carrier() {} });
  return frames;
}

test("ReplayWire: with the capture's pauses, counted from when the card has room", () => {
  let now = 0;
  let room = 0;
  const wire = new ReplayWire(CAPTURED, { nowMicros: () => now, room: () => room });
  const frames = heard(wire);
  const at = (micros: number): number => {
    now = micros;
    wire.poll();
    return frames.length;
  };
  assert.is(at(100), 0, "there is no room");
  room = 1;
  assert.equal([at(200), at(699), at(700), at(2199)], [1, 1, 2, 2]);
  room = 0;
  assert.is(at(2200), 3, "a network does not wait");
  assert.ok(wire.isFinished);
  assert.equal(frames, [60_000, 61_001, 62_002]);
});

test("ReplayWire: its frames come to a driver that sleeps, too, until its card is taken off the wire", async () => {
  for (const pace of [{}, { nowMicros: () => performance.now() * 1000 }]) {
    const wire = new ReplayWire(CAPTURED, pace);
    const frames = heard(wire);
    for (let i = 0; i < 500 && !wire.isFinished; i++) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.equal(frames, [60_000, 61_001, 62_002]);
  }
  const wire = new ReplayWire(CAPTURED);
  const frames = heard(wire);
  wire.close();
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(frames, []);
});

test("ReplayWire: as fast as it is polled, a bounded number at once, and never more than the card has room for", () => {
  let room = 1000;
  const many = Array.from({ length: 50 }, (_, i) => ({ micros: i * 1e6, bytes: new Uint8Array(20).fill(i) }));
  const wire = new ReplayWire(many, { room: () => room });
  const frames = heard(wire);
  wire.poll();
  assert.is(frames.length, 32);
  room = 0;
  wire.poll();
  assert.is(frames.length, 32);
  room = 5;
  wire.poll();
  assert.is(frames.length, 37);
  room = 1000;
  wire.poll();
  assert.equal(
    frames,
    many.map((_, i) => 60_000 + i),
    "padded, and in order",
  );
  wire.send();
  assert.equal([wire.sent, wire.replayed, wire.isFinished], [1, 50, true]);
});

test("ReplayWire: long frames arrive whole", () => {
  const wire = new ReplayWire([{ micros: 0, bytes: new Uint8Array(9014).fill(9) }]);
  const frames = heard(wire);
  wire.poll();
  assert.equal(frames, [9_014_009]);
});

test("readCapture: what CaptureFile has written comes back; other files are refused with what they are", () => {
  const folder = mkdtempSync(join(tmpdir(), "sumac-replay-"));
  try {
    const path = join(folder, "a.pcapng");
    const file = CaptureFile.open(path);
    file.write(captureHeader());
    for (const { bytes, micros } of CAPTURED) file.write(captureBlock(bytes, bytes.length, micros));
    assert.equal(readCapture(path), CAPTURED, "also while it is open");
    file.close();
    file.write(captureHeader());
    assert.equal(readCapture(path), CAPTURED);
    writeFileSync(join(folder, "b"), "nothing of the kind");
    assert.throws(() => readCapture(join(folder, "b")), /replay .*b: no Ethernet frame in it: give a file in the format pcapng/);
    writeFileSync(join(folder, "pcap"), Uint8Array.of(0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0));
    assert.throws(() => readCapture(join(folder, "pcap")), /replay .*pcap: no Ethernet frame in it: it is a pcap: `editcap .*pcap NEW/);
    assert.throws(() => readCapture(join(folder, "c")), /replay .*c: cannot be read \(ENOENT/);
    assert.throws(() => CaptureFile.open(join(folder, "d/e")), /capture .*e: cannot be written \(ENOENT.*choose another file/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("FaultyWire: a limited rate lets a burst through, and then as many bytes as time has brought", () => {
  let now = 0;
  const wire = new FaultyWire(new Loopback(), { megabitsPerSecond: 8 }, 1, () => now);
  let received = 0;
  wire.attach({ receive: () => void received++, carrier() {} });
  const frame = new Uint8Array(1000);
  const sendMany = (): number => {
    for (let i = 0; i < 100; i++) wire.send(frame, frame.length);
    return received;
  };
  assert.is(sendMany(), 65, "64 KiB at once");
  // 8 Mbit/s are a byte a microsecond.
  now = 10_000;
  assert.is(sendMany(), 75);
  now = 1e9;
  assert.is(sendMany(), 140, "no more than a burst is saved up");
  const { offered, delivered, lost, beyondRate } = wire.counts;
  assert.is(offered, delivered + lost);
  assert.is(lost, beyondRate);
});

test.run();
