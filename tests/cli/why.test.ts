/** `sumac run` leaves why domains died, where it may; `sumac why` tells it. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { WhyFile } from "../../host/cli/why-file.ts";
import { lastJson, type Run, sumac } from "./support.ts";

const SYSTEM = resolve("systems/copy.json");
const KEY = resolve(".sumac/dev-key.pub.pem");

interface Context {
  root: string;
}

const test = suite<Context>("why", { root: "" });

test.before((context) => {
  context.root = mkdtempSync(join(tmpdir(), "sumac-why-"));
  writeFileSync(join(context.root, "package.json"), "{}");
  writeFileSync(join(context.root, "input"), Buffer.alloc(1_000_000, 7));
});

test.after(({ root }) => rmSync(root, { recursive: true, force: true }));

function copy(cwd: string, root: string, ...args: string[]): Run {
  return sumac(cwd, "run", SYSTEM, "--input", join(root, "input"), "--image", join(root, "image"), "--trust", KEY, ...args);
}

test("why: a run prints where domains died at once, and leaves a file that tells it again", ({ root }) => {
  const ran = copy(root, root, "--kill-every", "0.3", "--seed", "7");
  assert.is(ran.status, 0, ran.stderr);
  assert.match(
    ran.stdout,
    /nvme-driver#1 died: .*\n {2}in sumac:block\/bdev@0\.1\.0#write for copier#1 → disk-shadow#1, at .*\.ts:\d+:\d+\)/,
  );
  assert.match(ran.stdout, /why they died: sumac why\n/);
  assert.is(readFileSync(join(root, ".sumac", ".gitignore"), "utf8"), "*\n");

  const told = sumac(root, "why");
  assert.is(told.status, 0, told.stderr);
  assert.match(told.stdout, /copy\.json, ended .*: \d+ deaths\n/);
  assert.match(told.stdout, /\n {4}at transfer\/transfer \(\w+\.ts:\d+:\d+\)\n/);
  assert.match(told.stdout, /\n {2}called by disk-shadow#1\n {4}at /);

  const json = lastJson<WhyFile & { ok: boolean }>(sumac(root, "why", "--json"));
  assert.is(json.ok, true);
  assert.is(json.deaths.length, json.total);
  assert.equal(json.deaths[0]?.callers, [
    { domain: "copier", generation: 1 },
    { domain: "disk-shadow", generation: 1 },
  ]);
});

test("why: --why names another file, with --json too; the record of an earlier run does not outlive the next", ({ root }) => {
  const elsewhere = join(root, "elsewhere.json");
  const ran = copy(root, root, "--kill-every", "0.5", "--json", "--why", elsewhere);
  assert.is(lastJson<{ ok: boolean }>(ran).ok, true);
  assert.match(sumac(root, "why", elsewhere).stdout, /nvme-driver#1 died/);
  const own = join(root, ".sumac", "deaths.json");
  copyFileSync(elsewhere, own);
  assert.is(copy(root, root, "--kill-every", "0").status, 0);
  assert.match(sumac(root, "why").stdout, /nobody died/);
});

test("why: below a project's folder, or where there is none, nothing is written unasked", ({ root }) => {
  const below = join(root, "below");
  mkdirSync(below);
  rmSync(join(root, ".sumac"), { recursive: true, force: true });
  const ran = copy(below, root, "--kill-every", "0.5");
  assert.is(ran.status, 0, ran.stderr);
  assert.match(ran.stdout, /run with --why FILE\n/);
  assert.not.ok(existsSync(join(below, ".sumac")) || existsSync(join(root, ".sumac")));
});

test("why: a domain that fails to start is told, although the run ends with an error", ({ root }) => {
  const domain = join(root, "bad");
  mkdirSync(domain);
  writeFileSync(join(domain, "world.wit"), "package t:bad@0.1.0; world bad { export init: func(); }");
  writeFileSync(join(domain, "index.ts"), 'export function init(): void {\n  assert(false, "never");\n}\n');
  assert.is(sumac(root, "build", "bad", "-o", "bad.wasm").status, 0);
  const system = {
    name: "bad",
    domains: [{ name: "bad", module: "bad.wasm" }],
    main: { domain: "bad", interface: "t:bad/x@0.1.0", method: "x" },
  };
  writeFileSync(join(root, "bad.json"), JSON.stringify(system));
  const ran = sumac(root, "run", "bad.json");
  assert.is(ran.status, 2);
  assert.match(ran.stderr, /^sumac: domain-failed-to-start: .*never \(index\.ts:2:3\)\n$/);
  assert.match(ran.stdout, /bad#1 died: trap: never \(index\.ts:2:3\)\n {2}in init\n/);
  assert.match(sumac(root, "why").stdout, /in init\n/);
});

test("why: a file that is missing or tells of no deaths is refused, and control characters in it are shown", ({ root }) => {
  const refused = (file: string, code: string): void => {
    const { status, stderr } = sumac(root, "why", file);
    assert.is(status, 2);
    assert.match(stderr, new RegExp(`^sumac: ${code}: .*${file}.*\n$`));
  };
  refused("none.json", "file-missing");
  const death = { domain: "d", generation: 1, cause: "trap", detail: "\u001b[2Jx", callers: [], stack: [], lastLines: ["\u0007"] };
  const content = { format: 1, system: "s", endedAt: "now", total: 1, deaths: [death] };
  for (const [i, wrong] of [
    "{",
    "null",
    "{}",
    JSON.stringify({ ...content, format: 2 }),
    JSON.stringify({ ...content, deaths: [{ ...death, stack: [{}] }] }),
    JSON.stringify({ ...content, deaths: [{ ...death, callers: undefined }] }),
  ].entries()) {
    writeFileSync(join(root, `wrong-${i}.json`), wrong);
    refused(`wrong-${i}.json`, "file-unreadable");
  }
  writeFileSync(join(root, "hostile.json"), JSON.stringify(content));
  const { stdout } = sumac(root, "why", "hostile.json");
  assert.match(stdout, "d#1 died: trap: \\x1b[2Jx\n");
  assert.match(stdout, "    | \\x07\n");
});

test.run();
