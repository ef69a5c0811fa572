/**
 * Run by rows/net-tap.ts in a network of its own: a domain that sends frames of 64 bytes (with their CRC) through the 82599's driver and card
 * into a TAP interface. A line with a number on standard input: so many frames; the answer is what the kernel has counted of them.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { projectRoot, trustedKeys } from "../../host/loader/keys.ts";
import { bootManifest } from "../../host/system/boot.ts";
import { numberFrom } from "./domains.ts";

const ROOT: string = join(import.meta.dirname, "../..");
const INTERFACE = "sumac0";
const BATCH = 32;

const built = (name: string): string => join(ROOT, `build/domains/${name}.wasm`);
const limits = { callBudgetMs: 60_000, heapBytes: 4 << 20, heapObjects: 4096 };
const folder = mkdtempSync(join(tmpdir(), "sumac-bench-tap-"));
const path = join(folder, "system.json");
writeFileSync(
  path,
  JSON.stringify({
    name: "bench",
    devices: { card: { model: "ixgbe", wire: { kind: "tap", name: INTERFACE } } },
    domains: [
      {
        name: "ixgbe",
        module: built("drivers/ixgbe"),
        grants: { "sumac:device/mmio@0.1.0": { pci: "02:00:00" }, "sumac:device/clock@0.1.0": { host: "clock" } },
        limits,
      },
      { name: "application", module: built("apps/traffic"), grants: { "sumac:net/net@0.1.0": { domain: "ixgbe" } }, limits },
    ],
  }),
);
const booted = await bootManifest(path, { trusted: await trustedKeys(projectRoot(ROOT), []) });
rmSync(folder, { recursive: true });
execFileSync("ip", ["link", "set", INTERFACE, "up"]);
const { send } = booted.system.export("application", "sumac:traffic/traffic@0.1.0");
if (send === undefined) throw new Error("the application cannot send");

console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const before = framesFromWire();
  numberFrom(send, Math.ceil(Number(line) / BATCH), BATCH);
  console.log(framesFromWire() - before);
}
await booted.finish(false);

/** What the kernel has received from the interface, whoever it was for. [proc(5)] /proc/net/dev: bytes, packets, … */
function framesFromWire(): number {
  const line = readFileSync("/proc/self/net/dev", "utf8").match(new RegExp(`${INTERFACE}:\\s*\\d+\\s+(\\d+)`));
  return Number(line?.[1]);
}
