/** Interrupts that wake threads: pins and messages, masks, coalescing, what is spurious, and every end that a driver can come to. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PciBus } from "../../../devices/pci/bus.ts";
import { MsixTable } from "../../../devices/pci/msix.ts";
import type { Dma, Interrupt, InterruptLine, PciModel } from "../../../devices/ports.ts";
import { deviceProviders, type GrantableDevice } from "../../../host/kernel/device-grant.ts";
import { createDomain } from "../../../host/kernel/life/birth.ts";
import type { Provider } from "../../../host/kernel/provider.ts";
import { compileAs, run } from "../../support/as-domain.ts";
import { attempt, deaths, domain } from "../../support/domain.ts";
import { calls, type TestSystem, testSystem } from "../../support/system.ts";
import { addThreadDomain } from "../../support/thread-domains.ts";
import { addThreads, perform, settle, source, WIT, WORK } from "./rig.ts";

const CASES = ["serve", "twice", "take", "early", "unmasked", "spurious", "two", "told", "unmaskOne", "absent"] as const;
const CODE = `
import { irq } from "./gen/irq";
import { mmio } from "./gen/mmio";
let seen: u32 = 0;
let first: Thread | null = null;
// Register 0 lets the pin go, register 4 raises the message of a vector.
function serve(n: u32): i32 { for (let i: u32 = 0; i < n; i++) { seen += irq.wait(0); mmio.write32(0, 0); } return seen; }
function twice(n: u32): i32 { return irq.wait(0) + irq.wait(0); }
function take(n: u32): i32 { const got = irq.wait(n); seen += got; return got; }
function early(n: u32): i32 { for (let i: u32 = 0; i < n; i++) mmio.write32(4, 6); return irq.wait(7); }
function unmasked(n: u32): i32 { irq.mask(n); const got = irq.wait(n); seen += got; return got; }
function spurious(n: u32): i32 { return irq.spurious(); }
function two(n: u32): i32 { first = threads.create<u32>(take, 3); threads.create<u32>(take, 3); return 1; }
function told(n: u32): i32 { if (n == 1) { const one = first; if (one !== null) threads.kill(one); } return seen; }
function unmaskOne(n: u32): i32 { irq.unmask(n); return 1; }
function absent(n: u32): i32 { return irq.wait(2049) + irq.wait(0xffffffff); }
`;
const CASE = Object.fromEntries(CASES.map((name, i) => [name, i])) as Record<(typeof CASES)[number], number>;

const WORLD = `${WIT} world driver { import sumac:device/irq@0.1.0; import sumac:device/mmio@0.1.0; export work; }`;

/** Register 0 sets the pin, register 4 raises a message. Its ends of the wires stay for those who are late. */
class Bell implements GrantableDevice {
  line: InterruptLine | undefined;
  messages: Interrupt | undefined;
  readonly log: string[] = [];

  start(_: Dma, line?: InterruptLine, messages?: Interrupt): void {
    this.line = line;
    this.messages = messages;
    this.log.push("start");
  }

  stop(): void {
    this.log.push("stop");
  }

  read32(): number {
    return 0;
  }

  write32(offset: number, value: number): void {
    if (offset === 0) this.line?.set(value !== 0);
    else this.messages?.raise(value);
  }
}

const module = await compileAs(WORLD, "driver", source(CODE, CASES, false));
const test = suite("interrupts");

interface Scene {
  readonly t: TestSystem;
  readonly bell: Bell;
  /** How often each thread began to run or went on. */
  readonly turns: string[];
}

const grantsOf = (t: TestSystem, device: GrantableDevice): Record<string, Provider> => {
  const { mmio, irq } = deviceProviders(t.system.kernel, device);
  return { "sumac:device/irq@0.1.0": irq, "sumac:device/mmio@0.1.0": mmio };
};

async function scene(): Promise<Scene> {
  const t = await testSystem();
  const bell = new Bell();
  const turns: string[] = [];
  await addThreads(t, module, { grants: grantsOf(t, bell) });
  t.system.kernel.threads.onChange = ({ name }, what) => {
    if (what === "runs") turns.push(name);
  };
  return { t, bell, turns };
}

/** Starts the case and lets it come to where it waits. */
async function start({ t, turns }: Scene, what: keyof typeof CASE, n = 0): Promise<void> {
  assert.is(run(t, "maker", WORK, "start", CASE[what], n), "ok 1");
  await settle(t.system.kernel.threads);
  turns.length = 0;
}

async function outcome({ t }: Scene): Promise<string> {
  await settle(t.system.kernel.threads);
  return run(t, "maker", WORK, "outcome");
}

const states = ({ t }: Scene): string[] => t.system.kernel.threads.list().map(({ state }) => state);
const RUNS = "ok -2147483648";

test("a pin that goes high wakes the thread that waits, once for each time, and leaves it alone while it is low", async () => {
  const s = await scene();
  await start(s, "serve", 3);
  assert.equal(states(s), ["parked"]);
  for (let i = 0; i < 2; i++) {
    s.bell.line?.set(true);
    assert.is(await outcome(s), RUNS);
    assert.equal([s.turns.length, states(s)], [i + 1, ["parked"]]);
  }
  s.bell.line?.set(true);
  assert.is(await outcome(s), "ok 3");
  assert.is(await perform(s.t, CASE.spurious, 0), "ok 0");
  await s.t.end();
});

test("a pin is a level: while it is high nobody waits, and nothing is remembered of it once it is low", async () => {
  const s = await scene();
  s.bell.line?.set(true);
  assert.is(await perform(s.t, CASE.twice, 0), "ok 2");
  s.bell.line?.set(false);
  await start(s, "twice");
  assert.equal(states(s), ["parked"]);
  await s.t.end();
});

test("messages are edges: those raised while the thread runs or is on its way are one wake, and each is counted", async () => {
  const s = await scene();
  await start(s, "take", 7);
  for (let i = 0; i < 5; i++) s.bell.messages?.raise(6);
  assert.is(await outcome(s), "ok 5");
  assert.equal(s.turns, ["take"]);
  assert.is(await perform(s.t, CASE.early, 4), "ok 4");
  await start(s, "take", 7);
  assert.equal(states(s), ["parked"]);
  s.bell.messages?.raise(5);
  assert.is(await outcome(s), RUNS);
  assert.equal(s.turns, []);
  await s.t.end();
});

test("mask holds back what is raised, of a message and of a pin, and unmask lets all of it through", async () => {
  for (const [line, raise, expected] of [
    [1, (bell: Bell) => [bell.messages?.raise(0), bell.messages?.raise(0)], "ok 2"],
    [0, (bell: Bell) => [bell.line?.set(true)], "ok 1"],
  ] as const) {
    const s = await scene();
    await start(s, "unmasked", line);
    raise(s.bell);
    assert.is(await outcome(s), RUNS);
    assert.equal([s.turns, states(s)], [[], ["parked"]]);
    await start(s, "unmaskOne", line);
    assert.is(await perform(s.t, CASE.told, 0), expected);
    await s.t.end();
  }
});

test("a pin that was let go before the woken thread looked is spurious: counted, and the thread waits on", async () => {
  const s = await scene();
  await start(s, "take", 0);
  s.bell.line?.set(true);
  s.bell.line?.set(false);
  assert.is(await outcome(s), RUNS);
  assert.equal([s.turns, states(s)], [["take"], ["parked"]]);
  for (const vector of [2048, -1, 0.5, Number.NaN, 0xffff_ffff]) s.bell.messages?.raise(vector);
  s.bell.messages?.raise(2047);
  assert.is(await perform(s.t, CASE.spurious, 0), "ok 6");
  s.bell.line?.set(true);
  assert.is(await perform(s.t, CASE.told, 0), "ok 1");
  await s.t.end();
});

test("a line that no device has answers 0 at once", async () => {
  const s = await scene();
  assert.is(await perform(s.t, CASE.absent, 0), "ok 0");
  await s.t.end();
});

test("a message whose thread is killed before it took it is the next one's", async () => {
  const s = await scene();
  await start(s, "two");
  assert.equal(states(s), ["parked", "parked"]);
  s.bell.messages?.raise(2);
  const [woken] = s.t.system.kernel.threads.list();
  s.t.system.kernel.threads.kill(woken?.id ?? 0, "enough");
  await settle(s.t.system.kernel.threads);
  assert.is(await perform(s.t, CASE.told, 0), "ok 1");
  assert.equal(states(s), []);
  await s.t.end();
});

test("a driver that is killed while its thread waits: the device is stopped, its line is silent, and the next generation has a fresh one", async () => {
  const s = await scene();
  const seat = s.t.system.seat("maker");
  await start(s, "unmasked", 1);
  const { line, messages } = s.bell;
  messages?.raise(0);
  line?.set(true);
  s.t.system.kill("maker");
  assert.equal([states(s), s.bell.log, deaths(s.t)], [[], ["start", "stop"], ["killed maker#1"]]);
  await s.t.system.kernel.threads.unwound();
  createDomain(s.t.system.kernel, seat);
  // Neither the mask, nor what was raised, nor anything that the old wires carry.
  messages?.raise(0);
  line?.set(false);
  line?.set(true);
  await start(s, "take", 1);
  assert.equal(states(s), ["parked"]);
  s.bell.messages?.raise(0);
  assert.is(await outcome(s), "ok 1");
  await start(s, "take", 0);
  assert.equal(states(s), ["parked"]);
  assert.is(await perform(s.t, CASE.spurious, 0), "ok 0");
  await s.t.end();
});

test("a device has one driver: another domain gets neither its registers nor its interrupts while that lives", async () => {
  const s = await scene();
  const t = s.t;
  const { mmio, irq } = deviceProviders(t.system.kernel, new Bell());
  await addThreads(t, module, { name: "one", grants: { "sumac:device/irq@0.1.0": irq, "sumac:device/mmio@0.1.0": mmio } });
  const refused = await addThreads(t, module, {
    name: "other",
    grants: { "sumac:device/irq@0.1.0": irq, "sumac:device/mmio@0.1.0": grantsOf(t, new Bell())["sumac:device/mmio@0.1.0"] as Provider },
  }).catch(String);
  assert.match(String(refused), /domain other: one#1 drives the device: a device has one driver at a time/);
  await t.end();
});

/** `call`: below 100 waits for that line, from there on raises a message. */
function wires(t: TestSystem, bell: Bell): Provider {
  const { mmio, irq } = deviceProviders(t.system.kernel, bell);
  if (mmio.kind !== "host" || irq.kind !== "host") throw new Error("a device is the host's");
  return {
    kind: "host",
    bind(holder) {
      const { write32 } = mmio.bind(holder);
      const { wait } = irq.bind(holder);
      return { run: (word = 0) => (word < 100 ? wait?.(word) : write32?.(4, word - 100)) ?? 0 };
    },
  };
}

test("an interrupt between the look and the parking is not lost: whoever would park goes on", async () => {
  const t = await testSystem();
  // Around its wait, when it has looked already and is not parked yet, the domain makes its device raise what it waits for.
  await addThreadDomain(t, "racer", {
    run: "(global.set $got (call $call (i32.const 4))) (i32.const 0)",
    more: `(global $got (mut i32) (i32.const 0)) (global $saves (mut i32) (i32.const 0))
      (func (export "thread:save") (param i32) (result i32)
        (global.set $saves (i32.add (global.get $saves) (i32.const 1))) (drop (call $call (i32.const 103))) (i32.const 1))
      (func (export "thread:restore") (param i32))`,
    parts: {
      imports: { call: wires(t, new Bell()) },
      exports: { quick: "(i32.add (i32.mul (global.get $saves) (i32.const 10)) (global.get $got))" },
    },
  });
  attempt(t, "racer", "call", 0);
  await settle(t.system.kernel.threads);
  assert.is(attempt(t, "racer", "quick", 0), "ok 11");
  assert.is(t.system.kernel.threads.list().length, 0);
  await t.end();
});

for (const cpus of [1, 2]) {
  test(`CPUs ${cpus}: a thread that waits for an interrupt through a call waits at its base, and is told when the driver is killed`, async () => {
    const t = await testSystem({ heapMegabytes: 32, cpus });
    const bell = new Bell();
    const wait =
      "(local $r i32) (local.set $r (call $call (local.get $n))) (if (i32.eqz (local.get $r)) (then (call $relay))) (local.get $r)";
    const driver = await t.add(domain("driver", { imports: { call: wires(t, bell) }, kernel: ["relay"], exports: { attempt: wait } }));
    await addThreadDomain(t, "user", {
      run: "(global.set $sum (i32.add (global.get $sum) (call $attempt (i32.const 5)))) (global.set $ends (i32.add (global.get $ends) (i32.const 1))) (i32.const 0)",
      more: "(global $sum (mut i32) (i32.const 0)) (global $ends (mut i32) (i32.const 0))",
      parts: {
        imports: { attempt: calls(driver) },
        exports: { quick: "(i32.add (i32.mul (global.get $ends) (i32.const 10)) (global.get $sum))" },
      },
      cpu: cpus - 1,
    });
    const told = (): string => attempt(t, "user", "quick", 0);
    /** Time for whoever could run, on whatever CPU: in vain where the answer stays. */
    const rest = async (expected: string): Promise<void> => {
      for (let i = 0; i < 10 || (i < 5000 && told() !== expected); i++) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        await settle(t.system.kernel.threads);
      }
      assert.is(told(), expected);
    };
    assert.is(attempt(t, "driver", "attempt", 5), "gave-up host#0");
    attempt(t, "user", "call", 0);
    await rest("ok 0");
    bell.messages?.raise(4);
    bell.messages?.raise(4);
    await rest("ok 12");
    attempt(t, "user", "call", 0);
    await rest("ok 12");
    t.system.kill("driver");
    await rest("ok 22");
    await t.end();
  });
}

test("PciClaim: the pin and the messages of a function on the bus reach the threads of whoever claimed it, through its gates", async () => {
  const t = await testSystem();
  const msix = new MsixTable(4);
  let pin: InterruptLine | undefined;
  const model: PciModel = {
    identity: {
      vendor: 1,
      device: 2,
      classCode: 0x01_08_02,
      interruptPin: 1,
      bars: [],
      capabilities: [msix.capability(0, 0x2000, 0x3000)],
    },
    messageControl: msix,
    window: () => undefined,
    start(_, line, messages) {
      pin = line;
      msix.connect(messages);
    },
    stop: () => {},
  };
  const bus = new PciBus();
  const plugged: unknown[] = [];
  bus.plug(0, model, { set: (level) => plugged.push(level) }, { raise: (vector) => plugged.push(vector) });
  const claimed = bus.claim({ vendor: 1, device: 2 }, "maker");
  if (claimed.kind !== "claimed") throw new Error(claimed.kind);
  await addThreads(t, module, { grants: grantsOf(t, claimed.claim) });
  const { configuration } = claimed.claim;
  const s: Scene = { t, bell: new Bell(), turns: [] };
  await start(s, "take", 0);
  // Interrupt disable.
  configuration.write16(4, configuration.read16(4) | 0x400);
  pin?.set(true);
  assert.is(await outcome(s), RUNS);
  configuration.write16(4, configuration.read16(4) & ~0x400);
  assert.is(await outcome(s), "ok 1");
  await start(s, "take", 3);
  msix.signal(2);
  assert.is(await outcome(s), RUNS);
  configuration.write16(configuration.read8(0x34) + 2, 0x8000);
  msix.writeTable(4 * 2 + 3, 0);
  msix.signal(2);
  assert.is(await outcome(s), "ok 1");
  assert.equal(
    plugged.filter((each) => each !== false),
    [true, 2],
  );
  await t.end();
});

test.run();
