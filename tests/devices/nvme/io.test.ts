/** Read, Write, Flush and PRPs against NVMe 1.4 §4.3, §6.8, §6.9, §6.15. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ADMIN, IO } from "../../../devices/nvme/codes.ts";
import { ENABLE, type Entry, NvmeHost, PAGE, transfer } from "../../support/nvme-host.ts";

const test = suite("NVMe I/O");
const DATA = 0x10_0000;

/** Bytes that differ everywhere, also from page to page. */
function pattern(host: NvmeHost, at: number, bytes: number): Uint8Array {
  for (let i = 0; i < bytes; i++) host.memory[at + i] = (i * 7 + (i >> 8) * 13 + 5) & 0xff;
  return host.memory.slice(at, at + bytes);
}

test("NVMe 1.4 §6.15, §6.9: one block is written and read back, and the host hears of both transfers", () => {
  const host = NvmeHost.ready();
  const written = pattern(host, DATA, PAGE);
  assert.is(host.write(7, 1, DATA).status, 0);
  same(host.store.bytes.slice(7 * PAGE, 8 * PAGE), written, "on the medium");
  assert.equal([host.store.bytes[7 * PAGE - 1], host.store.bytes[8 * PAGE]], [7, 9], "neighbours");
  assert.is(host.read(7, 1, DATA + 2 * PAGE).status, 0);
  same(host.memory.slice(DATA + 2 * PAGE, DATA + 3 * PAGE), written, "back in memory");
  assert.equal(host.transfers, [PAGE, PAGE]);
});

/** The same bytes; quicker than a deep comparison. */
function same(actual: Uint8Array, expected: Uint8Array, what: string): void {
  assert.is(Buffer.compare(actual, expected), 0, what);
}

/** Where the pages of a transfer lie, from a start address. */
const shapes: [string, number, 512 | 4096, (host: NvmeHost) => { prp1: number; prp2: number; pieces: [number, number][] }][] = [
  ["PRP1 at a page", 1, 4096, () => ({ prp1: DATA, prp2: 0, pieces: [[DATA, PAGE]] })],
  [
    "PRP1 with an offset, PRP2 the rest",
    1,
    4096,
    () => ({
      prp1: DATA + 64,
      prp2: DATA + 4 * PAGE,
      pieces: [
        [DATA + 64, PAGE - 64],
        [DATA + 4 * PAGE, 64],
      ],
    }),
  ],
  [
    "PRP1 and PRP2, two whole pages in reverse order",
    2,
    4096,
    () => ({
      prp1: DATA + PAGE,
      prp2: DATA,
      pieces: [
        [DATA + PAGE, PAGE],
        [DATA, PAGE],
      ],
    }),
  ],
  ["neighbouring pages", 1, 4096, () => ({ prp1: DATA + 512, prp2: DATA + PAGE, pieces: [[DATA + 512, PAGE]] })],
  [
    "a list of two pages",
    3,
    4096,
    (host) => {
      host.list(0x8_0000, [DATA + 6 * PAGE, DATA + 2 * PAGE]);
      return {
        prp1: DATA,
        prp2: 0x8_0000,
        pieces: [
          [DATA, PAGE],
          [DATA + 6 * PAGE, PAGE],
          [DATA + 2 * PAGE, PAGE],
        ],
      };
    },
  ],
  [
    "a list behind a PRP1 with an offset",
    2,
    4096,
    (host) => {
      host.list(0x8_0000, [DATA + 6 * PAGE, DATA + 2 * PAGE]);
      const pieces: [number, number][] = [
        [DATA + 1024, PAGE - 1024],
        [DATA + 6 * PAGE, PAGE],
        [DATA + 2 * PAGE, 1024],
      ];
      return { prp1: DATA + 1024, prp2: 0x8_0000, pieces };
    },
  ],
  [
    "a list that begins in the middle of a page and chains to the next",
    5,
    4096,
    (host) => {
      host.list(0x8_0fe8, [DATA + 9 * PAGE, DATA + 7 * PAGE, 0x9_0000]);
      host.list(0x9_0000, [DATA + 5 * PAGE, DATA + 3 * PAGE]);
      return {
        prp1: DATA,
        prp2: 0x8_0fe8,
        pieces: [DATA, DATA + 9 * PAGE, DATA + 7 * PAGE, DATA + 5 * PAGE, DATA + 3 * PAGE].map((at) => [at, PAGE]),
      };
    },
  ],
  [
    "a list whose only slot in its page leads on",
    3,
    4096,
    (host) => {
      host.list(0x8_0ff8, [0x9_0000]);
      host.list(0x9_0000, [DATA + 5 * PAGE, DATA + 3 * PAGE]);
      return { prp1: DATA, prp2: 0x8_0ff8, pieces: [DATA, DATA + 5 * PAGE, DATA + 3 * PAGE].map((at) => [at, PAGE]) };
    },
  ],
  [
    "a list that ends exactly with its page",
    3,
    4096,
    (host) => {
      host.list(0x8_0ff0, [DATA + 5 * PAGE, DATA + 3 * PAGE]);
      return { prp1: DATA, prp2: 0x8_0ff0, pieces: [DATA, DATA + 5 * PAGE, DATA + 3 * PAGE].map((at) => [at, PAGE]) };
    },
  ],
  ["one block of 512 bytes", 1, 512, () => ({ prp1: DATA + 20, prp2: 0, pieces: [[DATA + 20, 512]] })],
  [
    "blocks of 512 bytes over a page border",
    3,
    512,
    () => ({
      prp1: DATA + 0xf00,
      prp2: DATA + 3 * PAGE,
      pieces: [
        [DATA + 0xf00, 256],
        [DATA + 3 * PAGE, 1280],
      ],
    }),
  ],
  [
    "blocks of 512 bytes over two store blocks",
    12,
    512,
    () => ({
      prp1: DATA + 4,
      prp2: DATA + 8 * PAGE,
      pieces: [
        [DATA + 4, PAGE - 4],
        [DATA + 8 * PAGE, 2052],
      ],
    }),
  ],
];
for (const [name, blocks, lbaBytes, lay] of shapes) {
  test(`NVMe 1.4 §4.3 ${name}: ${blocks} × ${lbaBytes} bytes go where the pointers say, and nowhere else`, () => {
    const host = NvmeHost.ready({ lbaBytes });
    const { prp1, prp2, pieces } = lay(host);
    const lba = lbaBytes === 512 ? 19 : 5;
    const media = (): Uint8Array => host.store.bytes.slice(lba * lbaBytes, (lba + blocks) * lbaBytes);
    const memory = (): Uint8Array => {
      const all = pieces.map(([at, bytes]) => [...host.memory.slice(at, at + bytes)]);
      return Uint8Array.from(all.flat());
    };
    pattern(host, DATA, 12 * PAGE);
    const sent = memory();
    const storeBefore = host.store.bytes.slice();
    assert.is(host.write(lba, blocks, prp1, prp2).status, 0);
    same(media(), sent, "on the medium");
    storeBefore.set(sent, lba * lbaBytes);
    same(host.store.bytes, storeBefore, "no other block");
    host.memory.fill(0xcc, DATA, DATA + 12 * PAGE);
    const expected = host.memory.slice(DATA, DATA + 12 * PAGE);
    let at = 0;
    for (const [start, bytes] of pieces) {
      expected.set(sent.subarray(at, at + bytes), start - DATA);
      at += bytes;
    }
    assert.is(host.read(lba, blocks, prp1, prp2).status, 0);
    same(host.memory.slice(DATA, DATA + 12 * PAGE), expected, "back in memory, and nowhere else");
  });
}

test("NVMe 1.4 §4.3, §5.15 MDTS: the largest transfer passes, one block more is refused", () => {
  const host = NvmeHost.ready({ mdts: 4 });
  host.list(
    0x8_0000,
    Array.from({ length: 15 }, (_, i) => DATA + (2 * i + 2) * PAGE),
  );
  assert.is(host.read(0, 16, DATA, 0x8_0000).status, 0);
  assert.is(host.memory[DATA + 30 * PAGE], 16);
  assert.is(host.read(0, 17, DATA, 0x8_0000).status, 0x002);
});

test("NVMe 1.4 §4.3 with pages of 8 KiB the pointers cover 8 KiB each", () => {
  const host = new NvmeHost();
  host.enable(8, 0);
  host.model.write32(0x28, 0x2_0000);
  host.model.write32(0x30, 0x3_0000);
  host.sq.set(0, { base: 0x2_0000, entries: 8, at: 0, phase: 1 });
  host.cq.set(0, { base: 0x3_0000, entries: 8, at: 0, phase: 1 });
  host.model.write32(0x14, ENABLE | (1 << 7));
  host.admin({ opcode: ADMIN.createCq, prp1: 0x4_0000, cdw10: 1 | (7 << 16), cdw11: 1 });
  assert.is(host.admin({ opcode: ADMIN.createSq, prp1: 0x5_1000, cdw10: 1 | (7 << 16), cdw11: 0x1_0001 }).status, 0x013);
  host.admin({ opcode: ADMIN.createSq, prp1: 0x5_0000, cdw10: 1 | (7 << 16), cdw11: 0x1_0001 });
  host.sq.set(1, { base: 0x5_0000, entries: 8, at: 0, phase: 1 });
  host.cq.set(1, { base: 0x4_0000, entries: 8, at: 0, phase: 1 });
  assert.is(host.read(0, 4, DATA, DATA + 4 * PAGE).status, 0);
  assert.equal(
    [0, 1, 4, 5].map((page) => host.memory[DATA + page * PAGE]),
    [1, 2, 3, 4],
  );
  assert.is(host.read(0, 4, DATA, DATA + 3 * PAGE).status, 0x013);
});

const refused: [string, Entry, number][] = [
  ["§4.3 PRP1 that is no dword", transfer(IO.read, 0, 1, DATA + 1), 0x013],
  ["§4.3 PRP1 that is no dword, of a write", transfer(IO.write, 0, 1, DATA + 2), 0x013],
  ["§4.3 PRP2 with an offset", transfer(IO.read, 0, 2, DATA, DATA + PAGE + 4), 0x013],
  ["§4.3 PRP2 with an offset after a PRP1 with one", transfer(IO.read, 0, 1, DATA + 64, DATA + PAGE + 64), 0x013],
  ["§4.3 a list that is no qword", transfer(IO.read, 0, 3, DATA, 0x8_0004), 0x013],
  ["§4.3 a list entry with an offset", transfer(IO.read, 0, 3, DATA, 0x8_0000), 0x013],
  ["§4.3 a chained list with an offset", transfer(IO.read, 0, 3, DATA, 0x8_1ff8), 0x013],
  ["§4.6.1 a list that is not there", transfer(IO.read, 0, 3, DATA, 0x7f00_0000), 0x004],
  ["§4.6.1 a list entry that leads nowhere", transfer(IO.read, 0, 3, DATA, 0x8_2000), 0x004],
  ["§4.6.1 data that is not there", transfer(IO.read, 0, 1, 0x7f00_0000), 0x004],
  ["§4.6.1 data at the very end of all addresses", transfer(IO.write, 0, 1, 2 ** 64 - 4096), 0x004],
  ["§6.9 a first block beyond the namespace", transfer(IO.read, 64, 1, DATA), 0x080],
  ["§6.9 a range that ends beyond the namespace", transfer(IO.read, 63, 2, DATA, DATA + PAGE), 0x080],
  ["§6.15 a block number whose low word would fit", transfer(IO.write, 2 ** 32, 1, DATA), 0x080],
  ["§6.15 a block number of all ones", transfer(IO.write, 0, 1, DATA, 0, { cdw10: 0xffff_ffff, cdw11: 0xffff_ffff }), 0x080],
  ["§6.9 more blocks than MDTS", transfer(IO.read, 0, 0x1_0000, DATA), 0x002],
  ["§6.1 Read of namespace 0", transfer(IO.read, 0, 1, DATA, 0, { nsid: 0 }), 0x00b],
  ["§6.1 Write to namespace 2", transfer(IO.write, 0, 1, DATA, 0, { nsid: 2 }), 0x00b],
  ["§6.1 Read of all namespaces", transfer(IO.read, 0, 1, DATA, 0, { nsid: 0xffff_ffff }), 0x00b],
  ["§6.8 Flush of namespace 0", { opcode: IO.flush, nsid: 0 }, 0x00b],
  ["§4.2 a reserved kind of data pointer", transfer(IO.read, 0, 1, DATA, 0, { flags: 0xc0 }), 0x002],
  ["§4.2 a reserved flag", transfer(IO.write, 0, 1, DATA, 0, { flags: 0x10 }), 0x002],
  ["§6 reservations, which are not offered", { opcode: 0x0d, nsid: 1 }, 0x001],
  ["§6 an opcode without a meaning", { opcode: 0xff, nsid: 1 }, 0x001],
];
for (const [name, entry, status] of refused) {
  test(`NVMe 1.4 ${name} ends with status ${status.toString(16)}h and moves nothing`, () => {
    const host = NvmeHost.ready();
    host.list(0x8_0000, [DATA + PAGE, DATA + 2 * PAGE + 8]);
    host.list(0x8_1ff8, [0x9_0008]);
    host.list(0x8_2000, [DATA + PAGE, 0x7f00_0000]);
    host.memory.fill(0xcc, DATA, DATA + 4 * PAGE);
    const [memory, store] = [host.memory.slice(DATA, DATA + 4 * PAGE), host.store.bytes.slice()];
    const completion = host.run(1, entry);
    assert.equal([completion.status, completion.doNotRetry], [status, true]);
    same(host.memory.slice(DATA, DATA + 4 * PAGE), memory, "memory");
    same(host.store.bytes, store, "medium");
    assert.equal(host.transfers, []);
    assert.is(host.read(0, 1, DATA).status, 0, "the queue goes on");
  });
}

for (const opcode of [IO.read, IO.write]) {
  test(`NVMe 1.4 §4.6.1 ${opcode === IO.read ? "Read" : "Write"}: the bus refuses the second page, so not even the first one moves`, () => {
    const host = NvmeHost.ready();
    host.memory.fill(0xcc, DATA, DATA + 8 * PAGE);
    const store = host.store.bytes.slice();
    host.dma.refuses = (_, at, bytes) => at <= DATA + 4 * PAGE && at + bytes > DATA + 4 * PAGE;
    const completion = host.run(1, transfer(opcode, 0, 2, DATA, DATA + 4 * PAGE));
    assert.equal([completion.status, completion.doNotRetry], [0x004, true]);
    assert.is(host.memory[DATA], 0xcc);
    same(host.store.bytes, store, "medium");
    assert.not.ok(host.fatal);
  });
}

test("NVMe 1.4 §4.3 neighbouring pages in two objects: refused as one run, moved as two", () => {
  const host = NvmeHost.ready();
  const border = DATA + PAGE;
  host.dma.refuses = (_, at, bytes) => at < border && at + bytes > border;
  host.dma.log.length = 0;
  assert.is(host.read(4, 1, DATA + 128, border).status, 0);
  assert.ok(host.dma.log.includes(`write ${DATA + 128}+${PAGE - 128}`) && host.dma.log.includes(`write ${border}+128`));
  assert.equal([host.memory[DATA + 128], host.memory[border + 127]], [5, 5]);
});

test("NVMe 1.4 §6.8 Flush of namespace 1 and of all namespaces reaches the store", () => {
  const host = NvmeHost.ready();
  let flushes = 0;
  host.store.flush = () => {
    flushes++;
  };
  for (const nsid of [1, 0xffff_ffff]) assert.is(host.run(1, { opcode: IO.flush, nsid, prp1: 3 }).status, 0);
  assert.is(flushes, 2);
  assert.equal(host.transfers, []);
});

test("NVMe 1.4 §6.15 FUA, §5.21.1.6 a disabled write cache: a write is followed by a flush", () => {
  const host = NvmeHost.ready();
  const order: string[] = [];
  host.store.write = () => order.push("write");
  host.store.flush = () => {
    order.push("flush");
  };
  host.write(0, 1, DATA);
  host.write(0, 1, DATA, 0, { cdw12: 0x4000_0000 });
  host.admin({ opcode: ADMIN.setFeatures, cdw10: 6, cdw11: 0 });
  host.write(0, 1, DATA);
  assert.equal(order, ["write", "write", "flush", "write", "flush"]);
});

test("NVMe 1.4 §9.2 a store that fails: media errors that may be retried, kept for the host, and the next command works", () => {
  const host = NvmeHost.ready();
  const { read, write, flush } = host.store;
  const fail = (): never => {
    throw new Error("head crash");
  };
  Object.assign(host.store, { read: fail, write: fail, flush: fail });
  const outcomes = [host.read(0, 1, DATA), host.write(0, 1, DATA), host.run(1, { opcode: IO.flush, nsid: 1 })];
  assert.equal(
    outcomes.map(({ status, doNotRetry }) => [status, doNotRetry]),
    [
      [0x281, false],
      [0x280, false],
      [0x280, false],
    ],
  );
  assert.match(String(host.model.lastMediaError), /head crash/);
  assert.equal(host.transfers, []);
  Object.assign(host.store, { read, write, flush });
  assert.is(host.read(0, 1, DATA).status, 0);
});

test("NVMe 1.4 §6.15 part of a store block: one read before the write, none if the whole block is written", () => {
  const host = NvmeHost.ready({ lbaBytes: 512 });
  let reads = 0;
  const read = host.store.read.bind(host.store);
  host.store.read = (lba, into) => {
    reads++;
    read(lba, into);
  };
  host.write(8, 1, DATA);
  assert.is(reads, 1);
  host.write(16, 8, DATA + 4, DATA + PAGE);
  assert.is(reads, 1);
});

test("NVMe 1.4 §6.1 a namespace's blocks must divide its store's, or they them", () => {
  const store = { blockBytes: 512, blocks: 8, read() {}, write() {}, flush() {} };
  assert.throws(() => new NvmeHost({ store: { ...store, blockBytes: 3072 } }), /cannot hold logical blocks of 4096/);
  assert.is(NvmeHost.ready({ store }).read(0, 1, DATA).status, 0);
  assert.is(NvmeHost.ready({ store, lbaBytes: 512 }).read(7, 1, DATA).status, 0);
});

test.run();
