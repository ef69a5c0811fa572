/** MSI-X, coalescing and the pin beside them against NVMe 1.4 §5.21.1.8, §5.21.1.9, §7.5. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ADMIN, IO } from "../../../devices/nvme/codes.ts";
import type { NvmeOptions } from "../../../devices/nvme/model.ts";
import { DOORBELLS, MSIX_PENDING, MSIX_TABLE, REG } from "../../../devices/nvme/registers.ts";
import { PciBus } from "../../../devices/pci/bus.ts";
import { NvmeHost } from "../../support/nvme-host.ts";

const test = suite("NVMe messages");
const flush = { opcode: IO.flush, nsid: 1 };

/** Queue 1 on vector 1, queue 2 on vector 2, MSI-X on and unmasked. */
function messaging(options: Partial<NvmeOptions> = {}): NvmeHost {
  const host = new NvmeHost(options);
  host.useMessages(3);
  host.enable(32);
  for (const id of [1, 2]) host.createPair(id, 32, { interrupts: true, vector: id });
  host.messages.length = 0;
  host.pin.length = 0;
  return host;
}

test("NVMe 1.4 §7.5 with MSI-X each queue has its vector, and the pin is silent", () => {
  const host = messaging();
  host.submit(2, flush);
  host.submit(1, flush);
  host.submit(0, { opcode: ADMIN.getFeatures, cdw10: 7 });
  assert.equal(host.messages, [2, 1, 0]);
  assert.equal(host.pin, []);
});

test("NVMe 1.4 §7.5 completions of one doorbell are one message; more without a head moved, none", () => {
  const host = messaging();
  for (let i = 0; i < 5; i++) host.place(1, flush);
  host.ring(1);
  assert.equal(host.messages, [1]);
  host.submit(1, flush);
  assert.equal(host.messages, [1]);
});

test("NVMe 1.4 §7.5 a head that leaves something behind is followed by a message, one that takes all is not", () => {
  const host = messaging();
  for (let i = 0; i < 3; i++) host.place(1, flush);
  host.ring(1);
  host.take(1, false);
  host.ringHead(1);
  assert.equal(host.messages, [1, 1]);
  host.take(1, false);
  host.take(1, false);
  host.ringHead(1);
  assert.equal(host.messages, [1, 1]);
  host.submit(1, flush);
  assert.equal(host.messages, [1, 1, 1]);
});

test("NVMe 1.4 §7.5 a masked vector pends and goes out at the unmasking, unless all was consumed meanwhile", () => {
  const host = messaging();
  const mask = (on: number): void => host.model.write32(MSIX_TABLE + 16 + 12, on);
  mask(1);
  host.submit(1, flush);
  assert.equal([host.messages.length, host.model.read32(MSIX_PENDING)], [0, 2]);
  mask(0);
  assert.equal([host.messages, host.model.read32(MSIX_PENDING)], [[1], 0]);
  host.take(1);
  mask(1);
  host.submit(1, flush);
  host.take(1);
  mask(0);
  assert.equal(host.messages, [1], "no stale message");
});

test("NVMe 1.4 §5.3 Create CQ: vectors up to the table's end with MSI-X, none beyond; without it only 0", () => {
  const host = new NvmeHost({ ioQueues: 4 });
  host.enable();
  const create = (vector: number): number =>
    host.admin({ opcode: ADMIN.createCq, prp1: host.pages(), cdw10: 1 | (7 << 16), cdw11: 3 | (vector << 16) }).status;
  assert.is(create(1), 0x108);
  host.model.messageControl.configure(true, false);
  assert.equal([create(5), create(0xffff), create(4)], [0x108, 0x108, 0]);
});

test("NVMe 1.4 §7.5 two queues on one vector: it is quiet only when both are empty", () => {
  const host = new NvmeHost();
  host.useMessages(2);
  host.enable();
  for (const id of [1, 2]) host.createPair(id, 8, { interrupts: true, vector: 1 });
  host.messages.length = 0;
  host.submit(1, flush);
  host.submit(2, flush);
  host.take(1);
  assert.equal(host.messages, [1, 1], "the other one still holds an entry");
  host.take(2);
  assert.equal(host.messages, [1, 1]);
});

test("NVMe 1.4 §7.5 MSI-X that is turned on announces what waits, and lowers the pin; turned off, the pin rises", () => {
  const host = new NvmeHost();
  host.enable();
  host.createPair(1, 8, { interrupts: true });
  host.model.write32(MSIX_TABLE + 12, 0);
  host.submit(1, flush);
  assert.is(host.pin.at(-1), true);
  host.model.messageControl.configure(true, false);
  assert.equal([host.pin.at(-1), host.messages], [false, [0]]);
  host.model.messageControl.configure(false, false);
  assert.is(host.pin.at(-1), true);
});

test("NVMe 1.4 §3.1.3 INTMS has no effect on messages, which have masks of their own", () => {
  const host = messaging();
  host.model.write32(REG.intms, 0xffff_ffff);
  host.submit(1, flush);
  assert.equal(host.messages, [1]);
});

test("NVMe 1.4 §2.4 the capability in configuration space turns MSI-X on, on a bus, and a new grant finds it off", () => {
  const host = new NvmeHost();
  host.model.stop();
  const raised: number[] = [];
  const pci = new PciBus().plug(0, host.model, undefined, { raise: (vector) => raised.push(vector) });
  const at = pci.configuration.read8(0x34);
  assert.equal([pci.configuration.read8(at), pci.configuration.read16(at + 2) & 0x7ff], [0x11, 16]);
  assert.equal([pci.configuration.read32(at + 4), pci.configuration.read32(at + 8)], [MSIX_TABLE, MSIX_PENDING]);
  pci.start(host.dma);
  pci.configuration.write16(at + 2, 0x8000);
  host.model.write32(MSIX_TABLE + 12, 0);
  host.enable();
  host.admin({ opcode: ADMIN.getFeatures, cdw10: 7 });
  assert.equal(raised, [0]);
  pci.stop();
  assert.is(pci.configuration.read16(at + 2) & 0x8000, 0);
  pci.start(host.dma);
  assert.is(host.model.read32(MSIX_TABLE + 12), 1, "masked, as after power-on");
});

/** Coalescing of `threshold` entries above one and `time` × 100 µs; the clock is the test's. */
function coalescing(threshold: number, time: number): { host: NvmeHost; clock: { now: number } } {
  const clock = { now: 1000 };
  const host = messaging({ clock: { nowMicros: () => clock.now } });
  assert.is(host.admin({ opcode: ADMIN.setFeatures, cdw10: 8, cdw11: threshold | (time << 8) }).status, 0);
  host.messages.length = 0;
  return { host, clock };
}

test("NVMe 1.4 §5.21.1.8 coalescing: the message comes with the entry after the threshold", () => {
  const { host } = coalescing(3, 10);
  for (let i = 0; i < 3; i++) host.submit(1, flush);
  assert.equal(host.messages, []);
  host.submit(1, flush);
  assert.equal(host.messages, [1]);
});

test("NVMe 1.4 §5.21.1.8 coalescing: or when the time since the first entry is up", () => {
  const { host, clock } = coalescing(3, 10);
  assert.is(host.model.deadlineMicros, Number.POSITIVE_INFINITY);
  host.submit(1, flush);
  clock.now += 600;
  host.submit(1, flush);
  assert.is(host.model.deadlineMicros, 2000);
  clock.now = 1999;
  host.model.tick();
  assert.equal(host.messages, []);
  clock.now = 2000;
  host.model.tick();
  assert.equal(host.messages, [1]);
  assert.is(host.model.deadlineMicros, Number.POSITIVE_INFINITY);
});

test("NVMe 1.4 §5.21.1.8 coalescing: the host is told for when to set its alarm, also for the vector that comes after", () => {
  const clock = { now: 0 };
  const alarms: number[] = [];
  const host = messaging({ clock: { nowMicros: () => clock.now }, onDeadline: (micros) => alarms.push(micros) });
  host.admin({ opcode: ADMIN.setFeatures, cdw10: 8, cdw11: 9 | (10 << 8) });
  host.submit(1, flush);
  clock.now = 300;
  host.submit(2, flush);
  assert.equal(alarms, [1000]);
  clock.now = 1000;
  host.model.tick();
  assert.equal(alarms, [1000, 1300]);
  clock.now = 1300;
  host.model.tick();
  assert.equal([host.messages.slice(-2), alarms.length], [[1, 2], 2]);
});

test("NVMe 1.4 §5.21.1.8 coalescing: a register access notices the time too", () => {
  const { host, clock } = coalescing(200, 1);
  host.submit(2, flush);
  clock.now += 100;
  host.model.read32(REG.csts);
  assert.equal(host.messages, [2]);
});

test("NVMe 1.4 §5.21.1.8 coalescing does not touch the admin queue", () => {
  const { host } = coalescing(50, 255);
  host.submit(0, { opcode: ADMIN.getFeatures, cdw10: 7 });
  assert.equal(host.messages, [0]);
});

for (const [threshold, time] of [
  [0, 10],
  [10, 0],
] as const)
  test(`NVMe 1.4 §5.21.1.8 coalescing with threshold ${threshold} and time ${time} delays nothing`, () => {
    const { host } = coalescing(threshold, time);
    host.submit(1, flush);
    assert.equal(host.messages, [1]);
  });

test("NVMe 1.4 §5.21.1.9 a vector with CD set is not coalesced, and setting it announces what waits", () => {
  const { host } = coalescing(50, 255);
  host.submit(1, flush);
  host.submit(2, flush);
  assert.is(host.admin({ opcode: ADMIN.setFeatures, cdw10: 9, cdw11: 1 | (1 << 16) }).status, 0);
  assert.ok(host.messages.includes(1) && !host.messages.includes(2));
  assert.is(host.admin({ opcode: ADMIN.getFeatures, cdw10: 9, cdw11: 1 }).result, 0x1_0001);
  assert.is(host.admin({ opcode: ADMIN.getFeatures, cdw10: 9, cdw11: 2 }).result, 2);
  assert.is(host.admin({ opcode: ADMIN.setFeatures, cdw10: 9, cdw11: 17 }).status, 0x002, "a vector that is not there");
});

test("NVMe 1.4 §5.21.1.8 coalescing: entries that the host polls away leave no message behind", () => {
  const { host, clock } = coalescing(50, 10);
  host.submit(1, flush);
  host.take(1);
  clock.now += 5000;
  host.model.tick();
  assert.equal(host.messages, []);
});

test("NVMe 1.4 §5.21.1.8 coalescing holds the pin low as well", () => {
  const clock = { now: 0 };
  const host = new NvmeHost({ clock: { nowMicros: () => clock.now } });
  host.enable(32);
  host.createPair(1, 32, { interrupts: true });
  host.admin({ opcode: ADMIN.setFeatures, cdw10: 8, cdw11: 2 | (10 << 8) });
  host.pin.length = 0;
  host.submit(1, flush);
  host.submit(1, flush);
  assert.equal(host.pin, []);
  host.submit(1, flush);
  assert.equal(host.pin, [true]);
  host.takeAll(1);
  assert.equal(host.pin, [true, false]);
  host.submit(1, flush);
  clock.now = 1000;
  host.model.tick();
  assert.equal(host.pin, [true, false, true]);
});

test("NVMe 1.4 §7.3.2 a reset ends coalescing and what waited", () => {
  const { host, clock } = coalescing(50, 10);
  host.submit(1, flush);
  host.model.write32(REG.cc, 0);
  clock.now += 5000;
  host.model.tick();
  assert.equal(host.messages, []);
  host.enable();
  host.createPair(1, 8, { interrupts: true, vector: 1 });
  host.submit(1, flush);
  assert.is(host.messages.at(-1), 1);
  assert.is(host.model.read32(DOORBELLS), 0);
});

test.run();
