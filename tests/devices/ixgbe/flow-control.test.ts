/** Pause frames of the 82599, both ways. Datasheet section 3.7.7, IEEE 802.3 annexes 31B and 31D. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { COUNT } from "../../../devices/ixgbe/map-statistics.ts";
import { REG } from "../../../devices/ixgbe/registers.ts";
import { Card } from "./card.ts";
import { be16, counting, frame, OWN, packet } from "./packets.ts";

const test = suite("82599 flow control");
const PAUSE = [0x01, 0x80, 0xc2, 0, 0, 1] as const;
const QUANTUM = 0.0512;

function pause(quanta: number, to: readonly number[] = PAUSE): Uint8Array {
  return frame(0x8808, [...be16(1), ...be16(quanta)], { to });
}

function priorityPause(classes: number, quanta: readonly number[]): Uint8Array {
  return frame(0x8808, [...be16(0x0101), ...be16(classes), ...quanta.flatMap(be16)], { to: PAUSE });
}

function listening(control = 8): Card {
  const card = Card.ready();
  card.write(REG.mflcn, control);
  return card;
}

test("82599 3.7.7 a pause stops transmission for its time", () => {
  const card = listening();
  card.arrive(pause(1000));
  card.send(packet());
  assert.is(card.wire.sent.length, 0);
  assert.is(card.model.deadlineMicros, 1000 * QUANTUM);
  card.after(1000 * QUANTUM - 1);
  assert.is(card.wire.sent.length, 0);
  card.after(1);
  assert.is(card.wire.sent.length, 1);
});

test("82599 3.7.7 a pause of time 0 ends it", () => {
  const card = listening();
  card.arrive(pause(0xffff));
  card.send(packet());
  card.arrive(pause(0));
  assert.is(card.wire.sent.length, 1);
});

test("82599 3.7.7 pause frames are the MAC's: no filter lets them through, and they are counted apart", () => {
  const card = listening();
  card.write(REG.fctrl, 0x700);
  card.arrive(pause(5));
  card.arrive(pause(0));
  assert.is(card.take(), undefined);
  assert.equal([card.read(COUNT.xoffReceived), card.read(COUNT.xonReceived)], [1, 1]);
  assert.equal([card.read(COUNT.goodReceived), card.read(COUNT.received)], [0, 2]);
  assert.is(card.model.ledger.control, 2);
});

test("82599 3.7.7 a pause to the station's own address counts too", () => {
  const card = listening();
  card.arrive(pause(1000, OWN));
  card.send(packet());
  assert.is(card.wire.sent.length, 0);
});

test("82599 8.2.3.22 without RFCE a pause does nothing", () => {
  const card = listening(0);
  card.arrive(pause(1000));
  card.send(packet());
  assert.is(card.wire.sent.length, 1);
  assert.is(card.read(COUNT.xoffReceived), 0);
});

test("82599 8.2.3.22 PMCF passes control frames to the filters, DPF keeps pauses back all the same", () => {
  const card = listening(9);
  card.write(REG.fctrl, 0x700);
  card.arrive(pause(1));
  assert.ok(card.take() !== undefined);
  card.write(REG.mflcn, 0xb);
  card.arrive(pause(1));
  assert.is(card.take(), undefined);
});

test("82599 3.7.7 priority pauses are counted by class, and stop the only transmit class there is", () => {
  const card = listening(4);
  card.arrive(priorityPause(0b101, [100, 0, 0, 0, 0, 0, 0, 0]));
  card.send(packet());
  assert.is(card.wire.sent.length, 0);
  assert.equal([card.read(COUNT.priorityXoffReceived), card.read(COUNT.priorityXonReceived + 8)], [1, 1]);
  card.after(100 * QUANTUM);
  assert.is(card.wire.sent.length, 1);
});

test("82599 8.2.3.3 TFCS shows whether transmission is paused", () => {
  const card = listening();
  assert.is(card.read(0xce00), 0);
  card.arrive(pause(1000));
  assert.is(card.read(0xce00), 1);
});

/** A card without descriptors whose packet buffer sends XOFF above 512 bytes and XON at 128. */
function sending(mode = 1): Card {
  const card = Card.ready({ given: 0 });
  card.write(REG.fccfg, mode << 3);
  card.write(REG.fcttv, 0x1234);
  card.write(REG.fcrth, 0x8000_0000 | 512);
  card.write(REG.fcrtl, 0x8000_0000 | 128);
  return card;
}

function fill(card: Card, frames: number): void {
  for (let i = 0; i < frames; i++) card.arrive(frame(0x1234, counting(46)));
}

test("82599 3.7.7 a packet buffer above its high threshold sends XOFF once, with FCTTV's time", () => {
  const card = sending();
  fill(card, 8);
  assert.is(card.wire.sent.length, 0);
  fill(card, 3);
  assert.equal(card.wire.sent, [frame(0x8808, [...be16(1), ...be16(0x1234)], { to: PAUSE, from: OWN })]);
  assert.is(card.read(COUNT.xoffSent), 1);
});

test("82599 3.7.7 at its low threshold it sends XON", () => {
  const card = sending();
  fill(card, 10);
  card.write(0x1018, 7);
  assert.is(card.wire.sent.length, 1);
  card.write(0x1018, 12);
  assert.equal(card.wire.sent[1], pauseFrom(0));
  assert.is(card.read(COUNT.xonSent), 1);
});

function pauseFrom(quanta: number): Uint8Array {
  return frame(0x8808, [...be16(1), ...be16(quanta)], { to: PAUSE, from: OWN });
}

test("82599 8.2.3.3 without XONE no XON is sent, and without FCCFG nothing at all", () => {
  const card = sending();
  card.write(REG.fcrtl, 128);
  fill(card, 10);
  card.write(0x1018, 12);
  assert.is(card.wire.sent.length, 1);
  const silent = sending(0);
  fill(silent, 10);
  assert.is(silent.wire.sent.length, 0);
});

test("82599 8.2.3.3 FCRTV repeats XOFF as long as the buffer is full", () => {
  const card = sending();
  card.write(REG.fcrtv, 1000);
  fill(card, 10);
  card.after(1000 * QUANTUM);
  card.after(1000 * QUANTUM);
  assert.is(card.wire.sent.length, 3);
  card.write(0x1018, 12);
  card.after(5000 * QUANTUM);
  assert.equal(card.wire.sent.slice(3), [pauseFrom(0)]);
});

test("82599 3.7.7 in priority mode the frame names its class", () => {
  const card = sending(2);
  fill(card, 10);
  assert.equal(card.wire.sent, [frame(0x8808, [...be16(0x0101), ...be16(1), ...be16(0x1234)], { to: PAUSE, from: OWN })]);
  assert.is(card.read(COUNT.priorityXoffSent), 1);
});

test("82599 3.7.7 pause frames go out while transmission is paused", () => {
  const card = sending();
  card.write(REG.mflcn, 8);
  card.arrive(pause(0xffff));
  fill(card, 10);
  assert.is(card.wire.sent.length, 1);
});

test.run();
