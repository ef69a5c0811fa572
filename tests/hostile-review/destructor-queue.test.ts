/** Destructors that wait: however many there ever were, memory is for those that wait now, and no call of the host waits for all. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type HostExporter, Waiting } from "../../host/kernel/handles/handles.ts";
import { testSystem } from "../support/system.ts";

const test = suite("destructor queue");

function exporter(drop: () => void): HostExporter {
  const unfinished = new Waiting();
  const self: HostExporter = {
    ...{ name: "host", unfinished, isGone: false, implements: "", methods: {}, rank: () => 0, drop },
    get side(): never {
      throw new Error("nobody passes its instances");
    },
  };
  return self;
}

test("a queue that is never empty keeps nothing of those that have ended", async () => {
  const t = await testSystem();
  const { destructors } = t.system.kernel;
  const waiting = new Waiting();
  const pushed: WeakRef<object>[] = [];
  const push = (): void => {
    const each = exporter(() => {});
    pushed.push(new WeakRef(each));
    destructors.push(each, 1, 1, waiting);
  };
  for (let i = 0; i < 1000; i++) push();
  for (let turn = 0; turn < 500; turn++) {
    for (let i = 0; i < 64; i++) push();
    while (waiting.count > 1000) destructors.runWaiting();
  }
  setFlagsFromString("--expose-gc");
  await new Promise((resolve) => setImmediate(resolve));
  runInNewContext("gc")();
  const kept = pushed.filter((each) => each.deref() !== undefined).length;
  assert.ok(kept < 5000, `${kept} of ${pushed.length} exporters are kept`);
  await t.end();
});

test("a turn ends soon, however slow the destructors are", async () => {
  const t = await testSystem();
  const { destructors } = t.system.kernel;
  const waiting = new Waiting();
  const slow = exporter(() => {
    const end = performance.now() + 20;
    while (performance.now() < end);
  });
  for (let i = 0; i < 10; i++) destructors.push(slow, 1, 1, waiting);
  const started = performance.now();
  destructors.runWaiting();
  assert.ok(performance.now() - started < 100, `${performance.now() - started} ms`);
  assert.is(waiting.count, 9);
  await t.end();
});

test.run();
