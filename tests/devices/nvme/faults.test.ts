/** Faults of the device, one by one and by chance: what a driver sees, and that a reset always helps. NVMe 1.4 §7.3, §9. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ADMIN, IO } from "../../../devices/nvme/codes.ts";
import { type NvmeFault, SeededFaults } from "../../../devices/nvme/faults.ts";
import type { NvmeOptions } from "../../../devices/nvme/model.ts";
import { CSTS, REG } from "../../../devices/nvme/registers.ts";
import { NvmeHost, transfer } from "../../support/nvme-host.ts";

const test = suite("NVMe faults");
const DATA = 0x10_0000;
const read = transfer(IO.read, 3, 1, DATA);

/** A host whose next I/O command meets the fault, and only that. */
function meeting(fault: NvmeFault, options: Partial<NvmeOptions> = {}): NvmeHost {
  let armed = true;
  const next = (sqId: number): NvmeFault | undefined => {
    if (sqId === 0 || !armed) return undefined;
    armed = false;
    return fault;
  };
  const host = new NvmeHost({ faults: { next }, ...options });
  host.enable();
  host.createPair(1, 8, { interrupts: true });
  host.pin.length = 0;
  return host;
}

test("NVMe 1.4 §5.1 a stuck command completes when it is aborted, and moves nothing", () => {
  const host = meeting({ kind: "stuck", deaf: false });
  host.submit(1, { ...read, cid: 1 });
  host.submit(1, { ...read, cid: 2 });
  assert.equal(
    host.takeAll(1).map(({ cid }) => cid),
    [2],
  );
  assert.is(host.dma.pins.size, 1);
  assert.is(host.admin({ opcode: ADMIN.abort, cdw10: 1 | (1 << 16) }).result, 0);
  assert.equal([host.take(1)?.status, host.dma.pins.size, host.model.inFlight], [0x007, 0, 0]);
});

test("NVMe 1.4 §5.1 a deaf command is not reached by Abort; deleting its queue ends it", () => {
  const host = meeting({ kind: "stuck", deaf: true });
  host.submit(1, { ...read, cid: 1 });
  assert.is(host.admin({ opcode: ADMIN.abort, cdw10: 1 | (1 << 16) }).result, 1);
  assert.is(host.admin({ opcode: ADMIN.deleteSq, cdw10: 1 }).status, 0);
  assert.equal([host.take(1), host.dma.pins.size], [undefined, 0]);
});

test("NVMe 1.4 §7.2.1 a slow command completes after so many accesses, others before it", () => {
  const host = meeting({ kind: "slow", accesses: 6 });
  host.submit(1, { ...read, cid: 1 });
  host.submit(1, { ...read, cid: 2 });
  assert.is(host.take(1)?.cid, 2);
  for (let i = 0; i < 3; i++) host.model.read32(REG.csts);
  assert.is(host.take(1), undefined);
  host.model.read32(REG.csts);
  assert.is(host.take(1)?.cid, 1);
});

test("NVMe 1.4 §7.2.1 a command that is slow by the clock completes at the tick after its time", () => {
  let now = 0;
  const alarms: number[] = [];
  const options = { clock: { nowMicros: () => now }, onDeadline: (micros: number) => alarms.push(micros) };
  const host = meeting({ kind: "slow", accesses: 0, micros: 500 }, options);
  host.submit(1, read);
  assert.equal(alarms, [500]);
  host.model.tick();
  assert.is(host.take(1), undefined);
  now = 500;
  host.model.tick();
  assert.is(host.take(1)?.status, 0);
});

test("NVMe 1.4 §5.1 a slow command can be aborted", () => {
  const host = meeting({ kind: "slow", accesses: 1000 });
  host.submit(1, { ...read, cid: 1 });
  host.submit(0, { opcode: ADMIN.abort, cdw10: 1 | (1 << 16) });
  assert.equal([host.take(1)?.status, host.take(0)?.result], [0x007, 0]);
});

for (const status of [0x281, 0x280, 0x006, 0x004])
  test(`NVMe 1.4 §4.6.1 a command that fails with status ${status.toString(16)}h does nothing, and is logged`, () => {
    const host = meeting({ kind: "status", status });
    host.memory.fill(0xcc, DATA, DATA + 4096);
    assert.is(host.run(1, read).status, status);
    assert.is(host.memory[DATA], 0xcc);
    host.admin({ opcode: ADMIN.getLogPage, nsid: 0xffff_ffff, prp1: 0x20_0000, cdw10: 1 | (15 << 16) });
    assert.is((host.dma.fields.getUint16(0x20_000c, true) >>> 1) & 0x7ff, status);
    assert.is(host.run(1, read).status, 0);
  });

test("NVMe 1.4 §4.6 a completion with a wrong id: the work is done, and nobody knows the id", () => {
  const host = meeting({ kind: "wrong-id", flip: 0x8000 });
  host.submit(1, { ...read, cid: 5 });
  assert.is(host.take(1)?.cid, 0x8005);
  assert.is(host.memory[DATA], 4);
});

test("NVMe 1.4 §7.5 a lost interrupt: the completion is there and the pin is low, until the next one", () => {
  const host = meeting({ kind: "lost-interrupt" });
  host.submit(1, read);
  assert.equal(host.pin, []);
  host.submit(1, read);
  assert.equal(host.pin, [true]);
  assert.is(host.takeAll(1).length, 2);
  assert.equal(host.pin, [true, false]);
});

test("NVMe 1.4 §9.5 fatal status: nothing moves, nothing is answered, a reset cures it", () => {
  for (const options of [{}, { deferred: {} }]) {
    const host = meeting({ kind: "fatal" }, options);
    host.submit(1, read);
    host.submit(1, read);
    host.model.advance(5);
    assert.equal([host.status, host.take(1), host.dma.pins.size], [CSTS.ready | CSTS.fatal, undefined, 0]);
    host.model.write32(REG.cc, 0);
    host.enable();
    host.createPair(1, 8);
    assert.is(host.run(1, read).status, 0);
  }
});

test("SeededFaults: the same seed gives the same faults, another seed others, and admin commands are spared", () => {
  const kinds: NvmeFault[] = [
    { kind: "status", status: 0x281 },
    { kind: "status", status: 0x006 },
  ];
  const run = (seed: number): number[] => {
    const faults = new SeededFaults({ seed, oneIn: 4, kinds });
    const host = NvmeHost.ready({ faults });
    const statuses = Array.from({ length: 60 }, () => host.run(1, read).status);
    assert.is(faults.injected.length, statuses.filter((status) => status !== 0).length);
    assert.ok(faults.injected.every(({ sqId, opcode }) => sqId === 1 && opcode === IO.read));
    return statuses;
  };
  assert.equal(run(1), run(1));
  assert.not.equal(run(1), run(2));
  assert.ok(new Set(run(1)).size === 3, "both faults and none");
  const admin = new SeededFaults({ seed: 1, oneIn: 1, kinds, admin: true });
  const host = new NvmeHost({ faults: admin });
  host.enable();
  assert.is.not(host.admin({ opcode: ADMIN.getFeatures, cdw10: 7 }).status, 0);
});

test("NVMe 1.4 §4.1 shuffled completion: every command completes once, in an order of the seed's, and each moves its own block", () => {
  const run = (shuffle: number): number[] => {
    const host = NvmeHost.ready({ deferred: { shuffle } }, 32);
    for (let i = 0; i < 30; i++) host.submit(1, transfer(IO.read, i, 1, DATA + i * 4096, 0, { cid: i }));
    while (host.model.advance(3) > 0);
    for (let i = 0; i < 30; i++) assert.is(host.memory[DATA + i * 4096], i + 1);
    assert.is(host.dma.pins.size, 0);
    return host.takeAll(1).map(({ cid }) => cid);
  };
  const order = run(5);
  assert.equal(
    [...order].sort((a, b) => a - b),
    Array.from({ length: 30 }, (_, i) => i),
  );
  assert.not.equal(
    order,
    [...order].sort((a, b) => a - b),
  );
  assert.equal(order, run(5));
  assert.not.equal(order, run(6));
});

test.run();
