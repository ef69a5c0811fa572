/** `sumac ps`, `logs`, `kill`, `restart`, `heap` and `why --running` beside a system that `sumac run` runs, whose thread is busy all the time. */
import { chmodSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Deaths, Entry, Killed, Restarted, Snapshot } from "../../host/control/protocol.ts";
import type { NamedHeapReport } from "../../host/system/heap-report.ts";
import { LiveSystem } from "./live-system.ts";
import { lastJson } from "./support.ts";

const test = suite<{ live: LiveSystem }>("commands beside a running system", {} as { live: LiveSystem });

test.before(async (context) => {
  context.live = await LiveSystem.start("--kill-every", "0");
});
test.after(async ({ live }) => await live.end());

const linesOf = (text: string): string[] => text.trimEnd().split("\n");

test("ps: a line for each domain, and with --json all that is known of them", async ({ live }) => {
  const text = await live.sumac("ps");
  assert.is(text.status, 0, text.stderr);
  const [head = "", titles = "", ...rows] = linesOf(text.stdout);
  assert.match(head, new RegExp(`^scrub \\(${live.pid}\\), up \\d+:\\d\\d, 1 CPU$`));
  assert.match(titles, /^DOMAIN +GEN +STATE +TIME +CALLS +ERRORS +DEATHS +HEAP +OBJ +MEMORY +THR$/);
  assert.equal(
    rows.map((row) => row.split(/\s+/)[0]),
    ["nvme-driver", "disk-shadow", "scrubber"],
  );
  const json = lastJson<Snapshot & { ok: boolean }>(await live.sumac("ps", "--system", String(live.pid), "--json"));
  assert.is(json.ok, true);
  assert.is(json.answering, true);
  assert.equal(json.chains[0]?.[0], "scrubber");
  const [driver, shadow, scrubber] = json.domains;
  assert.ok(driver !== undefined && shadow !== undefined && scrubber !== undefined);
  assert.ok(driver.calls > 100 && driver.cpuMicros > 0 && driver.heapBytes >= 20_480, JSON.stringify(driver));
  assert.is(scrubber.calls, 1);
  assert.equal(
    json.devices.map(({ name, model, inFlight }) => [name, model, typeof inFlight]),
    [["disk", "nvme", "number"]],
  );
});

test("kill: the driver dies as it is told, its shadow restarts it, logs and why tell of it", async ({ live }) => {
  const killed = await live.sumac("kill", "nvme-driver", "--reason", "a test of kill");
  assert.is(killed.status, 0, killed.stderr);
  // On a busy machine it may have died of its deadline before.
  const [, generation = ""] = /^nvme-driver#(\d+) (is dead|ends at its next safepoint)\n$/.exec(killed.stdout) ?? [];
  const next = Number(generation) + 1;
  const { domains } = await live.until(({ domains: rows }) =>
    rows.some((row) => row.name === "nvme-driver" && row.generation >= next && row.state === "running"),
  );
  assert.ok((domains[0]?.deaths ?? 0) >= Number(generation) && (domains[0]?.restarts ?? 0) >= Number(generation));
  const entries = linesOf((await live.sumac("logs", "nvme-driver", "-n", "200", "--json")).stdout).map((line) => JSON.parse(line) as Entry);
  const told = entries.map(({ kind, generation: of, text }) => `${kind} ${of} ${text}`);
  const at = told.indexOf(`death ${generation} killed: a test of kill`);
  assert.ok(at >= 0, told.join("\n"));
  assert.is(told[at + 1], `restart ${next} started again, from snapshot`);
  const why = await live.sumac("why", "--running");
  assert.match(why.stdout, /^scrub \(\d+\), running: \d+ deaths?\n/);
  assert.match(why.stdout, /\nnvme-driver#\d+ died: killed: a test of kill\n/);
  const json = lastJson<Deaths>(await live.sumac("why", "--system", "scrub", "--json"));
  assert.ok(json.total >= 1 && json.deaths.some(({ domain, detail }) => domain === "nvme-driver" && detail === "a test of kill"));
});

test("restart: waits until the next generation runs, and says who has it started", async ({ live }) => {
  const json = lastJson<Restarted & { ok: boolean; next: number | null }>(await live.sumac("restart", "disk-shadow", "--json"));
  assert.equal([json.ok, json.domain, json.generation, json.by, json.next], [true, "disk-shadow", 1, "system", 2]);
  const text = await live.sumac("restart", "nvme-driver");
  assert.match(text.stdout, /^nvme-driver#(\d+) ended, nvme-driver#\d+ runs\n$/);
  await live.until(({ chains }) => chains[0]?.includes("nvme-driver") === true);
});

test("heap: who owns what, by name", async ({ live }) => {
  const json = lastJson<NamedHeapReport & { ok: boolean; system: string }>(await live.sumac("heap", "--json"));
  assert.equal([json.ok, json.system], [true, "scrub"]);
  assert.ok(Object.values(json.typeNames).includes("sumac:nvme-driver/structures@0.1.0#queues"));
  const text = await live.sumac("heap");
  assert.match(text.stdout, /^\d+ objects, .* of .*, \d+ borrows, \d+ orphans\n\d+ of \d+ spans used/);
  assert.match(text.stdout, /\nnvme-driver#\d+ +\d+ +\S+ KiB +64\.0 KiB +\d+ {2}.*queues/);
});

test("commands beside a running system: what is wrong is one line with exit code 2", async ({ live }) => {
  for (const [args, line] of [
    [["kill", "nobody"], /^sumac: no-such-domain: scrub: no domain "nobody" here; there is: nvme-driver, disk-shadow, scrubber\n$/],
    [["ps", "--system", "other"], /^sumac: no-such-system: no system "other": there is: scrub \(\d+\)\n$/],
    [["logs", "nobody"], /^sumac: no-such-domain: /],
    [["top"], /^sumac: usage: top: draws on a terminal, and this is none: use --json/],
    [["why", "some.json", "--running"], /^sumac: usage: some\.json: /],
  ] as const) {
    const { status, stderr } = await live.sumac(...args);
    assert.is(status, 2, stderr);
    assert.match(stderr, line);
  }
});

test("logs -f: goes on until the system ends; the job of a domain that was killed has failed; the socket is gone", async ({ live }) => {
  const following = live.sumac("logs", "-f", "-n", "0");
  // Its first line comes within a second or two: then it follows.
  const json = live.sumac("top", "--json", "--interval", "0.1", "--count", "3");
  const looks = linesOf((await json).stdout).map((line) => JSON.parse(line) as Snapshot & { callsPerSecond: number | null });
  assert.is(looks.length, 3);
  assert.is(looks[0]?.callsPerSecond, null);
  assert.ok((looks[2]?.callsPerSecond ?? 0) > 0);
  const killed = lastJson<Killed>(await live.sumac("kill", "scrubber", "--json"));
  assert.equal([killed.domain, killed.state], ["scrubber", "dying"]);
  assert.is(await live.ended(), 1, live.output);
  assert.match(live.output, /error +killed: scrubber: .*killed through the control socket/);
  const { status, stdout } = await following;
  assert.is(status, 0);
  assert.match(stdout, /scrubber#1 died: killed: killed through the control socket\n$/);
  assert.equal(readdirSync(join(live.folder, "sumac")), []);
  assert.match((await live.sumac("ps")).stderr, /^sumac: no-such-system: no system: none runs here: start one with `sumac run`\n$/);
});

test("run: without a folder for its socket the job is done all the same, with a warning; --no-control wants none", async ({ live }) => {
  const input = join(live.folder, "input");
  writeFileSync(input, Buffer.alloc(100_000, 3));
  chmodSync(join(live.folder, "sumac"), 0o755);
  const args = [
    "run",
    resolve("systems/copy.json"),
    "--input",
    input,
    "--image",
    join(live.folder, "image"),
    "--trust",
    resolve(".sumac/dev-key.pub.pem"),
    "--json",
  ];
  const warned = await live.sumac(...args);
  assert.is(warned.status, 0, warned.stderr);
  assert.match(warned.stderr, /^sumac: warning: control socket: .*sumac may be entered by others: chmod 700 .*\n$/);
  assert.is(lastJson<{ ok: boolean }>(warned).ok, true);
  const silent = await live.sumac(...args, "--no-control");
  assert.equal([silent.status, silent.stderr], [0, ""]);
});

test.run();
