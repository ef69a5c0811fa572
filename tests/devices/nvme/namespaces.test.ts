/** Several namespaces, Format NVM, and changes that are announced, against NVMe 1.4 §5.14.1.4, §5.23, §6.1. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ADMIN, IO } from "../../../devices/nvme/codes.ts";
import type { NvmeOptions } from "../../../devices/nvme/model.ts";
import { MemoryStore } from "../../../host/backends/memory-store.ts";
import { NvmeHost, PAGE, transfer } from "../../support/nvme-host.ts";

const test = suite("NVMe namespaces");
const DATA = 0x10_0000;
const EVERYWHERE = 0xffff_ffff;

/** Namespace 1 of 64 × 4096, 2 of 100 × 512, 3 of 8 × 4096 on a store of 512-byte blocks. */
function three(options: Partial<NvmeOptions> = {}): { host: NvmeHost; second: MemoryStore; third: MemoryStore } {
  const [second, third] = [new MemoryStore(100, 512), new MemoryStore(64, 512)];
  second.bytes.fill(0x22);
  third.bytes.fill(0x33);
  return { host: NvmeHost.ready({ more: [{ store: second, lbaBytes: 512 }, { store: third }], ...options }), second, third };
}

function identify(host: NvmeHost, cns: number, nsid: number): DataView {
  const at = host.pages();
  assert.is(host.admin({ opcode: ADMIN.identify, nsid, prp1: at, cdw10: cns }).status, 0);
  return new DataView(host.memory.buffer, at, PAGE);
}

const format = (host: NvmeHost, nsid: number, cdw10: number): number => host.admin({ opcode: ADMIN.format, nsid, cdw10 }).status;

test("NVMe 1.4 §6.1 each namespace has its own store, size and blocks", () => {
  const { host, second } = three();
  assert.equal(
    [1, 2, 3].map((nsid) => Number(identify(host, 0, nsid).getBigUint64(0, true))),
    [64, 100, 8],
  );
  const got = [1, 2, 3].map((nsid) => {
    assert.is(host.read(5, 1, DATA, 0, { nsid }).status, 0);
    return host.memory[DATA];
  });
  assert.equal(got, [6, 0x22, 0x33]);
  host.memory.fill(0x99, DATA, DATA + PAGE);
  assert.is(host.write(99, 1, DATA, 0, { nsid: 2 }).status, 0);
  assert.equal([second.bytes[99 * 512], host.store.bytes[5 * PAGE]], [0x99, 6]);
  assert.is(host.read(100, 1, DATA, 0, { nsid: 2 }).status, 0x080);
  assert.is(host.read(8, 1, DATA, 0, { nsid: 3 }).status, 0x080);
  assert.is(host.read(0, 1, DATA, 0, { nsid: 4 }).status, 0x00b);
});

test("NVMe 1.4 §5.15 Identify: NN, the list of ids, and a UUID for each", () => {
  const { host } = three();
  assert.is(identify(host, 1, 0).getUint32(516, true), 3, "NN");
  const list = (above: number): number[] => [0, 4, 8, 12].map((at) => identify(host, 2, above).getUint32(at, true));
  assert.equal(
    [list(0), list(1), list(3)],
    [
      [1, 2, 3, 0],
      [2, 3, 0, 0],
      [0, 0, 0, 0],
    ],
  );
  const uuids = [1, 2, 3].map((nsid) => identify(host, 3, nsid).getBigUint64(4, true));
  assert.is(new Set(uuids).size, 3);
});

test("NVMe 1.4 §6.8 Flush of all namespaces reaches every store, of one only that one", () => {
  const { host, second, third } = three();
  const flushed: string[] = [];
  for (const [name, store] of Object.entries({ first: host.store, second, third }))
    store.flush = () => {
      flushed.push(name);
    };
  host.run(1, { opcode: IO.flush, nsid: 2 });
  host.run(1, { opcode: IO.flush, nsid: EVERYWHERE });
  assert.equal(flushed, ["second", "first", "second", "third"]);
});

test("NVMe 1.4 §6.8 Flush of all namespaces goes on after a store that fails, and then fails", () => {
  const { host, third } = three();
  let flushed = false;
  host.store.flush = () => {
    throw new Error("first is broken");
  };
  third.flush = () => {
    flushed = true;
  };
  assert.is(host.run(1, { opcode: IO.flush, nsid: EVERYWHERE }).status, 0x280);
  assert.ok(flushed);
});

test("NVMe 1.4 §5.21.1.5 error recovery is a feature of each namespace", () => {
  const { host } = three();
  assert.is(host.admin({ opcode: ADMIN.setFeatures, nsid: 2, cdw10: 5, cdw11: 7 }).status, 0);
  const get = (nsid: number): number => host.admin({ opcode: ADMIN.getFeatures, nsid, cdw10: 5 }).result;
  assert.equal([1, 2, 3].map(get), [0, 7, 0]);
  host.admin({ opcode: ADMIN.setFeatures, nsid: EVERYWHERE, cdw10: 5, cdw11: 9 });
  assert.equal([1, 2, 3].map(get), [9, 9, 9]);
});

test("NVMe 1.4 §5.23 Format NVM: the content is gone, other namespaces keep theirs", () => {
  const { host, second } = three();
  assert.is(format(host, 2, 0), 0);
  assert.ok(second.bytes.every((byte) => byte === 0));
  assert.is(host.store.bytes[0], 1);
});

test("NVMe 1.4 §5.23 Format NVM to the other size of blocks: Identify, limits and transfers follow", () => {
  const { host } = three();
  assert.is(format(host, 1, 1), 0);
  const data = identify(host, 0, 1);
  assert.equal([Number(data.getBigUint64(0, true)), data.getUint8(26)], [512, 1]);
  host.memory.fill(0x66, DATA, DATA + 512);
  assert.is(host.write(511, 1, DATA).status, 0);
  assert.is(host.store.bytes[511 * 512], 0x66);
  assert.is(host.write(512, 1, DATA).status, 0x080);
  assert.is(format(host, 1, 0), 0);
  assert.is(host.read(63, 1, DATA).status, 0);
  assert.is(host.memory[DATA], 0);
});

test("NVMe 1.4 §5.23 Format NVM of all namespaces, with erasure of user data", () => {
  const { host, second, third } = three();
  assert.is(format(host, EVERYWHERE, 1 << 9), 0);
  for (const store of [host.store, second, third]) assert.ok(store.bytes.every((byte) => byte === 0));
});

test("NVMe 1.4 §5.23 Format NVM makes unreadable blocks readable", () => {
  const host = NvmeHost.ready();
  host.run(1, { opcode: IO.writeUncorrectable, nsid: 1, cdw10: 3 });
  format(host, 1, 0);
  assert.is(host.read(3, 1, DATA).status, 0);
});

test("NVMe 1.4 §5.23 Format NVM ends what is in flight on its namespace, and nothing else", () => {
  const { host } = three({ deferred: {} });
  host.submit(0, { opcode: ADMIN.format, nsid: 1, cid: 3 });
  host.submit(1, transfer(IO.write, 0, 1, DATA, 0, { cid: 1 }));
  host.submit(1, transfer(IO.read, 0, 1, DATA + PAGE, 0, { cid: 2, nsid: 3 }));
  assert.is(host.model.advance(1), 1);
  assert.equal(
    [...host.takeAll(1), ...host.takeAll(0)].map(({ cid, status, doNotRetry }) => [cid, status, doNotRetry]),
    [
      [1, 0x084, false],
      [3, 0, false],
    ],
  );
  assert.is(host.store.bytes[0], 0);
  host.model.advance(1);
  assert.equal([host.take(1)?.status, host.dma.pins.size], [0, 0]);
});

for (const [name, nsid, cdw10, status] of [
  ["of namespace 0", 0, 0, 0x00b],
  ["of a namespace that does not exist", 9, 0, 0x00b],
  ["to a format that does not exist", 1, 2, 0x10a],
  ["with protection information", 1, 1 << 5, 0x10a],
  ["with metadata in the data", 1, 1 << 4, 0x10a],
  ["with a cryptographic erasure", 1, 2 << 9, 0x002],
  ["with a reserved erasure", 1, 7 << 9, 0x002],
] as const)
  test(`NVMe 1.4 §5.23 Format NVM ${name} ends with status ${status.toString(16)}h and changes nothing`, () => {
    const { host } = three();
    const before = host.store.bytes.slice();
    assert.is(format(host, nsid, cdw10), status);
    assert.is(Buffer.compare(host.store.bytes, before), 0);
    assert.is(host.read(0, 1, DATA).status, 0);
  });

test("NVMe 1.4 §5.23 Format NVM of a store that fails is an internal error", () => {
  const host = NvmeHost.ready();
  host.store.punch = () => {
    throw new Error("stuck head");
  };
  assert.is(format(host, 1, 0), 0x006);
  assert.match(String(host.model.lastMediaError), /stuck head/);
});

test("NVMe 1.4 §5.14.1.4 a namespace that changes is in the log and, once the host asked for it, an event", () => {
  const { host } = three();
  const changed = (): number[] => {
    const at = host.pages();
    host.admin({ opcode: ADMIN.getLogPage, nsid: EVERYWHERE, prp1: at, cdw10: 4 | (1023 << 16) });
    return [0, 4].map((offset) => host.dma.fields.getUint32(at + offset, true));
  };
  host.submit(0, { opcode: ADMIN.asyncEvent, cid: 70 });
  host.model.replaceStore(3, new MemoryStore(32, 512));
  assert.is(host.take(0), undefined, "feature 0Bh is off");
  assert.equal(changed(), [3, 0]);
  assert.equal(changed(), [0, 0]);
  host.admin({ opcode: ADMIN.setFeatures, cdw10: 0x0b, cdw11: 0x100 });
  host.model.replaceStore(2, new MemoryStore(200, 512));
  const event = host.take(0);
  assert.equal([event?.cid, event?.result], [70, 0x4_0002]);
  assert.equal(changed(), [2, 0]);
  assert.is(Number(identify(host, 0, 2).getBigUint64(0, true)), 200);
});

test("NVMe 1.4 §6.1 commands in flight on a store that is replaced end as not ready, and may be retried", () => {
  const host = NvmeHost.ready({ deferred: {} });
  host.submit(1, transfer(IO.read, 60, 1, DATA));
  host.model.replaceStore(1, new MemoryStore(8));
  const completion = host.take(1);
  assert.equal([completion?.status, completion?.doNotRetry, host.dma.pins.size], [0x082, false, 0]);
  assert.throws(() => host.model.replaceStore(7, new MemoryStore(8)), /no namespace 7/);
});

test("NVMe 1.4 §6.1 options that make no controller are refused by name", () => {
  for (const [options, message] of [
    [{ ioQueues: 65 }, /1 to 64 I\/O queue pairs, not 65/],
    [{ ioQueues: 2.5 }, /queue pairs/],
    [{ mdts: 13 }, /MDTS of 1 to 12/],
    [{ serial: "x".repeat(21) }, /up to 20 characters/],
    [{ asynchronous: true, deferred: {} }, /not both/],
    [{ asynchronous: true }, /namespace 1: an asynchronous controller needs a store that can begin/],
  ] as const)
    assert.throws(() => new NvmeHost(options), message);
});

test.run();
