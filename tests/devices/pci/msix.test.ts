/** MSI-X table, pending bits and capability against PCI 3.0 §6.8.2, alone and behind a function's configuration space. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PciBus } from "../../../devices/pci/bus.ts";
import { MsixTable } from "../../../devices/pci/msix.ts";
import type { Dma, MessageControl, PciModel } from "../../../devices/ports.ts";

const NO_DMA: Dma = { readable: () => undefined, writable: () => undefined, pin: () => false, unpin: () => {} };
const test = suite("MSI-X");

function table(vectors = 40): { msix: MsixTable; raised: number[] } {
  const msix = new MsixTable(vectors);
  const raised: number[] = [];
  msix.connect({ raise: (vector) => raised.push(vector) });
  return { msix, raised };
}

test("PCI 3.0 §6.8.2 signal: a vector that is enabled and unmasked goes out at once, once for each signal", () => {
  const { msix, raised } = table();
  msix.configure(true, false);
  msix.writeTable(4 * 3 + 3, 0);
  msix.signal(3);
  msix.signal(3);
  assert.equal(raised, [3, 3]);
  assert.is(msix.readPending(0), 0);
});

test("PCI 3.0 §6.8.2 mask: signals of a masked vector pend as one and go out when it is unmasked", () => {
  const { msix, raised } = table();
  msix.configure(true, false);
  msix.signal(33);
  msix.signal(33);
  assert.equal([raised.length, msix.readPending(0), msix.readPending(1)], [0, 0, 2]);
  msix.writeTable(4 * 33 + 3, 0xffff_fffe);
  assert.equal(raised, [33]);
  assert.is(msix.readPending(1), 0);
});

test("PCI 3.0 §6.8.2 function mask: holds all vectors back until it is taken away", () => {
  const { msix, raised } = table();
  for (const vector of [0, 7]) msix.writeTable(4 * vector + 3, 0);
  msix.configure(true, true);
  msix.signal(7);
  msix.signal(0);
  assert.equal(raised, []);
  msix.configure(true, false);
  assert.equal(raised, [0, 7]);
});

test("PCI 3.0 §6.8.2 withdraw: a pending message whose reason has gone does not go out", () => {
  const { msix, raised } = table();
  msix.configure(true, false);
  msix.signal(1);
  msix.withdraw(1);
  msix.writeTable(7, 0);
  assert.equal(raised, []);
});

test("PCI 3.0 §6.8.2 signal: nothing happens while MSI-X is off, or for a vector that does not exist", () => {
  const { msix, raised } = table(2);
  msix.writeTable(3, 0);
  msix.signal(0);
  msix.configure(true, false);
  msix.signal(2);
  assert.equal(raised, []);
  assert.is(msix.readPending(0), 0);
});

test("PCI 3.0 §6.8.2 table: address, data and mask read back without reserved bits; a reset masks every vector", () => {
  const { msix } = table(2);
  for (let word = 0; word < 4; word++) msix.writeTable(4 + word, 0xffff_ffff);
  assert.equal(
    [4, 5, 6, 7].map((word) => msix.readTable(word)),
    [0xffff_fffc, 0xffff_ffff, 0xffff_ffff, 1],
  );
  msix.writeTable(8, 5);
  assert.is(msix.readTable(8), 0, "beyond the table");
  msix.reset();
  assert.equal(
    [3, 4, 7].map((word) => msix.readTable(word)),
    [1, 0, 1],
  );
});

test("PCI 3.0 §6.8.2 capability: the control word in configuration space reaches the model, and the end of a grant clears it", () => {
  const msix = new MsixTable(5);
  const seen: [boolean, boolean][] = [];
  const messageControl: MessageControl = { configure: (enabled, masked) => seen.push([enabled, masked]) };
  const model: PciModel = {
    identity: { vendor: 1, device: 2, classCode: 0x01_08_02, bars: [], capabilities: [msix.capability(0, 0x2000, 0x3000)] },
    messageControl,
    window: () => undefined,
    start: () => {},
    stop: () => {},
  };
  const pci = new PciBus().plug(0, model);
  const at = pci.configuration.read8(0x34);
  assert.equal([pci.configuration.read8(at), pci.configuration.read16(at + 2)], [0x11, 4]);
  assert.equal([pci.configuration.read32(at + 4), pci.configuration.read32(at + 8)], [0x2000, 0x3000]);
  pci.start(NO_DMA);
  pci.configuration.write16(at + 2, 0xffff);
  assert.is(pci.configuration.read16(at + 2), 0xc004);
  assert.equal(seen.at(-1), [true, true]);
  pci.stop();
  assert.equal(seen.at(-1), [false, false]);
});

test.run();
