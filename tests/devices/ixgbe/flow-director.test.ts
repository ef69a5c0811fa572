/** Flow director of the 82599: perfect and signature filters. Datasheet section 7.1.2.7, registers 8.2.3.21. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { REG } from "../../../devices/ixgbe/registers.ts";
import { Card } from "./card.ts";
import { address4, addressBytes, be16, type PacketOptions, packet } from "./packets.ts";

const test = suite("82599 flow director");
const FLOW = { source: "10.0.0.1", destination: "10.0.0.2", sourcePort: 1000, destinationPort: 2000 } as const;
const [HASH, CMD, FREE, USTAT, FSTAT, MATCH, MISS] = [0xee28, 0xee2c, 0xee38, 0xee50, 0xee54, 0xee58, 0xee5c];
const [UDP, TCP] = [1 << 5, 2 << 5];
const QUEUE_ENABLE = 1 << 15;
const [KEY_BUCKET, KEY_SIGNATURE] = [0x3dad_14e2, 0x174d_3614];

function raw(address: string): number {
  return address4(address).reduce((value, byte, i) => value | (byte << (8 * i)), 0);
}

function perfect(): Card {
  const card = Card.ready({ entries: 64 });
  card.openReceive({}, 7);
  // Masks: flexible bytes and VLAN ignored.
  card.write(0xee70, 0x13);
  card.write(REG.fdirctrl, 0x31 | (127 << 8) | (6 << 16));
  return card;
}

function program(card: Card, command: number, flow: PacketOptions = FLOW, index = 1): void {
  card.write(0xee18, raw(flow.source ?? ""));
  card.write(0xee1c, raw(flow.destination ?? ""));
  card.write(0xee20, (flow.sourcePort ?? 0) | ((flow.destinationPort ?? 0) << 16));
  card.write(0xee24, 0);
  card.write(HASH, index << 16);
  card.write(CMD, command);
}

test("82599 8.2.3.21 initialisation is done at once", () => {
  assert.is(perfect().read(REG.fdirctrl) & 8, 8);
});

test("82599 7.1.2.7 perfect: a flow goes to its queue, with FLM and the software index", () => {
  const card = perfect();
  program(card, 1 | UDP | QUEUE_ENABLE | (7 << 16), FLOW, 0x55);
  assert.is(card.read(CMD) & 3, 0);
  card.arrive(packet(FLOW));
  const back = card.take(7);
  assert.is((back?.status ?? 0) & 4, 4);
  assert.is((back?.high ?? 0) >>> 16, 0x55);
  assert.equal([card.read(MATCH), card.read(MISS)], [1, 0]);
});

for (const [field, value] of [
  ["source", "10.0.0.9"],
  ["destination", "10.0.0.9"],
  ["sourcePort", 9],
  ["destinationPort", 9],
  ["protocol", "tcp"],
] as const) {
  test(`82599 7.1.2.7 perfect: another ${field} is a miss`, () => {
    const card = perfect();
    program(card, 1 | UDP | QUEUE_ENABLE | (7 << 16));
    card.arrive(packet({ ...FLOW, [field]: value }));
    assert.ok(card.take(0) !== undefined);
    assert.is(card.read(MISS), 1);
  });
}

test("82599 7.1.2.7 perfect: masks leave parts of addresses and ports out; port masks are bit-reversed", () => {
  const card = perfect();
  card.write(0xee40, 0xff00_0000);
  card.write(0xee48, 0x0000_f000);
  program(card, 1 | UDP | QUEUE_ENABLE | (7 << 16));
  card.arrive(packet({ ...FLOW, source: "10.0.0.200", sourcePort: 1000 ^ 0xf }));
  assert.ok(card.take(7) !== undefined);
  card.arrive(packet({ ...FLOW, sourcePort: 1000 ^ 0x10 }));
  assert.is(card.take(7), undefined);
});

test("82599 7.1.2.7 perfect: the drop queue drops", () => {
  const card = perfect();
  program(card, 1 | UDP | QUEUE_ENABLE | (127 << 16));
  card.arrive(packet(FLOW));
  assert.is(card.model.ledger.dropped, 1);
  assert.is(card.model.ledger.delivered, 0);
});

test("82599 7.1.2.7 perfect: removing a filter ends it, and removing it again fails", () => {
  const card = perfect();
  program(card, 1 | UDP | QUEUE_ENABLE | (7 << 16));
  program(card, 2 | UDP);
  card.arrive(packet(FLOW));
  assert.ok(card.take(0) !== undefined);
  program(card, 2 | UDP);
  assert.is(card.read(USTAT), 0x0001_0001);
  assert.is(card.read(FSTAT), 0x0100);
});

test("82599 7.1.2.7 perfect: a query says whether a filter is there, and its queue", () => {
  const card = perfect();
  program(card, 1 | UDP | QUEUE_ENABLE | (7 << 16));
  program(card, 3 | UDP);
  assert.is(card.read(CMD) & 0x7f_0007, 0x7_0004);
  program(card, 3 | TCP);
  assert.is(card.read(CMD) & 4, 0);
});

test("82599 7.1.2.7 adding a filter again changes its queue and takes no more room", () => {
  const card = perfect();
  card.openReceive({}, 8);
  program(card, 1 | UDP | QUEUE_ENABLE | (7 << 16));
  const free = card.read(FREE);
  program(card, 1 | UDP | QUEUE_ENABLE | (8 << 16));
  assert.is(card.read(FREE), free);
  card.arrive(packet(FLOW));
  assert.ok(card.take(8) !== undefined);
});

test("82599 7.1.2.7 a full table refuses and counts it", () => {
  const card = perfect();
  const free = card.read(FREE);
  assert.is(free, 2046);
  for (let i = 0; i < free + 3; i++) program(card, 1 | UDP | QUEUE_ENABLE | (7 << 16), { ...FLOW, sourcePort: i + 1 });
  assert.is(card.read(FREE), 0);
  assert.is(card.read(FSTAT), 3);
});

test("82599 8.2.3.21 writing FDIRCTRL empties the table", () => {
  const card = perfect();
  program(card, 1 | UDP | QUEUE_ENABLE | (7 << 16));
  card.write(REG.fdirctrl, card.read(REG.fdirctrl));
  card.arrive(packet(FLOW));
  assert.ok(card.take(0) !== undefined);
});

test("82599 7.1.2.7 a match overrides RSS, a miss leaves it", () => {
  const card = perfect();
  card.openReceive({}, 3);
  for (let i = 0; i < 32; i++) card.write(REG.reta + 4 * i, 0x0303_0303);
  card.write(REG.mrqc, 1 | (0xff << 16));
  program(card, 1 | UDP | QUEUE_ENABLE | (7 << 16));
  card.arrive(packet(FLOW));
  card.arrive(packet({ ...FLOW, sourcePort: 1 }));
  assert.ok(card.take(7) !== undefined);
  assert.ok(card.take(3) !== undefined);
});

/**
 * The hash as drivers compute it, bit by bit: key bit n + 16 adds the folded words of the flow from bit n on, key bit n the same words
 * rotated by half; type and VLAN enter folded onto their own half, and not for key bit 0.
 */
function referenceHash(flow: number, words: readonly number[], key: number): number {
  const bit = (value: number, i: number): number => (i < 32 ? (value >>> i) & 1 : 0);
  const sum = (i: number): number => (i < 32 ? words.reduce((value, word) => value ^ bit(word, i), 0) : 0);
  let hash = 0;
  for (let n = 0; n < 16; n++) {
    for (let b = 0; b < 16; b++) {
      const at = b + n;
      const high = sum(at) ^ bit(flow, at) ^ bit(flow, at + 16);
      const low = sum((at + 16) % 32) ^ (n === 0 ? 0 : bit(flow, at) ^ (at >= 16 ? bit(flow, at - 16) : 0));
      hash ^= ((bit(key, n) & low) ^ (bit(key, n + 16) & high)) << b;
    }
  }
  return hash;
}

type Flow = Required<Pick<PacketOptions, "source" | "destination" | "sourcePort" | "destinationPort">> & PacketOptions;

function signatureOf(flow: Flow, type: number, tag = 0): number {
  const ports = [...be16(flow.sourcePort), ...be16(flow.destinationPort)];
  const bytes = [...addressBytes(flow.destination), ...addressBytes(flow.source), ...ports];
  const words = Array.from({ length: bytes.length / 4 }, (_, i) =>
    bytes.slice(4 * i, 4 * i + 4).reduce((value, byte) => (value << 8) | byte, 0),
  );
  const first = (type << 16) | tag;
  return (referenceHash(first, words, KEY_BUCKET) & 0x7fff) | ((referenceHash(first, words, KEY_SIGNATURE) & 0x7fff) << 16);
}

function signatures(): Card {
  const card = Card.ready({ entries: 64 });
  card.openReceive({}, 7);
  card.write(0xee68, KEY_BUCKET);
  card.write(0xee6c, KEY_SIGNATURE);
  card.write(0xee70, 0x10);
  card.write(REG.fdirctrl, 1 | (6 << 16));
  return card;
}

for (const [name, flow, type, tag] of [
  ["IPv4 UDP", { ...FLOW, protocol: "udp" }, 1, undefined],
  ["IPv4 TCP", { ...FLOW, protocol: "tcp" }, 2, undefined],
  ["IPv6 TCP", { ...FLOW, source: "fd00::1:2", destination: "fd00::3:4", protocol: "tcp" }, 6, undefined],
  ["tagged IPv4 TCP", { ...FLOW, protocol: "tcp" }, 2, 5],
] as const) {
  test(`82599 7.1.2.7 signature: ${name} goes to its queue, by the hashes that drivers compute`, () => {
    const card = signatures();
    card.write(HASH, signatureOf(flow, type, tag));
    card.write(CMD, 1 | (type << 5) | QUEUE_ENABLE | (7 << 16));
    const options = tag === undefined ? flow : { ...flow, vlan: tag };
    card.arrive(packet(options));
    assert.ok(card.take(7) !== undefined);
    card.arrive(packet({ ...options, sourcePort: 1001 }));
    assert.is(card.take(7), undefined);
  });
}

test("82599 7.1.2.7 signature: four times as many filters fit", () => {
  assert.is(signatures().read(FREE), 8190);
});

test("82599 7.1.2.7 while it is off, nothing is looked up", () => {
  const card = Card.ready();
  card.arrive(packet(FLOW));
  assert.equal([card.read(MATCH), card.read(MISS)], [0, 0]);
});

test.run();
