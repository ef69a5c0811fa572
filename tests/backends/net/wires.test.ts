/** The wires that need no socket: loop, switch, faults, capture; and the ring between a wire and its thread. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Wire, WireEnd } from "../../../devices/net-wire.ts";
import { CaptureWire } from "../../../host/backends/net/capture.ts";
import { FaultyWire } from "../../../host/backends/net/faulty-wire.ts";
import { FrameRing, MOST_FRAME_BYTES, SLOTS, WIRE_STATE } from "../../../host/backends/net/frame-ring.ts";
import { Loopback } from "../../../host/backends/net/loopback.ts";
import { capturedFrames } from "../../../host/backends/net/pcapng-reader.ts";
import { VirtualSwitch } from "../../../host/backends/net/switch.ts";
import { lossesOf } from "../../../host/backends/net/wire-losses.ts";
import { seededRandom } from "../../../host/platform/seeded-random.ts";

/** Keeps copies of what arrives. */
class Listener implements WireEnd {
  readonly frames: string[] = [];
  readonly carriers: boolean[] = [];
  damaged = 0;
  onFrame: () => void = () => {};

  receive(frame: Uint8Array, length: number, damaged = false): void {
    this.frames.push(Buffer.from(frame.slice(0, length)).toString("hex"));
    if (damaged) this.damaged++;
    this.onFrame();
  }

  carrier(up: boolean): void {
    this.carriers.push(up);
  }
}

function frame(to: number, from: number, bytes = 60): Uint8Array {
  const one = new Uint8Array(bytes);
  one.set([2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from, 0x88, 0xb5]);
  return one;
}

function plugged(count: number): {
  readonly ports: ReturnType<VirtualSwitch["port"]>[];
  readonly ends: Listener[];
  readonly lan: VirtualSwitch;
} {
  const lan = new VirtualSwitch();
  const ports = Array.from({ length: count }, () => lan.port());
  const ends = ports.map((port) => {
    const end = new Listener();
    port.attach(end);
    return end;
  });
  return { ports, ends, lan };
}

const heard = (ends: readonly Listener[]): number[] => ends.map(({ frames }) => frames.length);

test("Loopback: what is sent comes back within the call", () => {
  const [wire, end] = [new Loopback(), new Listener()];
  wire.attach(end);
  wire.send(frame(1, 2), 60);
  assert.equal(end.frames, [Buffer.from(frame(1, 2)).toString("hex")]);
});

test("VirtualSwitch: strangers and groups go to all others, known stations to their port alone", () => {
  const { ports, ends } = plugged(3);
  ports[0]?.send(frame(2, 1), 60);
  assert.equal(heard(ends), [0, 1, 1], "nobody knows 2");
  ports[1]?.send(frame(1, 2), 60);
  assert.equal(heard(ends), [1, 1, 1], "1 was heard at port 0");
  ports[0]?.send(frame(2, 1), 60);
  assert.equal(heard(ends), [1, 2, 1]);
  const toAll = frame(0, 1);
  toAll.fill(0xff, 0, 6);
  ports[0]?.send(toAll, 60);
  assert.equal(heard(ends), [1, 3, 2]);
  ports[2]?.send(frame(9, 2), 60);
  ports[0]?.send(frame(2, 1), 60);
  assert.equal(heard(ends), [2, 4, 3], "2 has moved to port 2");
});

test("VirtualSwitch: a cable that is pulled out carries nothing, and its stations are forgotten", () => {
  const { ports, ends, lan } = plugged(2);
  ports[1]?.send(frame(1, 2), 60);
  ports[1]?.setCarrier(false);
  assert.is(lan.stations, 0);
  ports[0]?.send(frame(2, 1), 60);
  ports[1]?.send(frame(1, 2), 60);
  assert.equal(heard(ends), [1, 0]);
  ports[1]?.setCarrier(true);
  assert.equal(ends[1]?.carriers, [false, true]);
});

test("VirtualSwitch: two stations that answer each other for ever neither end the stack nor the call", () => {
  const { ports, ends } = plugged(2);
  let answers = 0;
  for (const [i, end] of ends.entries()) {
    end.onFrame = () => {
      if (answers++ < 100_000) ports[i]?.send(frame(2 - i, 1 + i), 60);
    };
  }
  ports[0]?.send(frame(2, 1), 60);
  assert.ok(answers > 1000 && ports.some(({ losses }) => losses.out.full > 0), `${answers}`);
});

test("VirtualSwitch: a runt goes nowhere, and more stations than it remembers push out the oldest", () => {
  const { ports, ends, lan } = plugged(2);
  ports[0]?.send(frame(2, 1, 59), 59);
  assert.equal(heard(ends), [0, 0]);
  for (let i = 0; i < 3000; i++) {
    const one = frame(2, 0);
    one[10] = i >>> 8;
    one[11] = i & 0xff;
    ports[0]?.send(one, 60);
  }
  assert.is(lan.stations, 1024);
});

test("FaultyWire: every frame is delivered, lost or held, and doubles are counted, the same for the same seed", () => {
  const run = (seed: number): { readonly frames: readonly string[]; readonly text: string } => {
    const wire = new FaultyWire(new Loopback(), { loss: 0.1, duplication: 0.1, corruption: 0.1, delay: 0.2, mostHeld: 3 }, seed);
    const end = new Listener();
    wire.attach(end);
    for (let i = 0; i < 500; i++) wire.send(frame(i & 0xff, i >>> 8, 100), 100);
    wire.flush();
    const { offered, delivered, lost, doubled, corrupted, delayed } = wire.counts;
    assert.is(offered + doubled, delivered + lost + wire.held);
    assert.ok(lost > 20 && doubled > 20 && corrupted > 20 && delayed > 40 && end.damaged > 10, JSON.stringify(wire.counts));
    return { frames: end.frames, text: JSON.stringify(wire.counts) };
  };
  assert.equal(run(1), run(1));
  assert.is.not(run(1).text, run(2).text);
});

test("FaultyWire: delay alone changes the order and loses nothing; without faults nothing changes", () => {
  const through = (faults: { readonly delay?: number }): string[] => {
    const wire = new FaultyWire(new Loopback(), faults, 5);
    const end = new Listener();
    wire.attach(end);
    for (let i = 0; i < 100; i++) wire.send(frame(i, 0), 60);
    wire.flush();
    return end.frames;
  };
  const [plain, delayed] = [through({}), through({ delay: 0.3 })];
  assert.is(plain.length, 100);
  assert.equal([...delayed].sort(), [...plain].sort());
  assert.is.not(delayed.join(), plain.join());
});

test("CaptureWire: what goes through it is in the file, both ways, with its time", () => {
  const pieces: Uint8Array[] = [];
  let micros = 5_000_000_000_000;
  const wire = new CaptureWire(
    new Loopback(),
    (bytes) => pieces.push(bytes),
    () => micros++,
  );
  const end = new Listener();
  wire.attach(end);
  wire.send(frame(1, 2, 61), 61);
  const frames = capturedFrames(Buffer.concat(pieces));
  assert.equal(
    frames.map(({ micros: at }) => at),
    [5_000_000_000_000, 5_000_000_000_001],
  );
  assert.ok(frames.every(({ bytes }) => Buffer.from(bytes).equals(Buffer.from(frame(1, 2, 61)))));
  assert.is(end.frames.length, 1);
});

test("FrameRing: frames come out as they went in, over many laps; a full ring takes none and counts", () => {
  const writer = new FrameRing();
  const reader = new FrameRing(writer.buffer);
  const into = new Uint8Array(2048);
  for (let i = 0; i < 3 * SLOTS; i++) {
    writer.push(Uint8Array.of(i & 0xff, i >>> 8), 2, 60);
    assert.is(reader.pop(into), 60);
    assert.equal([...into.subarray(0, 3)], [i & 0xff, i >>> 8, 0]);
  }
  assert.is(reader.pop(into), 0);
  for (let i = 0; i < SLOTS + 3; i++) writer.push(Uint8Array.of(i & 0xff), 1);
  assert.is(writer.losses.full, 3);
  for (let i = 0; i < SLOTS; i++) assert.is(reader.pop(into), 1);
  assert.is(reader.pop(into), 0);
  writer.push(new Uint8Array(MOST_FRAME_BYTES + 1), MOST_FRAME_BYTES + 1);
  assert.equal([reader.losses.tooLong, reader.pop(into)], [1, 0], "no frame is that long");
  // Nobody takes out any more what is in it then.
  for (const bytes of [60, 9014, 60]) writer.push(new Uint8Array(bytes), bytes);
  assert.is(writer.losses.down, 0);
  reader.setState(WIRE_STATE.stop);
  assert.is(writer.losses.down, 3);
});

test("FrameRing: long frames come out as they went in, wherever in the ring they begin, among short ones", () => {
  const random = seededRandom(9);
  const writer = new FrameRing();
  const reader = new FrameRing(writer.buffer);
  const into = new Uint8Array(MOST_FRAME_BYTES);
  const sizes = [60, 256, 257, 1514, 2048, 2049, 4100, 9014, 9018, 16_000, MOST_FRAME_BYTES];
  const inside: { readonly size: number; readonly first: number }[] = [];
  let [passed, full] = [0, 0];
  for (let i = 0; i < 1000; i++) {
    const size = sizes[Math.floor(random() * sizes.length)] ?? 0;
    const one = Uint8Array.from({ length: size }, (_, at) => (i + at * 7) & 0xff);
    const before = writer.losses.full;
    writer.push(one, size, 60);
    if (writer.losses.full === before) inside.push({ size, first: i });
    else full++;
    while (inside.length > 0 && random() < 0.46) {
      const { size: wanted, first } = inside.shift() ?? { size: 0, first: 0 };
      assert.is(reader.pop(into), wanted);
      assert.is(
        into.findIndex((byte, at) => at < wanted && byte !== ((first + at * 7) & 0xff)),
        -1,
        `frame ${first} of ${wanted} bytes`,
      );
      passed++;
    }
  }
  assert.ok(passed > 500 && full > 20, `${passed} passed, ${full} found no room`);
});

test("wires: each counts what it loses, by way and reason", () => {
  const none = { full: 0, tooLong: 0, down: 0, refused: 0, faults: 0 };
  const { ports, lan } = plugged(2);
  ports[0]?.send(frame(2, 1, 59), 59);
  ports[1]?.send(frame(1, 2), 60);
  ports[1]?.attach(undefined);
  ports[0]?.send(frame(2, 1), 60);
  ports[0]?.setCarrier(false);
  ports[0]?.send(frame(2, 1), 60);
  assert.equal(ports[0]?.losses, { in: none, out: { ...none, refused: 1, down: 1 } });
  assert.equal(ports[1]?.losses, { in: { ...none, down: 1 }, out: none });
  assert.is(lan.stations, 1);
  const unlucky = new FaultyWire(new Loopback(), { loss: 0.5, corruption: 0.5 }, 1);
  const end = new Listener();
  unlucky.attach(end);
  for (let i = 0; i < 1000; i++) unlucky.send(frame(1, 2), 60);
  const { losses } = unlucky;
  assert.is(losses.in.faults + losses.out.faults + end.frames.length, 1000, "damaged frames end at the wire that they leave by");
  assert.ok(losses.in.faults > 100 && losses.out.faults > 600);
  assert.equal(lossesOf([new Loopback(), unlucky, ports[0] as Wire]), { in: losses.in, out: { ...losses.out, refused: 1, down: 1 } });
});

test.run();
