/** The disk model against its README: every status, every refusal of the bus, and silence after stop. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DiskModel } from "../../../devices/disk/model.ts";
import { COMMAND_UNKNOWN, DESCRIPTOR, OPCODE, REG, STATUS } from "../../../devices/disk/registers.ts";
import { MemoryStore } from "../../../host/backends/memory-store.ts";
import { FakeDma, type FakeObject } from "../../support/fake-dma.ts";

const DESC = 0x1000;
const DATA = 0x4000;
const BLOCKS = 8;
const ONES = 0xffff_ffff;

interface Bench {
  disk: DiskModel;
  dma: FakeDma;
  store: MemoryStore;
  data: FakeObject;
  desc: FakeObject;
  transfers: number[];
}

function bench(): Bench {
  const desc: FakeObject = { address: DESC, bytes: 64, rights: "owned" };
  const data: FakeObject = { address: DATA, bytes: 8192, rights: "owned" };
  const dma = new FakeDma(0x10000, [desc, data]);
  const store = new MemoryStore(BLOCKS);
  for (let i = 0; i < store.bytes.length; i++) store.bytes[i] = (i >> 12) + 1;
  const transfers: number[] = [];
  const disk = new DiskModel({ store, onTransfer: (bytes) => transfers.push(bytes) });
  disk.start(dma);
  disk.write32(REG.control, 1);
  return { disk, dma, store, data, desc, transfers };
}

type Command = Partial<Record<keyof typeof DESCRIPTOR, number>>;

function fill(dma: FakeDma, command: Command, at: number = DESC): void {
  const view = new DataView(dma.memory.buffer, at, 64);
  const whole: Command = { opcode: OPCODE.read, command: 9, buffer: DATA, bytes: 4096, ...command };
  for (const [name, offset] of Object.entries(DESCRIPTOR)) view.setUint32(offset, whole[name as keyof Command] ?? 0, true);
}

/** Rings and returns [command id, status] of COMPLETION. */
function ring({ disk, dma }: Bench, command: Command = {}): [number, number] {
  fill(dma, command);
  disk.write32(REG.doorbell, DESC);
  const completion = disk.read32(REG.completion);
  return [completion >>> 16, completion & 0xffff];
}

const test = suite("DiskModel");

test("identify: magic, block size and capacity", () => {
  const { disk } = bench();
  assert.is(disk.read32(REG.magic), 0x4b534453);
  assert.is(disk.read32(REG.blockBytes), 4096);
  assert.is(disk.read32(REG.capacityLow), BLOCKS);
  assert.is(disk.read32(REG.capacityHigh), 0);
});

test("capacity beyond 2^32 blocks fills both words", () => {
  const store = { blockBytes: 4096, blocks: 5 * 2 ** 32 + 3, read() {}, write() {}, flush() {} };
  const disk = new DiskModel({ store });
  disk.start(new FakeDma(0, []));
  assert.equal([disk.read32(REG.capacityLow), disk.read32(REG.capacityHigh)], [3, 5]);
});

test("read moves blocks to memory, reports status in descriptor and COMPLETION, counts the transfer", () => {
  const b = bench();
  assert.equal(ring(b, { lbaLow: 2, bytes: 8192, command: 77 }), [77, STATUS.success]);
  assert.is(b.dma.memory[DATA], 3);
  assert.is(b.dma.memory[DATA + 8191], 4);
  assert.is(b.dma.memory[DESC + DESCRIPTOR.status], STATUS.success);
  assert.equal(b.transfers, [8192]);
});

test("write moves memory to blocks, also from a borrowed or lent object", () => {
  for (const rights of ["owned", "borrowed", "lent"] as const) {
    const b = bench();
    b.data.rights = rights;
    b.dma.memory.fill(0xab, DATA, DATA + 4096);
    assert.equal(ring(b, { opcode: OPCODE.write, lbaLow: 7 }), [9, STATUS.success]);
    assert.is(b.store.bytes[7 * 4096], 0xab);
    assert.is(b.store.bytes[7 * 4096 - 1], 7);
  }
});

test("flush reaches the store and ignores buffer and length", () => {
  const b = bench();
  let flushed = 0;
  b.store.flush = () => {
    flushed++;
  };
  assert.equal(ring(b, { opcode: OPCODE.flush, buffer: 1, bytes: 3 }), [9, STATUS.success]);
  assert.is(flushed, 1);
  assert.equal(b.transfers, []);
});

const refused: [string, Command, number, number][] = [
  ["opcode 0", { opcode: 0 }, 9, STATUS.badOpcode],
  ["an unknown opcode", { opcode: 0xffff_ffff }, 9, STATUS.badOpcode],
  ["command id 0", { command: 0 }, COMMAND_UNKNOWN, STATUS.badCommandId],
  ["command id 0xffff", { command: 0xffff }, COMMAND_UNKNOWN, STATUS.badCommandId],
  ["a command id of 32 bits", { command: 0x1_0001 }, COMMAND_UNKNOWN, STATUS.badCommandId],
  ["the first block past the end", { lbaLow: BLOCKS }, 9, STATUS.badLba],
  ["a range that ends past the end", { lbaLow: BLOCKS - 1, bytes: 8192 }, 9, STATUS.badLba],
  ["a block number whose low word would fit", { lbaHigh: 1 }, 9, STATUS.badLba],
  ["a block number near 2^64", { lbaLow: ONES, lbaHigh: ONES }, 9, STATUS.badLba],
  ["length 0", { bytes: 0 }, 9, STATUS.badLength],
  ["a length that is no whole block", { bytes: 4097 }, 9, STATUS.badLength],
  ["a length above 16 MiB", { bytes: 0xffff_f000 }, 9, STATUS.badLength],
];
for (const [name, command, id, status] of refused) {
  test(`doorbell refuses ${name} and touches no data`, () => {
    const b = bench();
    const before = b.store.bytes.slice();
    assert.equal(ring(b, command), [id, status]);
    assert.equal(b.dma.touched, [`write ${DESC}+64`]);
    assert.equal(b.store.bytes, before);
    assert.is(b.dma.memory[DESC + DESCRIPTOR.status], status);
    assert.is(b.disk.read32(REG.commandErrors), 1);
    assert.equal(b.transfers, []);
  });
}

const noDma: [string, FakeObject["rights"], Command][] = [
  ["a read into a lent object", "lent", {}],
  ["a read into a borrowed object", "borrowed", {}],
  ["a read into a foreign object", "foreign", {}],
  ["a write from a foreign object", "foreign", { opcode: OPCODE.write }],
  ["a read across the end of an object", "owned", { buffer: DATA + 8192 - 64 }],
  ["a write across the end of an object", "owned", { opcode: OPCODE.write, buffer: DATA + 4097 }],
  ["an address where nothing is", "owned", { buffer: 0x8000 }],
];
for (const [name, rights, command] of noDma) {
  test(`${name} ends as a DMA error and an incremented counter, with no access`, () => {
    const b = bench();
    b.data.rights = rights;
    const before = b.store.bytes.slice();
    assert.equal(ring(b, command), [9, STATUS.dmaError]);
    assert.is(b.disk.read32(REG.dmaErrors), 1);
    assert.equal(b.dma.touched, [`write ${DESC}+64`]);
    assert.equal(b.store.bytes, before);
  });
}

test("a descriptor that the bus refuses completes with the unknown id", () => {
  for (const rights of ["lent", "borrowed", "foreign"] as const) {
    const b = bench();
    b.desc.rights = rights;
    assert.equal(ring(b), [COMMAND_UNKNOWN, STATUS.dmaError]);
    assert.equal(b.dma.touched, []);
  }
});

test("a misaligned doorbell completes with the unknown id", () => {
  const b = bench();
  b.disk.write32(REG.doorbell, DESC + 4);
  assert.is(b.disk.read32(REG.completion) >>> 0, ((COMMAND_UNKNOWN << 16) | STATUS.misalignedDoorbell) >>> 0);
  assert.equal(b.dma.touched, []);
});

test("a doorbell while DMA is off completes with the unknown id and touches nothing", () => {
  const b = bench();
  b.disk.write32(REG.control, 0);
  assert.equal(ring(b), [COMMAND_UNKNOWN, STATUS.notEnabled]);
  assert.equal(b.dma.touched, []);
});

test("the descriptor is parsed from a private copy, so data that overwrites it changes nothing", () => {
  const b = bench();
  b.data.rights = "owned";
  fill(b.dma, { buffer: DATA, command: 5 }, DATA);
  b.disk.write32(REG.doorbell, DATA);
  assert.is(b.disk.read32(REG.completion), (5 << 16) | STATUS.success);
  assert.equal(b.transfers, [4096]);
});

test("a store that throws ends as a media error, kept for the host", () => {
  const b = bench();
  const reason = new Error("bad sector");
  b.store.read = b.store.flush = () => {
    throw reason;
  };
  assert.equal(ring(b), [9, STATUS.mediaError]);
  assert.is(b.disk.lastMediaError, reason);
  assert.equal(ring(b, { opcode: OPCODE.flush }), [9, STATUS.mediaError]);
  assert.equal(b.transfers, []);
});

test("accesses to holes, of other widths or against the access kind read as ones, do nothing and are counted", () => {
  const { disk } = bench();
  assert.is(disk.read32(0x1c), ONES);
  assert.is(disk.read32(REG.doorbell), ONES);
  assert.is(disk.read32(0x1000), ONES);
  assert.is(disk.read32(0xffff_fffc), ONES);
  assert.is(disk.read32(-4), ONES);
  assert.is(disk.read32(2), ONES);
  assert.is(disk.read8(0), 0xff);
  assert.is(disk.read16(0), 0xffff);
  assert.is(disk.read64(0), 0xffff_ffff_ffff_ffffn);
  disk.write32(REG.magic, 0);
  disk.write32(0x2000, 1);
  disk.write32(REG.control + 1, 0);
  disk.write8(REG.control, 0);
  disk.write16(REG.control, 0);
  disk.write64(REG.control, 0n);
  assert.is(disk.read32(REG.accessErrors), 15);
  assert.is(disk.read32(REG.magic), 0x4b534453);
  assert.is(disk.read32(REG.state), 1);
});

test("nextCommandHangs leaves the device busy until a reset", () => {
  const b = bench();
  b.disk.nextCommandHangs = true;
  assert.equal(ring(b), [0, 0]);
  assert.is(b.disk.read32(REG.state), 3);
  assert.equal(ring(b), [0, 0]);
  assert.is(b.disk.read32(REG.commandErrors), 1);
  assert.equal(b.transfers, []);
  b.disk.write32(REG.control, 3);
  assert.is(b.disk.read32(REG.state), 1);
  assert.equal(ring(b), [9, STATUS.success]);
});

test("RESET clears counters and completion and turns DMA off unless ENABLE comes with it", () => {
  const b = bench();
  ring(b, { opcode: 0 });
  b.disk.write32(REG.control, 2);
  assert.equal([b.disk.read32(REG.completion), b.disk.read32(REG.commandErrors), b.disk.read32(REG.state)], [0, 0, 0]);
  assert.is(b.disk.read32(REG.control), 0);
  assert.is(b.disk.read32(REG.capacityLow), BLOCKS);
});

test("stop: no memory and no block is touched any more, registers read as ones", () => {
  const b = bench();
  fill(b.dma, { opcode: OPCODE.write });
  b.dma.memory.fill(0xcd, DATA, DATA + 4096);
  const [store, memory] = [b.store.bytes.slice(), b.dma.memory.slice()];
  b.disk.stop();
  b.disk.write32(REG.control, 1);
  b.disk.write32(REG.doorbell, DESC);
  fill(b.dma, { opcode: OPCODE.write });
  b.disk.write32(REG.doorbell, DESC);
  b.disk.write64(REG.doorbell, BigInt(DESC));
  assert.equal(b.dma.touched, []);
  assert.equal(b.store.bytes, store);
  assert.equal(b.dma.memory, memory);
  assert.is(b.disk.read32(REG.magic), ONES);
  assert.is(b.disk.read32(REG.completion), ONES);
  b.disk.stop();
});

test("start after stop: a new grant finds the device as after power-on, DMA off, even after a hung command", () => {
  const b = bench();
  b.disk.nextCommandHangs = true;
  ring(b);
  b.disk.stop();
  b.disk.start(b.dma);
  assert.equal([b.disk.read32(REG.state), b.disk.read32(REG.control), b.disk.read32(REG.completion)], [0, 0, 0]);
  assert.equal(ring(b), [COMMAND_UNKNOWN, STATUS.notEnabled]);
  b.disk.write32(REG.control, 1);
  assert.equal(ring(b), [9, STATUS.success]);
  assert.throws(() => b.disk.start(b.dma), /already granted/);
});

test("before the first grant the window is as after stop", () => {
  const disk = new DiskModel({ store: new MemoryStore(1) });
  disk.write32(REG.doorbell, DESC);
  assert.is(disk.read32(REG.magic), ONES);
});

test("stop from inside the transfer callback is silent from there on", () => {
  const b = bench();
  b.transfers.push = () => {
    b.disk.stop();
    return 0;
  };
  ring(b);
  assert.is(b.disk.read32(REG.completion), ONES);
});

test.run();
