/**
 * What threads cost: to ask who one is and for a variable of one's own, with few and with many threads; to change threads, to make one, and
 * to wake one by an interrupt's way. Against calls from the same domain, which is what one does without threads.
 */
import type { Interrupt } from "../../devices/ports.ts";
import { deviceProviders } from "../../host/kernel/device-grant.ts";
import { addAs, compileAs } from "../../tests/support/as-domain.ts";
import { type TestSystem, testSystem } from "../../tests/support/system.ts";
import type { Comparison, Row } from "../row.ts";

const WIT = `package bench:threads@1.0.0;
interface work { start: func(what: u32, n: u32) -> u32; populate: func(n: u32) -> u32; plain: func(n: u32) -> u32; wake: func() -> u32; }
world runner { export work; }`;
const WORK = "bench:threads/work@1.0.0";

const INDEX = `
import * as threads from "sumac/thread";
import { Thread } from "sumac/thread";
import { ThreadLocal } from "sumac/thread-local";
const own = new ThreadLocal<u32>(1);
let sum: u32 = 0;
let line: Thread | null = null;
let isOver = false;
function forever(n: u32): i32 { own.value = n; while (!isOver) threads.park(); return 0; }
function current(n: u32): i32 { let total: u32 = 0; for (let i: u32 = 0; i < n; i++) total += threads.current().number; sum += total; return 1; }
function local(n: u32): i32 { own.value = 0; for (let i: u32 = 0; i < n; i++) own.value++; return own.value == n ? 1 : 0; }
let isPonging = false;
function pong(n: u32): i32 { while (isPonging) threads.giveWay(); return 1; }
function change(n: u32): i32 {
  isPonging = true;
  const other = threads.create<u32>(pong, 0) as Thread;
  threads.giveWay();
  for (let i: u32 = 0; i < n; i += 2) threads.giveWay();
  isPonging = false;
  threads.join(other);
  return 1;
}
function nothing(n: u32): i32 { return 1; }
function make(n: u32): i32 {
  for (let i: u32 = 0; i < n; i++) { const one = threads.create<u32>(nothing, i) as Thread; threads.join(one); }
  return 1;
}
export namespace work {
  export function start(what: u32, n: u32): u32 {
    let entry = current;
    if (what == 1) entry = local;
    if (what == 2) entry = change;
    if (what == 3) entry = make;
    const one = threads.create<u32>(entry, n);
    if (one === null) return 0;
    threads.detach(one as Thread);
    return 1;
  }
  export function populate(n: u32): u32 {
    for (let i: u32 = 0; i < n; i++) line = threads.create<u32>(forever, i);
    return line === null ? 0 : 1;
  }
  export function plain(n: u32): u32 { let total: u32 = sum; for (let i: u32 = 0; i < n; i++) total += total * i + 1; return total; }
  export function wake(): u32 { const one = line; return one !== null && threads.unpark(one as Thread) ? 1 : 0; }
}`;

const NEVER = 1;

class Runner {
  readonly t: TestSystem;
  constructor(t: TestSystem) {
    this.t = t;
  }

  static async start(population: number): Promise<Runner> {
    const t = await testSystem();
    const module = await compileAs(WIT, "runner", INDEX);
    await addAs(t, { name: "runner", module, limits: { threads: 10_000, memoryPages: 8000, callBudgetMs: 60_000 } });
    const runner = new Runner(t);
    if (population > 0) runner.call("populate", population);
    await t.system.kernel.threads.run();
    return runner;
  }

  call(name: string, ...args: number[]): void {
    const found = this.t.system.export("runner", WORK)[name];
    const answer = found?.(...args);
    if (answer?.ok !== true || answer.value !== NEVER) throw new Error(`${name} failed: ${JSON.stringify(answer)}`);
  }

  /** A thread that does something so many times. */
  async perform(what: number, count: number): Promise<void> {
    this.call("start", what, count);
    await this.t.system.kernel.threads.run();
    const death = this.t.events.find(({ kind }) => kind === "death");
    if (death !== undefined) throw new Error(JSON.stringify(death));
  }
}

function row(name: string, what: number, population: number, more: { readonly unit?: "us"; readonly ratio?: Comparison } = {}): Row {
  return {
    name,
    unit: "ns",
    ...more,
    async prepare() {
      const runner = await Runner.start(population);
      return { run: (count) => runner.perform(what, count), isAsync: true, end: () => runner.t.system.stop() };
    },
  };
}

/** What a program without threads does to come back to something later: a promise, and a turn of the queue of microtasks. */
function microtask(name: string): Row {
  return {
    name,
    unit: "ns",
    async prepare() {
      return {
        isAsync: true,
        async run(count) {
          for (let i = 0; i < count; i++) await null;
        },
      };
    },
  };
}

const DRIVER_WIT = `package bench:irq@1.0.0;
interface work { start: func() -> u32; }
world driver { import sumac:device/irq@0.1.0; import sumac:device/mmio@0.1.0; export work; }`;
const DRIVER = `
import * as threads from "sumac/thread";
import { irq } from "./gen/irq";
import { mmio } from "./gen/mmio";
function serve(n: u32): i32 { for (let raised = irq.wait(1); raised != 0; raised = irq.wait(1)) mmio.write32(0, raised); return 0; }
export namespace work { export function start(): u32 { return threads.create<u32>(serve, 0, "serve", 0) === null ? 0 : 1; } }`;

/** From the device's message to the driver's thread, which writes a register: raised by the host's loop, while no thread runs. */
const wake: Row = {
  name: "irq/wake",
  unit: "ns",
  ratio: { to: "irq/microtask" },
  async prepare() {
    const t = await testSystem();
    let messages: Interrupt | undefined;
    let served = 0;
    const device = {
      start: (_dma: unknown, _line: unknown, granted?: Interrupt) => {
        messages = granted;
      },
      stop: () => {},
      read32: () => 0,
      write32: (_: number, raised: number) => {
        served += raised;
      },
    };
    const { mmio, irq } = deviceProviders(t.system.kernel, device);
    const grants = { "sumac:device/irq@0.1.0": irq, "sumac:device/mmio@0.1.0": mmio };
    const module = await compileAs(DRIVER_WIT, "driver", DRIVER);
    await addAs(t, { name: "driver", module, grants, limits: { threads: 1, callBudgetMs: 60_000 } });
    const { threads } = t.system.kernel;
    t.system.export("driver", "bench:irq/work@1.0.0").start?.();
    await threads.run();
    return {
      isAsync: true,
      async run(count) {
        const before = served;
        for (let i = 0; i < count; i++) {
          messages?.raise(0);
          await threads.run();
        }
        if (served - before !== count) throw new Error(`${count} interrupts, and the driver was told of ${served - before}`);
      },
      end: () => t.system.stop(),
    };
  },
};

export const threadRows: readonly Row[] = [
  row("thread/current-100", 0, 100),
  row("thread/current-10000", 0, 9_900, { ratio: { to: "thread/current-100", atMost: 1.2 } }),
  row("thread/tls-100", 1, 100),
  row("thread/tls-10000", 1, 9_900, { ratio: { to: "thread/tls-100", atMost: 1.2 } }),
  microtask("thread/microtask"),
  row("thread/switch", 2, 0, { ratio: { to: "thread/microtask" } }),
  row("thread/create", 3, 0, { unit: "us" }),
  microtask("irq/microtask"),
  wake,
];
