/** Every counter of the 82599's statistics block. Datasheet section 8.2.3.23. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { COUNT } from "../../../devices/ixgbe/map-statistics.ts";
import { REG } from "../../../devices/ixgbe/registers.ts";
import { Statistics } from "../../../devices/ixgbe/statistics.ts";
import { Card } from "./card.ts";
import { BROADCAST, counting, frame, packet } from "./packets.ts";

const test = suite("82599 statistics");
const GROUP = [0x01, 0, 0x5e, 0, 0, 1] as const;
const SIZES = [
  [60, "64"],
  [61, "127"],
  [123, "127"],
  [124, "255"],
  [251, "255"],
  [252, "511"],
  [507, "511"],
  [508, "1023"],
  [1019, "1023"],
  [1020, "1522"],
  [1514, "1522"],
] as const;
const CLASSES = ["64", "127", "255", "511", "1023", "1522"] as const;

function sized(bytes: number, to?: readonly number[]): Uint8Array {
  return frame(0x1234, counting(bytes - 14), to === undefined ? {} : { to });
}

/** A card that receives everything. */
function open(): Card {
  const card = Card.ready({ entries: 64 });
  card.write(REG.fctrl, 0x700);
  return card;
}

/** Counter by counter, which ones are not zero, cleared by that. */
function read(card: Card, counters: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counters).map(([name, offset]) => [name, card.read(offset)]));
}

test("82599 8.2.3.23 a counter is cleared by reading it", () => {
  const card = open();
  card.arrive(packet());
  assert.is(card.read(COUNT.received), 1);
  assert.is(card.read(COUNT.received), 0);
});

test("82599 8.2.3.23 writing a counter changes nothing", () => {
  const card = open();
  card.arrive(packet());
  card.write(COUNT.received, 7);
  assert.is(card.read(COUNT.received), 1);
});

test("82599 8.2.3.23 counters stay at their largest value", () => {
  const regs = new Uint32Array(0x8000);
  const statistics = new Statistics(regs);
  regs[COUNT.received / 4] = 0xffff_fffe;
  for (let i = 0; i < 3; i++) statistics.count(COUNT.received);
  assert.is(regs[COUNT.received / 4], 0xffff_ffff);
});

test("82599 8.2.3.23 byte counters have 36 bits, carry, and stay at their largest value", () => {
  const regs = new Uint32Array(0x8000);
  const statistics = new Statistics(regs);
  const word = COUNT.goodBytesReceived / 4;
  regs[word] = 0xffff_fff0;
  statistics.bytes(COUNT.goodBytesReceived, 0x20);
  assert.equal([regs[word], regs[word + 1]], [0x10, 1]);
  regs.set([0xffff_fff0, 0xf], word);
  statistics.bytes(COUNT.goodBytesReceived, 0x20);
  assert.equal([regs[word], regs[word + 1]], [0xffff_ffff, 0xf]);
});

for (const [name, offset] of [
  ["GORC", COUNT.goodBytesReceived],
  ["GOTC", COUNT.goodBytesSent],
  ["TOR", COUNT.bytesReceived],
  ["QBRC", COUNT.queueBytesReceived],
  ["QBTC", COUNT.queueBytesSent],
  ["RXNFGBC", COUNT.notFilteredBytes],
  ["RXDGBC", COUNT.dmaReceivedBytes],
  ["TXDGBC", COUNT.dmaSentBytes],
] as const) {
  test(`82599 8.2.3.23 ${name} counts bytes with the CRC; reading the low half leaves it, reading the high half clears both`, () => {
    const card = open();
    card.arrive(sized(100));
    card.send(sized(100));
    assert.is(card.read(offset), 104);
    assert.is(card.read(offset), 104);
    assert.is(card.read(offset + 4), 0);
    assert.is(card.read(offset), 0);
  });
}

for (const [bytes, name] of SIZES) {
  test(`82599 8.2.3.23 a frame of ${bytes + 4} bytes with its CRC is PRC${name} and PTC${name} and no other`, () => {
    const card = open();
    card.arrive(sized(bytes));
    card.send(sized(bytes));
    const at = CLASSES.indexOf(name);
    for (const base of [COUNT.receivedBySize, COUNT.sentBySize])
      assert.equal(
        CLASSES.map((_, i) => card.read(base + 4 * i)),
        CLASSES.map((_, i) => (i === at ? 1 : 0)),
      );
  });
}

test("82599 8.2.3.23 a jumbo frame counts in the last range", () => {
  const card = open();
  card.set(REG.hlreg0, 4);
  card.write(REG.maxfrs, 9728 << 16);
  card.arrive(sized(9000));
  assert.is(card.read(COUNT.receivedBySize + 20), 1);
});

test("82599 8.2.3.23 GPRC and GPTC count good frames, BPRC, MPRC, BPTC, MPTC by destination", () => {
  const card = open();
  const kinds = [undefined, undefined, undefined, GROUP, GROUP, BROADCAST] as const;
  for (const to of kinds) card.arrive(sized(60, to));
  for (const to of kinds) card.send(sized(60, to));
  const { goodReceived, broadcastReceived, multicastReceived, goodSent, broadcastSent, multicastSent, sent } = COUNT;
  assert.equal(read(card, { goodReceived, broadcastReceived, multicastReceived, goodSent, broadcastSent, multicastSent, sent }), {
    goodReceived: 6,
    broadcastReceived: 1,
    multicastReceived: 2,
    goodSent: 6,
    broadcastSent: 1,
    multicastSent: 2,
    sent: 6,
  });
});

test("82599 8.2.3.23 what a filter drops is in TPR and RXNFGPC and not in GPRC", () => {
  const card = open();
  card.write(REG.fctrl, 0);
  card.arrive(sized(60, GROUP));
  const { received, notFiltered, goodReceived } = COUNT;
  assert.equal(read(card, { received, notFiltered, goodReceived }), { received: 1, notFiltered: 1, goodReceived: 0 });
});

for (const [name, offset, bytes, damaged] of [
  ["CRCERRS", COUNT.crcErrors, 60, true],
  ["RUC", COUNT.undersize, 59, false],
  ["RFC", COUNT.fragments, 59, true],
  ["ROC", COUNT.oversize, 1515, false],
  ["RJC", COUNT.jabber, 1515, true],
] as const) {
  test(`82599 8.2.3.23 ${name} counts its kind of bad frame, and no other counter of errors does`, () => {
    const card = open();
    card.arrive(sized(bytes).slice(0, bytes), damaged);
    const errors = [COUNT.crcErrors, COUNT.undersize, COUNT.fragments, COUNT.oversize, COUNT.jabber];
    assert.equal(
      errors.map((error) => card.read(error)),
      errors.map((error) => (error === offset ? 1 : 0)),
    );
    const { received, goodReceived, notFiltered } = COUNT;
    assert.equal(read(card, { received, goodReceived, notFiltered }), { received: 1, goodReceived: 0, notFiltered: 0 });
  });
}

for (const [name, length, payload, wrong] of [
  ["says more than follows", 47, 46, 1],
  ["says less than follows, behind more than padding", 46, 100, 1],
  ["says less than follows, where the rest is padding", 3, 46, 0],
  ["is right", 100, 100, 0],
] as const) {
  test(`82599 8.2.3.23 RLEC: a length field that ${name}`, () => {
    const card = open();
    card.arrive(frame(length, counting(payload)));
    assert.equal([card.read(COUNT.lengthErrors), card.model.ledger.damaged, card.model.ledger.delivered], [wrong, wrong, 1 - wrong]);
    card.clear(REG.hlreg0, 0x0800_0000);
    card.arrive(frame(length, counting(payload)));
    assert.is(card.read(COUNT.lengthErrors), 0);
  });
}

test("82599 8.2.3.23 XEC counts frames with wrong checksums", () => {
  const card = open();
  const bytes = packet();
  bytes[50] = (bytes[50] ?? 0) ^ 1;
  card.arrive(bytes);
  card.arrive(packet());
  assert.is(card.read(COUNT.checksumErrors), 1);
});

test("82599 8.2.3.23 MPC and RNBC count by packet buffer", () => {
  const card = Card.ready({ given: 0 });
  card.write(REG.rxpbsize, 1 << 10);
  for (let i = 0; i < 20; i++) card.arrive(sized(60));
  assert.equal([card.read(COUNT.noBuffers), card.read(COUNT.missed), card.read(COUNT.missed + 4)], [1, 4, 0]);
});

test("82599 8.2.3.23 RXDGPC counts what reached memory, RXDDGPC what found no descriptor", () => {
  const card = Card.ready({ entries: 8, drop: true });
  for (let i = 0; i < 9; i++) card.arrive(sized(60));
  const { dmaReceived, dmaDropped, dmaDroppedBytes, goodReceived } = COUNT;
  assert.equal(read(card, { dmaReceived, dmaDropped, dmaDroppedBytes, goodReceived }), {
    dmaReceived: 7,
    dmaDropped: 2,
    dmaDroppedBytes: 128,
    goodReceived: 9,
  });
});

test("82599 8.2.3.23 TXDGPC counts what was fetched", () => {
  const card = open();
  for (let i = 0; i < 3; i++) card.send(sized(60));
  assert.is(card.read(COUNT.dmaSent), 3);
});

test("82599 8.2.3.23 RQSMR maps rings to sets of receive counters", () => {
  const card = open();
  card.openReceive({ drop: true, given: 1 }, 5);
  card.write(REG.rqsmr + 4, 0x0000_0900);
  card.write(REG.etqf, 0x8000_1234);
  card.write(REG.etqs, 0x8000_0000 | (5 << 16));
  for (let i = 0; i < 3; i++) card.arrive(sized(60));
  const at = 9 * 0x40;
  assert.equal(
    [COUNT.queueReceived, COUNT.queueBytesReceived, COUNT.queueDropped].map((offset) => card.read(offset + at)),
    [1, 64, 2],
  );
  assert.equal([card.read(COUNT.queueReceived), card.read(COUNT.queueDropped)], [0, 0]);
});

test("82599 8.2.3.23 TQSM maps rings to sets of transmit counters, QPTC at both of its addresses", () => {
  const card = open();
  card.openTransmit(16, 6);
  card.write(REG.tqsm + 4, 0x000b_0000);
  for (let i = 0; i < 3; i++) card.send(sized(60), 6);
  assert.is(card.read(COUNT.queueSent + 11 * 0x40), 3);
  assert.is(card.read(COUNT.queueBytesSent + 11 * 8), 192);
  card.send(sized(60), 6);
  assert.is(card.read(0x8680 + 4 * 11), 1);
});

test("82599 8.2.3.23 a VLAN tag that was inserted counts, one that was stripped counts as received", () => {
  const card = Card.ready({ strip: true });
  card.arrive(frame(0x1234, counting(46), { vlan: 3 }));
  assert.is(card.read(COUNT.goodBytesReceived), 68);
  assert.is(card.read(COUNT.queueBytesReceived), 64);
  card.putLegacy(sized(60), 0x4b, 0, 3 << 16);
  card.go();
  assert.is(card.read(COUNT.goodBytesSent), 68);
});

test("82599 4.2 a reset clears all counters", () => {
  const card = open();
  card.arrive(packet());
  card.write(REG.ctrl, 0x0400_0000);
  assert.is(card.read(COUNT.received), 0);
});

test("82599 8.2.3.23 counters that this card never moves read 0", () => {
  const card = open();
  for (const offset of [0x4010, 0x4034, 0x4038, 0x40b4, 0x40b8, 0xcf90, 0x8780, 0x8784, 0x8788, COUNT.illegalBytes, COUNT.errorBytes])
    assert.is(card.read(offset), 0);
});

test("82599 the ledger says where every frame went", () => {
  const card = Card.ready({ entries: 8, drop: true });
  card.arrive(packet());
  card.arrive(packet(), true);
  card.arrive(packet({ to: GROUP }));
  for (let i = 0; i < 10; i++) card.arrive(packet());
  const { ledger } = card.model;
  assert.equal([ledger.framesIn, ledger.delivered, ledger.damaged, ledger.filtered, ledger.noDescriptor], [13, 7, 1, 1, 4]);
  assert.is(ledger.accounted + card.model.waiting, ledger.framesIn);
});

test.run();
