/** Identify, features, logs, events and the admin set's refusals against NVMe 1.4 §5. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ADMIN, IO } from "../../../devices/nvme/codes.ts";
import { DOORBELLS } from "../../../devices/nvme/registers.ts";
import { type Entry, NvmeHost, PAGE, transfer } from "../../support/nvme-host.ts";

const EVERYWHERE = 0xffff_ffff;
const test = suite("NVMe administration");

function identify(host: NvmeHost, cns: number, nsid = 0): { status: number; at: number } {
  const at = host.pages();
  host.memory.fill(0xee, at, at + PAGE);
  return { status: host.admin({ opcode: ADMIN.identify, nsid, prp1: at, cdw10: cns }).status, at };
}

function text(host: NvmeHost, at: number, bytes: number): string {
  return new TextDecoder().decode(host.memory.slice(at, at + bytes));
}

test("NVMe 1.4 §5.15 Identify CNS 01h: names, sizes and limits, padded and in their places", () => {
  const host = NvmeHost.ready({ serial: "A-17", mdts: 5 });
  const { status, at } = identify(host, 1);
  const { fields, memory } = host.dma;
  assert.is(status, 0);
  assert.is(fields.getUint16(at, true), host.model.identity.vendor, "VID");
  assert.is(text(host, at + 4, 20), "A-17                ", "SN");
  assert.is(text(host, at + 24, 40).trimEnd(), "Sumac NVMe model", "MN");
  assert.is(memory[at + 77], 5, "MDTS");
  assert.is(fields.getUint32(at + 80, true), 0x1_0400, "VER");
  assert.is(memory[at + 111], 1, "CNTRLTYPE");
  assert.is(memory[at + 259], 3, "AERL");
  assert.equal([memory[at + 512], memory[at + 513]], [0x66, 0x44], "SQES, CQES");
  assert.is(fields.getUint32(at + 516, true), 1, "NN");
  assert.is(fields.getUint16(at + 520, true), 0x9f, "ONCS");
  assert.equal([fields.getUint16(at + 256, true), memory[at + 522], fields.getUint32(at + 92, true)], [2, 1, 0x100], "OACS, FUSES, OAES");
  assert.is(memory[at + 525], 7, "VWC");
  assert.is(fields.getUint32(at + 536, true), 1, "SGLS");
  assert.match(text(host, at + 768, 256), /^nqn\.2014-08\.org\.nvmexpress:uuid:[0-9a-f-]{36}\0+$/);
  assert.is(memory[at + 4095], 0);
});

for (const [lbaBytes, shift, blocks] of [
  [4096, 12, 64],
  [512, 9, 512],
] as const) {
  test(`NVMe 1.4 §5.15 Identify CNS 00h: a namespace with blocks of ${lbaBytes} bytes`, () => {
    const host = NvmeHost.ready({ lbaBytes });
    const { status, at } = identify(host, 0, 1);
    assert.is(status, 0);
    for (const offset of [0, 8, 16]) assert.is(host.dma.fields.getBigUint64(at + offset, true), BigInt(blocks));
    assert.equal([host.memory[at + 25], host.memory[at + 26], host.memory[at + 33]], [1, 0, 9], "NLBAF, FLBAS, DLFEAT");
    assert.is(host.dma.fields.getUint32(at + 128, true), shift << 16, "LBAF0");
    assert.is(host.dma.fields.getUint32(at + 132, true), (21 - shift) << 16, "LBAF1");
  });
}

test("NVMe 1.4 §5.15 Identify CNS 02h: the active namespaces above the given id", () => {
  const host = NvmeHost.ready();
  const list = (nsid: number): number[] => {
    const { at } = identify(host, 2, nsid);
    return [host.dma.fields.getUint32(at, true), host.dma.fields.getUint32(at + 4, true)];
  };
  assert.equal(list(0), [1, 0]);
  assert.equal(list(1), [0, 0]);
});

test("NVMe 1.4 §5.15 Identify CNS 03h: one UUID, then the end of the list; another serial number, another UUID", () => {
  const uuid = (serial: string): string => {
    const host = NvmeHost.ready({ serial });
    const { at } = identify(host, 3, 1);
    assert.equal([...host.memory.slice(at, at + 4)], [3, 16, 0, 0]);
    assert.equal([...host.memory.slice(at + 20, at + 24)], [0, 0, 0, 0]);
    return host.memory.slice(at + 4, at + 20).toHex();
  };
  assert.is.not(uuid("A"), uuid("B"));
  assert.is(uuid("A"), uuid("A"));
});

for (const [name, cns, nsid, status] of [
  ["CNS 00h of namespace 0", 0, 0, 0x00b],
  ["CNS 00h of a namespace that does not exist", 0, 2, 0x00b],
  ["CNS 00h of all namespaces, without namespace management", 0, EVERYWHERE, 0x00b],
  ["CNS 02h above the last id", 2, 0xffff_fffe, 0x00b],
  ["CNS 02h above all ids", 2, EVERYWHERE, 0x00b],
  ["CNS 03h of a namespace that does not exist", 3, 9, 0x00b],
  ["CNS 06h", 6, 0, 0x002],
  ["CNS 10h", 0x10, 0, 0x002],
  ["CNS ffh", 0xff, 1, 0x002],
] as const) {
  test(`NVMe 1.4 §5.15 Identify ${name} ends with status ${status.toString(16)}h and writes nothing`, () => {
    const host = NvmeHost.ready();
    const answer = identify(host, cns, nsid);
    assert.is(answer.status, status);
    assert.is(host.memory[answer.at], 0xee);
  });
}

const refused: [string, Entry, number][] = [
  ["§5 an opcode without a meaning", { opcode: 0x7f }, 0x001],
  ["§5 a vendor's opcode", { opcode: 0xc0 }, 0x001],
  ["§4.2 a fused admin command", { opcode: ADMIN.getFeatures, flags: 1, cdw10: 7 }, 0x002],
  ["§4.2 an SGL in an admin command", { opcode: ADMIN.identify, flags: 0x40, cdw10: 1, prp1: PAGE }, 0x002],
  ["§4.3 Identify with a PRP1 that is no dword", { opcode: ADMIN.identify, cdw10: 1, prp1: 0x10_0002 }, 0x013],
  ["§4.3 Identify over two pages with an offset in PRP2", { opcode: ADMIN.identify, cdw10: 1, prp1: 0x10_0800, prp2: 0x10_1004 }, 0x013],
  ["§4.6.1 Identify into memory that is not there", { opcode: ADMIN.identify, cdw10: 1, prp1: 0x7fff_0000 }, 0x004],
  ["§5.13 Get Features with an unknown feature", { opcode: ADMIN.getFeatures, cdw10: 0x0c }, 0x002],
  ["§5.13 Get Features 00h", { opcode: ADMIN.getFeatures, cdw10: 0 }, 0x002],
  ["§5.13 Get Features with a reserved Select", { opcode: ADMIN.getFeatures, cdw10: 0x407 }, 0x002],
  ["§5.13 Get Features 09h of a vector that is not there", { opcode: ADMIN.getFeatures, cdw10: 9, cdw11: 1 }, 0x002],
  ["§5.21 Set Features with an unknown feature", { opcode: ADMIN.setFeatures, cdw10: 0xd1 }, 0x002],
  ["§5.21 Set Features with Save", { opcode: ADMIN.setFeatures, cdw10: 0x8000_0006 }, 0x10d],
  ["§5.21 Set Features of the controller for one namespace", { opcode: ADMIN.setFeatures, cdw10: 6, nsid: 1 }, 0x10f],
  ["§5.21 Set Features for a namespace that does not exist", { opcode: ADMIN.setFeatures, cdw10: 6, nsid: 5 }, 0x00b],
  ["§5.21.1.2 Set Features: a power state that does not exist", { opcode: ADMIN.setFeatures, cdw10: 2, cdw11: 1 }, 0x002],
  ["§5.21.1.4 Set Features: the threshold of a sensor that does not exist", { opcode: ADMIN.setFeatures, cdw10: 4, cdw11: 1 << 16 }, 0x002],
  ["§5.21.1.7 Set Features: number of queues after queues exist", { opcode: ADMIN.setFeatures, cdw10: 7, cdw11: 0x3_0003 }, 0x00c],
  ["§5.21.1.7 Set Features: 65536 submission queues", { opcode: ADMIN.setFeatures, cdw10: 7, cdw11: 0xffff }, 0x002],
  ["§5.21.1.7 Set Features: 65536 completion queues", { opcode: ADMIN.setFeatures, cdw10: 7, cdw11: 0xffff_0000 }, 0x002],
  ["§5.21.1.9 Set Features: a vector that is not there", { opcode: ADMIN.setFeatures, cdw10: 9, cdw11: 3 }, 0x002],
  ["§5.14 Get Log Page 00h", { opcode: ADMIN.getLogPage, prp1: PAGE }, 0x109],
  ["§5.14 Get Log Page with an unknown page", { opcode: ADMIN.getLogPage, cdw10: 0x70, prp1: PAGE }, 0x109],
  ["§5.14 Get Log Page for one namespace", { opcode: ADMIN.getLogPage, cdw10: 2 | (127 << 16), nsid: 1, prp1: PAGE }, 0x002],
  ["§5.14 Get Log Page from an offset beyond the page", { opcode: ADMIN.getLogPage, cdw10: 2, cdw12: 512, prp1: PAGE }, 0x002],
  ["§5.14 Get Log Page from an offset that is no dword", { opcode: ADMIN.getLogPage, cdw10: 2, cdw12: 2, prp1: PAGE }, 0x002],
  ["§5.14 Get Log Page larger than MDTS", { opcode: ADMIN.getLogPage, cdw10: 0xffff_0002, cdw11: 0xffff, prp1: PAGE }, 0x002],
];
for (const [name, entry, status] of refused) {
  test(`NVMe 1.4 ${name} ends with status ${status.toString(16)}h`, () => {
    const host = NvmeHost.ready();
    const completion = host.admin(entry);
    assert.equal([completion.status, completion.doNotRetry, completion.result], [status, true, 0]);
    assert.is(host.read(0, 1, host.pages()).status, 0);
  });
}

test("NVMe 1.4 §5.21.1.7 number of queues: what is asked for and there, and ids beyond it are refused", () => {
  const host = new NvmeHost({ ioQueues: 4 });
  host.enable();
  const set = (cdw11: number): number => host.admin({ opcode: ADMIN.setFeatures, cdw10: 7, cdw11 }).result;
  const get = (select: number): number => host.admin({ opcode: ADMIN.getFeatures, cdw10: 7 | (select << 8) }).result;
  assert.is(get(0), 0x3_0003);
  assert.is(set(0x3f_003f), 0x3_0003);
  assert.is(set(0x1_0000), 0x1_0001);
  assert.equal([get(0), get(1), get(2)], [0x1_0001, 0x3_0003, 0x3_0003]);
  host.createPair(2, 4);
  assert.throws(() => host.createPair(3, 4), /101/);
});

for (const [name, id, value, nsid] of [
  ["§5.21.1.1 arbitration", 1, 0x0302_0104, 0],
  ["§5.21.1.4 temperature threshold", 4, 350, 0],
  ["§5.21.1.5 error recovery", 5, 100, 1],
  ["§5.21.1.6 volatile write cache", 6, 0, 0],
  ["§5.21.1.8 interrupt coalescing", 8, 0x1234, EVERYWHERE],
  ["§5.21.1.9 vector configuration", 9, 0x1_0000, 0],
  ["§5.21.1.10 write atomicity", 10, 1, 0],
  ["§5.21.1.11 asynchronous event configuration", 11, 0x1f, 0],
] as const) {
  test(`NVMe 1.4 ${name}: set and read back; the default stays; changeable, not saveable`, () => {
    const host = NvmeHost.ready();
    const get = (select: number): number => host.admin({ opcode: ADMIN.getFeatures, nsid, cdw10: id | (select << 8), cdw11: 0 }).result;
    const initial = get(0);
    assert.is(host.admin({ opcode: ADMIN.setFeatures, nsid, cdw10: id, cdw11: value }).status, 0);
    assert.equal([get(0), get(1), get(2), get(3)], [value, initial, initial, id === 5 ? 6 : 4]);
  });
}

function log(host: NvmeHost, page: number, bytes: number, more: Partial<Entry> = {}): DataView {
  const at = host.pages(Math.ceil(bytes / PAGE));
  host.memory.fill(0xee, at, at + bytes);
  const cdw10 = (page | ((bytes / 4 - 1) << 16)) >>> 0;
  const { status } = host.admin({ opcode: ADMIN.getLogPage, nsid: EVERYWHERE, prp1: at, cdw10, ...more });
  if (status !== 0) throw new Error(`log page ${page}: ${status}`);
  return new DataView(host.memory.buffer, at, bytes);
}

test("NVMe 1.4 §5.14.1.1 error log: newest first, counted, each with queue, command, status, block and namespace", () => {
  const host = NvmeHost.ready();
  host.admin({ opcode: 0x7f, cid: 9 });
  host.run(1, transfer(IO.read, 1000, 1, PAGE, 0, { cid: 0x55 }));
  const errors = log(host, 1, 192);
  assert.equal([errors.getBigUint64(0, true), errors.getBigUint64(64, true), errors.getBigUint64(128, true)], [2n, 1n, 0n]);
  assert.equal([errors.getUint16(8, true), errors.getUint16(10, true)], [1, 0x55]);
  assert.is((errors.getUint16(12, true) >>> 1) & 0x7ff, 0x080);
  assert.equal([errors.getBigUint64(16, true), errors.getUint32(24, true)], [1000n, 1]);
  assert.equal([errors.getUint16(64 + 8, true), errors.getUint16(64 + 10, true)], [0, 9]);
});

test("NVMe 1.4 §5.14.1.2 health: commands, data units, media errors and error count are true", () => {
  const host = NvmeHost.ready();
  for (let i = 0; i < 3; i++) host.read(i, 2, 0x10_0000, 0x10_1000);
  host.write(0, 1, 0x10_0000);
  host.store.write = () => {
    throw new Error("worn out");
  };
  host.write(0, 1, 0x10_0000);
  const health = log(host, 2, 512);
  const at = (offset: number): bigint => health.getBigUint64(offset, true);
  assert.equal([at(32), at(48), at(64), at(80), at(160), at(176)], [1n, 1n, 3n, 1n, 1n, 1n]);
  assert.is(health.getUint8(3), 100);
});

test("NVMe 1.4 §5.14.1.3 firmware slot: slot 1 is active; beyond the end of a page zeros arrive", () => {
  const slot = log(NvmeHost.ready(), 3, 1024);
  assert.is(slot.getUint8(0), 1);
  assert.is(slot.getUint8(8), "1".charCodeAt(0));
  assert.is(slot.getUint8(1023), 0);
});

test("NVMe 1.4 §5.14 Get Log Page: offset and length select a part", () => {
  const host = NvmeHost.ready();
  const part = log(host, 3, 8, { cdw12: 8 });
  assert.is(part.getUint8(0), "1".charCodeAt(0));
  assert.is(host.memory[part.byteOffset + 8], 0, "nothing beyond");
});

test("NVMe 1.4 §5.2 an event request waits; the fifth is refused; a reset drops them", () => {
  const host = new NvmeHost();
  host.enable();
  for (let i = 0; i < 4; i++) host.submit(0, { opcode: ADMIN.asyncEvent });
  assert.is(host.take(0), undefined);
  assert.is(host.admin({ opcode: ADMIN.asyncEvent }).status, 0x105);
  host.model.write32(0x14, 0);
  host.enable();
  host.model.write32(DOORBELLS + 8, 1);
  assert.is(host.take(0), undefined);
});

test("NVMe 1.4 §5.2 an event is kept until a request comes", () => {
  const host = NvmeHost.ready();
  host.model.write32(DOORBELLS + 8, 99);
  assert.is(host.admin({ opcode: ADMIN.asyncEvent }).result, 0x1_0100);
});

test("NVMe 1.4 §5.2 a reported type stays silent until its log page is read without Retain", () => {
  const host = NvmeHost.ready();
  const wrong = (): void => host.model.write32(DOORBELLS + 8, 99);
  host.submit(0, { opcode: ADMIN.asyncEvent });
  host.submit(0, { opcode: ADMIN.asyncEvent });
  wrong();
  wrong();
  assert.is(host.takeAll(0).length, 1);
  log(host, 1, 64, { cdw10: 0x8000 | 1 | (15 << 16) });
  wrong();
  assert.is(host.takeAll(0).length, 0, "retained");
  log(host, 1, 64);
  assert.is(host.takeAll(0).length, 0, "what happened meanwhile was read with the page");
  wrong();
  assert.is(host.takeAll(0).length, 1);
});

test("NVMe 1.4 §5.1 Abort of nothing succeeds and says that nothing was aborted", () => {
  const host = NvmeHost.ready();
  for (const cdw10 of [1 | (7 << 16), 0xffff_ffff, 0]) {
    const { status, result } = host.admin({ opcode: ADMIN.abort, cdw10 });
    assert.equal([status, result], [0, 1]);
  }
});

test("NVMe 1.4 §5.1 Abort of a held event request ends both, the request first", () => {
  const host = NvmeHost.ready();
  host.submit(0, { opcode: ADMIN.asyncEvent, cid: 40 });
  host.submit(0, { opcode: ADMIN.abort, cid: 41, cdw10: 40 << 16 });
  assert.equal(
    host.takeAll(0).map(({ cid, status, result }) => [cid, status, result]),
    [
      [40, 0x007, 0],
      [41, 0, 0],
    ],
  );
});

test.run();
