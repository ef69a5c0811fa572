/** docs/hello.md is run as it is printed: its files are written to a folder, its commands are executed there. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

const folder = resolve("build/hello-test");

/** A file is a block of code behind a line that is its name in backticks. */
function filesOf(markdown: string): Map<string, string> {
  const found = markdown.matchAll(/`([\w./-]+)`\n\n```\w+\n([\s\S]*?)```/g);
  return new Map([...found].map(([, name = "", text = ""]) => [name, text]));
}

function commandsOf(markdown: string): string[] {
  return [...markdown.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, command = ""]) => command.trim());
}

function run(command: string): string {
  const [program = "", ...args] = command.replace(/^npx sumac/, `node ${resolve("host/cli/main.ts")}`).split(" ");
  return execFileSync(program === "node" ? process.execPath : program, args, { cwd: folder, encoding: "utf8" });
}

test("docs/hello.md: every file and command works as printed", () => {
  rmSync(folder, { recursive: true, force: true });
  const markdown = readFileSync("docs/hello.md", "utf8");
  const files = filesOf(markdown);
  assert.equal([...files.keys()], ["hello/world.wit", "hello/index.ts", "main.ts"]);
  for (const [name, text] of files) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const [build = "", start = ""] = commandsOf(markdown);
  assert.match(run(build), /hello\.wasm/);
  const output = run(start);
  assert.match(output, /log adding/);
  assert.match(output, /\{ ok: true, value: 5 \}/);
  assert.match(output, /cause: 'trap',\s+domain: 'hello'/);
  assert.match(output, /cause: 'dead'/);
});

test("docs/hello.md: the domain and the program are about twenty lines", () => {
  const lines = [...filesOf(readFileSync("docs/hello.md", "utf8")).values()]
    .join("")
    .split("\n")
    .filter((line) => line !== "");
  assert.ok(lines.length <= 25, `${lines.length} lines`);
});

test.run();
