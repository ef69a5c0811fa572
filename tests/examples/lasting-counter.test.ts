/** examples/lasting-counter is built and run as its page says, and loses nothing over many deaths. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { LastingCounter } from "../../examples/lasting-counter/counter.ts";
import { sumac } from "../cli/support.ts";

const ROOT: string = join(import.meta.dirname, "../..");
const EXAMPLE: string = join(ROOT, "examples/lasting-counter");
const folder: string = mkdtempSync(join(tmpdir(), "sumac-counter-"));
const modules = ["worker", "keeper"].map((name) => join(folder, `${name}.wasm`)) as [string, string];

test.before(() => {
  for (const [i, name] of ["worker", "keeper"].entries()) {
    const built = sumac(ROOT, "build", join(EXAMPLE, "domains", name), "-o", modules[i] as string);
    assert.is(built.status, 0, built.stderr);
  }
});

test.after(() => rmSync(folder, { recursive: true, force: true }));

test("lasting-counter: the program prints what its page shows", () => {
  const output = execFileSync(process.execPath, [join(EXAMPLE, "main.ts"), ...modules], { cwd: ROOT, encoding: "utf8" });
  const shown = /prints\n\n```\n([\s\S]*?)```/.exec(readFileSync(join(EXAMPLE, "README.md"), "utf8"))?.[1];
  assert.is(output, shown);
});

test("lasting-counter: both domains and the program mean the same interfaces", () => {
  const wit = (name: string): string => readFileSync(join(EXAMPLE, "domains", name, "wit/tally.wit"), "utf8");
  assert.is(wit("keeper"), wit("worker"));
  cpSync(join(EXAMPLE, "domains/keeper/wit/tally.wit"), join(folder, "wit/tally.wit"));
  assert.is(sumac(ROOT, "bindgen", join(folder, "wit")).status, 0);
  const generated = "wit/gen/tally.ts";
  assert.is(readFileSync(join(folder, generated), "utf8"), readFileSync(join(EXAMPLE, "domains/keeper", generated), "utf8"));
});

/** Steps to 1 by halving, or by tripling and adding one. */
function weight(number: number): bigint {
  let steps = 0n;
  for (let n = number; n > 1; steps++) n = n % 2 === 0 ? n / 2 : 3 * n + 1;
  return steps;
}

test("lasting-counter: totals are right over two hundred deaths, and the table is made once", async () => {
  const events = { deaths: 0, made: 0 };
  const counter = await LastingCounter.start(...modules, (event) => {
    if (event.kind === "death") events.deaths++;
    if (event.kind === "log" && event.line === "a table was made") events.made++;
  });
  let total = 0n;
  for (let number = 1; number <= 401; number++) {
    total += weight(number);
    assert.is(counter.add(number), total);
  }
  assert.equal(events, { deaths: 200, made: 1 });
  await counter.stop();
});

test.run();
