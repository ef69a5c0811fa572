/** One contract for everything that keeps a disk's blocks, run against each implementation. */
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BlockStore } from "../../devices/ports.ts";
import { FileStore } from "../../host/backends/file-store.ts";
import { MemoryStore } from "../../host/backends/memory-store.ts";

const folder = mkdtempSync(join(tmpdir(), "sumac-stores-"));
const image = join(folder, "image");
const fd = openSync(image, "w+");
ftruncateSync(fd, 16 * 4096);

const implementations: [string, () => BlockStore, () => Uint8Array][] = [];
const memory = new MemoryStore(16);
implementations.push(["MemoryStore", () => memory, () => memory.bytes]);
implementations.push(["FileStore", () => new FileStore(fd, 16, "sync"), () => readFileSync(image)]);

for (const [name, make, content] of implementations) {
  const test = suite(name);
  const heap = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
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

  test.run();
}

const cut = suite("FileStore cut short");
cut("FileStore throws when its file was cut short while in use", () => {
  ftruncateSync(fd, 4096);
  assert.throws(() => new FileStore(fd, 16, "sync").read(0, new Uint8Array(8192)), /ends at byte 4096/);
});
cut.after(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});
cut.run();
