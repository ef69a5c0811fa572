/** Control registers, EEPROM, link and reset of the 82599 against its datasheet, chapters 4 and 8. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checksumOf, EEPROM_WORDS, makeEeprom } from "../../../devices/ixgbe/eeprom.ts";
import { documentFamilies, nameOf } from "../../../devices/ixgbe/family.ts";
import { IXGBE_MAP } from "../../../devices/ixgbe/map.ts";
import { IxgbeModel } from "../../../devices/ixgbe/model.ts";
import { REG, RX, TX } from "../../../devices/ixgbe/registers.ts";
import { Card, ENABLE, plugged, TestWire } from "./card.ts";
import { OWN } from "./packets.ts";

const test = suite("82599 registers");
const PATTERNS = [0x5a5a_5a5a, 0xa5a5_a5a5, 0, 0xffff_ffff] as const;

test("82599 chapter 8 the README's table is the register map", () => {
  const readme = readFileSync(new URL("../../../devices/ixgbe/README.md", import.meta.url), "utf8");
  assert.is(documentFamilies(readme, IXGBE_MAP), readme);
  assert.ok(readme.includes("| RDT |"));
});

test("82599 chapter 8 registers have names, arrays with their index", () => {
  assert.is(nameOf(IXGBE_MAP, 0), "CTRL");
  assert.is(nameOf(IXGBE_MAP, Card.rx(3, RX.tail)), "RDT(3)");
  assert.is(nameOf(IXGBE_MAP, Card.rx(64, RX.tail)), "RDT+64(0)");
  assert.is(nameOf(IXGBE_MAP, 0x1fffc), "0x1fffc");
});

test("82599 8.2 without a grant every register reads all ones and ignores writes", () => {
  const card = new Card({ start: false });
  card.write(REG.ctrlExt, 5);
  assert.is(card.read(REG.status), 0xffff_ffff);
  assert.is(card.read(REG.ctrlExt), 0xffff_ffff);
});

test("82599 8.2 after stop the card is gone, and a new grant finds it as after power-on", () => {
  const card = new Card();
  card.write(REG.ctrlExt, 0x1000_0000);
  card.model.stop();
  assert.is(card.read(REG.ctrlExt), 0xffff_ffff);
  assert.is(card.wire.end, undefined);
  card.model.start(card.dma);
  assert.is(card.read(REG.ctrlExt), 0);
});

test("82599 8.2 two grants at once are refused", () => {
  const card = new Card();
  assert.throws(() => card.model.start(card.dma), /already granted/);
});

test("82599 8.2 holes read 0 and ignore writes", () => {
  const card = new Card();
  card.write(0x0000c, 7);
  card.write(0x1fffc, 7);
  assert.is(card.read(0x0000c), 0);
  assert.is(card.read(0x1fffc), 0);
});

test("82599 8.2 misaligned and narrow accesses read all ones, write nothing, and are counted", () => {
  const card = new Card();
  const { model } = card;
  assert.is(model.read32(2), 0xffff_ffff);
  assert.is(model.read32(0x20000), 0xffff_ffff);
  assert.is(model.read32(-4), 0xffff_ffff);
  assert.is(model.read8(REG.status), 0xff);
  assert.is(model.read16(REG.status), 0xffff);
  model.write8(REG.ctrlExt, 1);
  model.write16(REG.ctrlExt, 1);
  model.write32(REG.ctrlExt + 1, 1);
  assert.is(card.read(REG.ctrlExt), 0);
  assert.is(model.accessErrors, 8);
});

test("82599 8.2 a 64-bit access is two of 32 bits, the low one first", () => {
  const card = new Card();
  card.model.write64(Card.rx(0, RX.baseLow), 0x1_2345_6780n);
  assert.is(card.read(Card.rx(0, RX.baseLow)), 0x2345_6780);
  assert.is(card.model.read64(Card.rx(0, RX.baseLow)), 0x1_2345_6780n);
  assert.is(card.model.read64(4 + 0), 0xffff_ffff_ffff_ffffn);
  card.model.write64(4, 1n);
  assert.is(card.model.accessErrors, 2);
});

test("82599 9.2 configuration space names an Ethernet controller of Intel's, windows of 128 and 16 KiB, and MSI-X with 64 vectors", () => {
  const card = new Card({ start: false, device: 0x10fc });
  const [found] = plugged(card).enumerate();
  assert.is(found?.vendor, 0x8086);
  assert.is(found?.device, 0x10fc);
  assert.is(found?.classCode, 0x02_00_00);
  const [bar, table] = card.model.identity.bars;
  assert.is(bar?.bytes, 0x20000);
  assert.is(table?.index, 4);
  assert.equal(card.model.identity.capabilities?.[0]?.body.slice(0, 2), [63, 0]);
  assert.is(new IxgbeModel({ wire: new TestWire() }).identity.device, 0x10fb);
});

test("82599 9.2 only BARs 0 and 4 have a window", () => {
  const card = new Card();
  assert.is(card.model.window(0), card.model);
  assert.ok(card.model.window(4) !== undefined);
  assert.is(card.model.window(2), undefined);
});

test("82599 4.2 CTRL.RST puts registers back and clears itself", () => {
  const card = new Card();
  card.write(REG.vlnctrl, 0x4000_1234);
  card.write(REG.ctrl, 0x0400_0000);
  assert.is(card.read(REG.ctrl), 0);
  assert.is(card.read(REG.vlnctrl), 0x8100);
});

test("82599 4.2 CTRL.LRST does the same", () => {
  const card = new Card();
  card.write(REG.vlnctrl, 0x4000_1234);
  card.write(REG.ctrl, 8);
  assert.is(card.read(REG.ctrl), 0);
  assert.is(card.read(REG.vlnctrl), 0x8100);
});

test("82599 4.2 a reset masks all interrupts and forgets their causes", () => {
  const card = new Card();
  card.write(REG.eims, 0xffff);
  card.write(REG.eics, 1);
  assert.is(card.isHigh, true);
  card.write(REG.ctrl, 0x0400_0000);
  assert.is(card.isHigh, false);
  assert.is(card.read(REG.eims), 0);
  assert.is(card.read(REG.eicr), 0);
});

test("82599 4.2 a reset disables all rings and lets go of their memory", () => {
  const card = Card.ready();
  assert.is(card.dma.pins.size, 2);
  card.write(REG.ctrl, 0x0400_0000);
  assert.is(card.dma.pins.size, 0);
  assert.is(card.read(Card.rx(0, RX.control)) & ENABLE, 0);
  assert.is(card.read(Card.tx(0, TX.control)) & ENABLE, 0);
});

test("82599 4.6 after a reset autoload is done and the DMA is initialised", () => {
  const card = new Card();
  card.write(REG.ctrl, 0x0400_0000);
  assert.is(card.read(REG.eec) & 0x300, 0x300);
  assert.is(card.read(REG.rdrxctl) & 8, 8);
  assert.is(card.read(0x10110) & 0xc_0000, 0xc_0000);
});

test("82599 8.2.3.1 CTRL.GIO_DIS clears STATUS bit 19, and setting it back restores it", () => {
  const card = new Card();
  assert.is(card.read(REG.status) & 0x8_0000, 0x8_0000);
  card.write(REG.ctrl, 4);
  assert.is(card.read(REG.status) & 0x8_0000, 0);
  card.write(REG.ctrl, 0);
  assert.is(card.read(REG.status) & 0x8_0000, 0x8_0000);
});

test("82599 8.2.3.1 while GIO_DIS is set no frame is fetched, and afterwards it is", () => {
  const card = Card.ready();
  card.write(REG.ctrl, 4);
  card.send(new Uint8Array(60));
  assert.is(card.wire.sent.length, 0);
  card.write(REG.ctrl, 0);
  assert.is(card.wire.sent.length, 1);
});

test("82599 8.2.3.1 STATUS ignores writes", () => {
  const card = new Card();
  const before = card.read(REG.status);
  card.write(REG.status, 0x7fff_f30f);
  assert.is(card.read(REG.status), before);
});

test("82599 8.2.3.1 CTRL is also at offset 4", () => {
  const card = new Card();
  card.write(4, 4);
  assert.is(card.read(REG.ctrl), 4);
});

test("82599 8.2.3.1 FRTIMER counts units of 2.048 microseconds", () => {
  const card = new Card();
  card.now = 2048;
  assert.is(card.read(REG.frtimer), 1000);
});

test("82599 8.2.3.7 after a reset the first station address is the EEPROM's, and valid", () => {
  const card = new Card();
  const low = OWN[0] | (OWN[1] << 8) | (OWN[2] << 16) | (OWN[3] << 24);
  card.write(0x5400, 1);
  card.write(0x5404, 2);
  card.write(REG.ctrl, 0x0400_0000);
  assert.is(card.read(0x5400), low >>> 0);
  assert.is(card.read(0x5404), (0x8000_0000 | OWN[4] | (OWN[5] << 8)) >>> 0);
  assert.is(card.read(0x540c) >>> 31, 0);
});

test("82599 6.1 the EEPROM's words add up to BABAh", () => {
  const card = new Card();
  const words = Uint16Array.from({ length: EEPROM_WORDS }, (_, i) => {
    card.write(REG.eerd, 1 | (i << 2));
    return card.read(REG.eerd) >>> 16;
  });
  let sum = 0;
  for (let i = 0; i <= 0x3f; i++) sum += words[i] ?? 0;
  for (let pointer = 3; pointer < 0xf; pointer++) {
    const at = words[pointer] ?? 0;
    if (at === 0 || at === 0xffff) continue;
    for (let i = at + 1; i <= at + (words[at] ?? 0); i++) sum += words[i] ?? 0;
  }
  assert.is(sum & 0xffff, 0xbaba);
});

test("82599 8.2.3.2 EERD answers with the word, its address and the done bit", () => {
  const card = new Card({ mac: Uint8Array.of(2, 3, 4, 5, 6, 7) });
  card.write(REG.eerd, 1 | (0x81 << 2));
  assert.is(card.read(REG.eerd), ((0x0302 << 16) | (0x81 << 2) | 2) >>> 0);
});

test("82599 8.2.3.2 EERD without START does nothing", () => {
  const card = new Card();
  card.write(REG.eerd, 0x81 << 2);
  assert.is(card.read(REG.eerd), 0);
});

test("82599 8.2.3.2 EERD beyond the EEPROM reads all ones", () => {
  const card = new Card();
  card.write(REG.eerd, 1 | (0x3000 << 2));
  assert.is(card.read(REG.eerd) >>> 16, 0xffff);
});

test("82599 6.1 an EEPROM of the host's own is read and its address loaded", () => {
  const eeprom = makeEeprom(Uint8Array.of(2, 1, 1, 1, 1, 1));
  eeprom[0x2c] = 0x1234;
  eeprom[0x3f] = checksumOf(eeprom);
  const card = new Card({ eeprom });
  card.write(REG.eerd, 1 | (0x2c << 2));
  assert.is(card.read(REG.eerd) >>> 16, 0x1234);
  assert.is(card.read(0x5400), 0x0101_0102);
});

test("82599 6.1 an address that is not 6 bytes is refused", () => {
  assert.throws(() => makeEeprom(new Uint8Array(5)), /6 bytes, not 5/);
});

test("82599 8.2.3.2 EEC grants what is requested", () => {
  const card = new Card();
  card.write(REG.eec, 0x40);
  assert.is(card.read(REG.eec) & 0xc0, 0xc0);
  card.write(REG.eec, 0);
  assert.is(card.read(REG.eec) & 0xc0, 0);
});

test("82599 8.2.3.2 SWSM.SMBI: whoever reads 0 has it, and writing 0 gives it back", () => {
  const card = new Card();
  assert.is(card.read(REG.swsm) & 1, 0);
  assert.is(card.read(REG.swsm) & 1, 1);
  card.write(REG.swsm, 0);
  assert.is(card.read(REG.swsm) & 1, 0);
});

test("82599 8.2.3.2 SWSM.SWESMBI reads back what was written", () => {
  const card = new Card();
  card.write(REG.swsm, 2);
  assert.is(card.read(REG.swsm) & 2, 2);
  card.write(REG.swsm, 0);
  assert.is(card.read(REG.swsm) & 2, 0);
});

test("82599 8.2.3.2 SW_FW_SYNC keeps the owners' bits, and the firmware is there", () => {
  const card = new Card();
  card.write(REG.swFwSync, 0x15);
  assert.is(card.read(REG.swFwSync), 0x15);
  assert.is(card.read(REG.fwsm) & 0x8000, 0x8000);
});

test("82599 3.7.4 the link is up at 10 Gb/s while the wire is, in LINKS and in STATUS", () => {
  const card = new Card();
  assert.is(card.read(REG.links) & 0x7000_0000, 0x7000_0000);
  assert.is(card.read(REG.status) & 0x80, 0x80);
  card.wire.setUp(false);
  assert.is(card.read(REG.links) & 0x4000_0000, 0);
  assert.is(card.read(REG.status) & 0x80, 0);
});

test("82599 8.2.3.22 LINKS bit 7 says whether the link has held since it was last read", () => {
  const card = new Card();
  assert.is(card.read(REG.links) & 0x80, 0x80);
  card.wire.setUp(false);
  card.wire.setUp(true);
  assert.is(card.read(REG.links) & 0x80, 0);
  assert.is(card.read(REG.links) & 0x80, 0x80);
});

test("82599 3.7.4 a change of the link is the cause LSC", () => {
  const card = new Card();
  card.wire.setUp(false);
  assert.is(card.read(REG.eicr), 1 << 20);
  card.wire.setUp(true);
  assert.is(card.read(REG.eicr), 1 << 20);
});

test("82599 8.2.3.22 AUTOC restart clears itself and reports a link change", () => {
  const card = new Card();
  card.write(REG.autoc, 0x3000);
  assert.is(card.read(REG.autoc), 0x2000);
  assert.is(card.read(REG.eicr), 1 << 20);
});

test("82599 8.2.3.22 AUTOC.FLU forces the link up without a wire", () => {
  const card = new Card();
  card.wire.setUp(false);
  card.set(REG.autoc, 1);
  assert.is(card.read(REG.links) >>> 28, 7);
});

test("82599 8.2.3.22 AUTOC says what the device is: serial for SFP+, parallel for XAUI", () => {
  assert.is(new Card().read(REG.autoc) >>> 13, 3);
  assert.is(new Card({ device: 0x10fc }).read(REG.autoc) >>> 13, 1);
});

test("82599 8.2.3.22 MSCA is never busy, and where no PHY is all ones are read", () => {
  const card = new Card();
  card.write(REG.msca, 0x4000_0000 | (3 << 26) | 1);
  assert.is(card.read(REG.msca) & 0x4000_0000, 0);
  assert.is(card.read(REG.msrwd) >>> 16, 0xffff);
});

test("82599 8.2.3.12 the security paths are ready, so that a driver can stop them", () => {
  const card = new Card();
  assert.is(card.read(0x8d04) & 1, 1);
  assert.is(card.read(0x8804) & 1, 1);
});

for (const [name, offset, mask, write] of [
  ["FCRTL", REG.fcrtl, 0x8007_fff0, 0x8007_fff0],
  ["FCRTH", REG.fcrth, 0x8007_fff0, 0x8007_fff0],
  ["PFCTOP", 0x3008, 0xffff_ffff, 0xffff_ffff],
  ["FCTTV", REG.fcttv, 0xffff_ffff, 0xffff_ffff],
  ["RDBAL", Card.rx(3, RX.baseLow), 0xffff_ff80, 0xffff_ff80],
  ["RDBAH", Card.rx(3, RX.baseHigh), 0xffff_ffff, 0xffff_ffff],
  ["RDLEN", Card.rx(3, RX.length), 0x000f_ff80, 0x000f_ffff],
  ["TDBAL", Card.tx(3, TX.baseLow), 0xffff_ff80, 0xffff_ffff],
  ["TDBAH", Card.tx(3, TX.baseHigh), 0xffff_ffff, 0xffff_ffff],
  ["TDLEN", Card.tx(3, TX.length), 0x000f_ff80, 0x000f_ff80],
  ["RXCTRL", REG.rxctrl, 1, 1],
  ["RAL", 0x5400, 0xffff_ffff, 0xffff_ffff],
  ["RAH", 0x5404, 0x8001_ffff, 0x800c_ffff],
  ["MTA", REG.mta + 4 * 127, 0xffff_ffff, 0xffff_ffff],
] as const) {
  test(`82599 8.2.3 ${name} reads back the bits that it has, pattern by pattern`, () => {
    const card = new Card();
    for (const pattern of PATTERNS) {
      card.write(offset, pattern & write);
      assert.is(card.read(offset), (pattern & write & mask) >>> 0);
    }
  });
}

test("82599 8.2.3.8 RDT reads back 16 bits while its ring is enabled", () => {
  const card = new Card();
  card.write(Card.rx(0, RX.control), ENABLE);
  for (const pattern of PATTERNS) {
    card.write(Card.rx(0, RX.tail), pattern);
    assert.is(card.read(Card.rx(0, RX.tail)), pattern & 0xffff);
  }
});

for (const [name, alias, offset] of [
  ["SRRCTL(15)", 0x2100 + 4 * 15, Card.rx(15, RX.splitControl)],
  ["DCA_RXCTRL(15)", 0x2200 + 4 * 15, Card.rx(15, RX.dcaControl)],
  ["RAL(15)", 0x5400 + 8 * 15, REG.ral + 8 * 15],
  ["RAH(15)", 0x5404 + 8 * 15, REG.ral + 8 * 15 + 4],
  ["PSRTYPE(15)", 0x5480 + 4 * 15, REG.psrtype + 4 * 15],
] as const) {
  test(`82599 8.2.3 ${name} has two addresses`, () => {
    const card = new Card();
    card.write(alias, 0x8000_0101);
    assert.is(card.read(offset), 0x8000_0101);
    card.write(offset, 0x1002);
    assert.is(card.read(alias), 0x1002);
  });
}

test("82599 8.2.3 registers that the model only keeps read back what was written", () => {
  const card = new Card();
  for (const offset of [REG.ctrlExt, 0x20, 0x28, 0x4900, 0x8120, 0x8900, 0xa600, 0xcc00, 0xf100, 0x11050]) {
    card.write(offset, 0x1234_5678);
    assert.is(card.read(offset), 0x1234_5678);
  }
});

test.run();
