/** The gate of the border: an import that somebody declares by hand in a domain is found, with its place and a remedy. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const test = suite<{ root: string }>("check-domains");
const TREE = join(import.meta.dirname, "..", "..");
const SCRIPT = join(TREE, "scripts", "check-domains.ts");

const CLEAN = [
  "// declare function inAComment(): void;",
  '/* @external("a", "b") */',
  "const text: string = \"declare function inAString(): void; @external('a', 'b')\";",
  "export function declareFunction(): void {}",
  "",
].join("\n");

test.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), "sumac-domains-"));
  plant(context.root, "apps/one/index.ts", CLEAN);
  plant(context.root, "lib/sumac/guard.ts", "export declare function load8(off: u32): u32;\n");
  plant(context.root, "apps/one/gen/bdev.ts", generated);
});
test.after.each(({ root }) => rmSync(root, { recursive: true }));

const generated = readFileSync(join(TREE, "domains-as/apps/copier/gen/bdev.ts"), "utf8");

function plant(root: string, name: string, text: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
}

function check(root: string): { status: number | null; problems: string[]; summary: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, "."], { cwd: root, encoding: "utf8" });
  return { status, problems: stderr.split("\n").filter((line) => line !== ""), summary: stdout.trim() };
}

test("the gate runs it, and the tree passes", () => {
  const { scripts } = JSON.parse(readFileSync(join(TREE, "package.json"), "utf8")) as { scripts: Record<string, string> };
  assert.match(scripts["ok:static"] ?? "", /&& node scripts\/check-domains\.ts/);
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT], { cwd: TREE, encoding: "utf8" });
  assert.is(status, 0, stderr);
});

test("library, generated files, comments and strings may say what they like", ({ root }) => {
  assert.match(generated, /@external/);
  assert.equal(check(root), { status: 0, problems: [], summary: "2 sources of domains, 0 problems" });
});

const PLANTED: readonly (readonly [text: string, place: string, found: string])[] = [
  ["declare function log(ptr: usize, bytes: u32): void;", "1:1", "declare function"],
  ["export declare function log(ptr: usize, bytes: u32): void;", "1:8", "declare function"],
  ["\n  export declare /* no */\n function log(): void;", "2:10", "declare function"],
  ['/** Text. */ @external("kernel", "log")\nfunction f(): void {}', "1:14", "@external"],
  ["const a = '\"'; declare const ticks: i32;", "1:16", "declare const"],
  ["declare namespace kernel { function log(): void; }", "1:1", "declare namespace"],
  ["const note = `declare function`;\ndeclare function f(): void;", "2:1", "declare function"],
];

test("a planted import is found wherever it stands, with place and remedy", ({ root }) => {
  for (const [text, place, found] of PLANTED) {
    plant(root, "apps/one/index.ts", text);
    const { status, problems, summary } = check(root);
    assert.is(status, 1, text);
    assert.is(problems.length, 1, text);
    assert.ok(
      problems[0]?.startsWith(`apps/one/index.ts:${place}: \`${found}\` declares an import by hand: import it through`),
      problems[0],
    );
    assert.is(summary, "2 sources of domains, 1 problems");
  }
});

test("a file of one's own in gen/, or in a folder called lib further down, is checked", ({ root }) => {
  plant(root, "apps/one/gen/mine.ts", "declare function f(): void;\n");
  plant(root, "apps/one/lib/deep.ts", "declare function f(): void;\n");
  assert.equal(
    check(root).problems.map((line) => line.split(": ")[0]),
    ["apps/one/gen/mine.ts:1:1", "apps/one/lib/deep.ts:1:1"],
  );
});

test("a folder without sources is a mistake, not a pass", ({ root }) => {
  rmSync(join(root, "apps"), { recursive: true });
  assert.is(check(root).status, 1);
});

test.run();
