/** One network card, its driver on both CPUs of a system: frames of each, deaths on either side while frames go, and what is refused. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { portFor } from "../../bench/support/net-flows.ts";
import { SumacError } from "../../host/errors.ts";
import { projectRoot, trustedKeys } from "../../host/loader/keys.ts";
import { type Booted, bootManifest } from "../../host/system/boot.ts";
import { auditHeap } from "../../shared-heap/audit.ts";
import { CASES, waitingClient } from "../domains-as/ixgbe-rig.ts";
import { WORK } from "../kernel/threads/rig.ts";

const test = suite("a network card on several CPUs");
const trusted = await trustedKeys(projectRoot(process.cwd()), []);
const TRAFFIC = "sumac:traffic/traffic@0.1.0";
const NET = "sumac:net/net@0.1.0";
const BATCH = 32;
/** At a time, for who has few buffers. */
const FEW = 8;
const ROUNDS = 20;
const MMIO = { "sumac:device/mmio@0.1.0": { pci: "02:00:00" } };
const [NEAR, FAR] = [portFor(0, 2), portFor(1, 2)];

const limits = { heapBytes: 4 << 20, heapObjects: 4096, callBudgetMs: 60_000 };

function driver(more: object = {}): object {
  return {
    name: "ixgbe",
    module: resolve("build/domains/drivers/ixgbe.wasm"),
    grants: { ...MMIO, "sumac:device/clock@0.1.0": { host: "clock" } },
    limits,
    replicas: "per-cpu",
    ...more,
  };
}

async function boot(cpus: number, domains: readonly object[], devices: object, unsigned: readonly string[] = []): Promise<Booted> {
  const folder = mkdtempSync(join(tmpdir(), "sumac-cards-"));
  const path = join(folder, "system.json");
  writeFileSync(
    path,
    JSON.stringify({ name: "cards", cpus, devices, domains, supervision: { intensity: 100, periodMs: 1000, mostWaitMs: 2 } }),
  );
  try {
    return await bootManifest(path, { trusted, unsigned });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function cards(more: object = {}, wire: object = { kind: "loopback" }): Promise<Booted> {
  const client = {
    name: "client",
    module: resolve("build/domains/apps/traffic.wasm"),
    grants: { [NET]: { domain: "ixgbe", rebind: true } },
    limits,
    replicas: "per-cpu",
  };
  return boot(2, [driver(more), client], { card: { model: "ixgbe", wire } });
}

/** Frames of a connection that the client of a CPU sends and has back. */
async function flow({ system }: Booted, cpu: number, rounds: number, port: number, batch = BATCH): Promise<number | string> {
  const { flow: call } = system.exportUnwaited(cpu === 0 ? "client" : `client@${cpu}`, TRAFFIC);
  const answer = await call?.(rounds, batch, port);
  if (answer === undefined) return "no client";
  return answer.ok ? Number(answer.value) : answer.error.cause;
}

async function end(booted: Booted): Promise<void> {
  const { heap } = booted.system.kernel;
  await booted.finish(false);
  const { ok, problems } = auditHeap(heap);
  assert.ok(ok, problems.join("\n"));
  assert.is(booted.system.liveObjects(), 0, "objects left on the shared heap");
}

test("each replica drives queues of the card on its CPU, both at once, and has all of its frames back", async () => {
  const booted = await cards();
  assert.is(await flow(booted, 0, 1, NEAR), BATCH);
  assert.is(await flow(booted, 1, 1, FAR), BATCH);
  const rounds = 2000;
  const answers = await Promise.all([flow(booted, 1, rounds, FAR), flow(booted, 0, rounds, NEAR)]);
  assert.equal(answers, [rounds * BATCH, rounds * BATCH]);
  await end(booted);
});

test("the replica dies on its CPU while frames go: the other one goes on, and has its connections until the next generation has them back", async () => {
  const booted = await cards({ supervision: {} });
  const { system } = booted;
  await flow(booted, 0, 1, NEAR);
  await flow(booted, 1, 1, FAR);
  for (let i = 0; i < 5; i++) {
    const before = system.seat("ixgbe@1").generations;
    const there = flow(booted, 1, 100_000, FAR);
    assert.is(await flow(booted, 0, 20, NEAR), 20 * BATCH);
    system.kill("ixgbe@1");
    assert.is.not(await there, 100_000 * BATCH, "the death was seen");
    assert.is(await flow(booted, 0, 20, NEAR), 20 * BATCH);
    for (let tries = 0; (await flow(booted, 1, 1, FAR)) !== BATCH; tries++) {
      if (tries > 200) assert.unreachable("the replica does not come back");
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assert.ok(system.seat("ixgbe@1").generations > before);
    assert.is(await flow(booted, 1, 20, FAR), 20 * BATCH);
  }
  await end(booted);
});

test("the first CPU's driver dies while frames go: the others' queues are gone with it, and all come back", async () => {
  const booted = await cards({ supervision: {} });
  const { system } = booted;
  await flow(booted, 0, 1, NEAR);
  await flow(booted, 1, 1, FAR);
  for (let i = 0; i < 5; i++) {
    const there = flow(booted, 1, 100_000, FAR);
    assert.is(await flow(booted, 0, 20, NEAR), 20 * BATCH);
    system.kill("ixgbe");
    assert.is.not(await there, 100_000 * BATCH, "the end of the card was seen");
    for (const [cpu, port] of [
      [0, NEAR],
      [1, FAR],
    ] as const) {
      for (let tries = 0; (await flow(booted, cpu, 1, port)) !== BATCH; tries++) {
        if (tries > 200) assert.unreachable(`CPU ${cpu} has no frames`);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    assert.is(await flow(booted, 0, 20, NEAR), 20 * BATCH);
    assert.is(await flow(booted, 1, 20, FAR), 20 * BATCH);
  }
  await end(booted);
});

test("a wire that leads elsewhere: another CPU's frames go out through the first one, and what comes is spread over both", async () => {
  const devices = Object.fromEntries(
    ["one", "two"].map((name, i) => [name, { model: "ixgbe", mac: `02:00:00:00:00:0${i}`, wire: { kind: "switch", name: "lan" } }]),
  );
  const client = (name: string, of: string): object => ({
    name,
    module: resolve("build/domains/apps/traffic.wasm"),
    grants: { [NET]: { domain: of } },
    limits,
    replicas: "per-cpu",
  });
  const booted = await boot(2, [driver(), driver({ name: "other", replicas: undefined }), client("client", "ixgbe")], devices);
  const { send } = booted.system.exportUnwaited("client@1", TRAFFIC);
  const answer = await send?.(3, BATCH);
  assert.ok(answer?.ok);
  const { statistics } = booted.system.export("ixgbe", NET);
  const counters = statistics?.();
  assert.ok(counters?.ok);
  assert.is(Number((counters.value as unknown as { sent: bigint }).sent), 3 * BATCH);
  await end(booted);
});

test("by interrupts: a thread on another CPU sleeps until frames for its CPU come from the first one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sumac-waiters-"));
  const module = join(folder, "waiter.wasm");
  writeFileSync(module, waitingClient);
  const byInterrupts = driver({
    module: resolve("build/domains/drivers/ixgbe-interrupts.wasm"),
    grants: { ...MMIO, "sumac:device/irq@0.1.0": { pci: "02:00:00" }, "sumac:device/clock@0.1.0": { host: "clock" } },
    limits: { ...limits, threads: 2 },
  });
  const of = (name: string, path: string, more: object): object => ({
    name,
    module: path,
    grants: { [NET]: { domain: "ixgbe", rebind: true } },
    replicas: "per-cpu",
    limits: { ...limits, ...more },
  });
  const domains = [byInterrupts, of("client", resolve("build/domains/apps/traffic.wasm"), {}), of("waiter", module, { threads: 2 })];
  const booted = await boot(2, domains, { card: { model: "ixgbe", wire: { kind: "loopback" } } }, [module]);
  const { start, state, outcome } = booted.system.exportUnwaited("waiter@1", WORK);
  const answer = await start?.(CASES.indexOf("take"), ROUNDS * FEW);
  assert.ok(answer?.ok && answer.value === 1);
  for (let tries = 0; ; tries++) {
    const now = await state?.();
    if (now?.ok && now.value === 1) break;
    assert.ok(tries < 2000, "the thread has all of its frames");
    // Mostly it has taken all there is by then, and sleeps.
    await new Promise((resolve) => setTimeout(resolve, 5));
    await flow(booted, 0, 1, FAR, FEW);
  }
  const taken = await outcome?.();
  assert.ok(taken?.ok && Number(taken.value) >= ROUNDS * FEW, JSON.stringify(taken));
  rmSync(folder, { recursive: true });
  await end(booted);
});

test("manifests: replicas are granted a network card and no other device, and not more of them than it has queues for", async () => {
  const problem = async (made: Promise<Booted>): Promise<string> => {
    try {
      await (await made).finish(false);
    } catch (error) {
      assert.instance(error, SumacError);
      return (error as SumacError).message;
    }
    return "";
  };
  const card = { card: { model: "ixgbe", wire: { kind: "loopback" } } };
  assert.match(await problem(boot(5, [driver()], card)), "domain ixgbe: is on every CPU, and a network card has queues for 4 CPUs, not 5");
  const disk = { grants: { ...driver, "sumac:device/mmio@0.1.0": { pci: "01:08:02" } } };
  const both = { ...card, disk: { model: "nvme", megabytes: 1 } };
  assert.match(
    await problem(boot(2, [driver(disk)], both)),
    "domain ixgbe: is on every CPU, and its device is on CPU 0 and has no queues for others",
  );
  assert.match(
    await problem(boot(2, [driver(disk)], { disk: both.disk })),
    "/domains/0/grants/sumac:device/mmio@0.1.0: ixgbe is on every CPU",
  );
  assert.match(
    await problem(boot(2, [driver({ replicas: undefined, cpu: 1 })], card)),
    "/domains/0/grants/sumac:device/mmio@0.1.0: ixgbe is on CPU 1",
  );
  assert.is(await problem(boot(1, [driver()], card)), "");
});

test.run();
