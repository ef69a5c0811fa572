/** The register window against NVMe 1.4 §3.1: access kinds, widths, halves, and silence without a grant. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { COMPILED, DOORBELLS, NVME_REGISTERS, REG, WINDOW_BYTES } from "../../../devices/nvme/registers.ts";
import { documentRegisters, registerProblems } from "../../../devices/register-table.ts";
import { NvmeHost } from "../../support/nvme-host.ts";

const ONES = 0xffff_ffff;
const test = suite("NVMe registers");

test("NVMe 1.4 §3.1: the table is consistent and its reset values are what a fresh window reads", () => {
  assert.equal(registerProblems(NVME_REGISTERS), []);
  const { model } = new NvmeHost();
  for (const { offset, width } of NVME_REGISTERS) {
    assert.is(model.read32(offset), COMPILED.reset[offset / 4], `at ${offset}`);
    if (width === 8) assert.is(model.read32(offset + 4), COMPILED.reset[offset / 4 + 1]);
  }
});

test("NVMe 1.4 §3.1: the README carries the register table as declared", () => {
  const readme = readFileSync(new URL("../../../devices/nvme/README.md", import.meta.url), "utf8");
  assert.is(documentRegisters(readme, NVME_REGISTERS), readme);
});

test("NVMe 1.4 §3.1.1 CAP: 4096 entries, contiguous queues, stride 4, NVM command set, pages from 4 KiB", () => {
  const cap = new NvmeHost().model.read64(REG.cap);
  const bits = (shift: bigint, width: bigint): number => Number((cap >> shift) & ((1n << width) - 1n));
  assert.is(bits(0n, 16n), 4095, "MQES");
  assert.is(bits(16n, 1n), 1, "CQR");
  assert.is(bits(17n, 2n), 1, "AMS: weighted round robin");
  assert.ok(bits(24n, 8n) > 0, "TO");
  assert.is(bits(32n, 4n), 0, "DSTRD");
  assert.is(bits(36n, 1n), 1, "NSSRS");
  assert.is(bits(37n, 8n), 1, "CSS");
  assert.is(bits(48n, 4n), 0, "MPSMIN");
  assert.is(bits(52n, 4n), 4, "MPSMAX");
});

test("NVMe 1.4 §3.1.2 VS: reads version 1.4", () => {
  assert.is(new NvmeHost().model.read32(REG.vs), 0x0001_0400);
});

for (const [name, register] of [
  ["§3.1.1 CAP", REG.cap],
  ["§3.1.1 CAP's upper half", REG.cap + 4],
  ["§3.1.2 VS", REG.vs],
  ["§3.1.6 CSTS", REG.csts],
  ["§3.1.11 CMBLOC", REG.cmbloc],
  ["§3.1.12 CMBSZ", REG.cmbsz],
] as const) {
  test(`NVMe 1.4 ${name}: a write changes nothing`, () => {
    const { model } = new NvmeHost();
    const before = model.read32(register);
    model.write32(register, ONES);
    model.write32(register, 0);
    assert.is(model.read32(register), before);
  });
}

test("NVMe 1.4 §3.1.3, §3.1.4 INTMS sets, INTMC clears, both read the mask", () => {
  const { model } = new NvmeHost();
  model.write32(REG.intms, 0b1011);
  model.write32(REG.intms, 0b0100);
  assert.is(model.read32(REG.intms), 0b1111);
  model.write32(REG.intmc, 0b0110);
  assert.equal([model.read32(REG.intms), model.read32(REG.intmc)], [0b1001, 0b1001]);
  model.write32(REG.intms, ONES);
  assert.is(model.read32(REG.intmc), ONES);
});

test("NVMe 1.4 §3.1.5 CC: reserved bits stay 0", () => {
  const { model } = new NvmeHost();
  model.write32(REG.cc, ONES & ~1 & ~0xc000);
  assert.is(model.read32(REG.cc), 0x00ff_3ff0);
});

test("NVMe 1.4 §3.1.7 NSSR: 4E564D65h resets everything, AQA, ASQ and ACQ too, and CSTS.NSSRO tells it until it is cleared", () => {
  const host = NvmeHost.ready();
  host.model.write32(REG.nssr, 0x4e56_4d65);
  assert.is(host.status, 0x10);
  for (const register of [REG.nssr, REG.cc, REG.aqa, REG.asq, REG.acq]) assert.is(host.model.read32(register), 0, `at ${register}`);
  host.model.write32(REG.csts, ~0x10);
  assert.is(host.status, 0x10, "a written 0 leaves it");
  assert.is(host.enable(), 0x11, "a reset and a start leave it");
  host.model.write32(REG.csts, 0x1f);
  assert.is(host.status, 1, "only NSSRO can be cleared");
});

test("NVMe 1.4 §3.1.7 NSSR: any other value has no effect", () => {
  const host = NvmeHost.ready();
  for (const value of [0, 1, 0x4e56_4d64, 0x656d_564e]) host.model.write32(REG.nssr, value);
  assert.is(host.status, 1);
});

test("NVMe 1.4 §3.1.8 AQA: keeps its two sizes and no reserved bit", () => {
  const { model } = new NvmeHost();
  model.write32(REG.aqa, ONES);
  assert.is(model.read32(REG.aqa), 0x0fff_0fff);
});

for (const [name, register] of [
  ["§3.1.9 ASQ", REG.asq],
  ["§3.1.10 ACQ", REG.acq],
] as const) {
  test(`NVMe 1.4 ${name}: 64 bits at once, or as halves in either order`, () => {
    const { model } = new NvmeHost();
    model.write64(register, 0x1234_5678_9abc_d000n);
    assert.equal([model.read32(register), model.read32(register + 4)], [0x9abc_d000, 0x1234_5678]);
    model.write32(register + 4, 7);
    model.write32(register, 0x5000);
    assert.is(model.read64(register), 0x7_0000_5000n);
    model.write32(register, 0x6000);
    model.write32(register + 4, 8);
    assert.is(model.read64(register), 0x8_0000_6000n);
  });
}

test("NVMe 1.4 §3.1: reserved offsets read 0 and ignore writes", () => {
  const { model } = new NvmeHost();
  for (const offset of [0x18, 0x40, 0x50, 0xe00, 0xffc]) {
    model.write32(offset, ONES);
    assert.is(model.read32(offset), 0, `at ${offset}`);
  }
});

test("NVMe 1.4 §3.1: misaligned and narrow accesses read all ones, write nothing, and are counted", () => {
  const { model } = new NvmeHost();
  assert.equal([model.read32(2), model.read16(0), model.read8(0)], [ONES, 0xffff, 0xff]);
  assert.is(model.read64(4), 0xffff_ffff_ffff_ffffn);
  model.write32(REG.aqa + 2, ONES);
  model.write16(REG.aqa, 0xffff);
  model.write8(REG.aqa, 0xff);
  model.write64(REG.aqa, 0xffff_ffff_ffff_ffffn);
  assert.is(model.read32(REG.aqa), 0);
  assert.is(model.read32(REG.asq), 0);
  assert.is(model.accessErrors, 8);
});

test("NVMe 1.4 §3.1: nothing answers outside the window", () => {
  const { model } = new NvmeHost();
  for (const offset of [WINDOW_BYTES, 2 ** 32 - 4, -4, 0.5, Number.NaN]) {
    assert.is(model.read32(offset), ONES);
    model.write32(offset, 1);
  }
  assert.is(model.accessErrors, 10);
});

test("NVMe 1.4 §3.1.24 doorbells read 0", () => {
  const host = NvmeHost.ready();
  assert.equal([host.model.read32(DOORBELLS), host.model.read32(DOORBELLS + 12)], [0, 0]);
});

test("NVMe 1.4 §3.1: without a grant every register reads all ones and writes do nothing", () => {
  const host = NvmeHost.ready();
  host.model.stop();
  host.dma.log.length = 0;
  assert.is(host.model.read32(REG.vs), ONES);
  host.model.write32(REG.cc, 0);
  host.model.write32(DOORBELLS, 1);
  host.model.start(host.dma);
  assert.is(host.status, 0);
  assert.equal(host.dma.log, []);
});

test.run();
