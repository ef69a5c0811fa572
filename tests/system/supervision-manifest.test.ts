/** Supervision as a manifest says it: what is accepted, what is refused, what `sumac explain` shows, and how `sumac run` tells that a system gave up. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SumacError } from "../../host/errors.ts";
import type { KernelEvent } from "../../host/kernel/events.ts";
import type { SupervisionSettings } from "../../host/supervision/settings.ts";
import { bootManifest } from "../../host/system/boot.ts";
import { type ManifestDomain, parseManifest } from "../../host/system/manifest.ts";
import { lastJson, sumac } from "../cli/support.ts";
import { domain, type Parts } from "../support/domain.ts";
import { host, type TestDomain, withWorld } from "../support/system.ts";
import { wat } from "../support/wat.ts";
import { id } from "../support/world.ts";

const test = suite("supervision in a manifest");
const folder = mkdtempSync(join(tmpdir(), "sumac-supervision-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const CALL = id("call");
const JOB = "test:job/job@0.1.0";

function manifest(supervision: unknown, domains: readonly unknown[]): string {
  return JSON.stringify({ name: "m", domains, ...(supervision === undefined ? {} : { supervision }) });
}

const ONE = { name: "a", module: "a.wasm" };

test("parseManifest: every option of supervision is accepted, and all of them may be left out", () => {
  const supervisions: readonly SupervisionSettings[] = [
    {},
    { strategy: "one_for_one", intensity: 0, periodMs: 1, firstWaitMs: 0, mostWaitMs: 0, jitter: 0 },
    {
      strategy: "rest_for_one",
      groups: {
        inner: { parent: "outer", strategy: "one_for_all", intensity: 9, periodMs: 100, firstWaitMs: 2, mostWaitMs: 4, jitter: 1 },
        outer: { restart: "temporary" },
      },
    },
  ];
  for (const each of supervisions) assert.equal(parseManifest(manifest(each, [ONE]), "m.json").supervision, each);
  const health = { interface: CALL, method: "run", everyMs: 100, deadlineMs: 0.5 };
  const members: readonly ManifestDomain["supervision"][] = [
    {},
    { restart: "transient" },
    { restart: "temporary", group: "system", health },
    { restart: "permanent" },
  ];
  for (const each of members) {
    assert.equal(parseManifest(manifest({}, [{ ...ONE, supervision: each }]), "m.json").domains[0]?.supervision, each);
  }
});

test("parseManifest: what does not fit is refused with its place", () => {
  const b = (more: object): object => ({ name: "b", module: "b.wasm", ...more });
  const shadowed = [
    { ...ONE, supervision: { restart: "permanent" } },
    b({ grants: { "sumac:kernel/supervisor@0.1.0": { supervise: "a" } } }),
  ];
  for (const [supervision, domains, message] of [
    [{ strategy: "all_for_one" }, [ONE], /\/supervision\/strategy/],
    [{ intensity: -1 }, [ONE], /\/supervision\/intensity/],
    [{ periodMs: 0 }, [ONE], /\/supervision\/periodMs/],
    [{ jitter: 2 }, [ONE], /\/supervision\/jitter/],
    [{ restart: "permanent" }, [ONE], /\/supervision\/restart: unknown field/],
    [{ groups: { x: { parent: "y" } } }, [ONE], /\/supervision\/groups\/x\/parent: no group "y" here; there is: system, x/],
    [{ groups: { x: { parent: "y" }, y: { parent: "x" } } }, [ONE], /\/supervision\/groups\/x: is in a circle of parents/],
    [{ groups: { system: {} } }, [ONE], /\/supervision\/groups\/system: is the system's own group/],
    [{ groups: { X: {} } }, [ONE], /\/supervision\/groups/],
    [{}, [{ ...ONE, supervision: { group: "x" } }], /\/domains\/0\/supervision\/group: no group "x" here; there is: system/],
    [{}, [{ ...ONE, supervision: { restart: "always" } }], /\/domains\/0\/supervision\/restart/],
    [{}, [{ ...ONE, supervision: { health: { interface: CALL, method: "run" } } }], /\/domains\/0\/supervision\/health/],
    [{}, [{ ...ONE, supervision: { tries: 3 } }], /\/domains\/0\/supervision\/tries: unknown field/],
    [{}, shadowed, /\/domains\/0\/supervision\/restart: b is granted "supervise" and restarts a: leave "restart" out/],
    [{}, [ONE, b({ grants: { [CALL]: { host: "clock", rebind: true } } })], /\/domains\/1\/grants/],
    [{}, [ONE, b({ grants: { [CALL]: { domain: "a", rebind: "yes" } } })], /\/domains\/1\/grants\/.*\/rebind/],
  ] as const) {
    assert.throws(
      () => parseManifest(manifest(supervision, domains), "m.json"),
      (error: SumacError) => {
        assert.is(error.code, "manifest-invalid");
        assert.match(error.message, message);
        return true;
      },
    );
  }
});

const MORTAL: Parts = { exports: { call: "(if (i32.eqz (local.get $n)) (then unreachable)) (local.get $n)" } };

/** A job that calls `call` with 0 until that answers, which it never does, or so often as its first page says. */
function job(times: number): TestDomain {
  const { world } = domain("job", { imports: { call: host({}) } });
  return {
    name: "job",
    world: world
      .replace("world domain { ", `world domain { export ${JOB}; `)
      .concat("\npackage test:job@0.1.0 { interface job { enum error { broken } run: func() -> result<_, error>; } }"),
    wat: `(module (import "${CALL}" "run" (func $call (param i32) (result i32))) (memory 1)
      (func (export "${JOB}#run") (result i32) (local $i i32)
        (loop $l (drop (call $call (i32.const 0))) (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${times}))))
        (if (i32.ne (call $call (i32.const 5)) (i32.const 5)) (then (return (i32.const 1)))) (i32.const 1)))`,
  };
}

async function write(name: string, { world, wat: text }: TestDomain): Promise<string> {
  const file = join(folder, `${name}.wasm`);
  writeFileSync(file, withWorld(await wat(text), world));
  return file;
}

async function system(times: number, supervision: SupervisionSettings): Promise<string[]> {
  const files = [await write("mortal", domain("mortal", MORTAL)), await write("job", job(times))];
  const domains = [
    { name: "mortal", module: "mortal.wasm", supervision: { group: "storage" } },
    { name: "job", module: "job.wasm", grants: { [CALL]: { domain: "mortal", rebind: true } }, limits: { callBudgetMs: 60_000 } },
  ];
  const whole = { name: "giving-up", supervision, domains, main: { domain: "job", interface: JOB, method: "run" } };
  writeFileSync(join(folder, "system.json"), JSON.stringify(whole));
  return ["run", "system.json", ...files.flatMap((file) => ["--unsigned", file])];
}

test("boot: domains restart by the numbers of their groups, and links that follow reach them", async () => {
  await system(3, { groups: { storage: { intensity: 10, firstWaitMs: 0 } } });
  const events: KernelEvent[] = [];
  const unsigned = [join(folder, "mortal.wasm"), join(folder, "job.wasm")];
  const booted = await bootManifest(join(folder, "system.json"), { trusted: [], unsigned, onEvent: (event) => void events.push(event) });
  assert.is(booted.system.export("job", JOB).run?.().ok, true);
  assert.is(booted.system.seat("mortal").current?.generation, 4);
  assert.equal(booted.system.gaveUp, undefined);
  assert.is(events.filter(({ kind }) => kind === "recovered").length, 3);
  await booted.finish(false);
});

test("run: a system that gives up ends with exit code 3, and says why with the whole chain, in text and in JSON", async () => {
  const groups = { storage: { intensity: 1, firstWaitMs: 0 } } as const;
  const args = await system(0, { intensity: 1, firstWaitMs: 0, groups });
  const run = sumac(folder, ...args);
  assert.is(run.status, 3, run.stderr + run.stdout);
  assert.match(run.stdout, /giving-up: FAILED/);
  assert.match(run.stdout, /gave-up: system gave up: 2 failures within 5000 ms, where 1 restarts are allowed/);
  const lines = run.stdout.split("\n").filter((line) => /^ {4}\S/.test(line));
  assert.equal(
    lines.map((line) => line.trim().replace(/: .*/, "")),
    ["mortal#1 trap", "mortal#2 trap", "storage gave-up", "mortal#3 trap", "mortal#4 trap", "storage gave-up", "system gave-up"],
  );
  const json = lastJson<{ ok: boolean; error: { code: string; message: string; chain: { domain: string }[] } }>(
    sumac(folder, ...args, "--json"),
  );
  assert.is(json.ok, false);
  assert.is(json.error.code, "gave-up");
  assert.equal(
    json.error.chain.map(({ domain: name }) => name),
    ["mortal", "mortal", "storage", "mortal", "mortal", "storage", "system"],
  );
});

test("explain: groups with their numbers, who restarts a domain, and which grants follow, in text and in JSON", async () => {
  await system(1, { strategy: "rest_for_one", groups: { storage: { intensity: 7, restart: "temporary" } } });
  const { stdout, status } = sumac(folder, "explain", "system.json");
  assert.is(status, 0);
  assert.match(
    stdout,
    /who restarts with whom\n {2}system: rest_for_one, 3 restarts in 5000 ms, waits 1 to 1000 ms, jitter 0\.5: no domain of its own\n/,
  );
  assert.match(stdout, / {4}storage: one_for_one, 7 restarts in 5000 ms, .*, stays down when it gives up: mortal\n/);
  assert.match(stdout, / {2}restart {2}permanent in storage\n/);
  assert.match(stdout, /from mortal, each generation\n/);
  interface Explained {
    groups: { name: string; parent: string; intensity: number }[];
    domains: { name: string; supervision: object | null; imports: { rebind: boolean }[] }[];
  }
  const json = lastJson<Explained>(sumac(folder, "explain", "system.json", "--json"));
  assert.equal(
    json.groups.map(({ name, parent, intensity }) => ({ name, parent, intensity })),
    [
      { name: "system", parent: "", intensity: 3 },
      { name: "storage", parent: "system", intensity: 7 },
    ],
  );
  const supervised = { group: "storage", restart: "permanent", shadow: null, health: null };
  assert.equal(
    json.domains.map(({ name, supervision }) => [name, supervision]),
    [
      ["job", null],
      ["mortal", supervised],
    ],
  );
  assert.is(json.domains[0]?.imports[0]?.rebind, true);
  await system(1, { groups: { storage: { intensity: 8 } } });
  writeFileSync(join(folder, "before.json"), JSON.stringify({ name: "giving-up", domains: [{ name: "mortal", module: "mortal.wasm" }] }));
  assert.match(sumac(folder, "explain", "before.json", "system.json").stdout, /\+ mortal: supervision: \{"group":"storage"\}/);
});

test.run();
