/** A device is given its turn when its time has come, and not before; and what systems do with it: interrupts that are held back go out by themselves. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { IxgbeModel } from "../../devices/ixgbe/model.ts";
import { REG } from "../../devices/ixgbe/registers.ts";
import { DeviceTimer } from "../../host/system/device-timer.ts";
import { TestWire } from "../devices/ixgbe/card.ts";
import { PlainDma } from "../support/plain-dma.ts";

const test = suite("device timer");
const nowMicros = (): number => performance.now() * 1000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

class Device {
  deadlineMicros = Number.POSITIVE_INFINITY;
  readonly ticks: number[] = [];
  /** How late it is at each tick, in microseconds. */
  readonly late: number[] = [];
  readonly timer: DeviceTimer = new DeviceTimer(() => this, nowMicros);
  after: () => void = () => {};

  due(inMicros: number): void {
    this.deadlineMicros = nowMicros() + inMicros;
    this.timer.want(this.deadlineMicros);
  }

  tick(): void {
    this.ticks.push(nowMicros());
    this.late.push(nowMicros() - this.deadlineMicros);
    this.deadlineMicros = Number.POSITIVE_INFINITY;
    this.after();
  }

  async ticked(count: number): Promise<void> {
    for (let i = 0; i < 1000 && this.ticks.length < count; i++) await pause(1);
    assert.is(this.ticks.length, count);
  }
}

for (const micros of [0, 300, 20_000]) {
  test(`want: a tick after ${micros} µs, once, and not too early`, async () => {
    const device = new Device();
    device.due(micros);
    assert.is(device.ticks.length, 0, "never from inside");
    await device.ticked(1);
    await pause(5);
    assert.is(device.ticks.length, 1);
    assert.ok((device.late[0] ?? -1) >= 0);
  });
}

test("want: an earlier time counts, a later one does not", async () => {
  const device = new Device();
  device.due(10_000_000);
  device.due(1000);
  device.timer.want(nowMicros() + 20_000_000);
  await device.ticked(1);
  assert.ok((device.late[0] ?? -1) >= 0);
});

test("want: nothing is due any more when its time comes, as after a stop", async () => {
  const device = new Device();
  device.due(3000);
  device.deadlineMicros = Number.POSITIVE_INFINITY;
  await pause(20);
  assert.equal(device.ticks, []);
});

test("want: a device that asks again in its tick is given the next one, too", async () => {
  const device = new Device();
  device.after = () => {
    if (device.ticks.length < 20) device.due(100);
  };
  device.due(100);
  await device.ticked(20);
  assert.ok(device.late.every((late) => late >= 0));
});

test("82599 7.3.2: an interrupt that is held back goes out although nobody touches the card", async () => {
  const wire = new TestWire();
  const timer = new DeviceTimer(() => model, nowMicros);
  const model: IxgbeModel = new IxgbeModel({ wire, clock: { nowMicros }, onDeadline: (at) => timer.want(at) });
  const levels: boolean[] = [];
  model.start(new PlainDma(1 << 16), { set: (level) => levels.push(level) });
  model.write32(REG.eitr, 400 << 3);
  model.write32(REG.eims, 1);
  model.write32(REG.eics, 1);
  model.read32(REG.eicr);
  model.write32(REG.eics, 1);
  assert.equal(levels, [true, false], "the second one waits");
  for (let i = 0; i < 500 && levels.length < 3; i++) await pause(1);
  assert.equal(levels, [true, false, true]);
  model.stop();
});

test.run();
