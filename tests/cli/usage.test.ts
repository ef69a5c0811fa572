/** The command line itself: help, unknown verbs and options, exit codes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sumac } from "./support.ts";

const test = suite<{ root: string }>("cli usage");

test.before((context) => {
  context.root = mkdtempSync(join(tmpdir(), "sumac-usage-"));
});
test.after(({ root }) => rmSync(root, { recursive: true }));

test("an unknown verb or option is one line with the nearest one, exit 2", ({ root }) => {
  for (const [args, hint] of [
    [["sgin"], "sign"],
    [["verfy", "x"], "verify"],
    [["verify", "--jsno", "x"], "--json"],
    [["run", "x", "--kill-evry", "3"], "--kill-every"],
    [["frobnicate"], "--help"],
    [["verify"], "module"],
    [["verify", "a", "b"], "too many arguments"],
    [["sign", "a", "--key"], "--key"],
    [["run", "x", "--seed", "-1"], "--seed"],
    [["run", "x", "--kill-every", "-1"], "--kill-every"],
    [["run", "x", "--kill-every", "fast"], "--kill-every"],
  ] as const) {
    const run = sumac(root, ...args);
    assert.is(run.status, 2, args.join(" "));
    assert.match(run.stderr, /^sumac: usage: [^\n]+\n$/);
    assert.ok(run.stderr.includes(hint), run.stderr);
    assert.is(run.stdout, "");
  }
});

test("help and version go to stdout with exit 0", ({ root }) => {
  for (const args of [["--help"], ["help", "sign"], ["verify", "--help"], ["--version"]]) {
    const run = sumac(root, ...args);
    assert.is(run.status, 0);
    assert.is(run.stderr, "");
    assert.ok(run.stdout.length > 0);
  }
});

test("no verb at all prints the help and exits with 2", ({ root }) => {
  const run = sumac(root);
  assert.is(run.status, 2);
  assert.match(run.stderr, /Usage: sumac/);
});

test("a stack trace appears with --verbose only", ({ root }) => {
  assert.not.match(sumac(root, "verify", "x.wasm").stderr, /\n {4}at /);
  assert.match(sumac(root, "verify", "x.wasm", "--verbose").stderr, /\n {4}at /);
  assert.match(sumac(root, "--verbose", "verify", "x.wasm").stderr, /\n {4}at /);
});

test.run();
