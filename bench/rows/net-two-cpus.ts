/**
 * One network card on two CPUs: on each a replica of client and driver, with queues of its own that RSS gives their share of connections.
 * Each client sends frames of 64 bytes (with their CRC) of one connection of its CPU, 32 in a batch, half of all by each.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot, trustedKeys } from "../../host/loader/keys.ts";
import { type Booted, bootManifest } from "../../host/system/boot.ts";
import type { Row } from "../row.ts";
import { numberFrom } from "../support/domains.ts";
import { portFor } from "../support/net-flows.ts";
import { Shared } from "../support/shared.ts";

const ROOT: string = join(import.meta.dirname, "../..");
const TRAFFIC = "sumac:traffic/traffic@0.1.0";
const BATCH = 32;
const CPUS = 2;

const running = new Shared<{ readonly booted: Booted; readonly folder: string }>(
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "sumac-bench-net-"));
    const built = (name: string): string => join(ROOT, `build/domains/${name}.wasm`);
    const limits = { callBudgetMs: 60_000, heapBytes: 4 << 20, heapObjects: 4096 };
    const manifest = {
      name: "bench",
      cpus: CPUS,
      devices: { card: { model: "ixgbe", wire: { kind: "loopback" } } },
      domains: [
        {
          name: "ixgbe",
          module: built("drivers/ixgbe"),
          grants: { "sumac:device/mmio@0.1.0": { pci: "02:00:00" }, "sumac:device/clock@0.1.0": { host: "clock" } },
          limits,
          replicas: "per-cpu",
        },
        {
          name: "client",
          module: built("apps/traffic"),
          grants: { "sumac:net/net@0.1.0": { domain: "ixgbe" } },
          limits,
          replicas: "per-cpu",
        },
      ],
    };
    const path = join(folder, "system.json");
    await writeFile(path, JSON.stringify(manifest));
    const trusted = await trustedKeys(projectRoot(ROOT), []);
    return { booted: await bootManifest(path, { trusted }), folder };
  },
  async ({ booted, folder }) => {
    await booted.finish(false);
    await rm(folder, { recursive: true });
  },
);

export const netTwoCpuRows: readonly Row[] = [
  {
    name: "net/ixgbe-loop-2q-2cpu",
    unit: "pkt/s",
    // What it takes to begin and to end on the other CPU must not count.
    leastBatch: 200_000,
    ratio: { to: "net/ixgbe-flow-b32/domain", atLeast: 1.6 },
    async prepare() {
      const { booted } = await running.take();
      const { flow: near } = booted.system.export("client", TRAFFIC);
      const { flow: far } = booted.system.exportUnwaited("client@1", TRAFFIC);
      if (near === undefined || far === undefined) throw new Error("no client");
      const [nearPort, farPort] = [portFor(0, CPUS), portFor(1, CPUS)];
      // Both queues are open before anything is counted, so that each has its share.
      numberFrom(near, 1, BATCH, nearPort);
      const opened = await far(1, BATCH, farPort);
      if (!(opened.ok && opened.value === BATCH)) throw new Error("the other CPU's frames do not come back");
      return {
        isAsync: true,
        async run(count) {
          const rounds = Math.max(2, Math.ceil(count / BATCH));
          const there = rounds >> 1;
          const answer = far(there, BATCH, farPort);
          const here = numberFrom(near, rounds - there, BATCH, nearPort);
          const called = await answer;
          if (here !== (rounds - there) * BATCH) throw new Error(`${here} of ${(rounds - there) * BATCH} frames came back`);
          if (!(called.ok && called.value === there * BATCH)) throw new Error(`on the other CPU ${JSON.stringify(called)} came back`);
        },
        end: () => running.give(),
      };
    },
  },
];
