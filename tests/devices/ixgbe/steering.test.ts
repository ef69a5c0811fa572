/** Which queue a frame goes to in the 82599: RSS, 5-tuple, SYN and ethertype filters. Datasheet section 7.1.2. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { REG } from "../../../devices/ixgbe/registers.ts";
import { type Back, Card } from "./card.ts";
import { address4, addressBytes, be16, counting, frame, type PacketOptions, packet, referenceToeplitz } from "./packets.ts";

const test = suite("82599 queues of received frames");
const KEY_TEXT = "6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa";
const KEY = Array.from({ length: 40 }, (_, i) => Number.parseInt(KEY_TEXT.slice(2 * i, 2 * i + 2), 16));
const ALL_FIELDS = 0xf3 << 16;
const VECTORS = [
  ["66.9.149.187", 2794, "161.142.100.80", 1766, 0x323e_8fc2, 0x51cc_c178],
  ["199.92.111.2", 14230, "65.69.140.83", 4739, 0xd718_262a, 0xc626_b0ea],
  ["24.19.198.95", 12898, "12.22.207.184", 38024, 0xd2d0_a5de, 0x5c2b_394a],
  ["38.27.205.30", 48228, "209.142.163.6", 2217, 0x8298_9176, 0xafc7_327f],
  ["153.39.163.191", 44251, "202.188.127.2", 1303, 0x5d18_09c5, 0x10e8_28a2],
  ["3ffe:2501:200:1fff::7", 2794, "3ffe:2501:200:3::1", 1766, 0x2cc1_8cd5, 0x4020_7d3d],
  ["3ffe:501:8::260:97ff:fe40:efab", 14230, "ff02::1", 4739, 0x0f0c_461c, 0xdde5_1bbf],
  ["3ffe:1900:4545:3:200:f8ff:fe21:67cf", 44251, "fe80::200:f8ff:fe21:67cf", 38024, 0x4b61_e985, 0x02d1_feef],
] as const;

/** A card with RSS, its key, and a table that says n mod 16. */
function hashing(fields: number = ALL_FIELDS, table: (index: number) => number = () => 0): Card {
  const card = Card.ready({ entries: 64 });
  for (let i = 0; i < 10; i++) {
    const [a = 0, b = 0, c = 0, d = 0] = KEY.slice(4 * i, 4 * i + 4);
    card.write(REG.rssKey + 4 * i, a | (b << 8) | (c << 16) | (d << 24));
  }
  for (let i = 0; i < 32; i++) {
    card.write(REG.reta + 4 * i, table(4 * i) | (table(4 * i + 1) << 8) | (table(4 * i + 2) << 16) | (table(4 * i + 3) << 24));
  }
  card.write(REG.mrqc, 1 | fields);
  card.write(REG.rxcsum, 1 << 13);
  return card;
}

function received(card: Card, options: PacketOptions): Back {
  card.arrive(packet(options));
  const back = card.take();
  if (back === undefined) throw new Error("the frame did not arrive in queue 0");
  return back;
}

for (const [source, sourcePort, destination, destinationPort, addresses, ports] of VECTORS) {
  const flow = { source, destination, sourcePort, destinationPort };
  const v6 = source.includes(":");
  test(`82599 7.1.2.8 Toeplitz of ${source}:${sourcePort}, TCP`, () => {
    const back = received(hashing(), { ...flow, protocol: "tcp" });
    assert.equal([back.high, back.low & 0xf], [ports, v6 ? 3 : 1]);
  });
  test(`82599 7.1.2.8 Toeplitz of ${source}:${sourcePort}, UDP`, () => {
    const back = received(hashing(), { ...flow, protocol: "udp" });
    assert.equal([back.high, back.low & 0xf], [ports, v6 ? 8 : 7]);
  });
  test(`82599 7.1.2.8 Toeplitz of ${source}, addresses only`, () => {
    const back = received(hashing((v6 ? 1 << 20 : 1 << 17) | 1), { ...flow, protocol: "tcp" });
    assert.equal([back.high, back.low & 0xf], [addresses, v6 ? 5 : 2]);
  });
}

test("82599 7.1.2.8 a random key and random flows agree with the definition", () => {
  const card = hashing();
  for (let i = 0; i < 50; i++) {
    const options = {
      source: `10.${i}.3.${255 - i}`,
      destination: `192.168.${i}.7`,
      sourcePort: 1000 + 37 * i,
      destinationPort: 65535 - i,
    };
    const input = [
      ...addressBytes(options.source),
      ...addressBytes(options.destination),
      ...be16(options.sourcePort),
      ...be16(options.destinationPort),
    ];
    assert.is(received(card, { ...options, protocol: "tcp" }).high, referenceToeplitz(KEY, input));
    card.refill();
  }
});

test("82599 7.1.2.8 a key that is written again counts from the next frame on", () => {
  const card = hashing();
  const before = received(card, { protocol: "tcp" }).high;
  card.write(REG.rssKey, 0x1111_1111);
  const key = [0x11, 0x11, 0x11, 0x11, ...KEY.slice(4)];
  const input = [...address4("10.0.0.1"), ...address4("10.0.0.2"), ...be16(1000), ...be16(2000)];
  const after = received(card, { protocol: "tcp" }).high;
  assert.is.not(after, before);
  assert.is(after, referenceToeplitz(key, input));
});

test("82599 7.1.2.8 a fragment is hashed by its addresses", () => {
  const back = received(hashing(), { protocol: "udp", fragment: 0x2000 });
  assert.is(back.low & 0xf, 2);
});

test("82599 7.1.2.8 SCTP and other protocols are hashed by their addresses", () => {
  assert.is(received(hashing(), { protocol: "sctp" }).low & 0xf, 2);
  assert.is(received(hashing(), { protocol: 1 }).low & 0xf, 2);
});

test("82599 7.1.2.8 what is not IP has no hash and goes to queue 0", () => {
  const card = hashing(ALL_FIELDS, () => 1);
  card.arrive(frame(0x0806, counting(46)));
  const back = card.take();
  assert.equal([back?.high, (back?.low ?? 0) & 0xf], [0, 0]);
});

for (const [bit, type, options] of [
  [16, 1, { protocol: "tcp" }],
  [22, 7, { protocol: "udp" }],
  [17, 2, { protocol: 1 }],
  [21, 3, { protocol: "tcp", source: "fd00::1", destination: "fd00::2" }],
  [23, 8, { protocol: "udp", source: "fd00::1", destination: "fd00::2" }],
  [20, 5, { protocol: 59, source: "fd00::1", destination: "fd00::2" }],
] as const) {
  test(`82599 8.2.3.7 MRQC bit ${bit} alone turns on hash type ${type}`, () => {
    assert.is(received(hashing(1 << bit), options).low & 0xf, type);
    assert.is(received(hashing(ALL_FIELDS & ~(1 << bit) & ~(3 << 20) & ~(1 << 17)), options).low & 0xf, 0);
  });
}

test("82599 7.1.2.8 the low seven bits of the hash select an entry of the table, its four bits the queue", () => {
  const card = hashing(ALL_FIELDS, (index) => index % 16);
  for (let queue = 1; queue < 16; queue++) card.openReceive({ entries: 64 }, queue);
  for (let i = 0; i < 40; i++) {
    const sourcePort = 3000 + i;
    const input = [...address4("10.0.0.1"), ...address4("10.0.0.2"), ...be16(sourcePort), ...be16(2000)];
    const hash = referenceToeplitz(KEY, input);
    card.arrive(packet({ protocol: "tcp", sourcePort }));
    assert.is(card.take((hash & 0x7f) % 16)?.high, hash);
  }
});

test("82599 7.1.2.8 without RSS all goes to queue 0 without a hash", () => {
  const card = hashing(ALL_FIELDS, () => 1);
  card.write(REG.mrqc, ALL_FIELDS);
  const back = received(card, { protocol: "tcp" });
  assert.equal([back.high, back.low & 0xf], [0, 0]);
});

test("82599 7.1.2.8 without PCSD the hash still chooses the queue and the descriptor has the IP id", () => {
  const card = hashing(ALL_FIELDS, () => 1);
  card.openReceive({}, 1);
  card.write(REG.rxcsum, 0);
  card.arrive(packet({ protocol: "tcp", id: 0xbeef }));
  const back = card.take(1);
  assert.equal([(back?.high ?? 0) & 0xffff, (back?.low ?? 0) & 0xf], [0xbeef, 0]);
});

test("82599 7.1.2.3 an ethertype filter names the queue and is in the packet type", () => {
  const card = Card.ready();
  card.openReceive({}, 5);
  card.write(REG.etqf + 4 * 3, 0x8000_88f7);
  card.write(REG.etqs + 4 * 3, 0x8000_0000 | (5 << 16));
  card.arrive(frame(0x88f7, counting(46)));
  assert.is((card.take(5)?.low ?? 0) & 0x1fff0, 0x8000 | (3 << 4));
});

test("82599 7.1.2.3 an ethertype filter without a queue only marks the frame", () => {
  const card = Card.ready();
  card.write(REG.etqf, 0x8000_88f7);
  card.arrive(frame(0x88f7, counting(46)));
  assert.is((card.take()?.low ?? 0) & 0x8000, 0x8000);
});

test("82599 7.1.2.3 a filter that is not enabled does nothing", () => {
  const card = Card.ready();
  card.write(REG.etqf, 0x0000_88f7);
  card.write(REG.etqs, 0x8000_0000 | (5 << 16));
  card.arrive(frame(0x88f7, counting(46)));
  assert.is((card.take()?.low ?? 0) & 0x8000, 0);
});

test("82599 7.1.2.4 the SYN filter takes connection requests and nothing else", () => {
  const card = Card.ready();
  card.openReceive({}, 6);
  card.write(REG.synqf, 1 | (6 << 1));
  card.arrive(packet({ protocol: "tcp", flags: 0x02 }));
  card.arrive(packet({ protocol: "tcp", flags: 0x12 }));
  card.arrive(packet({ protocol: "udp" }));
  assert.ok(card.take(6) !== undefined);
  assert.is(card.take(6), undefined);
  assert.ok(card.take(0) !== undefined && card.take(0) !== undefined);
});

interface Tuple {
  readonly source?: string;
  readonly destination?: string;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly protocol?: number;
  readonly priority?: number;
}

/** Enables filter n; what is not given is masked. */
function setTuple(card: Card, n: number, queue: number, tuple: Tuple): void {
  const raw = (bytes: readonly number[]): number => bytes.reduce((value, byte, i) => value | (byte << (8 * i)), 0);
  const { source, destination, sourcePort, destinationPort, protocol, priority = 0 } = tuple;
  if (source !== undefined) card.write(REG.saqf + 4 * n, raw(address4(source)));
  if (destination !== undefined) card.write(REG.daqf + 4 * n, raw(address4(destination)));
  card.write(REG.sdpqf + 4 * n, raw([...be16(sourcePort ?? 0), ...be16(destinationPort ?? 0)]));
  card.write(REG.l34timir + 4 * n, queue << 21);
  const masked = [source, destination, sourcePort, destinationPort, protocol].reduce<number>(
    (mask, field, i) => mask | (field === undefined ? 1 << (25 + i) : 0),
    0,
  );
  card.write(REG.ftqf + 4 * n, 0x8000_0000 | masked | (protocol ?? 0) | (priority << 2));
}

const FLOW = { source: "10.0.0.1", destination: "10.0.0.2", sourcePort: 1000, destinationPort: 2000 } as const;
const WRONG = { source: "10.0.0.3", destination: "10.0.0.4", sourcePort: 1001, destinationPort: 2001 } as const;

test("82599 7.1.2.5 a 5-tuple filter takes its flow", () => {
  const card = Card.ready();
  card.openReceive({}, 9);
  setTuple(card, 0, 9, { ...FLOW, protocol: 1 });
  card.arrive(packet({ ...FLOW, protocol: "udp" }));
  assert.ok(card.take(9) !== undefined);
});

for (const field of ["source", "destination", "sourcePort", "destinationPort"] as const) {
  test(`82599 7.1.2.5 a filter on ${field} alone compares just that`, () => {
    const card = Card.ready();
    card.openReceive({}, 9);
    setTuple(card, 127, 9, { [field]: FLOW[field] });
    card.arrive(packet({ ...WRONG, [field]: FLOW[field] }));
    assert.ok(card.take(9) !== undefined);
    card.arrive(packet({ ...FLOW, [field]: WRONG[field] }));
    assert.is(card.take(9), undefined);
    assert.ok(card.take(0) !== undefined);
  });
}

for (const [code, name] of [
  [0, "tcp"],
  [1, "udp"],
  [2, "sctp"],
  [3, "other"],
] as const) {
  test(`82599 7.1.2.5 a filter on protocol ${name} takes no other`, () => {
    const card = Card.ready();
    card.openReceive({}, 9);
    setTuple(card, 1, 9, { protocol: code });
    for (const protocol of ["tcp", "udp", "sctp"] as const) card.arrive(packet({ protocol }));
    card.arrive(packet({ protocol: 1 }));
    assert.is(card.model.ledger.delivered, 4);
    assert.ok(card.take(9) !== undefined);
    assert.is(card.take(9), undefined);
  });
}

test("82599 7.1.2.5 the higher priority wins, among equals the lower number", () => {
  const card = Card.ready();
  for (const queue of [1, 2, 3]) card.openReceive({}, queue);
  setTuple(card, 0, 1, { source: FLOW.source, priority: 1 });
  setTuple(card, 1, 2, { source: FLOW.source, priority: 5 });
  setTuple(card, 2, 3, { source: FLOW.source, priority: 5 });
  card.arrive(packet(FLOW));
  assert.ok(card.take(2) !== undefined);
});

test("82599 7.1.2.5 fragments and IPv6 match no 5-tuple", () => {
  const card = Card.ready();
  card.openReceive({}, 9);
  setTuple(card, 0, 9, {});
  card.arrive(packet({ fragment: 0x2000 }));
  card.arrive(packet({ source: "fd00::1", destination: "fd00::2" }));
  assert.is(card.take(9), undefined);
  assert.ok(card.take(0) !== undefined && card.take(0) !== undefined);
});

test("82599 7.1.2.4 SYN against 5-tuple: SYNQF's priority bit decides", () => {
  const card = Card.ready();
  card.openReceive({}, 1);
  card.openReceive({}, 2);
  setTuple(card, 0, 1, {});
  card.write(REG.synqf, 1 | (2 << 1));
  card.arrive(packet({ protocol: "tcp", flags: 2 }));
  assert.ok(card.take(1) !== undefined);
  card.write(REG.synqf, 0x8000_0001 | (2 << 1));
  card.arrive(packet({ protocol: "tcp", flags: 2 }));
  assert.ok(card.take(2) !== undefined);
});

test("82599 7.1.2 all together: ethertype before 5-tuple before RSS", () => {
  const card = hashing(ALL_FIELDS, () => 3);
  for (const queue of [1, 2, 3]) card.openReceive({}, queue);
  card.write(REG.etqf, 0x8000_88f7);
  card.write(REG.etqs, 0x8000_0000 | (1 << 16));
  setTuple(card, 0, 2, { destinationPort: 2000 });
  card.arrive(frame(0x88f7, counting(46)));
  card.arrive(packet({ protocol: "tcp" }));
  card.arrive(packet({ protocol: "tcp", destinationPort: 2001 }));
  assert.ok(card.take(1) !== undefined);
  const named = card.take(2);
  assert.is((named?.low ?? 0) & 0xf, 1);
  assert.ok(card.take(3) !== undefined);
});

test.run();
