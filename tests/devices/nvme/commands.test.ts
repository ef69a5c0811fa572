/** The other NVM commands against NVMe 1.4 §6: Compare, Write Zeroes, Write Uncorrectable, Verify, Dataset Management, fused pairs. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ADMIN, IO } from "../../../devices/nvme/codes.ts";
import { type Entry, NvmeHost, PAGE, transfer } from "../../support/nvme-host.ts";

const test = suite("NVMe commands");
const DATA = 0x10_0000;
const DEAC = 0x0200_0000;
const FUSE_FIRST = 1;
const FUSE_SECOND = 2;
const BEYOND = { cdw10: 63, cdw12: 1 };

const range = (opcode: number, lba: number, blocks: number, more: Partial<Entry> = {}): Entry => ({
  opcode,
  nsid: 1,
  cdw10: lba,
  cdw12: blocks - 1,
  ...more,
});

/** The first byte of each of the first blocks of the medium. */
const medium = (host: NvmeHost, blocks: number, bytes = PAGE): number[] =>
  Array.from({ length: blocks }, (_, lba) => host.store.bytes[lba * bytes] ?? 0);

test("NVMe 1.4 §6.6 Compare: equal blocks succeed, and count as read", () => {
  const host = NvmeHost.ready();
  host.memory.fill(5, DATA, DATA + PAGE);
  assert.is(host.run(1, transfer(IO.compare, 4, 1, DATA)).status, 0);
  assert.equal(host.transfers, [], "no data went to the host");
});

for (const at of [0, 1, PAGE - 1, 2 * PAGE - 1])
  test(`NVMe 1.4 §6.6 Compare: a difference in byte ${at} of two blocks is a compare failure, and nothing changes`, () => {
    const host = NvmeHost.ready();
    host.memory.fill(5, DATA, DATA + PAGE);
    host.memory.fill(6, DATA + PAGE, DATA + 2 * PAGE);
    host.memory[DATA + at] = 0xff;
    const before = host.store.bytes.slice();
    const { status, doNotRetry } = host.run(1, transfer(IO.compare, 4, 2, DATA, DATA + PAGE));
    assert.equal([status, doNotRetry], [0x285, true]);
    assert.is(Buffer.compare(host.store.bytes, before), 0);
  });

test("NVMe 1.4 §6.6 Compare over a list with an offset compares every piece", () => {
  const host = NvmeHost.ready();
  host.list(0x8_0000, [DATA + 4 * PAGE, DATA + 2 * PAGE]);
  const pieces: [number, number, number][] = [
    [DATA + 1024, PAGE - 1024, 10],
    [DATA + 4 * PAGE, 1024, 10],
    [DATA + 4 * PAGE + 1024, PAGE - 1024, 11],
    [DATA + 2 * PAGE, 1024, 11],
  ];
  for (const [at, bytes, value] of pieces) host.memory.fill(value, at, at + bytes);
  assert.is(host.run(1, transfer(IO.compare, 9, 2, DATA + 1024, 0x8_0000)).status, 0);
  host.memory[DATA + 2 * PAGE + 1023] = 0;
  assert.is(host.run(1, transfer(IO.compare, 9, 2, DATA + 1024, 0x8_0000)).status, 0x285);
});

test("NVMe 1.4 §6.17 Write Zeroes: blocks become zero, neighbours stay", () => {
  const host = NvmeHost.ready();
  assert.is(host.run(1, range(IO.writeZeroes, 2, 3)).status, 0);
  assert.equal(medium(host, 7), [1, 2, 0, 0, 0, 6, 7]);
  assert.ok(host.store.bytes.subarray(2 * PAGE, 5 * PAGE).every((byte) => byte === 0));
});

test("NVMe 1.4 §6.17 Write Zeroes with DEAC gives the space back where the store can, else writes zeros", () => {
  for (const punches of [true, false]) {
    const host = NvmeHost.ready();
    const asked: number[][] = [];
    host.store.punch = (lba, blocks) => {
      asked.push([lba, blocks]);
      if (punches) host.store.zero(lba, blocks);
      return punches;
    };
    assert.is(host.run(1, range(IO.writeZeroes, 1, 2, { cdw12: 1 | DEAC })).status, 0);
    assert.equal(asked, [[1, 2]]);
    assert.equal(medium(host, 4), [1, 0, 0, 4]);
  }
});

test("NVMe 1.4 §6.17 Write Zeroes of 512-byte blocks inside store blocks of 4096 keeps what is around them", () => {
  const host = NvmeHost.ready({ lbaBytes: 512 });
  assert.is(host.run(1, range(IO.writeZeroes, 6, 20)).status, 0);
  for (const [lba, value] of [
    [5, 1],
    [6, 0],
    [15, 0],
    [25, 0],
    [26, 4],
  ] as const)
    assert.is(host.store.bytes[lba * 512], value, `block ${lba}`);
});

test("NVMe 1.4 §6.17 Write Zeroes moves no data, so MDTS does not limit it, and a store without a way writes", () => {
  const host = NvmeHost.ready({ mdts: 1, store: plain(64) });
  assert.is(host.run(1, range(IO.writeZeroes, 0, 64, { cdw12: 63 | 0x4000_0000 })).status, 0);
  assert.is(host.read(63, 1, DATA).status, 0);
  assert.is(host.memory[DATA], 0);
});

/** A store that can do no more than it must. */
function plain(blocks: number): {
  blockBytes: number;
  blocks: number;
  read(lba: number, into: Uint8Array): void;
  write(lba: number, from: Uint8Array): void;
  flush(): void;
} {
  const bytes = new Uint8Array(blocks * PAGE).fill(9);
  return {
    blockBytes: PAGE,
    blocks,
    read: (lba, into) => into.set(bytes.subarray(lba * PAGE, lba * PAGE + into.length)),
    write: (lba, from) => bytes.set(from, lba * PAGE),
    flush: () => {},
  };
}

for (const opcode of [IO.read, IO.compare, IO.verify])
  test(`NVMe 1.4 §6.16 Write Uncorrectable: opcode ${opcode} of such a block is an unrecovered read error, of its neighbours not`, () => {
    const host = NvmeHost.ready();
    assert.is(host.run(1, range(IO.writeUncorrectable, 4, 2)).status, 0);
    host.memory.fill(4, DATA, DATA + PAGE);
    const run = (lba: number, blocks: number): number[] => {
      const { status, doNotRetry } = host.run(1, transfer(opcode, lba, blocks, DATA, DATA + PAGE));
      return [status, Number(doNotRetry)];
    };
    assert.equal(run(3, 1), [0, 0]);
    assert.equal(run(3, 2), [0x281, 0]);
    assert.equal(run(5, 1), [0x281, 0]);
    assert.match(String(host.model.lastMediaError), /made unreadable/);
  });

test("NVMe 1.4 §6.16 Write Uncorrectable: a Write, and Write Zeroes, make blocks readable again, those that they cover", () => {
  const host = NvmeHost.ready();
  host.run(1, range(IO.writeUncorrectable, 2, 4));
  host.write(2, 1, DATA);
  host.run(1, range(IO.writeZeroes, 4, 1));
  assert.equal(
    [2, 3, 4, 5].map((lba) => host.read(lba, 1, DATA).status),
    [0, 0x281, 0, 0x281],
  );
});

test("NVMe 1.4 §6.16 Write Uncorrectable survives a controller reset", () => {
  const host = NvmeHost.ready();
  host.run(1, range(IO.writeUncorrectable, 2, 1));
  host.model.write32(0x14, 0);
  host.enable();
  host.createPair(1, 8);
  assert.is(host.read(2, 1, DATA).status, 0x281);
});

test("NVMe 1.4 §6.18 Verify: reads the medium, moves nothing, and is not limited by MDTS", () => {
  const host = NvmeHost.ready({ mdts: 1 });
  let read = 0;
  const inner = host.store.read.bind(host.store);
  host.store.read = (lba, into) => {
    read += into.length;
    inner(lba, into);
  };
  host.dma.log.length = 0;
  assert.is(host.run(1, range(IO.verify, 0, 64)).status, 0);
  assert.is(read, 64 * PAGE);
  assert.not.ok(host.dma.log.some((line) => line.endsWith(`+${PAGE}`)));
  host.store.read = () => {
    throw new Error("scratch");
  };
  assert.is(host.run(1, range(IO.verify, 0, 64)).status, 0x281);
});

/** Ranges of Dataset Management at an address. */
function ranges(host: NvmeHost, at: number, list: readonly (readonly [lba: number, blocks: number])[]): void {
  for (const [i, [lba, blocks]] of list.entries()) {
    host.dma.fields.setUint32(at + 16 * i, 0, true);
    host.dma.fields.setUint32(at + 16 * i + 4, blocks, true);
    host.dma.fields.setBigUint64(at + 16 * i + 8, BigInt(lba), true);
  }
}

test("NVMe 1.4 §6.7 Dataset Management, deallocate: the ranges read as zeros, neighbours stay", () => {
  const host = NvmeHost.ready();
  ranges(host, DATA, [
    [1, 1],
    [5, 2],
  ]);
  assert.is(host.run(1, { opcode: IO.dataset, nsid: 1, prp1: DATA, cdw10: 1, cdw11: 4 }).status, 0);
  assert.equal(medium(host, 8), [1, 0, 3, 4, 5, 0, 0, 8]);
});

test("NVMe 1.4 §6.7 Dataset Management without deallocate is advice: success, and nothing changes", () => {
  const host = NvmeHost.ready();
  ranges(host, DATA, [[1, 1]]);
  assert.is(host.run(1, { opcode: IO.dataset, nsid: 1, prp1: DATA, cdw10: 0, cdw11: 3 }).status, 0);
  assert.equal(medium(host, 3), [1, 2, 3]);
});

test("NVMe 1.4 §6.7 Dataset Management: neighbouring ranges reach the store as one, and only whole store blocks do", () => {
  const host = NvmeHost.ready({ lbaBytes: 512 });
  const asked: number[][] = [];
  host.store.punch = (lba, blocks) => {
    asked.push([lba, blocks]);
    return true;
  };
  ranges(host, DATA, [
    [4, 10],
    [14, 12],
    [40, 3],
    [90, 0],
  ]);
  assert.is(host.run(1, { opcode: IO.dataset, nsid: 1, prp1: DATA, cdw10: 3, cdw11: 4 }).status, 0);
  assert.equal(asked, [[1, 2]]);
});

test("NVMe 1.4 §6.7 Dataset Management: one range outside the namespace, and none is acted on", () => {
  const host = NvmeHost.ready();
  for (const bad of [
    [63, 2],
    [2 ** 40, 1],
    [64, 1],
  ] as const) {
    ranges(host, DATA, [[1, 1], bad]);
    assert.is(host.run(1, { opcode: IO.dataset, nsid: 1, prp1: DATA, cdw10: 1, cdw11: 4 }).status, 0x080);
  }
  assert.equal(medium(host, 3), [1, 2, 3]);
});

test("NVMe 1.4 §6.7 Dataset Management: 256 ranges, over a page border", () => {
  const host = NvmeHost.ready();
  ranges(
    host,
    DATA + 2048,
    Array.from({ length: 256 }, (_, i) => [i % 64, i < 4 ? 1 : 0] as const),
  );
  assert.is(host.run(1, { opcode: IO.dataset, nsid: 1, prp1: DATA + 2048, prp2: DATA + PAGE, cdw10: 255, cdw11: 4 }).status, 0);
  assert.equal(medium(host, 6), [0, 0, 0, 0, 5, 6]);
});

test("NVMe 1.4 §6.7 Dataset Management: of one list 32 parts are given back, the rest is advice", () => {
  const host = NvmeHost.ready();
  ranges(
    host,
    DATA,
    Array.from({ length: 64 }, (_, i) => [(i * 2) % 64, 1] as const),
  );
  assert.is(host.run(1, { opcode: IO.dataset, nsid: 1, prp1: DATA, cdw10: 63, cdw11: 4 }).status, 0);
  assert.is(medium(host, 64).filter((byte) => byte === 0).length, 32);
});

test("NVMe 1.4 §6.16 Write Uncorrectable: what the host would have to remember is limited, and then it is a write fault", () => {
  const sparse = { ...plain(1), blocks: 2 ** 40, read: () => {}, write: () => {} };
  const host = NvmeHost.ready({ store: sparse });
  let marked = 0;
  for (let status = 0; status === 0; marked++)
    status = host.run(1, { opcode: IO.writeUncorrectable, nsid: 1, cdw10: marked * 2 ** 17, cdw11: Math.floor(marked / 2 ** 15) }).status;
  assert.ok(marked > 8000 && marked < 8200, `${marked} regions`);
  assert.is(host.run(1, { opcode: IO.writeUncorrectable, nsid: 1, cdw10: 5 }).status, 0x280);
  assert.is(host.read(0, 1, DATA).status, 0x281);
  assert.is(host.read(1, 1, DATA).status, 0);
});

const refused: [string, Entry, number][] = [
  ["§6.6 Compare beyond the namespace", transfer(IO.compare, 0, 1, DATA, 0, BEYOND), 0x080],
  ["§6.6 Compare of more than MDTS", transfer(IO.compare, 0, 0x1_0000, DATA), 0x002],
  ["§6.6 Compare of namespace 2", transfer(IO.compare, 0, 1, DATA, 0, { nsid: 2 }), 0x00b],
  ["§6.6 Compare with memory that is not there", transfer(IO.compare, 0, 1, 0x7f00_0000), 0x004],
  ["§6.6 Compare with a PRP1 that is no dword", transfer(IO.compare, 0, 1, DATA + 2), 0x013],
  ["§6.17 Write Zeroes beyond the namespace", range(IO.writeZeroes, 63, 2), 0x080],
  ["§6.17 Write Zeroes to all namespaces", range(IO.writeZeroes, 0, 1, { nsid: 0xffff_ffff }), 0x00b],
  ["§6.17 fused Write Zeroes", range(IO.writeZeroes, 0, 1, { flags: 1 }), 0x00a],
  ["§6.16 Write Uncorrectable beyond the namespace", range(IO.writeUncorrectable, 0xffff_ffff, 1), 0x080],
  ["§6.16 Write Uncorrectable to namespace 0", range(IO.writeUncorrectable, 0, 1, { nsid: 0 }), 0x00b],
  ["§6.18 Verify beyond the namespace", range(IO.verify, 1, 64), 0x080],
  ["§6.18 Verify of namespace 9", range(IO.verify, 0, 1, { nsid: 9 }), 0x00b],
  ["§6.18 Verify with a reserved flag", range(IO.verify, 0, 1, { flags: 4 }), 0x002],
  ["§6.7 Dataset Management of namespace 3", { opcode: IO.dataset, nsid: 3, prp1: DATA, cdw11: 4 }, 0x00b],
  ["§6.7 Dataset Management with a list that is not there", { opcode: IO.dataset, nsid: 1, prp1: 0x7f00_0000, cdw11: 4 }, 0x004],
  ["§6.7 Dataset Management with a list that is no dword", { opcode: IO.dataset, nsid: 1, prp1: DATA + 3, cdw11: 4 }, 0x013],
  ["§6.8 Flush with a reserved flag", { opcode: IO.flush, nsid: 1, flags: 8 }, 0x002],
];
for (const [name, entry, status] of refused) {
  test(`NVMe 1.4 ${name} ends with status ${status.toString(16)}h, changes nothing, and is in the error log`, () => {
    const host = NvmeHost.ready();
    const before = host.store.bytes.slice();
    const { status: ended, cid } = host.run(1, entry);
    assert.is(ended, status);
    assert.is(Buffer.compare(host.store.bytes, before), 0);
    assert.is(host.admin({ opcode: ADMIN.getLogPage, nsid: 0xffff_ffff, prp1: DATA, cdw10: 1 | (15 << 16) }).status, 0);
    const { fields } = host.dma;
    assert.equal([fields.getUint16(DATA + 8, true), fields.getUint16(DATA + 10, true)], [1, cid]);
    assert.is((fields.getUint16(DATA + 12, true) >>> 1) & 0x7ff, status);
    assert.is(host.read(0, 1, DATA).status, 0, "the queue goes on");
  });
}

/** Compare of `expected` and Write of `wanted` on block 3, fused; statuses in order. */
function compareAndWrite(host: NvmeHost, expected: number, wanted: number, more: Partial<Entry> = {}): number[] {
  host.memory.fill(expected, DATA, DATA + PAGE);
  host.memory.fill(wanted, DATA + PAGE, DATA + 2 * PAGE);
  host.place(1, transfer(IO.compare, 3, 1, DATA, 0, { flags: FUSE_FIRST }));
  host.place(1, transfer(IO.write, 3, 1, DATA + PAGE, 0, { flags: FUSE_SECOND, ...more }));
  host.ring(1);
  host.model.advance(1);
  return host.takeAll(1).map(({ status }) => status);
}

for (const mode of [undefined, {}]) {
  const name = mode === undefined ? "synchronous" : "deferred";
  const ready = (): NvmeHost => NvmeHost.ready(mode === undefined ? {} : { deferred: mode });

  test(`NVMe 1.4 §6.2 Compare and Write, ${name}: equal, so it is written, and both complete in order`, () => {
    const host = ready();
    assert.equal(compareAndWrite(host, 4, 0x77), [0, 0]);
    assert.is(host.store.bytes[3 * PAGE], 0x77);
    assert.equal(host.dma.pins.size, 0);
  });

  test(`NVMe 1.4 §6.2 Compare and Write, ${name}: different, so the Write fails with the pair and nothing is written`, () => {
    const host = ready();
    assert.equal(compareAndWrite(host, 5, 0x77), [0x285, 0x009]);
    assert.is(host.store.bytes[3 * PAGE], 4);
  });

  test(`NVMe 1.4 §6.2 Compare and Write, ${name}, of different blocks: both are refused`, () => {
    const host = ready();
    assert.equal(compareAndWrite(host, 4, 0x77, { cdw10: 2 }), [0x002, 0x002]);
    assert.equal(medium(host, 4), [1, 2, 3, 4]);
  });

  test(`NVMe 1.4 §6.2 Compare and Write, ${name}: a Write that is refused takes the Compare with it`, () => {
    const host = ready();
    assert.equal(compareAndWrite(host, 4, 0x77, { prp1: 0x7f00_0000 }), mode === undefined ? [0x009, 0x004] : [0x009, 0x004]);
    assert.equal(compareAndWrite(host, 4, 0x77, { nsid: 7 }), [0x009, 0x00b]);
    assert.equal(medium(host, 4), [1, 2, 3, 4]);
  });
}

test("NVMe 1.4 §6.2 a first command without a second behind it misses its partner; the next entry is a command like any other", () => {
  const host = NvmeHost.ready();
  host.place(1, transfer(IO.compare, 3, 1, DATA, 0, { flags: FUSE_FIRST, cid: 1 }));
  host.place(1, transfer(IO.read, 3, 1, DATA, 0, { cid: 2 }));
  host.ring(1);
  assert.equal(
    host.takeAll(1).map(({ cid, status }) => [cid, status]),
    [
      [1, 0x00a],
      [2, 0],
    ],
  );
});

test("NVMe 1.4 §6.2 a first command at the tail, and a second without a first, miss their partners", () => {
  const host = NvmeHost.ready();
  assert.is(host.run(1, transfer(IO.compare, 3, 1, DATA, 0, { flags: FUSE_FIRST })).status, 0x00a);
  assert.is(host.run(1, transfer(IO.write, 3, 1, DATA, 0, { flags: FUSE_SECOND })).status, 0x00a);
  assert.is(host.store.bytes[3 * PAGE], 4);
});

test("NVMe 1.4 §6.2 a pair of the wrong commands is refused, both of it", () => {
  const host = NvmeHost.ready();
  host.place(1, transfer(IO.write, 3, 1, DATA, 0, { flags: FUSE_FIRST }));
  host.place(1, transfer(IO.compare, 3, 1, DATA, 0, { flags: FUSE_SECOND }));
  host.ring(1);
  assert.equal(
    host.takeAll(1).map(({ status }) => status),
    [0x002, 0x002],
  );
  assert.is(host.store.bytes[3 * PAGE], 4);
});

test("NVMe 1.4 §6.2 a pair over the end of the queue, and one that is aborted", () => {
  const host = NvmeHost.ready({ deferred: {} }, 4);
  for (let i = 0; i < 3; i++) host.run(1, { opcode: IO.flush, nsid: 1 });
  assert.equal(compareAndWrite(host, 4, 0x77), [0, 0]);
  host.place(1, transfer(IO.compare, 3, 1, DATA, 0, { flags: FUSE_FIRST, cid: 50 }));
  host.place(1, transfer(IO.write, 3, 1, DATA, 0, { flags: FUSE_SECOND, cid: 51 }));
  host.ring(1);
  assert.is(host.dma.pins.size, 1, "one place, pinned twice");
  host.submit(0, { opcode: ADMIN.abort, cdw10: 1 | (50 << 16) });
  host.model.advance(1);
  assert.equal(
    host.takeAll(1).map(({ cid, status }) => [cid, status]),
    [
      [50, 0x007],
      [51, 0x009],
    ],
  );
  assert.equal([host.dma.pins.size, host.take(0)?.result], [0, 0]);
});

test.run();
