/** Who looks again at what another CPU left, or at what this one could not do yet: each CPU may sleep as soon as an access has ended. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CAUSE, CTRL, REG, TX } from "../../../../devices/ixgbe/registers.ts";
import { Card, CMD } from "../card.ts";
import { frame } from "../packets.ts";
import { flow, type TwoCpus, twoCpus } from "./two-cpus.ts";

const test = suite("82599 queues on CPUs that sleep");
const LARGEST = 15_000;

function datagram(bytes: number): Uint8Array {
  return frame(0x88b5, new Uint8Array(bytes - 14));
}

/** CPUs that were rung for, and have not looked since. */
function bells({ first, second }: TwoCpus): Set<number> {
  const rung = new Set<number>();
  const ring = (cpu: number): void => {
    rung.add(cpu);
  };
  if (first.model.sharedQueues !== undefined) first.model.sharedQueues.ring = ring;
  second.engine.ring = ring;
  return rung;
}

/** Both CPUs sleep, and wake when they are rung for, or would not sleep. */
function settle({ first, second }: TwoCpus, rung: Set<number>): void {
  for (let turn = 0; turn < 100; turn++) {
    // The thread of the first CPU is an application's: nothing but the bell has it look.
    if (rung.delete(0)) first.model.sharedQueues?.attend();
    if (rung.delete(1) || second.engine.hasArrivals) second.engine.attend();
  }
}

test("a frame that comes while the first CPU takes the last one: it is told, or looks again", () => {
  const t = twoCpus();
  const { first, second } = t;
  const rung = bells(t);
  const sent: number[] = [];
  let left = 5;
  first.wire.send = (_, length) => {
    sent.push(length);
    if (left-- > 0) second.send(datagram(100 + left));
  };
  second.send(datagram(200));
  settle(t, rung);
  assert.is(sent.length, 6);
});

test("more frames than the way to the first CPU holds: the second one goes on when there is room", () => {
  const t = twoCpus();
  const { first, second } = t;
  const rung = bells(t);
  for (let i = 0; i < 30; i++) second.putLegacy(datagram(LARGEST));
  second.go();
  settle(t, rung);
  assert.is(first.wire.sent.length, 30);
});

test("a link that comes up: the second CPU sends what waited", () => {
  const t = twoCpus();
  const { first, second } = t;
  first.wire.setUp(false);
  const rung = bells(t);
  second.putLegacy(datagram(100), CMD.eop | CMD.ifcs | CMD.rs);
  second.go();
  settle(t, rung);
  assert.is(first.wire.sent.length, 0);
  first.wire.setUp(true);
  settle(t, rung);
  assert.is(first.wire.sent.length, 1);
  assert.is(second.read(Card.tx(0, TX.head)), 1);
});

test("queues that are granted while the card stands still, with frames left on the way: their CPU finds nothing to do", () => {
  const { first, second } = twoCpus();
  first.arrive(flow(1));
  first.model.stop();
  second.engine.stop();
  second.begin();
  second.engine.attend();
  assert.not.ok(second.engine.hasArrivals, "it would look for ever");
});

/** Receive queue 0 interrupts by the pin, and the test is its driver: it takes the cause as soon as it hears of it. */
function listen({ second }: TwoCpus): { readonly rises: () => number; readonly answer: () => number } {
  // The link has come up since the grant began.
  second.read(REG.eicr);
  second.write(REG.ivar, 0x80);
  second.write(REG.eims, 1 | CAUSE.linkChange);
  const { length } = second.pin;
  return { rises: () => second.pin.slice(length).filter((level) => level).length, answer: () => second.read(REG.eicr) };
}

test("82599 7.3.2 EITR on another CPU: the next interrupt waits for its interval, and its CPU is told until when", () => {
  const t = twoCpus();
  const { first, second } = t;
  const rung = bells(t);
  second.write(REG.eitr, 50 << 3);
  const { rises, answer } = listen(t);
  first.arrive(flow(1));
  settle(t, rung);
  assert.is(rises(), 1);
  answer();
  first.arrive(flow(1));
  settle(t, rung);
  assert.is(rises(), 1, "it is held back");
  assert.is(second.engine.deadlineMicros, second.now + 50 * 2.048);
  second.now += 50;
  second.engine.attend();
  assert.is(rises(), 1);
  second.now += 60;
  second.engine.attend();
  assert.is(rises(), 2);
  answer();
  assert.is(second.engine.deadlineMicros, Number.POSITIVE_INFINITY);
  first.model.stop();
  assert.is(second.engine.deadlineMicros, Number.POSITIVE_INFINITY, "nothing is due of what is gone");
});

test("82599 7.3.1 LSC on another CPU: a driver that sleeps there hears that the link has changed", () => {
  const t = twoCpus();
  const { first } = t;
  const rung = bells(t);
  const { rises, answer } = listen(t);
  for (const [i, up] of [false, true].entries()) {
    first.wire.setUp(up);
    settle(t, rung);
    assert.is(rises(), i + 1);
    assert.is(answer(), CAUSE.linkChange);
  }
});

for (const [how, end] of [
  ["is reset", ({ model }: Card): void => model.write32(REG.ctrl, CTRL.reset)],
  ["loses its driver", ({ model }: Card): void => model.stop()],
] as const) {
  test(`the card ${how} on the first CPU: a driver that waits for an interrupt on the second one wakes, and finds it gone`, () => {
    const t = twoCpus();
    const { first, second } = t;
    const rung = bells(t);
    second.raised.length = 0;
    end(first);
    settle(t, rung);
    assert.ok(second.isHigh, "the pin");
    assert.ok(
      [0, 1, 63].every((vector) => second.raised.includes(vector)),
      "messages",
    );
    assert.is(second.read(REG.status), 0xffff_ffff);
    assert.not.ok(second.engine.hasArrivals, "once");
    second.engine.stop();
    assert.not.ok(second.isHigh);
  });
}

test.run();
