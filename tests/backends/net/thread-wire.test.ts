/** A wire with a thread, the test being that thread: what a card whose driver sleeps is told, and when. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { FrameRing, WIRE_STATE } from "../../../host/backends/net/frame-ring.ts";
import { begin, refuse, startThread, ThreadWire } from "../../../host/backends/net/thread-wire.ts";
import { LossTally } from "../../../host/backends/net/wire-losses.ts";
import type { TroubledStart } from "./troubled-thread.ts";

const FAR = { send() {}, close() {}, losses: () => new LossTally().counts };

/** A wire whose other side is open, what its card is told, and the ring as its thread has it. Nobody polls. */
function sleeper(onFrame: () => void = () => {}): { readonly wire: ThreadWire; readonly told: string[]; readonly thread: FrameRing } {
  const incoming = new FrameRing();
  const thread = new FrameRing(incoming.buffer);
  thread.setState(WIRE_STATE.open);
  const wire = new ThreadWire(incoming, FAR);
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

async function until(isSo: () => boolean, mostLooks = 4000): Promise<void> {
  for (let i = 0; i < mostLooks && !isSo(); i++) await new Promise((wake) => setTimeout(wake, 5));
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
  wire.send(new Uint8Array(60), 60);
  assert.is(wire.losses.out.down, 1, "nobody is there");
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

const TROUBLED = "../../../tests/backends/net/troubled-thread";

function troubled(fails: TroubledStart["fails"]): {
  readonly incoming: FrameRing;
  readonly start: TroubledStart;
  readonly hasBegun: () => boolean;
} {
  const incoming = new FrameRing();
  const begun = new SharedArrayBuffer(4);
  return { incoming, start: { arriving: incoming.buffer, begun, fails }, hasBegun: () => Atomics.load(new Int32Array(begun), 0) !== 0 };
}

test("startThread: a thread that was given up never begins, and one that has begun is never given up, however close they are", async () => {
  const { incoming, start } = troubled("never");
  assert.is(startThread(TROUBLED, start, incoming, 0), "its thread did not start within 0 ms");
  // It may come that far at any time from now on, whatever its descriptors are by then.
  assert.not(begin(new FrameRing(incoming.buffer)));
  refuse(new FrameRing(incoming.buffer), "too late");
  assert.is(incoming.state, WIRE_STATE.givenUp);
  // About as long as a thread needs.
  for (let mostMs = 20; mostMs < 60; mostMs += 10) {
    const { incoming: ring, start: data, hasBegun } = troubled("later");
    const reason = startThread(TROUBLED, data, ring, mostMs);
    if (reason === undefined) await until(() => ring.state === WIRE_STATE.gone);
    else await until(hasBegun, 10);
    assert.is(hasBegun(), reason === undefined);
  }
});

test("startThread: a thread that fails before it has begun is an error, and one that fails later is the end of its wire alone", async () => {
  const { incoming, start } = troubled("at first");
  assert.match(String(startThread(TROUBLED, start, incoming, 300)), /^its thread did not start/);
  await until(() => incoming.state === WIRE_STATE.gone, 50);
  const warnings: string[] = [];
  const onWarning = ({ message }: Error): void => void warnings.push(message);
  process.on("warning", onWarning);
  const { incoming: ring, start: data } = troubled("later");
  assert.is(startThread(TROUBLED, data, ring), undefined);
  const wire = new ThreadWire(ring, FAR);
  const carriers: boolean[] = [];
  wire.attach({ receive() {}, carrier: (up) => void carriers.push(up) });
  await until(() => carriers.length > 0 && warnings.length > 0);
  process.off("warning", onWarning);
  assert.equal([carriers, wire.up], [[false], false]);
  assert.match(warnings.join(), /the thread of a wire \(.*troubled-thread\) failed: no good/);
});

test.run();
