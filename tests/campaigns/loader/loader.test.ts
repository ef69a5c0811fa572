/** A short slice of `npm run campaign:loader`, and that its own means find what they are for. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { namesTwice } from "./json-forms.ts";
import { fuzzReaders } from "./run.ts";

const INPUTS = 8000;

test(`the loader's readers: ${INPUTS} damaged inputs end in an error of ours or in what a re-encoding does not change`, async () => {
  const { findings, inputs, byReader, codes } = await fuzzReaders(1, 0, INPUTS);
  assert.equal(findings, []);
  assert.is(inputs, INPUTS);
  for (const [name, { accepted, refused }] of Object.entries(byReader)) {
    assert.ok(refused > 0, `${name}: nothing was refused`);
    // A flipped bit of a signed module or a private key never leaves one that is good.
    if (name !== "signed module" && name !== "private key") assert.ok(accepted > 0, `${name}: nothing was accepted`);
  }
  for (const code of [
    "module-malformed",
    "module-refused",
    "signature-wrong",
    "manifest-invalid",
    "key-unusable",
    "wit-syntax",
    "wit-invalid",
  ]) {
    assert.ok((codes[code] ?? 0) > 0, `no input ended in ${code}`);
  }
});

test("the campaign's inputs: the same number gives the same input, wherever a thread begins", async () => {
  const whole = await fuzzReaders(3, 0, 200);
  const [first, second] = [await fuzzReaders(3, 0, 120), await fuzzReaders(3, 120, 80)];
  for (const name of Object.keys(whole.byReader)) {
    const sum = [first, second].reduce((total, { byReader }) => total + (byReader[name]?.accepted ?? 0), 0);
    assert.is(sum, whole.byReader[name]?.accepted, name);
  }
});

test("namesTwice: sees a name that stands twice in one object, also where it is spelled otherwise, and no other", () => {
  for (const text of ['{"a":1,"a":2}', '[{"x":{"a":1,"b":[1,"a"],"a":2}}]', '{"a":1,"\\u0061":2}']) assert.ok(namesTwice(text), text);
  for (const text of ['{"a":{"a":1}}', '["a","a"]', '{"a":"a","b":"a"}', '[{"a":1},{"a":1}]', '{"a":"{\\"a\\":1,\\"a\\":1}"}']) {
    assert.not(namesTwice(text), text);
  }
});

test.run();
