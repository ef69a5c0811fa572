/**
 * A question from the wire, and its answer on the wire: by a station that is called and finds it when it polls, and by one that sleeps, whose card
 * interrupts. The same card, the same frame; the two differ in driver and station only. Nothing else arrives meanwhile, which is what waiting is for.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { IxgbeModel } from "../../devices/ixgbe/model.ts";
import type { Wire, WireEnd } from "../../devices/net-wire.ts";
import { deviceProviders, type GrantableDevice } from "../../host/kernel/device-grant.ts";
import { DEFAULT_LIMITS } from "../../host/kernel/domain.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import { projectRoot, trustedKeys } from "../../host/loader/keys.ts";
import { clockProvider } from "../../host/system/host-providers.ts";
import { startSystem } from "../../host/system/start.ts";
import type { System } from "../../host/system/system.ts";
import type { Row } from "../row.ts";

const ROOT: string = join(import.meta.dirname, "../..");
const NET = "sumac:net/net@0.1.0";
const RESPONDER = "sumac:ping/responder@0.1.0";
const LIMITS = { ...DEFAULT_LIMITS, memoryPages: 4, heapBytes: 8 << 20, heapObjects: 2048, callBudgetMs: 60_000 };
/** Who has 192.0.2.2? [RFC826]. */
const QUESTION: Uint8Array = Uint8Array.from([
  ...[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1],
  ...[192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 192, 0, 2, 2],
  ...new Array<number>(18).fill(0),
]);

class Asker implements Wire {
  readonly up = true;
  answers = 0;
  /** Reads of registers after which somebody asks by itself: a queue has no buffers before a station has looked for the first time. */
  firstAfter = 0;
  #end: WireEnd | undefined;

  send(): void {
    this.answers++;
  }

  attach(end: WireEnd | undefined): void {
    this.#end = end;
  }

  ask(): void {
    this.#end?.receive(QUESTION, QUESTION.length);
  }
}

async function build(asker: Asker, isWaiting: boolean): Promise<System> {
  const system = await startSystem({ heapMegabytes: 32 });
  const nowMicros = (): number => performance.now() * 1000;
  const model = new IxgbeModel({ wire: asker, clock: { nowMicros } });
  const device: GrantableDevice = {
    start: (dma, line, messages) => model.start(dma, line, messages),
    stop: () => model.stop(),
    read32(offset) {
      if (asker.firstAfter > 0 && --asker.firstAfter === 0) asker.ask();
      return model.read32(offset);
    },
    write32: (offset, value) => model.write32(offset, value),
  };
  const { mmio, irq } = deviceProviders(system.kernel, device);
  const create = async (name: string, module: string, threads: number, grants: Readonly<Record<string, Provider>>): Promise<void> => {
    const loaded = await system.loader.load(await readFile(join(ROOT, `build/domains/${module}.wasm`)), {
      name: module,
      trusted: await trustedKeys(projectRoot(ROOT), []),
      allowUnsigned: false,
      memoryPages: LIMITS.memoryPages,
      threads,
    });
    system.create({ name, loaded, limits: { ...LIMITS, threads }, grants: new Map(Object.entries(grants)) });
  };
  await create("driver", isWaiting ? "drivers/ixgbe-interrupts" : "drivers/ixgbe", isWaiting ? 2 : 0, {
    "sumac:device/mmio@0.1.0": mmio,
    "sumac:device/clock@0.1.0": clockProvider(system.kernel, nowMicros),
    ...(isWaiting ? { "sumac:device/irq@0.1.0": irq } : {}),
  });
  await create("station", isWaiting ? "apps/ping-waiting" : "apps/ping", isWaiting ? 1 : 0, {
    [NET]: { kind: "domain", seat: system.seat("driver") },
  });
  return system;
}

const polled: Row = {
  name: "net/answer-polled",
  unit: "us",
  async prepare() {
    const asker = new Asker();
    const system = await build(asker, false);
    const answer = system.export("station", RESPONDER).answer;
    const { heap } = system.kernel;
    const one = (): void => {
      const called = answer?.(1);
      if (called?.ok !== true) throw new Error("the station failed");
      heap.exports.free(Number((called.value as { val: number }).val));
    };
    asker.firstAfter = 50;
    one();
    return {
      run(count) {
        const before = asker.answers;
        for (let i = 0; i < count; i++) {
          asker.ask();
          one();
        }
        if (asker.answers - before !== count) throw new Error(`${count} questions, ${asker.answers - before} answers`);
      },
      end: () => system.stop(),
    };
  },
};

const waiting: Row = {
  name: "net/answer-waiting",
  unit: "us",
  ratio: { to: "net/answer-polled" },
  async prepare() {
    const asker = new Asker();
    const system = await build(asker, true);
    const { threads } = system.kernel;
    await threads.run();
    return {
      isAsync: true,
      async run(count) {
        const before = asker.answers;
        for (let i = 0; i < count; i++) {
          asker.ask();
          await threads.run();
        }
        if (asker.answers - before !== count) throw new Error(`${count} questions, ${asker.answers - before} answers`);
      },
      end: () => system.stop(),
    };
  },
};

export const netWaitingRows: readonly Row[] = [polled, waiting];
