/** The block device contract on every implementation: disk and NVMe, in memory and over a file, bare and behind shadows. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { projectRoot, trustedKeys } from "../../host/loader/keys.ts";
import { type Booted, bootManifest } from "../../host/system/boot.ts";
import { shadowModule } from "../support/shadow.ts";
import { bdevContract } from "./bdev.ts";

const folder = mkdtempSync(join(tmpdir(), "sumac-bdev-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const trusted = await trustedKeys(projectRoot(process.cwd()), []);
const generated = await shadowModule(folder, "sumac:block/bdev@0.1.0");
let serial = 0;

interface Variant {
  readonly model: "disk" | "nvme";
  readonly file: boolean;
  /** Written by hand, or generated from the interface. */
  readonly shadow?: "written" | "generated";
  /** NVMe: commands stay in flight for so many register accesses. */
  readonly completeAfterAccesses?: number;
}

/** A manifest whose domain "device" exports bdev, and the device behind it. */
async function boot({ model, file, shadow, completeAfterAccesses }: Variant, blocks: number): Promise<Booted> {
  serial++;
  const contents = join(folder, `contents-${serial}`);
  writeFileSync(contents, Buffer.alloc(blocks * 4096));
  const module = (name: string): string => resolve(`build/domains/${name}.wasm`);
  const bottom = {
    name: shadow === undefined ? "device" : "driver",
    module: module(`drivers/${model}`),
    grants: {
      disk: { "sumac:device/mmio@0.1.0": { device: "disk" } },
      nvme: { "sumac:device/mmio@0.1.0": { pci: "01:08:02" }, "sumac:device/clock@0.1.0": { host: "clock" } },
    }[model],
    limits: { memoryPages: 16, heapBytes: 1 << 20 },
  };
  const top = {
    name: "device",
    module: shadow === "generated" ? generated : module("shadows/bdev"),
    grants: { "sumac:block/bdev@0.1.0": { domain: "driver" }, "sumac:kernel/supervisor@0.1.0": { supervise: "driver" } },
  };
  const device = {
    model,
    ...(file ? { image: join(folder, `image-${serial}`) } : {}),
    ...(completeAfterAccesses === undefined ? {} : { completeAfterAccesses }),
  };
  const manifest = {
    name: "contract",
    heap: { megabytes: 16 },
    files: { contents: { path: contents } },
    devices: { disk: { ...device, holds: "contents" } },
    domains: shadow === undefined ? [bottom] : [bottom, top],
  };
  const path = join(folder, `system-${serial}.json`);
  writeFileSync(path, JSON.stringify(manifest));
  return await bootManifest(path, { trusted });
}

const VARIANTS: readonly (Variant & { readonly name: string })[] = [
  { name: "a disk in memory", model: "disk", file: false },
  { name: "a disk over a file", model: "disk", file: true },
  { name: "a shadowed disk", model: "disk", file: false, shadow: "written" },
  { name: "a disk behind a generated shadow", model: "disk", file: false, shadow: "generated" },
  { name: "NVMe in memory", model: "nvme", file: false },
  { name: "NVMe over a file", model: "nvme", file: true },
  { name: "NVMe with commands in flight", model: "nvme", file: false, completeAfterAccesses: 3 },
  { name: "a shadowed NVMe", model: "nvme", file: true, shadow: "written", completeAfterAccesses: 1 },
  { name: "NVMe behind a generated shadow", model: "nvme", file: true, shadow: "generated", completeAfterAccesses: 1 },
];

for (const variant of VARIANTS) bdevContract({ name: variant.name, boot: (blocks) => boot(variant, blocks) });
