/** Pages of interfaces: their text (golden; run with UPDATE_GOLDEN=1 after a wanted change), their links, and that nothing is lost. */
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseWit } from "../../host/idl/idl.ts";
import { anchorOf } from "../../host/idl/pages/text.ts";
import { full, generated, golden, ownInterfaces, root } from "./sample-packages.ts";

const test = suite("interface pages");

test("generatePackages writes the golden pages", async () => {
  const { pages } = await full();
  assert.equal([...pages.keys()], ["full.md", "README.md"]);
  for (const [name, text] of pages) {
    const file = join(golden, `${name}.txt`);
    if (process.env.UPDATE_GOLDEN) await writeFile(file, text);
    assert.fixture(text, await readFile(file, "utf8"), name);
  }
});

test("every comment, function, type, case and field of the interfaces is on its page", async () => {
  const { pages } = generated(await ownInterfaces(), []);
  const names = (await readdir(join(root, "interfaces"))).filter((name) => name.endsWith(".wit"));
  for (const name of names) {
    const wit = await readFile(join(root, "interfaces", name), "utf8");
    const stem = /^package [\w-]+:([\w-]+)/m.exec(wit)?.[1] ?? "";
    const page = pages.get(`${stem}.md`) ?? "";
    const comments = [...wit.matchAll(/^ *\/\/\/ *([^@\s].*)$/gm)].map(([, text = ""]) => text);
    assert.ok(comments.length > 0);
    for (const text of comments) assert.ok(page.replaceAll("\\|", "|").includes(text.trim()), `${name}: ${text}`);
    for (const [, item = ""] of wit.matchAll(/^ +%?([a-z][a-z0-9-]*)(?:: |,$)/gm)) assert.ok(page.includes(item), `${name}: ${item}`);
    for (const [, , type = ""] of wit.matchAll(/^ +(resource|enum|record|flags) %?([\w-]+)/gm)) {
      assert.match(page, new RegExp(`^### .*\\.${type}\`$`, "m"), `${name}: ${type}`);
    }
  }
});

test("every link of docs/interfaces leads to a file and a heading that exist", async () => {
  const folder = join(root, "docs/interfaces");
  const pages = (await readdir(folder)).filter((name) => name.endsWith(".md"));
  assert.ok(pages.length >= 3);
  for (const name of pages) {
    const text = await readFile(join(folder, name), "utf8");
    for (const [, target = ""] of text.matchAll(/\]\(([^)]+)\)/g)) {
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? join(folder, name) : join(folder, path);
      assert.ok(existsSync(file), `${name}: ${target}`);
      if (anchor === undefined) continue;
      const headings = [...(await readFile(file, "utf8")).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading));
      assert.is(headings.filter((heading) => heading === anchor).length, 1, `${name}: ${target}`);
    }
  }
});

test("packages of one name get pages of their own, in any order of the files", () => {
  const texts = ["a:x@1.0.0", "a:x@2.0.0", "b:x@1.0.0", "c:readme", "c:y"].map((id) => `package ${id}; interface i { f: func(); }`);
  const files = texts.map((text, index) => parseWit(text, `${index}.wit`));
  const { pages, types } = generated(files, []);
  assert.equal([...pages.keys()].sort(), ["README.md", "a-x-1.0.0.md", "a-x-2.0.0.md", "b-x.md", "c-readme.md", "y.md"]);
  assert.equal(generated(files.toReversed(), []).pages, pages);
  assert.equal(generated(files.toReversed(), []).types, types);
});

test("generatePackages refuses what cannot cross, and names that mean nothing", () => {
  const bad = parseWit("package a:b; interface i { f: func(error: error-context); }", "bad.wit");
  assert.throws(() => generated([bad], []), /bad\.wit:1:\d+: .*error-context/);
  const unknown = parseWit("package a:b; interface i { use c:d/e.{t}; }", "unknown.wit");
  assert.throws(() => generated([unknown], []), /unknown\.wit:1:\d+: /);
});

test("the file of a page, a comment and an attribute stand where readers look for them", async () => {
  const { pages } = await full();
  const page = pages.get("full.md") ?? "";
  assert.match(page, /^<!-- Generated from wit\/full\.wit by `sumac bindgen`; change that, not this\. -->\n/);
  assert.match(page, /`@deadline 5ms`: /);
  assert.match(page, /`@reentrant`: /);
  assert.match(page, /\*\*Deprecated\*\* since version 0\.2\.0/);
  assert.match(page, /\| `on` \| `bool` \| 0 \| 1 \| Whether it counts\. \|/);
  assert.match(page, /\| `into` \| \[`mix`\]\([^)]*\) \| word 1: its base \| moves to the callee \|/);
  assert.match(page, /\| `other` \| `borrow<block>` \| word 1: its base \| borrowed/);
});

test.run();
