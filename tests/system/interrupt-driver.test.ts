/**
 * A driver that waits for the pin of an NVMe controller, from its manifest on: one thread asks, another one waits for interrupts and
 * takes the completions. Registers and queues: [NVME-1.4] sections 3.1, 4.2, 4.6, 7.6.1.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildDomain } from "../../host/build/build.ts";
import { claimKey, claimPci } from "../../host/explain/pci.ts";
import { bootManifest } from "../../host/system/boot.ts";
import { parseManifest } from "../../host/system/manifest.ts";

const test = suite("interrupt-driven driver");

const WORLD = `package test:identifier@0.1.0;
interface structures { resource queues { constructor(memory: list<u8>); } }
interface work { answer: func(what: u32) -> u32; }
world driver { import structures; import sumac:device/mmio@0.1.0; import sumac:device/irq@0.1.0; export work; export init: func(); }
`;
const INDEX = `import * as threads from "sumac/thread";
import { load32, store32 } from "sumac/guard";
import { irq } from "./gen/irq";
import { mmio } from "./gen/mmio";
import { Queues } from "./gen/structures";
const PAGE: u32 = 4096;
const ENTRIES: u32 = 4;
const ROUNDS: u32 = 10;
let queues: u32 = 0;
let taken: u32 = 0;
let good: u32 = 0;
let asked: u32 = 0;
function ask(n: u32): i32 {
  for (; asked < n; asked++) {
    const at = queues + 64 * (asked % ENTRIES);
    store32(at, 6 | (asked << 16));
    store32(at + 24, queues + 2 * PAGE);
    store32(at + 40, 1);
    mmio.write32(0x1000, (asked + 1) % ENTRIES);
    while (taken <= asked) threads.giveWay();
  }
  return 0;
}
function serve(n: u32): i32 {
  while (taken < n && irq.wait(0) == 1) {
    const end = load32(queues + PAGE + 16 * (taken % ENTRIES) + 12);
    const phase: u32 = 1 - ((taken / ENTRIES) & 1);
    if (end >>> 16 == phase && (end & 0xffff) == taken) good++;
    taken++;
    mmio.write32(0x1004, taken % ENTRIES);
  }
  return good;
}
export function init(): void {
  queues = (Queues.create(4 * PAGE).base + PAGE - 1) & ~(PAGE - 1);
  mmio.write32(0x24, (ENTRIES - 1) | ((ENTRIES - 1) << 16));
  mmio.write32(0x28, queues);
  mmio.write32(0x2c, 0);
  mmio.write32(0x30, queues + PAGE);
  mmio.write32(0x34, 0);
  mmio.write32(0x14, 0x460001);
  while ((mmio.read32(0x1c) & 1) == 0) {}
  threads.create<u32>(serve, ROUNDS, "serve", 0);
  threads.create<u32>(ask, ROUNDS, "ask");
}
export namespace work {
  export function answer(what: u32): u32 { return what == 0 ? good : what == 1 ? irq.spurious() : load32(queues + 2 * PAGE) & 0xffff; }
}
`;
const PCI = { pci: "01:08:02" };
const SYSTEM = {
  name: "identifier",
  devices: { drive: { model: "nvme", megabytes: 1 }, other: { model: "nvme", megabytes: 1 } },
  domains: [
    {
      name: "driver",
      module: "driver.wasm",
      grants: { "sumac:device/irq@0.1.0": PCI, "sumac:device/mmio@0.1.0": PCI },
      limits: { threads: 2 },
    },
  ],
};

test("a pin of a controller in a manifest wakes the thread that waits for it, for each completion, and none is spurious", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sumac-irq-"));
  try {
    mkdirSync(join(folder, "driver"));
    writeFileSync(join(folder, "driver/world.wit"), WORLD);
    writeFileSync(join(folder, "driver/index.ts"), INDEX);
    const module = join(folder, "driver.wasm");
    writeFileSync(module, (await buildDomain(join(folder, "driver"), undefined)).wasm);
    const path = join(folder, "system.json");
    writeFileSync(path, JSON.stringify(SYSTEM));
    const { system, finish } = await bootManifest(path, { trusted: [], unsigned: [module] });
    try {
      const { threads } = system.kernel;
      let waits = 0;
      threads.onChange = ({ name }, what) => {
        if (name === "serve" && what === "parks") waits++;
      };
      const serve = threads.list().find(({ name }) => name === "serve");
      assert.equal(await threads.endOf(serve?.id ?? 0), { kind: "returned", value: 10 });
      assert.is(waits, 10, "it was parked before each completion");
      const work = system.export("driver", "test:identifier/work@0.1.0");
      const answers = [0, 1, 2].map((what) => work.answer?.(what));
      // The last is the controller's vendor, as Identify has put it there.
      assert.equal(
        answers,
        [10, 0, 0x1af4].map((value) => ({ ok: true, value })),
      );
    } finally {
      await finish(true);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("claimPci: registers and interrupts that a domain is granted by one name are of one device, as the boot sees it", () => {
  const claims = claimPci(parseManifest(JSON.stringify(SYSTEM), "made-up.json"));
  assert.equal(
    ["irq", "mmio"].map((each) => claims.get(claimKey("driver", `sumac:device/${each}@0.1.0`))),
    ["drive", "drive"],
  );
});

test.run();
