/**
 * Commands in flight: what is pinned when, what ends them, and that nothing happens after `stop`.
 * NVMe 1.4 §7.2.1 (commands complete when the controller likes), §5.1, §5.6, §7.3.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ADMIN, IO } from "../../../devices/nvme/codes.ts";
import type { NvmeOptions } from "../../../devices/nvme/model.ts";
import { CSTS, DOORBELLS, REG } from "../../../devices/nvme/registers.ts";
import { NvmeHost, PAGE, transfer } from "../../support/nvme-host.ts";

const test = suite("NVMe in flight");
const DATA = 0x10_0000;

/** A ready controller with queue 1, in deferred mode. */
function deferred(options: NvmeOptions["deferred"] = {}, entries = 8): NvmeHost {
  const host = NvmeHost.ready({ deferred: options }, entries);
  host.dma.log.length = 0;
  return host;
}

test("NVMe 1.4 §7.2.1 a command is fetched and pinned at the doorbell, and completes at advance", () => {
  const host = deferred();
  host.submit(1, transfer(IO.read, 3, 1, DATA));
  assert.is(host.model.inFlight, 1);
  assert.equal([...host.dma.pins], [[DATA, 1]]);
  assert.is(host.memory[DATA], 0);
  assert.is(host.take(1), undefined);
  assert.is(host.model.advance(5), 1);
  assert.is(host.memory[DATA], 4);
  assert.is(host.take(1)?.status, 0);
  assert.is(host.model.inFlight, 0);
  assert.is(host.dma.pins.size, 0);
});

test("NVMe 1.4 §7.2.1 each run of memory is pinned once, lists are not, and the pin ends before the completion is visible", () => {
  const host = deferred();
  host.list(0x8_0000, [DATA + PAGE, DATA + 5 * PAGE]);
  host.submit(1, transfer(IO.write, 3, 3, DATA, 0x8_0000));
  assert.equal([...host.dma.pins.keys()], [DATA, DATA + 5 * PAGE]);
  host.dma.log.length = 0;
  host.model.advance(1);
  const { base } = host.cq.get(1) ?? { base: 0 };
  const steps = [
    `read ${DATA}+${2 * PAGE}`,
    `read ${DATA + 5 * PAGE}+${PAGE}`,
    `unpin ${DATA}`,
    `unpin ${DATA + 5 * PAGE}`,
    `write ${base}+128`,
  ];
  assert.equal(host.dma.log, steps);
});

test("NVMe 1.4 §7.2.1 several commands complete in steps, oldest first", () => {
  const host = deferred();
  for (let i = 0; i < 5; i++) host.submit(1, transfer(IO.read, i, 1, DATA + i * PAGE, 0, { cid: 10 + i }));
  assert.is(host.model.inFlight, 5);
  assert.is(host.model.advance(2), 2);
  assert.equal(
    host.takeAll(1).map(({ cid }) => cid),
    [10, 11],
  );
  assert.is(host.model.advance(100), 3);
  assert.equal(
    host.takeAll(1).map(({ cid }) => cid),
    [12, 13, 14],
  );
  assert.is(host.model.advance(1), 0);
});

test("NVMe 1.4 §7.2.1 by accesses: a command completes after so many further register accesses", () => {
  const host = deferred({ accesses: 3 });
  host.submit(1, transfer(IO.read, 3, 1, DATA));
  host.model.read32(REG.csts);
  host.model.read32(REG.csts);
  assert.is(host.take(1), undefined);
  host.model.read32(REG.csts);
  assert.is(host.take(1)?.status, 0);
});

test("NVMe 1.4 §4.6.1 memory that cannot be pinned is a data transfer error, and what was pinned is let go", () => {
  const host = deferred();
  host.dma.refuses = (kind, at) => kind === "pin" && at === DATA + 8 * PAGE;
  host.submit(1, transfer(IO.read, 0, 2, DATA, DATA + 8 * PAGE));
  assert.is(host.dma.pins.size, 0);
  host.model.advance(1);
  assert.is(host.take(1)?.status, 0x004);
});

test("NVMe 1.4 §4.6.1 a pin is no right: memory that may not be touched when the data moves is not touched", () => {
  const host = deferred();
  host.memory.fill(0xcc, DATA, DATA + PAGE);
  host.submit(1, transfer(IO.read, 0, 1, DATA));
  host.dma.refuses = (kind, at) => kind === "write" && at === DATA;
  host.model.advance(1);
  assert.is(host.take(1)?.status, 0x004);
  assert.is(host.memory[DATA], 0xcc);
  assert.is(host.dma.pins.size, 0);
});

test("NVMe 1.4 §4.3 neighbours in two objects are pinned apart", () => {
  const host = deferred();
  const border = DATA + PAGE;
  host.dma.refuses = (_, at, bytes) => at < border && at + bytes > border;
  host.submit(1, transfer(IO.read, 4, 1, DATA + 64, border));
  assert.equal([...host.dma.pins.keys()], [DATA + 64, border]);
  host.model.advance(1);
  assert.is(host.take(1)?.status, 0);
  assert.is(host.dma.pins.size, 0);
});

test("NVMe 1.4 §4.6.1 a command id that is in flight on the same queue is a conflict; on another queue it is not", () => {
  const host = deferred();
  host.submit(1, transfer(IO.read, 0, 1, DATA, 0, { cid: 5 }));
  host.submit(1, transfer(IO.read, 1, 1, DATA, 0, { cid: 5 }));
  host.submit(0, { opcode: ADMIN.getFeatures, cdw10: 7, cid: 5 });
  host.model.advance(3);
  assert.equal(
    host.takeAll(1).map(({ status }) => status),
    [0, 0x003],
  );
  assert.is(host.take(0)?.status, 0);
});

test("NVMe 1.4 §5.1 Abort ends a command in flight, which completes as aborted and first", () => {
  const host = deferred();
  host.submit(1, transfer(IO.write, 0, 1, DATA, 0, { cid: 5 }));
  const store = host.store.bytes[0];
  host.memory.fill(0xcc, DATA, DATA + PAGE);
  host.submit(0, { opcode: ADMIN.abort, cdw10: 1 | (5 << 16), cid: 6 });
  assert.equal(
    host.takeAll(1).map(({ cid, status, doNotRetry }) => [cid, status, doNotRetry]),
    [[5, 0x007, false]],
  );
  assert.is(host.dma.pins.size, 0);
  host.model.advance(9);
  const abort = host.take(0);
  assert.equal([abort?.cid, abort?.status, abort?.result], [6, 0, 0]);
  assert.is(host.take(1), undefined);
  assert.is(host.store.bytes[0], store);
});

test("NVMe 1.4 §5.1 the fifth Abort at once exceeds the limit", () => {
  const host = deferred();
  for (let i = 0; i < 5; i++) host.submit(0, { opcode: ADMIN.abort, cdw10: 1 });
  host.model.advance(5);
  assert.equal(
    host.takeAll(0).map(({ status }) => status),
    [0, 0, 0, 0, 0x103],
  );
});

test("NVMe 1.4 §5.6 Delete SQ: commands in flight end as aborted by it, others go on", () => {
  const host = deferred();
  host.submit(1, transfer(IO.read, 0, 1, DATA, 0, { cid: 5 }));
  host.submit(0, { opcode: ADMIN.deleteSq, cdw10: 1, cid: 6 });
  host.submit(1, transfer(IO.read, 0, 1, DATA, 0, { cid: 7 }));
  while (host.model.advance(1) > 0);
  assert.equal(
    host.takeAll(1).map(({ cid, status }) => [cid, status]),
    [
      [5, 0],
      [7, 0x008],
    ],
  );
  assert.is(host.take(0)?.status, 0);
  assert.is(host.dma.pins.size, 0);
});

test("NVMe 1.4 §4.1.2 completions that find their queue full wait for room", () => {
  const host = deferred({}, 4);
  for (let i = 0; i < 3; i++) host.submit(1, { opcode: IO.flush, nsid: 1, cid: i });
  const cq = host.cq.get(1);
  host.model.advance(3);
  assert.ok(cq !== undefined);
  for (let i = 0; i < 3; i++) host.take(1, false);
  host.submit(1, { opcode: IO.flush, nsid: 1, cid: 3 });
  assert.is(host.model.inFlight, 0, "not even fetched");
  host.ringHead(1);
  assert.is(host.model.inFlight, 1);
  host.model.advance(1);
  assert.is(host.take(1)?.cid, 3);
});

test("NVMe 1.4 §7.2.1 a careless host cannot make the controller hold more than its limit", () => {
  const host = deferred({}, 4096);
  for (let i = 0; i < 4000; i++) host.place(1, { opcode: IO.flush, nsid: 1, cid: i });
  host.ring(1);
  assert.is(host.model.inFlight, 1024);
  let done = 0;
  for (let step = host.model.advance(1); step > 0; step = host.model.advance(500)) done += host.takeAll(1).length;
  assert.is(done, 4000);
});

test("NVMe 1.4 §7.3.2 a reset with commands in flight cancels them: unpinned, no completion, no data, then all works again", () => {
  const host = deferred();
  host.submit(1, transfer(IO.write, 0, 1, DATA));
  host.submit(1, transfer(IO.read, 1, 1, DATA + PAGE));
  const before = host.memory.slice();
  host.dma.log.length = 0;
  host.model.write32(REG.cc, 0);
  assert.equal([host.dma.pins.size, host.model.inFlight, host.status], [0, 0, 0]);
  assert.is(host.model.advance(10), 0);
  assert.equal(host.dma.log, [`unpin ${DATA}`, `unpin ${DATA + PAGE}`]);
  assert.is(Buffer.compare(host.memory, before), 0);
  assert.is(host.enable(), CSTS.ready);
});

test("NVMe 1.4 §7.3.2 stop with commands in flight: cancelled, unpinned, pin low, and after that nothing at all", () => {
  const host = deferred();
  host.submit(0, { opcode: ADMIN.getFeatures, cdw10: 7 });
  host.model.advance(1);
  assert.equal(host.pin.at(-1), true);
  for (let i = 0; i < 3; i++) host.submit(1, transfer(i === 1 ? IO.read : IO.write, i, 1, DATA + i * 2 * PAGE));
  host.memory.fill(0xcc, DATA, DATA + 6 * PAGE);
  const [memory, store] = [host.memory.slice(), host.store.bytes.slice()];
  const order: string[] = [];
  host.dma.log.push = (...lines: string[]) => order.push(...lines);
  const pushPin = host.pin.push.bind(host.pin);
  host.pin.push = (level) => {
    order.push(`pin ${level}`);
    return pushPin(level);
  };
  host.model.stop();
  assert.equal(order, [`unpin ${DATA}`, `unpin ${DATA + 2 * PAGE}`, `unpin ${DATA + 4 * PAGE}`, "pin false"]);
  assert.is(host.dma.pins.size, 0);

  // Whoever still has the window, or drives the model's time, changes nothing.
  order.length = 0;
  assert.is(host.model.advance(100), 0);
  for (let offset = 0; offset < 64; offset += 4) host.model.write32(DOORBELLS + offset, 1);
  host.model.write32(REG.cc, 1);
  host.model.stop();
  assert.equal(order, []);
  assert.is(Buffer.compare(host.memory, memory), 0);
  assert.is(Buffer.compare(host.store.bytes, store), 0);
  assert.equal(host.transfers, []);
});

test("NVMe 1.4 §7.3.2 stop from inside a callback: the command at work answers nobody, also under a new grant", () => {
  for (const deferredMode of [undefined, {}]) {
    const host = deferredMode === undefined ? NvmeHost.ready() : deferred();
    const read = host.store.read.bind(host.store);
    host.store.read = (lba, into) => {
      read(lba, into);
      host.model.stop();
      host.model.start(host.dma);
      host.enable();
    };
    host.submit(1, transfer(IO.read, 0, 1, DATA));
    host.model.advance(1);
    host.store.read = read;
    assert.is(host.take(1), undefined);
    assert.equal([host.dma.pins.size, host.model.inFlight, host.status], [0, 0, CSTS.ready]);
  }
});

test("NVMe 1.4 §9.1 a hanging command never completes, others do; a reset frees the controller", () => {
  for (const mode of [undefined, {}]) {
    const host = mode === undefined ? NvmeHost.ready() : deferred();
    host.model.nextCommandHangs = true;
    host.submit(1, transfer(IO.read, 0, 1, DATA, 0, { cid: 1 }));
    assert.is(host.model.nextCommandHangs, false);
    host.submit(1, transfer(IO.read, 1, 1, DATA + PAGE, 0, { cid: 2 }));
    host.model.advance(10);
    assert.equal(
      host.takeAll(1).map(({ cid }) => cid),
      [2],
    );
    assert.equal([host.model.inFlight, host.dma.pins.size], [1, 1]);
    host.submit(0, { opcode: ADMIN.abort, cdw10: 1 | (1 << 16) });
    host.model.advance(1);
    assert.is(host.take(0)?.result, 1, "not aborted");
    host.model.write32(REG.cc, 0);
    assert.equal([host.model.inFlight, host.dma.pins.size], [0, 0]);
  }
});

test("NVMe 1.4 §5.6 deleting the queue of a hanging command frees what it holds", () => {
  const host = NvmeHost.ready();
  host.model.nextCommandHangs = true;
  host.submit(1, transfer(IO.read, 0, 1, DATA));
  assert.is(host.admin({ opcode: ADMIN.deleteSq, cdw10: 1 }).status, 0);
  assert.equal([host.model.inFlight, host.dma.pins.size], [0, 0]);
});

test("NVMe 1.4 §9.5 queue memory refused while commands are in flight: fatal, all unpinned", () => {
  const host = deferred();
  host.submit(1, transfer(IO.read, 0, 1, DATA));
  host.submit(1, transfer(IO.read, 1, 1, DATA + PAGE));
  const { base } = host.cq.get(1) ?? { base: 0 };
  host.dma.refuses = (kind, at) => kind === "write" && at === base;
  host.model.advance(2);
  assert.ok(host.fatal);
  assert.equal([host.dma.pins.size, host.model.inFlight], [0, 0]);
});

test.run();
