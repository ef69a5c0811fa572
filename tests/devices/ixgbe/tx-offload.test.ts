/** Transmit checksums and segmentation of the 82599 against references written from the RFCs. Datasheet sections 7.2.4 and 7.2.5. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CAUSE, REG } from "../../../devices/ixgbe/registers.ts";
import { Card, CMD } from "./card.ts";
import { be16, be32, counting, frame, type PacketOptions, packet, pseudoHeader, referenceSum } from "./packets.ts";

const test = suite("82599 transmit offloads");
const V6 = { source: "fd00::1", destination: "fd00::2" } as const;
const [IXSM, TXSM] = [1 << 8, 1 << 9];
const TYPES = { udp: 0, tcp: 1, sctp: 2 } as const;
const NUMBERS = { udp: 17, tcp: 6, sctp: 132 } as const;
type Protocol = keyof typeof TYPES;

interface Layout {
  readonly mac: number;
  readonly ip: number;
}

function layoutOf(options: PacketOptions): Layout {
  const mac = options.vlan === undefined ? 14 : 18;
  return { mac, ip: (options.source ?? "").includes(":") ? 40 : 20 + (options.ipOptions ?? 0) };
}

/** What a driver hands over: checksums empty, but for the pseudo header in the layer 4 field. */
function unfinished(options: PacketOptions & { readonly protocol: Protocol }, pseudoLength?: number): Uint8Array {
  const bytes = packet({ ...options, unsummed: true });
  const { mac, ip } = layoutOf(options);
  const { source = "10.0.0.1", destination = "10.0.0.2", protocol } = options;
  if (protocol === "sctp") return bytes;
  const length = pseudoLength ?? (protocol === "tcp" ? 20 : 8) + (options.payload ?? counting(32)).length;
  bytes.set(be16(referenceSum(pseudoHeader(source, destination, NUMBERS[protocol], length))), mac + ip + (protocol === "tcp" ? 16 : 6));
  return bytes;
}

for (const [name, options] of [
  ["IPv4 TCP", { protocol: "tcp" }],
  ["IPv4 UDP", { protocol: "udp" }],
  ["IPv4 SCTP", { protocol: "sctp" }],
  ["IPv6 TCP", { protocol: "tcp", ...V6 }],
  ["IPv6 UDP", { protocol: "udp", ...V6 }],
  ["IPv6 SCTP", { protocol: "sctp", ...V6 }],
  ["IPv4 TCP with options", { protocol: "tcp", ipOptions: 12 }],
  ["tagged IPv4 UDP", { protocol: "udp", vlan: 5 }],
  ["odd payload", { protocol: "tcp", payload: counting(777) }],
  ["large payload", { protocol: "udp", payload: counting(8000) }],
] as const) {
  test(`82599 7.2.5 ${name}: both checksums are inserted`, () => {
    const card = Card.ready();
    const v4 = !("source" in options);
    card.putContext({ ...layoutOf(options), v4, type: TYPES[options.protocol] });
    card.putData({ bytes: unfinished(options), options: (v4 ? IXSM : 0) | TXSM });
    card.go();
    assert.equal(card.wire.sent, [packet(options)]);
  });
}

test("82599 7.2.5 IXSM alone leaves layer 4 alone, TXSM alone the IP header", () => {
  const card = Card.ready();
  const bytes = unfinished({ protocol: "tcp" });
  card.putContext({ type: 1 });
  card.putData({ bytes, options: IXSM });
  card.putData({ bytes, options: TXSM });
  card.putData({ bytes });
  card.go();
  const [ip, l4, none] = card.wire.sent;
  const right = packet({ protocol: "tcp" });
  assert.equal([ip?.slice(24, 26), ip?.slice(50, 52)], [right.slice(24, 26), bytes.slice(50, 52)]);
  assert.equal([l4?.slice(24, 26), l4?.slice(50, 52)], [bytes.slice(24, 26), right.slice(50, 52)]);
  assert.equal(none, bytes);
});

test("82599 7.2.5 a UDP checksum of zero goes out as FFFFh", () => {
  const sum = referenceSum([...pseudoHeader("10.0.0.1", "10.0.0.2", 17, 10), ...be16(1000), ...be16(2000), ...be16(10), 0, 0]);
  const options = { protocol: "udp", payload: Uint8Array.from(be16(0xffff - sum)) } as const;
  const card = Card.ready();
  card.putContext({ type: 0 });
  card.putData({ bytes: unfinished(options).slice(0, 44), options: IXSM | TXSM });
  card.go();
  assert.equal(card.wire.sent[0]?.slice(40, 42), Uint8Array.of(0xff, 0xff));
});

test("82599 7.2.5 the padding of a short frame is not summed", () => {
  const options = { protocol: "udp", payload: counting(3) } as const;
  const card = Card.ready();
  card.putContext({ type: 0 });
  card.putData({ bytes: unfinished(options).slice(0, 45), options: IXSM | TXSM });
  card.go();
  assert.equal(card.wire.sent, [packet(options)]);
});

test("82599 7.2.3 legacy IC: the sum from CSS on goes to CSO", () => {
  const options = { protocol: "tcp" } as const;
  const card = Card.ready();
  const bytes = unfinished(options);
  bytes.set(packet(options).slice(24, 26), 24);
  card.putLegacy(bytes, CMD.eop | CMD.ifcs | CMD.ic | CMD.rs, 50, 34 << 8);
  card.go();
  assert.equal(card.wire.sent, [packet(options)]);
});

for (const [name, fields, options] of [
  ["an IP header beyond the frame", { ip: 400 }, IXSM],
  ["an IP header of less than 20 bytes", { ip: 16 }, IXSM],
  ["a layer 4 checksum beyond the frame", { ip: 500, type: 1 }, TXSM],
  ["an unknown layer 4", { type: 3 }, TXSM],
] as const) {
  test(`82599 7.2.5 ${name} is a descriptor error`, () => {
    const card = Card.ready();
    card.putContext(fields);
    card.putData({ bytes: packet(), options });
    card.go();
    assert.is(card.wire.sent.length, 0);
    assert.is(card.read(REG.eicr) & CAUSE.descriptorError, CAUSE.descriptorError);
  });
}

/** Sends a large packet with segmentation and returns what went out. */
function segments(options: PacketOptions & { readonly protocol: "tcp" | "udp" }, mss: number, command = 0, vlan = 0): Uint8Array[] {
  const card = Card.ready({ entries: 64 });
  const { mac, ip } = layoutOf(options);
  const v4 = !(options.source ?? "").includes(":");
  const l4 = options.protocol === "tcp" ? 20 : 8;
  const bytes = unfinished(options, 0);
  card.putContext({ mac, ip, l4, v4, type: TYPES[options.protocol], mss, vlan });
  const payload = (options.payload ?? counting(32)).length;
  const step = Math.max(1500, Math.ceil(bytes.length / 8));
  for (let at = 0; at < bytes.length; at += step) {
    const isLast = at + step >= bytes.length;
    const part = bytes.slice(at, at + step);
    card.putData({
      bytes: part,
      command: CMD.ifcs | CMD.tse | command | (isLast ? CMD.eop | CMD.rs : 0),
      options: (v4 ? IXSM : 0) | TXSM,
      payload,
    });
  }
  card.go();
  return card.wire.sent;
}

/** The segment as the sender would have made it itself. */
function expected(options: PacketOptions & { readonly protocol: "tcp" | "udp" }, mss: number, n: number, flags: number): Uint8Array {
  const { payload = counting(0), id = 0x4242, sequence = 1 } = options;
  const part = payload.slice(n * mss, (n + 1) * mss);
  return packet({ ...options, payload: part, id: (id + n) & 0xffff, sequence: (sequence + n * mss) >>> 0, flags });
}

for (const [name, options, mss] of [
  ["IPv4", { payload: counting(5000) }, 1460],
  ["IPv6", { payload: counting(5000), ...V6 }, 1440],
  ["IPv4 with options", { payload: counting(3000), ipOptions: 8 }, 536],
  ["tagged", { payload: counting(3000), vlan: 7 }, 1000],
  ["an exact multiple", { payload: counting(3000) }, 1000],
  ["a last segment of one byte", { payload: counting(2001) }, 1000],
  ["one segment", { payload: counting(900) }, 1000],
  ["id and sequence number that wrap", { payload: counting(4000), id: 0xfffe, sequence: 0xffff_ff00 }, 1000],
] as const) {
  test(`82599 7.2.4 TCP segmentation, ${name}: headers, lengths, ids, sequence numbers and checksums`, () => {
    const full = { ...options, protocol: "tcp", flags: 0x10 } as const;
    const out = segments(full, mss);
    assert.is(out.length, Math.ceil(options.payload.length / mss));
    for (const [n, bytes] of out.entries()) assert.equal(bytes, expected(full, mss, n, 0x10));
  });
}

test("82599 7.2.4 FIN and PSH are in the last segment only, CWR in the first only", () => {
  const options = { protocol: "tcp", payload: counting(3000), flags: 0x99 } as const;
  const out = segments(options, 1000);
  assert.equal(
    out,
    [0x90, 0x10, 0x19].map((flags, n) => expected(options, 1000, n, flags)),
  );
});

test("82599 8.2.3.9 DTXTCPFLG say which flags each segment keeps", () => {
  const card = Card.ready();
  card.write(REG.dtxtcpflgl, 0x0010_0011);
  card.write(REG.dtxtcpflgh, 0x0018);
  const options = { protocol: "tcp", payload: counting(3000), flags: 0x3f } as const;
  card.putContext({ l4: 20, type: 1, mss: 1000 });
  card.putData({ bytes: unfinished(options, 0), command: CMD.eop | CMD.ifcs | CMD.tse, options: IXSM | TXSM, payload: 3000 });
  card.go();
  assert.equal(
    card.wire.sent.map((bytes) => bytes[47]),
    [0x11, 0x10, 0x18],
  );
});

test("82599 7.2.4 UDP segmentation: each segment has its own length", () => {
  const options = { protocol: "udp", payload: counting(2500) } as const;
  const out = segments(options, 1000);
  assert.equal(
    out,
    [0, 1, 2].map((n) => expected(options, 1000, n, 0)),
  );
});

test("82599 7.2.4 VLE tags each segment", () => {
  const options = { protocol: "tcp", payload: counting(2500) } as const;
  const out = segments(options, 1000, CMD.vle, 0x2003);
  assert.equal(
    out,
    [0, 1, 2].map((n) => expected({ ...options, vlan: 0x2003 }, 1000, n, 0x10)),
  );
});

test("82599 7.2.4 a short last segment is padded", () => {
  const out = segments({ protocol: "tcp", payload: counting(1003) }, 1000);
  assert.is(out[1]?.length, 60);
});

test("82599 7.2.4 64 KiB in one packet", () => {
  const options = { protocol: "tcp", payload: counting(65_000) } as const;
  const out = segments(options, 1460);
  assert.is(out.length, 45);
  assert.equal(out[44], expected(options, 1460, 44, 0x10));
});

for (const [name, context, payload] of [
  ["without an MSS", { l4: 20, type: 1, mss: 0 }, 3000],
  ["with headers as long as the packet", { l4: 20, type: 1, mss: 100, ip: 511 }, 3000],
  ["with a TCP header of less than 20 bytes", { l4: 16, type: 1, mss: 100 }, 3004],
  ["with a payload length that is not what was gathered", { l4: 20, type: 1, mss: 100 }, 2999],
  ["of SCTP", { l4: 12, type: 2, mss: 100 }, 3008],
] as const) {
  test(`82599 7.2.4 segmentation ${name} is a descriptor error`, () => {
    const card = Card.ready();
    const bytes = name.includes("as long as") ? packet() : packet({ protocol: "tcp", payload: counting(3000) });
    card.putContext(context);
    card.putData({ bytes, command: CMD.eop | CMD.ifcs | CMD.tse, options: IXSM | TXSM, payload });
    card.go();
    assert.is(card.wire.sent.length, 0);
    assert.is(card.read(REG.eicr) & CAUSE.descriptorError, CAUSE.descriptorError);
  });
}

test("82599 7.2.4 segments looped back arrive with right checksums", () => {
  const card = Card.ready({ entries: 32 });
  card.loop();
  card.putContext({ l4: 20, type: 1, mss: 536 });
  const options = { protocol: "tcp", payload: counting(5000) } as const;
  card.putData({ bytes: unfinished(options, 0), command: CMD.eop | CMD.ifcs | CMD.tse, options: IXSM | TXSM, payload: 5000 });
  card.go();
  for (let i = 0; i < 10; i++) assert.is(((card.take()?.status ?? 0) & 0xc000_0060) >>> 0, 0x60);
});

test("82599 7.2.5 what is not IP passes through offloads that nobody asked for", () => {
  const card = Card.ready();
  const bytes = frame(0x88cc, [...be32(1), ...counting(50)]);
  card.putData({ bytes });
  card.go();
  assert.equal(card.wire.sent, [bytes]);
});

test.run();
