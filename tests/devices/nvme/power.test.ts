/** Power cuts, write caches and what health counts of them, against NVMe 1.4 §5.14.1.2, §5.21.1.6, §6.8, §7.6. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ADMIN, IO } from "../../../devices/nvme/codes.ts";
import type { NvmeOptions } from "../../../devices/nvme/model.ts";
import { REG } from "../../../devices/nvme/registers.ts";
import { MemoryStore } from "../../../host/backends/memory-store.ts";
import { RecordingStore } from "../../../host/backends/recording-store.ts";
import { VolatileStore } from "../../../host/backends/volatile-store.ts";
import { ENABLE, NvmeHost, PAGE } from "../../support/nvme-host.ts";

const test = suite("NVMe power");
const DATA = 0x10_0000;
const FUA = 0x4000_0000;

/** A controller whose cache loses what was not flushed. */
function volatile(options: Partial<NvmeOptions> = {}): {
  host: NvmeHost;
  medium: MemoryStore;
  again: () => void;
  put: (lba: number, more?: number) => void;
} {
  const medium = new MemoryStore(8);
  const host = NvmeHost.ready({ store: new VolatileStore(medium), ...options });
  const again = (): void => {
    host.model.cutPower();
    host.enable();
    host.createPair(1, 8);
  };
  const put = (lba: number, more = 0): void => {
    host.memory.fill(lba + 1, DATA, DATA + PAGE);
    assert.is(host.write(lba, 1, DATA, 0, { cdw12: more }).status, 0);
  };
  return { host, medium, again, put };
}

function firsts(host: NvmeHost): (number | undefined)[] {
  return Array.from({ length: 5 }, (_, lba) => {
    assert.is(host.read(lba, 1, DATA).status, 0);
    return host.memory[DATA];
  });
}

function health(host: NvmeHost, at: number): number {
  const page = host.pages();
  host.admin({ opcode: ADMIN.getLogPage, nsid: 0xffff_ffff, prp1: page, cdw10: 2 | (127 << 16) });
  return Number(host.dma.fields.getBigUint64(page + at, true));
}

test("NVMe 1.4 §6.8 a power cut loses writes that were not flushed, and keeps those before a Flush and those with FUA", () => {
  const { host, again, put } = volatile();
  put(0);
  host.run(1, { opcode: IO.flush, nsid: 1 });
  put(1);
  put(2, FUA);
  put(3);
  assert.equal(firsts(host), [1, 2, 3, 4, 0], "read back from the cache");
  again();
  assert.equal(firsts(host), [1, 0, 3, 0, 0]);
});

test("NVMe 1.4 §5.21.1.6 with the write cache disabled every completed write survives", () => {
  const { host, again, put } = volatile();
  assert.is(host.admin({ opcode: ADMIN.setFeatures, cdw10: 6, cdw11: 0 }).status, 0);
  put(0);
  put(3);
  assert.is(host.run(1, { opcode: IO.writeZeroes, nsid: 1, cdw10: 0 }).status, 0);
  again();
  assert.equal(firsts(host), [0, 0, 0, 4, 0]);
});

test("NVMe 1.4 §7.6.2 a normal shutdown makes everything stable", () => {
  const { host, again, put } = volatile();
  put(0);
  host.model.write32(REG.cc, ENABLE | (1 << 14));
  again();
  assert.equal(firsts(host), [1, 0, 0, 0, 0]);
});

test("NVMe 1.4 §7.3.2 a controller reset, and a subsystem reset, lose nothing of the cache", () => {
  const { host, put } = volatile();
  put(0);
  host.model.write32(REG.cc, 0);
  host.enable();
  host.model.write32(REG.nssr, 0x4e56_4d65);
  host.enable();
  host.createPair(1, 8);
  assert.equal(firsts(host), [1, 0, 0, 0, 0]);
});

test("NVMe 1.4 §7.6 a power cut drops what is in flight without an answer, and every register is as after power-on", () => {
  const { host } = volatile({ deferred: {} });
  host.submit(1, { opcode: IO.write, nsid: 1, prp1: DATA });
  assert.is(host.dma.pins.size, 1);
  host.model.cutPower();
  assert.equal([host.dma.pins.size, host.model.inFlight, host.status], [0, 0, 0]);
  for (const register of [REG.cc, REG.aqa, REG.asq, REG.acq]) assert.is(host.model.read32(register), 0);
  assert.is(host.model.advance(5), 0);
});

test("NVMe 1.4 §5.14.1.2 power cycles and unsafe shutdowns are counted, safe ones are not unsafe", () => {
  const { host, again } = volatile();
  assert.equal([health(host, 112), health(host, 144)], [1, 0]);
  again();
  assert.equal([health(host, 112), health(host, 144)], [2, 1]);
  host.model.write32(REG.cc, ENABLE | (1 << 14));
  again();
  assert.equal([health(host, 112), health(host, 144)], [3, 1]);
  host.model.stop();
  host.start();
  host.enable();
  assert.equal([health(host, 112), health(host, 144)], [4, 2], "the end of a grant without a shutdown");
});

test("NVMe 1.4 §5.14.1.2 temperature: health tells it, and a threshold that is passed is an event", () => {
  let now = 0;
  const host = NvmeHost.ready({ clock: { nowMicros: () => now } });
  const at = host.pages();
  const read = (): [number, number] => {
    host.admin({ opcode: ADMIN.getLogPage, nsid: 0xffff_ffff, prp1: at, cdw10: 2 | (127 << 16) });
    return [host.memory[at] ?? 0, host.dma.fields.getUint16(at + 1, true)];
  };
  assert.equal(read(), [0, 308]);
  host.admin({ opcode: ADMIN.setFeatures, cdw10: 0x0b, cdw11: 2 });
  host.submit(0, { opcode: ADMIN.asyncEvent, cid: 9 });
  host.model.heat(330);
  assert.is(host.take(0), undefined);
  host.model.heat(345);
  assert.equal(host.take(0)?.result, 0x2_0101);
  now = 180_000_000;
  assert.equal(read(), [2, 345]);
  assert.is(host.dma.fields.getUint32(at + 192, true), 3, "minutes above the warning temperature");
  host.admin({ opcode: ADMIN.setFeatures, cdw10: 4, cdw11: 400 });
  assert.equal(read(), [0, 345]);
  host.admin({ opcode: ADMIN.setFeatures, cdw10: 4, cdw11: 0x10_0000 | 350 });
  assert.equal(read(), [2, 345], "below the lower threshold");
  assert.is(host.admin({ opcode: ADMIN.getFeatures, cdw10: 4, cdw11: 0x10_0000 }).result, 350);
});

test("NVMe 1.4 §6.8 every state after a cut anywhere holds what was flushed before it", () => {
  const medium = new MemoryStore(6);
  const recording = new RecordingStore(medium);
  const host = NvmeHost.ready({ store: recording });
  const flushedAt: [cut: number, lba: number, value: number][] = [];
  const pending = new Map<number, number>();
  for (let i = 0; i < 12; i++) {
    const lba = (i * 5) % 6;
    host.memory.fill(100 + i, DATA, DATA + PAGE);
    host.write(lba, 1, DATA);
    pending.set(lba, 100 + i);
    if (i % 4 !== 3) continue;
    host.run(1, { opcode: IO.flush, nsid: 1 });
    for (const [block, value] of pending) flushedAt.push([recording.log.length, block, value]);
    pending.clear();
  }
  let states = 0;
  for (let cut = 0; cut <= recording.log.length; cut++) {
    const expected = new Map(flushedAt.filter(([at]) => at <= cut).map(([, lba, value]) => [lba, value]));
    for (const state of recording.statesAfter(cut)) {
      states++;
      for (const [lba, value] of expected) assert.ok((state[lba * PAGE] ?? 0) >= value, `block ${lba} after ${cut} changes`);
    }
  }
  assert.ok(states > 30);
});

test.run();
