/** Interrupts of the 82599: causes, masks, automatic clearing and masking, messages. Datasheet section 7.3. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PENDING_BITS } from "../../../devices/ixgbe/msix-window.ts";
import { REG } from "../../../devices/ixgbe/registers.ts";
import { Card, CMD } from "./card.ts";
import { withMessages, withPin } from "./interrupting.ts";
import { packet } from "./packets.ts";

const test = suite("82599 interrupts");
const LSC = 1 << 20;

test("82599 7.3.1 a received frame sets its queue's cause and raises the pin", () => {
  const card = withPin();
  card.arrive(packet());
  assert.ok(card.isHigh);
  assert.is(card.read(REG.eicr), 1);
});

test("82599 7.3.1 a sent frame interrupts where its descriptor reports, and only there", () => {
  const card = withPin();
  card.putLegacy(packet(), CMD.eop | CMD.ifcs);
  card.go();
  assert.not(card.isHigh);
  card.send(packet());
  assert.is(card.read(REG.eicr), 2);
});

test("82599 7.3.1 reading EICR clears it and lowers the pin", () => {
  const card = withPin();
  card.arrive(packet());
  card.read(REG.eicr);
  assert.not(card.isHigh);
  assert.is(card.read(REG.eicr), 0);
});

test("82599 7.3.1 writing ones to EICR clears just those", () => {
  const card = withPin();
  card.write(REG.eics, 0xf);
  card.write(REG.eicr, 5);
  assert.is(card.read(REG.eicr), 0xa);
});

test("82599 7.3.1 reading EICS shows the causes without clearing them", () => {
  const card = withPin();
  card.write(REG.eics, 3);
  assert.is(card.read(REG.eics), 3);
  assert.is(card.read(REG.eicr), 3);
});

test("82599 8.2.3.5 an invalid IVAR entry sets no cause", () => {
  const card = withPin();
  card.write(REG.ivar, 0x0100);
  card.arrive(packet());
  assert.is(card.read(REG.eicr), 0);
});

for (const cause of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
  test(`82599 8.2.3.5 cause ${cause}: masked it does not interrupt, unmasked it does, alone or among others`, () => {
    const card = new Card();
    const bit = 1 << cause;
    card.write(REG.eimc, bit);
    card.write(REG.eics, bit);
    assert.not(card.isHigh);
    assert.is(card.read(REG.eicr), bit);
    card.write(REG.eims, bit);
    card.write(REG.eics, bit);
    assert.ok(card.isHigh);
    assert.is(card.read(REG.eicr), bit);
    card.write(REG.eimc, 0x7fff_ffff);
    card.write(REG.eics, ~bit & 0x7fff);
    assert.not(card.isHigh);
  });
}

test("82599 8.2.3.5 EIMS sets bits of the mask, EIMC clears them, both read it", () => {
  const card = new Card();
  card.write(REG.eims, 0x0010_000f);
  card.write(REG.eimc, 0x0000_0005);
  assert.is(card.read(REG.eims), 0x0010_000a);
  assert.is(card.read(REG.eimc), 0x0010_000a);
});

test("82599 8.2.3.5 the low half of EIMS and of EIMS_EX(0) are the same bits", () => {
  const card = new Card();
  card.write(REG.eimsEx, 0xffff_0001);
  card.write(REG.eims, 2);
  assert.is(card.read(REG.eims), 3);
  assert.is(card.read(REG.eimsEx), 0xffff_0003);
  card.write(REG.eimcEx, 1);
  assert.is(card.read(REG.eims), 2);
});

test("82599 7.3.1 unmasking a cause that is pending raises the pin at once, masking it lowers it", () => {
  const card = new Card();
  card.write(REG.eics, 1);
  card.write(REG.eims, 1);
  assert.ok(card.isHigh);
  card.write(REG.eimc, 1);
  assert.not(card.isHigh);
});

test("82599 7.3.1 EIAM without messages: reading EICR masks, writing EICS unmasks", () => {
  const card = withPin();
  card.write(REG.eiam, 1);
  card.arrive(packet());
  card.read(REG.eicr);
  assert.is(card.read(REG.eims), 2);
  card.arrive(packet());
  assert.not(card.isHigh);
  card.write(REG.eics, 1);
  assert.is(card.read(REG.eims), 3);
  assert.ok(card.isHigh);
});

test("82599 7.3.1 EIAM without messages: writing EICR masks too", () => {
  const card = withPin();
  card.write(REG.eiam, 3);
  card.write(REG.eicr, 1);
  assert.is(card.read(REG.eims), 0);
});

test("82599 8.2.3.5 GPIE.OCD: a read of EICR clears bits 29:16 only", () => {
  const card = new Card();
  card.write(REG.gpie, 0x20);
  card.write(REG.eics, 0x4010_0001);
  assert.is(card.read(REG.eicr), 0x4010_0001);
  assert.is(card.read(REG.eicr), 0x4000_0001);
});

test("82599 7.3.2 messages: the queue's vector is sent, and the pin stays low", () => {
  const card = withMessages();
  card.arrive(packet());
  card.send(packet());
  assert.equal(card.messages, [1, 2]);
  assert.not(card.isHigh);
});

test("82599 7.3.2 messages: other causes go to the vector of IVAR_MISC, the TCP timer to its own", () => {
  const card = withMessages();
  card.write(REG.ivarMisc, 0x8384);
  card.wire.setUp(false);
  card.write(REG.eics, 1 << 30);
  assert.equal(card.messages, [3, 4]);
});

test("82599 7.3.2 messages: EIAC clears the cause when the message goes out", () => {
  const card = withMessages();
  card.write(REG.eiac, 2);
  card.arrive(packet());
  card.send(packet());
  assert.is(card.read(REG.eicr), 4);
});

test("82599 7.3.2 messages: without EIAC each new event is a message", () => {
  const card = withMessages();
  for (let i = 0; i < 3; i++) card.arrive(packet());
  assert.equal(card.messages, [1, 1, 1]);
  assert.is(card.read(REG.eicr), 2);
});

test("82599 7.3.2 messages: EIAM with EIAME masks the vector until software unmasks it, and a pending cause fires then", () => {
  const card = withMessages(0x4000_0010);
  card.write(REG.eiac, 2);
  card.write(REG.eiamEx, 2);
  card.arrive(packet());
  assert.is(card.read(REG.eimsEx) & 2, 0);
  card.arrive(packet());
  assert.equal(card.messages, [1]);
  card.write(REG.eimsEx, 2);
  assert.equal(card.messages, [1, 1]);
});

test("82599 7.3.2 messages: without EIAME nothing is masked", () => {
  const card = withMessages();
  card.write(REG.eiamEx, 2);
  card.arrive(packet());
  assert.is(card.read(REG.eimsEx) & 2, 2);
});

for (const vector of [15, 16, 31, 32, 63]) {
  test(`82599 7.3.2 messages: vector ${vector} has its bit, its mask and its message`, () => {
    const card = withMessages();
    card.write(REG.ivar, 0x80 | vector);
    const bank = vector >>> 5;
    card.write(REG.eimsEx + 4 * bank, 0);
    card.write(REG.eimcEx + 4 * bank, 0xffff_ffff);
    card.arrive(packet());
    assert.equal(card.messages, []);
    assert.is(card.read(REG.eicsEx + 4 * bank), (1 << (vector & 31)) >>> 0);
    card.write(REG.eimsEx + 4 * bank, 1 << (vector & 31));
    assert.equal(card.messages, [vector]);
  });
}

test("82599 7.3.2 messages: EICS_EX raises vectors", () => {
  const card = withMessages();
  card.write(REG.eimsEx + 4, 0xffff_ffff);
  card.write(REG.eicsEx, 1 << 20);
  card.write(REG.eicsEx + 4, 1 << 5);
  assert.equal(card.messages, [20, 37]);
});

test("82599 8.2.3.6 a masked table entry keeps the message pending, and unmasking sends it", () => {
  const card = withMessages();
  const table = card.model.window(4);
  table?.write32(16 + 12, 1);
  card.arrive(packet());
  assert.equal(card.messages, []);
  assert.is(table?.read32(PENDING_BITS), 2);
  table?.write32(16 + 12, 0);
  assert.equal(card.messages, [1]);
  assert.is(table?.read32(PENDING_BITS), 0);
});

test("82599 8.2.3.6 the table's window is whole words only", () => {
  const card = withMessages();
  const table = card.model.window(4);
  table?.write64(16, 0x1_0000_fee0n);
  assert.is(table?.read64(16), 0x1_0000_fee0n);
  assert.equal([table?.read8(0), table?.read16(0), table?.read32(2), table?.read32(0x4000)], [0xff, 0xffff, 0xffff_ffff, 0xffff_ffff]);
  table?.write8(16, 1);
  table?.write16(16, 1);
  assert.is(table?.read32(16), 0xfee0);
});

test("82599 7.3.2 without MSI-X enabled on the bus no message goes out", () => {
  const card = withMessages();
  card.model.messageControl.configure(false, false);
  card.arrive(packet());
  assert.equal(card.messages, []);
});

test("82599 7.3.1 a link change is an interrupt like another", () => {
  const card = new Card();
  card.write(REG.eims, LSC);
  card.wire.setUp(false);
  assert.ok(card.isHigh);
});

test("82599 7.3.1 an interrupt handler that runs inside the access sees the frame, and its own accesses count", () => {
  const card = Card.ready();
  card.model.stop();
  const seen: number[] = [];
  card.model.start(card.dma, {
    set: (high) => {
      if (high) seen.push(card.read(REG.eicr));
    },
  });
  card.openReceive();
  card.write(REG.ivar, 0x80);
  card.write(REG.eims, 1);
  for (let i = 0; i < 3; i++) card.arrive(packet());
  assert.equal(seen, [1, 1, 1]);
});

test("82599 7.3.1 a handler that answers each interrupt with the next one does not hang the card", () => {
  const card = Card.ready();
  card.model.stop();
  let count = 0;
  card.model.start(card.dma, {
    set: (high) => {
      if (!high) return;
      count++;
      card.read(REG.eicr);
      card.write(REG.eics, 1);
    },
  });
  card.write(REG.eims, 1);
  card.write(REG.eics, 1);
  assert.ok(count > 1);
});

test.run();
