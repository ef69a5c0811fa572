/** docs/ixgbe.md: its script runs as it is printed, and prints what the page says. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

const folder = resolve("build/ixgbe-doc-test");

test("docs/ixgbe.md: drive.ts drives the card as printed, twice the same", () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const markdown = readFileSync("docs/ixgbe.md", "utf8");
  const script = /```ts\n([\s\S]*?)```/.exec(markdown)?.[1] ?? "";
  const printed = /It prints\n\n```\n([\s\S]*?)```/.exec(markdown)?.[1] ?? "";
  assert.ok(script.split("\n").length <= 30 && printed.length > 0);
  writeFileSync(join(folder, "drive.ts"), script.replaceAll('from "./', `from "${resolve(".")}/`));
  const run = (): string =>
    execFileSync(process.execPath, [join(folder, "drive.ts")], { encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } });
  assert.is(run(), printed);
  assert.is(run(), printed);
  rmSync(folder, { recursive: true });
});

test.run();
