/** JSON that two readers could understand differently is refused; all other JSON is what `JSON.parse` says. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseKeySet } from "../../host/loader/key-set.ts";
import { parseStrictJson } from "../../host/loader/strict-json.ts";
import { parseManifest, parsePolicy } from "../../host/system/manifest.ts";

test("parseStrictJson: refuses a name that stands twice in one object, however it is spelled and however deep it is", () => {
  for (const text of ['{"a":1,"a":1}', '[[{"x":{"b":[{"a":"a"}],"a":1,"c":{},"a":2}}]]', '{"a":1,"\\u0061":2}', '{"":1 , "":2}']) {
    assert.throws(() => parseStrictJson(text), /stands twice in one object/, text);
  }
});

test("parseStrictJson: refuses a number that JavaScript does not have, and all that is no JSON", () => {
  for (const text of ["1e999", '{"a":[-1e400]}']) assert.throws(() => parseStrictJson(text), /too large/, text);
  for (const text of ["", "{", "{'a':1}", '{"a":1,}', "[1 2]", "NaN", '"\\x"']) assert.throws(() => parseStrictJson(text), undefined, text);
});

test("parseStrictJson: refuses half a character in a value or a name, whether it is written out or escaped", () => {
  for (const text of ['"\\ud800"', '["\ud800"]', '{"\\udfff":1}', '{"a":["x\\ud83dy"]}'])
    assert.throws(() => parseStrictJson(text), /half a character/, text);
  assert.is(parseStrictJson('"\\ud83d\\ude00"'), "\u{1f600}");
  assert.throws(() => parsePolicy('{"har\\ud800":[1]}', "policy.json"), /half a character/);
});

test("parseStrictJson: reads everything else as JSON.parse does, but -0 as 0", () => {
  for (const text of [
    '{"a":{"a":1},"b":[{"a":1},{"a":1}]}',
    '["a","a",{"x":"{\\"a\\":1,\\"a\\":2}"}]',
    '{"a\\"":1,"a":2}',
    "1e308",
    "null",
  ]) {
    assert.equal(parseStrictJson(text), JSON.parse(text), text);
  }
  assert.ok(Object.is(parseStrictJson("[-0]")?.[0 as never], 0));
});

test("a manifest, a policy and a key set in which a name stands twice are refused: neither reading is the right one", () => {
  const key = `"name":"a","public":"01${"0".repeat(64)}"`;
  assert.throws(() => parseKeySet(`{"keys":[{${key},"revoked":"lost","revoked":"found"}]}`, "keys.json"), /"revoked" stands twice/);
  assert.throws(() => parsePolicy('{"signers":[{"count":2}],"signers":[]}', "policy.json"), /"signers" stands twice/);
  assert.throws(() => parseManifest('{"name":"x","domains":[],"trust":{},"trust":{}}', "m.json"), /"trust" stands twice/);
});

test.run();
