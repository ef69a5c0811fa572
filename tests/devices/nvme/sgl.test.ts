/** Scatter-gather lists against NVMe 1.4 §4.4. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { IO } from "../../../devices/nvme/codes.ts";
import { type Entry, NvmeHost, PAGE, transfer } from "../../support/nvme-host.ts";

const test = suite("NVMe SGL");
const DATA = 0x10_0000;
const LIST = 0x8_0000;
const [BLOCK, SEGMENT, LAST] = [0x00, 0x20, 0x30];

type Piece = readonly [address: number, bytes: number, type: number];

function descriptor([address, bytes, type]: Piece): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setBigUint64(0, BigInt(address), true);
  view.setUint32(8, bytes, true);
  view.setUint8(15, type);
  return new Uint8Array(view.buffer);
}

function segment(host: NvmeHost, at: number, pieces: readonly Piece[]): void {
  for (const [i, piece] of pieces.entries()) host.memory.set(descriptor(piece), at + 16 * i);
}

const withSgl = (piece: Piece, opcode: number = IO.read, blocks = 1, flags = 0x40): Entry =>
  transfer(opcode, 3, blocks, 0, 0, { flags, sgl: descriptor(piece) });

test("NVMe 1.4 §4.4 one data block, at any alignment, read and written", () => {
  const host = NvmeHost.ready();
  assert.is(host.run(1, withSgl([DATA + 3, PAGE, BLOCK])).status, 0);
  assert.equal([host.memory[DATA + 2], host.memory[DATA + 3], host.memory[DATA + PAGE + 2], host.memory[DATA + PAGE + 3]], [0, 4, 4, 0]);
  host.memory.fill(0x55, DATA + 1, DATA + 1 + PAGE);
  assert.is(host.run(1, withSgl([DATA + 1, PAGE, BLOCK], IO.write)).status, 0);
  assert.ok(host.store.bytes.subarray(3 * PAGE, 4 * PAGE).every((byte) => byte === 0x55));
});

test("NVMe 1.4 §4.4 a last segment of uneven pieces: each gets its part, in order", () => {
  const host = NvmeHost.ready();
  for (let i = 0; i < PAGE; i++) host.store.bytes[3 * PAGE + i] = i & 0xff;
  segment(host, LIST, [
    [DATA + 0x5001, 1000, BLOCK],
    [DATA, 0, BLOCK],
    [DATA + 0x1003, 3096, BLOCK],
  ]);
  assert.is(host.run(1, withSgl([LIST, 48, LAST])).status, 0);
  const got = [...host.memory.slice(DATA + 0x5001, DATA + 0x5001 + 1000), ...host.memory.slice(DATA + 0x1003, DATA + 0x1003 + 3096)];
  assert.is(Buffer.compare(Uint8Array.from(got), host.store.bytes.subarray(3 * PAGE, 4 * PAGE)), 0);
});

test("NVMe 1.4 §4.4 segments lead on to segments, the last one to none", () => {
  const host = NvmeHost.ready();
  segment(host, LIST, [
    [DATA, 1024, BLOCK],
    [LIST + 0x1000, 32, SEGMENT],
  ]);
  segment(host, LIST + 0x1000, [
    [DATA + 1024, 1024, BLOCK],
    [LIST + 0x2000, 32, LAST],
  ]);
  segment(host, LIST + 0x2000, [
    [DATA + 4096, 1024, BLOCK],
    [DATA + 2048, 1024, BLOCK],
  ]);
  assert.is(host.run(1, withSgl([LIST, 32, SEGMENT])).status, 0);
  assert.equal([host.memory[DATA + 3071], host.memory[DATA + 3072], host.memory[DATA + 4096]], [4, 0, 4]);
});

test("NVMe 1.4 §4.4 a segment of more descriptors than are copied at once", () => {
  const host = NvmeHost.ready();
  segment(
    host,
    LIST,
    Array.from({ length: 128 }, (_, i) => [DATA + 64 * i, 32, BLOCK] as const),
  );
  assert.is(host.run(1, withSgl([LIST, 128 * 16, LAST])).status, 0);
  assert.equal([host.memory[DATA + 127 * 64 + 31], host.memory[DATA + 127 * 64 + 32]], [4, 0]);
});

test("NVMe 1.4 §4.2 PSDT 10b, with metadata by another list, reads the same data pointer", () => {
  assert.is(NvmeHost.ready().run(1, withSgl([DATA, PAGE, BLOCK], IO.read, 1, 0x80)).status, 0);
});

test("NVMe 1.4 §4.4 data of a command in flight is pinned, piece by piece", () => {
  const host = NvmeHost.ready({ deferred: {} });
  segment(host, LIST, [
    [DATA + 5, 2000, BLOCK],
    [DATA + 0x9007, 2096, BLOCK],
  ]);
  host.submit(1, withSgl([LIST, 32, LAST]));
  assert.equal([...host.dma.pins.keys()], [DATA + 5, DATA + 0x9007]);
  host.model.advance(1);
  assert.equal([host.take(1)?.status, host.dma.pins.size], [0, 0]);
});

const refused: [string, Piece, number, Piece[]?][] = [
  ["a data block that is too short", [DATA, PAGE - 1, BLOCK], 0x00f],
  ["a data block that is too long", [DATA, PAGE + 1, BLOCK], 0x00f],
  ["a bit bucket, which is not offered", [DATA, PAGE, 0x10], 0x011],
  ["a keyed data block", [DATA, PAGE, 0x40], 0x011],
  ["an offset in place of an address", [DATA, PAGE, 0x01], 0x011],
  ["a vendor's descriptor", [DATA, PAGE, 0xf0], 0x011],
  ["an empty segment", [LIST, 0, LAST], 0x00d],
  ["a segment that ends within a descriptor", [LIST, 24, LAST], 0x00d],
  ["a segment that is not there", [0x7f00_0000, 16, LAST], 0x004],
  ["data that is not there", [0x7f00_0000, PAGE, BLOCK], 0x004],
  ["a last segment that leads on", [LIST, 16, LAST], 0x00d, [[LIST, 16, LAST]]],
  ["a segment that leads nowhere", [LIST, 16, SEGMENT], 0x00d, [[DATA, PAGE, BLOCK]]],
  [
    "a segment that leads on in its middle",
    [LIST, 32, SEGMENT],
    0x00d,
    [
      [LIST, 16, SEGMENT],
      [LIST, 16, LAST],
    ],
  ],
  ["a segment that leads to itself", [LIST, 16, SEGMENT], 0x00e, [[LIST, 16, SEGMENT]]],
  ["a list that is too short", [LIST, 16, LAST], 0x00f, [[DATA, 512, BLOCK]]],
  [
    "a list that is too long",
    [LIST, 32, LAST],
    0x00f,
    [
      [DATA, PAGE, BLOCK],
      [DATA, 4, BLOCK],
    ],
  ],
  [
    "more pieces than a command may have",
    [LIST, 16 * 600, LAST],
    0x00e,
    Array.from({ length: 600 }, (_, i) => [DATA + 8 * i, 4, BLOCK] as const),
  ],
];
for (const [name, piece, status, pieces = []] of refused) {
  test(`NVMe 1.4 §4.4 ${name} ends with status ${status.toString(16)}h and moves nothing`, () => {
    const host = NvmeHost.ready();
    segment(host, LIST, pieces);
    host.memory.fill(0xcc, DATA, DATA + 2 * PAGE);
    const { status: ended, doNotRetry } = host.run(1, withSgl(piece));
    assert.equal([ended, doNotRetry], [status, true]);
    assert.ok(host.memory.subarray(DATA, DATA + 2 * PAGE).every((byte) => byte === 0xcc));
    assert.is(host.read(0, 1, DATA).status, 0, "the queue goes on");
  });
}

test.run();
