/** Which frames the 82599 accepts: addresses, hash tables, promiscuous modes, VLANs. Datasheet sections 7.1.1 and 7.4. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FCTRL, MCSTCTRL, REG, VLNCTRL } from "../../../devices/ixgbe/registers.ts";
import { Card } from "./card.ts";
import { BROADCAST, counting, frame, OWN } from "./packets.ts";

const test = suite("82599 filters");
const OTHER = [0x02, 1, 2, 3, 4, 5] as const;
const GROUP = [0x01, 0, 0x5e, 0x12, 0x34, 0x56] as const;

function accepts(card: Card, to: readonly number[], vlan?: number): boolean {
  const before = card.model.ledger.delivered;
  card.arrive(frame(0x1234, counting(46), vlan === undefined ? { to } : { to, vlan }));
  return card.model.ledger.delivered > before;
}

function closed(): Card {
  const card = Card.ready({ entries: 64 });
  card.write(REG.fctrl, 0);
  return card;
}

/** The 12 bits of an address that MCSTCTRL.MO selects, as the datasheet draws them: bit 47 is the last byte's highest. */
function tableIndex(address: readonly number[], offset: number): number {
  const bits = address.flatMap((byte) => Array.from({ length: 8 }, (_, i) => (byte >>> i) & 1));
  const lowest = [36, 35, 34, 32][offset] ?? 0;
  return bits.slice(lowest, lowest + 12).reduce((value, bit, i) => value | (bit << i), 0);
}

function setBit(card: Card, table: number, index: number): void {
  card.set(table + 4 * (index >>> 5), 1 << (index & 31));
}

function setStation(card: Card, n: number, address: readonly number[], valid = true): void {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = address;
  card.write(REG.ral + 8 * n, a | (b << 8) | (c << 16) | (d << 24));
  card.write(REG.ral + 8 * n + 4, e | (f << 8) | (valid ? 0x8000_0000 : 0));
}

test("82599 7.1.1 the station's own address is accepted, and software need not look again", () => {
  const card = closed();
  assert.ok(accepts(card, OWN));
  assert.is((card.take()?.status ?? 0) & 0x80, 0);
});

test("82599 7.1.1 another unicast address is not", () => {
  const card = closed();
  assert.not(accepts(card, OTHER));
  assert.is(card.model.ledger.filtered, 1);
});

for (const n of [1, 15, 16, 127]) {
  test(`82599 7.1.1 station address ${n} of 128 is accepted while AV is set`, () => {
    const card = closed();
    setStation(card, n, OTHER);
    assert.ok(accepts(card, OTHER));
    setStation(card, n, OTHER, false);
    assert.not(accepts(card, OTHER));
  });
}

test("82599 7.1.1 without AV not even address 0 counts", () => {
  const card = closed();
  setStation(card, 0, OWN, false);
  assert.not(accepts(card, OWN));
});

test("82599 7.1.1 the exact filters match multicast addresses too", () => {
  const card = closed();
  setStation(card, 3, GROUP);
  assert.ok(accepts(card, GROUP));
});

test("82599 7.1.1 addresses that differ in one bit do not match", () => {
  const card = closed();
  for (let bit = 0; bit < 48; bit++) {
    const address: number[] = [...OWN];
    address[bit >>> 3] = (address[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
    if (bit !== 0) assert.not(accepts(card, address));
  }
});

test("82599 7.1.1 broadcast is accepted with BAM and only then", () => {
  const card = closed();
  assert.not(accepts(card, BROADCAST));
  card.write(REG.fctrl, FCTRL.broadcast);
  assert.ok(accepts(card, BROADCAST));
  assert.not(accepts(card, GROUP));
});

test("82599 7.1.1 UPE accepts any unicast address and no multicast; PIF says so", () => {
  const card = closed();
  card.write(REG.fctrl, FCTRL.allUnicast);
  assert.ok(accepts(card, OTHER));
  assert.is((card.take()?.status ?? 0) & 0x80, 0x80);
  assert.not(accepts(card, GROUP));
});

test("82599 7.1.1 MPE accepts any multicast address and no unicast", () => {
  const card = closed();
  card.write(REG.fctrl, FCTRL.allMulticast);
  assert.ok(accepts(card, GROUP));
  assert.is((card.take()?.status ?? 0) & 0x80, 0x80);
  assert.not(accepts(card, OTHER));
});

for (const offset of [0, 1, 2, 3]) {
  test(`82599 7.1.1 the multicast table with MO ${offset}: the bit of an address accepts it, and only with MFE`, () => {
    const card = closed();
    card.write(REG.mcstctrl, offset);
    setBit(card, REG.mta, tableIndex(GROUP, offset));
    assert.not(accepts(card, GROUP));
    card.write(REG.mcstctrl, offset | MCSTCTRL.enable);
    assert.ok(accepts(card, GROUP));
    assert.is((card.take()?.status ?? 0) & 0x80, 0x80);
    assert.not(accepts(card, [...GROUP.slice(0, 5), GROUP[5] ^ 0x08]));
  });
}

test("82599 7.1.1 addresses with the same 12 bits share a bit of the table", () => {
  const card = closed();
  card.write(REG.mcstctrl, MCSTCTRL.enable);
  setBit(card, REG.mta, tableIndex(GROUP, 0));
  assert.ok(accepts(card, [0x01, 9, 9, 9, GROUP[4], GROUP[5]]));
});

test("82599 7.1.1 the unicast table accepts by the same bits", () => {
  const card = closed();
  setBit(card, REG.uta, tableIndex(OTHER, 0));
  assert.ok(accepts(card, OTHER));
  assert.not(accepts(card, [...OTHER.slice(0, 5), OTHER[5] ^ 0x80]));
});

test("82599 7.4 without VFE tagged frames pass, whatever the table says", () => {
  assert.ok(accepts(closed(), OWN, 5));
});

test("82599 7.4 with VFE a tagged frame passes by its id's bit; untagged ones pass", () => {
  const card = closed();
  card.set(REG.vlnctrl, VLNCTRL.filter);
  assert.not(accepts(card, OWN, 5));
  setBit(card, REG.vfta, 5);
  assert.ok(accepts(card, OWN, 5));
  assert.ok(accepts(card, OWN));
});

for (const id of [0, 31, 32, 4095]) {
  test(`82599 7.4 the VLAN table has a bit for id ${id}`, () => {
    const card = closed();
    card.set(REG.vlnctrl, VLNCTRL.filter);
    setBit(card, REG.vfta, id);
    assert.ok(accepts(card, OWN, id));
    assert.not(accepts(card, OWN, id ^ 1));
  });
}

test("82599 7.4 the priority does not matter to the table", () => {
  const card = closed();
  card.set(REG.vlnctrl, VLNCTRL.filter);
  setBit(card, REG.vfta, 5);
  assert.ok(accepts(card, OWN, 5 | 0xe000));
});

test("82599 7.4 CFIEN compares the tag's CFI bit with CFI", () => {
  const card = closed();
  card.set(REG.vlnctrl, VLNCTRL.filter | VLNCTRL.cfiEnable);
  setBit(card, REG.vfta, 5);
  assert.ok(accepts(card, OWN, 5));
  assert.not(accepts(card, OWN, 5 | 0x1000));
  card.set(REG.vlnctrl, VLNCTRL.cfi);
  assert.ok(accepts(card, OWN, 5 | 0x1000));
});

test("82599 7.4 VET chooses which type is a tag", () => {
  const card = closed();
  card.write(REG.vlnctrl, VLNCTRL.filter | 0x88a8);
  assert.ok(accepts(card, OWN, 5));
  assert.is((card.take()?.status ?? 0) & 8, 0);
});

test("82599 7.1.1 both filters together: address and VLAN have to agree", () => {
  const card = closed();
  card.write(REG.fctrl, FCTRL.broadcast | FCTRL.allUnicast | FCTRL.allMulticast);
  card.set(REG.vlnctrl, VLNCTRL.filter);
  setBit(card, REG.vfta, 7);
  for (const to of [OWN, OTHER, GROUP, BROADCAST]) {
    assert.ok(accepts(card, to, 7));
    assert.not(accepts(card, to, 8));
  }
});

test("82599 7.4 the tag stays in the frame and is in the descriptor, with VP", () => {
  const card = Card.ready();
  card.arrive(frame(0x1234, counting(46), { vlan: 0x6005 }));
  const back = card.take();
  assert.is(back?.length, 64);
  assert.is(back?.vlan, 0x6005);
  assert.is((back?.status ?? 0) & 8, 8);
});

test("82599 7.4 VME strips the tag, and the rest is as if it had not been there", () => {
  const card = Card.ready({ strip: true });
  card.arrive(frame(0x1234, counting(46), { vlan: 0x6005 }));
  const back = card.take();
  assert.is(back?.vlan, 0x6005);
  assert.equal(back?.data, frame(0x1234, counting(46)));
});

test("82599 7.4 VME leaves untagged frames alone", () => {
  const card = Card.ready({ strip: true });
  card.arrive(frame(0x1234, counting(46)));
  const back = card.take();
  assert.equal([back?.vlan, (back?.status ?? 0) & 8, back?.length], [0, 0, 60]);
});

test("82599 7.4 legacy descriptors report the tag too", () => {
  const card = Card.ready({ type: 0, strip: true });
  card.arrive(frame(0x1234, counting(46), { vlan: 0x6005 }));
  const back = card.take();
  assert.equal([back?.vlan, (back?.status ?? 0) & 8, back?.length], [0x6005, 8, 60]);
});

test("82599 7.4 double VLAN: the outer tag stays, the inner one is stripped and filtered", () => {
  const card = Card.ready({ strip: true });
  card.write(REG.ctrlExt, 1 << 26);
  card.write(REG.exvet, 0x88a8_0000);
  card.set(REG.vlnctrl, VLNCTRL.filter);
  setBit(card, REG.vfta, 9);
  const inner = frame(0x1234, counting(46), { vlan: 9 });
  const bytes = Uint8Array.from([...inner.slice(0, 12), 0x88, 0xa8, 0, 3, ...inner.slice(12)]);
  card.arrive(bytes);
  const back = card.take();
  assert.is(back?.vlan, 9);
  assert.equal(back?.data, Uint8Array.from([...bytes.slice(0, 16), ...bytes.slice(20)]));
});

test.run();
