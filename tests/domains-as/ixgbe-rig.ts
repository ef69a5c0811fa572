/**
 * The 82599's driver by interrupts, as the build signed it, on the project's own card, with or without its shadow, in a real system, and a client
 * with threads. The test sits between driver and card: it has the wire's other end and the clock, sees every access, and may lie.
 */
import { readFile } from "node:fs/promises";
import * as assert from "uvu/assert";
import { IxgbeModel } from "../../devices/ixgbe/model.ts";
import type { InterruptLine } from "../../devices/ports.ts";
import { deviceProviders, type GrantableDevice } from "../../host/kernel/device-grant.ts";
import { DEFAULT_LIMITS } from "../../host/kernel/domain.ts";
import { supervisorOf } from "../../host/kernel/life/supervisor.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import type { Death } from "../../host/kernel/status.ts";
import { projectRoot, trustedKeys } from "../../host/loader/keys.ts";
import { clockProvider } from "../../host/system/host-providers.ts";
import { startSystem } from "../../host/system/start.ts";
import type { System } from "../../host/system/system.ts";
import { auditHeap } from "../../shared-heap/audit.ts";
import { TestWire } from "../devices/ixgbe/card.ts";
import { source, WORK } from "../kernel/threads/rig.ts";
import { addAs, compileAs, run } from "../support/as-domain.ts";
import { frameTo } from "../support/net-host.ts";
import type { TestSystem } from "../support/system.ts";

export const NET = "sumac:net/net@0.1.0";
const WIT = `package test:threads@1.0.0;
interface work { start: func(what: u32, n: u32) -> u32; outcome: func() -> s32; state: func() -> u32; end: func(); }
world client { import ${NET}; export work; }
`;
/** What a client's thread does, by number; each returns what it counted. */
const CODE = `
import { net, News } from "./gen/net";
import { Batch, Fate, Packet } from "./gen/types";
function stocked(n: u32): Batch {
  const made = Batch.create();
  for (let i: u32 = 0; i < n; i++) made.pushBack(Packet.create());
  return made;
}
function reclaimAll(queue: u32): void {
  for (let none = false; !none; ) {
    const left = net.reclaim(queue, Batch.create());
    none = left.value.length == 0;
    left.value.drop();
  }
}
// Frames that came on a queue, until there are n; lost buffers count 1000 and are used again.
function takeOn(queue: u32, n: u32): i32 {
  let batch = stocked(16);
  let seen: i32 = 0;
  let had: i32 = 0;
  while (<u32>had < n) {
    const came = net.receive(queue, batch);
    if (!came.isOk) return -1;
    batch = came.value;
    for (let i: u32 = 0; i < batch.length; i++) {
      const fate = batch.at(i)!.fate;
      if (fate == Fate.received) had++;
      if (fate == Fate.lost) seen += 1000;
    }
    if (batch.length != 0 || <u32>had >= n) continue;
    const news = net.wait(queue, News.received);
    if (!news.isOk) return -2;
  }
  batch.drop();
  reclaimAll(queue);
  return seen + had;
}
function take(n: u32): i32 { return takeOn(0, n); }
function one(queue: u32): i32 { return takeOn(queue, 1); }
function queues(n: u32): i32 {
  const all: Thread[] = [];
  for (let i: u32 = 0; i < n; i++) all.push(threads.create<u32>(one, i)!);
  let good = 0;
  for (let i: u32 = 0; i < n; i++) if (threads.join(all[i]) && all[i].value == 1) good++;
  return good;
}
function waitOnly(_: u32): i32 {
  const news = net.wait(0, News.received);
  return news.isOk ? <i32>news.value : -1;
}
function sharers(n: u32): i32 {
  net.receive(0, stocked(8)).value.drop();
  const all: Thread[] = [];
  for (let i: u32 = 0; i < n; i++) all.push(threads.create<u32>(waitOnly, 0)!);
  let good = 0;
  for (let i: u32 = 0; i < n; i++) if (threads.join(all[i]) && all[i].value == News.received) good++;
  reclaimAll(0);
  return good;
}
function send(n: u32): i32 {
  let batch = stocked(n);
  for (let i: u32 = 0; i < n; i++) {
    const packet = batch.at(i)!;
    packet.size = 60;
    packet.data.setAt(12, 0x88);
  }
  let back = 0;
  while (<u32>back < n) {
    const gone = net.send(0, batch);
    if (!gone.isOk) return -1;
    batch = gone.value;
    while (batch.length != 0) {
      const packet = batch.popFront()!;
      if (packet.fate == Fate.sent) back++;
      packet.drop();
    }
    if (<u32>back >= n) break;
    const news = net.wait(0, News.sent);
    if (!news.isOk || (news.value & News.sent) == 0) return -2;
  }
  batch.drop();
  return back;
}
function link(up: u32): i32 { return net.awaitLink(up != 0).up ? 1 : 0; }
function nothing(queue: u32): i32 {
  const news = net.wait(queue, News.received | News.sent);
  return news.isOk ? <i32>news.value : -1 - news.error;
}
`;
export const CASES = ["take", "queues", "sharers", "send", "link", "nothing"] as const;
type Case = (typeof CASES)[number];
/** The client, for other tests: `CASES` are what its `start` does in a thread. */
export const waitingClient: Uint8Array<ArrayBuffer> = await compileAs(WIT, "client", source(CODE, CASES, false));
const LIMITS = { memoryPages: 4, heapBytes: 8 << 20, heapObjects: 2048, callBudgetMs: 1000 };

/** What a test may change on the way between driver and card; `undefined` lets the access through. */
export interface Lies {
  read?: (offset: number, rig: IxgbeRig) => number | undefined;
  /** Whether the pin's rise is lost. */
  loseRise?: () => boolean;
}

export class IxgbeRig {
  readonly wire: TestWire = new TestWire();
  readonly model: IxgbeModel;
  readonly deaths: Death[] = [];
  /** How often the client's threads waited. */
  parks = 0;
  /** Of the card, in microseconds. */
  micros = 1_000_000;
  /** Register writes: offset, value. */
  writes: [number, number][] = [];
  lies: Lies;
  readonly system: System;

  private constructor(system: System, lies: Lies) {
    this.system = system;
    this.lies = lies;
    this.model = new IxgbeModel({ wire: this.wire, clock: { nowMicros: () => this.micros } });
    const { kernel } = system;
    kernel.events.on((event) => {
      if (event.kind === "death") this.deaths.push(event.death);
    });
    kernel.threads.onChange = ({ domain }, what) => {
      if (domain.name === "client" && what === "parks") this.parks++;
    };
  }

  static async start({ isShadowed = false, lies = {} }: { readonly isShadowed?: boolean; readonly lies?: Lies } = {}): Promise<IxgbeRig> {
    const system = await startSystem({ heapMegabytes: 32, debugGuard: true });
    const rig = new IxgbeRig(system, lies);
    try {
      const { mmio, irq } = deviceProviders(system.kernel, rig.#device());
      const clock = clockProvider(system.kernel, () => rig.micros);
      const driver = await rig.#create("driver", "drivers/ixgbe-interrupts", 2, {
        "sumac:device/mmio@0.1.0": mmio,
        "sumac:device/irq@0.1.0": irq,
        "sumac:device/clock@0.1.0": clock,
      });
      let seat = driver;
      if (isShadowed) {
        seat = await rig.#create("shadow", "shadows/net", 0, {
          [NET]: { kind: "domain", seat: driver },
          "sumac:kernel/supervisor@0.1.0": supervisorOf(system.kernel, driver),
        });
      }
      await addAs({ system } as TestSystem, {
        name: "client",
        module: waitingClient,
        grants: { [NET]: { kind: "domain", seat } },
        limits: { ...LIMITS, threads: 8 },
      });
    } catch (error) {
      await system.stop();
      throw error;
    }
    return rig;
  }

  /** Ends the system and checks that nothing is left. */
  async end(): Promise<void> {
    await this.system.stop();
    const { ok, problems } = auditHeap(this.system.kernel.heap);
    assert.ok(ok, problems.join("\n"));
    assert.is(this.system.liveObjects(), 0, "objects left on the shared heap");
    assert.is(this.model.accessErrors, 0, "the driver accessed registers as no driver should");
  }

  begin(what: Case, n: number): void {
    assert.is(run({ system: this.system } as TestSystem, "client", WORK, "start", CASES.indexOf(what), n), "ok 1");
  }

  get isOver(): boolean {
    return run({ system: this.system } as TestSystem, "client", WORK, "state") !== "ok 0";
  }

  get outcome(): string {
    return run({ system: this.system } as TestSystem, "client", WORK, "outcome");
  }

  /** Threads run until none is ready. */
  async settle(): Promise<void> {
    await this.system.kernel.threads.run();
  }

  /** The same until the client's thread has ended; `each` comes before each turn. */
  async finish(each: (turn: number) => void = () => {}): Promise<string> {
    for (let turn = 0; !this.isOver; turn++) {
      assert.ok(turn < 2000, "the client goes on");
      each(turn);
      await this.settle();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return this.outcome;
  }

  /** A frame comes in: a broadcast that is no IP. */
  arrive(seed = 1): void {
    const frame = frameTo(0xffff_ffff_ffffn, 0x0002n, 60, seed);
    this.wire.end?.receive(frame, frame.length);
  }

  /** An IPv4 packet of a flow of its own. */
  arriveFlow(port: number): void {
    const frame = frameTo(0xffff_ffff_ffffn, 0x0002n, 60, port);
    frame.set([8, 0, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, port >>> 8, port & 0xff, 0, 80, 0, 26, 0, 0], 12);
    this.wire.end?.receive(frame, frame.length);
  }

  /** Writes to a register since the start. */
  written(offset: number): number[] {
    return this.writes.filter(([at]) => at === offset).map(([, value]) => value);
  }

  #device(): GrantableDevice {
    return {
      start: (dma, line?: InterruptLine) => {
        this.model.start(dma, {
          set: (level) => {
            if (level && this.lies.loseRise?.() === true) return;
            line?.set(level);
          },
        });
      },
      stop: () => this.model.stop(),
      read32: (offset) => this.lies.read?.(offset, this) ?? this.model.read32(offset),
      write32: (offset, value) => {
        this.writes.push([offset, value]);
        this.model.write32(offset, value);
      },
    };
  }

  async #create(
    name: string,
    module: string,
    threads: number,
    grants: Readonly<Record<string, Provider>>,
  ): Promise<ReturnType<System["create"]>> {
    const root = projectRoot(import.meta.dirname);
    const limits = { ...DEFAULT_LIMITS, ...LIMITS, threads };
    const loaded = await this.system.loader.load(await readFile(`${root}/build/domains/${module}.wasm`), {
      name: module,
      trusted: await trustedKeys(root, []),
      allowUnsigned: false,
      memoryPages: limits.memoryPages,
      threads,
    });
    return this.system.create({ name, loaded, limits, grants: new Map(Object.entries(grants)) });
  }
}
