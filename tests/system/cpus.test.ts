/** Systems on several CPUs through the front doors: manifests, the command line, the library. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { KernelEvent } from "../../host/kernel/events.ts";
import type { HostResult } from "../../host/kernel/host/host-values.ts";
import type { Called } from "../../host/kernel/status.ts";
import { projectRoot, trustedKeys } from "../../host/loader/keys.ts";
import { boot, SumacError } from "../../host/sumac.ts";
import { bootManifest } from "../../host/system/boot.ts";
import { parseManifest } from "../../host/system/manifest.ts";
import { lastJson, sumac } from "../cli/support.ts";
import { domain } from "../support/domain.ts";
import { withWorld } from "../support/system.ts";
import { wat } from "../support/wat.ts";
import { id } from "../support/world.ts";

const test = suite("cpus: systems");

interface Row {
  readonly name: string;
  readonly module: string;
  readonly cpu?: number;
  readonly replicas?: string;
  readonly grants?: Readonly<Record<string, object>>;
}

/** systems/copy.json with other rows, in a folder of its own. */
function copySystem(change: (row: Row) => Row): { readonly path: string; readonly folder: string; end(): void } {
  const folder = mkdtempSync(join(tmpdir(), "sumac-cpus-"));
  const manifest = JSON.parse(readFileSync("systems/copy.json", "utf8")) as { domains: Row[] };
  const domains = manifest.domains.map((row) => change({ ...row, module: resolve("systems", row.module) }));
  const path = join(folder, "copy.json");
  writeFileSync(
    join(folder, "input"),
    Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 31) >>> 3),
  );
  writeFileSync(path, JSON.stringify({ ...manifest, $schema: undefined, domains }));
  return { path, folder, end: () => rmSync(folder, { recursive: true, force: true }) };
}

const shadowElsewhere = (row: Row): Row => (row.name === "disk-shadow" ? { ...row, cpu: 1 } : row);

test("a copy whose shadow is on another CPU than the driver that it restarts is whole, on one CPU and on two", async () => {
  const system = copySystem(shadowElsewhere);
  const images: Buffer[] = [];
  for (const cpus of [1, 2]) {
    const image = join(system.folder, `image${cpus}`);
    const booted = await bootManifest(system.path, {
      parameters: { input: join(system.folder, "input"), image },
      trusted: await trustedKeys(projectRoot(process.cwd()), []),
      cpus,
      faultEveryMegabytes: 0.3,
      seed: 3,
    });
    const events: KernelEvent[] = [];
    booted.system.kernel.events.on((event) => events.push(event));
    const { alive, cpu } = booted.system.domains().find(({ name }) => name === "disk-shadow") ?? {};
    assert.equal({ alive, cpu }, { alive: true, cpu: cpus === 1 ? undefined : 1 });
    const called = booted.system.export("copier", "sumac:job/copy@0.1.0").run?.() as Called<HostResult<number, string>>;
    assert.ok(called.ok && called.value.tag === "ok", JSON.stringify(called));
    if (called.ok) booted.system.kernel.heap.exports.free(Number(called.value.val));
    const died = events.filter(({ kind }) => kind === "death").length;
    assert.ok(died >= 10, `${died} deaths on ${cpus} CPUs`);
    assert.is(events.filter(({ kind }) => kind === "restart").length, died);
    await booted.finish(true);
    assert.is(booted.system.liveObjects(), 0);
    images.push(readFileSync(image));
  }
  assert.ok(images[0]?.equals(images[1] as Buffer), "the images differ");
  system.end();
});

test("sumac run --cpus 2: the same report, and the deaths say on which CPU", () => {
  const system = copySystem(shadowElsewhere);
  const run = (cpus: string): { ok: boolean; sha256?: string; deaths?: number; error?: unknown } => {
    const options = ["--input", join(system.folder, "input"), "--image", join(system.folder, `image${cpus}`), "--kill-every", "0.7"];
    const ran = sumac(process.cwd(), "run", system.path, ...options, "--cpus", cpus, "--why", join(system.folder, `why${cpus}`), "--json");
    assert.is(ran.status, 0, ran.stderr + ran.stdout);
    return lastJson(ran);
  };
  const [one, two] = [run("1"), run("2")];
  assert.ok(one.ok && two.ok);
  assert.equal(Object.keys(two).sort(), Object.keys(one).sort());
  const why = sumac(process.cwd(), "why", join(system.folder, "why2"));
  assert.match(why.stdout, /nvme-driver#\d+ died on CPU 0: /);
  assert.not.match(sumac(process.cwd(), "why", join(system.folder, "why1")).stdout, /on CPU/);
  system.end();
});

test("sumac run --cpus takes whole numbers from 1 to 32", () => {
  for (const wrong of ["0", "33", "two", "1.5"])
    assert.is(sumac(process.cwd(), "run", "systems/copy.json", "--cpus", wrong).status, 2, wrong);
});

const manifest = (domains: readonly object[], more: object = {}): string => JSON.stringify({ name: "x", domains, ...more });

function problem(text: string): string {
  try {
    parseManifest(text, "x.json");
  } catch (error) {
    assert.instance(error, SumacError);
    return (error as SumacError).message;
  }
  return "";
}

test("manifests: what is the host's cannot be elsewhere, and nonsense about CPUs is refused by its place", () => {
  const row = { name: "a", module: "a.wasm" };
  const file = { "sumac:io/file@0.1.0": { file: "f" } };
  const files = { files: { f: { path: "f" } } };
  assert.match(problem(manifest([{ ...row, cpu: 1, grants: file }], files)), "/domains/0/grants/sumac:io/file@0.1.0: a is on CPU 1");
  assert.match(problem(manifest([{ ...row, replicas: "per-cpu", grants: file }], files)), "a is on every CPU");
  assert.match(problem(manifest([{ ...row, cpu: 1, grants: { "a:b/c": { pci: "01:08:02" } } }])), "are on CPU 0");
  assert.match(problem(manifest([{ ...row, cpu: 2, grants: { "a:b/c": { host: "progress" } } }])), "are on CPU 0");
  assert.match(problem(manifest([{ ...row, cpu: 1, replicas: "per-cpu" }])), "/domains/0/cpu");
  const supervised = [
    { ...row, replicas: "per-cpu" },
    { ...row, name: "b", grants: { "a:b/c": { supervise: "a" } } },
  ];
  assert.match(problem(manifest(supervised)), "/domains/1/grants/a:b/c: a has a replica on each CPU");
  assert.match(problem(manifest([row], { cpus: 0 })), "/cpus");
  assert.match(problem(manifest([row], { cpus: 33 })), "/cpus");
  assert.match(problem(manifest([{ ...row, cpu: -1 }])), "/domains/0/cpu");
  assert.match(problem(manifest([{ ...row, cpu: 0.5 }])), "/domains/0/cpu");
  assert.match(problem(manifest([{ ...row, replicas: "all" }])), "/domains/0/replicas");
  assert.is(problem(manifest([{ ...row, cpu: 31, grants: { "a:b/c": { host: "clock" } } }], { cpus: 32 })), "");
});

async function increments(): Promise<Uint8Array> {
  const { wat: text, world } = domain("inc", { exports: { call: "(i32.add (local.get $n) (i32.const 1))" } });
  return withWorld(await wat(text), world);
}

async function forwards(): Promise<Uint8Array> {
  const { wat: text, world } = domain("forward", {
    imports: { call: { kind: "host", bind: () => ({}) } },
    exports: { quick: "(call $call (local.get $n))" },
  });
  return withWorld(await wat(text), world);
}

test("the library: boot with CPUs, domains on them, calls that wait and calls that do not", async () => {
  const system = await boot({ cpus: 2 });
  const deaths: string[] = [];
  system.on((event) => {
    if (event.kind === "death") deaths.push(`${event.death.domain} on ${event.death.cpu}`);
  });
  await system.load("there", await increments(), { allowUnsigned: true, cpu: 1 });
  await system.load("here", await forwards(), { allowUnsigned: true, grants: { [id("call")]: "there" } });
  assert.equal(system.export("here", id("quick")).run?.(4), { ok: true, value: 5 });
  assert.equal(system.export("there", id("call")).run?.(8), { ok: true, value: 9 });
  const many = await Promise.all(Array.from({ length: 100 }, (_, n) => system.exportAsync("there", id("call")).run?.(n)));
  assert.equal(
    many.map((called) => called?.ok && called.value),
    Array.from({ length: 100 }, (_, n) => n + 1),
  );
  assert.equal(await system.exportAsync("here", id("quick")).run?.(1), { ok: true, value: 2 });
  assert.equal(
    system.domains().map(({ name, cpu }) => `${name} ${cpu}`),
    ["there 1", "here 0"],
  );
  system.kill("there");
  assert.equal(deaths, ["there on 1"]);
  const dead = await system.exportAsync("there", id("call")).run?.(1);
  assert.is(dead?.ok === false && dead.error.cause, "dead");
  system.destroy("there");
  await system.load("there", await increments(), { allowUnsigned: true, cpu: 1 });
  assert.equal(system.export("there", id("call")).run?.(1), { ok: true, value: 2 });
  await system.stop();
});

test("the library: functions of the application are on CPU 0, and there is no CPU beyond the last", async () => {
  const system = await boot({ cpus: 2 });
  const load = async (options: object): Promise<string> => {
    try {
      await system.load("x", await forwards(), { allowUnsigned: true, ...options });
    } catch (error) {
      return (error as SumacError).message;
    }
    return "";
  };
  assert.match(
    await load({ cpu: 1, grants: { [id("call")]: { run: (n: number) => n } } }),
    "is to be on CPU 1, and its test:api/call@0.1.0 is served on CPU 0",
  );
  assert.match(await load({ cpu: 2 }), "there are 2: the first is CPU 0");
  assert.match(await load({ cpu: 1 }), "imports test:api/call@0.1.0, which nothing grants");
  assert.equal(system.domains(), []);
  await system.stop();
});

test("the library: cpus is a whole number from 1 to 32", async () => {
  for (const cpus of [0, 33, 1.5, Number.NaN]) {
    let message = "";
    await boot({ cpus }).catch((error: Error) => {
      message = error.message;
    });
    assert.match(message, "from 1 to 32");
  }
});

test("replicas: a caller reaches the one of its own CPU, and one that died is alone in that", async () => {
  const system = await boot({ cpus: 2 });
  await system.load("inc", await increments(), { allowUnsigned: true, replicas: "per-cpu" });
  await system.load("front", await forwards(), { allowUnsigned: true, replicas: "per-cpu", grants: { [id("call")]: "inc" } });
  assert.equal(
    system.domains().map(({ name, cpu }) => `${name} ${cpu}`),
    ["inc 0", "inc@1 1", "front 0", "front@1 1"],
  );
  system.kill("inc@1");
  assert.equal(system.export("front", id("quick")).run?.(1), { ok: true, value: 2 });
  const there = system.export("front@1", id("quick")).run?.(1);
  assert.equal(there, { ok: true, value: 0 });
  system.destroy("inc");
  assert.equal(
    system.domains().map(({ name }) => name),
    ["front", "front@1"],
  );
  await system.stop();
});

test("a system on one CPU has its replicas too: one each", async () => {
  const system = await boot();
  await system.load("inc", await increments(), { allowUnsigned: true, replicas: "per-cpu" });
  assert.equal(
    system.domains().map(({ name, cpu }) => `${name} ${cpu}`),
    ["inc undefined"],
  );
  await system.stop();
});

test.run();
