/**
 * Reading and writing 4 KiB on NVMe, on a store in memory: by a domain that calls the driver domain, and by one that calls its shadow,
 * beside host code on the model (nvme-model.ts). One command at a time by `bdev`, 32 in a batch by `nvme`. The controller completes
 * inside the doorbell write.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { projectRoot, trustedKeys } from "../../host/loader/keys.ts";
import { type Booted, bootManifest } from "../../host/system/boot.ts";
import type { Row } from "../row.ts";
import { numberFrom, withWorld } from "../support/domains.ts";
import { BATCHES, batchClient, CLIENT_DEPTH, NVME } from "../support/nvme-client.ts";
import { Shared } from "../support/shared.ts";
import { nvmeModelRows } from "./nvme-model.ts";
import { nvmeTwoCpuRows } from "./nvme-two-cpus.ts";

const ROOT: string = join(import.meta.dirname, "../..");
const BLOCKS = 1024;
const BDEV = "sumac:block/bdev@0.1.0";
const TYPES = "sumac:block/types@0.1.0";
const LOOP = "bench:nvme/loop@0.1.0";

/** `run(n)` reads n blocks, one after the other over the whole device, into one object that goes and comes back. */
const READER = `(module
  (import "${BDEV}" "read" (func $read (param i32 i32 i32) (result i32)))
  (import "${TYPES}" "[constructor]block" (func $block (result i32)))
  (global $mine (mut i32) (i32.const 0))
  (func (export "${LOOP}#run") (param $n i32) (result i32) (local $i i32)
    (if (i32.eqz (global.get $mine)) (then (global.set $mine (call $block))))
    (loop $next
      (global.set $mine (call $read (i32.and (local.get $i) (i32.const ${BLOCKS - 1})) (i32.const 0) (global.get $mine)))
      (if (i32.lt_u (global.get $mine) (i32.const 64)) (then unreachable))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $i)))`;

async function reader(): Promise<Uint8Array> {
  const block = await readFile(join(ROOT, "interfaces/block.wit"), "utf8");
  const nested = block.replace(/^package ([^;]+);/, "package $1 {");
  const world = `package bench:reader@0.1.0;
world reader { import ${BDEV}; export ${LOOP}; }
package bench:nvme@0.1.0 { interface loop { run: func(n: u32) -> u32; } }
${nested}
}
`;
  return withWorld(await parse(READER), world);
}

/** Driver, shadows, and clients in front of each. */
const running = new Shared<{ readonly booted: Booted; readonly folder: string }>(
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "sumac-bench-"));
    const module = join(folder, "reader.wasm");
    const batches = join(folder, "batches.wasm");
    const contents = join(folder, "contents");
    await writeFile(module, await reader());
    await writeFile(batches, await batchClient(BLOCKS));
    await writeFile(contents, new Uint8Array(BLOCKS * 4096));
    const built = (name: string): string => join(ROOT, `build/domains/${name}.wasm`);
    const limits = { callBudgetMs: 60_000 };
    const heap = { heapBytes: 1 << 20, heapObjects: 1024 };
    const manifest = {
      name: "bench",
      files: { contents: { path: contents } },
      devices: { disk: { model: "nvme", holds: "contents" } },
      domains: [
        {
          name: "driver",
          module: built("drivers/nvme"),
          grants: { "sumac:device/mmio@0.1.0": { pci: "01:08:02" }, "sumac:device/clock@0.1.0": { host: "clock" } },
          limits: heap,
        },
        {
          name: "shadow",
          module: built("shadows/bdev"),
          grants: { [BDEV]: { domain: "driver" }, "sumac:kernel/supervisor@0.1.0": { supervise: "driver" } },
        },
        {
          name: "batch-shadow",
          module: built("shadows/nvme"),
          grants: { [NVME]: { domain: "driver" }, "sumac:kernel/supervisor@0.1.0": { supervise: "driver" } },
          limits: heap,
        },
        { name: "batches-on-driver", module: batches, grants: { [NVME]: { domain: "driver" } }, limits: { ...limits, ...heap } },
        { name: "batches-on-shadow", module: batches, grants: { [NVME]: { domain: "batch-shadow" } }, limits: { ...limits, ...heap } },
        { name: "on-driver", module, grants: { [BDEV]: { domain: "driver" } }, limits },
        { name: "on-shadow", module, grants: { [BDEV]: { domain: "shadow" } }, limits },
      ],
    };
    const path = join(folder, "system.json");
    await writeFile(path, JSON.stringify(manifest));
    const trusted = await trustedKeys(projectRoot(ROOT), []);
    return { booted: await bootManifest(path, { trusted, unsigned: [module, batches] }), folder };
  },
  async ({ booted, folder }) => {
    await booted.finish(false);
    await rm(folder, { recursive: true });
  },
);

function domainRow(name: string, domain: string, to: string): Row {
  return {
    name,
    unit: "op/s",
    ratio: { to },
    async prepare() {
      const { booted } = await running.take();
      const { run } = booted.system.export(domain, LOOP);
      return {
        run(count) {
          if (numberFrom(run, count) !== count) throw new Error(`${name}: not every block was read`);
        },
        end: () => running.give(),
      };
    },
  };
}

type Floor = Pick<Row, "atLeast" | "aim">;

/** Batches of 32; rounded up, so that a row of few operations does at least one. */
function batchRow(name: string, operation: number, domain: string, to: string, atLeast: number, floor?: Floor): Row {
  return {
    name,
    unit: "op/s",
    ratio: { to, atLeast },
    ...floor,
    async prepare() {
      const { booted } = await running.take();
      const { run } = booted.system.export(domain, BATCHES);
      return {
        run(count) {
          const batches = Math.ceil(count / CLIENT_DEPTH);
          if (numberFrom(run, 0, operation, batches) !== batches) throw new Error(`${name}: not every batch came back`);
        },
        end: () => running.give(),
      };
    },
  };
}

export const nvmeRows: readonly Row[] = [
  ...nvmeModelRows,
  domainRow("nvme/read-4k-qd1/domain", "on-driver", "nvme/read-4k-qd1/direct"),
  domainRow("nvme/read-4k-qd1/shadow", "on-shadow", "nvme/read-4k-qd1/domain"),
  batchRow("nvme/read-4k-qd32/domain", 0, "batches-on-driver", "nvme/read-4k-qd32/direct", 0.7, { atLeast: 300_000, aim: 450_000 }),
  batchRow("nvme/read-4k-qd32/shadow", 0, "batches-on-shadow", "nvme/read-4k-qd32/domain", 0.9),
  batchRow("nvme/write-4k-qd32/domain", 1, "batches-on-driver", "nvme/write-4k-qd32/direct", 0.7),
  batchRow("nvme/write-4k-qd32/shadow", 1, "batches-on-shadow", "nvme/write-4k-qd32/domain", 0.9),
  ...nvmeTwoCpuRows,
];
