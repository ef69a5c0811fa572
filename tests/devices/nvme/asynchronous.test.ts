/** A controller over a store that works while the host goes on. NVMe 1.4 §7.2.1; the store is the test's, or a file's. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ADMIN, IO } from "../../../devices/nvme/codes.ts";
import { CSTS, REG } from "../../../devices/nvme/registers.ts";
import { openRawImage } from "../../../host/backends/raw-image.ts";
import { ENABLE, NvmeHost, PAGE, transfer } from "../../support/nvme-host.ts";
import { StagedStore } from "../../support/staged-store.ts";

const test = suite("NVMe asynchronous");
const DATA = 0x10_0000;

function staged(): { host: NvmeHost; store: StagedStore } {
  const store = new StagedStore(64);
  for (let i = 0; i < store.bytes.length; i++) store.bytes[i] = (i >> 12) + 1;
  const host = new NvmeHost({ store, asynchronous: true });
  host.enable();
  host.createPair(1, 8, { interrupts: true });
  host.pin.length = 0;
  return { host, store };
}

test("NVMe 1.4 §7.2.1 reads begin at the doorbell, pinned, and complete with an interrupt when the store is done", () => {
  const { host, store } = staged();
  for (let i = 0; i < 3; i++) host.submit(1, transfer(IO.read, i, 1, DATA + i * 2 * PAGE));
  assert.equal([host.model.inFlight, host.dma.pins.size, host.pin.length, host.memory[DATA]], [3, 3, 0, 0]);
  assert.is(store.work(1), 1);
  assert.equal([host.model.inFlight, host.memory[DATA], host.pin.at(-1)], [2, 1, true]);
  store.work();
  assert.is(host.takeAll(1).length, 3);
  assert.equal([host.dma.pins.size, host.memory[DATA + 4 * PAGE]], [0, 3]);
});

test("NVMe 1.4 §7.2.1 a write takes the bytes of the doorbell: what its author changes later does not matter", () => {
  const { host, store } = staged();
  host.memory.fill(0x44, DATA, DATA + PAGE);
  host.submit(1, transfer(IO.write, 9, 1, DATA));
  host.memory.fill(0x55, DATA, DATA + PAGE);
  store.work();
  assert.equal([host.take(1)?.status, store.bytes[9 * PAGE]], [0, 0x44]);
});

test("NVMe 1.4 §4.6.1 memory that may not be written when the bytes arrive is not written", () => {
  const { host, store } = staged();
  host.submit(1, transfer(IO.read, 1, 1, DATA));
  host.dma.refuses = (kind, at) => kind === "write" && at === DATA;
  store.work();
  assert.equal([host.take(1)?.status, host.memory[DATA], host.dma.pins.size], [0x004, 0, 0]);
});

test("NVMe 1.4 §6.8, §6.15 Flush and FUA are done when the store has flushed", () => {
  const { host, store } = staged();
  host.submit(1, { opcode: IO.flush, nsid: 1 });
  host.submit(1, transfer(IO.write, 2, 1, DATA, 0, { cdw12: 0x4000_0000 }));
  assert.is(store.work(2), 2);
  assert.is(host.takeAll(1).length, 1, "the write waits for its flush");
  store.work();
  assert.is(host.takeAll(1).length, 1);
  host.submit(1, { opcode: IO.flush, nsid: 0xffff_ffff });
  store.work();
  assert.is(host.take(1)?.status, 0);
});

test("NVMe 1.4 §4.6.1 what the store could not do is a media error that may be retried", () => {
  const { host, store } = staged();
  store.fails = new Error("pool is gone");
  host.submit(1, transfer(IO.read, 1, 1, DATA));
  host.submit(1, transfer(IO.write, 1, 1, DATA));
  host.submit(1, { opcode: IO.flush, nsid: 1 });
  store.work();
  assert.equal(
    host.takeAll(1).map(({ status, doNotRetry }) => [status, doNotRetry]),
    [
      [0x281, false],
      [0x280, false],
      [0x280, false],
    ],
  );
});

test("NVMe 1.4 §6 Compare, Write Zeroes, Verify, Dataset Management and pairs wait until the store is idle", () => {
  const { host, store } = staged();
  host.memory.fill(0x77, DATA, DATA + PAGE);
  host.submit(1, transfer(IO.write, 3, 1, DATA));
  host.submit(1, transfer(IO.compare, 3, 1, DATA));
  host.submit(1, { opcode: IO.writeZeroes, nsid: 1, cdw10: 3 });
  host.submit(1, { opcode: IO.verify, nsid: 1, cdw10: 3 });
  assert.is(host.take(1), undefined);
  store.work();
  assert.equal(
    host.takeAll(1).map(({ status }) => status),
    [0, 0, 0, 0],
  );
  host.memory.fill(0, DATA, DATA + PAGE);
  host.place(1, transfer(IO.compare, 3, 1, DATA, 0, { flags: 1 }));
  host.place(1, transfer(IO.write, 3, 1, DATA, 0, { flags: 2 }));
  host.ring(1);
  assert.is(host.take(1), undefined);
  store.work();
  assert.equal(
    host.takeAll(1).map(({ status }) => status),
    [0, 0],
  );
  assert.is(host.dma.pins.size, 0);
});

test("NVMe 1.4 §5.23 Format NVM waits for the store, and only then completes", () => {
  const { host, store } = staged();
  host.submit(1, transfer(IO.read, 0, 1, DATA));
  host.submit(0, { opcode: ADMIN.format, nsid: 1, cid: 8 });
  assert.is(host.take(0), undefined);
  store.work();
  assert.equal([host.take(0)?.status, host.take(1)?.status, host.memory[DATA], store.bytes[0]], [0, 0, 1, 0]);
  assert.is(host.admin({ opcode: ADMIN.format, nsid: 1, cdw10: 1 }).status, 0x10a, "512-byte blocks would share one of the store's");
});

test("NVMe 1.4 §6.1 a store that can begin nothing cannot take the place of one that can", () => {
  const { host, store } = staged();
  assert.throws(() => host.model.replaceStore(1, host.store), /a store that can begin operations/);
  host.submit(1, transfer(IO.read, 1, 1, DATA));
  host.model.replaceStore(1, new StagedStore(4));
  assert.is(host.take(1)?.status, 0x082, "begun on the old one");
  store.work();
  assert.equal([host.take(1), host.memory[DATA]], [undefined, 0]);
});

test("NVMe 1.4 §7.3.2 a reset with operations begun: unpinned, unanswered, and their late ends touch nothing", () => {
  const { host, store } = staged();
  host.submit(1, transfer(IO.read, 1, 1, DATA));
  host.submit(1, transfer(IO.read, 2, 1, DATA + 2 * PAGE));
  host.model.write32(REG.cc, 0);
  assert.equal([host.dma.pins.size, host.model.inFlight], [0, 0]);
  host.enable();
  host.createPair(1, 8);
  host.dma.log.length = 0;
  assert.is(store.work(), 2);
  assert.equal([host.dma.log, host.take(1), host.memory[DATA]], [[], undefined, 0]);
});

test("NVMe 1.4 §5.1 Abort does not reach what a store has begun", () => {
  const { host, store } = staged();
  host.submit(1, transfer(IO.write, 1, 1, DATA, 0, { cid: 4 }));
  assert.is(host.admin({ opcode: ADMIN.abort, cdw10: 1 | (4 << 16) }).result, 1);
  store.work();
  assert.is(host.take(1)?.status, 0);
});

test("NVMe 1.4 §5.6 Delete SQ answers for what a store has begun, and the late end is nobody's", () => {
  const { host, store } = staged();
  host.submit(1, transfer(IO.read, 1, 1, DATA, 0, { cid: 4 }));
  assert.is(host.admin({ opcode: ADMIN.deleteSq, cdw10: 1 }).status, 0);
  assert.equal([host.take(1)?.status, host.dma.pins.size], [0x008, 0]);
  store.work();
  assert.equal([host.take(1), host.memory[DATA]], [undefined, 0]);
});

test("NVMe 1.4 §7.6.2 a normal shutdown is done when the last operation is", () => {
  const { host, store } = staged();
  host.submit(1, transfer(IO.write, 1, 1, DATA));
  host.model.write32(REG.cc, ENABLE | (1 << 14));
  assert.is(host.status, CSTS.ready | CSTS.shutdownBusy);
  store.work();
  assert.is(host.status, CSTS.ready | CSTS.shutdownDone);
});

test("NVMe 1.4 §7.2.1 over a file and the thread pool: blocks of 512 bytes, written and read back by message", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sumac-nvme-async-"));
  const image = openRawImage(join(folder, "image"), { leastBytes: 1 << 20 });
  const host = new NvmeHost({ store: image.asyncStore, lbaBytes: 512, asynchronous: true });
  host.useMessages(2);
  host.enable();
  host.createPair(1, 16, { interrupts: true, vector: 1 });
  for (let i = 0; i < 12; i++) {
    host.memory.fill(i + 1, DATA + i * PAGE, DATA + (i + 1) * PAGE);
    host.submit(1, transfer(IO.write, 8 * i, 8, DATA + i * PAGE));
  }
  const settled = async (): Promise<number[]> => {
    const statuses: number[] = [];
    while (statuses.length < 12) {
      await new Promise((resolve) => setImmediate(resolve));
      statuses.push(...host.takeAll(1).map(({ status }) => status));
    }
    return statuses;
  };
  assert.equal(new Set(await settled()), new Set([0]));
  host.memory.fill(0, DATA, DATA + 12 * PAGE);
  for (let i = 0; i < 12; i++) host.submit(1, transfer(IO.read, 8 * i, 8, DATA + i * PAGE));
  await settled();
  for (let i = 0; i < 12; i++) assert.is(host.memory[DATA + i * PAGE + 4095], i + 1);
  assert.ok(host.messages.includes(1));
  assert.equal([host.dma.pins.size, image.asyncStore.busy], [0, 0]);
  image.close();
  rmSync(folder, { recursive: true });
});

test.run();
