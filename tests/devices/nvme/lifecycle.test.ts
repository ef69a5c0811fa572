/** Enable, reset and shutdown against NVMe 1.4 §3.1.5, §7.3, §7.6. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ADMIN, IO } from "../../../devices/nvme/codes.ts";
import { CSTS, DOORBELLS, REG } from "../../../devices/nvme/registers.ts";
import { ENABLE, NvmeHost, PAGE, transfer } from "../../support/nvme-host.ts";

const NORMAL = 1 << 14;
const ABRUPT = 2 << 14;
const test = suite("NVMe lifecycle");

test("NVMe 1.4 §3.1.5 CC.EN 0→1: the controller becomes ready", () => {
  const host = new NvmeHost();
  assert.is(host.status, 0);
  assert.is(host.enable(), CSTS.ready);
});

test("NVMe 1.4 §3.1.5 CC.IOSQES, CC.IOCQES may be 0 until the first I/O queue", () => {
  const host = new NvmeHost();
  assert.is(host.enable(8, 1), CSTS.ready);
  assert.is(host.admin({ opcode: ADMIN.createCq, prp1: host.pages(), cdw10: 1 | (7 << 16), cdw11: 1 }).status, 0x102);
  host.model.write32(REG.cc, ENABLE);
  host.createPair(1, 8);
});

const badStarts: [string, (host: NvmeHost) => void][] = [
  ["§3.1.9 ASQ not page aligned", ({ model }) => model.write32(REG.asq, 0x1800)],
  ["§3.1.10 ACQ not page aligned", ({ model }) => model.write32(REG.acq, 0x2004)],
  ["§3.1.8 AQA.ASQS of one entry", ({ model }) => model.write32(REG.aqa, 7 << 16)],
  ["§3.1.8 AQA.ACQS of one entry", ({ model }) => model.write32(REG.aqa, 7)],
];
for (const [name, spoil] of badStarts) {
  test(`NVMe 1.4 ${name}: enabling fails with CSTS.CFS, not ready, and a reset cures it`, () => {
    const host = new NvmeHost();
    host.enable(8, 0);
    spoil(host);
    host.model.write32(REG.cc, ENABLE);
    assert.is(host.status, CSTS.fatal);
    host.model.write32(REG.cc, 0);
    assert.is(host.status, 0);
    assert.is(host.enable(), CSTS.ready);
  });
}

for (const [name, bits] of [
  ["CC.MPS above CAP.MPSMAX", 5 << 7],
  ["CC.CSS with only administration", 7 << 4],
  ["CC.CSS reserved", 1 << 4],
  ["CC.AMS reserved", 2 << 11],
  ["CC.AMS vendor specific", 7 << 11],
] as const) {
  test(`NVMe 1.4 §3.1.5 ${name}: enabling fails with CSTS.CFS`, () => {
    assert.is(new NvmeHost().enable(8, ENABLE | bits), CSTS.fatal);
  });
}

test("NVMe 1.4 §3.1.9 ASQ: with larger pages it must be aligned to those", () => {
  const host = new NvmeHost();
  host.pages(15);
  assert.is(host.enable(8, ENABLE | (1 << 7)), CSTS.fatal, "ACQ at page 17");
  host.model.write32(REG.cc, 0);
  host.model.write32(REG.asq, 0x10000);
  host.model.write32(REG.acq, 0x20000);
  host.model.write32(REG.cc, ENABLE | (4 << 7));
  assert.is(host.status, CSTS.ready);
});

test("NVMe 1.4 §3.1.5 CC.MPS, CSS and AMS do not change while enabled", () => {
  const host = NvmeHost.ready();
  host.model.write32(REG.cc, ENABLE | (2 << 7) | (7 << 4) | (1 << 11));
  assert.is(host.model.read32(REG.cc), ENABLE);
  assert.is(host.read(0, 1, host.pages()).status, 0);
});

test("NVMe 1.4 §7.3.2 CC.EN 1→0: ready goes, queues go, AQA, ASQ and ACQ keep their values", () => {
  const host = NvmeHost.ready();
  const values = [REG.aqa, REG.asq, REG.acq].map((register) => host.model.read32(register));
  host.model.write32(REG.cc, 0);
  assert.is(host.status, 0);
  assert.equal(
    [REG.aqa, REG.asq, REG.acq].map((register) => host.model.read32(register)),
    values,
  );
  host.enable();
  host.createPair(1, 8);
  assert.is(host.read(4, 1, host.pages()).status, 0);
});

test("NVMe 1.4 §7.3.2 a reset puts interrupt mask and features back", () => {
  const host = NvmeHost.ready();
  host.model.write32(REG.intms, 1);
  host.admin({ opcode: ADMIN.setFeatures, cdw10: 6, cdw11: 0 });
  host.model.write32(REG.cc, 0);
  assert.is(host.model.read32(REG.intms), 0);
  host.enable();
  assert.is(host.admin({ opcode: ADMIN.getFeatures, cdw10: 6 }).result, 1);
});

test("NVMe 1.4 §3.1.6 CSTS.RDY 0: doorbells are ignored", () => {
  const host = NvmeHost.ready();
  host.model.write32(REG.cc, 0);
  host.dma.log.length = 0;
  for (let offset = 0; offset < 32; offset += 4) host.model.write32(DOORBELLS + offset, 3);
  assert.equal(host.dma.log, []);
  assert.is(host.status, 0);
});

test("NVMe 1.4 §7.6.2 normal shutdown: flushes, reports done, fetches nothing more", () => {
  const host = NvmeHost.ready();
  let flushes = 0;
  host.store.flush = () => {
    flushes++;
  };
  host.model.write32(REG.cc, ENABLE | NORMAL);
  assert.is(host.status, CSTS.ready | CSTS.shutdownDone);
  assert.is(flushes, 1);
  host.submit(1, transfer(IO.read, 0, 1, host.pages()));
  assert.is(host.take(1), undefined);
});

test("NVMe 1.4 §7.6.2 abrupt shutdown is done at once, also while a store fails", () => {
  const host = NvmeHost.ready();
  host.store.flush = () => {
    throw new Error("no power");
  };
  host.model.write32(REG.cc, ENABLE | ABRUPT);
  assert.is(host.status, CSTS.ready | CSTS.shutdownDone);
});

test("NVMe 1.4 §7.6.2 after a shutdown, a reset makes the controller usable again", () => {
  const host = NvmeHost.ready();
  host.model.write32(REG.cc, ENABLE | NORMAL);
  host.model.write32(REG.cc, 0);
  assert.is(host.status, 0);
  host.enable();
  host.createPair(1, 4);
  assert.is(host.read(0, 1, host.pages()).status, 0);
});

test("NVMe 1.4 §7.6.2 taking the request back clears SHST and goes on with what was submitted", () => {
  const host = NvmeHost.ready();
  host.model.write32(REG.cc, ENABLE | NORMAL);
  host.submit(1, transfer(IO.read, 0, 1, host.pages()));
  host.model.write32(REG.cc, ENABLE);
  assert.is(host.status, CSTS.ready);
  assert.is(host.take(1)?.status, 0);
});

test("NVMe 1.4 §7.6.2 normal shutdown waits for what is in flight", () => {
  const host = new NvmeHost({ deferred: {} });
  host.enable();
  host.submit(0, { opcode: ADMIN.identify, cdw10: 1, prp1: host.pages() });
  host.model.write32(REG.cc, ENABLE | NORMAL);
  assert.is(host.status, CSTS.ready | CSTS.shutdownBusy);
  assert.is(host.model.advance(1), 1);
  assert.is(host.status, CSTS.ready | CSTS.shutdownDone);
  assert.is(host.take(0)?.status, 0);
});

for (const [name, kind, address] of [
  ["a submission queue", "read", PAGE],
  ["a completion queue", "write", 2 * PAGE],
] as const) {
  test(`NVMe 1.4 §9.5 the bus refuses ${name}: fatal status, nothing more happens, a reset cures it`, () => {
    const host = new NvmeHost();
    host.enable();
    host.dma.refuses = (asked, at) => asked === kind && at >= address && at < address + PAGE;
    host.submit(0, { opcode: ADMIN.getFeatures, cdw10: 7 });
    assert.is(host.status, CSTS.ready | CSTS.fatal);
    host.dma.refuses = () => false;
    host.dma.log.length = 0;
    host.submit(0, { opcode: ADMIN.getFeatures, cdw10: 7 });
    assert.equal(host.dma.log, []);
    host.model.write32(REG.cc, 0);
    assert.is(host.enable(), CSTS.ready);
    assert.is(host.admin({ opcode: ADMIN.getFeatures, cdw10: 7 }).status, 0);
  });
}

test("NVMe 1.4 §2.1 a second grant needs the first to end", () => {
  const host = NvmeHost.ready();
  assert.throws(() => host.model.start(host.dma), /already granted/);
});

test.run();
