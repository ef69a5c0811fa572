/**
 * The watching thread of the 82599's driver by interrupts gives way at its loops, and calls come in between: they meet no ring half looked at.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { IxgbeRig } from "../domains-as/ixgbe-rig.ts";
import { FATE, frameTo, MARK, NetHost } from "../support/net-host.ts";

const test = suite("turns of the 82599 driver's threads");
/** Longer than the watching thread sleeps. */
const WATCH_MS = 260;
const PACKETS = 224;

/** The watching thread gives way wherever it can; at the time of that number, `meanwhile` comes between. */
async function between(rig: IxgbeRig, time: number, meanwhile: () => void): Promise<void> {
  const { kernel } = rig.system;
  const { threads } = kernel;
  let times = 0;
  let failure: unknown;
  threads.onChange = ({ name }, what) => {
    if (name !== "watch" || what !== "ready" || times++ !== time) return;
    try {
      meanwhile();
    } catch (error) {
      failure = error;
    }
  };
  // Nobody else gives threads a turn until its sleep is over.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WATCH_MS);
  kernel.stepHook = () => {};
  await threads.run(0);
  kernel.stepHook = undefined;
  threads.onChange = undefined;
  if (failure !== undefined) throw failure;
  if (times <= time) meanwhile();
}

for (const time of [0, 1, 2, 3, 4, 5]) {
  test(`packets that are collected where the watching thread gives way for the ${time + 1}. time are those that are sent`, async () => {
    const rig = await IxgbeRig.start({ lies: { loseRise: () => true } });
    try {
      const net = new NetHost(rig.system, "driver");
      const stock = new Set<number>();
      const take = (packets: readonly number[]): void => {
        for (const one of packets) {
          assert.ok(stock.delete(one), "a packet comes back once");
          assert.is(net.see(one).fate, FATE.sent);
        }
        net.free(packets);
      };
      const post = (count: number): void => {
        // With a tag each takes two descriptors.
        const packets = Array.from({ length: count }, (_, i) => net.packet(frameTo(0xffff_ffff_ffffn, 2n, 60, i), MARK.tagged, 5));
        for (const one of packets) stock.add(one);
        take(net.move("send", 0, packets));
      };
      const takeAll = (): void => {
        for (let some = net.move("send", 0); some.length > 0; some = net.move("send", 0)) take(some);
      };
      rig.wire.setUp(false);
      while (stock.size < PACKETS) post(32);
      // Somebody waits, so the thread looks. The host cannot wait, and gives up.
      assert.throws(() => net.call("wait", 0, { received: false, sent: true }), /gave-up/);
      await rig.settle();
      rig.wire.setUp(true);
      await between(rig, time, () => {
        takeAll();
        assert.is(stock.size, 0, "all that is sent is there");
        rig.wire.setUp(false);
        post(20);
      });
      takeAll();
      assert.is(stock.size, 20, "the card has these");
      rig.wire.setUp(true);
      takeAll();
      assert.is(stock.size, 0);
      assert.is(rig.wire.sent.length, PACKETS + 20);
      assert.equal(rig.deaths, []);
    } finally {
      await rig.end();
    }
  });
}

test.run();
