/** `sumac bindgen` and the record of published interfaces: refused changes, --publish, --check, and a damaged record. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeBindings } from "../../host/build/bindgen.ts";
import { lastJson, type Run, sumac } from "./support.ts";

const test = suite<{ root: string }>("cli publish");
const TREE = join(import.meta.dirname, "..", "..");

test.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), "sumac-publish-"));
  for (const path of ["interfaces", "docs/interfaces", "host/interfaces", "host/kernel/host/host-calls.ts"]) {
    cpSync(join(TREE, path), join(context.root, path), { recursive: true });
  }
  writeFileSync(join(context.root, "package.json"), "{}");
});
test.after.each(({ root }) => rmSync(root, { recursive: true }));

function refused(run: Run, code: string, pattern: RegExp): void {
  assert.is(run.status, 2, run.stdout + run.stderr);
  assert.match(run.stderr, new RegExp(`^sumac: ${code}: [^\\n]+\\n$`));
  assert.match(run.stderr, pattern);
}

function edit(file: string, from: string, to: string): void {
  const text = readFileSync(file, "utf8");
  assert.ok(text.includes(from), from);
  writeFileSync(file, text.replaceAll(from, to));
}

test("the record of the project names every interface, as it is", async () => {
  const { unrecorded } = await makeBindings(TREE, []);
  assert.equal(unrecorded, []);
  const record = JSON.parse(readFileSync(join(TREE, "interfaces/published.json"), "utf8")) as Record<string, { lines: string[] }>;
  const ids = Object.keys(record);
  assert.equal(ids, [...ids].sort());
  assert.ok(ids.includes("sumac:block/bdev@0.1.0"));
  for (const [id, { lines }] of Object.entries(record)) assert.is(lines[0], `interface ${id}`);
});

test("bindgen and bindgen --check refuse a changed interface, and write nothing", ({ root }) => {
  edit(join(root, "interfaces/block.wit"), "unavailable,", "unavailable, asleep,");
  const page = readFileSync(join(root, "docs/interfaces/block.md"), "utf8");
  for (const args of [[], ["--check"], ["interfaces"]]) {
    refused(
      sumac(root, "bindgen", ...args),
      "wit-invalid",
      /: interfaces\/block\.wit:15:8: `sumac:block\/bdev@0\.1\.0` is not what was published under this version: .*enum\{io,out-of-range,unavailable\}` has become .*asleep.*: raise the package's version to 0\.2\.0 \(not compatible.*--publish/,
    );
  }
  assert.is(readFileSync(join(root, "docs/interfaces/block.md"), "utf8"), page);
});

test("bindgen --publish records the change, and says what it replaced", ({ root }) => {
  edit(join(root, "interfaces/io.wit"), "  size: func() -> u64;", "  size: func() -> u64;\n  more: func();");
  refused(sumac(root, "bindgen"), "wit-invalid", /io\.wit:19:3: .*`func more\(\)` is new: .* 0\.1\.1 \(only additions/);
  const run = sumac(root, "bindgen", "--publish", "--json");
  const { written, republished } = lastJson<{ written: string[]; republished: string[] }>(run);
  for (const file of ["docs/interfaces/io.md", "host/interfaces/io.ts", "interfaces/published.json"])
    assert.ok(written.includes(file), file);
  assert.is(republished.length, 1);
  assert.match(republished[0] ?? "", /^interfaces\/io\.wit:19:3: .*`func more\(\)` is new: only additions: importers need no change$/);
  assert.is(sumac(root, "bindgen", "--check").status, 0);
  assert.equal(lastJson<{ written: string[] }>(sumac(root, "bindgen", "--publish", "--json")).written, []);
});

test("a new version and a new interface are drafts until they are published; --check wants them recorded", ({ root }) => {
  edit(join(root, "interfaces/io.wit"), "package sumac:io@0.1.0", "package sumac:io@0.2.0");
  edit(join(root, "interfaces/io.wit"), "size: func() -> u64", "size: func() -> u32");
  const run = sumac(root, "bindgen", "--json");
  assert.is(run.status, 0, run.stderr);
  assert.match(
    lastJson<{ unrecorded: string[] }>(run).unrecorded.join(),
    /^interfaces\/io\.wit:4:11: `sumac:io\/file@0\.2\.0` is not recorded/,
  );
  refused(
    sumac(root, "bindgen", "--check"),
    "generated-stale",
    /io\.wit:4:11: .*not recorded in interfaces\/published\.json: run `sumac bindgen --publish`/,
  );
  assert.is(sumac(root, "bindgen", "--publish").status, 0);
  assert.is(sumac(root, "bindgen", "--check").status, 0);
  const record = JSON.parse(readFileSync(join(root, "interfaces/published.json"), "utf8"));
  assert.ok("sumac:io/file@0.1.0" in record && "sumac:io/file@0.2.0" in record);
});

test("an interface that vanished from its package is reported; a package that moved on is not", ({ root }) => {
  const file = join(root, "interfaces/job.wit");
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace(/\/\/\/ Where a job[\s\S]*?\n}\n/, ""));
  refused(
    sumac(root, "bindgen"),
    "wit-invalid",
    /interfaces\/job\.wit:1:9: `sumac:job\/progress@0\.1\.0` was published, and the package has it no more: raise/,
  );
  edit(file, "package sumac:job@0.1.0", "package sumac:job@0.2.0");
  assert.is(sumac(root, "bindgen").status, 0);
});

test("a folder of one's own is recorded once it is published, and free before", ({ root }) => {
  mkdirSync(join(root, "mine"));
  const wit = join(root, "mine/mine.wit");
  writeFileSync(wit, "package acme:mine@1.0.0;\ninterface i { f: func(); }\n");
  for (const text of ["f: func();", "f: func(a: u8);"]) {
    writeFileSync(wit, `package acme:mine@1.0.0;\ninterface i { ${text} }\n`);
    assert.is(sumac(root, "bindgen", "mine").status, 0);
    assert.is(sumac(root, "bindgen", "mine", "--check").status, 0);
  }
  assert.not.ok(existsSync(join(root, "mine/published.json")));
  assert.is(sumac(root, "bindgen", "mine", "--publish").status, 0);
  writeFileSync(wit, "package acme:mine@1.0.0;\ninterface i { f: func(); }\n");
  refused(
    sumac(root, "bindgen", "mine"),
    "wit-invalid",
    /mine\/mine\.wit:2:15: .*`func f\(a:u8\)` has become `func f\(\)`: raise the package's version to 2\.0\.0/,
  );
});

test("a record that is no JSON, no record or altered is refused with its remedy", ({ root }) => {
  const file = join(root, "interfaces/published.json");
  const good = readFileSync(file, "utf8");
  for (const [text, pattern] of [
    ["{", /interfaces\/published\.json: .*JSON.*: restore it/],
    ["[]", /must hold an object: restore it/],
    ['{"a:b/c@1.0.0": {"hash": 1}}', /\/a:b\/c@1\.0\.0 must have a "hash" and "lines"/],
    [good.replace("func flush(", "func flash("), /\/sumac:block\/bdev@0\.1\.0 has a hash that is not that of its lines/],
  ] as const) {
    writeFileSync(file, text);
    for (const args of [[], ["--check"], ["--publish"]]) refused(sumac(root, "bindgen", ...args), "wit-invalid", pattern);
  }
  refused(sumac(root, "bindgen", "--check", "--publish"), "usage", /--check writes nothing and --publish does/);
});

test.run();
