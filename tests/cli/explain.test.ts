/** `sumac explain` as a user runs it: a system, two systems, two modules, and every kind of bad input. */
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseDot } from "../explain/dot.ts";
import { wat } from "../support/wat.ts";
import { world } from "../support/world.ts";
import { lastJson, type Run, sumac } from "./support.ts";

const test = suite<{ root: string }>("cli explain");

const ROOT = join(import.meta.dirname, "..", "..");
let small: Uint8Array;
let large: Uint8Array;

test.before(async () => {
  const code = (count: number): string =>
    `(func (export "test:api/call@0.1.0#run") (param i32) (result i32) ${"nop ".repeat(count)} local.get 0)`;
  const section = (text: string): string => `(@custom "sumac:world" ${JSON.stringify(text).replaceAll("\\n", "\\0a")})`;
  small = await wat(`(module (memory 1) ${code(1)} ${section(world({ exports: ["call"] }))})`);
  large = await wat(`(module (memory 2 5) ${code(9)} ${section(world({ imports: ["quick"], exports: ["call"] }))})`);
});
test.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), "sumac-explain-"));
  writeFileSync(join(context.root, "small.wasm"), small);
  writeFileSync(join(context.root, "large.wasm"), large);
  writeFileSync(join(context.root, "s.json"), system({}));
});
test.after.each(({ root }) => rmSync(root, { recursive: true }));

function system(grants: object): string {
  return JSON.stringify({
    name: "s",
    domains: [
      { name: "a", module: "small.wasm" },
      { name: "b", module: "large.wasm", grants: { "test:api/quick@0.1.0": { domain: "a" }, ...grants } },
    ],
  });
}

function refused(run: Run, code: string, pattern: RegExp): void {
  assert.is(run.status, 2, run.stdout + run.stderr);
  assert.match(run.stderr, new RegExp(`^sumac: ${code}: [^\n]+\n$`));
  assert.match(run.stderr, pattern);
  assert.is(run.stdout, "");
}

test("the project's own systems are explained, with a signer where their modules are built", () => {
  const run = sumac(ROOT, "explain", "systems/copy.json");
  assert.is(run.status, 0, run.stderr);
  assert.match(run.stdout, /copier → disk-shadow → nvme-driver → PCI 01:08:02 → device disk \(nvme\) → image \$\{image\}/);
  if (existsSync(join(ROOT, "build", "domains", "apps", "copier.wasm")))
    assert.match(run.stdout, /copier\.wasm: signed by dev, sha256 [0-9a-f]{64}/);
  assert.is(sumac(ROOT, "explain", "systems/copy.json").stdout, run.stdout);
});

test("a system without its modules is explained all the same", ({ root }) => {
  cpSync(join(ROOT, "systems", "copy.json"), join(root, "copy.json"));
  const run = sumac(root, "explain", "copy.json", "--json");
  assert.is(run.status, 0, run.stderr);
  const { domains, reach } = lastJson<{ domains: { module: { state: string } }[]; reach: object[] }>(run);
  assert.equal(
    domains.map(({ module }) => module.state),
    ["missing", "missing", "missing"],
  );
  assert.ok(reach.length > 0);
});

test("modules are shown as they are: unsigned, signed, by a stranger, damaged, no file, missing", ({ root }) => {
  const state = (): string[] =>
    lastJson<{ domains: { module: { state: string; signer?: string } }[] }>(sumac(root, "explain", "s.json", "--json")).domains.map(
      ({ module }) => module.signer ?? module.state,
    );
  assert.equal(state(), ["unsigned", "unsigned"]);
  sumac(root, "sign", "small.wasm");
  sumac(root, "keygen", "--out", "keys/alice.pem");
  sumac(root, "sign", "large.wasm", "--key", "keys/alice.pem");
  assert.equal(state(), ["dev", "refused"]);
  assert.match(sumac(root, "explain", "s.json", "--trust", "keys/alice.pub.pem").stdout, /large\.wasm: signed by alice/);
  writeFileSync(join(root, "small.wasm"), "hello");
  rmSync(join(root, "large.wasm"));
  assert.equal(state(), ["unreadable", "missing"]);
  mkdirSync(join(root, "large.wasm"));
  rmSync(join(root, "small.wasm"));
  spawnSync("mkfifo", [join(root, "small.wasm")]);
  assert.is(state()[1], "unreadable");
  assert.is.not(state()[0], "signed");
});

test("what would not boot is a problem, and the exit code stays 0", ({ root }) => {
  const run = sumac(root, "explain", "s.json");
  assert.is(run.status, 0);
  assert.match(run.stdout, /problem {2}test:api\/quick@0\.1\.0: a does not export it/);
});

test("--dot is a graph", ({ root }) => {
  const { nodes, edges } = parseDot(sumac(root, "explain", "s.json", "--dot").stdout);
  assert.equal([...nodes.values()], ['"a"', '"b"']);
  assert.is(edges, 1);
});

test("two systems and two modules: text and JSON", ({ root }) => {
  writeFileSync(join(root, "t.json"), system({ "x:y/clock": { host: "clock" } }));
  const systems = sumac(root, "explain", "s.json", "t.json");
  assert.is(systems.stdout, "s.json → t.json\n  + b: grant x:y/clock: host clock\n  + b: reach host clock: directly\n");
  const same = lastJson<object>(sumac(root, "explain", "s.json", "s.json", "--json"));
  assert.equal(same, { ok: true, kind: "system-diff", before: "s.json", after: "s.json", equal: true, changes: [] });
  const run = sumac(root, "explain", "small.wasm", "large.wasm", "--json");
  assert.is(run.status, 0, run.stderr);
  const { kind, equal, changes } = lastJson<{ kind: string; equal: boolean; changes: { change: string; what: string }[] }>(run);
  assert.equal([kind, equal], ["module-diff", false]);
  assert.equal(
    changes.map(({ change, what }) => `${change} ${what}`),
    ["added import", "changed memory", "changed code", "changed size", "changed content"],
  );
  assert.match(
    sumac(root, "explain", "small.wasm", "large.wasm").stdout,
    /\+ import test:api\/quick@0\.1\.0\n.*1 page, no maximum → 2 pages, at most 5/,
  );
});

test("signing a module changes its signer and size, not its content", ({ root }) => {
  sumac(root, "sign", "small.wasm", "-o", "signed.wasm");
  const { stdout } = sumac(root, "explain", "small.wasm", "signed.wasm");
  assert.match(stdout, /~ size: .*\n {2}~ signer: \(unsigned\) → dev\n$/);
});

test("bad input ends with exit code 2 and one line", async ({ root }) => {
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(root, name), content);
    return name;
  };
  refused(sumac(root, "explain"), "usage", /subject/);
  refused(sumac(root, "explain", "s.json", "s.json", "s.json"), "usage", /too many/);
  refused(sumac(root, "explain", "nothing.json"), "file-missing", /nothing\.json: no such file; check the path/);
  refused(sumac(root, "explain", "."), "file-unreadable", /\.: is not a file/);
  refused(sumac(root, "explain", "small.wasm"), "usage", /small\.wasm: is a module: .*sumac inspect/);
  refused(sumac(root, "explain", "small.wasm", "s.json"), "usage", /small\.wasm is a module and s\.json a system/);
  refused(sumac(root, "explain", "s.json", "s.json", "--dot"), "usage", /--dot draws one system/);
  refused(sumac(root, "explain", "s.json", "--dto"), "usage", /--dot/);
  refused(sumac(root, "explain", file("bad.json", "{")), "manifest-invalid", /bad\.json: is not JSON/);
  refused(sumac(root, "explain", file("bytes.json", Uint8Array.of(0xff))), "manifest-invalid", /neither a module nor UTF-8/);
  refused(sumac(root, "explain", file("shape.json", '{"name":"x"}')), "manifest-invalid", /shape\.json/);
  refused(sumac(root, "explain", file("cut.wasm", small.subarray(0, 40)), "small.wasm"), "module-malformed", /cut\.wasm: .*at byte 0x/);
  refused(
    sumac(root, "explain", "small.wasm", file("no.wasm", await wat("(module)"))),
    "module-refused",
    /no\.wasm: has no section "sumac:world"/,
  );
  const evil = await wat('(module (@custom "sumac:world" "package a:b;\\0aworld \\1b[2J {}"))');
  const run = sumac(root, "explain", "small.wasm", file("evil.wasm", evil));
  refused(run, "wit-syntax", /evil\.wasm/);
  assert.not.match(run.stderr.trimEnd(), /[\p{Cc}\p{Cf}]/u);
  const both = sumac(root, "explain", "s.json", "--dot", "--json");
  assert.is(both.status, 2);
  assert.is(lastJson<{ error: { code: string } }>(both).error.code, "usage");
  if (process.getuid?.() !== 0) {
    chmodSync(join(root, "s.json"), 0);
    refused(sumac(root, "explain", "s.json"), "file-unreadable", /s\.json: cannot be read \(EACCES\)/);
  }
});

test.run();
