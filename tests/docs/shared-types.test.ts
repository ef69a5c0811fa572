/** docs/shared-types.md: its domain is compiled and run as it is printed, and leaves nothing on the heap. */
import { readFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { addAs, compileAs, run } from "../support/as-domain.ts";
import { testSystem } from "../support/system.ts";

test("docs/shared-types.md: the domain does as printed", async () => {
  const markdown = await readFile("docs/shared-types.md", "utf8");
  const found = markdown.matchAll(/`([\w./-]+)`\n\n```\w+\n([\s\S]*?)```/g);
  const files = new Map([...found].map(([, name = "", text = ""]) => [name, text]));
  assert.equal([...files.keys()], ["mail/world.wit", "mail/index.ts"]);
  const module = await compileAs(files.get("mail/world.wit") ?? "", "mail", files.get("mail/index.ts") ?? "");
  const t = await testSystem();
  await addAs(t, { name: "mail", module });
  assert.is(run(t, "mail", "acme:mail/demo@0.1.0", "run"), `ok ${100 + 200 + 300 + 2 + 3 + 4 + 1 + 2 + 3}`);
  assert.is(t.system.liveObjects(), 0);
  await t.end();
});

test.run();
