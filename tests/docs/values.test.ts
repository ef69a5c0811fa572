/** docs/values.md: its domains are compiled and run as they are printed, and leave nothing on the heap. */
import { readFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { addAs, compileAs, run } from "../support/as-domain.ts";
import { calls, testSystem } from "../support/system.ts";

test("docs/values.md: the domains do as printed, and the reader outlives the keeper", async () => {
  const markdown = await readFile("docs/values.md", "utf8");
  const found = markdown.matchAll(/`([\w./-]+)`\n\n```\w+\n([\s\S]*?)```/g);
  const files = new Map([...found].map(([, name = "", text = ""]) => [name, text]));
  assert.equal([...files.keys()], ["notes/world.wit", "keeper/index.ts", "reader/index.ts"]);
  const wit = files.get("notes/world.wit") ?? "";
  const t = await testSystem();
  const keeper = await addAs(t, { name: "keeper", module: await compileAs(wit, "keeper", files.get("keeper/index.ts") ?? "") });
  const module = await compileAs(wit, "reader", files.get("reader/index.ts") ?? "");
  await addAs(t, { name: "reader", module, grants: { "acme:notes/store@0.1.0": calls(keeper) } });
  const answer = (): string => run(t, "reader", "acme:notes/demo@0.1.0", "run");
  assert.is(answer(), "ok milk: two litres; a title has a letter; n/1; n/2");
  t.system.kill("keeper");
  assert.is(answer(), "ok who keeps them is dead");
  await t.end();
});

test.run();
