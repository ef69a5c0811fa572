/** LEB128 both ways: what Writer writes, Reader reads, in the fewest bytes; and nothing longer than its type allows. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Reader } from "../../../host/loader/wasm/reader.ts";
import { Writer } from "../../../host/loader/wasm/writer.ts";

function read<T>(bytes: readonly number[], of: (reader: Reader) => T): T {
  const reader = new Reader(Uint8Array.from(bytes), 0, bytes.length, "a number");
  const value = of(reader);
  reader.finish();
  return value;
}
const written = (of: (writer: Writer) => void) => {
  const writer = new Writer(0);
  of(writer);
  return [...writer.view()];
};

const UNSIGNED = [0, 1, 63, 64, 127, 128, 255, 16383, 16384, 2 ** 21 - 1, 2 ** 21, 2 ** 28 - 1, 2 ** 28, 2 ** 31, 2 ** 32 - 1];
const SIGNED = [0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, -8192, -8193, 2 ** 27 - 1, 2 ** 27, 2 ** 31 - 1, -(2 ** 31)];

test("Reader.u32 and Writer.u32: the same number, in the fewest bytes", () => {
  for (const value of UNSIGNED) {
    const bytes = written((w) => w.u32(value));
    assert.is(
      read(bytes, (r) => r.u32()),
      value,
    );
    assert.is(bytes.length, Math.max(1, Math.ceil(Math.log2(value + 1) / 7)), `${value}`);
  }
});

test("Reader.s32, Reader.s33 and Writer.s32: the same number", () => {
  for (const value of SIGNED) {
    const bytes = written((w) => w.s32(value));
    assert.is(
      read(bytes, (r) => r.s32()),
      value,
    );
    assert.is(
      read(bytes, (r) => r.s33()),
      value,
    );
    read(bytes, (r) => r.skipS64());
  }
});

test("Reader: numbers padded to the most bytes of their type are read", () => {
  assert.is(
    read([0x85, 0x80, 0x80, 0x80, 0x00], (r) => r.u32()),
    5,
  );
  assert.is(
    read([0x85, 0x80, 0x80, 0x80, 0x00], (r) => r.s32()),
    5,
  );
  assert.is(
    read([0xfb, 0xff, 0xff, 0xff, 0x7f], (r) => r.s32()),
    -5,
  );
  assert.is(
    read([0xfb, 0xff, 0xff, 0xff, 0x7f], (r) => r.s33()),
    -5,
  );
  assert.is(
    read([0xff, 0xff, 0xff, 0xff, 0x0f], (r) => r.s33()),
    2 ** 32 - 1,
  );
  assert.is(
    read([0x80, 0x80, 0x80, 0x80, 0x70], (r) => r.s33()),
    -(2 ** 32),
  );
  read([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f], (r) => r.skipS64());
});

test("Reader: numbers with spare bits or bytes are malformed", () => {
  for (const last of [0x10, 0x1f, 0x7f, 0x80]) assert.throws(() => read([0x80, 0x80, 0x80, 0x80, last, 0], (r) => r.u32()), /32 bits/);
  for (const last of [0x08, 0x40, 0x77, 0x80]) assert.throws(() => read([0x80, 0x80, 0x80, 0x80, last, 0], (r) => r.s32()), /32 bits/);
  for (const last of [0x10, 0x40, 0x6f, 0x80]) assert.throws(() => read([0x80, 0x80, 0x80, 0x80, last, 0], (r) => r.s33()), /33 bits/);
  const nine = new Array<number>(9).fill(0x80);
  for (const last of [0x01, 0x7e, 0x80]) assert.throws(() => read([...nine, last, 0], (r) => r.skipS64()), /64 bits/);
});

test("Writer.finish: puts the size of a part in front, in the fewest bytes, also of parts in parts", () => {
  for (const size of [0, 1, 127, 128, 20_000]) {
    const writer = new Writer(0);
    const outer = writer.begin();
    writer.u8(7);
    const inner = writer.begin();
    for (let i = 0; i < size; i++) writer.u8(i & 0xff);
    writer.finish(inner);
    writer.finish(outer);
    const reader = new Reader(writer.view(), 0, writer.length, "parts");
    const whole = reader.u32();
    assert.is(whole, writer.length - reader.position);
    assert.is(reader.u8(), 7);
    assert.is(reader.u32(), size);
    for (let i = 0; i < size; i++) assert.is(reader.u8(), i & 0xff);
    reader.finish();
  }
});

test.run();
