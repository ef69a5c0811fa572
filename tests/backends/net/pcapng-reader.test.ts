/** Capture files of others: times of any resolution, several interfaces and sections, either byte order, and what is no Ethernet. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { captureBlock, captureHeader } from "../../../host/backends/net/pcapng.ts";
import { capturedFrames } from "../../../host/backends/net/pcapng-reader.ts";
import { SumacError } from "../../../host/errors.ts";
import { seededRandom } from "../../../host/platform/seeded-random.ts";

interface Option {
  readonly code: number;
  readonly value: Uint8Array;
}

/** Writes blocks of one byte order. [PCAPNG] sections 3.1, 3.5, 4.1 to 4.3. */
class Section {
  readonly #isLittle: boolean;
  readonly #blocks: Uint8Array[] = [];

  constructor(isLittle: boolean) {
    this.#isLittle = isLittle;
    const body = new DataView(new ArrayBuffer(16));
    body.setUint32(0, 0x1a2b3c4d, isLittle);
    body.setUint16(4, 1, isLittle);
    body.setBigInt64(8, -1n, isLittle);
    this.block(0x0a0d0d0a, new Uint8Array(body.buffer));
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.#blocks);
  }

  block(type: number, body: Uint8Array): this {
    const padded = (body.length + 3) & ~3;
    const view = new DataView(new ArrayBuffer(12 + padded));
    view.setUint32(0, type, this.#isLittle);
    view.setUint32(4, 12 + padded, this.#isLittle);
    view.setUint32(8 + padded, 12 + padded, this.#isLittle);
    const bytes = new Uint8Array(view.buffer);
    bytes.set(body, 8);
    this.#blocks.push(bytes);
    return this;
  }

  interface(linkType: number, options: readonly Option[] = []): this {
    const head = new DataView(new ArrayBuffer(8));
    head.setUint16(0, linkType, this.#isLittle);
    const parts = [new Uint8Array(head.buffer)];
    for (const { code, value } of options) {
      const option = new DataView(new ArrayBuffer(4 + ((value.length + 3) & ~3)));
      option.setUint16(0, code, this.#isLittle);
      option.setUint16(2, value.length, this.#isLittle);
      const bytes = new Uint8Array(option.buffer);
      bytes.set(value, 4);
      parts.push(bytes);
    }
    return this.block(1, Buffer.concat(parts));
  }

  packet(from: number, ticks: bigint, frame: Uint8Array): this {
    const head = new DataView(new ArrayBuffer(20));
    head.setUint32(0, from, this.#isLittle);
    head.setUint32(4, Number(ticks >> 32n), this.#isLittle);
    head.setUint32(8, Number(ticks & 0xffff_ffffn), this.#isLittle);
    head.setUint32(12, frame.length, this.#isLittle);
    head.setUint32(16, frame.length, this.#isLittle);
    return this.block(6, Buffer.concat([new Uint8Array(head.buffer), frame]));
  }

  /** `if_tsoffset`. */
  offset(seconds: bigint): Option {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigInt64(0, seconds, this.#isLittle);
    return { code: 14, value: new Uint8Array(view.buffer) };
  }
}

const resolution = (value: number): Option => ({ code: 9, value: Uint8Array.of(value) });
const named = (name: string): Option => ({ code: 2, value: new TextEncoder().encode(name) });
const END: Option = { code: 0, value: new Uint8Array() };
const FRAME: Uint8Array = new Uint8Array(61).fill(7);
const ETHERNET = 1;
const BYTE_ORDERS = [true, false] as const;

const micros = (bytes: Uint8Array): number[] => capturedFrames(bytes).map((frame) => frame.micros);

test("capturedFrames: times are in the resolution of their interface, of powers of 10 and of 2, microseconds where it says none", () => {
  for (const isLittle of BYTE_ORDERS) {
    const section = new Section(isLittle)
      .interface(ETHERNET)
      .interface(ETHERNET, [named("eth0"), resolution(9), END])
      .interface(ETHERNET, [resolution(0x80 | 10)])
      .interface(ETHERNET, [resolution(0)])
      .interface(ETHERNET, [resolution(3)])
      .interface(ETHERNET, [END, resolution(9)])
      .packet(0, 1_700_000_000_123_456n, FRAME)
      .packet(1, 1_700_000_000_123_456_000n, FRAME)
      .packet(1, 2500n, FRAME)
      .packet(2, 1024n * 1_700_000_000n + 512n, FRAME)
      .packet(3, 1_700_000_000n, FRAME)
      .packet(4, 1_700_000_000_123n, FRAME)
      .packet(5, 42n, FRAME);
    assert.equal(
      micros(section.bytes),
      [1_700_000_000_123_456, 1_700_000_000_123_456, 2.5, 1_700_000_000_500_000, 1_700_000_000_000_000, 1_700_000_000_123_000, 42],
    );
  }
});

test("capturedFrames: an interface's offset is added to its times, also a negative one", () => {
  for (const isLittle of BYTE_ORDERS) {
    const section = new Section(isLittle);
    section.interface(ETHERNET, [section.offset(1_700_000_000n), resolution(9)]).interface(ETHERNET, [section.offset(-2n)]);
    section.packet(0, 123_456_000n, FRAME).packet(1, 5_000_001n, FRAME);
    assert.equal(micros(section.bytes), [1_700_000_000_123_456, 3_000_001]);
  }
});

test("capturedFrames: each section has its own interfaces and byte order", () => {
  const one = new Section(true).interface(ETHERNET, [resolution(9)]).packet(0, 7000n, FRAME);
  const two = new Section(false).interface(ETHERNET).packet(0, 8n, FRAME);
  const three = new Section(true).interface(ETHERNET, [resolution(3)]).packet(0, 9n, FRAME);
  assert.equal(micros(Buffer.concat([one.bytes, two.bytes, three.bytes])), [7, 8, 9000]);
  // Interfaces of the section before are none of this one's.
  assert.equal(micros(Buffer.concat([one.bytes, new Section(false).packet(0, 8n, FRAME).bytes])), [7]);
});

test("capturedFrames: a packet that is no Ethernet is refused with file, interface, link type and remedy", () => {
  const cooked = 113;
  const mixed = new Section(false)
    .interface(ETHERNET)
    .interface(cooked, [named("any")])
    .packet(0, 1n, FRAME);
  assert.equal(micros(mixed.bytes), [1], "an interface of which there is no packet is in nobody's way");
  const file = Buffer.concat([new Section(true).interface(ETHERNET).packet(0, 1n, FRAME).bytes, mixed.packet(1, 2n, FRAME).bytes]);
  try {
    capturedFrames(file, "replay a.pcapng");
    assert.unreachable("it was read");
  } catch (error) {
    assert.instance(error, SumacError);
    assert.match(
      (error as Error).message,
      /^replay a\.pcapng: interface 1 \("any"\) of section 2 has link type 113, and a card takes Ethernet \(1\) only: capture on .* or leave out /,
    );
  }
});

test("capturedFrames: any bytes are read without an exception but that, and a file that is cut off gives what is whole", () => {
  const random = seededRandom(3);
  const options = [named("eth0"), resolution(9)];
  const big = new Section(false).interface(ETHERNET, options).packet(0, 3n, FRAME);
  const own = Buffer.concat([captureHeader(), captureBlock(FRAME, 60, 1), captureBlock(FRAME, 60, 2)]);
  assert.is(capturedFrames(own).length, 2);
  for (let length = 0; length < own.length; length++) assert.ok(capturedFrames(own.subarray(0, length)).length < 2);
  const whole = Buffer.concat([own, big.bytes]);
  let [read, refused] = [0, 0];
  for (let i = 0; i < 4000; i++) {
    const damaged = Uint8Array.from(whole);
    for (let n = 0; n < 4; n++) damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
    try {
      for (const { bytes, micros: at } of capturedFrames(damaged)) {
        assert.ok(bytes.length <= whole.length && Number.isFinite(at));
        read++;
      }
    } catch (error) {
      if (!(error instanceof SumacError)) throw error;
      refused++;
    }
  }
  assert.ok(read > 1000 && refused > 10, `${read} read, ${refused} refused`);
});

test.run();
