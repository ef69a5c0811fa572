/** The trace and the register dump: names as the specification spells them, and no effect of their own. NVMe 1.4 §3.1. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DOORBELLS, MSIX_PENDING, MSIX_TABLE, REG } from "../../../devices/nvme/registers.ts";
import { dumpRegisters, nameOf, traced } from "../../../devices/nvme/trace.ts";
import { NvmeHost } from "../../support/nvme-host.ts";

const test = suite("NVMe trace");

test("NVMe 1.4 §3.1 nameOf: registers, their halves, doorbells, MSI-X, and what is reserved", () => {
  const names: [number, string][] = [
    [REG.cc, "CC"],
    [REG.asq, "ASQ"],
    [REG.asq + 4, "ASQ+4"],
    [REG.vs + 1, "VS+1"],
    [0x18, "reserved 0x18"],
    [0xe00, "reserved 0xe00"],
    [DOORBELLS, "SQ0TDBL"],
    [DOORBELLS + 12, "CQ1HDBL"],
    [MSIX_TABLE + 16 * 3 + 12, "MSI-X 3 control"],
    [MSIX_PENDING + 4, "MSI-X pending 1"],
  ];
  for (const [offset, name] of names) assert.is(nameOf(offset), name);
});

test("NVMe 1.4 §3.1 dumpRegisters: every readable register whole, and reading changes nothing", () => {
  const host = NvmeHost.ready();
  const first = dumpRegisters(host.model);
  assert.equal([first.get("VS"), first.get("CSTS"), first.get("ASQ"), first.has("NSSR")], [0x1_0400n, 1n, 0x1000n, false]);
  assert.equal([...dumpRegisters(host.model)], [...first]);
});

test("NVMe 1.4 §3.1 traced: answers as the window does, and says each access", () => {
  const host = NvmeHost.ready();
  const lines: string[] = [];
  const window = traced(host.model, (line) => lines.push(line));
  assert.equal([window.read32(REG.csts), window.read64(REG.acq)], [1, 0x2000n]);
  assert.equal([window.read8(REG.vs), window.read16(REG.vs)], [0xff, 0xffff]);
  window.write32(REG.intms, 5);
  window.write64(REG.asq, 0x7000n);
  window.write8(REG.cc, 1);
  window.write16(REG.cc, 2);
  assert.equal(lines, [
    "read32 CSTS 1",
    "read64 ACQ 2000",
    "read8 VS ff",
    "read16 VS ffff",
    "write32 INTMS 5",
    "write64 ASQ 7000",
    "write8 CC 1",
    "write16 CC 2",
  ]);
  assert.equal([host.model.read32(REG.intms), host.model.read32(REG.asq)], [5, 0x7000]);
});

test.run();
