/** Interrupt throttling of the 82599 on a virtual clock, and what goes past it. Datasheet sections 7.3.2 and 7.3.4. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { IxgbeModel } from "../../../devices/ixgbe/model.ts";
import { REG } from "../../../devices/ixgbe/registers.ts";
import { PlainDma } from "../../support/plain-dma.ts";
import { TestWire } from "./card.ts";
import { withMessages, withPin } from "./interrupting.ts";
import { packet } from "./packets.ts";

const test = suite("82599 interrupt throttling");
const UNIT = 2.048;

test("82599 7.3.2 EITR: after an interrupt the next one waits for the interval, and is not lost", () => {
  const card = withMessages();
  card.write(REG.eitr + 4, 100 << 3);
  card.arrive(packet());
  card.arrive(packet());
  assert.equal(card.messages, [1]);
  assert.is(card.model.deadlineMicros, 100 * UNIT);
  card.after(100 * UNIT - 1);
  assert.equal(card.messages, [1]);
  card.after(1);
  assert.equal(card.messages, [1, 1]);
});

test("82599 7.3.2 EITR: several events inside an interval are one interrupt", () => {
  const card = withMessages();
  card.write(REG.eitr + 4, 100 << 3);
  for (let i = 0; i < 8; i++) card.arrive(packet());
  card.after(300);
  card.after(300);
  assert.equal(card.messages, [1, 1]);
});

test("82599 7.3.2 EITR: an event after the interval interrupts at once", () => {
  const card = withMessages();
  card.write(REG.eitr + 4, 100 << 3);
  card.arrive(packet());
  card.now = 250;
  card.arrive(packet());
  assert.equal(card.messages, [1, 1]);
});

test("82599 7.3.2 EITR: 0 is no throttling, and each vector has its own", () => {
  const card = withMessages();
  card.write(REG.eitr + 4, 100 << 3);
  for (let i = 0; i < 3; i++) card.send(packet());
  assert.equal(card.messages, [2, 2, 2]);
});

test("82599 7.3.2 EITR of vectors from 24 on is in another place", () => {
  const card = withMessages();
  card.write(REG.ivar, 0x80 | 40);
  card.write(REG.eimsEx + 4, 0xffff_ffff);
  card.write(REG.eitrHigh + 4 * 16, 50 << 3);
  card.arrive(packet());
  card.arrive(packet());
  assert.equal(card.messages, [40]);
  card.after(50 * UNIT);
  assert.equal(card.messages, [40, 40]);
});

test("82599 7.3.2 EITR: the host is told when it is wanted", () => {
  const card = withMessages();
  card.write(REG.eitr + 4, 100 << 3);
  card.arrive(packet());
  card.arrive(packet());
  assert.is(card.deadlines.at(-1), 100 * UNIT);
});

test("82599 8.2.3.5 EITR: CNT_WDIS keeps the counter, else it is written", () => {
  const card = withMessages();
  card.write(REG.eitr + 4, 100 << 3);
  card.arrive(packet());
  card.arrive(packet());
  card.write(REG.eitr + 4, 0x8000_0000 | (100 << 3));
  assert.equal(card.messages, [1]);
  assert.is(card.read(REG.eitr + 4) & 0xff8, 100 << 3);
  assert.is((card.read(REG.eitr + 4) >>> 21) & 0x7f, 25);
  card.write(REG.eitr + 4, 100 << 3);
  assert.equal(card.messages, [1, 1]);
});

test("82599 7.3.2 EITR(0) throttles the pin", () => {
  const card = withPin();
  card.write(REG.eitr, 50 << 3);
  card.arrive(packet());
  card.read(REG.eicr);
  card.arrive(packet());
  assert.not(card.isHigh);
  card.after(50 * UNIT);
  assert.ok(card.isHigh);
});

test("82599 8.2.3.5 GPIE.EIMEN: a cause that EICS sets does not wait", () => {
  const card = withMessages(0x50);
  card.write(REG.eitr + 4, 100 << 3);
  card.arrive(packet());
  card.write(REG.eicsEx, 2);
  assert.equal(card.messages, [1, 1]);
});

test("82599 7.3.4 a frame whose filter asks for it interrupts without waiting for the interval", () => {
  const card = withMessages();
  card.write(REG.eitr + 4, 100 << 3);
  card.write(REG.l34timir, 1 << 20);
  card.write(REG.sdpqf, 0xd007 << 16);
  card.write(REG.ftqf, 0x8000_0000 | (7 << 25) | (1 << 29));
  card.arrive(packet());
  card.arrive(packet({ destinationPort: 2001 }));
  assert.equal(card.messages, [1]);
  card.arrive(packet());
  assert.equal(card.messages, [1, 1]);
});

test("82599 7.3.2 without a clock nothing is throttled", () => {
  const model = new IxgbeModel({ wire: new TestWire() });
  const levels: boolean[] = [];
  model.start(new PlainDma(64), { set: (level) => levels.push(level) });
  model.write32(REG.eitr, 0xff8);
  model.write32(REG.eims, 1);
  for (let i = 0; i < 2; i++) {
    model.write32(REG.eics, 1);
    model.read32(REG.eicr);
  }
  assert.equal(levels, [true, false, true, false]);
  assert.is(model.deadlineMicros, Number.POSITIVE_INFINITY);
});

test.run();
