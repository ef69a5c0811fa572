/** A hostile driver on the ports of the NVMe model: commands that are let go twice, and too much work for one register access. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ADMIN, IO } from "../../devices/nvme/codes.ts";
import { REG } from "../../devices/nvme/registers.ts";
import { ENABLE, NvmeHost, PAGE, transfer } from "../support/nvme-host.ts";

const test = suite("hostile review: NVMe");
const DATA = 0x10_0000;
const SHUT_DOWN = 1 << 14;

test("a queue deleted while its completion queue's memory is gone: no command is let go twice", () => {
  const host = NvmeHost.ready({ deferred: {} });
  const { base } = host.cq.get(1) ?? { base: 0 };
  host.dma.refuses = (_, address) => address >= base && address < base + PAGE;
  host.submit(0, { opcode: ADMIN.deleteSq, cdw10: 1 });
  for (let i = 0; i < 3; i++) host.submit(1, transfer(IO.read, i, 1, DATA + i * PAGE));
  // The commands complete as aborted, the first cannot be answered, and that is fatal.
  host.model.advance(1);
  assert.ok(host.fatal);
  assert.is(host.dma.pins.size, 0);

  host.dma.refuses = () => false;
  host.model.write32(REG.cc, 0);
  host.enable();
  host.createPair(1, 8);
  for (let i = 0; i < 6; i++) host.submit(1, transfer(IO.read, i, 1, DATA + i * PAGE));
  assert.is(host.dma.pins.size, 6);
  host.model.stop();
  assert.equal([...host.dma.pins], [], "a pin that nobody ends keeps memory for ever");
});

test("what was rung while nothing is fetched is not worked off inside one register write", () => {
  const entries = 64;
  const host = NvmeHost.ready({ ioQueues: 8, mdts: 8 }, entries);
  for (let id = 2; id <= 8; id++) host.createPair(id, entries);
  host.model.write32(REG.cc, ENABLE | SHUT_DOWN);
  const list = host.pages(2);
  host.list(
    list,
    Array.from({ length: 63 }, () => DATA),
  );
  for (let id = 1; id <= 8; id++) {
    for (let i = 0; i < entries - 1; i++) host.place(id, transfer(IO.write, 0, 64, DATA, list));
    host.ring(id);
  }
  assert.is(host.transfers.length, 0);
  host.model.write32(REG.cc, ENABLE);
  const first = host.transfers.length;
  assert.ok(first > 0 && first * 64 * PAGE <= 65 << 20, `${first} commands of 256 KiB in one access`);
  // Any further access goes on; nothing is lost.
  for (let i = 0; i < 2 && host.transfers.length < 8 * (entries - 1); i++) host.model.read32(REG.csts);
  assert.is(host.transfers.length, 8 * (entries - 1));
});

test("flushes are what one access may set off least of", () => {
  const host = NvmeHost.ready({}, 64);
  let flushes = 0;
  host.store.flush = () => {
    flushes++;
  };
  for (let i = 0; i < 63; i++) host.place(1, { opcode: IO.flush, nsid: 1 });
  host.ring(1);
  assert.ok(flushes > 0 && flushes <= 32, `${flushes} flushes`);
  host.model.read32(REG.csts);
  assert.is(flushes, 63);
});

test("commands in flight that fall due together are not completed inside one register access", () => {
  const host = NvmeHost.ready({ deferred: { accesses: 2 } }, 64);
  let flushes = 0;
  host.store.flush = () => {
    flushes++;
  };
  for (let i = 0; i < 63; i++) host.place(1, { opcode: IO.flush, nsid: 1 });
  host.ring(1);
  host.model.read32(REG.csts);
  host.model.read32(REG.csts);
  assert.ok(flushes > 0 && flushes <= 32, `${flushes} flushes`);
  host.model.read32(REG.csts);
  assert.is(flushes, 63);
});

test.run();
