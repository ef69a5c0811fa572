/** What the 82599 does when the bus says no, and what the host can see of it. Datasheet sections 7.1, 7.2, 7.3. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CAUSE, REG, RX, TX } from "../../../devices/ixgbe/registers.ts";
import { dumpRegisters, traced } from "../../../devices/ixgbe/trace.ts";
import { Card, CMD, ENABLE } from "./card.ts";
import { counting, packet } from "./packets.ts";

const test = suite("82599 refusals");

/** Refuses ranges of one kind that begin at or behind an address. */
function refuse(card: Card, kind: "read" | "write", from: number, to: number): void {
  card.dma.refuses = (asked, address) => asked === kind && address >= from && address < to;
}

test("82599 7.1 a refused receive buffer: the descriptor comes back with RXE and length 0, the frame is lost, the cause is PCI", () => {
  const card = Card.ready();
  refuse(card, "write", card.rxBuffer(0, 0), card.rxBuffer(0, 1));
  card.arrive(packet());
  const back = card.take();
  assert.equal([(back?.status ?? 0) & 0x2000_0003, back?.length], [0x2000_0003, 0]);
  assert.is(card.read(REG.eicr) & CAUSE.pci, CAUSE.pci);
  assert.is(card.model.ledger.refused, 1);
  card.arrive(packet());
  assert.equal(card.takeFrame(), packet());
});

test("82599 7.1 a refused buffer in the middle of a frame ends the frame there", () => {
  const card = Card.ready({ buffer: 1 });
  refuse(card, "write", card.rxBuffer(0, 1), card.rxBuffer(0, 2));
  card.arrive(packet({ payload: counting(1400) }));
  assert.is((card.take()?.status ?? 0) & 3, 1);
  assert.is((card.take()?.status ?? 0) & 0x2000_0003, 0x2000_0003);
  assert.is(card.model.ledger.refused, 1);
});

test("82599 7.1 a refused receive ring stands still until it is enabled again", () => {
  const card = Card.ready();
  refuse(card, "read", card.rxRing(), card.rxRing() + 0x400);
  card.arrive(packet());
  card.dma.refuses = () => false;
  card.arrive(packet());
  assert.is(card.take(), undefined);
  assert.is(card.model.ledger.refused, 2);
  card.write(Card.rx(0, RX.control), 0);
  card.write(Card.rx(0, RX.control), ENABLE);
  card.write(Card.rx(0, RX.tail), 15);
  card.arrive(packet());
  assert.ok(card.take() !== undefined);
});

test("82599 7.1 a refused write-back loses its frames and counts them", () => {
  const card = Card.ready();
  refuse(card, "write", card.rxRing(), card.rxRing() + 0x400);
  card.arrive(packet());
  assert.is(card.take(), undefined);
  assert.equal([card.model.ledger.delivered, card.model.ledger.refused], [0, 1]);
  assert.is(card.read(REG.eicr) & CAUSE.pci, CAUSE.pci);
});

test("82599 7.2 refused data: the frame is not sent, its descriptor stays at the head, the cause is PCI", () => {
  const card = Card.ready();
  refuse(card, "read", 0x40_0000, 0x80_0000);
  card.send(packet());
  assert.is(card.wire.sent.length, 0);
  assert.is(card.read(Card.tx(0, TX.head)), 0);
  assert.equal([card.read(REG.eicr) & CAUSE.pci, card.model.ledger.notSent], [CAUSE.pci, 1]);
});

test("82599 7.2 a refused transmit ring stands still, others go on", () => {
  const card = Card.ready();
  card.openTransmit(16, 1);
  refuse(card, "read", card.txRing(), card.txRing() + 0x400);
  card.send(packet());
  card.send(packet(), 1);
  assert.is(card.wire.sent.length, 1);
  assert.is(card.read(REG.eicr) & CAUSE.pci, CAUSE.pci);
});

test("82599 7.2 a refused head write-back stops the ring", () => {
  const card = Card.ready();
  card.write(Card.tx(0, TX.headAddressLow), 0x70_0001);
  refuse(card, "write", 0x70_0000, 0x70_0004);
  card.send(packet());
  card.send(packet());
  assert.is(card.wire.sent.length, 1);
});

test("82599 7.2 a DMA address above 32 bits is asked for whole", () => {
  const card = Card.ready();
  card.put([0x1000, 1, 60 | (CMD.eop << 24), 0]);
  const asked: number[] = [];
  card.dma.refuses = (kind, address) => {
    if (kind === "read") asked.push(address);
    return false;
  };
  card.go();
  assert.is(card.wire.sent.length, 0);
  assert.is(card.read(REG.eicr) & CAUSE.pci, CAUSE.pci);
  assert.equal(asked, [card.txRing()]);
});

test("82599 7.1 stop lets go of every pin and touches nothing afterwards", () => {
  const card = Card.ready();
  card.openReceive({}, 5);
  card.model.stop();
  assert.is(card.dma.pins.size, 0);
  const before = card.dma.log.length;
  card.model.receive(packet(), 74);
  card.model.tick();
  card.model.carrier(false);
  card.write(Card.tx(0, TX.tail), 1);
  card.model.stop();
  assert.is(card.dma.log.length, before);
});

test("82599 7.1 frames without a grant are counted as ignored", () => {
  const card = new Card({ start: false });
  card.arrive(packet());
  assert.equal([card.model.ledger.framesIn, card.model.ledger.ignored], [1, 1]);
});

test("82599 7.1 frames that wait are discarded by a reset", () => {
  const card = Card.ready({ given: 0 });
  card.arrive(packet());
  card.write(REG.ctrl, 8);
  assert.equal([card.model.waiting, card.model.ledger.discarded], [0, 1]);
});

test("82599 7.2 a reset that comes from inside the wire, in the middle of a frame, leaves the ring alone", () => {
  const card = Card.ready();
  card.wire.send = () => card.write(REG.ctrl, 8);
  card.send(packet());
  card.dma.log.length = 0;
  card.write(REG.eims, 1);
  assert.equal(card.dma.log, []);
  assert.is(card.read(Card.tx(0, TX.head)), 0);
});

test("82599 7.2 a wire that loops back inside send delivers the frame", () => {
  const card = Card.ready();
  card.wire.send = (bytes, length) => card.model.receive(bytes, length);
  card.send(packet());
  assert.equal(card.takeFrame(), packet());
});

test("82599 7.1 an empty frame and one beyond 64 KiB are ignored", () => {
  const card = Card.ready();
  card.model.receive(new Uint8Array(0), 0);
  card.model.receive(new Uint8Array(0x10001), 0x10001);
  assert.is(card.model.ledger.ignored, 2);
});

test("dumpRegisters names what is not 0 and clears no counter", () => {
  const card = Card.ready();
  card.arrive(packet());
  assert.is(dumpRegisters(card.model).get("GPRC"), 1);
  const dump = dumpRegisters(card.model);
  assert.equal([dump.get("GPRC"), dump.get("RDH(0)"), dump.get("RDT(0)"), dump.get("MPC(0)")], [1, 1, 15, undefined]);
});

test("traced names each access and answers what the card answers", () => {
  const card = Card.ready();
  const lines: string[] = [];
  const window = traced(card.model, (line) => lines.push(line));
  window.write32(Card.rx(2, RX.tail), 3);
  window.write64(Card.rx(0, RX.baseLow), 0x1000n);
  assert.is(window.read32(REG.status), card.read(REG.status));
  window.read64(Card.rx(0, RX.baseLow));
  window.read8(0);
  window.read16(0);
  window.write8(0, 1);
  window.write16(0, 1);
  assert.equal(lines, [
    "write32 RDT(2) 3",
    "write64 RDBAL(0) 1000",
    "read32 STATUS 80080",
    "read64 RDBAL(0) 1000",
    "read8 CTRL ff",
    "read16 CTRL ffff",
    "write8 CTRL 1",
    "write16 CTRL 1",
  ]);
});

test.run();
