/** A driver on another CPU that means harm: what queues of a network card reach there on behalf of the domain that has them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { REG, RX, TX } from "../../../devices/ixgbe/registers.ts";
import { Card, ENABLE } from "../../devices/ixgbe/card.ts";
import { flow } from "../../devices/ixgbe/queues/two-cpus.ts";
import { finish, hostObject, post, queueScene } from "../../support/queue-scene.ts";

const test = suite("queues on another CPU");
test("frames go into objects that the replica owns, and its rings are pinned on its CPU", async () => {
  const s = await queueScene();
  const buffer = s.far.make();
  post(s, buffer);
  const frame = flow(1);
  s.model.receive(frame, frame.length);
  s.far.read(REG.status);
  assert.is(s.far.load(s.rings + 12) & 3, 3, "DD, EOP");
  assert.is(s.far.load(buffer) >>> 0, new DataView(frame.buffer).getUint32(0, true));
  assert.is(s.model.total.ledger.delivered, 1);
  await finish(s);
});

test("a buffer of somebody else's is refused: the frame is lost, and not a byte of it is there", async () => {
  const s = await queueScene();
  const victim = hostObject(s.t);
  const before = s.t.system.kernel.heap.u8.slice(victim, victim + 128);
  post(s, victim);
  const frame = flow(1);
  s.model.receive(frame, frame.length);
  s.far.read(REG.status);
  assert.equal(s.t.system.kernel.heap.u8.slice(victim, victim + 128), before);
  assert.is(s.model.total.ledger.refused, 1);
  assert.is(s.far.read(REG.eicr) & 0x4_0000, 0x4_0000, "EICR.PCI");
  s.t.system.kernel.heap.exports.free(victim);
  await finish(s);
});

test("an object of its replica on the other CPU is somebody else's, too", async () => {
  const s = await queueScene();
  const other = s.near.make();
  s.near.store(other, 0x1234_5678);
  post(s, other);
  const frame = flow(1);
  s.model.receive(frame, frame.length);
  s.far.read(REG.status);
  assert.is(s.near.load(other), 0x1234_5678);
  assert.is(s.model.total.ledger.refused, 1);
  await finish(s);
});

test("data of somebody else's is not sent", async () => {
  const s = await queueScene();
  const victim = hostObject(s.t);
  s.far.store(s.rings + 1024, victim);
  s.far.store(s.rings + 1024 + 4, 0);
  s.far.store(s.rings + 1024 + 8, 64 | (0x0b << 24));
  s.far.write(Card.tx(0, TX.tail), 1);
  const { ledger } = s.model.total;
  assert.equal([ledger.framesOut, ledger.notSent], [0, 1]);
  assert.is(s.far.load(s.rings + 1024 + 12) & 1, 0);
  s.t.system.kernel.heap.exports.free(victim);
  await finish(s);
});

test("rings in somebody else's memory stand still", async () => {
  const s = await queueScene();
  const victim = hostObject(s.t);
  const before = s.t.system.kernel.heap.u8.slice(victim, victim + 256);
  for (const ring of [Card.rx(1, 0), Card.tx(1, 0)]) {
    s.far.write(ring + RX.baseLow, victim);
    s.far.write(ring + RX.length, 128);
    s.far.write(ring + RX.control, ENABLE);
    s.far.write(ring + RX.tail, 5);
  }
  for (let i = 0; i < 32; i++) s.far.write(REG.reta + 4 * i, 0x0101_0101);
  const frame = flow(1);
  s.model.receive(frame, frame.length);
  s.far.read(REG.status);
  assert.equal(s.t.system.kernel.heap.u8.slice(victim, victim + 256), before);
  assert.is(s.model.total.ledger.delivered, 0);
  s.t.system.kernel.heap.exports.free(victim);
  await finish(s);
});

test("registers of the other CPU's queues are out of reach, on either side", async () => {
  const s = await queueScene();
  for (const [mine, theirs] of [
    [s.far, s.near],
    [s.near, s.far],
  ] as const) {
    const before = theirs.read(Card.rx(0, RX.baseLow));
    for (let queue = 4; queue < 128; queue++) {
      mine.write(Card.rx(queue, RX.baseLow), 0x100);
      mine.write(Card.tx(queue, TX.control), ENABLE);
    }
    assert.is(theirs.read(Card.rx(0, RX.baseLow)), before);
  }
  await finish(s);
});

test("a replica that dies with rings full of buffers: frames for it are counted, its memory is free, and it may come again", async () => {
  const s = await queueScene();
  post(s, s.far.make());
  s.t.system.kill("evil@1");
  const frame = flow(1);
  for (let i = 0; i < 5; i++) s.model.receive(frame, frame.length);
  assert.is(s.model.total.ledger.delivered, 0);
  await finish(s);
});

test("the first CPU's replica dies: the other one's registers read as all ones, and its memory is its own again", async () => {
  const s = await queueScene();
  const buffer = s.far.make();
  post(s, buffer);
  s.t.system.kill("evil");
  assert.is(s.far.read(REG.status) >>> 0, 0xffff_ffff);
  s.far.write(Card.rx(0, RX.tail), 3);
  s.far.store(buffer, 7);
  assert.is(s.far.load(buffer), 7);
  await finish(s);
});

test("nobody polls: a CPU for which frames were left looks at them, whichever it is", async () => {
  const s = await queueScene();
  const buffer = s.far.make();
  post(s, buffer);
  const frame = flow(1);
  s.model.receive(frame, frame.length);
  await until(() => s.model.total.ledger.delivered === 1, "the other CPU has its frame");
  // Out of the loop: what it sends goes through the first CPU.
  s.near.write(REG.hlreg0, s.near.read(REG.hlreg0) & ~0x8000);
  s.far.store(s.rings + 1024, buffer);
  s.far.store(s.rings + 1024 + 8, 64 | (0x0b << 24));
  s.far.write(Card.tx(0, TX.tail), 1);
  await until(() => s.sent.length === 1, "the first CPU has sent it");
  assert.is(s.sent[0], 64);
  await finish(s);
});

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    if (tries > 2000) assert.unreachable(what);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test.run();
