/** The receive rings of the 82599 against its datasheet, sections 7.1.5 to 7.1.10. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { REG, RX } from "../../../devices/ixgbe/registers.ts";
import { Card, ENABLE } from "./card.ts";
import { CRC32, counting, frame, packet, referenceCrc } from "./packets.ts";

const test = suite("82599 receive");

test("82599 7.1.6 advanced: a frame is in the buffer, with DD, EOP, its length and its packet type", () => {
  const card = Card.ready();
  const bytes = packet({ protocol: "udp" });
  card.arrive(bytes);
  const back = card.take();
  assert.equal(back?.data, bytes);
  assert.is((back?.status ?? 0) & 3, 3);
  assert.is((back?.low ?? 0) & 0x1fff0, 0x10 | 0x200);
});

test("82599 7.1.5 legacy: the same, and the buffer's address stays in the descriptor", () => {
  const card = Card.ready({ type: 0 });
  const bytes = packet();
  card.arrive(bytes);
  const back = card.take();
  assert.equal(back?.data, bytes);
  assert.is((back?.status ?? 0) & 3, 3);
  assert.is(back?.low, card.rxBuffer(0, 0));
  assert.is(back?.high, 0);
});

test("82599 7.1.7 RDH counts what was used, RDT stays software's", () => {
  const card = Card.ready();
  for (let i = 0; i < 3; i++) card.arrive(packet());
  assert.is(card.read(Card.rx(0, RX.head)), 3);
  assert.is(card.read(Card.rx(0, RX.tail)), 15);
});

test("82599 7.1.7 the ring wraps many times and every frame arrives once, in order", () => {
  const card = Card.ready();
  for (let i = 0; i < 100; i++) {
    card.arrive(frame(0x1234, counting(46, i)));
    assert.equal(card.takeFrame()?.slice(14), counting(46, i));
    card.refill();
  }
  assert.is(card.take(), undefined);
  assert.is(card.model.ledger.delivered, 100);
});

test("82599 7.1.7 bursts across the end of the ring are written back whole", () => {
  const card = Card.ready({ entries: 24 });
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < 17; i++) card.arrive(frame(0x1234, counting(46, i)));
    for (let i = 0; i < 17; i++) assert.equal(card.takeFrame()?.slice(14), counting(46, i));
    card.refill();
  }
});

test("82599 7.1.7 RDH = RDT is a ring without descriptors, and all but one can be given", () => {
  const card = Card.ready({ entries: 8, given: 0, drop: true });
  card.arrive(packet());
  assert.is(card.take(), undefined);
  card.write(Card.rx(0, RX.tail), 7);
  for (let i = 0; i < 9; i++) card.arrive(packet());
  let taken = 0;
  while (card.take() !== undefined) taken++;
  assert.is(taken, 7);
});

test("82599 7.1.7 DROP_EN: a frame without a descriptor is dropped and counted in QPRDC", () => {
  const card = Card.ready({ entries: 8, drop: true });
  for (let i = 0; i < 10; i++) card.arrive(packet());
  assert.is(card.read(0x1430), 3);
  assert.is(card.model.waiting, 0);
  assert.is(card.model.ledger.noDescriptor, 3);
});

test("82599 7.1.7 without DROP_EN it waits in the packet buffer and comes with the next tail", () => {
  const card = Card.ready({ entries: 8 });
  for (let i = 0; i < 10; i++) card.arrive(frame(0x1234, counting(46, i)));
  assert.is(card.model.waiting, 3);
  for (let i = 0; i < 7; i++) card.take();
  card.refill();
  assert.is(card.model.waiting, 0);
  assert.equal(card.takeFrame()?.slice(14), counting(46, 7));
});

test("82599 7.1.7 a ring without descriptors holds up the others behind it", () => {
  const card = Card.ready({ entries: 8, given: 0 });
  card.openReceive({ entries: 8 }, 1);
  card.write(REG.etqf, 0x8000_1111);
  card.write(REG.etqs, 0x8000_0000 | (1 << 16));
  card.arrive(packet());
  card.arrive(frame(0x1111, counting(46)));
  assert.is(card.take(1), undefined);
  card.write(Card.rx(0, RX.tail), 4);
  assert.ok(card.take(0) !== undefined);
  assert.ok(card.take(1) !== undefined);
});

test("82599 7.1.7 a full packet buffer loses frames: MPC and the cause RX_MISS", () => {
  const card = Card.ready({ entries: 8, given: 0 });
  card.write(REG.rxpbsize, 1 << 10);
  for (let i = 0; i < 17; i++) card.arrive(frame(0x1234, counting(46)));
  assert.is(card.model.waiting, 16);
  assert.is(card.read(0x3fa0), 1);
  assert.is(card.read(REG.eicr) & (1 << 17), 1 << 17);
  assert.is(card.model.ledger.missed, 1);
});

test("82599 7.1.7 a frame larger than the buffers spans descriptors, EOP on the last, a length in each", () => {
  const card = Card.ready({ buffer: 1 });
  card.set(REG.hlreg0, 4);
  card.write(REG.maxfrs, 9728 << 16);
  const bytes = frame(0x1234, counting(2986));
  card.arrive(bytes);
  const parts = [card.take(), card.take(), card.take()];
  assert.equal(
    parts.map((part) => part?.length),
    [1024, 1024, 952],
  );
  assert.equal(
    parts.map((part) => ((part?.status ?? 0) >>> 1) & 1),
    [0, 0, 1],
  );
  assert.equal(Uint8Array.from(parts.flatMap((part) => [...(part?.data ?? [])])), bytes);
});

test("82599 7.1.7 a jumbo frame that runs out of descriptors goes on with the next tail", () => {
  const card = Card.ready({ buffer: 1, entries: 8 });
  card.set(REG.hlreg0, 4);
  card.write(REG.maxfrs, 16000 << 16);
  const bytes = frame(0x1234, counting(9200));
  card.arrive(bytes);
  const parts: number[] = [];
  for (let i = 0; i < 7; i++) parts.push(...(card.take()?.data ?? []));
  assert.is(card.model.waiting, 1);
  card.refill();
  for (let back = card.take(); back !== undefined; back = card.take()) parts.push(...back.data);
  assert.equal(Uint8Array.from(parts), bytes);
  assert.is(card.model.waiting, 0);
});

test("82599 7.1.7 DROP_EN drops a jumbo frame whole when it does not fit", () => {
  const card = Card.ready({ buffer: 1, entries: 8, drop: true, given: 2 });
  card.set(REG.hlreg0, 4);
  card.write(REG.maxfrs, 9728 << 16);
  card.arrive(frame(0x1234, counting(2986)));
  assert.is(card.take(), undefined);
  assert.is(card.model.ledger.noDescriptor, 1);
});

test("82599 8.2.3.8 a tail beyond the ring's end makes a ring without descriptors", () => {
  const card = Card.ready({ entries: 8, drop: true });
  card.write(Card.rx(0, RX.tail), 8);
  card.arrive(packet());
  card.write(Card.rx(0, RX.tail), 0xffff);
  card.arrive(packet());
  assert.is(card.take(), undefined);
  assert.is(card.model.ledger.noDescriptor, 2);
});

test("82599 8.2.3.8 a ring of length 0 takes nothing", () => {
  const card = Card.ready({ drop: true });
  card.write(Card.rx(0, RX.length), 0);
  card.arrive(packet());
  assert.is(card.model.ledger.noDescriptor, 1);
});

test("82599 4.6.7 a disabled ring drops what is for it, and counts it", () => {
  const card = Card.ready();
  card.write(Card.rx(0, RX.control), 0);
  card.arrive(packet());
  assert.is(card.take(), undefined);
  assert.is(card.read(0x1430), 1);
});

test("82599 4.6.7 a tail counts only when it is written to an enabled ring", () => {
  const card = new Card();
  card.write(Card.rx(0, RX.tail), 9);
  card.write(Card.rx(0, RX.control), ENABLE);
  assert.is(card.read(Card.rx(0, RX.tail)), 0);
});

test("82599 4.6.7 a disabled ring's head can be set, an enabled ring's not", () => {
  const card = Card.ready();
  card.write(Card.rx(0, RX.head), 3);
  assert.is(card.read(Card.rx(0, RX.head)), 0);
  card.write(Card.rx(0, RX.control), 0);
  card.write(Card.rx(0, RX.head), 3);
  assert.is(card.read(Card.rx(0, RX.head)), 3);
});

test("82599 4.6.7 disabling a ring discards the frames that wait for it", () => {
  const card = Card.ready({ given: 0 });
  card.arrive(packet());
  assert.is(card.model.waiting, 1);
  card.write(Card.rx(0, RX.control), 0);
  assert.is(card.model.waiting, 0);
  assert.is(card.model.ledger.discarded, 1);
});

test("82599 8.2.3.8 without RXCTRL.RXEN nothing is received or counted", () => {
  const card = Card.ready();
  card.write(REG.rxctrl, 0);
  card.arrive(packet());
  assert.is(card.take(), undefined);
  assert.is(card.read(0x40d0), 0);
  assert.is(card.model.ledger.ignored, 1);
});

test("82599 8.2.3.8 rings 64 and up have registers of their own", () => {
  const card = Card.ready();
  card.openReceive({}, 127);
  card.write(REG.etqf, 0x8000_1111);
  card.write(REG.etqs, 0x8000_0000 | (127 << 16));
  card.arrive(frame(0x1111, counting(46)));
  assert.equal(card.takeFrame(127)?.slice(14), counting(46));
  assert.is(card.read(Card.rx(127, RX.head)), 1);
});

test("82599 7.1.7 descriptors are fetched once: what software changes in them afterwards does not count", () => {
  const card = Card.ready();
  card.arrive(packet());
  card.dma.fields.setUint32(card.rxRing() + 16, 0x70_0000, true);
  card.arrive(frame(0x1234, counting(46)));
  card.take();
  assert.equal(card.takeFrame()?.slice(14), counting(46));
});

test("82599 8.2.3.22 with CRC stripping off, the four bytes of the CRC follow the frame", () => {
  const card = Card.ready();
  card.clear(REG.hlreg0, 2);
  const bytes = packet();
  card.arrive(bytes);
  const crc = referenceCrc(bytes, CRC32);
  assert.equal([...(card.takeFrame()?.slice(-4) ?? [])], [crc & 0xff, (crc >>> 8) & 0xff, (crc >>> 16) & 0xff, crc >>> 24]);
});

test("82599 8.2.3.22 frames above 1518 bytes are oversize unless JUMBOEN and MAXFRS say otherwise", () => {
  const card = Card.ready();
  card.arrive(frame(0x1234, counting(1501)));
  assert.is(card.read(0x40ac), 1);
  card.set(REG.hlreg0, 4);
  card.write(REG.maxfrs, 1519 << 16);
  card.arrive(frame(0x1234, counting(1501)));
  assert.is(card.takeFrame()?.length, 1515);
});

test("82599 8.2.3.22 a VLAN tag makes four bytes more of room", () => {
  const card = Card.ready();
  card.arrive(frame(0x1234, counting(1500), { vlan: 5 }));
  assert.is(card.takeFrame()?.length, 1518);
});

test("82599 7.1 runts are dropped, and stored when bad frames are, with an error", () => {
  const card = Card.ready();
  card.arrive(counting(59));
  assert.is(card.take(), undefined);
  card.set(REG.fctrl, 2 | 0x100 | 0x200);
  card.arrive(counting(59));
  assert.is((card.take()?.status ?? 0) & 0x2000_0000, 0x2000_0000);
});

test("82599 7.1 a frame with a wrong CRC is dropped, and stored when bad frames are, with an error", () => {
  const card = Card.ready();
  card.arrive(packet(), true);
  assert.is(card.take(), undefined);
  card.set(REG.fctrl, 2);
  card.arrive(packet(), true);
  assert.is((card.take()?.status ?? 0) & 0x2000_0000, 0x2000_0000);
});

test("82599 7.1.10 split: the header goes to its own buffer, with its length and SPH", () => {
  const card = Card.ready({ type: 2, header: 4 });
  card.write(REG.psrtype, 0x30);
  card.dma.fields.setUint32(card.rxRing() + 8, 0x70_0000, true);
  const bytes = packet({ protocol: "tcp", payload: counting(100) });
  card.arrive(bytes);
  const back = card.take();
  assert.is((back?.low ?? 0) >>> 31, 1);
  assert.is(((back?.low ?? 0) >>> 21) & 0x3ff, 54);
  assert.is(back?.length, 100);
  assert.equal(back?.data, counting(100));
  assert.equal(card.dma.memory.slice(0x70_0000, 0x70_0000 + 54), bytes.slice(0, 54));
});

test("82599 7.1.10 split: what PSRTYPE does not name stays whole in the packet buffer", () => {
  const card = Card.ready({ type: 2, header: 4 });
  card.write(REG.psrtype, 0x10);
  const bytes = packet({ protocol: "udp" });
  card.arrive(bytes);
  const back = card.take();
  assert.equal(back?.data, bytes);
  assert.is((back?.low ?? 0) >>> 31, 0);
});

test("82599 7.1.10 split: a header larger than its buffer stays in the packet, with HBO", () => {
  const card = Card.ready({ type: 2, header: 1 });
  card.write(REG.psrtype, 0x10);
  const bytes = packet({ protocol: "tcp", ipOptions: 20, payload: counting(40) });
  card.arrive(bytes);
  const back = card.take();
  assert.equal(back?.data, bytes);
  assert.is((back?.status ?? 0) & (1 << 23), 1 << 23);
});

test("82599 7.1.10 split always: without a header the header buffer is filled first", () => {
  const card = Card.ready({ type: 5, header: 1 });
  card.dma.fields.setUint32(card.rxRing() + 8, 0x70_0000, true);
  const bytes = frame(0x1234, counting(86));
  card.arrive(bytes);
  const back = card.take();
  assert.is(((back?.low ?? 0) >>> 21) & 0x3ff, 64);
  assert.equal(card.dma.memory.slice(0x70_0000, 0x70_0040), bytes.slice(0, 64));
  assert.equal(back?.data, bytes.slice(64));
});

test("82599 7.1.7 frames of two packet buffers do not hold each other up", () => {
  const card = Card.ready({ given: 0 });
  card.openReceive({}, 1);
  card.write(REG.mrqc, 3);
  card.write(REG.rtrup2tc, 1 << 15);
  card.write(REG.etqf, 0x8000_1111);
  card.write(REG.etqs, 0x8000_0000 | (1 << 16));
  card.arrive(packet());
  card.arrive(frame(0x1111, counting(46), { vlan: 0xa000 }));
  assert.ok(card.take(1) !== undefined);
  assert.is(card.model.waiting, 1);
});

test.run();
