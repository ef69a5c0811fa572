/** The job of a manifest that is a thread: what its end means, deaths and later generations, and what is wrong with a manifest. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildDomain } from "../../host/build/build.ts";
import { type JobOutcome, runJob } from "../../host/cli/run-job.ts";
import { type Booted, bootManifest } from "../../host/system/boot.ts";

const test = suite("job in a thread");
const WORLD = "package test:worker@0.1.0;\nworld worker { export init: func(); }\n";
const INDEX = `import * as threads from "sumac/thread";
function nap(_: u32): i32 { threads.sleep(100000); return 0; }
function fail(_: u32): i32 { return 7; }
function wait(_: u32): i32 { threads.park(); return 0; }
export function init(): void {
  threads.create<u32>(nap, 0, "nap");
  threads.create<u32>(fail, 0, "fail");
  threads.create<u32>(wait, 0, "wait");
}
`;
const folder = mkdtempSync(join(tmpdir(), "sumac-job-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, "worker"));
writeFileSync(join(folder, "worker/world.wit"), WORLD);
writeFileSync(join(folder, "worker/index.ts"), INDEX);
const module = join(folder, "worker.wasm");
writeFileSync(module, (await buildDomain(join(folder, "worker"), undefined)).wasm);

let serial = 0;
async function boot(main: object, domain: object = {}): Promise<Booted> {
  const path = join(folder, `system-${serial++}.json`);
  const worker = { name: "worker", module, limits: { threads: 8 }, ...domain };
  writeFileSync(path, JSON.stringify({ name: "job", domains: [worker], main: { domain: "worker", ...main } }));
  return bootManifest(path, { trusted: [], unsigned: [module] });
}

async function outcomeOf(thread: string, meanwhile: (booted: Booted) => void = () => {}, domain: object = {}): Promise<JobOutcome> {
  const booted = await boot({ thread }, domain);
  try {
    const job = runJob(booted);
    meanwhile(booted);
    return await job;
  } finally {
    await booted.finish(false);
  }
}

test("thread that returns 0: the job is done; another number is its error", async () => {
  assert.equal(await outcomeOf("nap"), { kind: "report", fields: {} });
  assert.equal(await outcomeOf("fail"), { kind: "error", name: "7" });
});

test("thread of a domain that dies: so did the job, and says why", async () => {
  const outcome = await outcomeOf("wait", ({ system }) => system.kill("worker", "by the test"));
  assert.equal(outcome, { kind: "ended", detail: "worker: the thread wait was ended: its domain worker died" });
});

test("thread of a domain that is restarted: the job goes on in the next generation", async () => {
  const supervised = { supervision: {} };
  let generations: number[] = [];
  const outcome = await outcomeOf(
    "nap",
    ({ system }) => {
      system.kernel.events.on((event) => {
        if (event.kind === "restart") generations = [...generations, event.generation];
      });
      system.kill("worker", "by the test");
    },
    supervised,
  );
  assert.equal(outcome, { kind: "report", fields: {} });
  assert.equal(generations, [2]);
});

test("thread that ends before anybody asks for it is the job all the same", async () => {
  const booted = await boot({ thread: "fail" });
  try {
    // Whoever boots has something else to do first.
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(await runJob(booted), { kind: "error", name: "7" });
  } finally {
    await booted.finish(false);
  }
});

for (const restart of ["temporary", "transient"]) {
  test(`thread of a domain that is killed and not restarted, as its supervision is ${restart}: the job has ended`, async () => {
    const isOver = outcomeOf("wait", ({ system }) => system.kill("worker", "by the test"), { supervision: { restart } });
    const outcome = await Promise.race([isOver, new Promise((resolve) => setTimeout(resolve, 2000, "waits for ever"))]);
    assert.equal(outcome, { kind: "ended", detail: "worker: the thread wait was ended: its domain worker died" });
  });
}

test("thread of a domain that somebody has restarted, though nobody does by itself: the job goes on", async () => {
  assert.equal(await outcomeOf("nap", ({ system }) => system.restart("worker", "by the test")), { kind: "report", fields: {} });
});

test("thread that is none of its domain's init is refused", async () => {
  const booted = await boot({ thread: "other" });
  try {
    await runJob(booted).then(
      () => assert.unreachable(),
      (error) => assert.match(String(error), /has started no thread "other" in its init/),
    );
  } finally {
    await booted.finish(false);
  }
});

test("manifest: a job is a method or a thread, of a domain that may have some, on CPU 0", async () => {
  for (const [main, domain, complaint] of [
    [{}, {}, /\/main: names neither an interface with its method nor a thread alone/],
    [{ thread: "nap", interface: "a:b/c", method: "run" }, {}, /\/main: names neither/],
    [{ method: "run" }, {}, /\/main: names neither/],
    [{ thread: "nap" }, { limits: { threads: 0 } }, /\/main\/thread: domain worker may have no threads/],
    [{ thread: "nap" }, { cpu: 1 }, /\/main\/thread: domain worker is not on CPU 0/],
  ] as const) {
    await boot(main, domain).then(
      () => assert.unreachable(),
      (error) => assert.match(String(error), complaint),
    );
  }
});

test.run();
