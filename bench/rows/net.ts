/**
 * Sending frames of 64 bytes (with their CRC) in batches of one and of 32: through a network interface that leads nowhere, and through
 * the 82599's driver, whose card hears itself and hands every frame back. The application's domain calls the driver's domain, or its
 * shadow; beside them host code does the same on the model alone (ixgbe-model.ts), or on an array (null).
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot, trustedKeys } from "../../host/loader/keys.ts";
import { type Booted, bootManifest } from "../../host/system/boot.ts";
import type { Row } from "../row.ts";
import { numberFrom } from "../support/domains.ts";
import { Shared } from "../support/shared.ts";
import { ixgbeModelRows } from "./ixgbe-model.ts";
import { tapRows } from "./net-tap.ts";
import { netTwoCpuRows } from "./net-two-cpus.ts";
import { netWaitingRows } from "./net-waiting.ts";

const ROOT: string = join(import.meta.dirname, "../..");
const NET = "sumac:net/net@0.1.0";
const SUPERVISOR = "sumac:kernel/supervisor@0.1.0";
const TRAFFIC = "sumac:traffic/traffic@0.1.0";
const BATCHES = [1, 32] as const;
/** Any: all connections of one queue are the same to it. */
const PORT = 1024;
/** Of a domain in batches of 32, in packets a second. The aims are RedLeaf's own figures, the second of them the line rate of 10 Gb/s. */
const FLOORS = { null: { atLeast: 7e6, aim: 72e6 }, ixgbe: { atLeast: 1e6, aim: 14.2e6 } } as const;

/** Both drivers, a shadow for each, and an application in front of each of the four. */
const running = new Shared<{ readonly booted: Booted; readonly folder: string }>(
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "sumac-bench-net-"));
    const built = (name: string): string => join(ROOT, `build/domains/${name}.wasm`);
    const limits = { callBudgetMs: 60_000, heapBytes: 4 << 20, heapObjects: 4096 };
    const application = (of: string): object => ({
      name: `on-${of}`,
      module: built("apps/traffic"),
      grants: { [NET]: { domain: of } },
      limits,
    });
    const shadow = (of: string): object => ({
      name: `${of}-shadow`,
      module: built("shadows/net"),
      grants: { [NET]: { domain: of }, [SUPERVISOR]: { supervise: of } },
      limits,
    });
    const manifest = {
      name: "bench",
      devices: { card: { model: "ixgbe", wire: { kind: "loopback" } } },
      domains: [
        { name: "null", module: built("drivers/null-net"), limits },
        {
          name: "ixgbe",
          module: built("drivers/ixgbe"),
          grants: { "sumac:device/mmio@0.1.0": { pci: "02:00:00" }, "sumac:device/clock@0.1.0": { host: "clock" } },
          limits,
        },
        ...["null", "ixgbe"].flatMap((of) => [shadow(of), application(of), application(`${of}-shadow`)]),
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

function domainRow(name: string, domain: string, method: string, batch: number, limits: Pick<Row, "ratio" | "atLeast" | "aim">): Row {
  return {
    name,
    unit: "pkt/s",
    ...limits,
    async prepare() {
      const { booted } = await running.take();
      const call = booted.system.export(domain, TRAFFIC)[method];
      if (call === undefined) throw new Error(`${name}: no ${method}`);
      return {
        run(count) {
          const rounds = Math.ceil(count / batch);
          const wanted = rounds * batch;
          const moved = method === "flow" ? numberFrom(call, rounds, batch, PORT) : numberFrom(call, rounds, batch);
          if (moved !== wanted) throw new Error(`${name}: of ${wanted} packets ${moved} came through`);
        },
        end: () => running.give(),
      };
    },
  };
}

/** What the domain does with its objects, done with an array: packets out of one end and into the other. */
function nullHost(batch: number): Row {
  return {
    name: `net/null-b${batch}/host`,
    unit: "pkt/s",
    async prepare() {
      const packets = Array.from({ length: batch }, () => ({ size: 60, fate: 0 }));
      return {
        run(count) {
          let bytes = 0;
          for (let done = 0; done < count; done += batch) {
            for (let i = 0; i < batch; i++) {
              const packet = packets.shift();
              if (packet === undefined) continue;
              packet.fate = 2;
              bytes += packet.size;
              packets.push(packet);
            }
          }
          if (bytes < 60 * count) throw new Error("packets are missing");
        },
      };
    },
  };
}

function rowsOf(kind: "null" | "ixgbe", group: string, batch: (typeof BATCHES)[number]): Row[] {
  const name = `net/${group}-b${batch}`;
  const method = kind === "null" ? "send" : "loop";
  return [
    domainRow(`${name}/domain`, `on-${kind}`, method, batch, {
      ratio: { to: `${name}/host` },
      ...(batch === 32 ? FLOORS[kind] : {}),
    }),
    domainRow(`${name}/shadow`, `on-${kind}-shadow`, method, batch, {
      ratio: { to: `${name}/domain`, ...(batch === 32 ? { atLeast: 0.9 } : {}) },
    }),
  ];
}

export const netRows: readonly Row[] = [
  ...ixgbeModelRows,
  ...BATCHES.map(nullHost),
  ...BATCHES.flatMap((batch) => [...rowsOf("null", "null", batch), ...rowsOf("ixgbe", "ixgbe-loop", batch)]),
  // What a connection costs that is hashed and whose checksums are looked at: on each CPU of the last row.
  domainRow("net/ixgbe-flow-b32/domain", "on-ixgbe", "flow", 32, { ratio: { to: "net/ixgbe-loop-b32/domain" } }),
  ...tapRows,
  ...netTwoCpuRows,
  ...netWaitingRows,
];
