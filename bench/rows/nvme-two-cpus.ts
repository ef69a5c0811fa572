/**
 * Reading 4 KiB from NVMe by two clients on two CPUs, each with a queue of its own: 32 in a batch, half of all by each. Driver and
 * controller are on CPU 0, where the second client's batches arrive as calls from another CPU.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as otherWork } from "node:timers/promises";
import { projectRoot, trustedKeys } from "../../host/loader/keys.ts";
import { type Booted, bootManifest } from "../../host/system/boot.ts";
import type { Row } from "../row.ts";
import { numberFrom } from "../support/domains.ts";
import { BATCHES, batchClient, CLIENT_DEPTH, NVME } from "../support/nvme-client.ts";
import { Shared } from "../support/shared.ts";

const ROOT: string = join(import.meta.dirname, "../..");
const BLOCKS = 1024;
/** Batches of the client on CPU 0 between two looks at what the other one asks. */
const SLICE = 4;
const NAME = "nvme/read-4k-2q-2cpu";

const running = new Shared<{ readonly booted: Booted; readonly folder: string }>(
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "sumac-bench-"));
    const module = join(folder, "batches.wasm");
    const contents = join(folder, "contents");
    await writeFile(module, await batchClient(BLOCKS));
    await writeFile(contents, new Uint8Array(BLOCKS * 4096));
    const limits = { heapBytes: 1 << 20, heapObjects: 1024, callBudgetMs: 60_000 };
    const client = { module, grants: { [NVME]: { domain: "driver" } }, limits };
    const manifest = {
      name: "bench",
      cpus: 2,
      files: { contents: { path: contents } },
      devices: { disk: { model: "nvme", holds: "contents" } },
      domains: [
        {
          name: "driver",
          module: join(ROOT, "build/domains/drivers/nvme.wasm"),
          grants: { "sumac:device/mmio@0.1.0": { pci: "01:08:02" }, "sumac:device/clock@0.1.0": { host: "clock" } },
          limits,
        },
        { name: "near", ...client },
        { name: "far", ...client, cpu: 1 },
      ],
    };
    const path = join(folder, "system.json");
    await writeFile(path, JSON.stringify(manifest));
    const trusted = await trustedKeys(projectRoot(ROOT), []);
    return { booted: await bootManifest(path, { trusted, unsigned: [module] }), folder };
  },
  async ({ booted, folder }) => {
    await booted.finish(false);
    await rm(folder, { recursive: true });
  },
);

export const nvmeTwoCpuRows: readonly Row[] = [
  {
    name: NAME,
    unit: "op/s",
    ratio: { to: "nvme/read-4k-qd32/domain" },
    async prepare() {
      const { booted } = await running.take();
      const { run: near } = booted.system.export("near", BATCHES);
      const { run: far } = booted.system.exportUnwaited("far", BATCHES);
      if (far === undefined) throw new Error(`${NAME}: no client on CPU 1`);
      return {
        isAsync: true,
        async run(count) {
          const batches = Math.ceil(count / CLIENT_DEPTH);
          const there = batches >> 1;
          const answer = there === 0 ? undefined : far(1, 0, there);
          for (let left = batches - there; left > 0; left -= SLICE) {
            numberFrom(near, 0, 0, Math.min(left, SLICE));
            await otherWork();
          }
          const called = await answer;
          if (called !== undefined && !(called.ok && called.value === there)) throw new Error(`${NAME}: not every batch came back`);
        },
        end: () => running.give(),
      };
    },
  },
];
