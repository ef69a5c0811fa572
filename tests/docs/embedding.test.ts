/** docs/embedding.md is built, compiled against its generated types, and run as it is printed. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

const folder = resolve("build/embedding-test");

test("docs/embedding.md: every file and command works as printed, and the program has the types that it says", () => {
  rmSync(folder, { recursive: true, force: true });
  const markdown = readFileSync("docs/embedding.md", "utf8");
  const found = markdown.matchAll(/`([\w./-]+)`\n\n```\w+\n([\s\S]*?)```/g);
  const files = new Map([...found].map(([, name = "", text = ""]) => [name, text]));
  assert.equal([...files.keys()], ["shop/wit/shop.wit", "shop/world.wit", "shop/index.ts", "main.ts"]);
  for (const [name, text] of files) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const outputs = [...markdown.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, command = ""]) => {
    const [program = "", ...args] = command
      .trim()
      .replace(/^npx sumac/, `node ${resolve("host/cli/main.ts")}`)
      .split(" ");
    assert.is(program, "node");
    return execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  });
  const output = outputs.at(-1) ?? "";
  assert.match(output, /\{ ok: true, value: \{ tag: 'ok', val: 450n \} \}/);
  assert.match(output, /val: \{ tag: 'empty' \}/);
  assert.match(output, /told: acme:shop\/prices@1\.0\.0#price-of Error: the catalogue is on fire/);
  assert.match(output, /val: \{ tag: 'unknown', val: 'meteorite' \}/);
  assert.match(output, /\ntrue\n$/);
  const config = { extends: "../../tsconfig.json", include: ["main.ts", "shop/wit/gen/*.ts"], exclude: [] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const compiler = resolve("node_modules/typescript/bin/tsc");
  const { stdout } = spawnSync(process.execPath, [compiler, "-p", folder, "--pretty", "false"], { encoding: "utf8" });
  assert.is(stdout, "");
  rmSync(folder, { recursive: true });
});

test.run();
