/** Runs the script of a page of the docs, and compares what it prints with what the page says. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as assert from "uvu/assert";

/** Twice, for it is to print the same. @param mostLines how long the script may be */
export function assertScriptPrintsAsWritten(page: string, mostLines: number): void {
  const folder = resolve(`build/${page}-doc-test`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const markdown = readFileSync(`docs/${page}.md`, "utf8");
  const script = /```ts\n([\s\S]*?)```/.exec(markdown)?.[1] ?? "";
  const printed = /It prints\n\n```\n([\s\S]*?)```/.exec(markdown)?.[1] ?? "";
  assert.ok(script.split("\n").length <= mostLines && printed.length > 0);
  writeFileSync(join(folder, "drive.ts"), script.replaceAll('from "./', `from "${resolve(".")}/`));
  const run = (): string =>
    execFileSync(process.execPath, [join(folder, "drive.ts")], { encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } });
  assert.is(run(), printed);
  assert.is(run(), printed);
  rmSync(folder, { recursive: true });
}
