/** What a power cut leaves: the volatile cache, the recording layer's states, and media that fail. */
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FaultyStore } from "../../host/backends/faulty-store.ts";
import { punchHole } from "../../host/backends/holes.ts";
import { MemoryStore } from "../../host/backends/memory-store.ts";
import { openRawImage } from "../../host/backends/raw-image.ts";
import { RecordingStore } from "../../host/backends/recording-store.ts";
import { VolatileStore } from "../../host/backends/volatile-store.ts";

const test = suite("stores and crashes");
const block = (byte: number, count = 1): Uint8Array => new Uint8Array(512 * count).fill(byte);
const firsts = (image: Uint8Array): number[] => Array.from({ length: image.length / 512 }, (_, lba) => image[lba * 512] ?? 0);

test("VolatileStore loses what was not flushed at a power cut, and nothing else", () => {
  const medium = new MemoryStore(4, 512);
  const store = new VolatileStore(medium);
  store.write(0, block(1, 2));
  store.flush();
  store.write(1, block(2));
  store.writeThrough(2, block(3));
  store.punch(0, 1);
  assert.equal([store.dirty, ...firsts(medium.bytes)], [2, 1, 1, 3, 0]);
  const seen = block(9, 3);
  store.read(0, seen);
  assert.equal(firsts(seen), [0, 2, 3]);
  store.cutPower();
  store.read(0, seen);
  assert.equal([store.dirty, ...firsts(seen)], [0, 1, 1, 3]);
});

test("VolatileStore lets survive a power cut what its option names", () => {
  const medium = new MemoryStore(4, 512);
  const store = new VolatileStore(medium, { survives: (lba) => lba % 2 === 1 });
  store.write(0, block(5, 4));
  store.cutPower();
  assert.equal(firsts(medium.bytes), [0, 5, 0, 5]);
});

test("RecordingStore names what is certain after each cut, and every first part of the rest", () => {
  const store = new RecordingStore(new MemoryStore(3, 512));
  store.write(0, block(1, 2));
  store.flush();
  store.write(1, block(2));
  store.write(0, block(3));
  store.writeThrough(2, block(4));
  assert.equal(
    store.log.map((change) => (change.kind === "flush" ? "flush" : `${change.lba}@${change.epoch}`)),
    ["0@0", "1@0", "flush", "1@1", "0@1", "2@1"],
  );
  assert.equal(firsts(store.certain(2)), [0, 0, 0], "not flushed yet");
  assert.equal(firsts(store.certain(3)), [1, 1, 0]);
  assert.equal(firsts(store.certain()), [1, 1, 4]);
  assert.equal([...store.statesAfter(6)].map(firsts), [
    [1, 1, 4],
    [1, 2, 4],
    [3, 2, 4],
  ]);
  assert.equal(
    [...store.statesAfter(1)].map(firsts),
    [
      [0, 0, 0],
      [1, 0, 0],
    ],
    "a write of two blocks, torn",
  );
});

test("RecordingStore makes states by chance in which certain blocks stay what they are", () => {
  const store = new RecordingStore(new MemoryStore(4, 512));
  store.write(0, block(7));
  store.flush();
  for (const lba of [1, 2, 3]) store.write(lba, block(lba));
  let turn = 0;
  const states = [...store.statesAfter(5, 4, () => turn++ % 2)].slice(4).map(firsts);
  assert.is(states.length, 4);
  assert.ok(states.every(([first]) => first === 7));
  assert.ok(
    states.some(([, one, two]) => one === 0 && two === 2),
    "the later without the earlier",
  );
});

test("RecordingStore counts a flush that failed as none", () => {
  const faulty = new FaultyStore(new MemoryStore(1, 512), { oneIn: 0, pick: () => 0 });
  const store = new RecordingStore(faulty);
  store.write(0, block(1));
  faulty.flush = () => {
    throw new Error("no");
  };
  assert.throws(() => store.flush(), /no/);
  assert.is(store.log.length, 1);
  assert.equal(firsts(store.certain()), [0]);
});

test("FaultyStore fails at its bad blocks and by chance, changes nothing then, and counts", () => {
  const medium = new MemoryStore(8, 512);
  let next = 1;
  const store = new FaultyStore(medium, { oneIn: 10, pick: () => next });
  store.bad.add(3);
  assert.throws(() => store.write(2, block(1, 2)), /failed at a write of block 2/);
  store.write(4, block(1));
  next = 0;
  assert.throws(() => store.flush(), /failed at a flush/);
  assert.throws(() => store.read(0, block(0)), /failed at a read/);
  assert.equal([store.failures, ...firsts(medium.bytes)], [3, 0, 0, 0, 0, 1, 0, 0, 0]);
});

const folder = mkdtempSync(join(tmpdir(), "sumac-holes-"));

test("punchHole gives space back in the middle of a large file, and leaves size and neighbours", () => {
  const path = join(folder, "large");
  const fd = openSync(path, "w+");
  writeSync(fd, new Uint8Array(8 << 20).fill(5));
  const before = statSync(path).blocks;
  const done = punchHole(fd, 1 << 20, 4 << 20);
  const bytes = readFileSync(path);
  assert.is(bytes.length, 8 << 20);
  assert.equal([bytes[(1 << 20) - 1], bytes[5 << 20]], [5, 5]);
  assert.equal([bytes[1 << 20], bytes[(5 << 20) - 1]], done ? [0, 0] : [5, 5]);
  if (done) assert.ok(statSync(path).blocks < before);
  closeSync(fd);
});

test("punchHole refuses what is small and in the middle, takes the end of a file, and nothing beyond it", () => {
  const path = join(folder, "small");
  const fd = openSync(path, "w+");
  writeSync(fd, new Uint8Array(8192).fill(5));
  assert.is(punchHole(fd, 0, 4096), false);
  assert.is(punchHole(fd, 8192, 4096), false);
  assert.is(punchHole(fd, 4096, 4096), true);
  const bytes = readFileSync(path);
  assert.equal([bytes.length, bytes[4095], bytes[4096], bytes[8191]], [8192, 5, 0, 0]);
  closeSync(fd);
});

test("openRawImage makes, enlarges and works on a file in place, in both of its stores", () => {
  const path = join(folder, "raw.img");
  assert.throws(() => openRawImage(path), /there is no such file; make it/);
  openRawImage(path, { leastBytes: 4096 }).close();
  const image = openRawImage(path, { leastBytes: 8192 });
  assert.equal([image.bytes, image.store.blocks, image.asyncStore.blocks, image.store.blockBytes], [8192, 16, 16, 512]);
  image.store.write(15, block(6));
  const back = block(0);
  image.asyncStore.read(15, back);
  assert.is(back[511], 6);
  image.close();
  assert.throws(() => openRawImage(folder), /image .*: cannot be written|is not a regular file/);
  execFileSync("truncate", ["-s", "100", path]);
  assert.throws(() => openRawImage(path), /not one block of 512/);
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
