/** A driver that lets short frames wait where long ones waited: the memory behind a packet buffer stays that of the buffer. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PacketBuffer } from "../../devices/ixgbe/packet-buffer.ts";
import { Received } from "../../devices/ixgbe/received.ts";

const test = suite("packet buffer's memory");
const CAPACITY = 0xf_fc00;
const ROUNDS = 60;

test("long frames behind ever more short ones: what is kept for them is a few times the buffer", () => {
  const buffer = new PacketBuffer();
  const received = new Received();
  const frame = new Uint8Array(16_000);
  const push = (length: number): boolean => {
    received.length = length;
    return buffer.push(frame, received, 0, CAPACITY);
  };
  let long = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < long; i++) push(60);
    while (push(15_872)) long++;
    while (!buffer.isEmpty) buffer.shift();
  }
  assert.ok(long > 1000, "that many frames were long once");
  // Under as many frames as there is room for lies all that was ever kept.
  while (push(1));
  let bytes = 0;
  for (; buffer.head !== undefined; buffer.shift()) bytes += buffer.head.bytes.length;
  assert.ok(bytes <= 8 * CAPACITY, `${bytes} bytes`);
});

test.run();
