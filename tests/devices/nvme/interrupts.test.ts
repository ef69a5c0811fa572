/** The interrupt pin against NVMe 1.4 §3.1.3, §3.1.4, §7.5.1. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ADMIN, IO } from "../../../devices/nvme/codes.ts";
import { NvmeModel } from "../../../devices/nvme/model.ts";
import { DOORBELLS, REG } from "../../../devices/nvme/registers.ts";
import { MemoryStore } from "../../../host/backends/memory-store.ts";
import { NvmeHost } from "../../support/nvme-host.ts";

const test = suite("NVMe interrupts");

/** A host whose queue 1 interrupts, and the level of the pin. */
function interrupting(): { host: NvmeHost; level: () => boolean | undefined } {
  const host = new NvmeHost();
  host.enable();
  host.createPair(1, 8, { interrupts: true });
  host.pin.length = 0;
  return { host, level: () => host.pin.at(-1) };
}

test("NVMe 1.4 §7.5.1 the pin is high while a completion waits and low when the host has consumed it", () => {
  const { host } = interrupting();
  host.submit(1, { opcode: IO.flush, nsid: 1 });
  assert.equal(host.pin, [true]);
  host.take(1);
  assert.equal(host.pin, [true, false]);
});

test("NVMe 1.4 §7.5.1 more completions do not raise a pin that is high; it falls when the last one is consumed", () => {
  const { host } = interrupting();
  for (let i = 0; i < 3; i++) host.submit(1, { opcode: IO.flush, nsid: 1 });
  assert.equal(host.pin, [true]);
  host.take(1);
  host.take(1);
  assert.equal(host.pin, [true]);
  host.take(1);
  assert.equal(host.pin, [true, false]);
});

test("NVMe 1.4 §7.5.1 the admin queue interrupts too, and the pin is the OR of all queues", () => {
  const { host, level } = interrupting();
  host.submit(0, { opcode: ADMIN.getFeatures, cdw10: 7 });
  host.submit(1, { opcode: IO.flush, nsid: 1 });
  host.take(0);
  assert.is(level(), true);
  host.take(1);
  assert.is(level(), false);
});

test("NVMe 1.4 §5.3 a completion queue without IEN leaves the pin alone", () => {
  const host = NvmeHost.ready();
  host.pin.length = 0;
  host.submit(1, { opcode: IO.flush, nsid: 1 });
  assert.equal(host.pin, []);
});

test("NVMe 1.4 §3.1.3, §3.1.4 the mask lowers the pin and, taken away, raises it again", () => {
  const { host } = interrupting();
  host.submit(1, { opcode: IO.flush, nsid: 1 });
  host.model.write32(REG.intms, 1);
  host.model.write32(REG.intmc, 2);
  host.model.write32(REG.intmc, 1);
  assert.equal(host.pin, [true, false, true]);
});

test("NVMe 1.4 §3.1.3 masked: a completion is posted and raises nothing until unmasked", () => {
  const { host } = interrupting();
  host.model.write32(REG.intms, 1);
  host.submit(1, { opcode: IO.flush, nsid: 1 });
  assert.equal(host.pin, []);
  host.take(1);
  host.model.write32(REG.intmc, 1);
  assert.equal(host.pin, [], "consumed meanwhile: no stale interrupt");
});

test("NVMe 1.4 §5.5 deleting a completion queue with entries in it lowers the pin", () => {
  const { host, level } = interrupting();
  host.submit(1, { opcode: IO.flush, nsid: 1 });
  host.admin({ opcode: ADMIN.deleteSq, cdw10: 1 });
  assert.is(level(), true);
  host.admin({ opcode: ADMIN.deleteCq, cdw10: 1 });
  assert.is(level(), false);
});

test("NVMe 1.4 §7.3.2 a reset lowers the pin", () => {
  const { host, level } = interrupting();
  host.submit(1, { opcode: IO.flush, nsid: 1 });
  host.model.write32(REG.cc, 0);
  assert.is(level(), false);
});

test("NVMe 1.4 §7.5.1 a handler that consumes and submits inside the interrupt loses nothing", () => {
  const host = new NvmeHost();
  const seen: number[] = [];
  const model = new NvmeModel({ store: new MemoryStore(8) });
  Object.assign(host, { model });
  model.start(host.dma, {
    set: (level) => {
      if (!level) return;
      for (const { cid } of host.takeAll(1)) {
        seen.push(cid);
        if (seen.length < 20) host.submit(1, { opcode: IO.flush, nsid: 1, cid: seen.length });
      }
    },
  });
  host.enable();
  host.model.write32(REG.intms, 1);
  host.createPair(1, 4, { interrupts: true });
  host.model.write32(REG.intmc, 1);
  host.submit(1, { opcode: IO.flush, nsid: 1, cid: 0 });
  assert.equal(
    seen,
    Array.from({ length: 20 }, (_, i) => i),
  );
  assert.is(model.read32(DOORBELLS), 0);
});

test.run();
