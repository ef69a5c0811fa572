/** `sumac bindgen`: the tree is what its .wit generates; what is stale, left over or bad is said in one line. */
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeBindings, writeBindings } from "../../host/build/bindgen.ts";
import { lastJson, type Run, sumac } from "./support.ts";

const test = suite<{ root: string }>("cli bindgen");
const TREE = join(import.meta.dirname, "..", "..");

/** What bindgen reads and writes, in a folder of its own. */
test.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), "sumac-bindgen-"));
  for (const path of [
    "interfaces",
    "docs/interfaces",
    "host/interfaces",
    "host/kernel/host/host-values.ts",
    "domains-as/apps",
    "domains-as/shadows",
  ]) {
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

/** What is not as it would be generated, relative to the folder. */
async function state(root: string): Promise<{ stale: string[]; leftover: string[] }> {
  const { stale, leftover } = await makeBindings(root, []);
  const inside = (files: readonly string[]): string[] => files.map((file) => relative(root, file).replaceAll("\\", "/"));
  return { stale: inside(stale), leftover: inside(leftover) };
}

test("bindgen --check finds nothing to do in the tree, from any folder of it", () => {
  for (const folder of [TREE, join(TREE, "host")]) {
    const run = sumac(folder, "bindgen", "--check", "--json");
    assert.is(run.status, 0, run.stderr);
    const report = lastJson<{ ok: boolean; files: number; written: string[]; removed: string[] }>(run);
    assert.equal([report.ok, report.written, report.removed], [true, [], []]);
    assert.ok(report.files > 20);
  }
});

test("bindgen --check names the first file that is stale, and writes nothing", async ({ root }) => {
  assert.equal(await state(root), { stale: [], leftover: [] });
  const wit = join(root, "interfaces/io.wit");
  writeFileSync(wit, readFileSync(wit, "utf8").replace("The host could not read.", "It could not be read."));
  const page = readFileSync(join(root, "docs/interfaces/io.md"), "utf8");
  const run = sumac(root, "bindgen", "--check", "--json");
  refused(run, "generated-stale", /: docs\/interfaces\/io\.md: .*`sumac bindgen`/);
  assert.is(lastJson<{ error: { code: string } }>(run).error.code, "generated-stale");
  assert.is(readFileSync(join(root, "docs/interfaces/io.md"), "utf8"), page);
  const written = sumac(root, "bindgen", "--json");
  assert.equal(lastJson<{ written: string[] }>(written).written, ["docs/interfaces/io.md", "host/interfaces/io.ts"]);
  assert.equal(await state(root), { stale: [], leftover: [] });
});

test("a file that is missing, changed or left over is found; nobody's own file is touched", async ({ root }) => {
  rmSync(join(root, "domains-as/shadows/bdev/gen/world.ts"));
  cpSync(join(root, "domains-as/apps/copier/gen/bdev.ts"), join(root, "domains-as/shadows/bdev/gen/gone.ts"));
  appendFileSync(join(root, "host/interfaces/block.ts"), "\n");
  writeFileSync(join(root, "docs/interfaces/notes.md"), "Somebody's own page.\n");
  assert.equal(await state(root), {
    stale: ["domains-as/shadows/bdev/gen/world.ts", "host/interfaces/block.ts"],
    leftover: ["domains-as/shadows/bdev/gen/gone.ts"],
  });
  await writeBindings(await makeBindings(root, []));
  rmSync(join(root, "interfaces/device.wit"));
  const { stale, leftover } = await state(root);
  assert.equal(stale, ["docs/interfaces/README.md", "host/interfaces/interface-types.ts"]);
  assert.equal(leftover, ["docs/interfaces/device.md", "host/interfaces/device.ts"]);
  const report = lastJson<{ removed: string[] }>(sumac(root, "bindgen", "--json"));
  assert.equal(report.removed, leftover);
  assert.ok(existsSync(join(root, "docs/interfaces/notes.md")));
  cpSync(join(TREE, "docs/interfaces/device.md"), join(root, "docs/interfaces/device.md"));
  refused(sumac(root, "bindgen", "--check"), "generated-stale", /docs\/interfaces\/device\.md: nothing generates it any more/);
});

test("bindgen writes the same bytes again, and leaves unchanged files alone", ({ root }) => {
  const file = join(root, "docs/interfaces/block.md");
  const before = statSync(file).mtimeMs;
  assert.equal(lastJson<{ written: string[] }>(sumac(root, "bindgen", "--json")).written, []);
  assert.is(statSync(file).mtimeMs, before);
  for (const path of ["docs/interfaces", "host/interfaces"]) rmSync(join(root, path), { recursive: true });
  assert.is(sumac(join(root, "interfaces"), "bindgen").status, 0);
  for (const path of [
    "docs/interfaces/block.md",
    "docs/interfaces/README.md",
    "host/interfaces/job.ts",
    "host/interfaces/interface-types.ts",
  ]) {
    assert.is(readFileSync(join(root, path), "utf8"), readFileSync(join(TREE, path), "utf8"), path);
  }
});

test("bindgen PATHS looks at these alone: a domain, domains below a folder, a folder of .wit files", async ({ root }) => {
  rmSync(join(root, "domains-as/shadows/bdev/gen"), { recursive: true });
  rmSync(join(root, "docs/interfaces/block.md"));
  refused(
    sumac(root, "bindgen", "domains-as", "--check"),
    "generated-stale",
    /domains-as\/shadows\/bdev\/gen\/.*`sumac bindgen domains-as`/,
  );
  assert.is(sumac(root, "bindgen", "domains-as").status, 0);
  assert.not.ok(existsSync(join(root, "docs/interfaces/block.md")));
  assert.is(sumac(root, "bindgen", "interfaces", "domains-as/apps/copier").status, 0);
  assert.equal(await state(root), { stale: [], leftover: [] });

  mkdirSync(join(root, "mine"));
  writeFileSync(
    join(root, "mine/mine.wit"),
    "package acme:mine@0.1.0;\ninterface i { use sumac:block/types@0.1.0.{block}; f: func(b: block) -> u64; }\n",
  );
  const report = lastJson<{ written: string[] }>(sumac(root, "bindgen", "mine", "--json"));
  assert.equal(report.written, ["mine/gen/README.md", "mine/gen/interface-types.ts", "mine/gen/mine.md", "mine/gen/mine.ts"]);
  assert.match(readFileSync(join(root, "mine/gen/mine.ts"), "utf8"), /^\/\/ Generated from mine\/mine\.wit by `sumac bindgen`.*\n/);
  assert.match(readFileSync(join(root, "mine/gen/mine.md"), "utf8"), /\]\(\.\.\/mine\.wit\)/);
  assert.is(sumac(root, "bindgen", "mine", "--check").status, 0);
});

test("bad input is one line and changes nothing", ({ root }) => {
  refused(sumac(root, "bindgen", "nowhere"), "file-missing", /nowhere: no such folder/);
  refused(sumac(root, "bindgen", "package.json"), "file-missing", /package\.json: is not a folder/);
  refused(sumac(root, "bindgen", "host"), "file-missing", /host: holds no \.wit file/);
  refused(sumac(root, "bindgen", "--chekc"), "usage", /--check/);
  rmSync(join(root, "docs/interfaces"), { recursive: true });
  writeFileSync(join(root, "interfaces/bad.wit"), "package a:bad;\ninterface i { f: func(text: nope); }\n");
  refused(sumac(root, "bindgen"), "wit-invalid", /interfaces\/bad\.wit:2:/);
  writeFileSync(join(root, "interfaces/bad.wit"), "package a:bad;\ninterfaec i {}\n");
  refused(sumac(root, "bindgen", "--check"), "wit-syntax", /interfaces\/bad\.wit:2:1/);
  assert.not.ok(existsSync(join(root, "docs/interfaces")));
  mkdirSync(join(root, "empty"));
  writeFileSync(join(root, "empty/package.json"), "{}");
  refused(sumac(join(root, "empty"), "bindgen"), "file-missing", /neither interfaces\/ nor domains/);
});

test.run();
