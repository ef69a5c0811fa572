/** Receive checksum verification and packet types of the 82599. Datasheet sections 7.1.6 and 7.1.11. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { REG } from "../../../devices/ixgbe/registers.ts";
import { Card } from "./card.ts";
import { counting, type PacketOptions, packet, referenceSum } from "./packets.ts";

const test = suite("82599 receive offloads");
const [UDPCS, L4CS, IPCS, L4E, IPE] = [0x10, 0x20, 0x40, 0x4000_0000, 0x8000_0000];
const V6 = { source: "fd00::1", destination: "fd00::2" } as const;
const CHECKS = UDPCS | L4CS | IPCS | L4E | IPE;

/** Status bits of a packet after some of its bytes were changed. */
function checked(options: PacketOptions, change: (bytes: Uint8Array) => void = () => {}, type = 1): number {
  const card = Card.ready({ type });
  const bytes = packet(options);
  change(bytes);
  card.arrive(bytes);
  return ((card.take()?.status ?? 0) & CHECKS) >>> 0;
}

for (const [name, options, right] of [
  ["IPv4 TCP", { protocol: "tcp" }, IPCS | L4CS],
  ["IPv4 UDP", { protocol: "udp" }, IPCS | L4CS | UDPCS],
  ["IPv4 SCTP", { protocol: "sctp" }, IPCS | L4CS],
  ["IPv6 TCP", { protocol: "tcp", ...V6 }, L4CS],
  ["IPv6 UDP", { protocol: "udp", ...V6 }, L4CS | UDPCS],
  ["IPv6 SCTP", { protocol: "sctp", ...V6 }, L4CS],
  ["IPv4 TCP with options", { protocol: "tcp", ipOptions: 8 }, IPCS | L4CS],
  ["tagged IPv4 TCP", { protocol: "tcp", vlan: 3 }, IPCS | L4CS],
  ["odd payload", { protocol: "udp", payload: counting(33) }, IPCS | L4CS | UDPCS],
  ["large payload", { protocol: "tcp", payload: counting(1400) }, IPCS | L4CS],
] as const) {
  test(`82599 7.1.11 ${name}: checked and right`, () => assert.is(checked(options), right));
  test(`82599 7.1.11 ${name}: a changed payload is L4E`, () => {
    const status = checked(options, (bytes) => {
      const at = Math.max(bytes.length - 3, 0);
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    });
    // Short packets end before the padding.
    assert.is(status, (right | L4E) >>> 0);
  });
}

test("82599 7.1.11 a wrong IPv4 header checksum is IPE, and TCP is checked for itself", () => {
  assert.is(
    checked({ protocol: "tcp" }, (bytes) => {
      bytes[24] = (bytes[24] ?? 0) ^ 1;
    }),
    (IPCS | IPE | L4CS) >>> 0,
  );
});

test("82599 7.1.11 UDP without a checksum is not checked and not wrong", () => {
  assert.is(
    checked({ protocol: "udp" }, (bytes) => {
      bytes[40] = bytes[41] = 0;
    }),
    IPCS,
  );
});

test("82599 7.1.11 a UDP length beyond the packet is L4E", () => {
  assert.is(
    checked({ protocol: "udp" }, (bytes) => {
      bytes[38] = 0x7f;
    }) & L4E,
    L4E,
  );
});

test("82599 7.1.11 fragments: the header is checked, layer 4 is not", () => {
  assert.is(checked({ protocol: "tcp", fragment: 0x2000 }), IPCS);
  assert.is(checked({ protocol: "udp", fragment: 3 }), IPCS);
});

test("82599 7.1.11 other protocols: only the header is checked", () => {
  assert.is(checked({ protocol: 1 }), IPCS);
});

test("82599 7.1.11 padding behind a short packet does not count", () => {
  assert.is(checked({ protocol: "tcp", payload: counting(1) }), IPCS | L4CS);
});

test("82599 7.1.11 headers that do not fit are not IP, and nothing is checked", () => {
  for (const change of [
    (bytes: Uint8Array) => bytes.set([0x44], 14),
    (bytes: Uint8Array) => bytes.set([0x65], 14),
    (bytes: Uint8Array) => bytes.set([0xff, 0xff], 16),
    (bytes: Uint8Array) => bytes.set([0, 19], 16),
  ])
    assert.is(checked({ protocol: "tcp" }, change), 0);
});

test("82599 7.1.11 a TCP header longer than its packet is not checked", () => {
  assert.is(
    checked({ protocol: "tcp", payload: counting(4) }, (bytes) => bytes.set([0xf0], 46)),
    IPCS,
  );
});

test("82599 7.1.11 IPv6 extension headers are stepped over", () => {
  const options = {
    protocol: "tcp",
    ...V6,
    extensions: [
      [0, [0, 0, 1, 4, 0, 0, 0, 0]],
      [60, [0, 0, 1, 4, 0, 0, 0, 0]],
    ],
  } as const;
  assert.is(checked(options), L4CS);
  const card = Card.ready();
  card.arrive(packet(options));
  assert.is((card.take()?.low ?? 0) & 0x1fff0, 0x40 | 0x80 | 0x100);
});

test("82599 7.1.11 behind an IPv6 fragment header, or a routing header with segments left, nothing is checked", () => {
  assert.is(checked({ protocol: "tcp", ...V6, extensions: [[44, [0, 0, 0, 1, 0, 0, 0, 1]]] }), 0);
  assert.is(checked({ protocol: "tcp", ...V6, extensions: [[43, [0, 0, 0, 1, 0, 0, 0, 0]]] }), 0);
});

test("82599 7.1.11 endless extension headers end the parser, not the card", () => {
  const extensions = Array.from({ length: 40 }, () => [60, [0, 0, 0, 0, 0, 0, 0, 0]] as const);
  assert.is(checked({ protocol: "tcp", ...V6, extensions }), 0);
});

test("82599 7.1.5 legacy descriptors have the same bits in two bytes", () => {
  const card = Card.ready({ type: 0 });
  card.arrive(packet({ protocol: "udp" }));
  assert.is(card.take()?.status, 0x73);
  const bytes = packet({ protocol: "udp", payload: counting(40) });
  bytes[50] = (bytes[50] ?? 0) ^ 1;
  bytes[24] = (bytes[24] ?? 0) ^ 1;
  card.arrive(bytes);
  assert.is(card.take()?.status, 0xc073);
});

test("82599 7.1.11 IPPCSE: a UDP fragment's payload is summed into the descriptor", () => {
  const card = Card.ready();
  card.write(REG.rxcsum, 1 << 12);
  const bytes = packet({ protocol: "udp", fragment: 0x2000, payload: counting(64), id: 0x1234 });
  card.arrive(bytes);
  const back = card.take();
  assert.is(back?.high, ((referenceSum(bytes.slice(34)) << 16) | 0x1234) >>> 0);
  assert.is((back?.status ?? 0) & UDPCS, UDPCS);
});

for (const [name, options, type] of [
  ["IPv4 alone", { protocol: 1 }, 0x10],
  ["IPv4 with options", { protocol: 1, ipOptions: 4 }, 0x30],
  ["IPv4 TCP", { protocol: "tcp" }, 0x110],
  ["IPv4 UDP", { protocol: "udp" }, 0x210],
  ["IPv4 SCTP", { protocol: "sctp" }, 0x410],
  ["IPv6 TCP", { protocol: "tcp", ...V6 }, 0x140],
  ["IPv6 UDP", { protocol: "udp", ...V6 }, 0x240],
  ["IPv6 SCTP", { protocol: "sctp", ...V6 }, 0x440],
] as const) {
  test(`82599 7.1.6 packet type of ${name}`, () => {
    const card = Card.ready();
    card.arrive(packet(options));
    assert.is((card.take()?.low ?? 0) & 0x1fff0, type);
  });
}

test.run();
