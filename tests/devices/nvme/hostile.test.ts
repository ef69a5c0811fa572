/**
 * A driver that does anything at all: random registers, doorbells, entries and lists, and an author who changes them while
 * they are read. The controller answers or is silent; it never throws, never loops, never leaves the memory that it was
 * allowed, never answers twice, and works again after a reset. NVMe 1.4 §7.3.2, §9.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CSTS, DOORBELLS, REG } from "../../../devices/nvme/registers.ts";
import { ENABLE, NvmeHost, PAGE } from "../../support/nvme-host.ts";

const test = suite("NVMe hostile driver");
const LIVES = 40;
/** A life is shorter if it ends in a reset or in fatal status. */
const OPERATIONS = 1500;
/** The driver's memory; everything else is somebody else's. */
const OWN_TO = 0x4_0000;

/** Deleting queues is rare, since a life without queues is dull. */
const ADMIN_OPCODES: readonly number[] = [0, 1, 1, 2, 2, 5, 5, 6, 6, 8, 8, 9, 10, 12, 12, 0x7f];

/** A small generator with a seed, so that a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** One controller and its driver; returns how many commands moved blocks all the same. */
function life(seed: number, deferred: { readonly accesses?: number } | undefined): number {
  const pick = random(seed);
  const host = new NvmeHost({ ioQueues: 3, lbaBytes: seed % 2 === 0 ? 512 : 4096, ...(deferred && { deferred }) });
  host.memory.fill(0x5a, OWN_TO);
  host.dma.log.push = () => 0;
  host.enable(16);
  for (const id of [1, 2]) host.createPair(id, 16, { interrupts: id === 1 });
  host.dma.refuses = (_, at, bytes) => at < PAGE || at + bytes > OWN_TO || pick(3000) === 0;
  const readStore = host.store.read.bind(host.store);
  host.store.read = (lba, into) => {
    if (pick(50) === 0) throw new Error("bad sector");
    // As if from another CPU: what is being performed changes under the controller.
    host.memory[PAGE + pick(6 * PAGE)] = pick(256);
    readStore(lba, into);
  };
  for (let i = 0; i < OPERATIONS && (i % 100 !== 0 || (host.ready && !host.fatal)); i++) misbehave(host, pick);
  for (let at = OWN_TO; at < host.memory.length; at += 61) assert.is(host.memory[at], 0x5a, `not the driver's memory, at ${at}`);
  assert.ok(host.model.inFlight <= 1024);
  host.dma.refuses = () => false;
  host.store.read = readStore;
  host.model.nextCommandHangs = false;
  host.model.write32(REG.cc, 0);
  assert.equal([host.dma.pins.size, host.model.inFlight, host.status], [0, 0, 0]);
  host.enable();
  host.createPair(1, 4);
  assert.is(host.read(3, 1, host.pages(2)).status, 0, "usable after a reset");
  return host.transfers.length;
}

function misbehave(host: NvmeHost, pick: (below: number) => number): void {
  const queue = pick(3);
  const page = (): number => (pick(6) === 0 ? pick(2 ** 32) : (8 + pick(60)) * PAGE + (pick(3) === 0 ? pick(PAGE) : 0));
  switch (pick(12)) {
    case 0: // a list, or rubbish where one may be
      host.list(0x1_0000 + 8 * pick(512), Array.from({ length: pick(20) }, page));
      break;
    case 1:
      host.model.write32(pick(4) === 0 ? pick(0x40) : REG.intms + 4 * pick(2), pick(2 ** 32));
      break;
    case 2:
      host.model.read32(pick(0x2000));
      break;
    case 3:
      host.model.advance(pick(4));
      break;
    case 4:
      host.model.write32(DOORBELLS + 4 * pick(10), pick(pick(4) === 0 ? 2 ** 16 : 16));
      break;
    case 5:
      host.takeAll(queue);
      break;
    case 6:
      if ((host.status & CSTS.fatal) !== 0 && pick(4) === 0) host.model.write32(REG.cc, ENABLE);
      host.model.nextCommandHangs = pick(40) === 0;
      break;
    case 7:
      if (pick(60) === 0) host.model.write32(REG.cc, pick(2 ** 32));
      if ((host.status & CSTS.ready) === 0 || host.fatal) for (const cc of [0, ENABLE]) host.model.write32(REG.cc, cc);
      break;
    default: {
      const opcode = queue === 0 ? (ADMIN_OPCODES[pick(ADMIN_OPCODES.length)] ?? 0) : pick(4);
      const pointers = { prp1: page(), prp2: pick(2) === 0 ? 0x1_0000 + 8 * pick(512) : page() };
      const [cdw10, cdw11] = queue === 0 ? [pick(4) | (pick(16) << 16), 1 | (pick(4) << 16)] : [pick(70), 0];
      host.submit(queue, { opcode, nsid: pick(8) === 0 ? pick(3) : 1, ...pointers, cdw10, cdw11, cdw12: queue === 0 ? 0 : pick(12) });
      if (pick(2) === 0) host.takeAll(queue);
    }
  }
}

for (const [name, mode] of [
  ["synchronous", undefined],
  ["deferred, by advance", {}],
  ["deferred, by accesses", { accesses: 5 }],
] as const) {
  test(`NVMe 1.4 §9 random accesses and entries, ${name}: no throw, no loop, no foreign byte, usable afterwards`, () => {
    let transfers = 0;
    for (let seed = 1; seed <= LIVES; seed++) transfers += life(seed, mode);
    assert.ok(transfers > 100, `some commands get through: ${transfers}`);
  });
}

test("NVMe 1.4 §4.3 a list that leads to itself ends", () => {
  const host = NvmeHost.ready({ mdts: 12 });
  // Each slot, also the one that leads on, names the list itself.
  host.list(0x8_0000, new Array(512).fill(0x8_0000));
  const { status } = host.run(1, { opcode: 1, nsid: 1, prp1: 0x10_0000, prp2: 0x8_0ff8, cdw12: 63 });
  assert.is(status, 0);
});

test("NVMe 1.4 §7.2.1 each command is answered once, whatever else happens", () => {
  const host = NvmeHost.ready({}, 16);
  const answers = new Map<number, number>();
  const pick = random(7);
  let sent = 0;
  for (let i = 0; i < 3000; i++) {
    if (pick(2) === 0 && sent - [...answers.values()].reduce((a, b) => a + b, 0) < 15) {
      host.submit(1, { opcode: pick(4), nsid: pick(3), cid: sent++, prp1: pick(0x40_0000), cdw12: pick(3) });
    } else {
      const done = host.take(1);
      if (done !== undefined) answers.set(done.cid, (answers.get(done.cid) ?? 0) + 1);
    }
  }
  for (const { cid } of host.takeAll(1)) answers.set(cid, (answers.get(cid) ?? 0) + 1);
  assert.is(answers.size, sent);
  assert.ok([...answers.values()].every((count) => count === 1));
});

test.run();
