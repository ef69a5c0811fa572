/** The network contract on every implementation: nothing at the other end, the 82599 on a loop, polled or by interrupts, and all behind their shadow. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { projectRoot, trustedKeys } from "../../host/loader/keys.ts";
import { type Booted, bootManifest } from "../../host/system/boot.ts";
import { netContract } from "./net.ts";

const folder = mkdtempSync(join(tmpdir(), "sumac-net-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const trusted = await trustedKeys(projectRoot(process.cwd()), []);
const NET = "sumac:net/net@0.1.0";
const limits = { memoryPages: 16, heapBytes: 8 << 20, heapObjects: 4096, callBudgetMs: 2000 };
let serial = 0;

async function boot(driver: "null-net" | "ixgbe" | "ixgbe-interrupts", isShadowed: boolean): Promise<Booted> {
  const module = (name: string): string => resolve(`build/domains/${name}.wasm`);
  const card = { pci: "02:00:00" };
  const bottom = {
    name: isShadowed ? "driver" : "device",
    module: module(`drivers/${driver}`),
    grants: {
      ...(driver === "null-net" ? {} : { "sumac:device/mmio@0.1.0": card, "sumac:device/clock@0.1.0": { host: "clock" } }),
      ...(driver === "ixgbe-interrupts" ? { "sumac:device/irq@0.1.0": card } : {}),
    },
    limits: driver === "ixgbe-interrupts" ? { ...limits, threads: 2 } : limits,
  };
  const top = {
    name: "device",
    module: module("shadows/net"),
    grants: { [NET]: { domain: "driver" }, "sumac:kernel/supervisor@0.1.0": { supervise: "driver" } },
    limits,
  };
  const manifest = {
    name: "contract",
    heap: { megabytes: 16 },
    devices: { card: { model: "ixgbe", wire: { kind: "loopback" } } },
    domains: isShadowed ? [bottom, top] : [bottom],
  };
  const path = join(folder, `system-${serial++}.json`);
  writeFileSync(path, JSON.stringify(manifest));
  return await bootManifest(path, { trusted });
}

netContract({ name: "an interface that leads nowhere", loops: false, boot: () => boot("null-net", false) });
netContract({ name: "a shadowed one that leads nowhere", loops: false, boot: () => boot("null-net", true) });
netContract({ name: "the 82599 on a loop", loops: true, boot: () => boot("ixgbe", false) });
netContract({ name: "a shadowed 82599 on a loop", loops: true, boot: () => boot("ixgbe", true) });
netContract({ name: "the 82599 by interrupts, on a loop", loops: true, boot: () => boot("ixgbe-interrupts", false) });
netContract({ name: "a shadowed 82599 by interrupts, on a loop", loops: true, boot: () => boot("ixgbe-interrupts", true) });
