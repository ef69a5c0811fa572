/** A wire with a thread, the test being that thread: what a card whose driver sleeps is told, and when. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { FrameRing, WIRE_STATE } from "../../../host/backends/net/frame-ring.ts";
import { ThreadWire } from "../../../host/backends/net/thread-wire.ts";

/** A wire whose other side is open, what its card is told, and the ring as its thread has it. Nobody polls. */
function sleeper(onFrame: () => void = () => {}): { readonly wire: ThreadWire; readonly told: string[]; readonly thread: FrameRing } {
  const incoming = new FrameRing();
  const thread = new FrameRing(incoming.buffer);
  thread.setState(WIRE_STATE.open);
  const wire = new ThreadWire(incoming, { send() {}, close() {} });
  const told: string[] = [];
  wire.attach({
    receive: (frame) => {
      told.push(`frame ${frame[0]}`);
      onFrame();
    },
    carrier: (up) => void told.push(`carrier ${up}`),
  });
  return { wire, told, thread };
}

async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !isSo(); i++) await new Promise((wake) => setTimeout(wake, 5));
}

const push = (thread: FrameRing, first: number): void => thread.push(Uint8Array.of(first), 1, 60);

test("ThreadWire: the other side's end is told to one that sleeps, in whichever turn it comes", async () => {
  for (let turns = 0; turns < 6; turns++) {
    let end = (): void => {};
    // So many turns after a frame was delivered: in some of them the wire looks, in some it waits.
    const { wire, told, thread } = sleeper(() => void after(turns, () => end()));
    end = () => thread.setState(WIRE_STATE.gone);
    push(thread, 1);
    await until(() => told.length === 2);
    assert.equal(told, ["frame 1", "carrier false"], `${turns} turns after the frame`);
    wire.close();
  }
});

/** Half turns: the work of promises, and everybody else's. */
async function after(turns: number, work: () => void): Promise<void> {
  for (let i = 0; i < turns; i++) await (i % 2 === 0 ? Promise.resolve() : new Promise((turn) => setImmediate(turn)));
  work();
}

test("ThreadWire: an end that came before anybody listened is told", async () => {
  const { wire, told, thread } = sleeper();
  thread.setState(WIRE_STATE.gone);
  await until(() => told.length > 0);
  assert.equal(told, ["carrier false"]);
  wire.close();
});

test("ThreadWire: frames from before the other side's end arrive, however many, and then the end is told, once", async () => {
  const { wire, told, thread } = sleeper();
  for (let i = 0; i < 200; i++) push(thread, i);
  thread.setState(WIRE_STATE.gone);
  await until(() => told.length > 200);
  assert.equal(told, [...Array.from({ length: 200 }, (_, i) => `frame ${i}`), "carrier false"]);
  wire.poll();
  assert.is(told.length, 201);
  assert.not(wire.up);
});

test("ThreadWire: one that was taken off and is plugged in again hears frames and the end", async () => {
  const { wire, told, thread } = sleeper();
  wire.attach(undefined);
  push(thread, 1);
  for (let i = 0; i < 5; i++) await new Promise((turn) => setImmediate(turn));
  assert.equal(told, []);
  wire.attach({ receive: (frame) => void told.push(`frame ${frame[0]}`), carrier: (up) => void told.push(`carrier ${up}`) });
  await until(() => told.length === 1);
  thread.setState(WIRE_STATE.gone);
  await until(() => told.length === 2);
  assert.equal(told, ["frame 1", "carrier false"]);
});

test("FrameRing: who waits with a signal from before a change does not wait", async () => {
  const ring = new FrameRing();
  const writer = new FrameRing(ring.buffer);
  for (const change of [() => writer.setState(WIRE_STATE.stop), () => writer.wake()]) {
    const seen = ring.signal;
    change();
    let waits = true;
    void ring.waitForFrame(seen).then(() => {
      waits = false;
    });
    await until(() => !waits);
    assert.not(waits);
  }
});

test.run();
