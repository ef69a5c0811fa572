/** Every hostile module comes to what it must, and every rule that a module can break has one. */
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CORPUS, judge, NOT_BREAKABLE } from "./corpus.ts";

const LEAST = 60;

for (const one of CORPUS) {
  test(`${one.rule}: a module that ${one.name}`, async () => {
    const { got, expected } = await judge(one);
    assert.is(got, expected);
  });
}

test("the corpus: every rule of docs/rules.md has a module that tries to break it, or a reason why none can", () => {
  const rules = [...readFileSync("docs/rules.md", "utf8").matchAll(/^\*\*([A-Z]+\d+)\*\*/gm)].map(([, rule]) => rule as string);
  const tried = new Set(CORPUS.map(({ rule }) => rule));
  assert.equal(
    rules.filter((rule) => !tried.has(rule) && !(rule in NOT_BREAKABLE)),
    [],
    "without a module or a reason",
  );
  assert.equal(
    [...tried, ...Object.keys(NOT_BREAKABLE)].filter((rule) => !rules.includes(rule)),
    [],
    "no such rule",
  );
  assert.equal(
    Object.keys(NOT_BREAKABLE).filter((rule) => tried.has(rule)),
    [],
    "has a module and a reason",
  );
});

test(`the corpus: at least ${LEAST} modules, each with a name of its own`, () => {
  assert.ok(CORPUS.length >= LEAST, `${CORPUS.length}`);
  assert.is(new Set(CORPUS.map(({ rule, name }) => `${rule} ${name}`)).size, CORPUS.length);
});

test.run();
