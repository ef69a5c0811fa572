/**
 * The 82599's driver by interrupts: callers wait at home for frames, for what is sent and for the link; when it polls instead; throttling, interrupts
 * that are lost, cards that are gone and drivers that die meanwhile. [82599] sections 4.6.6, 7.3.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { REG } from "../../devices/ixgbe/registers.ts";
import { frameTo, NetHost } from "../support/net-host.ts";
import { IxgbeRig, type Lies } from "./ixgbe-rig.ts";

const LINK_CHANGED = 1 << 20;
/** Causes of queue 0: frames, packets that are sent. */
const RECEIVED = 1;
const SENT = 1 << 8;
/** Among the interface's `news`. */
const SENT_NEWS = 2;

const test = suite("82599 driver by interrupts");

async function on(options: { readonly isShadowed?: boolean; readonly lies?: Lies }, body: (rig: IxgbeRig) => Promise<void>): Promise<void> {
  const rig = await IxgbeRig.start(options);
  try {
    await body(rig);
  } finally {
    await rig.end();
  }
}

const armings = (rig: IxgbeRig): number[] => rig.written(REG.eims).filter((causes) => causes !== LINK_CHANGED);

test("a caller waits at home until a frame comes, and once for each frame that comes alone", () =>
  on({}, async (rig) => {
    rig.begin("take", 3);
    for (let i = 0; i < 3; i++) {
      await rig.settle();
      assert.is(rig.parks, i + 1);
      assert.is(rig.isOver, false);
      rig.arrive(i);
    }
    assert.is(await rig.finish(), "ok 3");
    assert.is(rig.parks, 3);
    assert.equal(armings(rig), [RECEIVED, RECEIVED, RECEIVED], "on once for each wait");
    assert.equal(rig.deaths, []);
  }));

test("frames that are there already cost no interrupt, nor do those that come while the driver looks", () => {
  let looks = 0;
  return on({}, async (rig) => {
    rig.begin("take", 24);
    rig.lies = {
      read: (offset) => {
        // The third look of each wait finds something.
        if (offset === REG.status && rig.model.waiting === 0 && ++looks % 3 === 0) rig.arrive(looks);
        return undefined;
      },
    };
    assert.is(await rig.finish(), "ok 24");
    assert.is(rig.parks, 0);
    assert.equal(armings(rig), []);
  });
});

test("looks in vain become fewer, and an interrupt right after them makes them more", () =>
  on({}, async (rig) => {
    const looksOf = async (): Promise<number> => {
      let looks = 0;
      rig.lies = {
        read: (offset) => {
          if (offset === REG.status) looks++;
          return undefined;
        },
      };
      rig.arrive();
      await rig.settle();
      return looks;
    };
    rig.begin("take", 100);
    await rig.settle();
    const idle: number[] = [];
    for (let i = 0; i < 5; i++) {
      rig.micros += 10_000;
      idle.push(await looksOf());
    }
    const busy: number[] = [];
    for (let i = 0; i < 5; i++) busy.push(await looksOf());
    assert.ok(idle.every((looks, i) => i === 0 || looks <= (idle[i - 1] ?? 0)) && (idle[0] ?? 0) > (idle[4] ?? 0), idle.join());
    assert.ok((busy[4] ?? 0) > (idle[4] ?? 0), `${busy.join()} after ${idle.join()}`);
    assert.is(await rig.finish(() => rig.arrive()), "ok 100");
  }));

test("nothing can come: a queue without buffers or packets answers at once, a queue that is none with an error", () =>
  on({}, async (rig) => {
    for (const [queue, answer] of [
      [0, "ok 0"],
      [3, "ok 0"],
      [4, "ok -1"],
      [0xffff_ffff, "ok -1"],
    ] as const) {
      rig.begin("nothing", queue);
      assert.is(await rig.finish(), answer);
    }
    assert.is(rig.parks, 0);
  }));

test("threads wait on several queues, and each hears of its own", () =>
  on({}, async (rig) => {
    rig.begin("queues", 4);
    await rig.settle();
    assert.is(rig.parks, 5, "four wait for frames, one for these");
    // Every queue has one in four flows.
    let port = 0;
    assert.is(await rig.finish(() => rig.arriveFlow(port++)), "ok 4");
  }));

test("several threads wait for one queue, and one frame is news for all of them", () =>
  on({}, async (rig) => {
    rig.begin("sharers", 3);
    await rig.settle();
    rig.arrive();
    assert.is(await rig.finish(), "ok 3");
  }));

test("a queue whose buffers are taken back while threads wait for frames lets them go", () =>
  on({}, async (rig) => {
    const net = new NetHost(rig.system, "driver");
    rig.begin("sharers", 3);
    await rig.settle();
    for (let some = net.move("reclaim", 0); some.length > 0; some = net.move("reclaim", 0)) net.free(some);
    await rig.settle();
    assert.ok(rig.isOver, "nothing can come");
    assert.is(rig.outcome, "ok 0");
  }));

test("packets that are sent after somebody began to wait for frames or packets wake him at once", () =>
  on({}, async (rig) => {
    const net = new NetHost(rig.system, "driver");
    rig.wire.setUp(false);
    assert.equal(net.move("receive", 0, [net.packet()]), []);
    rig.begin("nothing", 0);
    await rig.settle();
    assert.is(rig.isOver, false);
    assert.equal(net.move("send", 0, [net.packet(frameTo(0xffff_ffff_ffffn, 2n, 60, 1))]), []);
    rig.wire.setUp(true);
    await rig.settle();
    assert.ok(rig.isOver, "before anybody looks for lost interrupts");
    assert.is(rig.outcome, `ok ${SENT_NEWS}`);
    net.free(net.move("send", 0));
    for (let some = net.move("reclaim", 0); some.length > 0; some = net.move("reclaim", 0)) net.free(some);
  }));

test("packets that the card holds up are waited for until they are sent", () =>
  on({}, async (rig) => {
    rig.wire.setUp(false);
    rig.begin("send", 8);
    await rig.settle();
    assert.is(rig.parks, 1);
    assert.equal(armings(rig), [SENT]);
    rig.wire.setUp(true);
    assert.is(await rig.finish(), "ok 8");
    assert.is(rig.wire.sent.length, 8);
  }));

test("await-link: answers at once what is so, and waits for what is not", () =>
  on({}, async (rig) => {
    rig.begin("link", 1);
    assert.is(await rig.finish(), "ok 1");
    assert.is(rig.parks, 0);
    rig.begin("link", 0);
    await rig.settle();
    assert.is(rig.isOver, false);
    rig.wire.setUp(false);
    assert.is(await rig.finish(), "ok 0");
    rig.begin("link", 1);
    await rig.settle();
    rig.wire.setUp(true);
    assert.is(await rig.finish(), "ok 1");
    assert.is(rig.parks, 2);
    assert.equal(rig.deaths, []);
  }));

test("an interrupt that is lost only takes longer: of frames, and of the link", () =>
  on({ lies: { loseRise: () => true } }, async (rig) => {
    rig.begin("take", 1);
    await rig.settle();
    rig.arrive();
    await rig.settle();
    assert.is(rig.isOver, false, "nobody has heard of it");
    assert.is(await rig.finish(), "ok 1");
    rig.begin("link", 0);
    await rig.settle();
    rig.wire.setUp(false);
    assert.is(await rig.finish(), "ok 0");
  }));

test("interrupts that come often and bring several frames each are throttled, until they bring few, or come seldom", () =>
  on({}, async (rig) => {
    rig.begin("take", 3000);
    const bursts = async (count: number, micros: number, frames: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        await rig.settle();
        rig.micros += micros;
        rig.model.tick();
        for (let frame = 0; frame < frames; frame++) rig.arrive(i);
      }
      await rig.settle();
    };
    const throttled = 48 << 3;
    await bursts(200, 30, 1);
    assert.equal(rig.written(REG.eitr), [0], "33 000 a second, for a frame each");
    await bursts(150, 30, 4);
    assert.equal(rig.written(REG.eitr), [0, throttled]);
    rig.parks = 0;
    await bursts(100, 30, 4);
    assert.ok(rig.parks > 0 && rig.parks <= 32, `${rig.parks} waits in 3 milliseconds`);
    await bursts(130, 110, 1);
    assert.equal(rig.written(REG.eitr), [0, throttled, 0], "a frame each");
    await bursts(200, 30, 4);
    assert.is(rig.written(REG.eitr).length, 4);
    await bursts(130, 1000, 4);
    assert.equal(rig.written(REG.eitr), [0, throttled, 0, throttled, 0], "seldom");
    assert.ok(Number((await rig.finish(() => rig.arrive())).slice(3)) >= 3000);
  }));

test("a card that is gone from the bus ends the driver, whoever sleeps meanwhile", () =>
  on({ isShadowed: true }, async (rig) => {
    rig.begin("take", 1);
    await rig.settle();
    rig.lies = { read: () => (rig.deaths.length === 0 ? 0xffff_ffff : undefined) };
    rig.arrive();
    assert.is(await rig.finish(() => rig.arrive()), "ok 16001", "16 buffers were lost");
    assert.is(rig.deaths.length, 1);
    assert.match(rig.deaths[0]?.detail ?? "", /gone from the bus/);
  }));

test("the driver dies while a caller waits: behind the shadow it is told of its lost buffers and goes on", () =>
  on({ isShadowed: true }, async (rig) => {
    rig.begin("take", 2);
    await rig.settle();
    rig.system.kill("driver", "by the test");
    await rig.settle();
    rig.arrive();
    await rig.settle();
    rig.system.kill("driver", "by the test");
    assert.is(await rig.finish(() => rig.arrive()), "ok 32002");
    assert.is(rig.deaths.length, 2);
  }));

test("a caller that cannot wait is told, and asks again later", () =>
  on({}, async (rig) => {
    const net = new NetHost(rig.system, "driver");
    assert.equal(net.move("receive", 0, [net.packet(), net.packet()]), []);
    assert.throws(() => net.call("wait", 0, { received: true }), /gave-up/);
    rig.arrive();
    await rig.settle();
    assert.equal(net.call("wait", 0, { received: true }), { tag: "ok", val: { received: true, sent: false } });
    for (let some = net.move("reclaim", 0); some.length > 0; some = net.move("reclaim", 0)) net.free(some);
  }));

test.run();
