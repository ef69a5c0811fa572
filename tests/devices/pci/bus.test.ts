/** Configuration space, sizing, assignment, gates and claims against PCI 3.0 chapter 6. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NvmeModel } from "../../../devices/nvme/model.ts";
import { PciBus, size } from "../../../devices/pci/bus.ts";
import type { PciClaim } from "../../../devices/pci/claim.ts";
import { MATCH_NVME } from "../../../devices/pci/match.ts";
import { COMMAND, PCI, PCI_HEADER, PCI_STATUS } from "../../../devices/pci/registers.ts";
import type { Dma, InterruptLine, Mmio, PciIdentity, PciModel } from "../../../devices/ports.ts";
import { documentRegisters, registerProblems } from "../../../devices/register-table.ts";
import { MemoryStore } from "../../../host/backends/memory-store.ts";
import { PlainDma } from "../../support/plain-dma.ts";

const ONES = 0xffff_ffff;
const test = suite("PCI bus");

/** A function that remembers what it was given. */
class Probe implements PciModel {
  readonly identity: PciIdentity;
  dma: Dma | undefined = undefined;
  line: InterruptLine | undefined = undefined;
  readonly events: string[] = [];
  pinned = false;

  constructor(identity: Partial<PciIdentity> = {}) {
    this.identity = {
      vendor: 0x1234,
      device: 0x5678,
      classCode: 0x02_00_00,
      bars: [{ index: 0, kind: "memory32", bytes: 0x1000 }],
      ...identity,
    };
  }

  window(bar: number): Mmio | undefined {
    if (!this.identity.bars.some(({ index }) => index === bar)) return undefined;
    const read = (offset: number): number => bar * 0x1000 + offset;
    const write = (offset: number): void => {
      this.events.push(`write ${offset}`);
    };
    const wide = { read64: (offset: number) => BigInt(offset), write64: write };
    return { read8: read, read16: read, read32: read, write8: write, write16: write, write32: write, ...wide };
  }

  start(dma: Dma, line?: InterruptLine): void {
    this.dma = dma;
    this.line = line;
    this.events.push("start");
  }

  stop(): void {
    this.events.push(`stop, bus ${this.dma?.readable(0, 4) === undefined ? "closed" : "open"}`);
    if (this.pinned) this.dma?.unpin(0);
  }
}

function claimed(bus: PciBus, wanted = {}, holder = "driver"): PciClaim {
  const result = bus.claim(wanted, holder);
  if (result.kind !== "claimed") throw new Error(result.kind);
  return result.claim;
}

test("PCI 3.0 §6.1: the header table has no hole and no overlap", () => {
  assert.equal(registerProblems(PCI_HEADER), []);
  assert.is(PCI_HEADER.reduce((sum, { width }) => sum + width, 0) + 7, 64, "seven reserved bytes behind the capabilities pointer");
});

test("PCI 3.0 §6.1: the README carries the header as declared", () => {
  const readme = readFileSync(new URL("../../../devices/pci/README.md", import.meta.url), "utf8");
  assert.is(documentRegisters(readme, PCI_HEADER), readme);
});

test("PCI 3.0 §6.2.1: identity and class code are read at their places in all widths and cannot be written", () => {
  const bus = new PciBus();
  bus.plug(4, new Probe({ revision: 9, subsystemVendor: 0xaaaa, subsystem: 0xbbbb, classCode: 0x01_08_02 }));
  const c = bus.configuration(4);
  for (const offset of [0, 8, 0x2c]) c.write32(offset, 0);
  assert.is(c.read32(0), 0x5678_1234);
  assert.equal([c.read16(0), c.read16(2), c.read8(8), c.read8(9), c.read8(10), c.read8(11)], [0x1234, 0x5678, 9, 2, 8, 1]);
  assert.is(c.read32(8), 0x0108_0209);
  assert.is(c.read32(0x2c), 0xbbbb_aaaa);
});

test("PCI 3.0 §6.1: an empty slot reads all ones; so do misaligned accesses and those outside", () => {
  const bus = new PciBus();
  bus.plug(0, new Probe());
  assert.equal([bus.configuration(1).read32(0), bus.configuration(99).read16(0), bus.configuration(1).read8(0)], [ONES, 0xffff, 0xff]);
  const c = bus.configuration(0);
  assert.equal([c.read32(2), c.read16(1), c.read32(256), c.read8(-1), c.read32(Number.NaN)], [ONES, 0xffff, ONES, 0xff, ONES]);
  c.write32(0x3e, 0);
  c.write16(0x3b, ONES);
  c.write8(256, 1);
});

test("PCI 3.0 §6.2.2: of the command register only the supported bits stay", () => {
  const bus = new PciBus();
  bus.plug(0, new Probe());
  bus.configuration(0).write16(PCI.command, 0xffff);
  assert.is(bus.configuration(0).read16(PCI.command), COMMAND.memorySpace | COMMAND.busMaster | COMMAND.interruptDisable);
});

test("PCI 3.0 §6.2.4: interrupt line and cache line size are kept, the interrupt pin is fixed", () => {
  const bus = new PciBus();
  bus.plug(0, new Probe({ interruptPin: 1 }));
  const c = bus.configuration(0);
  c.write8(PCI.interruptLine, 11);
  c.write8(PCI.interruptPin, 4);
  c.write8(PCI.cacheLine, 16);
  assert.equal([c.read8(PCI.interruptLine), c.read8(PCI.interruptPin), c.read8(PCI.cacheLine)], [11, 1, 16]);
});

for (const bytes of [16, 4096, 0x4000, 2 ** 20, 2 ** 31]) {
  test(`PCI 3.0 §6.2.5.1: a window of ${bytes} bytes reads back its size after all ones`, () => {
    const bus = new PciBus();
    bus.plug(0, new Probe({ bars: [{ index: 1, kind: "memory32", bytes }] }));
    const c = bus.configuration(0);
    c.write32(PCI.bar0 + 4, ONES);
    assert.is(c.read32(PCI.bar0 + 4), -bytes >>> 0);
    c.write32(PCI.bar0, ONES);
    assert.is(c.read32(PCI.bar0), 0, "no such register");
  });
}

test("PCI 3.0 §6.2.5.1: a 64-bit window takes two registers and shows its type", () => {
  const bus = new PciBus();
  bus.plug(0, new Probe({ bars: [{ index: 0, kind: "memory64", bytes: 0x4000, prefetchable: true }] }));
  const c = bus.configuration(0);
  c.write32(PCI.bar0, ONES);
  c.write32(PCI.bar0 + 4, ONES);
  assert.equal([c.read32(PCI.bar0), c.read32(PCI.bar0 + 4)], [0xffff_c00c, ONES]);
});

test("PCI 3.0 §6.2.5.1: sizing finds every window and puts the addresses back", () => {
  const bus = new PciBus();
  const bars = [
    { index: 0, kind: "memory64", bytes: 0x4000 },
    { index: 2, kind: "memory32", bytes: 16 },
    { index: 5, kind: "memory32", bytes: 0x10_0000 },
  ] as const;
  bus.plug(0, new Probe({ bars }));
  const c = bus.configuration(0);
  c.write32(PCI.bar0, 0xabcd_0000);
  const expected = bars.map(({ index, kind, bytes }) => ({ bar: index, bytes, is64: kind === "memory64" }));
  assert.equal(size(c), expected);
  assert.is(c.read32(PCI.bar0), 0xabcd_0004);
});

test("PCI 3.0 §6.2.5.1: assignment aligns windows to their size, and they do not overlap", () => {
  const bus = new PciBus({ windowBase: 0xe000_0100 });
  for (const [slot, bytes] of [
    [0, 16],
    [3, 0x1_0000],
    [31, 4096],
    [7, 0x4000],
  ] as const) {
    bus.plug(slot, new Probe({ bars: [{ index: 0, kind: slot === 3 ? "memory64" : "memory32", bytes }] }));
  }
  bus.assign();
  const ranges = bus.enumerate().map(({ slot }) => {
    const c = bus.configuration(slot);
    const bytes = size(c)[0]?.bytes ?? 0;
    const base = (c.read32(PCI.bar0) & ~0xf) >>> 0;
    assert.is(base % bytes, 0);
    assert.ok(base >= 0xe000_0100);
    return [base, base + bytes] as const;
  });
  ranges.sort(([a], [b]) => a - b);
  for (let i = 1; i < ranges.length; i++) assert.ok((ranges[i]?.[0] ?? 0) >= (ranges[i - 1]?.[1] ?? 0));
  const before = bus.configuration(3).read32(PCI.bar0);
  bus.assign();
  assert.is(bus.configuration(3).read32(PCI.bar0), before, "assigned once");
});

test("PCI 3.0 §6.2.5.1: assignment above 4 GiB fills both halves, and a window that does not fit is an error", () => {
  const bus = new PciBus({ windowBase: 0x12_0000_0000, windowBytes: 0x8000 });
  const fn = bus.plug(0, new Probe({ bars: [{ index: 0, kind: "memory64", bytes: 0x4000 }] }));
  bus.assign();
  bus.configuration(0).write16(PCI.command, COMMAND.memorySpace);
  assert.is(fn.address(0), 0x12_0000_0000);
  bus.plug(1, new Probe({ bars: [{ index: 0, kind: "memory64", bytes: 0x8000 }] }));
  assert.throws(() => bus.assign(), /slot 1: no room for BAR 0/);
});

test("PCI 3.0 §6.2.2: addresses are decoded only while memory space is enabled", () => {
  const bus = new PciBus();
  bus.plug(
    2,
    new Probe({
      bars: [
        { index: 0, kind: "memory32", bytes: 4096 },
        { index: 3, kind: "memory32", bytes: 256 },
      ],
    }),
  );
  bus.assign();
  const at = bus.configuration(2).read32(PCI.bar0 + 12);
  assert.is(bus.decode(at + 8), undefined);
  bus.configuration(2).write16(PCI.command, COMMAND.memorySpace);
  const hit = bus.decode(at + 8);
  assert.equal([hit?.offset, hit?.window.read32(hit.offset)], [8, 0x3008]);
  assert.is(bus.decode(at + 256), undefined);
  bus.configuration(2).write16(PCI.command, 0);
  assert.is(bus.decode(at), undefined);
});

test("PCI 3.0 §6.7: capabilities are linked in order, with their own write masks", () => {
  const bus = new PciBus();
  const msix = { id: 0x11, body: [0x0f, 0, 0, 0x20, 0, 0, 0, 0x30, 0, 0], writable: [0, 0xc0] };
  bus.plug(0, new Probe({ capabilities: [{ id: 0x01, body: [3, 0, 0, 0, 0, 0] }, msix] }));
  const c = bus.configuration(0);
  assert.ok((c.read16(PCI.status) & PCI_STATUS.capabilities) !== 0);
  const first = c.read8(PCI.capabilities);
  assert.equal([first, c.read8(first), c.read8(first + 1)], [0x40, 0x01, 0x48]);
  assert.equal([c.read8(0x48), c.read8(0x49), c.read32(0x4c)], [0x11, 0, 0x2000]);
  c.write32(0x48, ONES);
  assert.is(c.read32(0x48), 0xc00f_0011);
  bus.plug(1, new Probe());
  assert.equal([bus.configuration(1).read8(PCI.capabilities), bus.configuration(1).read16(PCI.status)], [0, 0]);
});

for (const [name, identity] of [
  ["a window whose size is no power of two", { bars: [{ index: 0, kind: "memory32", bytes: 48 }] }],
  ["a window below 16 bytes", { bars: [{ index: 0, kind: "memory32", bytes: 8 }] }],
  ["a 64-bit window in the last register", { bars: [{ index: 5, kind: "memory64", bytes: 16 }] }],
  [
    "two windows in one register",
    {
      bars: [
        { index: 0, kind: "memory64", bytes: 16 },
        { index: 1, kind: "memory32", bytes: 16 },
      ],
    },
  ],
  ["capabilities beyond the end", { capabilities: [{ id: 9, body: new Array(200).fill(0) }] }],
  ["an interrupt pin that does not exist", { interruptPin: 5 }],
] as const) {
  test(`PCI 3.0 §6: a model with ${name} cannot be plugged in`, () => {
    assert.throws(() => new PciBus().plug(0, new Probe(identity)), /PCI identity/);
  });
}

test("PCI 3.0 §6.2.2: without bus mastering every transfer is refused and noted, and memory is not asked", () => {
  const bus = new PciBus();
  const probe = new Probe();
  bus.plug(0, probe);
  const dma = new PlainDma(4096);
  claimed(bus).start(dma);
  const c = bus.configuration(0);
  assert.is(c.read16(PCI.command), COMMAND.memorySpace | COMMAND.busMaster, "a grant switches both on");
  assert.ok(probe.dma?.readable(0, 4) !== undefined && probe.dma.writable(0, 4) !== undefined && probe.dma.pin(0, 4));
  assert.is(c.read16(PCI.status), 0);
  c.write16(PCI.command, COMMAND.memorySpace);
  dma.log.length = 0;
  assert.equal([probe.dma.readable(0, 4), probe.dma.writable(0, 4), probe.dma.pin(0, 4)], [undefined, undefined, false]);
  assert.equal(dma.log, []);
  probe.dma.unpin(0);
  assert.equal(dma.log, ["unpin 0"], "letting go is always possible");
});

test("PCI 3.0 §6.2.3: a refused transfer sets bit 13 of the status, and a written 1 clears it", () => {
  const bus = new PciBus();
  const probe = new Probe();
  bus.plug(0, probe);
  claimed(bus).start(new PlainDma(16));
  probe.dma?.readable(64, 4);
  const c = bus.configuration(0);
  assert.is(c.read16(PCI.status), PCI_STATUS.receivedMasterAbort);
  c.write16(PCI.status, 0);
  assert.is(c.read16(PCI.status), PCI_STATUS.receivedMasterAbort);
  c.write16(PCI.status, 0xffff);
  assert.is(c.read16(PCI.status), 0);
});

test("PCI 3.0 §6.2.2, §6.2.3: interrupt disable lowers the pin, and the status still shows it", () => {
  const bus = new PciBus();
  const probe = new Probe({ interruptPin: 1 });
  const levels: boolean[] = [];
  bus.plug(0, probe, { set: (level) => levels.push(level) });
  claimed(bus).start(new PlainDma(16));
  const c = bus.configuration(0);
  probe.line?.set(true);
  c.write16(PCI.command, COMMAND.interruptDisable);
  assert.is(c.read16(PCI.status) & PCI_STATUS.interrupt, PCI_STATUS.interrupt);
  c.write16(PCI.command, 0);
  probe.line?.set(false);
  assert.equal(levels, [true, false, true, false]);
  assert.is(c.read16(PCI.status), 0);
});

test("PCI 3.0 §6.2.1: enumeration lists what is there in the order of slots", () => {
  const bus = new PciBus();
  bus.plug(9, new Probe({ device: 2 }));
  bus.plug(3, new Probe({ device: 1, classCode: 0x01_08_02, revision: 5 }));
  assert.equal(bus.enumerate(), [
    { slot: 3, vendor: 0x1234, device: 1, classCode: 0x01_08_02, revision: 5 },
    { slot: 9, vendor: 0x1234, device: 2, classCode: 0x02_00_00, revision: 0 },
  ]);
});

test("PCI 3.0 §6.1: a slot holds one function, and there are 32", () => {
  const bus = new PciBus();
  bus.plug(31, new Probe());
  assert.throws(() => bus.plug(31, new Probe()), /slot 31 is taken/);
  for (const slot of [32, -1, 1.5]) assert.throws(() => bus.plug(slot, new Probe()), /slots 0 to 31/);
});

for (const [name, wanted, slot] of [
  ["class", { baseClass: 2 }, 1],
  ["class, subclass and interface", MATCH_NVME, 2],
  ["vendor and device", { vendor: 0x8086, device: 0x10fb }, 3],
  ["anything", {}, 1],
  ["a class that is not there", { baseClass: 3 }, undefined],
  ["a vendor with another's device", { vendor: 0x8086, device: 0x5678 }, undefined],
] as const) {
  test(`PCI 3.0 §6.2.1: matching by ${name}`, () => {
    const bus = new PciBus();
    bus.plug(1, new Probe());
    bus.plug(2, new Probe({ classCode: 0x01_08_02 }));
    bus.plug(3, new Probe({ vendor: 0x8086, device: 0x10fb }));
    const result = bus.claim(wanted, "driver");
    assert.is(result.kind === "claimed" ? result.claim.function.slot : undefined, slot);
  });
}

test("claim: the second one for the same function is refused and says who has it; after release it is given", () => {
  const bus = new PciBus();
  bus.plug(5, new Probe());
  const first = claimed(bus, {}, "first");
  assert.equal(bus.claim({ vendor: 0x1234 }, "second"), { kind: "taken", slot: 5, by: "first" });
  first.start(new PlainDma(16));
  first.stop();
  assert.is(bus.claim({}, "second").kind, "taken", "a stopped claim is still a claim");
  first.release();
  first.release();
  assert.is(claimed(bus, {}, "second").holder, "second");
});

test("claim: two functions that match go to two holders", () => {
  const bus = new PciBus();
  bus.plug(1, new Probe());
  bus.plug(2, new Probe());
  assert.equal([claimed(bus).function.slot, claimed(bus).function.slot], [1, 2]);
  assert.is(bus.claim({}, "third").kind, "taken");
});

test("claim: the window answers between start and stop only, and a released claim never again", () => {
  const bus = new PciBus();
  const probe = new Probe();
  bus.plug(0, probe);
  const claim = claimed(bus);
  assert.is(claim.read32(8), ONES);
  claim.start(new PlainDma(16));
  assert.is(claim.read32(8), 8);
  claim.stop();
  claim.write32(8, 1);
  assert.is(claim.read32(8), ONES);
  claim.release();
  assert.throws(() => claim.start(new PlainDma(16)), /claim of driver was released/);
  const next = claimed(bus);
  next.start(new PlainDma(16));
  claim.write32(4, 1);
  claim.stop();
  assert.is(next.read32(4), 4);
  assert.equal(probe.events, ["start", "stop, bus open", "start"]);
});

test("claim: stop lets the model let go of its memory, then closes the bus", () => {
  const bus = new PciBus();
  const probe = new Probe();
  bus.plug(0, probe);
  const claim = claimed(bus);
  const dma = new PlainDma(16);
  claim.start(dma);
  probe.pinned = probe.dma?.pin(0, 4) ?? false;
  assert.is(dma.pins.size, 1);
  claim.stop();
  assert.is(dma.pins.size, 0);
  assert.is(probe.dma?.readable(0, 4), undefined);
  claim.stop();
  assert.equal(probe.events, ["start", "stop, bus open"]);
});

test("an NVMe controller on the bus: found by class, assigned, claimed, driven through its address", () => {
  const bus = new PciBus();
  bus.plug(4, new NvmeModel({ store: new MemoryStore(8) }));
  bus.assign();
  const claim = claimed(bus, MATCH_NVME);
  claim.start(new PlainDma(0x1_0000));
  assert.is(claim.read32(8), 0x0001_0400);
  const address = claim.function.address(0) ?? 0;
  const hit = bus.decode(address + 8);
  assert.is(hit?.window.read32(hit.offset), 0x0001_0400);
  assert.is(claim.configuration.read8(PCI.interruptPin), 1);
});

test.run();
