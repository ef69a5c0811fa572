/** Which texts are WIT: the same as the Component Model's own tools say, but for a list of stricter answers. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { judged, ours } from "./judge.ts";
import { accepted, rejected, stricter } from "./wit-tables.ts";

const test = suite("wit acceptance");

test("resolveFiles accepts what the component model's tools accept", async () => {
  for (const text of accepted) {
    assert.is(ours(text), undefined, text);
    assert.is(await judged(text), undefined, text);
  }
});

test("resolveFiles rejects what the component model's tools reject", async () => {
  for (const text of rejected) {
    assert.type(await judged(text), "string", text);
    assert.match(ours(text) ?? "accepted", /^t\.wit:\d+:\d+: .+: .+/, text);
  }
});

test("resolveFiles is stricter than the tools' parser only where the specification is", async () => {
  for (const text of stricter) {
    assert.is(await judged(text), undefined, text);
    assert.match(ours(text) ?? "accepted", /^t\.wit:\d+:\d+: .+: .+/, text);
  }
});

test.run();
