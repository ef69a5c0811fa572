/** Weighted round robin with an urgent class, many queues, and what logs say of it all. NVMe 1.4 §4.13, §5.14.1, §5.21.1.1. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ADMIN, IO } from "../../../devices/nvme/codes.ts";
import { DOORBELLS, REG } from "../../../devices/nvme/registers.ts";
import { ENABLE, NvmeHost, PAGE, transfer } from "../../support/nvme-host.ts";

const test = suite("NVMe arbitration");
const WEIGHTED = 1 << 11;
const SHUT_DOWN = 1 << 14;
const [URGENT, HIGH, MEDIUM, LOW] = [0, 1, 2, 3];

/** Queues 1, 2, … of the given priorities, each with so many flushes, all served in one go; ids in the order of serving. */
function served(priorities: readonly number[], arbitration: number, each: number): number[] {
  const host = new NvmeHost({ deferred: {} });
  host.enable(16, ENABLE | WEIGHTED);
  for (const [i, priority] of priorities.entries()) host.createPair(i + 1, 16, { priority });
  host.admin({ opcode: ADMIN.setFeatures, cdw10: 1, cdw11: arbitration });
  // While a shutdown is asked for nothing is fetched; taking the request back starts all queues at once.
  host.model.write32(REG.cc, ENABLE | WEIGHTED | SHUT_DOWN);
  for (let i = 1; i <= priorities.length; i++) {
    for (let n = 0; n < each; n++) host.place(i, { opcode: IO.flush, nsid: 1, cid: i * 100 + n });
    host.ring(i);
  }
  host.model.write32(REG.cc, ENABLE | WEIGHTED);
  const order: number[] = [];
  for (let left = priorities.length * each; left > 0; left--) {
    host.model.advance(1);
    for (let i = 1; i <= priorities.length; i++) order.push(...host.takeAll(i).map(({ sqId }) => sqId));
  }
  return order;
}

test("NVMe 1.4 §4.13.2 urgent queues go before all others, whatever the weights", () => {
  assert.equal(served([LOW, URGENT, HIGH], 0xffff_ff00, 3).slice(0, 3), [2, 2, 2]);
});

test("NVMe 1.4 §4.13.2 high, medium and low share by their weights", () => {
  // Weights 4, 2 and 1, bursts of one command.
  const order = served([LOW, MEDIUM, HIGH], (3 << 24) | (1 << 16) | (0 << 8), 8);
  assert.equal(order.slice(0, 7), [3, 3, 3, 3, 2, 2, 1]);
  assert.equal(order.slice(7, 14), [3, 3, 3, 3, 2, 2, 1]);
  assert.is(order.length, 24, "what has no work left holds nobody up");
});

test("NVMe 1.4 §4.13.2 within a class queues take turns, and a burst counts against the weight", () => {
  assert.equal(served([HIGH, HIGH, LOW], 3 << 24, 4).slice(0, 5), [1, 2, 1, 2, 3]);
  assert.equal(served([HIGH, HIGH, LOW], (3 << 24) | 1, 4).slice(0, 5), [1, 1, 2, 2, 3]);
});

test("NVMe 1.4 §4.13.1 with plain round robin a queue's priority means nothing", () => {
  const host = new NvmeHost();
  host.enable(16);
  host.createPair(1, 8, { priority: LOW });
  host.createPair(2, 8, { priority: URGENT });
  for (const id of [1, 2]) assert.is(host.run(id, { opcode: IO.flush, nsid: 1 }).status, 0);
});

test("NVMe 1.4 §5.21.1.7 64 queue pairs work, each with its doorbells", () => {
  const host = new NvmeHost({ ioQueues: 64 });
  host.enable(16);
  assert.is(host.admin({ opcode: ADMIN.setFeatures, cdw10: 7, cdw11: 0x3f_003f }).result, 0x3f_003f);
  for (let id = 1; id <= 64; id++) host.createPair(id, 4);
  const data = host.pages();
  for (let id = 64; id >= 1; id--) assert.is(host.run(id, transfer(IO.read, id % 64, 1, data)).status, 0);
  assert.is(host.admin({ opcode: ADMIN.createCq, prp1: data, cdw10: 65 | (7 << 16), cdw11: 1 }).status, 0x101);
  host.model.write32(DOORBELLS + 8 * 65, 1);
  assert.is(host.admin({ opcode: ADMIN.asyncEvent }).result, 0x1_0000, "no 65th doorbell");
});

function log(host: NvmeHost, page: number, bytes: number): DataView {
  const at = host.pages();
  assert.is(host.admin({ opcode: ADMIN.getLogPage, nsid: 0xffff_ffff, prp1: at, cdw10: page | ((bytes / 4 - 1) << 16) }).status, 0);
  return new DataView(host.memory.buffer, at, bytes);
}

test("NVMe 1.4 §5.14.1.5 command effects: what is supported is what is not refused as an invalid opcode", () => {
  const host = NvmeHost.ready({}, 64);
  const effects = log(host, 5, 4096);
  for (let opcode = 0; opcode < 256; opcode++) {
    const supported = (effects.getUint32(1024 + 4 * opcode, true) & 1) !== 0;
    const { status } = host.run(1, { opcode, nsid: 77, prp1: 0x10_0000 });
    assert.is(status !== 0x001, supported, `I/O opcode ${opcode}`);
  }
  for (let opcode = 0; opcode < 256; opcode++) {
    if (opcode === ADMIN.asyncEvent || opcode === ADMIN.deleteSq || opcode === ADMIN.deleteCq) continue;
    const supported = (effects.getUint32(4 * opcode, true) & 1) !== 0;
    const { status } = host.admin({ opcode, nsid: 77, prp1: 0x10_0000, cdw10: 0xff });
    assert.is(status !== 0x001, supported, `admin opcode ${opcode}`);
  }
});

test("NVMe 1.4 §5.14.1.1 a doorbell error is in the error log, with its queue and without a command", () => {
  const host = NvmeHost.ready();
  host.model.write32(DOORBELLS + 8 * 9, 1);
  const errors = log(host, 1, 64);
  assert.equal([errors.getBigUint64(0, true), errors.getUint16(8, true), errors.getUint16(10, true)], [1n, 9, 0xffff]);
});

test("NVMe 1.4 §5.14.1.1 64 errors are kept, the count goes on", () => {
  const host = NvmeHost.ready();
  for (let i = 0; i < 70; i++) host.admin({ opcode: 0x7f });
  const errors = log(host, 1, 4096);
  assert.equal([errors.getBigUint64(0, true), errors.getBigUint64(63 * 64, true)], [70n, 7n]);
  assert.is(errors.byteLength, PAGE);
});

test("NVMe 1.4 §4.6.1 an id that waits for an event is a conflict", () => {
  const host = NvmeHost.ready();
  host.submit(0, { opcode: ADMIN.asyncEvent, cid: 5 });
  assert.is(host.admin({ opcode: ADMIN.getFeatures, cdw10: 7, cid: 5 }).status, 0x003);
});

for (const entries of [2, 3, 7, 16])
  test(`NVMe 1.4 §4.6 phases stay right over ten laps of a queue of ${entries} that is filled to the brim each time`, () => {
    const host = NvmeHost.ready({}, entries);
    for (let lap = 0; lap < 10 * entries; lap++) {
      for (let i = 0; i < entries - 1; i++) host.place(1, { opcode: IO.flush, nsid: 1, cid: 1000 + i });
      host.ring(1);
      assert.equal(
        host.takeAll(1).map(({ cid, status }) => [cid, status]),
        Array.from({ length: entries - 1 }, (_, i) => [1000 + i, 0]),
      );
    }
  });

test.run();
