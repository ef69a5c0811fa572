/** Queues against NVMe 1.4 §4.1, §4.6, §5.3 to §5.6: creation and deletion, doorbells, phases, fullness, arbitration. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ADMIN, IO } from "../../../devices/nvme/codes.ts";
import { DOORBELLS } from "../../../devices/nvme/registers.ts";
import { type Entry, NvmeHost, transfer } from "../../support/nvme-host.ts";

const test = suite("NVMe queues");

const refused: [string, Partial<Entry> & Pick<Entry, "opcode">, number][] = [
  ["§5.3 Create CQ with id 0", { opcode: ADMIN.createCq, cdw10: 7 << 16, cdw11: 1 }, 0x101],
  ["§5.3 Create CQ beyond the number of queues", { opcode: ADMIN.createCq, cdw10: 17 | (7 << 16), cdw11: 1 }, 0x101],
  ["§5.3 Create CQ that exists", { opcode: ADMIN.createCq, cdw10: 1 | (7 << 16), cdw11: 1 }, 0x101],
  ["§5.3 Create CQ of one entry", { opcode: ADMIN.createCq, cdw10: 2, cdw11: 1 }, 0x102],
  ["§5.3 Create CQ larger than CAP.MQES", { opcode: ADMIN.createCq, cdw10: 2 | (4096 << 16), cdw11: 1 }, 0x102],
  ["§5.3 Create CQ that is not contiguous", { opcode: ADMIN.createCq, cdw10: 2 | (7 << 16), cdw11: 0 }, 0x002],
  ["§5.3 Create CQ with a vector beyond the pin's", { opcode: ADMIN.createCq, cdw10: 2 | (7 << 16), cdw11: 1 | (1 << 16) }, 0x108],
  [
    "§5.3 Create CQ at an address that is not page aligned",
    { opcode: ADMIN.createCq, prp1: 0x9008, cdw10: 2 | (7 << 16), cdw11: 1 },
    0x013,
  ],
  ["§5.4 Create SQ with id 0", { opcode: ADMIN.createSq, cdw10: 7 << 16, cdw11: 0x1_0001 }, 0x101],
  ["§5.4 Create SQ beyond the number of queues", { opcode: ADMIN.createSq, cdw10: 0xffff | (7 << 16), cdw11: 0x1_0001 }, 0x101],
  ["§5.4 Create SQ that exists", { opcode: ADMIN.createSq, cdw10: 1 | (7 << 16), cdw11: 0x1_0001 }, 0x101],
  ["§5.4 Create SQ of one entry", { opcode: ADMIN.createSq, cdw10: 2, cdw11: 0x1_0001 }, 0x102],
  ["§5.4 Create SQ larger than CAP.MQES", { opcode: ADMIN.createSq, cdw10: 2 | (0xffff << 16), cdw11: 0x1_0001 }, 0x102],
  ["§5.4 Create SQ that is not contiguous", { opcode: ADMIN.createSq, cdw10: 2 | (7 << 16), cdw11: 0x1_0000 }, 0x002],
  ["§5.4 Create SQ on the admin completion queue", { opcode: ADMIN.createSq, cdw10: 2 | (7 << 16), cdw11: 1 }, 0x101],
  ["§5.4 Create SQ on a completion queue id out of range", { opcode: ADMIN.createSq, cdw10: 2 | (7 << 16), cdw11: 0x63_0001 }, 0x101],
  ["§5.4 Create SQ on a completion queue that does not exist", { opcode: ADMIN.createSq, cdw10: 2 | (7 << 16), cdw11: 0x3_0001 }, 0x100],
  [
    "§5.4 Create SQ at an address that is not page aligned",
    { opcode: ADMIN.createSq, prp1: 4, cdw10: 2 | (7 << 16), cdw11: 0x1_0001 },
    0x013,
  ],
  ["§5.5 Delete CQ 0", { opcode: ADMIN.deleteCq }, 0x101],
  ["§5.5 Delete CQ that does not exist", { opcode: ADMIN.deleteCq, cdw10: 9 }, 0x101],
  ["§5.5 Delete CQ that a submission queue uses", { opcode: ADMIN.deleteCq, cdw10: 1 }, 0x10c],
  ["§5.6 Delete SQ 0", { opcode: ADMIN.deleteSq }, 0x101],
  ["§5.6 Delete SQ that does not exist", { opcode: ADMIN.deleteSq, cdw10: 0xffff }, 0x101],
];
for (const [name, entry, status] of refused) {
  test(`NVMe 1.4 ${name} ends with status ${status.toString(16)}h and changes nothing`, () => {
    const host = NvmeHost.ready();
    const completion = host.admin(entry);
    assert.is(completion.status, status);
    assert.ok(completion.doNotRetry);
    assert.is(host.read(1, 1, host.pages()).status, 0);
  });
}

test("NVMe 1.4 §5.5, §5.6: submission queue, then completion queue; both ids can be used again", () => {
  const host = NvmeHost.ready();
  assert.is(host.admin({ opcode: ADMIN.deleteSq, cdw10: 1 }).status, 0);
  assert.is(host.admin({ opcode: ADMIN.deleteCq, cdw10: 1 }).status, 0);
  host.createPair(1, 4);
  assert.is(host.read(1, 1, host.pages()).status, 0);
});

test("NVMe 1.4 §4.1: two submission queues share a completion queue, and entries name theirs", () => {
  const host = NvmeHost.ready();
  const base = host.pages();
  host.admin({ opcode: ADMIN.createSq, prp1: base, cdw10: 2 | (3 << 16), cdw11: 0x1_0001 });
  host.sq.set(2, { base, entries: 4, at: 0, phase: 1 });
  host.submit(2, transfer(IO.read, 0, 1, host.pages()));
  host.submit(1, transfer(IO.read, 0, 1, host.pages()));
  assert.equal(
    host.takeAll(1).map(({ sqId }) => sqId),
    [2, 1],
  );
  host.admin({ opcode: ADMIN.deleteSq, cdw10: 1 });
  assert.is(host.admin({ opcode: ADMIN.deleteCq, cdw10: 1 }).status, 0x10c, "still used by queue 2");
});

test("NVMe 1.4 §4.1.3: queues of 2 and of 4096 entries work", () => {
  const host = new NvmeHost();
  host.enable();
  host.createPair(1, 2);
  host.createPair(2, 4096, { cqEntries: 2 });
  for (let i = 0; i < 5; i++) assert.is(host.run(1, transfer(IO.read, 0, 1, 0x10_0000)).status, 0);
  for (let i = 0; i < 4100; i++) host.run(2, { opcode: IO.flush, nsid: 1 });
});

test("NVMe 1.4 §4.6: the phase bit starts at 1 and flips at every wrap, admin and I/O", () => {
  const host = NvmeHost.ready({}, 4);
  for (let lap = 0; lap < 20; lap++) {
    assert.is(host.read(lap, 1, 0x10_0000).status, 0);
    assert.is(host.admin({ opcode: ADMIN.getFeatures, cdw10: 7 }).status, 0);
  }
});

test("NVMe 1.4 §4.6: a completion carries command id, queue id and a submission queue head after the fetch", () => {
  const host = NvmeHost.ready({}, 4);
  for (const [cid, sqHead] of [
    [0, 1],
    [0xffff, 2],
    [0x1234, 3],
    [7, 0],
  ] as const) {
    const { result: _, ...completion } = host.run(1, { opcode: IO.flush, nsid: 1, cid });
    assert.equal(completion, { cid, sqHead, sqId: 1, status: 0, doNotRetry: false });
  }
});

test("NVMe 1.4 §4.1.2: a full completion queue stops posting and goes on at the head doorbell", () => {
  const host = NvmeHost.ready();
  host.createPair(2, 8, { cqEntries: 3 });
  for (let i = 0; i < 6; i++) host.place(2, { opcode: IO.flush, nsid: 1, cid: 100 + i });
  host.ring(2);
  assert.equal([host.take(2, false)?.cid, host.take(2, false)?.cid, host.take(2, false)?.cid], [100, 101, undefined]);
  assert.is(host.read(1, 1, host.pages()).status, 0, "another queue goes on");
  host.ringHead(2);
  assert.equal(
    host.takeAll(2).map(({ cid }) => cid),
    [102, 103, 104, 105],
  );
});

test("NVMe 1.4 §4.1.2: an admin queue that is full resumes the same way", () => {
  const host = new NvmeHost();
  host.enable(2);
  host.submit(0, { opcode: ADMIN.getFeatures, cdw10: 7, cid: 1 });
  host.submit(0, { opcode: ADMIN.getFeatures, cdw10: 7, cid: 2 });
  assert.is(host.take(0, false)?.cid, 1);
  assert.is(host.take(0, false), undefined);
  host.ringHead(0);
  assert.is(host.take(0)?.cid, 2);
});

for (const [burst, served] of [
  [0, [1, 2, 1, 2, 1, 2, 1, 2]],
  [1, [1, 1, 2, 2, 1, 1, 2, 2]],
  [7, [1, 1, 1, 1, 2, 2, 2, 2]],
] as const) {
  test(`NVMe 1.4 §4.13.1: round robin over the queues, an arbitration burst of 2^${burst} in a row (7 = no limit)`, () => {
    const host = new NvmeHost();
    host.enable();
    host.createPair(1, 16, { cqEntries: 9 });
    const base = host.pages();
    host.admin({ opcode: ADMIN.createSq, prp1: base, cdw10: 2 | (7 << 16), cdw11: 0x1_0001 });
    host.sq.set(2, { base, entries: 8, at: 0, phase: 1 });
    host.admin({ opcode: ADMIN.setFeatures, cdw10: 1, cdw11: burst });
    // A full completion queue holds everything back, so that both queues have work when it is freed.
    for (let i = 0; i < 8; i++) host.submit(1, { opcode: IO.flush, nsid: 1 });
    for (let i = 0; i < 4; i++) for (const queue of [1, 2]) host.submit(queue, { opcode: IO.flush, nsid: 1 });
    for (let i = 0; i < 8; i++) host.take(1, false);
    host.ringHead(1);
    const order = host.takeAll(1).map(({ sqId }) => sqId);
    const first = order[0] ?? 0;
    assert.equal(
      order.map((id) => (id === first ? 1 : 2)),
      [...served],
    );
  });
}

for (const [name, offset, value, info] of [
  ["§3.1.24 a submission tail as large as the queue", 8, 8, 1],
  ["§3.1.24 a submission tail of ffffh", 8, 0xffff, 1],
  ["§3.1.25 a completion head as large as the queue", 12, 8, 1],
  ["§3.1.25 a completion head beyond what was posted", 12, 1, 1],
  ["§3.1.24 the tail of a queue that does not exist", 16, 1, 0],
  ["§3.1.25 the head of a queue that does not exist", 20, 1, 0],
  ["§3.1.24 a queue beyond the number of queues", 8 * 300, 1, 0],
] as const) {
  test(`NVMe 1.4 ${name} is ignored and reported as an event`, () => {
    const host = NvmeHost.ready();
    host.submit(0, { opcode: ADMIN.asyncEvent, cid: 77 });
    host.model.write32(DOORBELLS + offset, value);
    const event = host.take(0);
    assert.is(event?.cid, 77);
    assert.is(event?.result, (info << 8) | (1 << 16));
    assert.is(host.read(1, 1, host.pages()).status, 0);
  });
}

test("NVMe 1.4 §3.1.24 only the low 16 bits of a doorbell count", () => {
  const host = NvmeHost.ready();
  host.place(1, { opcode: IO.flush, nsid: 1, cid: 5 });
  host.model.write32(DOORBELLS + 8, 0xabcd_0001);
  assert.is(host.take(1)?.cid, 5);
});

test("NVMe 1.4 §7.2.1 the entry is copied once: what its author changes later does not matter", () => {
  const host = NvmeHost.ready();
  const { base } = host.sq.get(1) ?? { base: 0 };
  host.store.read = (lba, into) => {
    host.memory.fill(0xff, base, base + 64);
    into.fill(lba);
  };
  const data = host.pages();
  assert.is(host.read(9, 1, data).status, 0);
  assert.is(host.memory[data], 9);
  assert.equal(host.transfers, [4096]);
});

test("NVMe 1.4 §4.1 what one doorbell tells of is copied by one question to the bus, at the ring's end by two", () => {
  const host = NvmeHost.ready();
  const { base } = host.sq.get(1) ?? { base: 0 };
  for (const expected of [[`read ${base}+${5 * 64}`], [`read ${base + 5 * 64}+${3 * 64}`, `read ${base}+${2 * 64}`]]) {
    for (let i = 0; i < 5; i++) host.place(1, { opcode: IO.flush, nsid: 1 });
    host.dma.log.length = 0;
    host.ring(1);
    assert.equal(
      host.dma.log.filter((line) => line.startsWith("read ")),
      expected,
    );
    assert.is(host.takeAll(1).length, 5);
  }
});

test("NVMe 1.4 §4.1 rings whose entries are in several objects are reached entry by entry", () => {
  const host = NvmeHost.ready();
  const [sq, cq] = [host.sq.get(1)?.base ?? 0, host.cq.get(1)?.base ?? 0];
  // An object of its own for each two entries.
  const border = (base: number, bytes: number, at: number, length: number): boolean =>
    at >= base && at < base + 8 * bytes && Math.floor((at - base) / (2 * bytes)) !== Math.floor((at + length - 1 - base) / (2 * bytes));
  host.dma.refuses = (_, at, length) => border(sq, 64, at, length) || border(cq, 16, at, length);
  for (let lap = 0; lap < 4; lap++) {
    for (let i = 0; i < 5; i++) host.place(1, { opcode: IO.flush, nsid: 1, cid: 100 * lap + i });
    host.ring(1);
    assert.equal(
      host.takeAll(1).map(({ cid, status }) => [cid, status]),
      [0, 1, 2, 3, 4].map((i) => [100 * lap + i, 0]),
    );
  }
  assert.not.ok(host.fatal);
});

test.run();
