/** A control socket on a system of the library's: in the event loop, in the middle of a call that never ends, on several CPUs, and at the end. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ask, converse, findSystem } from "../../host/cli/control-client.ts";
import { psLines } from "../../host/cli/running.ts";
import type { Deaths, Entries, Killed, Migrated, Request, Restarted, Snapshot } from "../../host/control/protocol.ts";
import type { SumacError } from "../../host/errors.ts";
import { attempt, call, domain } from "../support/domain.ts";
import { calls, host, type TestSystem, testSystem } from "../support/system.ts";

const test = suite<{ folder: string }>("control of a system", { folder: "" });

test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "sumac-control-"));
  process.env.XDG_RUNTIME_DIR = context.folder;
});
test.after(({ folder }) => rmSync(folder, { recursive: true }));

const ECHO = "(local.get $n)";
const FOR_EVER = "(loop $next (br $next)) (i32.const 0)";

async function asked<T>(name: string, request: Request): Promise<T> {
  return await ask<T>(await findSystem(name), request);
}

async function refusalOf(promise: Promise<unknown>): Promise<SumacError> {
  try {
    await promise;
  } catch (error) {
    return error as SumacError;
  }
  return assert.unreachable("nothing was refused") as never;
}

/** What the other process printed. */
async function outputOf(child: ChildProcess): Promise<string> {
  let text = "";
  child.stdout?.on("data", (chunk) => (text += chunk));
  child.stderr?.on("data", (chunk) => (text += chunk));
  await new Promise((resolve) => child.once("close", resolve));
  return text;
}

function helper(name: string, verb: string, of: string): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, "killer.ts"), name, verb, of], { stdio: ["ignore", "pipe", "pipe"] });
}

async function whenRunning(name: string, of: string, generation: number): Promise<void> {
  for (;;) {
    const { domains } = await asked<Snapshot>(name, { do: "ps" });
    if (domains.some((row) => row.name === of && row.generation >= generation && row.state === "running")) return;
  }
}

async function systemWith(name: string, cpus = 1): Promise<TestSystem> {
  return await testSystem({ heapMegabytes: 32, control: name, cpus });
}

test("control: ps tells what each domain has used, also after its death", async () => {
  const t = await systemWith("told");
  const body = `(if (i32.eq (local.get $n) (i32.const 7)) (then unreachable)) ${ECHO}`;
  const limits = { heapBytes: 8192 };
  const seat = await t.add(domain("callee", { exports: { call: body, give: "(call $new)" }, limits }));
  await t.add(domain("caller", { imports: { call: calls(seat) }, exports: { circle: "(call $call (local.get $n))" } }));
  for (let i = 0; i < 10; i++) assert.is(attempt(t, "caller", "circle", i === 7 ? 1 : i), `ok ${i === 7 ? 1 : i}`);
  assert.is(attempt(t, "caller", "circle", 7), "ok 0");
  const snapshot = await asked<Snapshot>("told", { do: "ps" });
  assert.is(snapshot.answering, true);
  assert.is(snapshot.system.pid, process.pid);
  assert.equal(snapshot.chains, [[]]);
  const [callee, caller] = snapshot.domains;
  assert.equal(
    [callee?.name, callee?.state, callee?.calls, callee?.failedCalls, callee?.deaths, callee?.lastCause],
    ["callee", "dead", 11, 1, 1, "trap"],
  );
  assert.equal([callee?.generation, callee?.heapLimitBytes, callee?.memoryBytes], [1, 8192, 0]);
  assert.equal([caller?.name, caller?.state, caller?.calls, caller?.failedCalls, caller?.memoryBytes], ["caller", "running", 11, 0, 65536]);
  const lines = psLines(snapshot);
  assert.match(lines[1] ?? "", /^DOMAIN +GEN +STATE +TIME +CALLS +ERRORS +DEATHS/);
  assert.match(lines[2] ?? "", /^callee +1 +dead +\d+\.\d\ds +11 +1 +1 +0 B/);
  await t.end();
});

test("control: a domain that never returns is ended from outside, and its caller is told", async () => {
  const t = await systemWith("endless");
  const spinner = await t.add(domain("spinner", { exports: { call: FOR_EVER }, limits: { callBudgetMs: 0 } }));
  await t.add(
    domain("caller", {
      imports: { call: calls(spinner) },
      exports: { circle: "(call $call (local.get $n))" },
      limits: { callBudgetMs: 0 },
    }),
  );
  const told = outputOf(helper("endless", "kill", "spinner"));
  assert.is(attempt(t, "caller", "circle", 1), "ok 0");
  assert.equal(
    t.system.kernel.deaths.list().map(({ domain: name, cause, detail }) => [name, cause, detail]),
    [["spinner", "killed", "killed through the control socket"]],
  );
  assert.equal(JSON.parse(await told) as Killed, { domain: "spinner", generation: 1, state: "dying" });
  await t.end();
});

test("control: restart starts the next generation of a domain that nobody supervises, also out of an endless call", async () => {
  const t = await systemWith("restarts");
  await t.add(domain("plain", { exports: { call: ECHO } }));
  await t.add(domain("spinner", { exports: { call: FOR_EVER }, limits: { callBudgetMs: 0 } }));
  assert.equal(await asked<Restarted>("restarts", { do: "restart", domain: "plain" }), {
    domain: "plain",
    generation: 1,
    state: "dead",
    by: "system",
  });
  await whenRunning("restarts", "plain", 2);
  assert.is(attempt(t, "plain", "call", 5), "ok 5");
  const told = outputOf(helper("restarts", "restart", "spinner"));
  assert.is(attempt(t, "spinner", "call", 1), "killed spinner#1");
  assert.equal(JSON.parse(await told) as Restarted, { domain: "spinner", generation: 1, state: "dying", by: "system" });
  await whenRunning("restarts", "spinner", 2);
  t.system.kill("plain");
  assert.equal(await asked<Restarted>("restarts", { do: "restart", domain: "plain" }), {
    domain: "plain",
    generation: 2,
    state: "none",
    by: "system",
  });
  await whenRunning("restarts", "plain", 3);
  await t.end();
});

test("control: under supervision kill is a failure and restart is none", async () => {
  const t = await testSystem({ heapMegabytes: 32, control: "group", supervision: { intensity: 1, periodMs: 600_000 } });
  await t.add(domain("member", { exports: { call: ECHO } }));
  t.system.supervise("member", {});
  for (let generation = 1; generation <= 4; generation++) {
    const { by } = await asked<Restarted>("group", { do: "restart", domain: "member" });
    assert.is(by, "system");
    await whenRunning("group", "member", generation + 1);
  }
  assert.is(t.system.gaveUp, undefined);
  await asked<Killed>("group", { do: "kill", domain: "member", reason: "one" });
  await whenRunning("group", "member", 6);
  await asked<Killed>("group", { do: "kill", domain: "member#6", reason: "two" });
  while (t.system.gaveUp === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  const { code } = await refusalOf(asked("group", { do: "restart", domain: "member" }));
  assert.is(code, "usage");
  await t.end();
});

test("control: a name that is nobody's, and a generation that is gone, are refused with what there is", async () => {
  const t = await systemWith("names");
  await t.add(domain("only", { exports: { call: ECHO } }));
  const nobody = await refusalOf(asked("names", { do: "kill", domain: "nobody" }));
  assert.is(nobody.code, "no-such-domain");
  assert.match(nobody.message, /names: no domain "nobody" here; there is: only/);
  assert.match(
    (await refusalOf(asked("names", { do: "kill", domain: "only#2" }))).message,
    /only#2 is not there any more: now it is only#1/,
  );
  assert.equal(await asked<Killed>("names", { do: "kill", domain: "only#1", reason: "enough" }), {
    domain: "only",
    generation: 1,
    state: "dead",
  });
  assert.match((await refusalOf(asked("names", { do: "kill", domain: "only" }))).message, /only is dead/);
  const { total, deaths } = await asked<Deaths>("names", { do: "why" });
  assert.equal([total, deaths[0]?.domain, deaths[0]?.detail], [1, "only", "enough"]);
  assert.is((await refusalOf(findSystem("others"))).code, "no-such-system");
  await t.end();
});

test("control: logs tell lines, deaths and restarts in order, of one domain or of all, until the end", async () => {
  const t = await systemWith("logs");
  const say = `(memory (export "m") 1) (data (i32.const 0) "hello\\1b")`;
  const body = "(call $log (i32.const 0) (i32.const 6)) (local.get $n)";
  await t.add(domain("talker", { exports: { call: body }, kernel: ["log"], code: say.replace('(export "m") ', "") }));
  await t.add(domain("other", { exports: { call: ECHO } }));
  call(t, "talker", "call", 1);
  t.system.kill("other");
  const { entries } = await asked<Entries>("logs", { do: "logs", last: 10, follow: false });
  assert.equal(
    entries.map(({ kind, domain: name, generation }) => `${kind} ${name}#${generation}`),
    ["log talker#1", "death other#1"],
  );
  assert.match(entries[0]?.text ?? "", /^hello/);
  const followed: string[] = [];
  const following = (async () => {
    for await (const value of converse<Entries>(await findSystem("logs"), { do: "logs", last: 0, follow: true, domain: "talker" })) {
      for (const { text } of value.entries) followed.push(text.slice(0, 5));
      if (followed.length === 0) call(t, "talker", "call", 1);
    }
  })();
  while (followed.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const { path } = t.system.control ?? { path: "" };
  assert.ok(existsSync(path));
  await t.end();
  await following;
  assert.equal(followed, ["hello"]);
  assert.not.ok(existsSync(path));
});

test("control: a kernel that does not answer is told so, and its numbers are there all the same", async () => {
  const t = await systemWith("silent");
  await t.add(domain("callee", { exports: { call: ECHO } }));
  for (let i = 0; i < 5; i++) attempt(t, "callee", "call", i);
  await asked<Snapshot>("silent", { do: "ps" });
  const script = `
    import { ask, findSystem } from ${JSON.stringify(join(import.meta.dirname, "../../host/cli/control-client.ts"))};
    const system = await findSystem("silent");
    let snapshot;
    do snapshot = await ask(system, { do: "ps" }); while (snapshot.answering);
    const code = await ask(system, { do: "kill", domain: "callee" }).then(() => "done", (error) => error.code);
    console.log(JSON.stringify({ snapshot, code }));`;
  // The host's own code has the thread until the other process has ended: neither a safepoint nor a turn of the event loop.
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  const { snapshot, code } = JSON.parse(stdout) as { snapshot: Snapshot; code: string };
  assert.is(code, "system-busy");
  assert.equal([snapshot.domains[0]?.calls, snapshot.domains[0]?.state], [5, "running"]);
  assert.match(psLines(snapshot)[1] ?? "", /^does not answer for 0:\d\d/);
  // What nobody waited for any more was not done either.
  await asked<Snapshot>("silent", { do: "ps" });
  assert.is(attempt(t, "callee", "call", 3), "ok 3");
  await t.end();
});

test("control: on several CPUs domains are seen, ended and restarted wherever they are", async () => {
  const t = await systemWith("cpus", 2);
  await t.add(domain("here", { exports: { call: ECHO } }));
  const far = await t.add({ ...domain("there", { exports: { call: FOR_EVER }, limits: { callBudgetMs: 0 } }), cpu: 1 });
  assert.is(attempt(t, "here", "call", 1), "ok 1");
  const told = outputOf(helper("cpus", "kill", "there"));
  assert.is(attempt(t, "there", "call", 1), "killed there#1");
  const { state } = JSON.parse(await told) as Killed;
  assert.ok(state === "dying" || state === "dead", `its own CPU ends it: ${state}`);
  const { domains } = await asked<Snapshot>("cpus", { do: "ps" });
  assert.equal(
    domains.map(({ name, cpu, calls: made, state: now }) => [name, cpu, made, now]),
    [
      ["here", 0, 1, "running"],
      ["there", 1, 1, "dead"],
    ],
  );
  assert.is((await asked<Restarted>("cpus", { do: "restart", domain: "there" })).by, "system");
  await whenRunning("cpus", "there", 2);
  assert.ok(t.system.kernel.occupant(far) !== undefined);
  await t.end();
});

test("control: migrate has a domain go on on another CPU, or says what keeps it", async () => {
  const t = await systemWith("moves", 2);
  await t.add(domain("mover", { exports: { call: ECHO } }));
  await t.add(domain("bound", { imports: { call: host({ run: (n = 0) => n }) }, exports: { quick: "(call $call (local.get $n))" } }));
  assert.equal(await asked<Migrated>("moves", { do: "migrate", domain: "mover", cpu: 1 }), {
    domain: "mover",
    generation: 1,
    from: 0,
    cpu: 1,
  });
  assert.is(attempt(t, "mover", "call", 4), "ok 4");
  const { domains } = await asked<Snapshot>("moves", { do: "ps" });
  assert.equal(
    domains.map(({ name, cpu, calls: made }) => [name, cpu, made]),
    [
      ["mover", 1, 1],
      ["bound", 0, 0],
    ],
  );
  assert.equal(await asked<Migrated>("moves", { do: "migrate", domain: "mover", cpu: 0 }), {
    domain: "mover",
    generation: 1,
    from: 1,
    cpu: 0,
  });
  const { code, message } = await refusalOf(asked("moves", { do: "migrate", domain: "bound", cpu: 1 }));
  assert.is(code, "usage");
  assert.match(message, /is served on CPU 0/);
  assert.is((await refusalOf(asked("moves", { do: "migrate", domain: "mover", cpu: 7 }))).code, "usage");
  const main = join(import.meta.dirname, "../../host/cli/main.ts");
  const sumac = (...args: string[]): Promise<string> =>
    outputOf(spawn(process.execPath, [main, "migrate", ...args, "--system", "moves"], { stdio: ["ignore", "pipe", "pipe"] }));
  assert.is(await sumac("mover", "1"), "mover#1 went from CPU 0 to CPU 1\n");
  assert.is(await sumac("mover", "1"), "mover#1 is on CPU 1 already\n");
  assert.equal(JSON.parse(await sumac("mover", "0", "--json")), { ok: true, domain: "mover", generation: 1, from: 1, cpu: 0 });
  assert.match(await sumac("bound", "1"), /domain bound: cannot go to CPU 1: .*is served on CPU 0/);
  await t.end();
});

test.run();
