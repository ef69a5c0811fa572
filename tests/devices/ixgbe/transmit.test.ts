/** The transmit rings of the 82599 against its datasheet, sections 7.2.1 to 7.2.3. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CAUSE, REG, TX } from "../../../devices/ixgbe/registers.ts";
import type { Wire, WireEnd } from "../../../devices/net-wire.ts";
import { Card, CMD, ENABLE } from "./card.ts";
import { counting, frame, packet } from "./packets.ts";

const test = suite("82599 transmit");
const BYTES = packet();

/** The frame on the wire is that one. */
function sent(card: Card, n = 0): Uint8Array | undefined {
  return card.wire.sent[n];
}

test("82599 7.2.3 legacy: a frame goes out as it is, DD is set, the head moves", () => {
  const card = Card.ready();
  const index = card.send(BYTES);
  assert.equal(card.wire.sent, [BYTES]);
  assert.ok(card.isDone(index));
  assert.is(card.read(Card.tx(0, TX.head)), 1);
});

test("82599 7.2.3 advanced: the same", () => {
  const card = Card.ready();
  const index = card.putData({ bytes: BYTES });
  card.go();
  assert.equal(card.wire.sent, [BYTES]);
  assert.ok(card.isDone(index));
});

test("82599 7.2.3 DD is written only where RS asks for it", () => {
  const card = Card.ready();
  const quiet = card.putData({ bytes: BYTES, command: CMD.eop | CMD.ifcs });
  const asked = card.putData({ bytes: BYTES });
  card.go();
  assert.is(card.wire.sent.length, 2);
  assert.not(card.isDone(quiet));
  assert.ok(card.isDone(asked));
});

test("82599 7.2.3 a frame of several descriptors is one frame, and RS counts for each of them", () => {
  const card = Card.ready();
  const first = card.putData({ bytes: BYTES.slice(0, 20), command: CMD.ifcs | CMD.rs, payload: BYTES.length });
  const middle = card.putData({ bytes: BYTES.slice(20, 33), command: CMD.ifcs, payload: BYTES.length });
  const last = card.putData({ bytes: BYTES.slice(33), payload: BYTES.length });
  card.go();
  assert.equal(card.wire.sent, [BYTES]);
  assert.equal(
    [first, middle, last].map((index) => card.isDone(index)),
    [true, false, true],
  );
});

test("82599 7.2.3 a frame whose last descriptor has not come yet waits", () => {
  const card = Card.ready();
  card.putData({ bytes: BYTES.slice(0, 20), command: CMD.ifcs, payload: BYTES.length });
  card.go();
  assert.is(card.wire.sent.length, 0);
  card.putData({ bytes: BYTES.slice(20), payload: BYTES.length });
  card.go();
  assert.equal(card.wire.sent, [BYTES]);
});

test("82599 7.2.3 the ring wraps many times, also in the middle of a frame", () => {
  const card = Card.ready();
  for (let i = 0; i < 60; i++) {
    const bytes = frame(0x1234, counting(60, i));
    card.putData({ bytes: bytes.slice(0, 30), command: CMD.ifcs, payload: bytes.length });
    card.putData({ bytes: bytes.slice(30, 50), command: CMD.ifcs, payload: bytes.length });
    card.putData({ bytes: bytes.slice(50), payload: bytes.length });
    card.go();
    assert.equal(sent(card, i), bytes);
  }
});

test("82599 7.2.3 a full ring of one less than its length goes out at once", () => {
  const card = Card.ready();
  for (let i = 0; i < 15; i++) card.putLegacy(frame(0x1234, counting(46, i)));
  card.go();
  assert.equal(
    card.wire.sent.map((bytes) => bytes[15]),
    Array.from({ length: 15 }, (_, i) => counting(46, i)[1]),
  );
});

test("82599 7.2.3 a tail beyond the ring's end makes an empty ring", () => {
  const card = Card.ready();
  card.putLegacy(BYTES);
  card.write(Card.tx(0, TX.tail), 16);
  card.write(Card.tx(0, TX.tail), 0xffff);
  assert.is(card.wire.sent.length, 0);
  card.write(Card.tx(0, TX.tail), 1);
  assert.is(card.wire.sent.length, 1);
});

test("82599 7.2.3 a ring of length 0 sends nothing", () => {
  const card = Card.ready();
  card.write(Card.tx(0, TX.length), 0);
  card.putLegacy(BYTES);
  card.go();
  assert.is(card.wire.sent.length, 0);
});

test("82599 4.6.8 without DMATXCTL.TE nothing is sent; with it, what waited goes out", () => {
  const card = Card.ready();
  card.clear(REG.dmatxctl, 1);
  card.send(BYTES);
  assert.is(card.wire.sent.length, 0);
  card.set(REG.dmatxctl, 1);
  assert.is(card.wire.sent.length, 1);
});

test("82599 4.6.8 a disabled ring sends nothing, and a tail counts only after it is enabled", () => {
  const card = Card.ready();
  card.write(Card.tx(0, TX.control), 0);
  card.send(BYTES);
  card.write(Card.tx(0, TX.control), ENABLE);
  assert.is(card.wire.sent.length, 0);
});

test("82599 4.6.8 disabling a ring forgets the frame that it was gathering", () => {
  const card = Card.ready();
  card.putData({ bytes: counting(20), command: CMD.ifcs, payload: 80 });
  card.go();
  card.write(Card.tx(0, TX.control), 0);
  card.write(Card.tx(0, TX.control), ENABLE);
  card.send(BYTES);
  assert.equal(card.wire.sent, [BYTES]);
});

test("82599 7.2.3 head write-back: the head goes to memory instead of DD", () => {
  const card = Card.ready();
  card.write(Card.tx(0, TX.headAddressLow), 0x70_0001);
  const index = card.putData({ bytes: BYTES });
  card.putData({ bytes: BYTES });
  card.go();
  assert.not(card.isDone(index));
  assert.is(card.dma.fields.getUint32(0x70_0000, true), 2);
});

test("82599 7.2.3 head write-back comes only where RS asks for it", () => {
  const card = Card.ready();
  card.write(Card.tx(0, TX.headAddressLow), 0x70_0001);
  card.putData({ bytes: BYTES, command: CMD.eop | CMD.ifcs });
  card.go();
  assert.is(card.dma.fields.getUint32(0x70_0000, true), 0);
});

test("82599 8.2.3.22 a short frame is padded to 60 bytes with zeros, whatever the buffer held before", () => {
  const card = Card.ready();
  card.send(counting(200, 1));
  card.send(counting(42, 2));
  assert.equal(sent(card, 1), Uint8Array.from([...counting(42, 2), ...new Uint8Array(18)]));
});

test("82599 8.2.3.22 without TXPADEN it is not", () => {
  const card = Card.ready();
  card.clear(REG.hlreg0, 1 << 10);
  card.send(counting(42));
  assert.is(sent(card)?.length, 42);
});

test("82599 7.4 legacy VLE inserts the descriptor's tag", () => {
  const card = Card.ready();
  card.putLegacy(BYTES, CMD.eop | CMD.ifcs | CMD.rs | CMD.vle, 0, 0x6007 << 16);
  card.go();
  assert.equal(sent(card), packet({ vlan: 0x6007 }));
});

test("82599 7.4 advanced VLE inserts the context's tag, of DMATXCTL's type", () => {
  const card = Card.ready();
  card.write(REG.dmatxctl, 0x88a8_0001);
  card.putContext({ vlan: 0x6007 });
  card.putData({ bytes: BYTES, command: CMD.eop | CMD.ifcs | CMD.rs | CMD.vle });
  card.go();
  const expected = packet({ vlan: 0x6007 });
  expected.set([0x88, 0xa8], 12);
  assert.equal(sent(card), expected);
});

test("82599 7.2.3 a context sends nothing, stays for later frames, and reports if it is asked to", () => {
  const card = Card.ready();
  const context = card.putContext({ vlan: 9, report: true });
  card.go();
  assert.is(card.wire.sent.length, 0);
  assert.ok(card.isDone(context));
  for (let i = 0; i < 2; i++) card.putData({ bytes: BYTES, command: CMD.eop | CMD.ifcs | CMD.vle });
  card.go();
  for (const bytes of card.wire.sent) assert.equal(bytes, packet({ vlan: 9 }));
});

test("82599 7.2.3 two contexts live side by side in a ring", () => {
  const card = Card.ready();
  card.putContext({ vlan: 9, slot: 0 });
  card.putContext({ vlan: 8, slot: 1 });
  for (const slot of [1, 0]) card.putData({ bytes: BYTES, command: CMD.eop | CMD.ifcs | CMD.vle, options: slot << 4 });
  card.go();
  assert.equal(card.wire.sent, [packet({ vlan: 8 }), packet({ vlan: 9 })]);
});

test("82599 7.2.3 a descriptor without data sends nothing and reports", () => {
  const card = Card.ready();
  const index = card.put([0, 0, (CMD.eop | CMD.rs) << 24, 0]);
  card.go();
  assert.is(card.wire.sent.length, 0);
  assert.ok(card.isDone(index));
});

test("82599 7.2.3 every ring has its own registers and contexts", () => {
  const card = Card.ready();
  card.openTransmit(16, 127);
  card.send(BYTES, 127);
  assert.equal(card.wire.sent, [BYTES]);
  assert.equal([card.read(Card.tx(127, TX.head)), card.read(Card.tx(0, TX.head))], [1, 0]);
});

test("82599 7.2.3 jumbo frames of up to 15.5 KiB go out", () => {
  const card = Card.ready();
  const bytes = frame(0x1234, counting(15_800));
  card.send(bytes);
  assert.equal(sent(card), bytes);
});

for (const [name, put] of [
  ["an unknown type of descriptor", (card: Card) => card.put([0, 0, (5 << 20) | (0x29 << 24), 0])],
  ["a frame of more than 15.5 KiB", (card: Card) => card.putLegacy(counting(15_873))],
  ["a frame of less than 17 bytes", (card: Card) => card.putLegacy(counting(16))],
  ["a legacy checksum outside the frame", (card: Card) => card.putLegacy(counting(60), CMD.eop | CMD.ic | CMD.rs, 59, 14 << 8)],
  ["a legacy checksum that begins outside the frame", (card: Card) => card.putLegacy(counting(60), CMD.eop | CMD.ic | CMD.rs, 20, 60 << 8)],
] as const) {
  test(`82599 7.2.3 ${name} is a descriptor error, and the ring stands still until it is enabled again`, () => {
    const card = Card.ready();
    put(card);
    card.send(BYTES);
    assert.is(card.wire.sent.length, 0);
    assert.is(card.read(REG.eicr) & CAUSE.descriptorError, CAUSE.descriptorError);
    assert.is(card.read(Card.tx(0, TX.head)), 0);
    assert.is(card.model.ledger.notSent, 1);
    card.write(Card.tx(0, TX.control), 0);
    card.write(Card.tx(0, TX.head), 1);
    card.write(Card.tx(0, TX.control), ENABLE);
    card.go();
    assert.equal(card.wire.sent, [BYTES]);
  });
}

test("82599 3.7.4 without a link frames wait, and go out when it is back", () => {
  const card = Card.ready();
  card.wire.setUp(false);
  card.send(BYTES);
  assert.is(card.wire.sent.length, 0);
  card.wire.setUp(true);
  assert.equal(card.wire.sent, [BYTES]);
});

test("82599 3.7.6 MAC loopback: frames come back through the filters and not to the wire", () => {
  const card = Card.ready();
  card.loop();
  card.send(BYTES);
  card.send(packet({ to: [2, 9, 9, 9, 9, 9] }));
  assert.equal(card.takeFrame(), BYTES);
  assert.is(card.take(), undefined);
  assert.is(card.wire.sent.length, 0);
  assert.is(card.model.ledger.filtered, 1);
});

test("82599 7.1.6.2, a wire that brings frames back while they are sent: one write-back for all that one doorbell sends, and none is left", () => {
  let end: WireEnd | undefined;
  const wire: Wire = {
    up: true,
    attach: (to) => {
      end = to;
    },
    send: (frame, length) => end?.receive(frame, length),
  };
  const card = new Card({ wire });
  card.openReceive();
  card.openTransmit();
  card.set(REG.fctrl, 0x700);
  for (let i = 0; i < 10; i++) card.putLegacy(new Uint8Array(60).fill(0x88 + i));
  card.dma.log.length = 0;
  card.go();
  const ring = card.rxRing();
  assert.equal(
    card.dma.log.filter((line) => line.startsWith(`write ${ring}`)),
    [`write ${ring}+160`],
  );
  for (let i = 0; i < 10; i++) assert.equal(card.takeFrame(), new Uint8Array(60).fill(0x88 + i));
  assert.is(card.model.ledger.delivered, 10);
  assert.is(card.model.waiting, 0);
  // On its own a frame is written back when it comes.
  card.refill();
  end?.receive(new Uint8Array(60).fill(0x88), 60);
  assert.ok(card.takeFrame());
});

test("82599 3.7.6 loopback needs no wire", () => {
  const card = Card.ready();
  card.wire.setUp(false);
  card.loop();
  card.send(BYTES);
  assert.equal(card.takeFrame(), BYTES);
});

test("82599 3.7.6 the self-test of drivers: 64 frames, twice, content compared, forced link, bad frames stored", () => {
  const card = Card.ready({ entries: 64 });
  card.openTransmit(64);
  card.wire.setUp(false);
  card.set(REG.hlreg0, 0x8000);
  card.set(REG.autoc, 0x6001);
  card.write(REG.fctrl, 0x502);
  for (let round = 0; round < 2; round++) {
    const bytes = Uint8Array.from({ length: 1024 }, (_, i) => (i < 512 ? 0xff : 0xaa));
    for (let i = 0; i < 63; i++) {
      card.send(bytes);
      assert.equal(card.takeFrame(), bytes);
    }
    card.refill();
  }
  assert.is(card.read(REG.links) & 0x4000_0000, 0x4000_0000);
});

test("82599 7.2 more than one access may set off is finished by the next ones, and asked for", () => {
  const card = Card.ready();
  card.dma.refuses = () => false;
  card.write(Card.tx(0, TX.baseLow), 0x10_0000);
  card.write(Card.tx(0, TX.length), 0x1_0000);
  for (let i = 0; i < 4095; i++) {
    card.dma.fields.setUint32(0x10_0000 + 16 * i, 0x40_0000, true);
    card.dma.fields.setUint32(0x10_0000 + 16 * i + 8, 15_000 | (CMD.eop << 24), true);
  }
  card.write(Card.tx(0, TX.tail), 4095);
  const first = card.model.ledger.framesOut;
  assert.ok(first > 500 && first < 4095);
  assert.is(card.model.deadlineMicros, 0);
  for (let i = 0; i < 20; i++) card.model.tick();
  assert.is(card.model.ledger.framesOut, 4095);
  assert.is(card.model.deadlineMicros, Number.POSITIVE_INFINITY);
});

test.run();
