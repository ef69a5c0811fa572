/** One contract for everything that keeps a disk's blocks, run against each implementation. */
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BlockStore } from "../../devices/ports.ts";
import { AsyncFileStore } from "../../host/backends/async-file-store.ts";
import { FaultyStore } from "../../host/backends/faulty-store.ts";
import { FileStore } from "../../host/backends/file-store.ts";
import { MemoryStore } from "../../host/backends/memory-store.ts";
import { RecordingStore } from "../../host/backends/recording-store.ts";
import { VolatileStore } from "../../host/backends/volatile-store.ts";

const folder = mkdtempSync(join(tmpdir(), "sumac-stores-"));
const image = join(folder, "image");
const fd = openSync(image, "w+");
ftruncateSync(fd, 16 * 4096);

const implementations: [string, () => BlockStore, () => Uint8Array][] = [];
const heap = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
const memory = new MemoryStore(16);
implementations.push(["MemoryStore", () => memory, () => memory.bytes]);
const beside = new MemoryStore(16);
beside.lieBeside(heap);
implementations.push(["MemoryStore beside a heap", () => beside, () => beside.bytes]);
implementations.push(["FileStore", () => new FileStore(fd, 16, "sync"), () => readFileSync(image)]);
const second = openSync(join(folder, "second"), "w+");
ftruncateSync(second, 16 * 4096);
const asynchronous = new AsyncFileStore(second, 16, "sync", 4096);
implementations.push(["AsyncFileStore", () => asynchronous, () => readFileSync(join(folder, "second"))]);
const media = [0, 1, 2].map(() => new MemoryStore(16)) as [MemoryStore, MemoryStore, MemoryStore];
const layers: [string, BlockStore, MemoryStore][] = [
  ["VolatileStore", new VolatileStore(media[0]), media[0]],
  ["RecordingStore", new RecordingStore(media[1]), media[1]],
  ["FaultyStore", new FaultyStore(media[2], { oneIn: 0, pick: () => 0 }), media[2]],
];
for (const [name, store, medium] of layers) implementations.push([name, () => store, () => medium.bytes]);

for (const [name, make, content] of implementations) {
  const test = suite(name);
  const view = new Uint8Array(heap.buffer, 64, 2 * 4096);

  test(`${name} says its size`, () => {
    const store = make();
    assert.equal([store.blockBytes, store.blocks], [4096, 16]);
  });

  test(`${name} starts zeroed`, () => {
    view.fill(1);
    make().read(14, view);
    assert.ok(view.every((byte) => byte === 0));
  });

  test(`${name} reads back what it wrote, to and from shared memory, and changes nothing else`, () => {
    const store = make();
    for (let i = 0; i < view.length; i++) view[i] = i * 7;
    const written = view.slice();
    store.write(3, view);
    store.flush();
    view.fill(0);
    store.read(3, view);
    assert.equal(view.slice(), written);
    const whole = content();
    assert.is(whole.length, 16 * 4096);
    assert.equal(new Uint8Array(whole.subarray(3 * 4096, 5 * 4096)), written);
    assert.ok(whole.subarray(0, 3 * 4096).every((byte) => byte === 0));
    assert.ok(whole.subarray(5 * 4096).every((byte) => byte === 0));
  });

  test(`${name} writes through, zeroes and punches, as far as it can, and nothing else changes`, () => {
    const store = make();
    const block = new Uint8Array(4096);
    for (let lba = 0; lba < 16; lba++) store.write(lba, block.fill(lba + 1));
    store.writeThrough?.(2, block.fill(0x77));
    assert.is(content()[2 * 4096], store.writeThrough === undefined ? 3 : 0x77, "on the medium without a flush");
    store.zero?.(4, 2);
    const punched = [store.punch?.(8, 1) ?? false, store.punch?.(15, 1) ?? false];
    store.flush();
    const expected = Array.from({ length: 16 }, (_, lba) => {
      if (lba === 2 && store.writeThrough !== undefined) return 0x77;
      if (lba === 4 || lba === 5) return store.zero === undefined ? lba + 1 : 0;
      return (lba === 8 && punched[0]) || (lba === 15 && punched[1]) ? 0 : lba + 1;
    });
    const whole = content();
    assert.is(whole.length, 16 * 4096);
    for (let lba = 0; lba < 16; lba++)
      assert.ok(
        whole.subarray(lba * 4096, (lba + 1) * 4096).every((byte) => byte === expected[lba]),
        `block ${lba}`,
      );
  });

  test.run();
}

const ordered = suite("FileStore in order");
ordered("FileStore read in order sees every write of its own, whatever was read ahead", () => {
  const store = new FileStore(fd, 16, "sync");
  const block = new Uint8Array(4096);
  for (let lba = 0; lba < 16; lba++) store.write(lba, block.fill(lba));
  const read = (lba: number): number => {
    store.read(lba, block);
    return block.every((byte) => byte === block[0]) ? (block[0] ?? -1) : -1;
  };
  assert.equal([0, 1, 2, 3].map(read), [0, 1, 2, 3]);
  store.write(5, block.fill(0x55));
  assert.equal([4, 5, 6].map(read), [4, 0x55, 6]);
  store.zero(8, 1);
  store.punch(15, 1);
  assert.equal([7, 8, 9].map(read), [7, 0, 9]);
  assert.equal([14, 15].map(read), [14, 0]);
  assert.equal([3, 4].map(read), [3, 4]);
  const pair = new Uint8Array(8192);
  store.read(5, pair);
  assert.equal([pair[0], pair[8191]], [0x55, 6]);
});
ordered.run();

const cut = suite("FileStore cut short");
cut("FileStore throws when its file was cut short while in use", () => {
  ftruncateSync(fd, 4096);
  assert.throws(() => new FileStore(fd, 16, "sync").read(0, new Uint8Array(8192)), /ends at byte 4096/);
});
cut.after(() => {
  closeSync(fd);
  closeSync(second);
  rmSync(folder, { recursive: true });
});
cut.run();

const moved = suite("MemoryStore.lieBeside");

moved("keeps what is on the medium, and reads and writes what lies elsewhere too", () => {
  const store = new MemoryStore(3, 512);
  store.bytes.fill(7, 512, 1024);
  store.lieBeside(heap);
  assert.is(store.bytes.length, 3 * 512);
  const elsewhere = new Uint8Array(1024);
  store.read(1, elsewhere);
  assert.equal([elsewhere[0], elsewhere[511], elsewhere[512]], [7, 7, 0]);
  store.write(2, elsewhere.fill(9, 0, 512).subarray(0, 512));
  assert.is(store.bytes[1024], 9);
});

moved("what is not on the medium is neither read nor written, also where the memory behind it is larger", () => {
  const store = new MemoryStore(3, 512);
  store.lieBeside(heap);
  const block = new Uint8Array(heap.buffer, 0, 512).fill(5);
  assert.throws(() => store.write(3, block), /block 3/);
  assert.throws(() => store.read(3, block), /block 3/);
  assert.is(block[0], 5);
});

moved.run();
